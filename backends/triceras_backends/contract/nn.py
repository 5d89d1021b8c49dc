"""Neural-network primitives: activations, losses, the affine map."""

from __future__ import annotations

from typing import Any

from triceras_backends.contract.types import DType, Tensor


def relu(x: Tensor) -> Tensor:
    """max(x, 0) in x's dtype, booleans as int32; the gradient at 0 is 0."""


def relu6(x: Tensor) -> Tensor:
    """min(max(x, 0), 6) in x's dtype, booleans as int32; the gradient at 0 and at 6 is 0."""


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


def celu(x: Tensor, alpha: float = 1.0) -> Tensor:
    """x where positive, else alpha * (exp(x / alpha) - 1). Float. Barron, arXiv:1704.07483.

    ValueError: alpha is 0.
    """


def glu(x: Tensor, axis: int = -1) -> Tensor:
    """The first half of x along `axis` times the sigmoid of the second. Float. Dauphin et al., arXiv:1612.08083.

    ValueError: an axis that x has not, or of odd size.
    """


def hard_shrink(x: Tensor, threshold: float = 0.5) -> Tensor:
    """x where |x| > threshold, else 0, of derivative 0 there. Float; NaN stays."""


def hard_sigmoid(x: Tensor) -> Tensor:
    """x / 6 + 1/2, no less than 0 and no more than 1; the gradient at -3 and at 3 is 0. Float."""


def hard_silu(x: Tensor) -> Tensor:
    """x * hard_sigmoid(x), 0 (NaN in some frameworks) at -inf; the gradient at -3 is 0, at 3 it is 1. Float.

    Howard et al., arXiv:1905.02244.
    """


def hard_tanh(x: Tensor) -> Tensor:
    """x, no less than -1 and no more than 1, in x's dtype; the gradient at -1 and at 1 is 0."""


def log_sigmoid(x: Tensor) -> Tensor:
    """log(sigmoid(x)), without overflow. Float."""


def soft_shrink(x: Tensor, threshold: float = 0.5) -> Tensor:
    """x brought nearer to 0 by the threshold, 0 (and of derivative 0) where |x| is no larger. Float; NaN stays.

    ValueError: a negative threshold.
    """


def sparse_plus(x: Tensor) -> Tensor:
    """0 below -1, (x + 1)^2 / 4 up to 1, x above: the softplus of sparsemax. Float. arXiv:1602.02068."""


def sparse_sigmoid(x: Tensor) -> Tensor:
    """(x + 1) / 2, no less than 0 and no more than 1; the gradient at -1 and at 1 is 0. Float."""


def sparsemax(x: Tensor, axis: int = -1) -> Tensor:
    """The point of the probability simplex next to x along `axis`. Float. Martins and Astudillo, arXiv:1602.02068.

    Gradients reach the elements that are not 0 only, so an element on the boundary gets none.
    A row of -inf alone gives NaN. ValueError: an axis that x has not.
    """


def squareplus(x: Tensor, b: float = 4) -> Tensor:
    """(x + sqrt(x^2 + b)) / 2, without overflow or cancellation. Float. Barron, arXiv:2112.11687."""


def tanh_shrink(x: Tensor) -> Tensor:
    """x - tanh(x). Float."""


def threshold(x: Tensor, threshold: float, default_value: float) -> Tensor:
    """x where it is larger than the threshold, else default_value, of derivative 0; NaN stays.

    The dtype is that of x and default_value promoted.
    """


def multi_hot(
    inputs: Tensor,
    num_classes: int | None = None,
    axis: int = -1,
    dtype: DType | None = None,
    sparse: bool = False,
    **kwargs: Any,
) -> Tensor:
    """Indicator vectors of sets of classes: (labels,) to (classes,), (batch, labels, ...) to (batch, ..., classes).

    1 where any of the labels (along axis 1 of the inputs, 0 if they have rank 1) is that class, in the
    default float or `dtype`; labels out of range count for nothing. `axis` is where the classes stand in the
    result. `num_tokens` is another name for num_classes.
    ValueError: no num_classes, inputs of rank 0, an axis that the result has not, `sparse`.
    TypeError: another keyword.
    """


def psnr(x1: Tensor, x2: Tensor, max_val: float) -> Tensor:
    """The peak signal-to-noise ratio in decibels, 10 log10(max_val^2 / mean((x1 - x2)^2)); inf for equals.

    One number, a float; integers are made floats before they are subtracted. ValueError: shapes that differ.
    """


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

    Probabilities are first divided by their sum and clipped to [epsilon, 1 - epsilon].
    ValueError: shapes that do not fit.
    """


def linear(x: Tensor, kernel: Tensor, bias: Tensor) -> Tensor:
    """matmul(x, kernel) + bias, over x's last axis: x (..., n), kernel (n, m), bias (m,) to (..., m)."""
