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
from triceras.utils.lookup import by_name

_KNOWN = {
    cls.__name__: cls
    for cls in (
        CosineDecay, CosineDecayRestarts, ExponentialDecay, InverseTimeDecay, PiecewiseConstantDecay, PolynomialDecay,
    )
}  # fmt: skip


def serialize(learning_rate_schedule: LearningRateSchedule) -> dict[str, Any]:
    """A schedule as a dict of plain values."""
    cls = type(learning_rate_schedule)
    known = _KNOWN.get(cls.__name__) is cls
    return {
        "module": "keras.optimizers.schedules" if known else cls.__module__,
        "class_name": cls.__name__,
        "config": learning_rate_schedule.get_config(),
        "registered_name": None if known else cls.__name__,
    }


def deserialize(config: Mapping[str, Any], custom_objects: Mapping[str, Any] | None = None) -> LearningRateSchedule:
    """The schedule that `serialize` wrote; custom_objects: further classes by name.

    Raises ValueError: an unknown class.
    """
    cls = by_name(config["class_name"], {**_KNOWN, **(custom_objects or {})}, "learning rate schedule")
    made: LearningRateSchedule = cls.from_config(dict(config["config"]))
    return made
