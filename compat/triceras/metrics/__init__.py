"""Metrics, as classes, functions and by name."""

from __future__ import annotations

from typing import Any

from triceras import ops
from triceras.losses import binary_crossentropy as binary_crossentropy
from triceras.losses import binary_focal_crossentropy as binary_focal_crossentropy
from triceras.losses import categorical_crossentropy as categorical_crossentropy
from triceras.losses import categorical_focal_crossentropy as categorical_focal_crossentropy
from triceras.losses import categorical_hinge as categorical_hinge
from triceras.losses import hinge as hinge
from triceras.losses import huber as huber
from triceras.losses import kl_divergence as kl_divergence
from triceras.losses import log_cosh as log_cosh
from triceras.losses import mean_absolute_error as mean_absolute_error
from triceras.losses import mean_absolute_percentage_error as mean_absolute_percentage_error
from triceras.losses import mean_squared_error as mean_squared_error
from triceras.losses import mean_squared_logarithmic_error as mean_squared_logarithmic_error
from triceras.losses import poisson as poisson
from triceras.losses import sparse_categorical_crossentropy as sparse_categorical_crossentropy
from triceras.losses import squared_hinge as squared_hinge
from triceras.metrics.accuracy import Accuracy as Accuracy
from triceras.metrics.accuracy import BinaryAccuracy as BinaryAccuracy
from triceras.metrics.accuracy import CategoricalAccuracy as CategoricalAccuracy
from triceras.metrics.accuracy import SparseCategoricalAccuracy as SparseCategoricalAccuracy
from triceras.metrics.accuracy import SparseTopKCategoricalAccuracy as SparseTopKCategoricalAccuracy
from triceras.metrics.accuracy import TopKCategoricalAccuracy as TopKCategoricalAccuracy
from triceras.metrics.accuracy import binary_accuracy as binary_accuracy
from triceras.metrics.accuracy import categorical_accuracy as categorical_accuracy
from triceras.metrics.accuracy import sparse_categorical_accuracy as sparse_categorical_accuracy
from triceras.metrics.accuracy import sparse_top_k_categorical_accuracy as sparse_top_k_categorical_accuracy
from triceras.metrics.accuracy import top_k_categorical_accuracy as top_k_categorical_accuracy
from triceras.metrics.confusion import FalseNegatives as FalseNegatives
from triceras.metrics.confusion import FalsePositives as FalsePositives
from triceras.metrics.confusion import Precision as Precision
from triceras.metrics.confusion import Recall as Recall
from triceras.metrics.confusion import TrueNegatives as TrueNegatives
from triceras.metrics.confusion import TruePositives as TruePositives
from triceras.metrics.correlation import ConcordanceCorrelation as ConcordanceCorrelation
from triceras.metrics.correlation import PearsonCorrelation as PearsonCorrelation
from triceras.metrics.correlation import concordance_correlation as concordance_correlation
from triceras.metrics.correlation import pearson_correlation as pearson_correlation
from triceras.metrics.curves import AUC as AUC
from triceras.metrics.curves import PrecisionAtRecall as PrecisionAtRecall
from triceras.metrics.curves import RecallAtPrecision as RecallAtPrecision
from triceras.metrics.curves import SensitivityAtSpecificity as SensitivityAtSpecificity
from triceras.metrics.curves import SpecificityAtSensitivity as SpecificityAtSensitivity
from triceras.metrics.f_score import F1Score as F1Score
from triceras.metrics.f_score import FBetaScore as FBetaScore
from triceras.metrics.hinges import CategoricalHinge as CategoricalHinge
from triceras.metrics.hinges import Hinge as Hinge
from triceras.metrics.hinges import SquaredHinge as SquaredHinge
from triceras.metrics.iou import BinaryIoU as BinaryIoU
from triceras.metrics.iou import IoU as IoU
from triceras.metrics.iou import MeanIoU as MeanIoU
from triceras.metrics.iou import OneHotIoU as OneHotIoU
from triceras.metrics.iou import OneHotMeanIoU as OneHotMeanIoU
from triceras.metrics.mean import Mean as Mean
from triceras.metrics.mean import MeanMetricWrapper as MeanMetricWrapper
from triceras.metrics.mean import Sum as Sum
from triceras.metrics.metric import Metric as Metric
from triceras.metrics.probabilistic import BinaryCrossentropy as BinaryCrossentropy
from triceras.metrics.probabilistic import CategoricalCrossentropy as CategoricalCrossentropy
from triceras.metrics.probabilistic import KLDivergence as KLDivergence
from triceras.metrics.probabilistic import Poisson as Poisson
from triceras.metrics.probabilistic import SparseCategoricalCrossentropy as SparseCategoricalCrossentropy
from triceras.metrics.regression import CosineSimilarity as CosineSimilarity
from triceras.metrics.regression import LogCoshError as LogCoshError
from triceras.metrics.regression import MeanAbsoluteError as MeanAbsoluteError
from triceras.metrics.regression import MeanAbsolutePercentageError as MeanAbsolutePercentageError
from triceras.metrics.regression import MeanSquaredError as MeanSquaredError
from triceras.metrics.regression import MeanSquaredLogarithmicError as MeanSquaredLogarithmicError
from triceras.metrics.regression import R2Score as R2Score
from triceras.metrics.regression import RootMeanSquaredError as RootMeanSquaredError
from triceras.utils import lookup
from triceras.utils.lookup import resolve, snake_case, table
from triceras.utils.registry import publish
from triceras.utils.serialization import serialize_keras_object

# Snake-case names stand for the classes where there is one, as in Keras.
_KNOWN = table(
    huber, log_cosh, binary_focal_crossentropy, categorical_focal_crossentropy,
    AUC, Accuracy, BinaryAccuracy, BinaryCrossentropy, BinaryIoU, CategoricalAccuracy, CategoricalCrossentropy,
    CategoricalHinge, ConcordanceCorrelation, CosineSimilarity, F1Score, FBetaScore, FalseNegatives,
    FalsePositives, Hinge, IoU, KLDivergence, LogCoshError, Mean, MeanAbsoluteError,
    MeanAbsolutePercentageError, MeanIoU, MeanMetricWrapper, MeanSquaredError, MeanSquaredLogarithmicError,
    Metric, OneHotIoU, OneHotMeanIoU, PearsonCorrelation, Poisson, Precision, PrecisionAtRecall, R2Score,
    Recall, RecallAtPrecision, RootMeanSquaredError, SensitivityAtSpecificity, SparseCategoricalAccuracy,
    SparseCategoricalCrossentropy, SparseTopKCategoricalAccuracy, SpecificityAtSensitivity, SquaredHinge, Sum,
    TopKCategoricalAccuracy, TrueNegatives, TruePositives,
    acc=Accuracy, bce=BinaryCrossentropy, BCE=BinaryCrossentropy, mae=MeanAbsoluteError, MAE=MeanAbsoluteError,
    mape=MeanAbsolutePercentageError, MAPE=MeanAbsolutePercentageError, mse=MeanSquaredError, MSE=MeanSquaredError,
    msle=MeanSquaredLogarithmicError, MSLE=MeanSquaredLogarithmicError,
)  # fmt: skip


# Names that stand for a metric chosen by the shapes of targets and outputs.
FITTED = ("accuracy", "acc", "crossentropy", "ce")


def get(identifier: Any) -> Any:
    """A metric by name or configuration; an object or function as it is. ValueError: unknown name."""
    return resolve(identifier, _KNOWN, "metric")


def serialize(metric: Any) -> Any:
    """A metric, or a function, as plain data: {"module", "class_name", "config", "registered_name"}."""
    return serialize_keras_object(metric)


def deserialize(config: Any, custom_objects: dict[str, Any] | None = None) -> Any:
    """A metric from what `serialize` gave, or by name; custom_objects: others by name. TypeError: unknown class."""
    return lookup.deserialize(config, _KNOWN, "metric", custom_objects)


def accuracy_for(y_true: Any, y_pred: Any) -> Any:
    """The accuracy that "accuracy" means for targets and outputs of these shapes."""
    return _fitted(y_true, y_pred, (BinaryAccuracy, CategoricalAccuracy, SparseCategoricalAccuracy))


def crossentropy_for(y_true: Any, y_pred: Any) -> Any:
    """The metric that "crossentropy" means for targets and outputs (probabilities) of these shapes."""
    return _fitted(y_true, y_pred, (BinaryCrossentropy, CategoricalCrossentropy, SparseCategoricalCrossentropy))


def _fitted(y_true: Any, y_pred: Any, choices: tuple[Any, Any, Any]) -> Any:
    """Of three for binary, one-hot and integer targets the one that fits."""
    true_shape, shape = ops.shape(y_true), ops.shape(y_pred)
    binary, one_hot, sparse = choices
    if not shape or shape[-1] == 1:
        return binary
    return one_hot if len(true_shape) == len(shape) and true_shape[-1] == shape[-1] else sparse


def as_metric(identifier: Any, y_true: Any, y_pred: Any) -> Metric:
    """What `compile` takes as a metric, as a Metric object that logs under the name given."""
    metric = _as_metric(identifier, y_true, y_pred)
    if y_true is not None:
        metric.prepare_state(y_true, y_pred)
    return metric


def _as_metric(identifier: Any, y_true: Any, y_pred: Any) -> Metric:
    name = identifier if isinstance(identifier, str) else None
    if name in FITTED:
        return (accuracy_for if name in ("accuracy", "acc") else crossentropy_for)(y_true, y_pred)(name=name)
    found = get(identifier)
    if isinstance(found, Metric):
        found.name = name or found.name
        return found
    called = getattr(found, "name", None) or snake_case(getattr(found, "__name__", type(found).__name__))
    return MeanMetricWrapper(found, name=name or called)


publish("keras.metrics", globals())
