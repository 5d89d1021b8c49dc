"""Correlations of targets and outputs."""

from __future__ import annotations

from typing import Any

from triceras import ops
from triceras.losses.loss import as_output
from triceras.metrics.mean import MeanMetricWrapper
from triceras_backends.config import epsilon


def _moments(name: str, y_true: Any, y_pred: Any, axis: int) -> tuple[Any, Any, Any, Any]:
    """Variances, covariance and the difference of the means along `axis`."""
    y_true, y_pred = as_output(name, y_true, y_pred)
    means = [ops.mean(y, axis=axis, keepdims=True) for y in (y_true, y_pred)]
    true, pred = ops.subtract(y_true, means[0]), ops.subtract(y_pred, means[1])
    variances = [ops.mean(ops.square(y), axis=axis) for y in (true, pred)]
    shift = ops.squeeze(ops.subtract(*means), axis=axis)
    return variances[0], variances[1], ops.mean(ops.multiply(true, pred), axis=axis), shift


def pearson_correlation(y_true: Any, y_pred: Any, axis: int = -1) -> Any:
    """cov(y_true, y_pred) / (std(y_true) std(y_pred)) along `axis`; NaN where either is constant."""
    true, pred, covariance, _ = _moments("pearson_correlation", y_true, y_pred, axis)
    return ops.divide(covariance, ops.multiply(ops.sqrt(true), ops.sqrt(pred)))


def concordance_correlation(y_true: Any, y_pred: Any, axis: int = -1) -> Any:
    """2 cov(y_true, y_pred) / (var(y_true) + var(y_pred) + (mean(y_true) - mean(y_pred))^2) along `axis`."""
    true, pred, covariance, shift = _moments("concordance_correlation", y_true, y_pred, axis)
    spread = ops.add(ops.add(true, pred), ops.square(shift))
    return ops.divide(ops.multiply(2.0, covariance), ops.add(spread, epsilon()))


class PearsonCorrelation(MeanMetricWrapper):
    """The mean over rows of cov(y_true, y_pred) / (std(y_true) std(y_pred)): 1 where one is a rising line of the other.

    Args:
        name: shown in logs.
        dtype: of the state.
        axis: along which targets and outputs are compared; neither may be constant there.

    y_true and y_pred: (batch, features). Raises ValueError: shapes that do not fit.

    Example:

    >>> metric = keras.metrics.PearsonCorrelation()
    >>> metric.update_state(np.array([[0.0, 1.0, 2.0]]), np.array([[1.0, 3.0, 5.0]]))
    >>> round(float(metric.result()), 3)
    1.0
    """

    def __init__(self, name: str = "pearson_correlation", dtype: Any = None, axis: int = -1) -> None:
        super().__init__(pearson_correlation, name, dtype, axis=axis)


class ConcordanceCorrelation(MeanMetricWrapper):
    """The mean over rows of 2 cov(y_true, y_pred) / (var(y_true) + var(y_pred) + (difference of the means)^2): 1 where
    they are equal. Lin, 1989, "A Concordance Correlation Coefficient to Evaluate Reproducibility".

    Args:
        name: shown in logs.
        dtype: of the state.
        axis: along which targets and outputs are compared.

    y_true and y_pred: (batch, features). Raises ValueError: shapes that do not fit.

    Example:

    >>> metric = keras.metrics.ConcordanceCorrelation()
    >>> metric.update_state(np.array([[0.0, 1.0, 2.0]]), np.array([[1.0, 2.0, 3.0]]))
    >>> round(float(metric.result()), 3)
    0.571
    """

    def __init__(self, name: str = "concordance_correlation", dtype: Any = None, axis: int = -1) -> None:
        super().__init__(concordance_correlation, name, dtype, axis=axis)
