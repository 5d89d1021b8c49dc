"""Adagrad and Adadelta."""

from __future__ import annotations

from typing import Any

from triceras import ops
from triceras.optimizers.optimizer import Optimizer, with_options


class Adagrad(Optimizer):
    """Divides the gradient by the root of the sum of all its squares. Duchi et al., JMLR 12, 2011.

    Args:
        learning_rate: 0.001 by default.
        initial_accumulator_value: where the sums begin.
        epsilon: added to the sums, under the root.
        options: those of `Optimizer`.

    Example:

    >>> optimizer = keras.optimizers.Adagrad(learning_rate=0.1)
    >>> w = keras.Variable([1.0, -1.0])
    >>> for _ in range(2):
    ...     _ = optimizer.apply([keras.ops.convert_to_tensor([0.5, -2.0])], [w])
    >>> np.round(w.numpy(), 3)
    array([ 0.851, -0.831], dtype=float32)
    """

    SLOTS = ("accumulator",)

    @with_options
    def __init__(
        self,
        learning_rate: Any = 0.001,
        initial_accumulator_value: float = 0.1,
        epsilon: float = 1e-7,
        **options: Any,
    ) -> None:
        super().__init__(learning_rate, **options)
        self.initial_accumulator_value = self.slot_start = initial_accumulator_value
        self.epsilon = epsilon

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        (total,) = self._slots_for(variable)
        total.assign_add(ops.square(gradient))
        variable.assign_sub(learning_rate * gradient * ops.rsqrt(total.value + self.epsilon))

    def get_config(self) -> dict[str, Any]:
        own = {"initial_accumulator_value": self.initial_accumulator_value, "epsilon": self.epsilon}
        return {**super().get_config(), **own}


class Adadelta(Optimizer):
    """Steps of the size of the steps before, by running means of squares. Zeiler, arXiv:1212.5701.

    Args:
        learning_rate: 0.001 by default; the paper has 1.
        rho: the decay of the means.
        epsilon: added to the means, under the roots.
        options: those of `Optimizer`.

    Example:

    >>> optimizer = keras.optimizers.Adadelta(learning_rate=1.0)
    >>> w = keras.Variable([1.0, -1.0])
    >>> for _ in range(2):
    ...     _ = optimizer.apply([keras.ops.convert_to_tensor([0.5, -2.0])], [w])
    >>> np.round(w.numpy(), 3)
    array([ 0.997, -0.997], dtype=float32)
    """

    SLOTS = ("accumulated_grad", "accumulated_delta_var")

    @with_options
    def __init__(self, learning_rate: Any = 0.001, rho: float = 0.95, epsilon: float = 1e-7, **options: Any) -> None:
        super().__init__(learning_rate, **options)
        self.rho, self.epsilon = rho, epsilon

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        slopes, steps = self._slots_for(variable)
        slopes.assign(self.rho * slopes.value + (1 - self.rho) * ops.square(gradient))
        step = gradient * ops.sqrt(steps.value + self.epsilon) * ops.rsqrt(slopes.value + self.epsilon)
        steps.assign(self.rho * steps.value + (1 - self.rho) * ops.square(step))
        variable.assign_sub(learning_rate * step)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "rho": self.rho, "epsilon": self.epsilon}
