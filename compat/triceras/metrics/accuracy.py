"""Accuracies: how often predictions are right."""

from __future__ import annotations

from typing import Any

from triceras import ops
from triceras.losses.loss import check_shapes, fit_ranks
from triceras.metrics.mean import MeanMetricWrapper
from triceras_backends.config import floatx


def _fitted(name: str, y_true: Any, y_pred: Any) -> tuple[Any, Any]:
    y_pred = ops.convert_to_tensor(y_pred)
    y_true, y_pred = fit_ranks(ops.cast(ops.convert_to_tensor(y_true), ops.dtype(y_pred)), y_pred)
    check_shapes(name, y_true, y_pred)
    return y_true, y_pred


def _labels(name: str, y_true: Any, y_pred: Any) -> tuple[Any, Any]:
    """Integer labels (...) and outputs (..., classes). ValueError: shapes that do not fit."""
    y_true, y_pred = ops.convert_to_tensor(y_true), ops.convert_to_tensor(y_pred)
    shape, wanted = ops.shape(y_true), ops.shape(y_pred)[:-1]
    if len(shape) == len(wanted) + 1 and shape[-1] == 1:
        y_true = ops.squeeze(y_true, -1)
        shape = shape[:-1]
    if len(shape) != len(wanted) or any(n != m for n, m in zip(shape, wanted, strict=True) if None not in (n, m)):
        raise ValueError(
            f"{name}: y_true must have y_pred's shape without the last axis; got y_true of shape {tuple(shape)} and "
            f"y_pred of shape {tuple(ops.shape(y_pred))}."
        )
    return y_true, y_pred


def _share(right: Any) -> Any:
    return ops.cast(right, floatx())


def accuracy(y_true: Any, y_pred: Any) -> Any:
    """1 where y_true equals y_pred, else 0."""
    return _share(ops.equal(*_fitted("accuracy", y_true, y_pred)))


def binary_accuracy(y_true: Any, y_pred: Any, threshold: float = 0.5) -> Any:
    """1 where y_pred > threshold is what y_true (0 or 1) says, else 0."""
    y_true, y_pred = _fitted("binary_accuracy", y_true, y_pred)
    return _share(ops.equal(y_true, ops.cast(ops.greater(y_pred, threshold), ops.dtype(y_true))))


def categorical_accuracy(y_true: Any, y_pred: Any) -> Any:
    """1 where the largest of y_true (one-hot) and of y_pred stand at the same place."""
    true, pred = (ops.argmax(ops.convert_to_tensor(y), axis=-1) for y in (y_true, y_pred))
    check_shapes("categorical_accuracy", true, pred)
    return _share(ops.equal(true, pred))


def sparse_categorical_accuracy(y_true: Any, y_pred: Any) -> Any:
    """1 where the integer y_true is the place of y_pred's largest."""
    y_true, y_pred = _labels("sparse_categorical_accuracy", y_true, y_pred)
    pred = ops.argmax(y_pred, axis=-1)
    return _share(ops.equal(ops.cast(y_true, ops.dtype(pred)), pred))


def top_k_categorical_accuracy(y_true: Any, y_pred: Any, k: int = 5) -> Any:
    """1 where the class of y_true (one-hot) is among the k largest of y_pred."""
    return sparse_top_k_categorical_accuracy(ops.argmax(ops.convert_to_tensor(y_true), axis=-1), y_pred, k)


def sparse_top_k_categorical_accuracy(y_true: Any, y_pred: Any, k: int = 5, from_sorted_ids: bool = False) -> Any:
    """1 where the integer y_true is among the k largest of y_pred, or among its first k ids, likeliest first."""
    y_true, y_pred = _labels("sparse_top_k_categorical_accuracy", y_true, y_pred)
    if from_sorted_ids:
        ids = y_pred[..., :k]
        return _share(ops.any(ops.equal(ops.expand_dims(ops.cast(y_true, ops.dtype(ids)), -1), ids), axis=-1))
    return _share(ops.in_top_k(ops.cast(y_true, "int32"), y_pred, k))


class Accuracy(MeanMetricWrapper):
    """The share of outputs that equal their targets.

    Args:
        name: shown in logs.
        dtype: of the state.

    y_true and y_pred: labels (batch, ...). Raises ValueError: shapes that do not fit.

    Example:

    >>> metric = keras.metrics.Accuracy()
    >>> metric.update_state(np.array([1, 2, 3, 4]), np.array([1, 2, 3, 0]))
    >>> float(metric.result())
    0.75
    """

    def __init__(self, name: str = "accuracy", dtype: Any = None) -> None:
        super().__init__(accuracy, name, dtype)


class BinaryAccuracy(MeanMetricWrapper):
    """The share of outputs that, cut at a threshold, equal their binary targets.

    Args:
        name: shown in logs.
        dtype: of the state.
        threshold: larger outputs stand for 1.

    y_true and y_pred: (batch, ..., labels). Raises ValueError: shapes that do not fit, a threshold outside [0, 1].

    Example:

    >>> metric = keras.metrics.BinaryAccuracy(threshold=0.7)
    >>> metric.update_state(np.array([[1], [1], [0], [0]]), np.array([[0.9], [0.6], [0.2], [0.4]]))
    >>> float(metric.result())
    0.75
    """

    def __init__(self, name: str = "binary_accuracy", dtype: Any = None, threshold: float = 0.5) -> None:
        if threshold is not None and not 0 <= threshold <= 1:
            raise ValueError(f"BinaryAccuracy: threshold must lie in [0, 1]; got: {threshold!r}")
        super().__init__(binary_accuracy, name, dtype, threshold=threshold)


class CategoricalAccuracy(MeanMetricWrapper):
    """How often the largest output stands where the one-hot target is 1.

    Args:
        name: shown in logs.
        dtype: of the state.

    y_true and y_pred: (batch, ..., classes). Raises ValueError: shapes that do not fit.

    Example:

    >>> metric = keras.metrics.CategoricalAccuracy()
    >>> metric.update_state(np.array([[0, 0, 1], [0, 1, 0]]), np.array([[0.1, 0.8, 0.1], [0.05, 0.9, 0.05]]))
    >>> float(metric.result())
    0.5
    """

    def __init__(self, name: str = "categorical_accuracy", dtype: Any = None) -> None:
        super().__init__(categorical_accuracy, name, dtype)


class SparseCategoricalAccuracy(MeanMetricWrapper):
    """How often the largest output stands at the integer target.

    Args:
        name: shown in logs.
        dtype: of the state.

    y_true: (batch, ...) integers, or with a last axis of size 1; y_pred: (batch, ..., classes).
    Raises ValueError: shapes that do not fit.

    Example:

    >>> metric = keras.metrics.SparseCategoricalAccuracy()
    >>> metric.update_state(np.array([2, 1]), np.array([[0.1, 0.8, 0.1], [0.05, 0.9, 0.05]]))
    >>> float(metric.result())
    0.5
    """

    def __init__(self, name: str = "sparse_categorical_accuracy", dtype: Any = None) -> None:
        super().__init__(sparse_categorical_accuracy, name, dtype)


class TopKCategoricalAccuracy(MeanMetricWrapper):
    """How often the one-hot target's class is among the k largest outputs.

    Args:
        k: how many.
        name: shown in logs.
        dtype: of the state.

    y_true and y_pred: (batch, ..., classes). Raises ValueError: shapes that do not fit.

    Example:

    >>> metric = keras.metrics.TopKCategoricalAccuracy(k=2)
    >>> metric.update_state(np.array([[0, 0, 1], [1, 0, 0]]), np.array([[0.1, 0.7, 0.2], [0.1, 0.7, 0.2]]))
    >>> float(metric.result())
    0.5
    """

    def __init__(self, k: int = 5, name: str = "top_k_categorical_accuracy", dtype: Any = None) -> None:
        super().__init__(top_k_categorical_accuracy, name, dtype, k=k)


class SparseTopKCategoricalAccuracy(MeanMetricWrapper):
    """How often the integer target is among the k largest outputs.

    Args:
        k: how many.
        name: shown in logs.
        dtype: of the state.
        from_sorted_ids: whether y_pred holds classes, likeliest first, instead of scores.

    y_true: (batch, ...) integers; y_pred: (batch, ..., classes). Raises ValueError: shapes that do not fit.

    Example:

    >>> metric = keras.metrics.SparseTopKCategoricalAccuracy(k=2)
    >>> metric.update_state(np.array([2, 0]), np.array([[0.1, 0.7, 0.2], [0.1, 0.7, 0.2]]))
    >>> float(metric.result())
    0.5
    """

    UNWRITTEN = {"from_sorted_ids": False}

    def __init__(
        self,
        k: int = 5,
        name: str = "sparse_top_k_categorical_accuracy",
        dtype: Any = None,
        from_sorted_ids: bool = False,
    ) -> None:
        super().__init__(sparse_top_k_categorical_accuracy, name, dtype, k=k, from_sorted_ids=from_sorted_ids)
