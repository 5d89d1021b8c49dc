"""Metrics, as classes and by name."""

from __future__ import annotations

from typing import Any

from triceras import ops
from triceras.losses import (
    LossFunctionWrapper,
    binary_crossentropy,
    categorical_crossentropy,
    sparse_categorical_crossentropy,
)
from triceras.metrics.metric import Metric as Metric
from triceras.metrics.metrics import Accuracy as Accuracy
from triceras.metrics.metrics import BinaryAccuracy as BinaryAccuracy
from triceras.metrics.metrics import CategoricalAccuracy as CategoricalAccuracy
from triceras.metrics.metrics import Mean as Mean
from triceras.metrics.metrics import MeanAbsoluteError as MeanAbsoluteError
from triceras.metrics.metrics import MeanOf as MeanOf
from triceras.metrics.metrics import MeanSquaredError as MeanSquaredError
from triceras.metrics.metrics import SparseCategoricalAccuracy as SparseCategoricalAccuracy
from triceras.metrics.metrics import binary_accuracy as binary_accuracy
from triceras.metrics.metrics import categorical_accuracy as categorical_accuracy
from triceras.metrics.metrics import sparse_categorical_accuracy as sparse_categorical_accuracy
from triceras.utils.lookup import resolve, table
from triceras.utils.registry import publish

_KNOWN = table(
    Accuracy, BinaryAccuracy, CategoricalAccuracy, Mean, MeanAbsoluteError, MeanSquaredError,
    SparseCategoricalAccuracy, acc=Accuracy, mae=MeanAbsoluteError, MAE=MeanAbsoluteError,
    mse=MeanSquaredError, MSE=MeanSquaredError,
) | table(
    binary_crossentropy, categorical_crossentropy, sparse_categorical_crossentropy, bce=binary_crossentropy,
    BCE=binary_crossentropy,
)  # fmt: skip


# Names that stand for a metric chosen by the shapes of targets and outputs.
FITTED = ("accuracy", "acc", "crossentropy", "ce")


def get(identifier: Any) -> Any:
    """A metric by name or configuration; an object or function as it is. ValueError: unknown name."""
    return resolve(identifier, _KNOWN, "metric")


def accuracy_for(y_true: Any, y_pred: Any) -> Any:
    """The accuracy that "accuracy" means for targets and outputs of these shapes."""
    return _fitted(y_true, y_pred, (BinaryAccuracy, CategoricalAccuracy, SparseCategoricalAccuracy))


def crossentropy_for(y_true: Any, y_pred: Any) -> Any:
    """The function that "crossentropy" means for targets and outputs (probabilities) of these shapes."""
    return _fitted(y_true, y_pred, (binary_crossentropy, categorical_crossentropy, sparse_categorical_crossentropy))


def _fitted(y_true: Any, y_pred: Any, choices: tuple[Any, Any, Any]) -> Any:
    """Of three for binary, one-hot and integer targets the one that fits."""
    true_shape, shape = ops.shape(y_true), ops.shape(y_pred)
    binary, one_hot, sparse = choices
    if not shape or shape[-1] == 1:
        return binary
    return one_hot if len(true_shape) == len(shape) and true_shape[-1] == shape[-1] else sparse


def as_metric(identifier: Any, y_true: Any, y_pred: Any) -> Metric:
    """What `compile` takes as a metric, as a Metric object that logs under the name given."""
    name = identifier if isinstance(identifier, str) else None
    if name in ("accuracy", "acc"):
        return accuracy_for(y_true, y_pred)(name=name)
    if name in FITTED:
        return MeanOf(crossentropy_for(y_true, y_pred), name=name)
    found = get(identifier)
    if isinstance(found, Metric):
        found.name = name or found.name
        return found
    if name:
        return MeanOf(found, name=name)
    if isinstance(found, LossFunctionWrapper) or not hasattr(found, "__name__"):
        return MeanOf(found, name=getattr(found, "name", type(found).__name__))
    return MeanOf(found)


publish("keras.metrics", globals())
