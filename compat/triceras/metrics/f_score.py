"""F scores."""

from __future__ import annotations

from typing import Any

from triceras import ops
from triceras.losses.loss import check_shapes
from triceras.metrics.mean import fit_weights
from triceras.metrics.metric import Metric

AVERAGES = (None, "micro", "macro", "weighted")
STATE = ("true_positives", "false_positives", "false_negatives", "intermediate_weights")


class FBetaScore(Metric):
    """(1 + beta^2) precision recall / (beta^2 precision + recall), by class or averaged.

    Args:
        average: None gives one score a class; "micro" counts all classes together; "macro" is the mean of the
            classes' scores, "weighted" that weighted by how often they are true.
        beta: how much more recall counts than precision.
        threshold: larger outputs stand for 1; None: the largest output of a row does.
        name: shown in logs.
        dtype: of the state.

    y_true and y_pred: (batch, classes); gives a scalar, or (classes,).
    Raises ValueError: an unknown average, a beta or threshold that is no positive float, another rank or shape.

    Example:

    >>> metric = keras.metrics.FBetaScore(beta=2.0, threshold=0.5)
    >>> metric.update_state(np.array([[1, 1, 1], [1, 0, 0]]), np.array([[0.2, 0.6, 0.7], [0.6, 0.6, 0.0]]))
    >>> np.round(keras.ops.convert_to_numpy(metric.result()), 3)
    array([0.556, 0.833, 1.   ], dtype=float32)
    """

    def __init__(
        self,
        average: str | None = None,
        beta: float = 1.0,
        threshold: float | None = None,
        name: str = "fbeta_score",
        dtype: Any = None,
    ) -> None:
        super().__init__(dtype, name)
        kind = type(self).__name__
        if average not in AVERAGES:
            raise ValueError(f"{kind}: average must be one of {AVERAGES}; got: {average!r}")
        if not isinstance(beta, float) or beta <= 0:
            raise ValueError(f"{kind}: beta must be a positive float; got: {beta!r}")
        if threshold is not None and not (isinstance(threshold, float) and 0 < threshold <= 1):
            raise ValueError(f"{kind}: threshold must be a float in (0, 1]; got: {threshold!r}")
        self.average, self.beta, self.threshold = average, beta, threshold
        self.axis = None if average == "micro" else 0
        self.built = False

    def prepare_state(self, y_true: Any, y_pred: Any) -> None:
        shapes = ops.shape(y_true), ops.shape(y_pred)
        if any(len(shape) != 2 for shape in shapes):
            raise ValueError(
                f"{self.name}: y_true and y_pred must have shape (batch, classes); got: {tuple(shapes[0])} and "
                f"{tuple(shapes[1])}."
            )
        if not self.built:
            shape = () if self.average == "micro" else (shapes[1][1],)
            self.true_positives, self.false_positives, self.false_negatives, self.intermediate_weights = (
                self.add_variable(shape, name=name) for name in STATE
            )
            self.built = True

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        y_true, y_pred = (ops.cast(ops.convert_to_tensor(y), self.dtype) for y in (y_true, y_pred))
        self.prepare_state(y_true, y_pred)
        check_shapes(self.name, y_true, y_pred)
        chosen = ops.cast(self._chosen(y_pred), self.dtype)
        weights = None if sample_weight is None else fit_weights(sample_weight, y_true, self.dtype)

        def count(x: Any) -> Any:
            return ops.sum(x if weights is None else ops.multiply(x, weights), axis=self.axis)

        self.true_positives.assign_add(count(ops.multiply(chosen, y_true)))
        self.false_positives.assign_add(count(ops.multiply(chosen, ops.subtract(1.0, y_true))))
        self.false_negatives.assign_add(count(ops.multiply(ops.subtract(1.0, chosen), y_true)))
        self.intermediate_weights.assign_add(count(y_true))

    def _chosen(self, y_pred: Any) -> Any:
        """Which classes the outputs stand for: those above the threshold, or the largest, if any is not 0."""
        if self.threshold is not None:
            return ops.greater(y_pred, self.threshold)
        largest = ops.equal(y_pred, ops.max(y_pred, axis=-1, keepdims=True))
        return ops.logical_and(largest, ops.greater(ops.abs(y_pred), 1e-9))

    def result(self) -> Any:
        if not self.built:
            return ops.zeros((), dtype=self.dtype)
        hits, square = self.true_positives.value, self.beta**2
        precision = ops.divide_no_nan(hits, ops.add(hits, self.false_positives.value))
        recall = ops.divide_no_nan(hits, ops.add(hits, self.false_negatives.value))
        score = ops.divide_no_nan(
            ops.multiply(1 + square, ops.multiply(precision, recall)), ops.add(ops.multiply(square, precision), recall)
        )
        if self.average == "weighted":
            weights = self.intermediate_weights.value
            return ops.sum(ops.multiply(score, ops.divide_no_nan(weights, ops.sum(weights))))
        return score if self.average is None else ops.mean(score)

    def get_config(self) -> dict[str, Any]:
        config = {"average": self.average, "beta": self.beta, "threshold": self.threshold}
        return {**super().get_config(), **config}


class F1Score(FBetaScore):
    """2 precision recall / (precision + recall), by class or averaged: `FBetaScore` with beta 1.

    Args:
        average: None, "micro", "macro" or "weighted": see `FBetaScore`.
        threshold: larger outputs stand for 1; None: the largest output of a row does.
        name: shown in logs.
        dtype: of the state.

    y_true and y_pred: (batch, classes); gives a scalar, or (classes,).
    Raises ValueError: an unknown average, a threshold that is no positive float, another rank or shape.

    Example:

    >>> metric = keras.metrics.F1Score(average="micro", threshold=0.5)
    >>> metric.update_state(np.array([[1, 1, 1], [1, 0, 0]]), np.array([[0.2, 0.6, 0.7], [0.6, 0.6, 0.0]]))
    >>> round(float(metric.result()), 3)
    0.75
    """

    def __init__(
        self,
        average: str | None = None,
        threshold: float | None = None,
        name: str = "f1_score",
        dtype: Any = None,
    ) -> None:
        super().__init__(average, 1.0, threshold, name, dtype)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        del config["beta"]
        return config
