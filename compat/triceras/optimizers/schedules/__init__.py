"""Learning rates that follow the number of updates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from triceras.optimizers.schedules.cosine import CosineDecay as CosineDecay
from triceras.optimizers.schedules.cosine import CosineDecayRestarts as CosineDecayRestarts
from triceras.optimizers.schedules.decays import ExponentialDecay as ExponentialDecay
from triceras.optimizers.schedules.decays import InverseTimeDecay as InverseTimeDecay
from triceras.optimizers.schedules.decays import PiecewiseConstantDecay as PiecewiseConstantDecay
from triceras.optimizers.schedules.decays import PolynomialDecay as PolynomialDecay
from triceras.optimizers.schedules.schedule import LearningRateSchedule as LearningRateSchedule
from triceras.utils import lookup
from triceras.utils.registry import publish
from triceras.utils.serialization import serialize_keras_object

_KNOWN = {
    cls.__name__: cls
    for cls in (
        CosineDecay, CosineDecayRestarts, ExponentialDecay, InverseTimeDecay, PiecewiseConstantDecay, PolynomialDecay,
    )
}  # fmt: skip


def serialize(learning_rate_schedule: LearningRateSchedule) -> dict[str, Any]:
    """A schedule as plain data: {"module", "class_name", "config", "registered_name"}."""
    described: dict[str, Any] = serialize_keras_object(learning_rate_schedule)
    return described


def deserialize(config: Mapping[str, Any], custom_objects: Mapping[str, Any] | None = None) -> LearningRateSchedule:
    """The schedule that `serialize` wrote; custom_objects: further classes by name.

    Raises TypeError: an unknown class.
    """
    made: LearningRateSchedule = lookup.deserialize(config, _KNOWN, "learning rate schedule", custom_objects)
    return made


publish("keras.optimizers.schedules", _KNOWN)
