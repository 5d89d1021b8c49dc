"""The base class of learning rate schedules."""

from __future__ import annotations

from typing import Any


class LearningRateSchedule:
    """A learning rate as a function of the step. Subclasses define `__call__(step)` and `get_config()`.

    `step` is a number or a scalar integer tensor that counts updates from 0; the result is a
    scalar tensor. Given to an optimizer as its `learning_rate`, it is asked at every update.

    Example:

    >>> class Halving(keras.optimizers.schedules.LearningRateSchedule):
    ...     def __call__(self, step):
    ...         return 0.5 ** keras.ops.cast(step, "float32")
    ...     def get_config(self):
    ...         return {}
    >>> optimizer = keras.optimizers.SGD(Halving())
    >>> w = keras.Variable([1.0])
    >>> for _ in range(2):
    ...     _ = optimizer.apply([keras.ops.convert_to_tensor([1.0])], [w])
    >>> np.round(w.numpy(), 3)
    array([-0.5], dtype=float32)
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
