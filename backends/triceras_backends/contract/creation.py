"""Further ways to make tensors: copies, spaced numbers, windows.

The default dtype is config.floatx(). A length or size that is not a whole number raises TypeError,
a negative one ValueError; both name the operation.
"""

from __future__ import annotations

from triceras_backends.contract.types import DType, Shape, Tensor

# -- copies ------------------------------------------------------------------------------


def array(x: Tensor, dtype: DType | None = None) -> Tensor:
    """A new tensor of x: as `convert_to_tensor`, but a tensor or Variable is copied. Gradients flow through."""


def copy(x: Tensor) -> Tensor:
    """A tensor with x's values in memory of its own. Gradients flow through."""


def empty(shape: Shape, dtype: DType | None = None) -> Tensor:
    """A tensor whose values are not defined: to be written over. An int is a 1-D shape."""


def empty_like(x: Tensor, dtype: DType | None = None) -> Tensor:
    """A tensor of x's shape, and its dtype unless `dtype` is given, whose values are not defined."""


# -- spaced numbers ----------------------------------------------------------------------


def logspace(
    start: Tensor,
    stop: Tensor,
    num: int = 50,
    endpoint: bool = True,
    base: Tensor = 10,
    dtype: DType | None = None,
    axis: int = 0,
) -> Tensor:
    """`num` powers of `base` whose exponents are evenly spaced over [start, stop] (half-open if not `endpoint`).

    start, stop and base broadcast; the new axis stands at `axis`. Dtype: that of `linspace`. An integer `dtype`
    drops the fraction, except where only rounding keeps a number from being whole. ValueError: a negative `num`.
    """


def geomspace(
    start: Tensor,
    stop: Tensor,
    num: int = 50,
    endpoint: bool = True,
    dtype: DType | None = None,
    axis: int = 0,
) -> Tensor:
    """`num` numbers from start to stop of constant ratio (without stop if not `endpoint`); the ends are exact.

    Both may be negative. Where the signs differ or one is 0 there is no such progression, and the numbers
    between are NaN. Integer dtypes as in `logspace`. ValueError: a negative `num`.
    """


# -- windows -----------------------------------------------------------------------------
# x points, symmetric, in the default float: [] for none, [1] for one. F. J. Harris, "On the use of windows for
# harmonic analysis with the discrete Fourier transform", Proc. IEEE 66 (1978). x decides the shape, so it must be
# known: an int or a scalar tensor with a value, not a symbolic one (TypeError).


def bartlett(x: int) -> Tensor:
    """The triangular window of x points, 0 at both ends."""


def blackman(x: int) -> Tensor:
    """The window 0.42 - 0.5 cos(t) + 0.08 cos(2t) of x points, t from 0 to 2 pi."""


def hamming(x: int) -> Tensor:
    """The window 0.54 - 0.46 cos(t) of x points, t from 0 to 2 pi."""


def hanning(x: int) -> Tensor:
    """The window 0.5 - 0.5 cos(t) of x points, t from 0 to 2 pi."""


def kaiser(x: int, beta: Tensor) -> Tensor:
    """The window I0(beta sqrt(1 - r^2)) / I0(beta) of x points, r from -1 to 1; I0 is a Bessel function.

    beta, a scalar, may be so large that I0 itself would overflow, and a tensor to differentiate by.
    """


# -- matrices ----------------------------------------------------------------------------


def tri(N: int, M: int | None = None, k: int = 0, dtype: DType | None = None) -> Tensor:
    """An (N, M) matrix with ones on and below the k-th diagonal, zeros above; M defaults to N."""


def vander(x: Tensor, N: int | None = None, increasing: bool = False) -> Tensor:
    """The Vandermonde matrix of a vector: its rows are the powers of x's elements, N of them (x's length by default).

    The exponents fall to 0, or rise from 0 if `increasing`. Dtype: x's; int32 for bool. ValueError: x is no
    vector, or N is negative.
    """


def diagflat(x: Tensor, k: int = 0) -> Tensor:
    """A square matrix with x's elements, flattened, on the k-th diagonal."""
