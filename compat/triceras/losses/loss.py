"""Loss: one value a row, reduced to a scalar; and functions as losses."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeVar

import optree

from triceras import dtype_policies, masks, ops
from triceras.utils.lookup import snake_case
from triceras.utils.serialization import deserialize_keras_object, serialize_keras_object
from triceras_backends import dtypes
from triceras_backends.config import floatx
from triceras_backends.variable import unique_name

Function = TypeVar("Function", bound=Callable[..., Any])

REDUCTIONS = ("sum_over_batch_size", "sum", "mean", "mean_with_sample_weight", "none", None)

# Functions whose targets are labels (integers), which a Loss hands on as they are: float32 counts to 2^24 only.
_OF_LABELS: set[Any] = set()


def of_labels(fn: Function) -> Function:
    """Marks a function of (y_true, y_pred) whose y_true are integers."""
    _OF_LABELS.add(fn)
    return fn


def fit_ranks(y_true: Any, y_pred: Any) -> tuple[Any, Any]:
    """Targets (n,) for outputs (n, 1), or the reverse, get or lose the last axis of size 1."""
    true_shape, pred_shape = ops.shape(y_true), ops.shape(y_pred)
    if len(true_shape) == len(pred_shape) - 1 and pred_shape[-1] == 1:
        return ops.expand_dims(y_true, -1), y_pred
    if len(true_shape) == len(pred_shape) + 1 and true_shape[-1] == 1:
        return ops.squeeze(y_true, -1), y_pred
    return y_true, y_pred


def check_shapes(name: str, y_true: Any, y_pred: Any) -> None:
    """Raises ValueError: shapes that do not broadcast together."""
    true_shape, pred_shape = ops.shape(y_true), ops.shape(y_pred)
    if true_shape == pred_shape:
        return
    for n, m in zip(reversed(true_shape), reversed(pred_shape), strict=False):
        if n != m and n is not None and m is not None and 1 not in (n, m):
            raise ValueError(
                f"{name}: y_true and y_pred must have the same shape; got y_true of shape {tuple(true_shape)} and "
                f"y_pred of shape {tuple(pred_shape)}."
            )


def floating(x: Any) -> Any:
    """x as a tensor of floats: others are cast to config.floatx()."""
    x = ops.convert_to_tensor(x)
    return x if ops.dtype(x) in dtypes.FLOATS else ops.cast(x, floatx())


def as_output(name: str, y_true: Any, y_pred: Any) -> tuple[Any, Any]:
    """Both as tensors of floats, the targets in the outputs' dtype and rank. ValueError: shapes that do not fit."""
    y_pred = floating(y_pred)
    y_true, y_pred = fit_ranks(ops.cast(ops.convert_to_tensor(y_true), ops.dtype(y_pred)), y_pred)
    check_shapes(name, y_true, y_pred)
    return y_true, y_pred


def reduce_values(values: Any, sample_weight: Any, reduction: str | None) -> Any:
    """One value a row to a scalar, rows counted by their weights.

    "sum_over_batch_size" (or "mean") divides the weighted sum by the number of values, "sum" does
    not divide, "mean_with_sample_weight" divides by the sum of the weights as given, None (or "none") reduces nothing.
    """
    if sample_weight is not None:
        sample_weight = ops.cast(ops.convert_to_tensor(sample_weight), ops.dtype(values))
        values, sample_weight = align(values, sample_weight)
        check_weights(values, sample_weight)
        values = ops.multiply(values, sample_weight)
    if reduction in (None, "none") or len(ops.shape(values)) == 0:
        return values
    if reduction == "sum":
        return ops.sum(values)
    if reduction == "mean_with_sample_weight" and sample_weight is not None:
        return ops.divide_no_nan(ops.sum(values), ops.sum(sample_weight))
    return ops.mean(values)


def check_weights(values: Any, sample_weight: Any) -> None:
    """Raises ValueError: weights that do not fit the values they weigh."""
    sizes, weights = ops.shape(values), ops.shape(sample_weight)
    for n, m in zip(reversed(sizes), reversed(weights), strict=False):
        if n != m and n is not None and m is not None and 1 not in (n, m):
            raise ValueError(
                f"sample_weight of shape {tuple(weights)} does not fit values of shape {tuple(sizes)}: give one weight "
                "a row, or one a value."
            )


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
    check_weights(weights, sample_weight)
    return ops.multiply(weights, sample_weight)


def _size(tensor: Any) -> float:
    return float(math.prod(ops.shape(tensor)))


def align(values: Any, sample_weight: Any) -> tuple[Any, Any]:
    """Values and weights of the same rank: (batch,) weighs the rows of (batch, time), axes of size 1 come or go."""
    ranks = len(ops.shape(values)), len(ops.shape(sample_weight))
    if ranks[1] == ranks[0] + 1 and ops.shape(sample_weight)[-1] == 1:
        if ranks[0] == 1:
            return ops.expand_dims(values, -1), sample_weight
        return values, ops.squeeze(sample_weight, -1)
    if ranks[0] == ranks[1] + 1 and ranks[1] > 1 and ops.shape(values)[-1] == 1:
        return ops.squeeze(values, -1), sample_weight
    if ranks[1]:
        for _ in range(ranks[0] - ranks[1]):
            sample_weight = ops.expand_dims(sample_weight, -1)
    return values, sample_weight


def _converted(x: Any, dtype: str | None) -> Any:
    """x as a tensor, of this dtype if one is given; dicts and lists of tensors keep their structure."""
    if isinstance(x, (dict, list, tuple)) and not _is_array(x):
        return optree.tree_map(lambda leaf: _converted(leaf, dtype), x)
    x = ops.convert_to_tensor(x)
    return x if dtype is None or ops.dtype(x) == dtype else ops.cast(x, dtype)


def _is_array(x: Any) -> bool:
    """Whether a structure is numbers in lists, which are one array."""
    return isinstance(x, (list, tuple)) and all(isinstance(leaf, (bool, int, float)) for leaf in optree.tree_leaves(x))


class Loss:
    """A loss: subclasses define `call(y_true, y_pred)`, one value a row; calling the object reduces.

    Calling takes (y_true, y_pred, sample_weight=None): targets and outputs (batch, ...), weights (batch,) or of the
    shape of what `call` gives. Both are cast to the loss's dtype first. Where y_pred carries a mask (as after
    `Embedding(mask_zero=True)`), or what `call` gives does, masked values do not count.

    Args:
        name: shown in logs; None makes one from the class's name.
        reduction: "sum_over_batch_size" or "mean", the weighted sum over the number of values; "sum", not divided;
            "mean_with_sample_weight", over the sum of the weights; None or "none", the weighted values themselves.
        dtype: of the computation, or a policy whose compute dtype it is; None is `keras.config.floatx()`.

    Raises ValueError: an unknown reduction; weights that do not fit.

    Example:

    >>> class WorstError(keras.losses.Loss):
    ...     def call(self, y_true, y_pred):
    ...         return keras.ops.max(keras.ops.abs(y_true - y_pred), axis=-1)
    >>> loss = WorstError(reduction="sum")
    >>> round(float(loss(np.array([[0.0, 1.0], [2.0, 2.0]]), np.array([[0.5, 1.0], [2.0, 4.0]]))), 3)
    2.5
    """

    def __init__(
        self, name: str | None = None, reduction: str | None = "sum_over_batch_size", dtype: Any = None
    ) -> None:
        if reduction not in REDUCTIONS:
            raise ValueError(f"reduction must be one of {REDUCTIONS}; got: {reduction!r}")
        self.name = name or unique_name(snake_case(type(self).__name__))
        self.reduction = reduction
        self._dtype = dtype_policies.get(floatx() if dtype is None else dtype).compute_dtype
        # Targets are cast to it too, unless they are labels.
        self._target_dtype: str | None = self._dtype

    @property
    def dtype(self) -> str:
        """The dtype of the computation."""
        return self._dtype

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        mask = masks.get_mask(y_pred) if masks.in_use else None
        values = self.call(_converted(y_true, self._target_dtype), _converted(y_pred, self._dtype))
        if masks.in_use:
            mask = both(mask, masks.get_mask(values))
        if mask is not None:
            sample_weight = masked_weights(mask, sample_weight, ops.dtype(values), self.reduction)
        return reduce_values(ops.convert_to_tensor(values), sample_weight, self.reduction)

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


def both(mask: Any, other: Any) -> Any:
    """Where both masks hold; None holds everywhere."""
    if mask is None or other is None:
        return other if mask is None else mask
    return ops.logical_and(mask, other)


class LossFunctionWrapper(Loss):
    """A function of (y_true, y_pred), with fixed keyword arguments, as a Loss.

    Args:
        fn: gives one value a row.
        reduction, name, dtype: see `Loss`.
        **kwargs: passed to fn each time.

    Example:

    >>> def quantile(y_true, y_pred, tau):
    ...     error = y_true - y_pred
    ...     return keras.ops.mean(keras.ops.maximum(tau * error, (tau - 1) * error), axis=-1)
    >>> loss = keras.losses.LossFunctionWrapper(quantile, tau=0.9)
    >>> round(float(loss(np.array([[1.0, 2.0]]), np.array([[0.0, 4.0]]))), 3)
    0.55
    """

    # Arguments that Keras leaves out of configurations, with their defaults. They are written where they
    # have another value: else a copy would be another loss.
    UNWRITTEN: dict[str, Any] = {}

    def __init__(
        self,
        fn: Any,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
        dtype: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(name, reduction, dtype)
        self.fn, self._fn_kwargs = fn, kwargs
        if fn in _OF_LABELS:
            self._target_dtype = None
        for key, value in kwargs.items():
            if not hasattr(self, key):
                setattr(self, key, value)

    def call(self, y_true: Any, y_pred: Any) -> Any:
        return self.fn(y_true, y_pred, **self._fn_kwargs)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        if type(self) is LossFunctionWrapper:
            config["fn"] = serialize_keras_object(self.fn)
        config |= {k: v for k, v in self._fn_kwargs.items() if k not in self.UNWRITTEN or v != self.UNWRITTEN[k]}
        return config if self._dtype == floatx() else config | {"dtype": self._dtype}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Loss:
        return cls(**{key: deserialize_keras_object(value) for key, value in config.items()})

    def __repr__(self) -> str:
        return f"<{type(self).__name__}({getattr(self.fn, '__name__', self.fn)}, {self._fn_kwargs})>"
