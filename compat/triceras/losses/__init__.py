"""Losses, as classes, functions and by name."""

from __future__ import annotations

from typing import Any

from triceras.losses.crossentropy import BinaryCrossentropy as BinaryCrossentropy
from triceras.losses.crossentropy import BinaryFocalCrossentropy as BinaryFocalCrossentropy
from triceras.losses.crossentropy import CategoricalCrossentropy as CategoricalCrossentropy
from triceras.losses.crossentropy import CategoricalFocalCrossentropy as CategoricalFocalCrossentropy
from triceras.losses.crossentropy import CategoricalGeneralizedCrossEntropy as CategoricalGeneralizedCrossEntropy
from triceras.losses.crossentropy import SparseCategoricalCrossentropy as SparseCategoricalCrossentropy
from triceras.losses.crossentropy import binary_crossentropy as binary_crossentropy
from triceras.losses.crossentropy import binary_focal_crossentropy as binary_focal_crossentropy
from triceras.losses.crossentropy import categorical_crossentropy as categorical_crossentropy
from triceras.losses.crossentropy import categorical_focal_crossentropy as categorical_focal_crossentropy
from triceras.losses.crossentropy import categorical_generalized_cross_entropy as categorical_generalized_cross_entropy
from triceras.losses.crossentropy import sparse_categorical_crossentropy as sparse_categorical_crossentropy
from triceras.losses.embeddings import Circle as Circle
from triceras.losses.embeddings import circle as circle
from triceras.losses.hinges import CategoricalHinge as CategoricalHinge
from triceras.losses.hinges import Hinge as Hinge
from triceras.losses.hinges import SquaredHinge as SquaredHinge
from triceras.losses.hinges import categorical_hinge as categorical_hinge
from triceras.losses.hinges import hinge as hinge
from triceras.losses.hinges import squared_hinge as squared_hinge
from triceras.losses.loss import Loss as Loss
from triceras.losses.loss import LossFunctionWrapper as LossFunctionWrapper
from triceras.losses.probabilistic import CTC as CTC
from triceras.losses.probabilistic import KLDivergence as KLDivergence
from triceras.losses.probabilistic import Poisson as Poisson
from triceras.losses.probabilistic import ctc as ctc
from triceras.losses.probabilistic import kl_divergence as kl_divergence
from triceras.losses.probabilistic import poisson as poisson
from triceras.losses.regression import CosineSimilarity as CosineSimilarity
from triceras.losses.regression import Huber as Huber
from triceras.losses.regression import LogCosh as LogCosh
from triceras.losses.regression import MeanAbsoluteError as MeanAbsoluteError
from triceras.losses.regression import MeanAbsolutePercentageError as MeanAbsolutePercentageError
from triceras.losses.regression import MeanSquaredError as MeanSquaredError
from triceras.losses.regression import MeanSquaredLogarithmicError as MeanSquaredLogarithmicError
from triceras.losses.regression import cosine_similarity as cosine_similarity
from triceras.losses.regression import huber as huber
from triceras.losses.regression import log_cosh as log_cosh
from triceras.losses.regression import mean_absolute_error as mean_absolute_error
from triceras.losses.regression import mean_absolute_percentage_error as mean_absolute_percentage_error
from triceras.losses.regression import mean_squared_error as mean_squared_error
from triceras.losses.regression import mean_squared_logarithmic_error as mean_squared_logarithmic_error
from triceras.losses.segmentation import Dice as Dice
from triceras.losses.segmentation import Tversky as Tversky
from triceras.losses.segmentation import dice as dice
from triceras.losses.segmentation import tversky as tversky
from triceras.utils import lookup
from triceras.utils.lookup import resolve
from triceras.utils.registry import publish
from triceras.utils.serialization import serialize_keras_object

_CLASSES = {
    made.__name__: made
    for made in (
        BinaryCrossentropy, BinaryFocalCrossentropy, CTC, CategoricalCrossentropy, CategoricalFocalCrossentropy,
        CategoricalGeneralizedCrossEntropy, CategoricalHinge, Circle, CosineSimilarity, Dice, Hinge, Huber,
        KLDivergence, LogCosh, MeanAbsoluteError, MeanAbsolutePercentageError, MeanSquaredError,
        MeanSquaredLogarithmicError, Poisson, SparseCategoricalCrossentropy, SquaredHinge, Tversky, Loss,
        LossFunctionWrapper,
    )
}  # fmt: skip

# The snake-case names stand for the functions, as in Keras; `get` of a class name makes an object.
_KNOWN = _CLASSES | {
    fn.__name__: fn
    for fn in (
        binary_crossentropy, binary_focal_crossentropy, categorical_crossentropy,
        categorical_focal_crossentropy, categorical_hinge, circle, cosine_similarity, ctc, dice, hinge, huber,
        kl_divergence, log_cosh, mean_absolute_error, mean_absolute_percentage_error, mean_squared_error,
        mean_squared_logarithmic_error, poisson, sparse_categorical_crossentropy, squared_hinge, tversky,
    )
} | {
    "bce": binary_crossentropy, "BCE": binary_crossentropy, "kld": kl_divergence, "KLD": kl_divergence,
    "mae": mean_absolute_error, "MAE": mean_absolute_error,
    "mape": mean_absolute_percentage_error, "MAPE": mean_absolute_percentage_error,
    "mse": mean_squared_error, "MSE": mean_squared_error,
    "msle": mean_squared_logarithmic_error, "MSLE": mean_squared_logarithmic_error,
}  # fmt: skip


def get(identifier: Any) -> Any:
    """A loss by name or configuration; an object or function as it is. ValueError: unknown name."""
    return resolve(identifier, _KNOWN, "loss")


def serialize(loss: Any) -> Any:
    """A loss, or a function, as plain data: {"module", "class_name", "config", "registered_name"}."""
    return serialize_keras_object(loss)


def deserialize(name: Any, custom_objects: dict[str, Any] | None = None) -> Any:
    """A loss from what `serialize` gave, or by name; custom_objects: further ones by name. TypeError: unknown class."""
    return lookup.deserialize(name, _KNOWN, "loss", custom_objects)


def as_loss(identifier: Any) -> Loss:
    """What `compile` takes as a loss, as a Loss object: functions are wrapped, a name stays its name."""
    found = get(identifier)
    if isinstance(found, Loss):
        return found
    name = identifier if isinstance(identifier, str) else getattr(found, "__name__", None)
    return LossFunctionWrapper(found, name=name)


publish("keras.src.losses.losses", {"LossFunctionWrapper": LossFunctionWrapper})
publish("keras.losses", globals())
