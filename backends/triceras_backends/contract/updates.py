"""Optimizer kernels: whole lists of Variables updated at once.

Each takes parallel lists (variables, gradients, slots), assigns in place and returns None.
Gradients have their variables' shapes. Hyperparameters are Python floats, scalar tensors or Variables.
`derived` has a definition of each from other primitives; a backend may bring a fused one.
"""

from __future__ import annotations

from typing import Any

from triceras_backends.contract.types import Tensor


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
    maxima: list[Any],
    iterations: Any,
    learning_rate: Any,
    beta_1: float,
    beta_2: float,
    epsilon: float,
) -> None:
    """Adam with bias correction folded into the rate, epsilon added outside it ("epsilon hat").

    m += (1 - b1)(g - m); v += (1 - b2)(g^2 - v); with t = iterations + 1, the updates before this one counted,
    w -= lr sqrt(1 - b2^t) / (1 - b1^t) m / (sqrt(v) + epsilon). Kingma and Ba, arXiv:1412.6980.
    Where there are `maxima`, they take in v and stand in its place (AMSGrad, arXiv:1904.09237); else they are empty.
    """


def rmsprop_update(
    variables: list[Any],
    gradients: list[Any],
    velocities: list[Any],
    momenta: list[Any],
    averages: list[Any],
    learning_rate: Any,
    rho: float,
    momentum: float,
    epsilon: float,
) -> None:
    """v += (1 - rho)(g^2 - v); w -= lr g / sqrt(v + epsilon).

    With `averages` (else empty): a += (1 - rho)(g - a), and v - a^2 in the place of v.
    With `momenta` (else empty): m = momentum m + the step, which then is m. Graves, arXiv:1308.0850.
    """


def decay_update(variables: list[Any], learning_rate: Any, weight_decay: float) -> None:
    """w -= lr weight_decay w."""


def hyperparameter(value: Any, dtype: str, name: str) -> Any:
    """A scalar Variable, not trainable, for what steers an optimizer.

    It is kept where kernels read it without waiting for a device.
    """


def accumulate(total: Any, count: Any, values: Tensor, weight: Any = None) -> None:
    """total += weight * sum(values), count += weight * the number of values; weight a number, None for 1.

    total and count are scalar Variables.
    """


def increment(variable: Any) -> None:
    """Adds 1 to a counter."""


def update_if(pred: Any, update: Any, variables: list[Any]) -> None:
    """Calls update(), whose assignments to `variables` (all that it makes) count only where pred holds.

    pred: a scalar bool tensor, not waited for unless reading it costs nothing.
    """


def moving_average(variable: Any, value: Tensor, momentum: float) -> None:
    """Assigns variable * momentum + value * (1 - momentum), without gradient."""
