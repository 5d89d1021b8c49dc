"""Adafactor."""

from __future__ import annotations

from typing import Any

from triceras import ops
from triceras.optimizers.optimizer import Optimizer, with_options


class Adafactor(Optimizer):
    """Adam with the mean squares of a matrix kept as a row and a column. Shazeer and Stern, arXiv:1804.04235.

    Args:
        learning_rate: 0.001 by default.
        beta_2_decay: the mean's decay is 1 - t ** beta_2_decay.
        epsilon_1: added to squared gradients.
        epsilon_2: the least size of weights that steps are scaled by.
        clip_threshold: the root mean square that a step may have at most, before it is scaled.
        relative_step: whether the rate also falls as 1 / sqrt(t).
        options: those of `Optimizer`.

    Example:

    >>> optimizer = keras.optimizers.Adafactor(learning_rate=0.1)
    >>> w = keras.Variable([1.0, -1.0])
    >>> for _ in range(2):
    ...     _ = optimizer.apply([keras.ops.convert_to_tensor([0.5, -2.0])], [w])
    >>> np.round(w.numpy(), 3)
    array([ 0.81, -0.81], dtype=float32)
    """

    @with_options
    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta_2_decay: float = -0.8,
        epsilon_1: float = 1e-30,
        epsilon_2: float = 1e-3,
        clip_threshold: float = 1.0,
        relative_step: bool = True,
        **options: Any,
    ) -> None:
        super().__init__(learning_rate, **options)
        self.beta_2_decay, self.epsilon_1, self.epsilon_2 = beta_2_decay, epsilon_1, epsilon_2
        self.clip_threshold, self.relative_step = clip_threshold, relative_step

    def build(self, variables: Any) -> None:
        if self.built:
            return
        variables = list(variables)
        super().build(variables)
        self._slots = {"row": [], "column": [], "velocity": []}
        for variable in variables:
            shape, label = variable.shape, variable.path.replace("/", "_")
            matrix = len(shape) >= 2
            for name, size in (
                ("row", shape[:-1] if matrix else ()),
                ("column", (*shape[:-2], shape[-1]) if matrix else ()),
                ("velocity", shape),
            ):
                made = self.add_variable(size, dtype=variable.dtype, name=f"{label}_{name}")
                self._slots[name].append(made)

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        row, column, velocity = self._slots_for(variable)
        t = ops.cast(ops.convert_to_tensor(self.iterations), "float32") + 1
        rate = ops.convert_to_tensor(learning_rate)
        if self.relative_step:
            rate = ops.minimum(rate, ops.rsqrt(t))
        rate = rate * ops.maximum(_size(variable.value), self.epsilon_2)
        fresh = ops.power(t, self.beta_2_decay)  # 1 - beta_2
        squares = ops.square(gradient) + self.epsilon_1
        if len(variable.shape) >= 2:
            row.assign((1 - fresh) * row.value + fresh * ops.mean(squares, axis=-1))
            column.assign((1 - fresh) * column.value + fresh * ops.mean(squares, axis=-2))
            share = row.value / ops.mean(row.value, axis=-1, keepdims=True)
            velocity.assign(ops.expand_dims(share, -1) * ops.expand_dims(column.value, -2))
        else:
            velocity.assign((1 - fresh) * velocity.value + fresh * squares)
        step = gradient * ops.rsqrt(velocity.value)
        variable.assign_sub(rate * step / ops.maximum(1.0, _size(step) / self.clip_threshold))

    def get_config(self) -> dict[str, Any]:
        own = {
            "beta_2_decay": self.beta_2_decay,
            "epsilon_1": self.epsilon_1,
            "epsilon_2": self.epsilon_2,
            "clip_threshold": self.clip_threshold,
            "relative_step": self.relative_step,
        }
        return {**super().get_config(), **own}


def _size(x: Any) -> Any:
    """The root mean square of all components."""
    return ops.sqrt(ops.mean(ops.square(x)))
