"""Stochastic gradient descent."""

from __future__ import annotations

from typing import Any

from triceras.optimizers.optimizer import Optimizer, with_options
from triceras_backends.active import backend as B


class SGD(Optimizer):
    """w -= learning_rate * g, with momentum and Nesterov's variant.

    Args:
        learning_rate: 0.01 by default.
        momentum: in [0, 1]; 0 keeps no slot.
        nesterov: whether the gradient is looked at ahead. Sutskever et al., 2013.
        options: those of `Optimizer`.

    Raises ValueError: momentum out of range.

    Example:

    >>> optimizer = keras.optimizers.SGD(learning_rate=0.1, momentum=0.9)
    >>> w = keras.Variable([1.0, -1.0])
    >>> for _ in range(2):
    ...     _ = optimizer.apply([keras.ops.convert_to_tensor([0.5, -2.0])], [w])
    >>> np.round(w.numpy(), 3)
    array([ 0.855, -0.42 ], dtype=float32)
    """

    @with_options
    def __init__(
        self, learning_rate: Any = 0.01, momentum: float = 0.0, nesterov: bool = False, **options: Any
    ) -> None:
        if not 0 <= momentum <= 1:
            raise ValueError(f"SGD: momentum must be between 0 and 1; got: {momentum!r}")
        super().__init__(learning_rate, **options)
        self.SLOTS = ("momentum",) if momentum else ()
        self.momentum, self.nesterov = momentum, nesterov

    def update(self, gradients: list[Any], variables: list[Any], learning_rate: Any, *slots: list[Any]) -> None:
        momenta = slots[0] if slots else []
        B.sgd_update(variables, gradients, momenta, learning_rate, self.momentum, self.nesterov)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "momentum": self.momentum, "nesterov": self.nesterov}
