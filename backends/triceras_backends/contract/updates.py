"""Optimizer kernels: whole lists of Variables updated at once.

Each takes parallel lists (variables, gradients, slots), assigns in place and returns None.
Gradients have their variables' shapes. Hyperparameters are Python floats or scalar tensors.
`derived` has a definition of each from other primitives; a backend may bring a fused one.
"""

from __future__ import annotations

from typing import Any


def sgd_update(
    variables: list[Any], gradients: list[Any], momenta: list[Any], learning_rate: Any, momentum: float, nesterov: bool
) -> None:
    """w -= lr g; with momentum m = momentum m - lr g, then w += m, or w += momentum m - lr g (nesterov).

    `momenta` is empty where momentum is 0.
    """


def adam_update(
    variables: list[Any],
    gradients: list[Any],
    moments: list[Any],
    velocities: list[Any],
    step: Any,
    learning_rate: Any,
    beta_1: float,
    beta_2: float,
    epsilon: float,
) -> None:
    """Adam with bias correction folded into the rate, epsilon added outside it ("epsilon hat").

    step counts from 1. m += (1 - b1)(g - m); v += (1 - b2)(g^2 - v);
    w -= lr sqrt(1 - b2^t) / (1 - b1^t) m / (sqrt(v) + epsilon). Kingma and Ba, arXiv:1412.6980.
    """


def moving_average(variable: Any, value: Tensor, momentum: float) -> None:
    """Assigns variable * momentum + value * (1 - momentum), without gradient."""
