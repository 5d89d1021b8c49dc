"""Losses of maximal margins."""

from __future__ import annotations

from typing import Any

from triceras import ops
from triceras.losses.loss import LossFunctionWrapper, as_output


def _signs(y_true: Any) -> Any:
    """Labels that are all 0 or 1 as -1 and 1; others as they are."""
    binary = ops.all(ops.logical_or(ops.equal(y_true, 0), ops.equal(y_true, 1)))
    return ops.where(binary, ops.subtract(ops.multiply(2.0, y_true), 1.0), y_true)


def _margins(name: str, y_true: Any, y_pred: Any) -> Any:
    """max(1 - y_true y_pred, 0)."""
    y_true, y_pred = as_output(name, y_true, y_pred)
    return ops.relu(ops.subtract(1.0, ops.multiply(_signs(y_true), y_pred)))


def hinge(y_true: Any, y_pred: Any) -> Any:
    """mean(max(1 - y_true y_pred, 0)) over the last axis; labels -1 and 1, or all 0 or 1."""
    return ops.mean(_margins("hinge", y_true, y_pred), axis=-1)


def squared_hinge(y_true: Any, y_pred: Any) -> Any:
    """mean(max(1 - y_true y_pred, 0)^2) over the last axis; labels -1 and 1, or all 0 or 1."""
    return ops.mean(ops.square(_margins("squared_hinge", y_true, y_pred)), axis=-1)


def categorical_hinge(y_true: Any, y_pred: Any) -> Any:
    """max(1 + the largest output of another class - that of the right one, 0); y_true one-hot over the last axis."""
    y_true, y_pred = as_output("categorical_hinge", y_true, y_pred)
    right = ops.sum(ops.multiply(y_true, y_pred), axis=-1)
    wrong = ops.max(ops.multiply(ops.subtract(1.0, y_true), y_pred), axis=-1)
    return ops.relu(ops.add(ops.subtract(wrong, right), 1.0))


class Hinge(LossFunctionWrapper):
    """mean(max(1 - y_true y_pred, 0)) over the last axis, then reduced. Labels are -1 and 1; 0 and 1 become these.

    Args:
        reduction, name, dtype: see `keras.losses.Loss`.

    y_true and y_pred: (batch, ..., labels); gives (batch, ...), reduced to a scalar.
    Raises ValueError: shapes that do not fit.

    Example:

    >>> loss = keras.losses.Hinge()
    >>> round(float(loss(np.array([[0, 1]]), np.array([[-0.5, 2.0]]))), 3)
    0.25
    """

    def __init__(self, reduction: str | None = "sum_over_batch_size", name: str = "hinge", dtype: Any = None) -> None:
        super().__init__(hinge, reduction, name, dtype)


class SquaredHinge(LossFunctionWrapper):
    """mean(max(1 - y_true y_pred, 0)^2) over the last axis, then reduced. Labels are -1 and 1; 0 and 1 become these.

    Args:
        reduction, name, dtype: see `keras.losses.Loss`.

    y_true and y_pred: (batch, ..., labels); gives (batch, ...), reduced to a scalar.
    Raises ValueError: shapes that do not fit.

    Example:

    >>> loss = keras.losses.SquaredHinge()
    >>> round(float(loss(np.array([[0, 1]]), np.array([[-0.5, 2.0]]))), 3)
    0.125
    """

    def __init__(
        self, reduction: str | None = "sum_over_batch_size", name: str = "squared_hinge", dtype: Any = None
    ) -> None:
        super().__init__(squared_hinge, reduction, name, dtype)


class CategoricalHinge(LossFunctionWrapper):
    """max(1 + wrong - right, 0): right = sum(y_true y_pred), wrong = max((1 - y_true) y_pred) over the last axis.

    Args:
        reduction, name, dtype: see `keras.losses.Loss`.

    y_true (one-hot) and y_pred: (batch, ..., classes); gives (batch, ...), reduced to a scalar.
    Raises ValueError: shapes that do not fit.

    Example:

    >>> loss = keras.losses.CategoricalHinge()
    >>> round(float(loss(np.array([[0, 1, 0]]), np.array([[0.1, 0.7, 0.2]]))), 3)
    0.5
    """

    def __init__(
        self, reduction: str | None = "sum_over_batch_size", name: str = "categorical_hinge", dtype: Any = None
    ) -> None:
        super().__init__(categorical_hinge, reduction, name, dtype)
