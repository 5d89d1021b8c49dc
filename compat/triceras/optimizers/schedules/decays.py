"""Exponential, polynomial, inverse-time and piecewise constant schedules."""

from __future__ import annotations

from typing import Any

from triceras import ops
from triceras.optimizers.schedules.schedule import LearningRateSchedule


class _Decay(LearningRateSchedule):
    """What the smooth decays share: a start, and steps counted in units of decay_steps."""

    def __init__(
        self, initial_learning_rate: float, decay_steps: int, decay_rate: float, staircase: bool, name: str
    ) -> None:
        check_steps(name, decay_steps)
        self.initial_learning_rate, self.decay_steps = initial_learning_rate, decay_steps
        self.decay_rate, self.staircase, self.name = decay_rate, staircase, name

    def _periods(self, step: Any) -> Any:
        periods = as_float(step) / self.decay_steps
        return ops.floor(periods) if self.staircase else periods

    def get_config(self) -> dict[str, Any]:
        return {
            "initial_learning_rate": self.initial_learning_rate,
            "decay_steps": self.decay_steps,
            "decay_rate": self.decay_rate,
            "staircase": self.staircase,
            "name": self.name,
        }


class ExponentialDecay(_Decay):
    """initial_learning_rate * decay_rate ** (step / decay_steps).

    Args:
        staircase: whether the exponent is rounded down, so that the rate falls in steps.

    Raises ValueError: decay_steps is not positive.

    Example:

    >>> rate = keras.optimizers.schedules.ExponentialDecay(1.0, decay_steps=10, decay_rate=0.5)
    >>> [round(float(rate(step)), 3) for step in (0, 10, 20)]
    [1.0, 0.5, 0.25]
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: int,
        decay_rate: float,
        staircase: bool = False,
        name: str = "ExponentialDecay",
    ) -> None:
        super().__init__(initial_learning_rate, decay_steps, decay_rate, staircase, name)

    def __call__(self, step: Any) -> Any:
        return self.initial_learning_rate * ops.power(float(self.decay_rate), self._periods(step))


class InverseTimeDecay(_Decay):
    """initial_learning_rate / (1 + decay_rate * step / decay_steps).

    Args:
        staircase: whether step / decay_steps is rounded down.

    Raises ValueError: decay_steps is not positive.

    Example:

    >>> rate = keras.optimizers.schedules.InverseTimeDecay(1.0, decay_steps=10, decay_rate=1.0)
    >>> [round(float(rate(step)), 3) for step in (0, 10, 30)]
    [1.0, 0.5, 0.25]
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: int,
        decay_rate: float,
        staircase: bool = False,
        name: str = "InverseTimeDecay",
    ) -> None:
        super().__init__(initial_learning_rate, decay_steps, decay_rate, staircase, name)

    def __call__(self, step: Any) -> Any:
        return self.initial_learning_rate / (1 + self.decay_rate * self._periods(step))


class PolynomialDecay(LearningRateSchedule):
    """From initial_learning_rate to end_learning_rate over decay_steps, along (1 - step / decay_steps) ** power.

    Args:
        cycle: whether, at the end, it begins anew over a multiple of decay_steps.

    Raises ValueError: decay_steps is not positive.

    Example:

    >>> rate = keras.optimizers.schedules.PolynomialDecay(1.0, decay_steps=10, end_learning_rate=0.0)
    >>> [round(float(rate(step)), 3) for step in (0, 5, 20)]
    [1.0, 0.5, 0.0]
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: int,
        end_learning_rate: float = 0.0001,
        power: float = 1.0,
        cycle: bool = False,
        name: str = "PolynomialDecay",
    ) -> None:
        check_steps(name, decay_steps)
        self.initial_learning_rate, self.decay_steps = initial_learning_rate, decay_steps
        self.end_learning_rate, self.power, self.cycle, self.name = end_learning_rate, power, cycle, name

    def __call__(self, step: Any) -> Any:
        step = as_float(step)
        if self.cycle:
            span = self.decay_steps * ops.maximum(ops.ceil(step / self.decay_steps), 1.0)
        else:
            span = float(self.decay_steps)
            step = ops.minimum(step, span)
        fall = self.initial_learning_rate - self.end_learning_rate
        return fall * ops.power(1 - step / span, float(self.power)) + self.end_learning_rate

    def get_config(self) -> dict[str, Any]:
        return {
            "initial_learning_rate": self.initial_learning_rate,
            "decay_steps": self.decay_steps,
            "end_learning_rate": self.end_learning_rate,
            "power": self.power,
            "cycle": self.cycle,
            "name": self.name,
        }


class PiecewiseConstantDecay(LearningRateSchedule):
    """values[0] up to and including step boundaries[0], values[1] up to boundaries[1], ...

    Raises ValueError: not one value more than boundaries.

    Example:

    >>> rate = keras.optimizers.schedules.PiecewiseConstantDecay([5, 10], [1.0, 0.5, 0.1])
    >>> [round(float(rate(step)), 3) for step in (5, 6, 11)]
    [1.0, 0.5, 0.1]
    """

    def __init__(self, boundaries: list[Any], values: list[Any], name: str = "PiecewiseConstant") -> None:
        if len(values) != len(boundaries) + 1:
            raise ValueError(
                f"PiecewiseConstantDecay needs one value more than boundaries; "
                f"got {len(boundaries)} boundaries and {len(values)} values."
            )
        self.boundaries, self.values, self.name = boundaries, values, name

    def __call__(self, step: Any) -> Any:
        step = as_float(step)
        rate = ops.convert_to_tensor(float(self.values[0]))
        for boundary, value in zip(self.boundaries, self.values[1:], strict=True):
            rate = ops.where(step > float(boundary), float(value), rate)
        return rate

    def get_config(self) -> dict[str, Any]:
        return {"boundaries": self.boundaries, "values": self.values, "name": self.name}


def as_float(step: Any) -> Any:
    """A step as a scalar float32 tensor."""
    return ops.cast(ops.convert_to_tensor(step), "float32")


def check_steps(owner: str, steps: Any) -> None:
    """Raises ValueError: not positive."""
    if steps <= 0:
        raise ValueError(f"{owner}: the number of steps must be positive; got: {steps!r}")
