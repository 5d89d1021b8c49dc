"""The base class of learning rate schedules."""

from __future__ import annotations

from typing import Any


class LearningRateSchedule:
    """A learning rate as a function of the step. Subclasses define `__call__(step)` and `get_config()`.

    `step` is a number or a scalar integer tensor that counts updates from 0; the result is a
    scalar tensor. Given to an optimizer as its `learning_rate`, it is asked at every update.
    """

    def __call__(self, step: Any) -> Any:
        """The learning rate at a step."""
        raise NotImplementedError(f"{type(self).__name__} has no __call__ method.")

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        raise NotImplementedError(f"{type(self).__name__} has no get_config method, so it cannot be saved.")

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> LearningRateSchedule:
        """A schedule from what `get_config` gave."""
        return cls(**config)
