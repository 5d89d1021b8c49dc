"""Adam and AdamW."""

from __future__ import annotations

from typing import Any

from triceras.optimizers.optimizer import Optimizer, with_options
from triceras_backends.active import backend as B


class Adam(Optimizer):
    """Steps by running means of the gradient and its square. Kingma and Ba, arXiv:1412.6980.

    Args:
        learning_rate: 0.001 by default.
        beta_1, beta_2: decays of the two means, in [0, 1).
        epsilon: added to the root of the second, outside the bias correction ("epsilon hat").
        amsgrad: whether the largest second mean so far is used. Reddi et al., arXiv:1904.09237.
        options: those of `Optimizer`.

    Raises ValueError: a decay out of range.

    Example:

    >>> optimizer = keras.optimizers.Adam(learning_rate=0.1)
    >>> w = keras.Variable([1.0, -1.0])
    >>> for _ in range(2):
    ...     _ = optimizer.apply([keras.ops.convert_to_tensor([0.5, -2.0])], [w])
    >>> np.round(w.numpy(), 3)
    array([ 0.8, -0.8], dtype=float32)
    """

    SLOTS = ("momentum", "velocity")

    @with_options
    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        amsgrad: bool = False,
        **options: Any,
    ) -> None:
        check_decays(type(self).__name__, beta_1=beta_1, beta_2=beta_2)
        super().__init__(learning_rate, **options)
        self.beta_1, self.beta_2, self.epsilon, self.amsgrad = beta_1, beta_2, epsilon, amsgrad
        if amsgrad:
            self.LATER_SLOTS = ("velocity_hat",)

    def update(self, gradients: list[Any], variables: list[Any], learning_rate: Any, *slots: list[Any]) -> None:
        moments, velocities = slots[:2]
        maxima = slots[2] if self.amsgrad else []
        B.adam_update(
            variables, gradients, moments, velocities, maxima, self.iterations, learning_rate,
            self.beta_1, self.beta_2, self.epsilon,
        )  # fmt: skip

    def get_config(self) -> dict[str, Any]:
        own = {"beta_1": self.beta_1, "beta_2": self.beta_2, "epsilon": self.epsilon, "amsgrad": self.amsgrad}
        return {**super().get_config(), **own}


class AdamW(Adam):
    """Adam with decoupled weight decay. Loshchilov and Hutter, arXiv:1711.05101.

    Args: as `Adam`, with weight_decay third in place, 0.004 by default.

    Raises ValueError: no weight decay.

    Example:

    >>> optimizer = keras.optimizers.AdamW(learning_rate=0.1, weight_decay=0.5)
    >>> w = keras.Variable([1.0, -1.0])
    >>> for _ in range(2):
    ...     _ = optimizer.apply([keras.ops.convert_to_tensor([0.5, -2.0])], [w])
    >>> np.round(w.numpy(), 3)
    array([ 0.708, -0.708], dtype=float32)
    """

    @with_options
    def __init__(
        self,
        learning_rate: Any = 0.001,
        weight_decay: float = 0.004,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        amsgrad: bool = False,
        **options: Any,
    ) -> None:
        if weight_decay is None:
            raise ValueError("AdamW needs a weight_decay; without one, use Adam.")
        super().__init__(learning_rate, beta_1, beta_2, epsilon, amsgrad, weight_decay=weight_decay, **options)


def check_decays(owner: str, **decays: float) -> None:
    """Raises ValueError: one is not in [0, 1)."""
    for label, value in decays.items():
        if not 0 <= value < 1:
            raise ValueError(f"{owner}: {label} must be in [0, 1); got: {value!r}")
