"""Element-wise operations on JAX."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
from jax import lax

from triceras_backends.contract.types import Tensor
from triceras_backends.jax_backend.kernels import INEXACT, NUMERIC, binary, checked, operands, tensor, unary
from triceras_backends.jax_backend.tensors import Array, native


def _divisor(x: Any) -> Any:
    """x with 1 for 0: XLA leaves integer division by zero to its own taste."""
    return jnp.where(x == 0, jnp.ones_like(x), x)


def whole(fn: Any) -> Any:
    def call(x1: Any, x2: Any) -> Any:
        if jnp.issubdtype(x1.dtype, jnp.inexact):
            return fn(x1, x2)
        return jnp.where(x2 == 0, jnp.zeros_like(x2), fn(x1, _divisor(x2)))

    return call


def _square(x: Any) -> Any:
    return lax.integer_pow(x, 2)


def absolute(x: Any) -> Any:
    """|x| with the derivative 0 at 0, where JAX's own is 1."""
    return jnp.where(x == 0, 0, jnp.abs(x)) if jnp.issubdtype(x.dtype, jnp.inexact) else jnp.abs(x)


add = binary("add", jnp.add)
subtract = binary("subtract", jnp.subtract, NUMERIC)
multiply = binary("multiply", jnp.multiply)
divide = binary("divide", jnp.true_divide, INEXACT)
true_divide = divide
floor_divide = binary("floor_divide", whole(jnp.floor_divide), NUMERIC)
mod = binary("mod", whole(jnp.mod), NUMERIC)
maximum = binary("maximum", jnp.maximum)
minimum = binary("minimum", jnp.minimum)
arctan2 = binary("arctan2", jnp.arctan2, INEXACT)
logaddexp = binary("logaddexp", jnp.logaddexp, INEXACT)

_power = binary("power", jnp.power, NUMERIC)
_whole_power = checked("power", lax.integer_pow, static=1)


def power(x1: Tensor, x2: Tensor) -> Tensor:
    # Small whole exponents are multiplications, far cheaper than XLA's general power.
    if x2.__class__ in (int, float) and x2 in (1, 2, 3, 4) and x1.__class__ is Array and x1.dtype in INEXACT:
        return _whole_power(x1, int(x2))
    return _power(x1, x2)


negative = unary("negative", jnp.negative, NUMERIC)
abs = unary("abs", absolute)
sign = unary("sign", lambda x: x if x.dtype == bool else jnp.sign(x))
square = unary("square", _square, NUMERIC)
reciprocal = unary("reciprocal", lax.reciprocal, INEXACT)

sqrt = unary("sqrt", lax.sqrt, INEXACT)
rsqrt = unary("rsqrt", lax.rsqrt, INEXACT)
exp = unary("exp", lax.exp, INEXACT)
expm1 = unary("expm1", lax.expm1, INEXACT)
log = unary("log", lax.log, INEXACT)
log1p = unary("log1p", lax.log1p, INEXACT)
log2 = unary("log2", jnp.log2, INEXACT)
log10 = unary("log10", jnp.log10, INEXACT)
sin = unary("sin", lax.sin, INEXACT)
cos = unary("cos", lax.cos, INEXACT)
tan = unary("tan", lax.tan, INEXACT)
arcsin = unary("arcsin", lax.asin, INEXACT)
arccos = unary("arccos", lax.acos, INEXACT)
arctan = unary("arctan", lax.atan, INEXACT)
sinh = unary("sinh", lax.sinh, INEXACT)
cosh = unary("cosh", lax.cosh, INEXACT)
tanh = unary("tanh", lax.tanh, INEXACT)
arcsinh = unary("arcsinh", jnp.arcsinh, INEXACT)
arccosh = unary("arccosh", lax.acosh, INEXACT)
arctanh = unary("arctanh", lax.atanh, INEXACT)
erf = unary("erf", lax.erf, INEXACT)
erfinv = unary("erfinv", lax.erf_inv, INEXACT)

floor = unary("floor", jnp.floor, INEXACT)
ceil = unary("ceil", jnp.ceil, INEXACT)
trunc = unary("trunc", jnp.trunc)


def _rounded(x: Any, decimals: int) -> Any:
    if jnp.issubdtype(x.dtype, jnp.inexact):
        return jnp.round(x, decimals)
    if decimals >= 0:
        return x
    unit = jnp.array(10**-decimals, x.dtype)
    low = x - jnp.mod(x, unit)
    up = (2 * (x - low) > unit) | ((2 * (x - low) == unit) & (jnp.mod(jnp.floor_divide(low, unit), 2) == 1))
    return jnp.where(up, low + unit, low)


_round = checked("round", _rounded, static=1)


def round(x: Tensor, decimals: int = 0) -> Tensor:
    return _round(tensor(x), int(decimals))


def _clipped(x: Any, x_min: Any, x_max: Any, dtype: Any) -> Any:
    dtype = x.dtype if dtype is None else dtype
    x, x_min, x_max = (None if value is None else lax.convert_element_type(value, dtype) for value in (x, x_min, x_max))
    # Not minimum and maximum: at the ends those would halve the gradient.
    x = x if x_min is None else jnp.where(x < x_min, x_min, x)
    return x if x_max is None else jnp.where(x > x_max, x_max, x)


_clip = checked("clip", _clipped, static=3)


def clip(x: Tensor, x_min: Tensor, x_max: Tensor) -> Tensor:
    if x_min.__class__ is float and x_max.__class__ is float and x.__class__ is Array and x.dtype in INEXACT:
        return _clip(x, x_min, x_max, None)
    *given, dtype = operands(*(value for value in (x, x_min, x_max) if value is not None), direct=NUMERIC)
    if x_min is None:
        given.insert(1, None)
    return _clip(*given, *(None,) * (3 - len(given)), dtype)


equal = binary("equal", jnp.equal)
not_equal = binary("not_equal", jnp.not_equal)
greater = binary("greater", jnp.greater)
greater_equal = binary("greater_equal", jnp.greater_equal)
less = binary("less", jnp.less)
less_equal = binary("less_equal", jnp.less_equal)
isnan = unary("isnan", jnp.isnan)
isinf = unary("isinf", jnp.isinf)
isfinite = unary("isfinite", jnp.isfinite)

logical_and = binary("logical_and", jnp.logical_and)
logical_or = binary("logical_or", jnp.logical_or)
logical_xor = binary("logical_xor", jnp.logical_xor)
logical_not = unary("logical_not", jnp.logical_not)

_bitwise_and = binary("bitwise_and", jnp.bitwise_and)
_bitwise_or = binary("bitwise_or", jnp.bitwise_or)
_bitwise_xor = binary("bitwise_xor", jnp.bitwise_xor)
bitwise_not = unary("bitwise_not", jnp.bitwise_not)


def bitwise_and(x: Tensor, y: Tensor) -> Tensor:
    return _bitwise_and(x, y)


def bitwise_or(x: Tensor, y: Tensor) -> Tensor:
    return _bitwise_or(x, y)


def bitwise_xor(x: Tensor, y: Tensor) -> Tensor:
    return _bitwise_xor(x, y)


def _selected(condition: Any, x1: Any, x2: Any, dtype: Any) -> Any:
    dtype = x1.dtype if dtype is None else dtype
    return jnp.where(
        jnp.asarray(condition, bool), lax.convert_element_type(x1, dtype), lax.convert_element_type(x2, dtype)
    )


_where = checked("where", _selected, static=3)


def where(condition: Tensor, x1: Tensor = None, x2: Tensor = None) -> Tensor:
    if x1 is None and x2 is None:
        return tuple(index.astype("int32") for index in jnp.nonzero(tensor(condition)))
    if x1 is None or x2 is None:
        raise ValueError("where needs both x1 and x2, or neither; got one of them.")
    if x1.__class__ is Array and x2.__class__ is Array and x1.dtype is x2.dtype:
        return _where(native(condition), x1, x2, None)
    return _where(native(condition), *operands(x1, x2))
