"""Complex numbers: parts, angle and conjugate, and their two real representations.

Real input counts as complex numbers whose imaginary part is 0.
"""

from __future__ import annotations

from triceras_backends.contract.types import Tensor


def angle(x: Tensor) -> Tensor:
    """Argument of complex x in radians, in [-pi, pi]; real x gives 0, or pi where its sign bit is set.

    The result is real: the default float for integers. The angle of NaN is NaN, of -0.0 pi (as NumPy's).
    The gradient is 0 for real x.
    """


def conj(x: Tensor) -> Tensor:
    """Complex conjugate, in x's dtype; x itself where x is real."""


def real(x: Tensor) -> Tensor:
    """Real part; x itself where x is real."""


def imag(x: Tensor) -> Tensor:
    """Imaginary part; zeros of x's dtype where x is real."""


def isreal(x: Tensor) -> Tensor:
    """Where the imaginary part is 0. Bool; real dtypes are real everywhere."""


def polar(abs_: Tensor, angle: Tensor) -> Tensor:
    """abs_ * (cos(angle) + i sin(angle)): complex64, or complex128 where an argument is float64."""


def view_as_complex(x: Tensor) -> Tensor:
    """Pairs on the last axis, real and imaginary parts, as complex numbers: shape (..., 2) becomes (...).

    complex128 for float64, else complex64. Raises ValueError: the last axis is not of size 2.
    Raises TypeError: x is complex already.
    """


def view_as_real(x: Tensor) -> Tensor:
    """Real and imaginary parts on a new last axis of size 2. Real x gives zeros for the second, in x's dtype."""
