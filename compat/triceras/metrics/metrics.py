"""Means and accuracies."""

from __future__ import annotations

from typing import Any

from triceras import masks, ops
from triceras.losses import mean_absolute_error, mean_squared_error
from triceras.losses.loss import align, fit_ranks, masked_weights
from triceras.metrics.metric import Metric
from triceras.utils.lookup import snake_case
from triceras_backends.active import backend as B


class Mean(Metric):
    """The weighted mean of all values seen; 0 before the first."""

    def __init__(self, name: str = "mean", dtype: Any = None) -> None:
        super().__init__(dtype, name)
        self.total = self.add_variable((), name="total")
        self.count = self.add_variable((), name="count")

    def update_state(self, values: Any, sample_weight: Any = None) -> None:
        values = ops.convert_to_tensor(values)
        if sample_weight is None or isinstance(sample_weight, (int, float)):
            B.accumulate(self.total, self.count, values, sample_weight)
            return
        values, weights = align(
            ops.cast(values, self.dtype), ops.cast(ops.convert_to_tensor(sample_weight), self.dtype)
        )
        weights = ops.broadcast_to(weights, ops.shape(values))
        self.total.assign_add(ops.sum(ops.multiply(values, weights)))
        self.count.assign_add(ops.sum(weights))

    def result(self) -> Any:
        # Before the first value 0 / tiny: no branch is needed for it.
        return ops.divide(self.total.value, ops.maximum(self.count.value, 1e-30))


class MeanOf(Mean):
    """The mean over rows of a function of (y_true, y_pred); values that y_pred's mask leaves out do not count."""

    def __init__(self, fn: Any, name: str | None = None, dtype: Any = None, **kwargs: Any) -> None:
        super().__init__(name or snake_case(fn.__name__.strip("<>")), dtype)
        self.fn, self.kwargs = fn, kwargs

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:  # type: ignore[override]
        values = self.fn(y_true, y_pred, **self.kwargs)
        mask = masks.get_mask(y_pred) if masks.in_use else None
        if mask is not None:
            sample_weight = masked_weights(mask, sample_weight, self.dtype, None)
        super().update_state(values, sample_weight)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), **self.kwargs}


def accuracy(y_true: Any, y_pred: Any) -> Any:
    """1 where y_true equals y_pred, else 0."""
    y_pred = ops.convert_to_tensor(y_pred)
    y_true, y_pred = fit_ranks(ops.cast(ops.convert_to_tensor(y_true), ops.dtype(y_pred)), y_pred)
    return ops.cast(ops.equal(y_true, y_pred), "float32")


def binary_accuracy(y_true: Any, y_pred: Any, threshold: float = 0.5) -> Any:
    """Share of the last axis where y_pred > threshold equals y_true."""
    y_pred = ops.convert_to_tensor(y_pred)
    y_true, y_pred = fit_ranks(ops.cast(ops.convert_to_tensor(y_true), ops.dtype(y_pred)), y_pred)
    above = ops.cast(ops.greater(y_pred, threshold), ops.dtype(y_true))
    return ops.mean(ops.cast(ops.equal(y_true, above), "float32"), axis=-1)


def categorical_accuracy(y_true: Any, y_pred: Any) -> Any:
    """1 where the largest of y_true (one-hot) and of y_pred stand at the same place."""
    true, pred = ops.argmax(ops.convert_to_tensor(y_true), axis=-1), ops.argmax(y_pred, axis=-1)
    return ops.cast(ops.equal(true, pred), "float32")


def sparse_categorical_accuracy(y_true: Any, y_pred: Any) -> Any:
    """1 where the integer y_true is the place of y_pred's largest."""
    y_true = ops.convert_to_tensor(y_true)
    shape = ops.shape(y_true)
    if len(shape) == len(ops.shape(y_pred)) and shape[-1] == 1:
        y_true = ops.squeeze(y_true, -1)
    pred = ops.argmax(y_pred, axis=-1)
    return ops.cast(ops.equal(ops.cast(y_true, ops.dtype(pred)), pred), "float32")


class Accuracy(MeanOf):
    """How often predictions equal labels."""

    def __init__(self, name: str = "accuracy", dtype: Any = None) -> None:
        super().__init__(accuracy, name, dtype)


class BinaryAccuracy(MeanOf):
    """How often predictions, cut at a threshold, equal binary labels."""

    def __init__(self, name: str = "binary_accuracy", dtype: Any = None, threshold: float = 0.5) -> None:
        super().__init__(binary_accuracy, name, dtype, threshold=threshold)


class CategoricalAccuracy(MeanOf):
    """How often the likeliest class is that of the one-hot label."""

    def __init__(self, name: str = "categorical_accuracy", dtype: Any = None) -> None:
        super().__init__(categorical_accuracy, name, dtype)


class SparseCategoricalAccuracy(MeanOf):
    """How often the likeliest class is the integer label."""

    def __init__(self, name: str = "sparse_categorical_accuracy", dtype: Any = None) -> None:
        super().__init__(sparse_categorical_accuracy, name, dtype)


class MeanAbsoluteError(MeanOf):
    """The mean of the absolute differences."""

    def __init__(self, name: str = "mean_absolute_error", dtype: Any = None) -> None:
        super().__init__(mean_absolute_error, name, dtype)


class MeanSquaredError(MeanOf):
    """The mean of the squared differences."""

    def __init__(self, name: str = "mean_squared_error", dtype: Any = None) -> None:
        super().__init__(mean_squared_error, name, dtype)
