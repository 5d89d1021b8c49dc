"""Counts of right and wrong answers, precision and recall."""

from __future__ import annotations

from typing import Any

from triceras import ops
from triceras.metrics.counting import NO_THRESHOLD, checked_thresholds, count, select
from triceras.metrics.metric import Metric

_COUNTS = """{0}, at one threshold or several.

    Args:
        thresholds: in [0, 1], a number or several: larger outputs stand for 1. None is 0.5.
        name: shown in logs.
        dtype: of the counts.

    y_true (0 or 1) and y_pred: (batch, ...); sample_weight: (batch,) or of their shape; gives a scalar, or
    (thresholds,). Raises ValueError: a threshold outside [0, 1], shapes that do not fit.

    Example:

    >>> metric = keras.metrics.{1}()
    >>> metric.update_state(np.array([0, 1, 1, 1]), np.array([0.9, 0.2, 0.8, 0.7]))
    >>> float(metric.result())
    {2}
    """


class ConfusionCount(Metric):
    """One of the four counts, which a subclass names in `COUNT`."""

    COUNT = ""

    def __init__(self, thresholds: Any = None, name: str | None = None, dtype: Any = None) -> None:
        super().__init__(dtype, name)
        self.init_thresholds = thresholds
        self.thresholds = checked_thresholds(type(self).__name__, thresholds, 0.5)
        self.accumulator = self.add_variable((len(self.thresholds),), name="accumulator")

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        y_true, y_pred = select(self.name, y_true, y_pred, None, None)
        counts = count(y_true, y_pred, self.thresholds, self.dtype, sample_weight)
        self.accumulator.assign_add(getattr(counts, self.COUNT))

    def result(self) -> Any:
        return _single(self.accumulator.value, self.thresholds)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "thresholds": self.init_thresholds}


def _single(values: Any, thresholds: list[float]) -> Any:
    return values[0] if len(thresholds) == 1 else values


class TruePositives(ConfusionCount):
    __doc__ = _COUNTS.format("How many outputs above the threshold are right", "TruePositives", 2.0)
    COUNT = "true_positives"


class FalsePositives(ConfusionCount):
    __doc__ = _COUNTS.format("How many outputs above the threshold are wrong", "FalsePositives", 1.0)
    COUNT = "false_positives"


class TrueNegatives(ConfusionCount):
    __doc__ = _COUNTS.format("How many outputs not above the threshold are right", "TrueNegatives", 0.0)
    COUNT = "true_negatives"


class FalseNegatives(ConfusionCount):
    __doc__ = _COUNTS.format("How many outputs not above the threshold are wrong", "FalseNegatives", 1.0)
    COUNT = "false_negatives"


class HitShare(Metric):
    """Right positive answers over these and the wrong answers of a kind, which a subclass names in `WRONG`."""

    WRONG = ""

    def __init__(
        self,
        thresholds: Any = None,
        top_k: int | None = None,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(dtype, name)
        self.init_thresholds, self.top_k, self.class_id = thresholds, top_k, class_id
        default = 0.5 if top_k is None else NO_THRESHOLD
        self.thresholds = checked_thresholds(type(self).__name__, thresholds, default)
        shape = (len(self.thresholds),)
        self.true_positives = self.add_variable(shape, name="true_positives")
        setattr(self, self.WRONG, self.add_variable(shape, name=self.WRONG))

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        y_true, y_pred = select(self.name, y_true, y_pred, self.top_k, self.class_id)
        counts = count(y_true, y_pred, self.thresholds, self.dtype, sample_weight)
        self.true_positives.assign_add(counts.true_positives)
        getattr(self, self.WRONG).assign_add(getattr(counts, self.WRONG))

    def result(self) -> Any:
        hits = self.true_positives.value
        return _single(ops.divide_no_nan(hits, ops.add(hits, getattr(self, self.WRONG).value)), self.thresholds)

    def get_config(self) -> dict[str, Any]:
        config = {"thresholds": self.init_thresholds, "top_k": self.top_k, "class_id": self.class_id}
        return {**super().get_config(), **config}


class Precision(HitShare):
    """The share of outputs above the threshold that are right: true positives / (true + false positives).

    Args:
        thresholds: in [0, 1], a number or several: larger outputs stand for 1. None is 0.5, or nothing with top_k.
        top_k: only a row's k largest outputs can stand for 1.
        class_id: only this class counts.
        name: shown in logs.
        dtype: of the counts.

    y_true (0 or 1) and y_pred: (batch, ..., classes) or (batch,); sample_weight: (batch,) or of the shape of what
    counts; gives a scalar, or (thresholds,). Raises ValueError: a threshold outside [0, 1], a class that there is none
    of, shapes that do not fit.

    Example:

    >>> metric = keras.metrics.Precision()
    >>> metric.update_state(np.array([0, 1, 1, 1]), np.array([1.0, 0.0, 1.0, 1.0]))
    >>> round(float(metric.result()), 3)
    0.667
    """

    WRONG = "false_positives"
    false_positives: Any


class Recall(HitShare):
    """The share of positive targets whose outputs are above the threshold: true positives / (these + false negatives).

    Args:
        thresholds: in [0, 1], a number or several: larger outputs stand for 1. None is 0.5, or nothing with top_k.
        top_k: only a row's k largest outputs can stand for 1.
        class_id: only this class counts.
        name: shown in logs.
        dtype: of the counts.

    y_true (0 or 1) and y_pred: (batch, ..., classes) or (batch,); sample_weight: (batch,) or of the shape of what
    counts; gives a scalar, or (thresholds,). Raises ValueError: a threshold outside [0, 1], a class that there is none
    of, shapes that do not fit.

    Example:

    >>> metric = keras.metrics.Recall(top_k=1)
    >>> metric.update_state(np.array([[0, 1, 1]]), np.array([[0.1, 0.2, 0.7]]))
    >>> float(metric.result())
    0.5
    """

    WRONG = "false_negatives"
    false_negatives: Any
