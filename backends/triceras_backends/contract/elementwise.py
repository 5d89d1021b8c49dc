"""Element-wise primitives: arithmetic, comparison, logic, elementary functions.

Conventions, for every function here. Arguments may be tensors, Variables, NumPy
arrays or Python scalars; Python scalars are weak: they take the other argument's
dtype where its kind allows. Arguments of different dtypes are promoted by
`triceras_backends.dtypes.result_type`. Shapes are broadcast as in NumPy; shapes that
do not broadcast raise the framework's own error, re-raised as `ValueError` naming
both shapes. A function documented as "float" casts integer and boolean input to the
default float first. Subnormal numbers may count as 0, as the hardware has it. Input of a dtype that
a function does not take raises TypeError naming the function and the dtype.
"""

from __future__ import annotations

from triceras_backends.contract.types import Tensor

# -- arithmetic ------------------------------------------------------------------------


def add(x1: Tensor, x2: Tensor) -> Tensor:
    """Sum of two tensors; of two booleans, their logical or."""


def subtract(x1: Tensor, x2: Tensor) -> Tensor:
    """Difference `x1 - x2`; of two booleans in int32."""


def multiply(x1: Tensor, x2: Tensor) -> Tensor:
    """Product of two tensors; of two booleans, their logical and."""


def divide(x1: Tensor, x2: Tensor) -> Tensor:
    """True quotient `x1 / x2`; two integers give the default float. x/0 is an infinity or NaN."""


def true_divide(x1: Tensor, x2: Tensor) -> Tensor:
    """The same as `divide`."""


def floor_divide(x1: Tensor, x2: Tensor) -> Tensor:
    """Quotient rounded towards minus infinity, in the promoted dtype (int32 for booleans).

    Integer x // 0 is 0, and of floats an infinity or NaN, as in NumPy. It goes with `mod`, as in Python:
    1.0 // 0.1 is 9, because a float 0.1 is a little more than a tenth. The gradient is 0.
    """


def mod(x1: Tensor, x2: Tensor) -> Tensor:
    """Remainder with the sign of the divisor `x2` (as Python's %), int32 for booleans. Integer x % 0 is 0."""


def power(x1: Tensor, x2: Tensor) -> Tensor:
    """`x1` raised to `x2`; booleans become int32.

    A negative power of an integer is its reciprocal without the fraction: 0, or 1 or -1 of 1 and -1.
    """


def maximum(x1: Tensor, x2: Tensor) -> Tensor:
    """The larger of two tensors; NaN wins. Where they tie, each takes half of the gradient."""


def minimum(x1: Tensor, x2: Tensor) -> Tensor:
    """The smaller of two tensors; NaN wins. Where they tie, each takes half of the gradient."""


def arctan2(x1: Tensor, x2: Tensor) -> Tensor:
    """Angle of the point (`x2`, `x1`) in radians, in [-pi, pi]. Float."""


def logaddexp(x1: Tensor, x2: Tensor) -> Tensor:
    """log(exp(x1) + exp(x2)), without overflow. Float."""


def negative(x: Tensor) -> Tensor:
    """-x, in x's dtype (booleans become int32); unsigned integers wrap around."""


def abs(x: Tensor) -> Tensor:
    """Absolute value; of a complex tensor, its modulus. The gradient at 0 is 0."""


def sign(x: Tensor) -> Tensor:
    """-1, 0 or 1 by the sign of x, in x's dtype; of complex x, x / abs(x). NaN stays NaN."""


def square(x: Tensor) -> Tensor:
    """x * x, in x's dtype (booleans become int32)."""


def reciprocal(x: Tensor) -> Tensor:
    """1 / x. Float."""


# -- elementary functions: all float -----------------------------------------------------


def sqrt(x: Tensor) -> Tensor:
    """Square root. Float."""


def rsqrt(x: Tensor) -> Tensor:
    """1 / sqrt(x). Float."""


def exp(x: Tensor) -> Tensor:
    """e to the x. Float."""


def expm1(x: Tensor) -> Tensor:
    """exp(x) - 1, accurate near 0. Float."""


def log(x: Tensor) -> Tensor:
    """Natural logarithm. Float."""


def log1p(x: Tensor) -> Tensor:
    """log(1 + x), accurate near 0. Float."""


def log2(x: Tensor) -> Tensor:
    """Logarithm to base 2. Float."""


def log10(x: Tensor) -> Tensor:
    """Logarithm to base 10. Float."""


def sin(x: Tensor) -> Tensor:
    """Sine of x in radians. Float."""


def cos(x: Tensor) -> Tensor:
    """Cosine of x in radians. Float."""


def tan(x: Tensor) -> Tensor:
    """Tangent of x in radians. Float."""


def arcsin(x: Tensor) -> Tensor:
    """Inverse sine, in radians. Float."""


def arccos(x: Tensor) -> Tensor:
    """Inverse cosine, in radians. Float."""


def arctan(x: Tensor) -> Tensor:
    """Inverse tangent, in radians. Float."""


def sinh(x: Tensor) -> Tensor:
    """Hyperbolic sine. Float."""


def cosh(x: Tensor) -> Tensor:
    """Hyperbolic cosine. Float."""


def tanh(x: Tensor) -> Tensor:
    """Hyperbolic tangent. Float."""


def arcsinh(x: Tensor) -> Tensor:
    """Inverse hyperbolic sine. Float."""


def arccosh(x: Tensor) -> Tensor:
    """Inverse hyperbolic cosine. Float."""


def arctanh(x: Tensor) -> Tensor:
    """Inverse hyperbolic tangent. Float."""


def erf(x: Tensor) -> Tensor:
    """Error function. Float."""


def erfinv(x: Tensor) -> Tensor:
    """Inverse error function, on (-1, 1). Float."""


# -- rounding --------------------------------------------------------------------------


def floor(x: Tensor) -> Tensor:
    """Largest whole number not above x. Float."""


def ceil(x: Tensor) -> Tensor:
    """Smallest whole number not below x. Float."""


def trunc(x: Tensor) -> Tensor:
    """x with its fraction dropped, in x's dtype."""


def round(x: Tensor, decimals: int = 0) -> Tensor:
    """x rounded to `decimals` decimals, halves to even, in x's dtype."""


def clip(x: Tensor, x_min: Tensor, x_max: Tensor) -> Tensor:
    """x limited to [x_min, x_max], in the dtype the three are promoted to (booleans become int32).

    Where x_min > x_max, the result is x_max. An end that is None does not limit. NaN stays NaN. The
    gradient by x is 1 inside and at the ends, 0 outside.
    """


# -- comparison: the result is bool ------------------------------------------------------


def equal(x1: Tensor, x2: Tensor) -> Tensor:
    """x1 == x2. Bool."""


def not_equal(x1: Tensor, x2: Tensor) -> Tensor:
    """x1 != x2. Bool."""


def greater(x1: Tensor, x2: Tensor) -> Tensor:
    """x1 > x2. Bool."""


def greater_equal(x1: Tensor, x2: Tensor) -> Tensor:
    """x1 >= x2. Bool."""


def less(x1: Tensor, x2: Tensor) -> Tensor:
    """x1 < x2. Bool."""


def less_equal(x1: Tensor, x2: Tensor) -> Tensor:
    """x1 <= x2. Bool."""


def isnan(x: Tensor) -> Tensor:
    """Where x is NaN. Bool; integers are never NaN."""


def isinf(x: Tensor) -> Tensor:
    """Where x is an infinity. Bool."""


def isfinite(x: Tensor) -> Tensor:
    """Where x is neither NaN nor an infinity. Bool."""


# -- logic -----------------------------------------------------------------------------


def logical_and(x1: Tensor, x2: Tensor) -> Tensor:
    """Both non-zero. Bool."""


def logical_or(x1: Tensor, x2: Tensor) -> Tensor:
    """Either non-zero. Bool."""


def logical_xor(x1: Tensor, x2: Tensor) -> Tensor:
    """Exactly one non-zero. Bool."""


def logical_not(x: Tensor) -> Tensor:
    """Zero becomes True, anything else False. Bool."""


def bitwise_and(x: Tensor, y: Tensor) -> Tensor:
    """Bit-wise and of two integer tensors."""


def bitwise_or(x: Tensor, y: Tensor) -> Tensor:
    """Bit-wise or of two integer tensors."""


def bitwise_xor(x: Tensor, y: Tensor) -> Tensor:
    """Bit-wise exclusive or of two integer tensors."""


def bitwise_not(x: Tensor) -> Tensor:
    """Bit-wise complement of an integer tensor."""


def where(condition: Tensor, x1: Tensor = None, x2: Tensor = None) -> Tensor:
    """`x1` where `condition` holds, else `x2`, all broadcast together.

    No gradient flows through the branch not taken; a NaN or infinite derivative of the
    branch not taken still gives NaN (0 * inf), as in all three frameworks: guard the
    input of that branch with a second `where`. With `condition` alone, a tuple of index
    tensors, one a dimension (eager only: its size depends on the data).

    Raises ValueError: exactly one of `x1` and `x2` is given.
    """
