"""Losses of overlap, for segmentation."""

from __future__ import annotations

from typing import Any

from triceras import ops
from triceras.losses.loss import LossFunctionWrapper, as_output
from triceras_backends import config


def _sum(x: Any, axis: Any) -> Any:
    return ops.sum(x, axis=tuple(axis) if isinstance(axis, (list, tuple)) else axis)


def dice(y_true: Any, y_pred: Any, axis: Any = None) -> Any:
    """1 - 2 sum(y_true y_pred) / (sum(y_true) + sum(y_pred) + epsilon) over `axis`, None being all."""
    y_true, y_pred = as_output("dice", y_true, y_pred)
    shared = _sum(ops.multiply(y_true, y_pred), axis)
    whole = ops.add(_sum(y_true, axis), _sum(y_pred, axis))
    return ops.subtract(1.0, ops.divide(ops.multiply(2.0, shared), ops.add(whole, config.epsilon())))


def tversky(y_true: Any, y_pred: Any, alpha: float = 0.5, beta: float = 0.5, axis: Any = None) -> Any:
    """1 - shared / (shared + alpha missed + beta wrong + epsilon) over `axis`, None being all.

    shared = sum(y_true y_pred), missed = sum(y_true (1 - y_pred)), wrong = sum((1 - y_true) y_pred).
    """
    y_true, y_pred = as_output("tversky", y_true, y_pred)
    shared = _sum(ops.multiply(y_true, y_pred), axis)
    missed = ops.subtract(_sum(y_true, axis), shared)
    wrong = ops.subtract(_sum(y_pred, axis), shared)
    whole = ops.add(shared, ops.add(ops.multiply(alpha, missed), ops.multiply(beta, wrong)))
    return ops.subtract(1.0, ops.divide(shared, ops.add(whole, config.epsilon())))


class Dice(LossFunctionWrapper):
    """1 - 2 sum(y_true y_pred) / (sum(y_true) + sum(y_pred)): 0 for full overlap, 1 for none.

    Args:
        reduction, name, dtype: see `keras.losses.Loss`.
        axis: an int or several, summed over; None is all axes.

    y_true and y_pred: (batch, height, width, channels), or any shape; gives a scalar, or the shape without `axis`,
    reduced to a scalar. Raises ValueError: shapes that do not fit.

    Example:

    >>> loss = keras.losses.Dice(axis=(1,), reduction=None)
    >>> np.round(keras.ops.convert_to_numpy(loss(np.array([[1, 1], [0, 1]]), np.array([[1.0, 0.0], [0.0, 1.0]]))), 3)
    array([0.333, 0.   ], dtype=float32)
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str = "dice",
        axis: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(dice, reduction, name, dtype, axis=axis)


class Tversky(LossFunctionWrapper):
    """1 - shared / (shared + alpha missed + beta wrong): `Dice` where alpha = beta = 1/2, else one kind of error
    counts more.

    shared = sum(y_true y_pred), missed = sum(y_true (1 - y_pred)), wrong = sum((1 - y_true) y_pred).
    Salehi et al., arXiv:1706.05721.

    Args:
        alpha: what misses (false negatives) count.
        beta: what wrong hits (false positives) count.
        reduction, name, dtype: see `keras.losses.Loss`.
        axis: an int or several, summed over; None is all axes.

    y_true and y_pred: (batch, height, width, channels), or any shape; gives a scalar, or the shape without `axis`,
    reduced to a scalar. Raises ValueError: shapes that do not fit.

    Example:

    >>> loss = keras.losses.Tversky(alpha=1.0, beta=0.0)
    >>> round(float(loss(np.array([[1, 1], [0, 1]]), np.array([[1.0, 0.0], [1.0, 1.0]]))), 3)
    0.333
    """

    def __init__(
        self,
        alpha: float = 0.5,
        beta: float = 0.5,
        reduction: str | None = "sum_over_batch_size",
        name: str = "tversky",
        axis: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(tversky, reduction, name, dtype, alpha=alpha, beta=beta, axis=axis)
