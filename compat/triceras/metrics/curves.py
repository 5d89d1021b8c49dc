"""Metrics over many thresholds: areas under curves, and one rate where another is high enough."""

from __future__ import annotations

from typing import Any

from triceras import ops
from triceras.metrics.counting import Counts, count, select
from triceras.metrics.metric import Metric
from triceras.utils.serialization import deserialize_keras_object

CURVES = ("PR", "ROC", "PRGAIN")
SUMMATIONS = ("interpolation", "majoring", "minoring")
# Beyond the ends, so that outputs of 0 and 1 lie between thresholds.
_BEYOND = 1e-7


def _evenly(count: int) -> list[float]:
    """So many thresholds without the ends."""
    return [(i + 1) / (count - 1) for i in range(count - 2)]


class _Counting(Metric):
    """The four counts at each threshold, as state."""

    thresholds: list[float]

    def _make_state(self, shape: tuple[int, ...]) -> None:
        self.true_positives, self.false_positives, self.true_negatives, self.false_negatives = (
            self.add_variable(shape, name=name) for name in Counts._fields
        )

    def _add(self, counts: Counts) -> None:
        for name, value in zip(Counts._fields, counts, strict=True):
            getattr(self, name).assign_add(value)

    def _ratio(self, part: str, rest: str) -> Any:
        """part / (part + rest), counts by name; 0 where both are 0."""
        value = getattr(self, part).value
        return ops.divide_no_nan(value, ops.add(value, getattr(self, rest).value))


class AUC(_Counting):
    """The area under the curve of two rates over all thresholds: "ROC" is the true over the false positives' rate, "PR"
    precision over recall, "PRGAIN" their gains. Approximated from `num_thresholds` points.

    "interpolation" takes the trapezoids' heights, "minoring" the lower end of each step, "majoring" the higher; under
    the "PR" curve, interpolation runs along the counts: Davis and Goadrich, 2006. Gains: Flach and Kull, 2015.

    Args:
        num_thresholds: how many points, at least 2.
        curve: "ROC", "PR" or "PRGAIN", in any case of letters.
        summation_method: "interpolation", "minoring" or "majoring".
        name: shown in logs.
        dtype: of the counts.
        thresholds: in [0, 1], instead of evenly spread ones; 0 and 1 are added.
        multi_label: whether each label has an area of its own, the result being their mean.
        num_labels: how many labels there are, with multi_label; None takes it from the first batch.
        label_weights: of the labels: in that mean, or else of the outputs.
        from_logits: whether y_pred are logits.

    y_true (0 or 1) and y_pred: (batch, ...), or (batch, labels); sample_weight: (batch,) or of their shape.
    Raises ValueError: an unknown curve or method, fewer than 2 thresholds, one outside [0, 1], negative label weights,
    another number of labels, shapes that do not fit.

    Example:

    >>> metric = keras.metrics.AUC(num_thresholds=3)
    >>> metric.update_state(np.array([0, 0, 1, 1]), np.array([0.0, 0.5, 0.3, 0.9]))
    >>> float(metric.result())
    0.75
    """

    def __init__(
        self,
        num_thresholds: int = 200,
        curve: str = "ROC",
        summation_method: str = "interpolation",
        name: str | None = None,
        dtype: Any = None,
        thresholds: Any = None,
        multi_label: bool = False,
        num_labels: int | None = None,
        label_weights: Any = None,
        from_logits: bool = False,
    ) -> None:
        super().__init__(dtype, name)
        self.curve, self.summation_method = str(curve).upper(), str(summation_method).lower()
        if self.curve not in CURVES:
            raise ValueError(f"AUC: curve must be one of {CURVES}; got: {curve!r}")
        if self.summation_method not in SUMMATIONS:
            raise ValueError(f"AUC: summation_method must be one of {SUMMATIONS}; got: {summation_method!r}")
        if num_labels and not multi_label:
            raise ValueError("AUC: num_labels needs multi_label=True.")
        self.label_weights = None if label_weights is None else [float(w) for w in label_weights]
        if self.label_weights is not None and any(w < 0 for w in self.label_weights):
            raise ValueError(f"AUC: label_weights must not be negative; got: {label_weights!r}")
        self._given_thresholds = None if thresholds is None else sorted(float(t) for t in thresholds)
        self.thresholds = [-_BEYOND, *self._inner(num_thresholds), 1.0 + _BEYOND]
        self.num_thresholds = len(self.thresholds)
        self.multi_label, self.num_labels, self.from_logits = multi_label, num_labels, from_logits
        self.built = False
        if not multi_label:
            self._build((self.num_thresholds,))
        elif num_labels:
            self._build((self.num_thresholds, num_labels))

    def _inner(self, num_thresholds: int) -> list[float]:
        if self._given_thresholds is None:
            if isinstance(num_thresholds, bool) or num_thresholds < 2:
                raise ValueError(f"AUC: num_thresholds must be an integer above 1; got: {num_thresholds!r}")
            return _evenly(num_thresholds)
        if any(t < 0 or t > 1 for t in self._given_thresholds):
            raise ValueError(f"AUC: thresholds must lie in [0, 1]; got: {self._given_thresholds}")
        return self._given_thresholds

    def _build(self, shape: tuple[int, ...]) -> None:
        self._make_state(shape)
        self.built = True

    def prepare_state(self, y_true: Any, y_pred: Any) -> None:
        shape = ops.shape(y_pred)
        if self.multi_label and len(shape) != 2:
            raise ValueError(
                f"{self.name}: with multi_label, y_pred must have shape (batch, labels); got: {tuple(shape)}"
            )
        if not self.built:
            self._build((self.num_thresholds, shape[1]))
        labels = self.true_positives.shape[1] if self.multi_label else None
        if labels is not None and shape[1] != labels:
            raise ValueError(f"{self.name}: y_pred must have {labels} labels; got shape {tuple(shape)}.")
        if self.label_weights is not None and shape and shape[-1] != len(self.label_weights):
            raise ValueError(
                f"{self.name}: there are {len(self.label_weights)} label_weights, but y_pred has shape {tuple(shape)}."
            )

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        y_true, y_pred = select(self.name, y_true, y_pred, None, None)
        self.prepare_state(y_true, y_pred)
        y_pred = ops.cast(y_pred, self.dtype)
        self._add(
            count(
                y_true,
                ops.sigmoid(y_pred) if self.from_logits else y_pred,
                self.thresholds,
                self.dtype,
                sample_weight,
                None if self.multi_label else self.label_weights,
                self.multi_label,
            )
        )

    def result(self) -> Any:
        """The area, a scalar."""
        if not self.built:
            return ops.zeros((), dtype=self.dtype)
        if self.curve == "PR" and self.summation_method == "interpolation":
            areas = self.interpolate_pr_auc()
        else:
            areas = self._steps(*self._curve())
        if not self.multi_label:
            return areas
        if self.label_weights is None:
            return ops.mean(areas)
        weights = ops.convert_to_tensor(self.label_weights, dtype=self.dtype)
        return ops.divide_no_nan(ops.sum(ops.multiply(areas, weights)), ops.sum(weights))

    def _curve(self) -> tuple[Any, Any]:
        """The curve's points, from the lowest threshold: x and y."""
        recall = self._ratio("true_positives", "false_negatives")
        if self.curve == "ROC":
            return self._ratio("false_positives", "true_negatives"), recall
        precision = self._ratio("true_positives", "false_positives")
        if self.curve == "PR":
            return recall, precision
        positives = ops.add(self.true_positives.value, self.false_negatives.value)
        negatives = ops.add(self.false_positives.value, self.true_negatives.value)
        base = ops.divide_no_nan(positives, ops.add(positives, negatives))
        return self._gain(recall, base), self._gain(precision, base)

    @staticmethod
    def _gain(rate: Any, base: Any) -> Any:
        """How far a rate is above that of always answering yes, from 0 to 1."""
        gain = ops.divide_no_nan(ops.subtract(rate, base), ops.multiply(ops.subtract(1.0, base), rate))
        return ops.clip(gain, 0.0, 1.0)

    def _steps(self, x: Any, y: Any) -> Any:
        """The area under the points; along x they run down."""
        ends = y[:-1], y[1:]
        if self.summation_method == "interpolation":
            heights = ops.multiply(0.5, ops.add(*ends))
        else:
            heights = ops.minimum(*ends) if self.summation_method == "minoring" else ops.maximum(*ends)
        return ops.sum(ops.multiply(ops.subtract(x[:-1], x[1:]), heights), axis=0)

    def interpolate_pr_auc(self) -> Any:
        """The area under precision over recall where, between two thresholds, hits grow in a line with answers.

        With answers p = true + false positives and hits h = a + b p there, the integral of (h / p) dh is
        b (h1 - h0 + a log(p1 / p0)), over the number of positive targets.
        """
        hits = self.true_positives.value
        answers = ops.add(hits, self.false_positives.value)
        gained = ops.subtract(hits[:-1], hits[1:])
        slope = ops.divide_no_nan(gained, ops.maximum(ops.subtract(answers[:-1], answers[1:]), 0.0))
        offset = ops.subtract(hits[1:], ops.multiply(slope, answers[1:]))
        both = ops.logical_and(ops.greater(answers[:-1], 0), ops.greater(answers[1:], 0))
        ratio = ops.where(both, ops.divide_no_nan(answers[:-1], ops.maximum(answers[1:], 0.0)), 1.0)
        parts = ops.multiply(slope, ops.add(gained, ops.multiply(offset, ops.log(ratio))))
        positives = ops.add(hits[1:], self.false_negatives.value[1:])
        return ops.sum(ops.divide_no_nan(parts, ops.maximum(positives, 0.0)), axis=0)

    def get_config(self) -> dict[str, Any]:
        keys = ("num_thresholds", "curve", "summation_method", "multi_label", "num_labels", "label_weights")
        config = {key: getattr(self, key) for key in keys}
        config["from_logits"] = self.from_logits
        if self._given_thresholds is not None:
            config["thresholds"] = self._given_thresholds
        return {**super().get_config(), **config}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Metric:
        # Keras writes label weights as a tensor.
        return cls(**{key: deserialize_keras_object(value) for key, value in config.items()})


class RateAt(_Counting):
    """The best value of one rate among the thresholds at which another is at least `value`; 0 if it nowhere is.

    Subclasses name the rates as (part, rest) of the counts, and the argument that `value` is.
    """

    ARGUMENT = ""
    WANTED = GIVEN = ("", "")

    def __init__(
        self, value: float, num_thresholds: int = 200, class_id: int | None = None, name: str | None = None,
        dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__(dtype, name)
        kind = type(self).__name__
        if not 0 <= value <= 1:
            raise ValueError(f"{kind}: {self.ARGUMENT} must lie in [0, 1]; got: {value!r}")
        if num_thresholds <= 0:
            raise ValueError(f"{kind}: num_thresholds must be a positive integer; got: {num_thresholds!r}")
        self.value, self.num_thresholds, self.class_id = value, num_thresholds, class_id
        setattr(self, self.ARGUMENT, value)
        self.thresholds = [0.5] if num_thresholds == 1 else [0.0, *_evenly(num_thresholds), 1.0]
        self._make_state((len(self.thresholds),))

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        y_true, y_pred = select(self.name, y_true, y_pred, None, self.class_id)
        self._add(count(y_true, y_pred, self.thresholds, self.dtype, sample_weight))

    def result(self) -> Any:
        """The rate, a scalar."""
        wanted = self._ratio(*self.WANTED)
        feasible = ops.greater_equal(self._ratio(*self.GIVEN), self.value)
        return ops.max(ops.where(feasible, wanted, ops.zeros_like(wanted)))

    def get_config(self) -> dict[str, Any]:
        config = {"num_thresholds": self.num_thresholds, "class_id": self.class_id, self.ARGUMENT: self.value}
        return {**super().get_config(), **config}


_PRECISION = ("true_positives", "false_positives")
_RECALL = ("true_positives", "false_negatives")
_SPECIFICITY = ("true_negatives", "false_positives")


class PrecisionAtRecall(RateAt):
    """The best precision, over all thresholds, where recall is at least so much.

    Args:
        recall: the least recall, in [0, 1].
        num_thresholds: how many are tried.
        class_id: only this class counts.
        name: shown in logs.
        dtype: of the counts.

    y_true (0 or 1) and y_pred: (batch, ...); sample_weight: (batch,) or of their shape.
    Raises ValueError: an argument outside its range, shapes that do not fit.

    Example:

    >>> metric = keras.metrics.PrecisionAtRecall(0.5)
    >>> metric.update_state(np.array([0, 0, 0, 1, 1]), np.array([0.0, 0.3, 0.8, 0.3, 0.8]))
    >>> float(metric.result())
    0.5
    """

    ARGUMENT, WANTED, GIVEN = "recall", _PRECISION, _RECALL

    def __init__(
        self, recall: float, num_thresholds: int = 200, class_id: int | None = None, name: str | None = None,
        dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__(recall, num_thresholds, class_id, name, dtype)


class RecallAtPrecision(RateAt):
    """The best recall, over all thresholds, where precision is at least so much.

    Args:
        precision: the least precision, in [0, 1].
        num_thresholds: how many are tried.
        class_id: only this class counts.
        name: shown in logs.
        dtype: of the counts.

    y_true (0 or 1) and y_pred: (batch, ...); sample_weight: (batch,) or of their shape.
    Raises ValueError: an argument outside its range, shapes that do not fit.

    Example:

    >>> metric = keras.metrics.RecallAtPrecision(0.8)
    >>> metric.update_state(np.array([0, 0, 1, 1]), np.array([0.0, 0.5, 0.3, 0.9]))
    >>> float(metric.result())
    0.5
    """

    ARGUMENT, WANTED, GIVEN = "precision", _RECALL, _PRECISION

    def __init__(
        self, precision: float, num_thresholds: int = 200, class_id: int | None = None, name: str | None = None,
        dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__(precision, num_thresholds, class_id, name, dtype)


class SensitivityAtSpecificity(RateAt):
    """The best sensitivity (recall), over all thresholds, where specificity, the share of negative targets that are
    found so, is at least so much.

    Args:
        specificity: the least one, in [0, 1].
        num_thresholds: how many are tried.
        class_id: only this class counts.
        name: shown in logs.
        dtype: of the counts.

    y_true (0 or 1) and y_pred: (batch, ...); sample_weight: (batch,) or of their shape.
    Raises ValueError: an argument outside its range, shapes that do not fit.

    Example:

    >>> metric = keras.metrics.SensitivityAtSpecificity(0.5)
    >>> metric.update_state(np.array([0, 0, 0, 1, 1]), np.array([0.0, 0.3, 0.8, 0.3, 0.8]))
    >>> float(metric.result())
    0.5
    """

    ARGUMENT, WANTED, GIVEN = "specificity", _RECALL, _SPECIFICITY

    def __init__(
        self, specificity: float, num_thresholds: int = 200, class_id: int | None = None, name: str | None = None,
        dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__(specificity, num_thresholds, class_id, name, dtype)


class SpecificityAtSensitivity(RateAt):
    """The best specificity, over all thresholds, where sensitivity (recall) is at least so much.

    Args:
        sensitivity: the least one, in [0, 1].
        num_thresholds: how many are tried.
        class_id: only this class counts.
        name: shown in logs.
        dtype: of the counts.

    y_true (0 or 1) and y_pred: (batch, ...); sample_weight: (batch,) or of their shape.
    Raises ValueError: an argument outside its range, shapes that do not fit.

    Example:

    >>> metric = keras.metrics.SpecificityAtSensitivity(0.5)
    >>> metric.update_state(np.array([0, 0, 0, 1, 1]), np.array([0.0, 0.3, 0.8, 0.3, 0.8]))
    >>> round(float(metric.result()), 3)
    0.667
    """

    ARGUMENT, WANTED, GIVEN = "sensitivity", _SPECIFICITY, _RECALL

    def __init__(
        self, sensitivity: float, num_thresholds: int = 200, class_id: int | None = None, name: str | None = None,
        dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__(sensitivity, num_thresholds, class_id, name, dtype)
