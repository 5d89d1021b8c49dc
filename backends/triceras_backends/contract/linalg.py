"""Products and linear algebra.

Matrices stand in the last two axes, batches before them. Decompositions take floats;
a matrix of the wrong rank or not square, where it must be, raises ValueError naming the
shape.
"""

from __future__ import annotations

from typing import Any

from triceras_backends.contract.types import Axis, Tensor


def matmul(x1: Tensor, x2: Tensor) -> Tensor:
    """Matrix product over the last two axes, batches broadcast; 1-D as in NumPy.

    Two int8 tensors give int32. ValueError: inner sizes differ.
    """


def dot(x1: Tensor, x2: Tensor) -> Tensor:
    """NumPy's dot: last axis of x1 with the second to last of x2; scalars multiply."""


def tensordot(x1: Tensor, x2: Tensor, axes: Any = 2) -> Tensor:
    """Sum of products over `axes`: the last n of x1 with the first n of x2, or two lists."""


def einsum(subscripts: str, *operands: Tensor, **kwargs: Any) -> Tensor:
    """Einstein summation, with "..." and implicit output. kwargs are taken for NumPy's sake."""


def outer(x1: Tensor, x2: Tensor) -> Tensor:
    """Outer product of two tensors, each flattened."""


def trace(x: Tensor, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Tensor:
    """Sum of a diagonal over two axes; small integers widened as in `sum`."""


def norm(x: Tensor, ord: Any = None, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Vector or matrix norm as numpy.linalg.norm: ord None (2-norm or Frobenius), int, inf, "fro", "nuc".

    The gradient of the 2-norm at 0 is 0. ValueError: an ord that the rank does not allow.
    """


def cholesky(x: Tensor, upper: bool = False) -> Tensor:
    """Lower triangular L with L L^H = x (upper: U with U^H U = x), x positive definite.

    Where x is not, the result is NaN inside jit and on JAX; eager PyTorch and TensorFlow raise.
    """


def det(x: Tensor) -> Tensor:
    """Determinant."""


def inv(x: Tensor) -> Tensor:
    """Inverse matrix."""


def solve(a: Tensor, b: Tensor) -> Tensor:
    """x with a x = b; b a matrix, or a vector where it has one dimension less than a."""


def solve_triangular(a: Tensor, b: Tensor, lower: bool = False) -> Tensor:
    """x with a x = b, reading only a's lower or upper triangle."""


def eigh(x: Tensor) -> Any:
    """Eigenvalues, ascending, and eigenvectors (columns) of a Hermitian matrix."""


def qr(x: Tensor, mode: str = "reduced") -> Any:
    """Q, R with Q R = x; mode "reduced" or "complete"."""


def svd(x: Tensor, full_matrices: bool = True, compute_uv: bool = True) -> Any:
    """U, s, Vh with U diag(s) Vh = x, s descending; only s where not `compute_uv`."""
