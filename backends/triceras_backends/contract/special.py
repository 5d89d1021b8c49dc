"""Special functions, rounding modes, bits and further element-wise arithmetic.

The conventions are those of `contract.elementwise`: weak Python scalars, promotion, broadcasting.
A function documented as "float" casts integer and boolean input to the default float first. Input
of a kind that a function does not take (floats to a shift, complex numbers to `fmax`) raises
TypeError naming the function and the dtype; shapes that do not broadcast raise ValueError.
"""

from __future__ import annotations

from triceras_backends.contract.types import DType, Tensor

# -- elementary and special functions: all float -----------------------------------------------


def cbrt(x: Tensor) -> Tensor:
    """Cube root, of negative numbers too: cbrt(-8) = -2. Float. The derivative at 0 is inf, as sqrt's."""


def exp2(x: Tensor) -> Tensor:
    """2 to the x. Float."""


def logaddexp2(x1: Tensor, x2: Tensor) -> Tensor:
    """log2(2**x1 + 2**x2), without overflow. Float."""


def hypot(x1: Tensor, x2: Tensor) -> Tensor:
    """sqrt(x1**2 + x2**2), without overflow or underflow. Float.

    Infinite where either is infinite, even next to NaN (IEEE 754). The gradient at (0, 0) is 0, as `norm`'s.
    """


def deg2rad(x: Tensor) -> Tensor:
    """Degrees to radians: x * pi / 180. Float."""


def rad2deg(x: Tensor) -> Tensor:
    """Radians to degrees: x * 180 / pi. Float."""


def sinc(x: Tensor) -> Tensor:
    """Normalized cardinal sine, sin(pi x) / (pi x); 1 at 0. Float. Derivatives at 0 are 0, -pi**2 / 3, ..."""


def i0(x: Tensor) -> Tensor:
    """Modified Bessel function of the first kind, order 0 (Abramowitz & Stegun, 9.6). Float.

    Its derivative is the function of order 1. Overflows to inf from about |x| = 92 in float32.
    """


def erfc(x: Tensor) -> Tensor:
    """Complementary error function, 1 - erf(x), accurate where erf(x) is near 1. Float."""


def fabs(x: Tensor) -> Tensor:
    """Absolute value as a float. The gradient at 0 is 0. Raises TypeError: complex input."""


# -- arithmetic --------------------------------------------------------------------------------


def fmax(x1: Tensor, x2: Tensor) -> Tensor:
    """The larger of two tensors; a number wins over NaN, unlike in `maximum`.

    Where they tie, each takes half of the gradient; where one is NaN, the other takes all of it.
    """


def fmin(x1: Tensor, x2: Tensor) -> Tensor:
    """The smaller of two tensors; a number wins over NaN, unlike in `minimum`.

    Where they tie, each takes half of the gradient; where one is NaN, the other takes all of it.
    """


def fmod(x1: Tensor, x2: Tensor) -> Tensor:
    """Remainder with the sign of the dividend `x1` (as C's fmod); booleans become int32.

    Integer fmod(x, 0) is 0 as in NumPy; of floats it is NaN. The gradient by x2 is -trunc(x1 / x2).
    """


def divide_no_nan(x1: Tensor, x2: Tensor) -> Tensor:
    """x1 / x2, and 0 wherever x2 is 0, whatever x1 is. Float. Both gradients are 0 there."""


def gcd(x1: Tensor, x2: Tensor) -> Tensor:
    """Greatest common divisor of two integer tensors, never negative; gcd(x, 0) = |x|. TypeError: other dtypes."""


def lcm(x1: Tensor, x2: Tensor) -> Tensor:
    """Least common multiple of two integer tensors, never negative; lcm(x, 0) = 0. TypeError: other dtypes."""


def ldexp(x1: Tensor, x2: Tensor) -> Tensor:
    """x1 * 2**x2 for integers x2, exact wherever the result is a normal number. Float: the dtype is x1's and x2's
    promoted, as a float.

    The gradient by x1 is 2**x2 and none flows to x2. Results below the normal range may come out 0
    where the hardware flushes them. Raises TypeError: x2 is not of an integer dtype.
    """


def heaviside(x1: Tensor, x2: Tensor) -> Tensor:
    """The step function: 0 where x1 < 0, 1 where x1 > 0, x2 where x1 is 0, NaN where x1 is NaN. Float.

    The gradient by x1 is 0; by x2 it is 1 where x1 is 0.
    """


def nextafter(x1: Tensor, x2: Tensor) -> Tensor:
    """The next number that the dtype can represent after x1 towards x2; x2 where they are equal. Float.

    NaN where either is. Has no gradient.
    """


# -- tests and comparisons: the result is bool ---------------------------------------------------


def signbit(x: Tensor) -> Tensor:
    """Where x's sign bit is set: x < 0, -0.0 and negative NaNs. Bool. Raises TypeError: complex input."""


def isneginf(x: Tensor) -> Tensor:
    """Where x is minus infinity. Bool; integers never are. Raises TypeError: complex input."""


def isposinf(x: Tensor) -> Tensor:
    """Where x is plus infinity. Bool; integers never are. Raises TypeError: complex input."""


def isclose(x1: Tensor, x2: Tensor, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False) -> Tensor:
    """Where |x1 - x2| <= atol + rtol * |x2|, or both are the same infinity, or (`equal_nan`) both NaN. Bool.

    Not symmetric in its arguments. Integers and booleans are compared as the default float.
    """


def allclose(x1: Tensor, x2: Tensor, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False) -> Tensor:
    """Whether `isclose` holds everywhere: a scalar boolean tensor."""


# -- bits ----------------------------------------------------------------------------------------


def left_shift(x: Tensor, y: Tensor) -> Tensor:
    """x's bits moved up by y: x * 2**y of integers, wrapping around. Booleans become int32.

    Where y is negative or at least the number of bits, the result is 0, as in NumPy. Raises TypeError: floats.
    """


def right_shift(x: Tensor, y: Tensor) -> Tensor:
    """x's bits moved down by y, keeping the sign: floor(x / 2**y) of integers. Booleans become int32.

    Where y is negative or at least the number of bits, the result is 0, or -1 for negative x, as in
    NumPy. Raises TypeError: floats.
    """


def view(x: Tensor, dtype: DType | None = None) -> Tensor:
    """x's memory read as another dtype, as NumPy's `ndarray.view`; None leaves x as it is.

    Where the sizes of the dtypes differ, the last axis grows or shrinks by their ratio (little-endian).
    Booleans are bytes of 0 and 1; as booleans, bytes that are not 0 are True. Has no gradient.
    Raises ValueError: the sizes differ and x is a scalar, or the last axis cannot be divided.
    """


# -- repairing values ----------------------------------------------------------------------------


def nan_to_num(x: Tensor, nan: Tensor = 0.0, posinf: Tensor = None, neginf: Tensor = None) -> Tensor:
    """x with NaN and the infinities replaced, in x's dtype; of complex numbers, in each part.

    `posinf` and `neginf` are by default the largest and the lowest number of the dtype. Integers stay
    as they are. The gradient at what is replaced is 0.
    """


def saturate_cast(x: Tensor, dtype: DType) -> Tensor:
    """x in another dtype, with values beyond that dtype's range at its nearest end.

    To integers the fraction is dropped, infinities become the ends and NaN 0. To floats infinities
    become the largest finite numbers and NaN stays. To bool, what is not 0 (NaN too) is True. The
    gradient from float to float is 1 inside the range and at its ends, 0 outside.
    """
