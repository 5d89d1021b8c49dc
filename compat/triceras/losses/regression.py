"""Losses of regression: distances between targets and outputs."""

from __future__ import annotations

import math
from typing import Any

from triceras import ops
from triceras.losses.loss import LossFunctionWrapper, as_output, floating
from triceras_backends import config


def mean_squared_error(y_true: Any, y_pred: Any) -> Any:
    """mean((y_true - y_pred)^2) over the last axis."""
    y_true, y_pred = as_output("mean_squared_error", y_true, y_pred)
    return ops.mean(ops.square(ops.subtract(y_true, y_pred)), axis=-1)


def mean_absolute_error(y_true: Any, y_pred: Any) -> Any:
    """mean(|y_true - y_pred|) over the last axis."""
    y_true, y_pred = as_output("mean_absolute_error", y_true, y_pred)
    return ops.mean(ops.abs(ops.subtract(y_true, y_pred)), axis=-1)


def mean_absolute_percentage_error(y_true: Any, y_pred: Any) -> Any:
    """100 mean(|y_true - y_pred| / max(|y_true|, epsilon)) over the last axis."""
    y_true, y_pred = as_output("mean_absolute_percentage_error", y_true, y_pred)
    scale = ops.maximum(ops.abs(y_true), config.epsilon())
    return ops.multiply(100.0, ops.mean(ops.abs(ops.divide(ops.subtract(y_true, y_pred), scale)), axis=-1))


def mean_squared_logarithmic_error(y_true: Any, y_pred: Any) -> Any:
    """mean((log(1 + y_true) - log(1 + y_pred))^2) over the last axis, both at least epsilon."""
    y_true, y_pred = as_output("mean_squared_logarithmic_error", y_true, y_pred)
    logs = [ops.log1p(ops.maximum(y, config.epsilon())) for y in (y_true, y_pred)]
    return ops.mean(ops.square(ops.subtract(*logs)), axis=-1)


def huber(y_true: Any, y_pred: Any, delta: float = 1.0) -> Any:
    """mean over the last axis of e^2 / 2 where |e| <= delta, else delta |e| - delta^2 / 2; e = y_true - y_pred."""
    y_true, y_pred = as_output("huber", y_true, y_pred)
    error = ops.abs(ops.subtract(y_true, y_pred))
    # With the error cut at delta, q, both branches are q (e - q / 2): no branch is computed in vain.
    quadratic = ops.minimum(error, delta)
    return ops.mean(ops.multiply(quadratic, ops.subtract(error, ops.multiply(0.5, quadratic))), axis=-1)


def log_cosh(y_true: Any, y_pred: Any) -> Any:
    """mean(log(cosh(y_pred - y_true))) over the last axis, without overflow."""
    y_true, y_pred = as_output("log_cosh", y_true, y_pred)
    error = ops.subtract(y_pred, y_true)
    return ops.mean(ops.subtract(ops.add(error, ops.softplus(ops.multiply(-2.0, error))), math.log(2.0)), axis=-1)


def cosine_similarity(y_true: Any, y_pred: Any, axis: Any = -1) -> Any:
    """-sum(y_true y_pred) / (|y_true| |y_pred|) over `axis`: -1 for the same direction, 0 where either is 0."""
    y_true, y_pred = as_output("cosine_similarity", y_true, y_pred)
    return ops.negative(ops.sum(ops.multiply(unit(y_true, axis), unit(y_pred, axis)), axis=axis))


def unit(x: Any, axis: Any) -> Any:
    """x / |x| over `axis` (an int or several); zeros stay zeros."""
    axis = tuple(axis) if isinstance(axis, (list, tuple)) else axis
    x = floating(x)
    return ops.multiply(x, ops.rsqrt(ops.maximum(ops.sum(ops.square(x), axis=axis, keepdims=True), 1e-12)))


class MeanSquaredError(LossFunctionWrapper):
    """mean((y_true - y_pred)^2) over the last axis, then reduced.

    Args:
        reduction, name, dtype: see `keras.losses.Loss`.

    y_true and y_pred: (batch, ..., features); gives (batch, ...), reduced to a scalar.
    Raises ValueError: shapes that do not fit.

    Example:

    >>> loss = keras.losses.MeanSquaredError()
    >>> round(float(loss(np.array([[0.0, 1.0]]), np.array([[1.0, 4.0]]))), 3)
    5.0
    """

    def __init__(
        self, reduction: str | None = "sum_over_batch_size", name: str = "mean_squared_error", dtype: Any = None
    ) -> None:
        super().__init__(mean_squared_error, reduction, name, dtype)


class MeanAbsoluteError(LossFunctionWrapper):
    """mean(|y_true - y_pred|) over the last axis, then reduced.

    Args:
        reduction, name, dtype: see `keras.losses.Loss`.

    y_true and y_pred: (batch, ..., features); gives (batch, ...), reduced to a scalar.
    Raises ValueError: shapes that do not fit.

    Example:

    >>> loss = keras.losses.MeanAbsoluteError()
    >>> round(float(loss(np.array([[0.0, 1.0]]), np.array([[1.0, 4.0]]))), 3)
    2.0
    """

    def __init__(
        self, reduction: str | None = "sum_over_batch_size", name: str = "mean_absolute_error", dtype: Any = None
    ) -> None:
        super().__init__(mean_absolute_error, reduction, name, dtype)


class MeanAbsolutePercentageError(LossFunctionWrapper):
    """100 mean(|y_true - y_pred| / |y_true|) over the last axis, |y_true| at least epsilon; then reduced.

    Args:
        reduction, name, dtype: see `keras.losses.Loss`.

    y_true and y_pred: (batch, ..., features); gives (batch, ...), reduced to a scalar.
    Raises ValueError: shapes that do not fit.

    Example:

    >>> loss = keras.losses.MeanAbsolutePercentageError()
    >>> round(float(loss(np.array([[2.0, 10.0]]), np.array([[1.0, 10.0]]))), 3)
    25.0
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str = "mean_absolute_percentage_error",
        dtype: Any = None,
    ) -> None:
        super().__init__(mean_absolute_percentage_error, reduction, name, dtype)


class MeanSquaredLogarithmicError(LossFunctionWrapper):
    """mean((log(1 + y_true) - log(1 + y_pred))^2) over the last axis, then reduced: for targets of many magnitudes.

    Targets and outputs below epsilon count as epsilon.

    Args:
        reduction, name, dtype: see `keras.losses.Loss`.

    y_true and y_pred: (batch, ..., features); gives (batch, ...), reduced to a scalar.
    Raises ValueError: shapes that do not fit.

    Example:

    >>> loss = keras.losses.MeanSquaredLogarithmicError()
    >>> round(float(loss(np.array([[0.0, 99.0]]), np.array([[0.0, 9.0]]))), 3)
    2.651
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str = "mean_squared_logarithmic_error",
        dtype: Any = None,
    ) -> None:
        super().__init__(mean_squared_logarithmic_error, reduction, name, dtype)


class Huber(LossFunctionWrapper):
    """Squares of small errors, absolute values of large: outliers count less than in `MeanSquaredError`.

    With e = y_true - y_pred: e^2 / 2 where |e| <= delta, else delta |e| - delta^2 / 2; the mean over the last axis,
    then reduced. Huber, 1964, "Robust Estimation of a Location Parameter".

    Args:
        delta: where the square ends.
        reduction, name, dtype: see `keras.losses.Loss`.

    y_true and y_pred: (batch, ..., features); gives (batch, ...), reduced to a scalar.
    Raises ValueError: shapes that do not fit.

    Example:

    >>> loss = keras.losses.Huber(delta=2.0)
    >>> round(float(loss(np.array([[0.0, 0.0]]), np.array([[1.0, 4.0]]))), 3)
    3.25
    """

    UNWRITTEN = {"delta": 1.0}

    def __init__(
        self,
        delta: float = 1.0,
        reduction: str | None = "sum_over_batch_size",
        name: str = "huber_loss",
        dtype: Any = None,
    ) -> None:
        super().__init__(huber, reduction, name, dtype, delta=delta)


class LogCosh(LossFunctionWrapper):
    """log(cosh(y_pred - y_true)), its mean over the last axis, then reduced: near a square for small errors, and
    for large ones near the absolute value.

    Args:
        reduction, name, dtype: see `keras.losses.Loss`.

    y_true and y_pred: (batch, ..., features); gives (batch, ...), reduced to a scalar.
    Raises ValueError: shapes that do not fit.

    Example:

    >>> loss = keras.losses.LogCosh()
    >>> round(float(loss(np.array([[0.0, 0.0]]), np.array([[1.0, 0.0]]))), 3)
    0.217
    """

    def __init__(
        self, reduction: str | None = "sum_over_batch_size", name: str = "log_cosh", dtype: Any = None
    ) -> None:
        super().__init__(log_cosh, reduction, name, dtype)


class CosineSimilarity(LossFunctionWrapper):
    """-cos of the angle between y_true and y_pred: -1 for the same direction, 1 for opposite ones, 0 where either is 0.

    Args:
        axis: along which they are vectors.
        reduction, name, dtype: see `keras.losses.Loss`.

    y_true and y_pred: (batch, ..., features); gives (batch, ...), reduced to a scalar.
    Raises ValueError: shapes that do not fit.

    Example:

    >>> loss = keras.losses.CosineSimilarity()
    >>> round(float(loss(np.array([[1.0, 0.0]]), np.array([[3.0, 4.0]]))), 3)
    -0.6
    """

    UNWRITTEN = {"axis": -1}

    def __init__(
        self,
        axis: Any = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str = "cosine_similarity",
        dtype: Any = None,
    ) -> None:
        super().__init__(cosine_similarity, reduction, name, dtype, axis=axis)
