"""Hinges as metrics."""

from __future__ import annotations

from typing import Any

from triceras.losses.hinges import categorical_hinge, hinge, squared_hinge
from triceras.metrics.mean import MeanMetricWrapper


class Hinge(MeanMetricWrapper):
    """The mean of max(1 - y_true y_pred, 0). Labels are -1 and 1; 0 and 1 become these.

    Args:
        name: shown in logs.
        dtype: of the state.

    y_true and y_pred: (batch, ..., labels). Raises ValueError: shapes that do not fit.

    Example:

    >>> metric = keras.metrics.Hinge()
    >>> metric.update_state(np.array([[0, 1]]), np.array([[-0.5, 2.0]]))
    >>> float(metric.result())
    0.25
    """

    def __init__(self, name: str = "hinge", dtype: Any = None) -> None:
        super().__init__(hinge, name, dtype)


class SquaredHinge(MeanMetricWrapper):
    """The mean of max(1 - y_true y_pred, 0)^2. Labels are -1 and 1; 0 and 1 become these.

    Args:
        name: shown in logs.
        dtype: of the state.

    y_true and y_pred: (batch, ..., labels). Raises ValueError: shapes that do not fit.

    Example:

    >>> metric = keras.metrics.SquaredHinge()
    >>> metric.update_state(np.array([[0, 1]]), np.array([[-0.5, 2.0]]))
    >>> float(metric.result())
    0.125
    """

    def __init__(self, name: str = "squared_hinge", dtype: Any = None) -> None:
        super().__init__(squared_hinge, name, dtype)


class CategoricalHinge(MeanMetricWrapper):
    """The mean of max(1 + the largest output of a wrong class - that of the right one, 0).

    Args:
        name: shown in logs.
        dtype: of the state.

    y_true (one-hot) and y_pred: (batch, ..., classes). Raises ValueError: shapes that do not fit.

    Example:

    >>> metric = keras.metrics.CategoricalHinge()
    >>> metric.update_state(np.array([[0, 1, 0]]), np.array([[0.25, 0.75, 0.0]]))
    >>> float(metric.result())
    0.5
    """

    def __init__(self, name: str = "categorical_hinge", dtype: Any = None) -> None:
        super().__init__(categorical_hinge, name, dtype)
