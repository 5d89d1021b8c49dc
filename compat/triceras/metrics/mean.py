"""Sums and means, and functions of targets and outputs as metrics."""

from __future__ import annotations

from typing import Any

from triceras import masks, ops
from triceras.losses.loss import both, check_weights, masked_weights
from triceras.metrics.metric import Metric
from triceras.utils.serialization import deserialize_keras_object, serialize_keras_object
from triceras_backends.active import backend as B


def fit_weights(sample_weight: Any, values: Any, dtype: str) -> Any:
    """Weights for `values`: of their rank, axes of size 1 added or taken away at the end, or a scalar.

    Raises ValueError: shapes that do not fit.
    """
    weights = ops.cast(ops.convert_to_tensor(sample_weight), dtype)
    rank, extra = len(ops.shape(values)), len(ops.shape(weights)) - len(ops.shape(values))
    while extra > 0 and ops.shape(weights)[-1] == 1:
        weights, extra = ops.squeeze(weights, -1), extra - 1
    while len(ops.shape(weights)) not in (0, rank) and extra < 0:
        weights, extra = ops.expand_dims(weights, -1), extra + 1
    check_weights(values, weights)
    return weights


class Mean(Metric):
    """The weighted mean of all values seen: sum(weights values) / sum(weights); 0 before the first.

    Rows count alike: a row of several values counts by their mean.

    Args:
        name: shown in logs.
        dtype: of the state.

    `update_state(values, sample_weight=None)`: values (batch, ...), weights (batch,), of the values' shape, or a
    number. Raises ValueError: weights that do not fit.

    Example:

    >>> metric = keras.metrics.Mean()
    >>> metric.update_state(np.array([1.0, 3.0]), sample_weight=np.array([1.0, 3.0]))
    >>> float(metric.result())
    2.5
    """

    def __init__(self, name: str = "mean", dtype: Any = None) -> None:
        super().__init__(dtype, name)
        self.total = self.add_variable((), name="total")
        self.count = self.add_variable((), name="count")

    def update_state(self, values: Any, sample_weight: Any = None) -> None:
        values = ops.convert_to_tensor(values)
        rank = len(ops.shape(values))
        if sample_weight is None or (rank == 0 and isinstance(sample_weight, (int, float))):
            if rank > 1:
                values = ops.mean(ops.cast(values, self.dtype), axis=tuple(range(1, rank)))
            B.accumulate(self.total, self.count, values, sample_weight)
            return
        values = ops.cast(values, self.dtype)
        weights = fit_weights(sample_weight, values, self.dtype)
        if len(ops.shape(weights)) == 0:
            values = ops.mean(values)
        else:
            weights = ops.broadcast_to(weights, ops.shape(values))
        values = ops.multiply(values, weights)
        if len(ops.shape(values)) > 1:
            inner = tuple(range(1, len(ops.shape(values))))
            values, weights = ops.mean(values, axis=inner), ops.mean(weights, axis=inner)
        self.total.assign_add(ops.sum(values))
        self.count.assign_add(ops.sum(weights))

    def result(self) -> Any:
        # Before the first value 0 / tiny: no branch is needed for it.
        return ops.divide(self.total.value, ops.maximum(self.count.value, 1e-30))


class Sum(Metric):
    """The weighted sum of all values seen.

    Args:
        name: shown in logs.
        dtype: of the state.

    `update_state(values, sample_weight=None)`: values (batch, ...), weights (batch,), of the values' shape, or a
    number. Raises ValueError: weights that do not fit.

    Example:

    >>> metric = keras.metrics.Sum()
    >>> metric.update_state(np.array([1.0, 3.0]), sample_weight=np.array([1.0, 3.0]))
    >>> float(metric.result())
    10.0
    """

    def __init__(self, name: str = "sum", dtype: Any = None) -> None:
        super().__init__(dtype, name)
        self.total = self.add_variable((), name="total")

    def update_state(self, values: Any, sample_weight: Any = None) -> None:
        values = ops.cast(ops.convert_to_tensor(values), self.dtype)
        if sample_weight is not None:
            values = ops.multiply(values, fit_weights(sample_weight, values, self.dtype))
        self.total.assign_add(ops.sum(values))

    def result(self) -> Any:
        return self.total.value


class MeanMetricWrapper(Mean):
    """The mean over rows of a function of (y_true, y_pred); values that y_pred's mask leaves out do not count.

    Args:
        fn: gives one value a row, or several.
        name: shown in logs.
        dtype: of the state.
        **kwargs: passed to fn each time.

    `update_state(y_true, y_pred, sample_weight=None)`: weights (batch,) or of the shape of what fn gives.
    Raises ValueError: weights that do not fit.

    Example:

    >>> def within(y_true, y_pred, distance):
    ...     return keras.ops.abs(y_true - y_pred) <= distance
    >>> metric = keras.metrics.MeanMetricWrapper(within, name="near", distance=0.1)
    >>> metric.update_state(keras.ops.array([1.0, 2.0]), keras.ops.array([1.05, 2.5]))
    >>> float(metric.result())
    0.5
    """

    # Arguments that Keras leaves out of configurations, with their defaults; written where they have another value.
    UNWRITTEN: dict[str, Any] = {}

    def __init__(self, fn: Any, name: str | None = None, dtype: Any = None, **kwargs: Any) -> None:
        super().__init__(name, dtype)  # type: ignore[arg-type]
        self._fn, self._fn_kwargs = fn, kwargs
        for key, value in kwargs.items():
            if not hasattr(self, key):
                setattr(self, key, value)

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:  # type: ignore[override]
        values = self._fn(y_true, y_pred, **self._fn_kwargs)
        mask = both(masks.get_mask(y_pred), masks.get_mask(values)) if masks.in_use else None
        if mask is not None:
            sample_weight = masked_weights(mask, sample_weight, self.dtype, None)
        super().update_state(values, sample_weight)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        if type(self) is MeanMetricWrapper:
            config["fn"] = serialize_keras_object(self._fn)
        unwritten = self.UNWRITTEN
        return config | {k: v for k, v in self._fn_kwargs.items() if k not in unwritten or v != unwritten[k]}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Metric:
        return cls(**{key: deserialize_keras_object(value) for key, value in config.items()})
