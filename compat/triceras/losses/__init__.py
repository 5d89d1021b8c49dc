"""Losses, as classes, functions and by name."""

from __future__ import annotations

from typing import Any

from triceras.losses.losses import BinaryCrossentropy as BinaryCrossentropy
from triceras.losses.losses import CategoricalCrossentropy as CategoricalCrossentropy
from triceras.losses.losses import Loss as Loss
from triceras.losses.losses import LossFunction as LossFunction
from triceras.losses.losses import MeanAbsoluteError as MeanAbsoluteError
from triceras.losses.losses import MeanSquaredError as MeanSquaredError
from triceras.losses.losses import SparseCategoricalCrossentropy as SparseCategoricalCrossentropy
from triceras.losses.losses import binary_crossentropy as binary_crossentropy
from triceras.losses.losses import categorical_crossentropy as categorical_crossentropy
from triceras.losses.losses import mean_absolute_error as mean_absolute_error
from triceras.losses.losses import mean_squared_error as mean_squared_error
from triceras.losses.losses import sparse_categorical_crossentropy as sparse_categorical_crossentropy
from triceras.utils.lookup import resolve, table
from triceras.utils.registry import publish

# The snake-case names stand for the functions, as in Keras; `get` of a class name makes an object.
_KNOWN = table(
    BinaryCrossentropy, CategoricalCrossentropy, MeanAbsoluteError, MeanSquaredError, SparseCategoricalCrossentropy,
) | table(
    binary_crossentropy, categorical_crossentropy, mean_absolute_error, mean_squared_error,
    sparse_categorical_crossentropy, bce=binary_crossentropy, BCE=binary_crossentropy,
    mae=mean_absolute_error, MAE=mean_absolute_error, mse=mean_squared_error, MSE=mean_squared_error,
)  # fmt: skip


def get(identifier: Any) -> Any:
    """A loss by name or configuration; an object or function as it is. ValueError: unknown name."""
    return resolve(identifier, _KNOWN, "loss")


def as_loss(identifier: Any) -> Loss:
    """What `compile` takes as a loss, as a Loss object: functions are wrapped, a name stays its name."""
    found = get(identifier)
    if isinstance(found, Loss):
        return found
    return LossFunction(found, name=identifier if isinstance(identifier, str) else None)


publish("keras.losses", globals())
