"""RMSprop."""

from __future__ import annotations

from typing import Any

from triceras.optimizers.adam import check_decays
from triceras.optimizers.optimizer import Optimizer, with_options
from triceras_backends.active import backend as B


class RMSprop(Optimizer):
    """Divides the gradient by the root of the running mean of its square. Tieleman and Hinton, 2012.

    Args:
        learning_rate: 0.001 by default.
        rho: the decay of the mean, in [0, 1).
        momentum: the share of the last step in the next; 0 for none.
        epsilon: added to the mean, under the root.
        centered: whether the variance is taken instead, about the running mean. Graves, arXiv:1308.0850.
        options: those of `Optimizer`.

    Raises ValueError: rho out of range.

    Example:

    >>> optimizer = keras.optimizers.RMSprop(learning_rate=0.1)
    >>> w = keras.Variable([1.0, -1.0])
    >>> for _ in range(2):
    ...     _ = optimizer.apply([keras.ops.convert_to_tensor([0.5, -2.0])], [w])
    >>> np.round(w.numpy(), 3)
    array([ 0.454, -0.454], dtype=float32)
    """

    SLOTS = ("velocity",)

    @with_options
    def __init__(
        self,
        learning_rate: Any = 0.001,
        rho: float = 0.9,
        momentum: float = 0.0,
        epsilon: float = 1e-7,
        centered: bool = False,
        **options: Any,
    ) -> None:
        check_decays("RMSprop", rho=rho)
        super().__init__(learning_rate, **options)
        self.rho, self.momentum, self.epsilon, self.centered = rho, momentum, epsilon, centered
        self.LATER_SLOTS = (*(("momentum",) if momentum > 0 else ()), *(("average_gradient",) if centered else ()))

    def update(self, gradients: list[Any], variables: list[Any], learning_rate: Any, *slots: list[Any]) -> None:
        velocities, *others = slots
        momenta = others.pop(0) if self.momentum > 0 else []
        averages = others.pop(0) if self.centered else []
        B.rmsprop_update(
            variables, gradients, velocities, momenta, averages, learning_rate, self.rho, self.momentum, self.epsilon
        )

    def get_config(self) -> dict[str, Any]:
        own = {"rho": self.rho, "momentum": self.momentum, "epsilon": self.epsilon, "centered": self.centered}
        return {**super().get_config(), **own}
