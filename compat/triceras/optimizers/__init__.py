"""Optimizers, as classes and by name."""

from __future__ import annotations

from typing import Any

from triceras.optimizers import legacy as legacy
from triceras.optimizers import schedules as schedules
from triceras.optimizers.adafactor import Adafactor as Adafactor
from triceras.optimizers.adagrad import Adadelta as Adadelta
from triceras.optimizers.adagrad import Adagrad as Adagrad
from triceras.optimizers.adam import Adam as Adam
from triceras.optimizers.adam import AdamW as AdamW
from triceras.optimizers.adam_variants import Adamax as Adamax
from triceras.optimizers.adam_variants import Lamb as Lamb
from triceras.optimizers.adam_variants import Lion as Lion
from triceras.optimizers.adam_variants import Nadam as Nadam
from triceras.optimizers.ftrl import Ftrl as Ftrl
from triceras.optimizers.gradient_descent import SGD as SGD
from triceras.optimizers.loss_scale_optimizer import LossScaleOptimizer as LossScaleOptimizer
from triceras.optimizers.multi_optimizer import MultiOptimizer as MultiOptimizer
from triceras.optimizers.multi_optimizer import OptimizerMap as OptimizerMap
from triceras.optimizers.muon import Muon as Muon
from triceras.optimizers.optimizer import Optimizer as Optimizer
from triceras.optimizers.registry import KNOWN as _KNOWN
from triceras.optimizers.registry import deserialize as deserialize
from triceras.optimizers.registry import serialize as serialize
from triceras.optimizers.rmsprop import RMSprop as RMSprop
from triceras.optimizers.schedule_free import ScheduleFreeAdamW as ScheduleFreeAdamW
from triceras.utils.lookup import resolve, table
from triceras.utils.registry import publish

_KNOWN |= table(
    Adadelta, Adafactor, Adagrad, Adam, Adamax, AdamW, Ftrl, Lamb, Lion, LossScaleOptimizer, MultiOptimizer, Muon,
    Nadam, OptimizerMap, RMSprop, ScheduleFreeAdamW, SGD,
    adamw=AdamW, rmsprop=RMSprop, lossscaleoptimizer=LossScaleOptimizer, multioptimizer=MultiOptimizer,
    schedulefreeadamw=ScheduleFreeAdamW,
)  # fmt: skip


def get(identifier: Any) -> Optimizer:
    """An optimizer by name or configuration; an object as it is.

    Raises ValueError: unknown name, or not an optimizer.
    """
    found = resolve(identifier, _KNOWN, "optimizer")
    if not isinstance(found, Optimizer):
        raise ValueError(f"An optimizer must be a name or an Optimizer; got: {identifier!r}")
    return found


publish("keras.optimizers", globals())
