"""Intersections over unions, from a confusion matrix."""

from __future__ import annotations

import warnings
from typing import Any

from triceras import ops
from triceras.losses.loss import fit_ranks
from triceras.metrics.mean import fit_weights
from triceras.metrics.metric import Metric
from triceras_backends import dtypes


class IoU(Metric):
    """The mean, over some classes, of hits / (hits + misses + wrong hits): how well areas of a class overlap.

    Classes that appear neither in targets nor in outputs do not count. Labels outside [0, num_classes) neither.

    Args:
        num_classes: how many there are.
        target_class_ids: those whose score is averaged.
        name: shown in logs.
        dtype: of the counts; None is int32, for which weights are cut to integers.
        ignore_class: a label that does not count, such as 255 for unlabelled pixels.
        sparse_y_true: whether targets are integers, else scores of which the largest counts.
        sparse_y_pred: whether outputs are.
        axis: the classes' axis where they are scores.

    y_true and y_pred: (batch, ...) integers, or (batch, ..., classes); sample_weight: (batch,) or (batch, ...).
    Raises ValueError: a target class that is none, shapes that do not fit.

    Example:

    >>> metric = keras.metrics.IoU(num_classes=2, target_class_ids=[0])
    >>> metric.update_state(np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1]))
    >>> round(float(metric.result()), 3)
    0.333
    """

    def __init__(
        self,
        num_classes: int,
        target_class_ids: Any,
        name: str | None = None,
        dtype: Any = None,
        ignore_class: int | None = None,
        sparse_y_true: bool = True,
        sparse_y_pred: bool = True,
        axis: int = -1,
    ) -> None:
        super().__init__("int32" if dtype is None else dtype, name)
        wrong = [i for i in target_class_ids if not 0 <= i < num_classes]
        if wrong:
            raise ValueError(
                f"{type(self).__name__}: target_class_ids must lie in [0, {num_classes}); got: {target_class_ids!r}"
            )
        self.num_classes, self.target_class_ids = num_classes, list(target_class_ids)
        self.ignore_class, self.axis = ignore_class, axis
        self.sparse_y_true, self.sparse_y_pred = sparse_y_true, sparse_y_pred
        self.total_cm = self.add_variable((num_classes, num_classes), name="total_confusion_matrix")

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        y_true, y_pred = fit_ranks(self._labels(y_true, self.sparse_y_true), self._labels(y_pred, self.sparse_y_pred))
        if ops.shape(y_true) != ops.shape(y_pred):
            raise ValueError(
                f"{self.name}: y_true and y_pred must have the same shape; got labels of shapes "
                f"{tuple(ops.shape(y_true))} and {tuple(ops.shape(y_pred))}."
            )
        weights = ops.ones_like(y_true, dtype=self.dtype)
        if sample_weight is not None:
            weights = ops.multiply(weights, fit_weights(self._checked(sample_weight), y_true, self.dtype))
        # Labels that do not count go to a cell beyond the matrix.
        size = self.num_classes
        counts = ops.logical_and(self._is_class(y_true), self._is_class(y_pred))
        if self.ignore_class is not None:
            counts = ops.logical_and(counts, ops.not_equal(y_true, self.ignore_class))
        cell = ops.where(counts, ops.add(ops.multiply(y_true, size), y_pred), size * size)
        sums = ops.segment_sum(ops.reshape(weights, (-1,)), ops.reshape(cell, (-1,)), num_segments=size * size + 1)
        self.total_cm.assign_add(ops.cast(ops.reshape(sums[: size * size], (size, size)), self.dtype))

    def _labels(self, y: Any, sparse: bool) -> Any:
        y = ops.convert_to_tensor(y)
        return ops.cast(y if sparse else ops.argmax(y, axis=self.axis), "int32")

    def _is_class(self, labels: Any) -> Any:
        return ops.logical_and(ops.greater_equal(labels, 0), ops.less(labels, self.num_classes))

    def _checked(self, sample_weight: Any) -> Any:
        weights = ops.convert_to_tensor(sample_weight)
        if ops.dtype(weights) in dtypes.FLOATS and self.dtype not in dtypes.FLOATS:
            warnings.warn(
                f"{self.name}: sample weights of dtype {ops.dtype(weights)} are cut to {self.dtype}; "
                f'{type(self).__name__}(dtype="float32") keeps them.',
                stacklevel=3,
            )
        return weights

    def result(self) -> Any:
        """The score, a scalar."""
        table = ops.cast(self.total_cm.value, "float32")
        hits = ops.diagonal(table)
        union = ops.subtract(ops.add(ops.sum(table, axis=0), ops.sum(table, axis=1)), hits)
        if self.target_class_ids != list(range(self.num_classes)):
            ids = ops.convert_to_tensor(self.target_class_ids, dtype="int32")
            hits, union = ops.take(hits, ids, axis=0), ops.take(union, ids, axis=0)
        seen = ops.sum(ops.cast(ops.greater(union, 0), "float32"))
        return ops.divide_no_nan(ops.sum(ops.divide_no_nan(hits, union)), seen)

    def get_config(self) -> dict[str, Any]:
        keys = ("num_classes", "target_class_ids", "ignore_class", "sparse_y_true", "sparse_y_pred", "axis")
        return {**super().get_config(), **{key: getattr(self, key) for key in keys}}


class BinaryIoU(IoU):
    """`IoU` of two classes, which outputs stand for by a threshold.

    Args:
        target_class_ids: (0, 1), (0,) or (1,): those whose score is averaged.
        threshold: outputs of at least so much stand for 1.
        name: shown in logs.
        dtype: of the counts; None is int32.

    y_true and y_pred: (batch, ...). Raises ValueError: a target class that is none, shapes that do not fit.

    Example:

    >>> metric = keras.metrics.BinaryIoU(threshold=0.3)
    >>> metric.update_state(np.array([0, 1, 0, 1]), np.array([0.1, 0.2, 0.4, 0.7]))
    >>> round(float(metric.result()), 3)
    0.333
    """

    def __init__(
        self, target_class_ids: Any = (0, 1), threshold: float = 0.5, name: str | None = None, dtype: Any = None
    ) -> None:
        super().__init__(2, target_class_ids, name, dtype)
        self.threshold = threshold

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        chosen = ops.greater_equal(ops.convert_to_tensor(y_pred), self.threshold)
        super().update_state(y_true, chosen, sample_weight)

    def get_config(self) -> dict[str, Any]:
        config = {"target_class_ids": self.target_class_ids, "threshold": self.threshold}
        return {**Metric.get_config(self), **config}


class MeanIoU(IoU):
    """The mean over all classes of hits / (hits + misses + wrong hits); see `IoU`.

    Args:
        num_classes: how many there are.
        name: shown in logs.
        dtype: of the counts; None is int32.
        ignore_class: a label that does not count.
        sparse_y_true: whether targets are integers, else scores of which the largest counts.
        sparse_y_pred: whether outputs are.
        axis: the classes' axis where they are scores.

    y_true and y_pred: (batch, ...) integers, or (batch, ..., classes). Raises ValueError: shapes that do not fit.

    Example:

    >>> metric = keras.metrics.MeanIoU(num_classes=2)
    >>> metric.update_state(np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1]))
    >>> round(float(metric.result()), 3)
    0.333
    """

    def __init__(
        self,
        num_classes: int,
        name: str | None = None,
        dtype: Any = None,
        ignore_class: int | None = None,
        sparse_y_true: bool = True,
        sparse_y_pred: bool = True,
        axis: int = -1,
    ) -> None:
        super().__init__(num_classes, range(num_classes), name, dtype, ignore_class, sparse_y_true, sparse_y_pred, axis)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        del config["target_class_ids"]
        return config


class OneHotIoU(IoU):
    """`IoU` of one-hot targets.

    Args:
        num_classes: how many there are.
        target_class_ids: those whose score is averaged.
        name: shown in logs.
        dtype: of the counts; None is int32.
        ignore_class: a label that does not count.
        sparse_y_pred: whether outputs are integers, else scores of which the largest counts.
        axis: the classes' axis.

    y_true: (batch, ..., classes); y_pred: (batch, ..., classes), or (batch, ...) integers.
    Raises ValueError: a target class that is none, shapes that do not fit.

    Example:

    >>> metric = keras.metrics.OneHotIoU(num_classes=2, target_class_ids=[1])
    >>> metric.update_state(np.array([[0, 1], [1, 0]]), np.array([[0.3, 0.7], [0.4, 0.6]]))
    >>> float(metric.result())
    0.5
    """

    def __init__(
        self,
        num_classes: int,
        target_class_ids: Any,
        name: str | None = None,
        dtype: Any = None,
        ignore_class: int | None = None,
        sparse_y_pred: bool = False,
        axis: int = -1,
    ) -> None:
        super().__init__(num_classes, target_class_ids, name, dtype, ignore_class, False, sparse_y_pred, axis)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        del config["sparse_y_true"]
        return config


class OneHotMeanIoU(MeanIoU):
    """`MeanIoU` of one-hot targets.

    Args:
        num_classes: how many there are.
        name: shown in logs.
        dtype: of the counts; None is int32.
        ignore_class: a label that does not count.
        sparse_y_pred: whether outputs are integers, else scores of which the largest counts.
        axis: the classes' axis.

    y_true: (batch, ..., classes); y_pred: (batch, ..., classes), or (batch, ...) integers.
    Raises ValueError: shapes that do not fit.

    Example:

    >>> metric = keras.metrics.OneHotMeanIoU(num_classes=2)
    >>> metric.update_state(np.array([[0, 1], [1, 0]]), np.array([[0.3, 0.7], [0.4, 0.6]]))
    >>> float(metric.result())
    0.25
    """

    def __init__(
        self,
        num_classes: int,
        name: str | None = None,
        dtype: Any = None,
        ignore_class: int | None = None,
        sparse_y_pred: bool = False,
        axis: int = -1,
    ) -> None:
        super().__init__(num_classes, name, dtype, ignore_class, False, sparse_y_pred, axis)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        del config["sparse_y_true"]
        return config
