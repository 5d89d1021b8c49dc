"""Metrics, as classes and by name."""

from __future__ import annotations

from typing import Any

from triceras import ops
from triceras.losses import LossFunction
from triceras.metrics.metric import Metric as Metric
from triceras.metrics.metrics import Accuracy as Accuracy
from triceras.metrics.metrics import BinaryAccuracy as BinaryAccuracy
from triceras.metrics.metrics import CategoricalAccuracy as CategoricalAccuracy
from triceras.metrics.metrics import Mean as Mean
from triceras.metrics.metrics import MeanOf as MeanOf
from triceras.metrics.metrics import MeanSquaredError as MeanSquaredError
from triceras.metrics.metrics import SparseCategoricalAccuracy as SparseCategoricalAccuracy
from triceras.metrics.metrics import binary_accuracy as binary_accuracy
from triceras.metrics.metrics import categorical_accuracy as categorical_accuracy
from triceras.metrics.metrics import sparse_categorical_accuracy as sparse_categorical_accuracy
from triceras.utils.lookup import resolve, table

_KNOWN = table(
    Accuracy, BinaryAccuracy, CategoricalAccuracy, Mean, MeanSquaredError, SparseCategoricalAccuracy,
    acc=Accuracy, mse=MeanSquaredError, MSE=MeanSquaredError,
)  # fmt: skip


# Names that stand for a metric chosen by the shapes of targets and outputs.
FITTED = ("accuracy", "acc", "crossentropy", "ce")


def get(identifier: Any) -> Any:
    """A metric by name or configuration; an object or function as it is. ValueError: unknown name."""
    return resolve(identifier, _KNOWN, "metric")


def accuracy_for(y_true: Any, y_pred: Any) -> Any:
    """The accuracy that "accuracy" means for targets and outputs of these shapes."""
    classes = ops.shape(y_pred)[-1] if len(ops.shape(y_pred)) else 1
    if classes == 1:
        return BinaryAccuracy
    same = len(ops.shape(y_true)) == len(ops.shape(y_pred)) and ops.shape(y_true)[-1] == classes
    return CategoricalAccuracy if same else SparseCategoricalAccuracy


def as_metric(identifier: Any, y_true: Any, y_pred: Any) -> Metric:
    """What `compile` takes as a metric, as a Metric object that logs under the name given."""
    if identifier in ("accuracy", "acc"):
        return accuracy_for(y_true, y_pred)(name=identifier)
    found = get(identifier)
    if isinstance(found, Metric):
        if isinstance(identifier, str):
            found.name = identifier
        return found
    if isinstance(found, LossFunction) or not hasattr(found, "__name__"):
        return MeanOf(found, name=getattr(found, "name", type(found).__name__))
    return MeanOf(found)
