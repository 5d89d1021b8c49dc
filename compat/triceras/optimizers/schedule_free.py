"""Adam without a schedule."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from triceras import ops
from triceras.optimizers.adam import check_decays
from triceras.optimizers.optimizer import Optimizer, with_options


class ScheduleFreeAdamW(Optimizer):
    """Adam whose weights are the mean of all its iterates, so that no schedule is needed.

    With v the running mean of squared gradients and t the number of this update,
    z -= learning_rate * g / (sqrt(v / (1 - beta_2^t)) + epsilon), x is the mean of all z, and the weights are
    (1 - beta_1) z + beta_1 x. Defazio et al., arXiv:2405.15682.

    Args:
        learning_rate: 0.0025 by default.
        beta_1: the mean's share in the weights, in (0, 1).
        beta_2: the decay of the mean of squares, in [0, 1).
        epsilon: added to its root.
        warmup_steps: the rate of z climbs in a line to its height over so many updates.
        options: those of `Optimizer`.

    Raises ValueError: a decay out of range.

    Example:

    >>> optimizer = keras.optimizers.ScheduleFreeAdamW(learning_rate=0.1)
    >>> w = keras.Variable([1.0, -1.0])
    >>> for _ in range(2):
    ...     _ = optimizer.apply([keras.ops.convert_to_tensor([0.5, -2.0])], [w])
    >>> np.round(w.numpy(), 3)
    array([ 0.845, -0.845], dtype=float32)
    """

    @with_options
    def __init__(
        self,
        learning_rate: Any = 0.0025,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        warmup_steps: int = 0,
        **options: Any,
    ) -> None:
        if beta_1 == 0:
            raise ValueError("ScheduleFreeAdamW: beta_1 must be in (0, 1); got: 0")
        check_decays("ScheduleFreeAdamW", beta_1=beta_1, beta_2=beta_2)
        super().__init__(learning_rate, **options)
        self.beta_1, self.beta_2, self.epsilon, self.warmup_steps = beta_1, beta_2, epsilon, warmup_steps

    def build(self, variables: Iterable[Any]) -> None:
        if self.built:
            return
        variables = list(variables)
        super().build(variables)
        made = self.add_optimizer_variables(variables, ("momentum", "velocity"))
        self._slots = dict(zip(("momentum", "velocity"), made, strict=True))
        for variable, iterate in zip(variables, self._slots["momentum"], strict=True):
            iterate.assign(variable.value)

    def update(self, gradients: list[Any], variables: list[Any], learning_rate: Any, *slots: list[Any]) -> None:
        t = ops.cast(ops.convert_to_tensor(self.iterations), "float32") + 1
        rate = ops.convert_to_tensor(learning_rate)
        if self.warmup_steps:
            rate = rate * ops.minimum(t / self.warmup_steps, 1.0)
        correction = 1 - ops.power(self.beta_2, t)
        for gradient, variable, iterate, squares in zip(gradients, variables, *slots, strict=True):
            second = squares.value + (ops.square(gradient) - squares.value) * (1 - self.beta_2)
            squares.assign(second)
            z = iterate.value - rate * gradient / (ops.sqrt(second / correction) + self.epsilon)
            share = 1 - self.beta_1
            mean = (variable.value - share * iterate.value) / self.beta_1
            iterate.assign(z)
            variable.assign(share * z + self.beta_1 * (mean + (z - mean) / t))

    def get_config(self) -> dict[str, Any]:
        own = {name: getattr(self, name) for name in ("beta_1", "beta_2", "epsilon", "warmup_steps")}
        return {**super().get_config(), **own}
