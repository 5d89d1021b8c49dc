"""Adam."""

from __future__ import annotations

from typing import Any

from triceras.optimizers.optimizer import Optimizer
from triceras_backends.active import backend as B


class Adam(Optimizer):
    """Steps by running means of the gradient and its square. Kingma and Ba, arXiv:1412.6980.

    Args:
        learning_rate: 0.001 by default.
        beta_1, beta_2: decays of the two means, in [0, 1).
        epsilon: added to the root of the second, outside the bias correction ("epsilon hat").

    Raises ValueError: a decay out of range.
    """

    SLOTS = ("momentum", "velocity")

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        name: str | None = None,
    ) -> None:
        for label, value in (("beta_1", beta_1), ("beta_2", beta_2)):
            if not 0 <= value < 1:
                raise ValueError(f"Adam: {label} must be in [0, 1); got: {value!r}")
        super().__init__(learning_rate, name or "adam")
        self.beta_1, self.beta_2, self.epsilon = beta_1, beta_2, epsilon

    def update(self, gradients: list[Any], variables: list[Any], *slots: list[Any]) -> None:
        moments, velocities = slots
        B.adam_update(
            variables, gradients, moments, velocities, self.iterations.value, self._learning_rate.value,
            self.beta_1, self.beta_2, self.epsilon,
        )  # fmt: skip

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "beta_1": self.beta_1, "beta_2": self.beta_2, "epsilon": self.epsilon}
