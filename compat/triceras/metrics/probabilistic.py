"""Cross-entropies and divergences as metrics."""

from __future__ import annotations

from typing import Any

from triceras.losses.crossentropy import binary_crossentropy, categorical_crossentropy, sparse_categorical_crossentropy
from triceras.losses.probabilistic import kl_divergence, poisson
from triceras.metrics.mean import MeanMetricWrapper


class BinaryCrossentropy(MeanMetricWrapper):
    """The mean cross-entropy -(t log p + (1 - t) log(1 - p)) of binary labels t.

    Args:
        name: shown in logs.
        dtype: of the state.
        from_logits: whether y_pred are logits, else probabilities.
        label_smoothing: t is moved to t (1 - smoothing) + smoothing / 2.

    y_true and y_pred: (batch, ..., labels). Raises ValueError: shapes that do not fit.

    Example:

    >>> metric = keras.metrics.BinaryCrossentropy(from_logits=True)
    >>> metric.update_state(np.array([[0, 1]]), np.array([[0.0, 2.0]]))
    >>> round(float(metric.result()), 3)
    0.41
    """

    def __init__(
        self,
        name: str = "binary_crossentropy",
        dtype: Any = None,
        from_logits: bool = False,
        label_smoothing: float = 0,
    ) -> None:
        super().__init__(binary_crossentropy, name, dtype, from_logits=from_logits, label_smoothing=label_smoothing)


class CategoricalCrossentropy(MeanMetricWrapper):
    """The mean cross-entropy -sum(t log p) of one-hot labels t.

    Args:
        name: shown in logs.
        dtype: of the state.
        from_logits: whether y_pred are logits, else probabilities.
        label_smoothing: t is moved to t (1 - smoothing) + smoothing / classes.
        axis: the classes' axis.

    y_true and y_pred: (batch, ..., classes). Raises ValueError: shapes that differ.

    Example:

    >>> metric = keras.metrics.CategoricalCrossentropy()
    >>> metric.update_state(np.array([[0, 1, 0]]), np.array([[0.25, 0.5, 0.25]]))
    >>> round(float(metric.result()), 3)
    0.693
    """

    def __init__(
        self,
        name: str = "categorical_crossentropy",
        dtype: Any = None,
        from_logits: bool = False,
        label_smoothing: float = 0,
        axis: int = -1,
    ) -> None:
        super().__init__(
            categorical_crossentropy,
            name,
            dtype,
            from_logits=from_logits,
            label_smoothing=label_smoothing,
            axis=axis,
        )


class SparseCategoricalCrossentropy(MeanMetricWrapper):
    """The mean cross-entropy -log p[y_true] of integer labels.

    Args:
        name: shown in logs.
        dtype: of the state.
        from_logits: whether y_pred are logits, else probabilities.
        ignore_class: a label whose rows do not count.
        axis: the classes' axis.

    y_true: (batch, ...) integers; y_pred: (batch, ..., classes). Raises ValueError: shapes that do not fit.

    Example:

    >>> metric = keras.metrics.SparseCategoricalCrossentropy()
    >>> metric.update_state(np.array([1]), np.array([[0.25, 0.5, 0.25]]))
    >>> round(float(metric.result()), 3)
    0.693
    """

    def __init__(
        self,
        name: str = "sparse_categorical_crossentropy",
        dtype: Any = None,
        from_logits: bool = False,
        ignore_class: int | None = None,
        axis: int = -1,
    ) -> None:
        super().__init__(
            sparse_categorical_crossentropy,
            name,
            dtype,
            from_logits=from_logits,
            ignore_class=ignore_class,
            axis=axis,
        )


class KLDivergence(MeanMetricWrapper):
    """The mean of sum(y_true log(y_true / y_pred)), both clipped to [epsilon, 1].

    Args:
        name: shown in logs.
        dtype: of the state.

    y_true and y_pred: probabilities (batch, ..., classes). Raises ValueError: shapes that do not fit.

    Example:

    >>> metric = keras.metrics.KLDivergence()
    >>> metric.update_state(np.array([[0.5, 0.5]]), np.array([[0.25, 0.75]]))
    >>> round(float(metric.result()), 4)
    0.1438
    """

    def __init__(self, name: str = "kl_divergence", dtype: Any = None) -> None:
        super().__init__(kl_divergence, name, dtype)


class Poisson(MeanMetricWrapper):
    """The mean of y_pred - y_true log(y_pred).

    Args:
        name: shown in logs.
        dtype: of the state.

    y_true and y_pred: (batch, ..., features). Raises ValueError: shapes that do not fit.

    Example:

    >>> metric = keras.metrics.Poisson()
    >>> metric.update_state(np.array([[1.0, 3.0]]), np.array([[1.0, 2.0]]))
    >>> round(float(metric.result()), 3)
    0.46
    """

    def __init__(self, name: str = "poisson", dtype: Any = None) -> None:
        super().__init__(poisson, name, dtype)
