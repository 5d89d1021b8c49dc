"""Special functions, bits and further element-wise arithmetic, from other primitives."""

from __future__ import annotations

import math
from typing import Any

import ml_dtypes
import numpy as np

from triceras_backends import dtypes
from triceras_backends.contract.types import DType, Tensor
from triceras_backends.derived.operands import floated, named, promoted

# Of each float dtype: the bits of its fraction, its exponent's bias, and the integers of its size.
_LAYOUT = {
    "float16": (10, 15, "int16"),
    "bfloat16": (7, 127, "int16"),
    "float32": (23, 127, "int32"),
    "float64": (52, 1023, "int64"),
}


def _refuse(name: str, dtype: str, wanted: str) -> None:
    raise TypeError(f"{name} takes {wanted}; got {dtype}.")


def cbrt(b: Any, x: Tensor) -> Tensor:
    (x,) = floated(b, x)
    zero = b.equal(x, 0)
    safe = b.where(zero, 1, x)
    root = b.multiply(b.sign(safe), b.power(b.abs(safe), 1 / 3))
    # The square root of a zero is that zero, with its sign, and has the derivative wanted there.
    return b.where(zero, b.sqrt(b.where(zero, x, 1)), root)


def exp2(b: Any, x: Tensor) -> Tensor:
    return b.power(2.0, *floated(b, x))


def deg2rad(b: Any, x: Tensor) -> Tensor:
    return b.multiply(*floated(b, x), math.pi / 180)


def rad2deg(b: Any, x: Tensor) -> Tensor:
    return b.multiply(*floated(b, x), 180 / math.pi)


def fabs(b: Any, x: Tensor) -> Tensor:
    if "complex" in b.dtype_of(x):
        _refuse("fabs", b.dtype_of(x), "real numbers")
    return b.abs(*floated(b, x))


@named
def hypot(b: Any, x1: Tensor, x2: Tensor) -> Tensor:
    x1, x2 = floated(b, x1, x2)
    # Any constant scale gives the same function, so no gradient needs to pass through it.
    size = b.stop_gradient(b.maximum(b.abs(x1), b.abs(x2)))
    nothing = b.equal(size, 0)
    scale = b.where(b.logical_and(b.isfinite(size), b.logical_not(nothing)), size, 1)
    squares = b.add(b.square(b.divide(b.where(nothing, 1, x1), scale)), b.square(b.divide(x2, scale)))
    infinite = b.logical_or(b.isinf(x1), b.isinf(x2))
    result = b.multiply(scale, b.sqrt(b.where(infinite, 1, squares)))
    return b.where(infinite, math.inf, b.where(nothing, 0, result))


def sinc(b: Any, x: Tensor) -> Tensor:
    angle = b.multiply(*floated(b, x), math.pi)
    near = b.less(b.abs(angle), 0.1)
    safe = b.where(near, 1, angle)
    square = b.square(b.where(near, angle, 0))
    series = 1.0
    for divisor in (72, 42, 20, 6):  # Taylor's, to the eighth power: exact here, in all derivatives that matter
        series = b.subtract(1, b.multiply(b.divide(square, divisor), series))
    return b.where(near, series, b.divide(b.sin(safe), safe))


@named
def fmax(b: Any, x1: Tensor, x2: Tensor) -> Tensor:
    x1, x2 = promoted(b, x1, x2)
    return b.where(b.isnan(x1), x2, b.where(b.isnan(x2), x1, b.maximum(x1, x2)))


@named
def fmin(b: Any, x1: Tensor, x2: Tensor) -> Tensor:
    x1, x2 = promoted(b, x1, x2)
    return b.where(b.isnan(x1), x2, b.where(b.isnan(x2), x1, b.minimum(x1, x2)))


@named
def divide_no_nan(b: Any, x1: Tensor, x2: Tensor) -> Tensor:
    x1, x2 = floated(b, x1, x2)
    zero = b.equal(x2, 0)
    return b.where(zero, 0, b.divide(b.where(zero, 0, x1), b.where(zero, 1, x2)))


@named
def lcm(b: Any, x1: Tensor, x2: Tensor) -> Tensor:
    x1, x2 = promoted(b, x1, x2)
    return b.abs(b.multiply(b.floor_divide(x1, b.gcd(x1, x2)), x2))  # 0 // 0 is 0


def _power_of_two(b: Any, exponent: Tensor, dtype: str) -> Tensor:
    """2**exponent, put together from its bits; the exponent is one of a normal number."""
    fraction, bias, integer = _LAYOUT[dtype]
    return b.view(b.left_shift(b.cast(b.add(exponent, bias), integer), fraction), dtype)


@named
def ldexp(b: Any, x1: Tensor, x2: Tensor) -> Tensor:
    x2 = b.convert_to_tensor(x2)
    if b.dtype_of(x2) not in dtypes.INTEGERS:
        _refuse("ldexp", b.dtype_of(x2), "exponents of an integer dtype")
    x = floated(b, x1, x2)[0]
    bias, (low, high) = _LAYOUT[b.dtype_of(x)][1], _ends(b.dtype_of(x2))
    # In three steps, because 2**x2 alone may be beyond what the dtype holds though the result is not.
    rest = b.cast(b.clip(x2, max(3 - 3 * bias, low), min(3 * bias, high)), "int32")
    for steps in (3, 2, 1):
        part = b.floor_divide(rest, steps)
        x, rest = b.multiply(x, _power_of_two(b, part, b.dtype_of(x))), b.subtract(rest, part)
    return x


@named
def heaviside(b: Any, x1: Tensor, x2: Tensor) -> Tensor:
    x1, x2 = floated(b, x1, x2)
    return b.where(b.equal(x1, 0), x2, b.where(b.isnan(x1), x1, b.where(b.greater(x1, 0), 1, 0)))


@named
def nextafter(b: Any, x1: Tensor, x2: Tensor) -> Tensor:
    x1, x2 = (b.stop_gradient(x) for x in floated(b, x1, x2))
    dtype = b.dtype_of(x1)
    bits = b.view(x1, _LAYOUT[dtype][2])
    # As an integer a float grows with its magnitude; across zero it is the smallest number of x2's sign.
    away = b.equal(b.greater(x2, x1), b.greater(x1, 0))
    stepped = b.view(b.add(bits, b.cast(b.where(away, 1, -1), _LAYOUT[dtype][2])), dtype)
    smallest = b.view(b.convert_to_tensor(1, _LAYOUT[dtype][2]), dtype)
    stepped = b.where(b.equal(x1, 0), b.where(b.greater(x2, 0), smallest, b.negative(smallest)), stepped)
    return b.where(b.logical_or(b.isnan(x1), b.isnan(x2)), math.nan, b.where(b.equal(x1, x2), x2, stepped))


def signbit(b: Any, x: Tensor) -> Tensor:
    x = b.convert_to_tensor(x)
    dtype = b.dtype_of(x)
    if dtype in dtypes.COMPLEX:
        _refuse("signbit", dtype, "real numbers")
    if dtype in dtypes.BOOL:
        return b.zeros_like(x)
    return b.less(b.view(x, _LAYOUT[dtype][2]) if dtype in _LAYOUT else x, 0)


def _is_infinity(b: Any, name: str, x: Tensor, infinity: float) -> Tensor:
    x = b.convert_to_tensor(x)
    dtype = b.dtype_of(x)
    if dtype in dtypes.COMPLEX:
        _refuse(name, dtype, "real numbers")
    return b.equal(x, infinity) if dtypes.is_float(dtype) else b.zeros_like(x, dtype="bool")


def isneginf(b: Any, x: Tensor) -> Tensor:
    return _is_infinity(b, "isneginf", x, -math.inf)


def isposinf(b: Any, x: Tensor) -> Tensor:
    return _is_infinity(b, "isposinf", x, math.inf)


@named
def isclose(
    b: Any, x1: Tensor, x2: Tensor, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False
) -> Tensor:
    x1, x2 = floated(b, x1, x2)
    near = b.less_equal(b.abs(b.subtract(x1, x2)), b.add(b.multiply(b.abs(x2), rtol), atol))
    close = b.logical_or(b.equal(x1, x2), b.logical_and(near, b.isfinite(x2)))
    return b.logical_or(close, b.logical_and(b.isnan(x1), b.isnan(x2))) if equal_nan else close


@named
def allclose(
    b: Any, x1: Tensor, x2: Tensor, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False
) -> Tensor:
    return b.all(b.isclose(x1, x2, rtol, atol, equal_nan))


@named
def nan_to_num(b: Any, x: Tensor, nan: Tensor = 0.0, posinf: Tensor = None, neginf: Tensor = None) -> Tensor:
    x = b.convert_to_tensor(x)
    dtype = b.dtype_of(x)
    if dtype in dtypes.COMPLEX:
        parts = [b.nan_to_num(part, nan, posinf, neginf) for part in (b.real(x), b.imag(x))]
        return b.view_as_complex(b.stack(parts, axis=-1))
    if not dtypes.is_float(dtype):
        return x
    low, high = _ends(dtype)
    for found, value in (
        (b.isnan(x), nan),
        (b.equal(x, math.inf), high if posinf is None else posinf),
        (b.equal(x, -math.inf), low if neginf is None else neginf),
    ):
        x = b.where(found, b.cast(value, dtype), x)
    return x


def _ends(dtype: str) -> tuple[Any, Any]:
    """The lowest and the largest number of a dtype."""
    if dtypes.is_float(dtype):
        floats = ml_dtypes.finfo(dtypes.numpy_dtype(dtype))
        return float(floats.min), float(floats.max)
    integers = np.iinfo(dtype)
    return int(integers.min), int(integers.max)


def saturate_cast(b: Any, x: Tensor, dtype: DType) -> Tensor:
    x, target = b.convert_to_tensor(x), dtypes.standardize_dtype(dtype)
    source = b.dtype_of(x)
    target = b.dtype_of(b.zeros((), dtype=target))  # where 64-bit dtypes are off, the 32-bit sibling
    plain = {"bool", *dtypes.COMPLEX}
    if source == target or plain & {source, target}:
        return b.cast(x, target)
    (low, high), (own_low, own_high) = _ends(target), _ends(source)
    if dtypes.is_float(target) or not dtypes.is_float(source):
        return b.cast(b.clip(x, max(low, own_low), min(high, own_high)), target)
    # The ends need not be numbers of x's dtype, so what is beyond them is put in place after the cast.
    above, below = b.greater_equal(x, float(high)), b.less_equal(x, float(low))
    inside = b.logical_not(b.logical_or(b.logical_or(above, below), b.isnan(x)))
    whole = b.cast(b.where(inside, x, 0), target)
    return b.where(above, b.convert_to_tensor(high, target), b.where(below, b.convert_to_tensor(low, target), whole))
