"""Losses: functions that give one value a row, and classes that reduce them to a scalar."""

from __future__ import annotations

import math
from typing import Any

from triceras import masks, ops
from triceras.utils.lookup import snake_case

REDUCTIONS = ("sum_over_batch_size", "sum", "mean", "mean_with_sample_weight", None)


def fit_ranks(y_true: Any, y_pred: Any) -> tuple[Any, Any]:
    """Targets (n,) for outputs (n, 1), or the reverse, get or lose the last axis of size 1."""
    true_shape, pred_shape = ops.shape(y_true), ops.shape(y_pred)
    if len(true_shape) == len(pred_shape) - 1 and pred_shape[-1] == 1:
        return ops.expand_dims(y_true, -1), y_pred
    if len(true_shape) == len(pred_shape) + 1 and true_shape[-1] == 1:
        return ops.squeeze(y_true, -1), y_pred
    return y_true, y_pred


def _as_output(y_true: Any, y_pred: Any) -> tuple[Any, Any]:
    """Both as tensors, the targets in the outputs' dtype and rank."""
    y_pred = ops.convert_to_tensor(y_pred)
    return fit_ranks(ops.cast(ops.convert_to_tensor(y_true), ops.dtype(y_pred)), y_pred)


def mean_squared_error(y_true: Any, y_pred: Any) -> Any:
    """mean((y_true - y_pred)^2) over the last axis."""
    y_true, y_pred = _as_output(y_true, y_pred)
    return ops.mean(ops.square(ops.subtract(y_true, y_pred)), axis=-1)


def mean_absolute_error(y_true: Any, y_pred: Any) -> Any:
    """mean(|y_true - y_pred|) over the last axis."""
    y_true, y_pred = _as_output(y_true, y_pred)
    return ops.mean(ops.abs(ops.subtract(y_true, y_pred)), axis=-1)


def binary_crossentropy(y_true: Any, y_pred: Any, from_logits: bool = False, label_smoothing: float = 0.0) -> Any:
    """Mean over the last axis of -(t log p + (1 - t) log(1 - p)); t moved by smoothing towards 1/2."""
    y_true, y_pred = _as_output(y_true, y_pred)
    if label_smoothing:
        y_true = y_true * (1.0 - label_smoothing) + 0.5 * label_smoothing
    return ops.mean(ops.binary_crossentropy(y_true, y_pred, from_logits=from_logits), axis=-1)


def categorical_crossentropy(
    y_true: Any, y_pred: Any, from_logits: bool = False, label_smoothing: float = 0.0, axis: int = -1
) -> Any:
    """-sum(t log p) over `axis`; t moved by smoothing towards the uniform distribution."""
    y_pred = ops.convert_to_tensor(y_pred)
    y_true = ops.cast(ops.convert_to_tensor(y_true), ops.dtype(y_pred))
    if label_smoothing:
        y_true = y_true * (1.0 - label_smoothing) + label_smoothing / ops.shape(y_true)[axis]
    return ops.categorical_crossentropy(y_true, y_pred, from_logits=from_logits, axis=axis)


def sparse_categorical_crossentropy(y_true: Any, y_pred: Any, from_logits: bool = False, axis: int = -1) -> Any:
    """-log p[y_true] over `axis`, y_true integers of the outputs' shape without it (or with size 1 there)."""
    y_pred = ops.convert_to_tensor(y_pred)
    y_true = ops.convert_to_tensor(y_true)
    shape = ops.shape(y_true)
    if len(shape) == len(ops.shape(y_pred)) and shape[-1] == 1:
        y_true = ops.squeeze(y_true, -1)
    return ops.sparse_categorical_crossentropy(y_true, y_pred, from_logits=from_logits, axis=axis)


def reduce_values(values: Any, sample_weight: Any, reduction: str | None) -> Any:
    """One value a row to a scalar, rows counted by their weights.

    "sum_over_batch_size" (or "mean") divides the weighted sum by the number of values, "sum" does
    not divide, "mean_with_sample_weight" divides by the sum of the weights, None reduces nothing.
    """
    if sample_weight is not None:
        sample_weight = ops.cast(ops.convert_to_tensor(sample_weight), ops.dtype(values))
        values, sample_weight = align(values, sample_weight)
        values = ops.multiply(values, sample_weight)
    if reduction is None or len(ops.shape(values)) == 0:
        return values
    if reduction == "sum":
        return ops.sum(values)
    if reduction == "mean_with_sample_weight" and sample_weight is not None:
        return ops.divide(ops.sum(values), ops.sum(ops.broadcast_to(sample_weight, ops.shape(values))))
    return ops.mean(values)


def masked_weights(mask: Any, sample_weight: Any, dtype: str, reduction: str | None) -> Any:
    """The weights with those of masked values 0, None being ones.

    For a mean over all values the rest are scaled up, so that it is the mean over the values that count.
    """
    weights = ops.cast(mask, dtype)
    if reduction in ("sum_over_batch_size", "mean"):
        weights = ops.multiply(weights, _size(mask) / ops.maximum(ops.sum(weights), 1e-7))
    if sample_weight is None:
        return weights
    weights, sample_weight = align(weights, ops.cast(ops.convert_to_tensor(sample_weight), dtype))
    return ops.multiply(weights, sample_weight)


def _size(tensor: Any) -> float:
    return float(math.prod(ops.shape(tensor)))


def align(values: Any, sample_weight: Any) -> tuple[Any, Any]:
    """Weights of lower rank get axes at the end, so that (batch,) weighs (batch, time)."""
    ranks = len(ops.shape(values)), len(ops.shape(sample_weight))
    if ranks[1] == ranks[0] + 1 and ops.shape(sample_weight)[-1] == 1:
        return values, ops.squeeze(sample_weight, -1)
    for _ in range(ranks[0] - ranks[1]):
        sample_weight = ops.expand_dims(sample_weight, -1)
    return values, sample_weight


class Loss:
    """A loss: subclasses define `call(y_true, y_pred)`, one value a row; calling reduces.

    Where y_pred carries a mask (as after `Embedding(mask_zero=True)`), masked values do not count.

    Args:
        name: shown in logs.
        reduction: see `reduce_values`.

    Raises ValueError: an unknown reduction.
    """

    def __init__(self, name: str | None = None, reduction: str | None = "sum_over_batch_size") -> None:
        if reduction not in REDUCTIONS:
            raise ValueError(f"reduction must be one of {REDUCTIONS}; got: {reduction!r}")
        self.name = name or snake_case(type(self).__name__)
        self.reduction = reduction

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        values = self.call(y_true, y_pred)
        mask = masks.get_mask(y_pred) if masks.in_use else None
        if mask is not None:
            sample_weight = masked_weights(mask, sample_weight, ops.dtype(values), self.reduction)
        return reduce_values(values, sample_weight, self.reduction)

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """One value a row."""
        raise NotImplementedError(f"{type(self).__name__} has no `call` method: define call(self, y_true, y_pred).")

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {"name": self.name, "reduction": self.reduction}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Loss:
        """A loss from what `get_config` gave."""
        return cls(**config)


class LossFunction(Loss):
    """A function of (y_true, y_pred), with fixed keyword arguments, as a Loss."""

    def __init__(
        self, fn: Any, reduction: str | None = "sum_over_batch_size", name: str | None = None, **kwargs: Any
    ) -> None:
        super().__init__(name or getattr(fn, "__name__", None), reduction)
        self.fn, self.kwargs = fn, kwargs

    def call(self, y_true: Any, y_pred: Any) -> Any:
        return self.fn(y_true, y_pred, **self.kwargs)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), **self.kwargs}


class MeanAbsoluteError(LossFunction):
    """Mean of the absolute differences."""

    def __init__(self, reduction: str | None = "sum_over_batch_size", name: str = "mean_absolute_error") -> None:
        super().__init__(mean_absolute_error, reduction, name)


class MeanSquaredError(LossFunction):
    """Mean of the squared differences."""

    def __init__(self, reduction: str | None = "sum_over_batch_size", name: str = "mean_squared_error") -> None:
        super().__init__(mean_squared_error, reduction, name)


class BinaryCrossentropy(LossFunction):
    """Cross-entropy of independent binary labels: y_true in [0, 1], y_pred probabilities, or logits."""

    def __init__(
        self,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        reduction: str | None = "sum_over_batch_size",
        name: str = "binary_crossentropy",
    ) -> None:
        super().__init__(binary_crossentropy, reduction, name, from_logits=from_logits, label_smoothing=label_smoothing)


class CategoricalCrossentropy(LossFunction):
    """Cross-entropy of one-hot (or soft) labels y_true of y_pred's shape."""

    def __init__(
        self,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str = "categorical_crossentropy",
    ) -> None:
        super().__init__(
            categorical_crossentropy,
            reduction,
            name,
            from_logits=from_logits,
            label_smoothing=label_smoothing,
            axis=axis,
        )


class SparseCategoricalCrossentropy(LossFunction):
    """Cross-entropy of integer labels."""

    def __init__(
        self,
        from_logits: bool = False,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str = "sparse_categorical_crossentropy",
    ) -> None:
        super().__init__(sparse_categorical_crossentropy, reduction, name, from_logits=from_logits, axis=axis)
