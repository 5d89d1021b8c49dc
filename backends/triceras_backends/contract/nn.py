"""Neural-network primitives: activations, losses, the affine map."""

from __future__ import annotations

from typing import Any

from triceras_backends.contract.types import DType, Tensor


def relu(x: Tensor) -> Tensor:
    """max(x, 0); the gradient at 0 is 0."""


def relu6(x: Tensor) -> Tensor:
    """min(max(x, 0), 6); the gradient at 0 and at 6 is 0."""


def leaky_relu(x: Tensor, negative_slope: float = 0.2) -> Tensor:
    """x where positive, else negative_slope * x."""


def elu(x: Tensor, alpha: float = 1.0) -> Tensor:
    """x where positive, else alpha * (exp(x) - 1). Clevert et al., arXiv:1511.07289."""


def selu(x: Tensor) -> Tensor:
    """Self-normalising ELU, scale 1.0507, alpha 1.6733. Klambauer et al., arXiv:1706.02515."""


def gelu(x: Tensor, approximate: bool = True) -> Tensor:
    """x * Phi(x), Phi the normal distribution; by the tanh formula if `approximate`.

    Hendrycks and Gimpel, arXiv:1606.08415.
    """


def silu(x: Tensor) -> Tensor:
    """x * sigmoid(x)."""


def sigmoid(x: Tensor) -> Tensor:
    """1 / (1 + exp(-x)), without overflow. Float."""


def softplus(x: Tensor) -> Tensor:
    """log(1 + exp(x)), without overflow. Float."""


def softsign(x: Tensor) -> Tensor:
    """x / (1 + |x|). Float."""


def softmax(x: Tensor, axis: Any = -1) -> Tensor:
    """exp(x) / sum(exp(x)) over `axis` (an int, a tuple, or None for all), shifted by the maximum."""


def log_softmax(x: Tensor, axis: Any = -1) -> Tensor:
    """log(softmax(x)), computed directly."""


def one_hot(x: Tensor, num_classes: int, axis: int = -1, dtype: DType | None = None, sparse: bool = False) -> Tensor:
    """Indicator vectors of the integers x along a new `axis`; out-of-range ones are all zero.

    ValueError: `sparse` (sparse tensors are not supported).
    """


def binary_crossentropy(target: Tensor, output: Tensor, from_logits: bool = False) -> Tensor:
    """-(t log p + (1 - t) log(1 - p)), element by element.

    Probabilities are clipped to [epsilon, 1 - epsilon]; with `from_logits` p is
    sigmoid(output), computed stably. Shapes must be equal, else ValueError.
    """


def categorical_crossentropy(target: Tensor, output: Tensor, from_logits: bool = False, axis: int = -1) -> Tensor:
    """-sum(t log p) over `axis`, target a distribution of output's shape.

    Probabilities are first divided by their sum and clipped to [epsilon, 1 - epsilon].
    ValueError: shapes differ, or rank 0.
    """


def sparse_categorical_crossentropy(
    target: Tensor, output: Tensor, from_logits: bool = False, axis: int = -1
) -> Tensor:
    """-log p[target] over `axis`, target integers of output's shape without `axis` (or with size 1 there).

    Probabilities are clipped to [epsilon, 1 - epsilon]. ValueError: shapes that do not fit.
    """


def linear(x: Tensor, kernel: Tensor, bias: Tensor) -> Tensor:
    """matmul(x, kernel) + bias, over x's last axis: x (..., n), kernel (n, m), bias (m,) to (..., m)."""
