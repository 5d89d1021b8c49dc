"""Products and linear algebra.

Matrices stand in the last two axes, batches before them. Decompositions compute in floats:
integers become the default float, float16 and bfloat16 are computed in float32 and cast back.
A matrix of the wrong rank or not square, where it must be, raises ValueError naming the
shape. A matrix that has no result (singular in `inv` and `solve`, not positive definite in
`cholesky`) raises ValueError in eager PyTorch and TensorFlow; where values cannot be looked at,
inside jit and on JAX, the result holds NaN or infinities.
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


def inner(x1: Tensor, x2: Tensor) -> Tensor:
    """Sum of products over the last axis of both; scalars multiply."""


def vdot(x1: Tensor, x2: Tensor) -> Tensor:
    """Sum of products of all elements, in order, x1's conjugated. ValueError: sizes differ."""


def kron(x1: Tensor, x2: Tensor) -> Tensor:
    """Kronecker product: blocks of x2 scaled by x1's elements; the lesser rank gets leading axes of size 1."""


def cross(x1: Tensor, x2: Tensor, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None) -> Tensor:
    """Cross product of vectors of 2 or 3 components; of two 2-vectors the third component only.

    The vectors lie along axisa of x1 and axisb of x2, and will along axisc of the result; `axis`
    stands for all three. Booleans become int32. ValueError: other sizes.
    """


def trace(x: Tensor, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Tensor:
    """Sum of a diagonal over two axes; small integers widened as in `sum`."""


def norm(x: Tensor, ord: Any = None, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Vector or matrix norm as numpy.linalg.norm: ord None (2-norm or Frobenius), int, inf, "fro", "nuc".

    The gradient of the 2-norm at 0 is 0. ValueError: an ord that the rank does not allow.
    """


def cholesky(x: Tensor, upper: bool = False) -> Tensor:
    """Lower triangular L with L L^H = x (upper: U with U^H U = x), x positive definite.

    x is taken to be Hermitian, and its gradient is. Where x is not positive definite, the result is NaN
    inside jit and on JAX; eager PyTorch and TensorFlow raise.
    """


def cholesky_inverse(x: Tensor, upper: bool = False) -> Tensor:
    """The inverse of A from its Cholesky factor x: A = x x^H, or x^H x where `upper`.

    Only the factor's triangle is read, and only it has a gradient.
    """


def det(x: Tensor) -> Tensor:
    """Determinant. Its gradient, the cofactors, is finite for singular matrices too."""


def slogdet(x: Tensor) -> Any:
    """Sign and logarithm of the absolute value of the determinant: (0, -inf) where it is 0.

    For complex x the sign is the number of modulus 1. The gradient is that of the logarithm, x^-H.
    """


def logdet(x: Tensor) -> Tensor:
    """Logarithm of the determinant of (Hermitian positive definite) matrices.

    -inf where the determinant is 0, NaN where it is negative.
    """


def inv(x: Tensor) -> Tensor:
    """Inverse matrix."""


def solve(a: Tensor, b: Tensor) -> Tensor:
    """x with a x = b; b a matrix, or a vector where it has one dimension less than a."""


def solve_triangular(a: Tensor, b: Tensor, lower: bool = False) -> Tensor:
    """x with a x = b, reading only a's lower or upper triangle."""


def lu_factor(x: Tensor) -> Any:
    """LU decomposition with row pivoting: L (unit diagonal, not stored) below and U on and above the
    diagonal of one (M, N) matrix, and min(M, N) int32 pivots, as scipy.linalg.lu_factor gives them.

    Pivot i says that row i was exchanged with row pivots[i], in that order, counted from 0.
    """


def eig(x: Tensor) -> Any:
    """Eigenvalues and right eigenvectors (columns) of square matrices; complex, also for real x.

    Their order is the framework's. Eigenvectors have norm 1, and any phase; a gradient that depends
    on the phase has no meaning. With repeated eigenvalues the gradient by vectors is not finite.
    """


def eigh(x: Tensor) -> Any:
    """Eigenvalues, ascending, and eigenvectors (columns) of a Hermitian matrix.

    The vectors' gradient is not finite where eigenvalues repeat.
    """


def qr(x: Tensor, mode: str = "reduced") -> Any:
    """Q, R with Q R = x; mode "reduced" or "complete". Signs are the framework's.

    The gradient exists unless mode is "complete" and x has more rows than columns.
    """


def svd(x: Tensor, full_matrices: bool = True, compute_uv: bool = True) -> Any:
    """U, s, Vh with U diag(s) Vh = x, s descending; only s where not `compute_uv`.

    Signs of vectors are the framework's. Their gradient exists with `full_matrices` False, for
    singular values that differ; that of s alone always.
    """


def pinv(x: Tensor, rcond: Any = None) -> Tensor:
    """Moore-Penrose pseudo-inverse; singular values up to `rcond` times the largest count as 0.

    rcond None: the larger size times the dtype's epsilon. The derivative is that of constant rank
    (Golub and Pereyra, 1973).
    """


def lstsq(a: Tensor, b: Tensor, rcond: Any = None) -> Tensor:
    """The x of least norm that minimizes |a x - b|; b a matrix, or a vector where it has one dimension less.

    rcond as in `pinv`.
    """


def matrix_rank(x: Tensor, tol: Any = None) -> Tensor:
    """How many singular values exceed `tol` (absolute), as int32.

    tol None: the largest one times the larger size times the dtype's epsilon. A tensor tol has one
    number a matrix.
    """
