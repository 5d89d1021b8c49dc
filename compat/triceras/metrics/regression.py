"""Errors of regression as metrics, and R2."""

from __future__ import annotations

from typing import Any

from triceras import ops
from triceras.losses.loss import as_output, check_shapes
from triceras.losses.regression import (
    cosine_similarity as cosine_loss,
)
from triceras.losses.regression import (
    log_cosh,
    mean_absolute_error,
    mean_absolute_percentage_error,
    mean_squared_error,
    mean_squared_logarithmic_error,
)
from triceras.metrics.mean import Mean, MeanMetricWrapper, fit_weights
from triceras.metrics.metric import Metric


def cosine_similarity(y_true: Any, y_pred: Any, axis: int = -1) -> Any:
    """The cosine of the angle between y_true and y_pred along `axis`."""
    return ops.negative(cosine_loss(y_true, y_pred, axis))


class MeanSquaredError(MeanMetricWrapper):
    """The mean of (y_true - y_pred)^2.

    Args:
        name: shown in logs.
        dtype: of the state.

    y_true and y_pred: (batch, ..., features). Raises ValueError: shapes that do not fit.

    Example:

    >>> metric = keras.metrics.MeanSquaredError()
    >>> metric.update_state(np.array([[0.0, 1.0]]), np.array([[1.0, 4.0]]))
    >>> float(metric.result())
    5.0
    """

    def __init__(self, name: str = "mean_squared_error", dtype: Any = None) -> None:
        super().__init__(mean_squared_error, name, dtype)


class MeanAbsoluteError(MeanMetricWrapper):
    """The mean of |y_true - y_pred|.

    Args:
        name: shown in logs.
        dtype: of the state.

    y_true and y_pred: (batch, ..., features). Raises ValueError: shapes that do not fit.

    Example:

    >>> metric = keras.metrics.MeanAbsoluteError()
    >>> metric.update_state(np.array([[0.0, 1.0]]), np.array([[1.0, 4.0]]))
    >>> float(metric.result())
    2.0
    """

    def __init__(self, name: str = "mean_absolute_error", dtype: Any = None) -> None:
        super().__init__(mean_absolute_error, name, dtype)


class MeanAbsolutePercentageError(MeanMetricWrapper):
    """100 times the mean of |y_true - y_pred| / |y_true|.

    Args:
        name: shown in logs.
        dtype: of the state.

    y_true and y_pred: (batch, ..., features). Raises ValueError: shapes that do not fit.

    Example:

    >>> metric = keras.metrics.MeanAbsolutePercentageError()
    >>> metric.update_state(np.array([[2.0, 10.0]]), np.array([[1.0, 10.0]]))
    >>> float(metric.result())
    25.0
    """

    def __init__(self, name: str = "mean_absolute_percentage_error", dtype: Any = None) -> None:
        super().__init__(mean_absolute_percentage_error, name, dtype)


class MeanSquaredLogarithmicError(MeanMetricWrapper):
    """The mean of (log(1 + y_true) - log(1 + y_pred))^2.

    Args:
        name: shown in logs.
        dtype: of the state.

    y_true and y_pred: (batch, ..., features). Raises ValueError: shapes that do not fit.

    Example:

    >>> metric = keras.metrics.MeanSquaredLogarithmicError()
    >>> metric.update_state(np.array([[0.0, 99.0]]), np.array([[0.0, 9.0]]))
    >>> round(float(metric.result()), 3)
    2.651
    """

    def __init__(self, name: str = "mean_squared_logarithmic_error", dtype: Any = None) -> None:
        super().__init__(mean_squared_logarithmic_error, name, dtype)


class RootMeanSquaredError(Mean):
    """The root of the mean of (y_true - y_pred)^2.

    Args:
        name: shown in logs.
        dtype: of the state.

    y_true and y_pred: (batch, ...); sample_weight: (batch,) or of their shape.
    Raises ValueError: shapes that do not fit.

    Example:

    >>> metric = keras.metrics.RootMeanSquaredError()
    >>> metric.update_state(np.array([[0.0, 1.0]]), np.array([[3.0, 5.0]]))
    >>> round(float(metric.result()), 3)
    3.536
    """

    def __init__(self, name: str = "root_mean_squared_error", dtype: Any = None) -> None:
        super().__init__(name, dtype)

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:  # type: ignore[override]
        y_true, y_pred = as_output(self.name, y_true, ops.cast(ops.convert_to_tensor(y_pred), self.dtype))
        super().update_state(ops.square(ops.subtract(y_true, y_pred)), sample_weight)

    def result(self) -> Any:
        return ops.sqrt(super().result())


class CosineSimilarity(MeanMetricWrapper):
    """The mean cosine of the angle between y_true and y_pred: 1 for the same direction, 0 where either is 0.

    Args:
        name: shown in logs.
        dtype: of the state.
        axis: along which they are vectors.

    y_true and y_pred: (batch, ..., features). Raises ValueError: shapes that do not fit.

    Example:

    >>> metric = keras.metrics.CosineSimilarity()
    >>> metric.update_state(np.array([[1.0, 0.0]]), np.array([[3.0, 4.0]]))
    >>> round(float(metric.result()), 3)
    0.6
    """

    UNWRITTEN = {"axis": -1}

    def __init__(self, name: str = "cosine_similarity", dtype: Any = None, axis: int = -1) -> None:
        super().__init__(cosine_similarity, name, dtype, axis=axis)


class LogCoshError(MeanMetricWrapper):
    """The mean of log(cosh(y_pred - y_true)).

    Args:
        name: shown in logs.
        dtype: of the state.

    y_true and y_pred: (batch, ..., features). Raises ValueError: shapes that do not fit.

    Example:

    >>> metric = keras.metrics.LogCoshError()
    >>> metric.update_state(np.array([[0.0, 0.0]]), np.array([[1.0, 0.0]]))
    >>> round(float(metric.result()), 3)
    0.217
    """

    def __init__(self, name: str = "logcosh", dtype: Any = None) -> None:
        super().__init__(log_cosh, name, dtype)


AGGREGATIONS = (None, "uniform_average", "variance_weighted_average")


class R2Score(Metric):
    """1 - sum((y_true - y_pred)^2) / sum((y_true - mean(y_true))^2): 1 is a perfect fit, 0 that of the mean.

    Args:
        class_aggregation: of several outputs the mean ("uniform_average"), the mean weighted by the targets' variance
            ("variance_weighted_average"), or None: one score an output.
        num_regressors: how many inputs the model has, for the adjusted score 1 - (1 - R2)(n - 1) / (n - inputs - 1)
            with n targets; 0 does not adjust, nor do too few targets.
        name: shown in logs.
        dtype: of the state.

    y_true and y_pred: (batch, outputs); gives a scalar, or (outputs,).
    Raises ValueError: an unknown aggregation, a negative number of regressors, another rank or shape.

    Example:

    >>> metric = keras.metrics.R2Score()
    >>> metric.update_state(np.array([[1.0], [4.0], [3.0]]), np.array([[2.0], [4.0], [4.0]]))
    >>> round(float(metric.result()), 4)
    0.5714
    """

    def __init__(
        self,
        class_aggregation: str | None = "uniform_average",
        num_regressors: int = 0,
        name: str = "r2_score",
        dtype: Any = None,
    ) -> None:
        super().__init__(dtype, name)
        if class_aggregation not in AGGREGATIONS:
            raise ValueError(f"R2Score: class_aggregation must be one of {AGGREGATIONS}; got: {class_aggregation!r}")
        if num_regressors < 0:
            raise ValueError(f"R2Score: num_regressors must not be negative; got: {num_regressors!r}")
        self.class_aggregation, self.num_regressors = class_aggregation, num_regressors
        self.num_samples = self.add_variable((), name="num_samples")
        self.built = False

    def prepare_state(self, y_true: Any, y_pred: Any) -> None:
        shape = ops.shape(y_pred)
        if len(shape) != 2 or len(ops.shape(y_true)) != 2:
            raise ValueError(
                f"{self.name}: y_true and y_pred must have shape (batch, outputs); got: {tuple(ops.shape(y_true))} and "
                f"{tuple(shape)}."
            )
        if not self.built:
            names = ("squared_sum", "sum", "residual", "count")
            self.squared_sum, self.sum, self.total_mse, self.count = (
                self.add_variable((shape[1],), name=name) for name in names
            )
            self.built = True

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        y_true, y_pred = (ops.cast(ops.convert_to_tensor(y), self.dtype) for y in (y_true, y_pred))
        self.prepare_state(y_true, y_pred)
        check_shapes(self.name, y_true, y_pred)
        ones = ops.ones_like(y_true)
        weights = ones if sample_weight is None else ops.multiply(ones, fit_weights(sample_weight, y_true, self.dtype))
        weighted = ops.multiply(y_true, weights)
        self.sum.assign_add(ops.sum(weighted, axis=0))
        self.squared_sum.assign_add(ops.sum(ops.multiply(y_true, weighted), axis=0))
        squares = ops.square(ops.subtract(y_true, y_pred))
        self.total_mse.assign_add(ops.sum(ops.multiply(squares, weights), axis=0))
        self.count.assign_add(ops.sum(weights, axis=0))
        self.num_samples.assign_add(ops.sum(ones))

    def result(self) -> Any:
        if not self.built:
            return self.num_samples.value
        mean = ops.divide_no_nan(self.sum.value, self.count.value)
        spread = ops.subtract(self.squared_sum.value, ops.multiply(self.sum.value, mean))
        score = ops.subtract(1.0, ops.divide(self.total_mse.value, spread))
        score = ops.where(ops.isinf(score), 0.0, score)
        if self.class_aggregation == "uniform_average":
            score = ops.mean(score)
        elif self.class_aggregation == "variance_weighted_average":
            score = ops.divide(ops.sum(ops.multiply(spread, score)), ops.sum(spread))
        return self._adjusted(score) if self.num_regressors else score

    def _adjusted(self, score: Any) -> Any:
        count = self.num_samples.value
        free = ops.subtract(count, self.num_regressors + 1.0)
        factor = ops.divide(ops.subtract(count, 1.0), ops.maximum(free, 1e-7))
        adjusted = ops.subtract(1.0, ops.multiply(ops.subtract(1.0, score), factor))
        return ops.where(ops.greater(free, 0), adjusted, score)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "class_aggregation": self.class_aggregation,
            "num_regressors": self.num_regressors,
        }
