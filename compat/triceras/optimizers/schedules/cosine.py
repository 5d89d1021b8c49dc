"""Schedules along a cosine. Loshchilov and Hutter, arXiv:1608.03983."""

from __future__ import annotations

import math
from typing import Any

from triceras import ops
from triceras.optimizers.schedules.decays import as_float, check_steps
from triceras.optimizers.schedules.schedule import LearningRateSchedule


class CosineDecay(LearningRateSchedule):
    """Half a cosine from the start to alpha times it, after a linear warmup if one is asked for.

    Args:
        initial_learning_rate: where the decay begins; with a warmup, where that begins.
        decay_steps: steps of the decay, after those of the warmup.
        alpha: the last rate as a share of the first.
        warmup_target: the rate that the warmup leads to and the decay begins from. None for no warmup.
        warmup_steps: steps of the warmup.

    Raises ValueError: decay_steps is not positive.

    Example:

    >>> rate = keras.optimizers.schedules.CosineDecay(1.0, decay_steps=10)
    >>> [round(float(rate(step)), 3) for step in (0, 5, 10)]
    [1.0, 0.5, 0.0]
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: int,
        alpha: float = 0.0,
        name: str = "CosineDecay",
        warmup_target: float | None = None,
        warmup_steps: int = 0,
    ) -> None:
        check_steps(name, decay_steps)
        self.initial_learning_rate, self.decay_steps, self.alpha, self.name = (
            initial_learning_rate, decay_steps, alpha, name,
        )  # fmt: skip
        self.warmup_target, self.warmup_steps = warmup_target, warmup_steps

    def __call__(self, step: Any) -> Any:
        step = as_float(step)
        if self.warmup_target is None:
            return self._decayed(step, self.initial_learning_rate)
        if not self.warmup_steps:
            return self._decayed(step, self.warmup_target)
        climb = (self.warmup_target - self.initial_learning_rate) / self.warmup_steps
        decayed = self._decayed(step - self.warmup_steps, self.warmup_target)
        return ops.where(step < self.warmup_steps, self.initial_learning_rate + climb * step, decayed)

    def _decayed(self, step: Any, top: float) -> Any:
        share = ops.clip(step / self.decay_steps, 0.0, 1.0)
        return top * ((1 - self.alpha) * cosine_fall(share) + self.alpha)

    def get_config(self) -> dict[str, Any]:
        return {
            "initial_learning_rate": self.initial_learning_rate,
            "decay_steps": self.decay_steps,
            "alpha": self.alpha,
            "name": self.name,
            "warmup_target": self.warmup_target,
            "warmup_steps": self.warmup_steps,
        }


class CosineDecayRestarts(LearningRateSchedule):
    """Half a cosine again and again: each time over t_mul times the steps, from m_mul times the height.

    Args:
        first_decay_steps: the length of the first period.
        alpha: the lowest rate as a share of the initial one.

    Raises ValueError: first_decay_steps is not positive.

    Example:

    >>> rate = keras.optimizers.schedules.CosineDecayRestarts(1.0, first_decay_steps=10)
    >>> [round(float(rate(step)), 3) for step in (0, 5, 10)]
    [1.0, 0.5, 1.0]
    """

    def __init__(
        self,
        initial_learning_rate: float,
        first_decay_steps: int,
        t_mul: float = 2.0,
        m_mul: float = 1.0,
        alpha: float = 0.0,
        name: str = "SGDRDecay",
    ) -> None:
        check_steps(name, first_decay_steps)
        self.initial_learning_rate, self.first_decay_steps = initial_learning_rate, first_decay_steps
        self.t_mul, self.m_mul, self.alpha, self.name = t_mul, m_mul, alpha, name

    def __call__(self, step: Any) -> Any:
        passed = as_float(step) / self.first_decay_steps
        if self.t_mul == 1.0:
            period = ops.floor(passed)
            share = passed - period
        else:
            # Periods are a geometric series: n of them take (t^n - 1) / (t - 1) of the first.
            period = ops.floor(ops.log(1 + passed * (self.t_mul - 1)) / math.log(self.t_mul))
            length = ops.power(float(self.t_mul), period)
            share = (passed - (length - 1) / (self.t_mul - 1)) / length
        height = (1 - self.alpha) * ops.power(float(self.m_mul), period)
        return self.initial_learning_rate * (height * cosine_fall(share) + self.alpha)

    def get_config(self) -> dict[str, Any]:
        return {
            "initial_learning_rate": self.initial_learning_rate,
            "first_decay_steps": self.first_decay_steps,
            "t_mul": self.t_mul,
            "m_mul": self.m_mul,
            "alpha": self.alpha,
            "name": self.name,
        }


def cosine_fall(share: Any) -> Any:
    """From 1 at 0 to 0 at 1."""
    return 0.5 * (1 + ops.cos(math.pi * share))
