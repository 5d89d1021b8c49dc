"""Element-wise primitives.

Each has a fast path for eager tensors that hands them to the single operation, and leaves to
the slow path what that operation refuses: mixed dtypes, Variables, NumPy arrays, booleans.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf

from triceras_backends import dtypes
from triceras_backends.contract.types import Tensor
from triceras_backends.tensorflow_backend.custom import sum_to_shape_of, with_gradient
from triceras_backends.tensorflow_backend.native import EagerTensor, array, bitwise, math
from triceras_backends.tensorflow_backend.tensors import (
    BOOL,
    DTYPES,
    ERRORS,
    FLOATING,
    INEXACT,
    cast,
    convert_to_tensor,
    failed,
    float_tensor,
    promote,
    promote_float,
    scalar,
    tensor,
)

_NUMBERS = frozenset({EagerTensor, float, int})
_UNSIGNED = frozenset(DTYPES[name] for name in dtypes.UNSIGNED)


# -- arithmetic ------------------------------------------------------------------------


def _binary(
    name: str,
    fn: Callable[..., Tensor],
    booleans: Callable[..., Tensor] | None = None,
    any_width: Callable[..., Tensor] | None = None,
) -> Callable[[Tensor, Tensor], Tensor]:
    """An operation on two tensors of one dtype.

    `booleans` serves where that dtype is bool; `any_width` serves all others where fn lacks some.
    """
    general = any_width or fn

    def slow(x1: Tensor, x2: Tensor) -> Tensor:
        a, b = promote(x1, x2)
        try:
            return booleans(a, b) if a.dtype is BOOL and booleans is not None else general(a, b)
        except ERRORS as error:
            raise failed(name, error, a, b) from None

    def call(x1: Tensor, x2: Tensor) -> Tensor:
        # TensorFlow itself gives a Python number the tensor's dtype, and refuses where it cannot.
        if x1.__class__ is EagerTensor and x2.__class__ in _NUMBERS:
            try:
                return fn(x1, x2)
            except ERRORS:
                pass
        return slow(x1, x2)

    call.__name__ = name
    return call


def _as_int32(fn: Callable[..., Tensor]) -> Callable[..., Tensor]:
    return lambda *xs: fn(*(math.cast(x, tf.int32) for x in xs))


def _in_int64(fn: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """For integers of widths that the operation lacks."""

    def call(x1: Tensor, x2: Tensor) -> Tensor:
        return math.cast(fn(math.cast(x1, tf.int64), math.cast(x2, tf.int64)), x1.dtype)

    return call


add = _binary("add", math.add_v2, math.logical_or)
subtract = _binary("subtract", math.sub, _as_int32(math.sub))
multiply = _binary("multiply", math.mul, math.logical_and)


def _float_binary(name: str, fn: Callable[..., Tensor]) -> Callable[[Tensor, Tensor], Tensor]:
    """An operation of floats: integers and booleans become the default float first."""

    def call(x1: Tensor, x2: Tensor) -> Tensor:
        if x1.__class__ is EagerTensor and x2.__class__ in _NUMBERS and x1.dtype in INEXACT:
            try:
                return fn(x1, x2)
            except ERRORS:
                pass
        a, b = promote_float(x1, x2)
        try:
            return fn(a, b)
        except ERRORS as error:
            raise failed(name, error, a, b) from None

    call.__name__ = name
    return call


divide = _float_binary("divide", math.real_div)
true_divide = divide
arctan2 = _float_binary("arctan2", math.atan2)


def _integer_division(fn: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """fn, giving 0 where TensorFlow stops at an integer division by zero."""

    def divided(x1: Tensor, x2: Tensor) -> Tensor:
        if x2.__class__ is not EagerTensor and not isinstance(x2, tf.Tensor):
            x2 = scalar(x2, x1.dtype)
        if x1.dtype in FLOATING:
            return fn(x1, x2)
        zero = scalar(0, x1.dtype)
        nothing = math.equal(x2, zero)
        return math.select_v2(nothing, zero, fn(x1, math.select_v2(nothing, scalar(1, x1.dtype), x2)))

    return divided


_floor_divide = _integer_division(math.floor_div)
_mod = _integer_division(math.floor_mod)
floor_divide = _binary("floor_divide", _floor_divide, _as_int32(_floor_divide))
mod = _binary("mod", _mod, _as_int32(_mod))


_POWERS = INEXACT | {tf.int32, tf.int64}


def _power(x1: Tensor, x2: Tensor) -> Tensor:
    return math._pow(x1, x2) if x1.dtype in _POWERS else _in_int64(math._pow)(x1, x2)


power = _binary("power", math._pow, _as_int32(math._pow), _power)


def _extremum(name: str, fn: Callable[..., Tensor], booleans: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """maximum or minimum: TensorFlow gives a tie's whole gradient to the first; here it is halved."""

    def gradient(upstream: Tensor, result: Tensor, x1: Tensor, x2: Tensor) -> tuple[Tensor, Tensor]:
        half = upstream * scalar(0.5, upstream.dtype)
        zero = tf.zeros_like(upstream)
        first, second = math.equal(x1, result), math.equal(x2, result)
        to_first = tf.where(first, tf.where(second, half, upstream), zero)
        return sum_to_shape_of(to_first, x1), sum_to_shape_of(tf.where(first, upstream - to_first, upstream), x2)

    return _binary(name, with_gradient(fn, gradient), booleans)


maximum = _extremum("maximum", math.maximum, math.logical_or)
minimum = _extremum("minimum", math.minimum, math.logical_and)


def logaddexp(x1: Tensor, x2: Tensor) -> Tensor:
    x1, x2 = promote_float(x1, x2)
    larger = maximum(x1, x2)
    difference = subtract(x1, x2)
    # Equal infinities have no difference; any number will do, since the larger is infinite.
    difference = tf.where(tf.math.is_nan(difference) & ~tf.math.is_nan(larger), tf.zeros_like(difference), difference)
    distance = math._abs(difference)
    return larger + tf.where(tf.math.is_inf(larger), tf.zeros_like(distance), math.log1p(math.exp(-distance)))


def _unary(
    name: str, fn: Callable[[Tensor], Tensor], fallback: Callable[[Tensor], Tensor]
) -> Callable[[Tensor], Tensor]:
    """An operation in x's dtype; `fallback` serves the dtypes that it lacks."""

    def call(x: Tensor) -> Tensor:
        if x.__class__ is EagerTensor:
            try:
                return fn(x)
            except ERRORS:
                pass
        x = convert_to_tensor(x)
        return fallback(x) if x.dtype is BOOL or x.dtype in _UNSIGNED else fn(x)

    call.__name__ = name
    return call


def _signed(fn: Callable[[Tensor], Tensor]) -> Callable[[Tensor], Tensor]:
    """fn of an unsigned or boolean tensor, by way of int64 (int32 and back for booleans)."""
    return lambda x: cast(fn(cast(x, tf.int64)), x.dtype)


def _complex_or(real: Callable[[Tensor], Tensor], other: Callable[[Tensor], Tensor]) -> Callable[[Tensor], Tensor]:
    return lambda x: other(x) if x.dtype.is_complex else real(x)


negative = _unary("negative", math.neg, lambda x: _as_int32(math.neg)(x) if x.dtype is BOOL else _signed(math.neg)(x))
abs = _unary("abs", _complex_or(math._abs, lambda x: math.complex_abs(x, Tout=x.dtype.real_dtype)), lambda x: x)
sign = _unary("sign", math.sign, _signed(math.sign))
square = _unary("square", math.square, lambda x: _as_int32(math.square)(x) if x.dtype is BOOL else math.square(x))


# -- elementary functions ----------------------------------------------------------------


def _float_unary(name: str, fn: Callable[[Tensor], Tensor]) -> Callable[[Tensor], Tensor]:
    def call(x: Tensor) -> Tensor:
        if x.__class__ is EagerTensor and x.dtype in INEXACT:
            return fn(x)
        return fn(float_tensor(x))

    call.__name__ = name
    return call


reciprocal = _float_unary("reciprocal", math.reciprocal)
sqrt = _float_unary("sqrt", math.sqrt)
rsqrt = _float_unary("rsqrt", math.rsqrt)
exp = _float_unary("exp", math.exp)
expm1 = _float_unary("expm1", math.expm1)
log = _float_unary("log", math.log)
log1p = _float_unary("log1p", math.log1p)
log2 = _float_unary("log2", lambda x: math.mul(math.log(x), scalar(1 / float(np.log(2.0)), x.dtype)))
log10 = _float_unary("log10", lambda x: math.mul(math.log(x), scalar(1 / float(np.log(10.0)), x.dtype)))
sin = _float_unary("sin", math.sin)
cos = _float_unary("cos", math.cos)
tan = _float_unary("tan", math.tan)
arcsin = _float_unary("arcsin", math.asin)
arccos = _float_unary("arccos", math.acos)
arctan = _float_unary("arctan", math.atan)
sinh = _float_unary("sinh", math.sinh)
cosh = _float_unary("cosh", math.cosh)
tanh = _float_unary("tanh", math.tanh)
arcsinh = _float_unary("arcsinh", math.asinh)
arccosh = _float_unary("arccosh", math.acosh)
arctanh = _float_unary("arctanh", math.atanh)
erf = _float_unary("erf", math.erf)
_HALVES = (tf.float16, tf.bfloat16)
erfinv = _float_unary(
    "erfinv", lambda x: cast(math.erfinv(cast(x, tf.float32)), x.dtype) if x.dtype in _HALVES else math.erfinv(x)
)


# -- rounding: TensorFlow leaves these unconnected; elsewhere their gradient is zero ------------


def _flat(fn: Callable[[Tensor], Tensor]) -> Callable[[Tensor], Tensor]:
    return with_gradient(fn, lambda upstream, result, x: tf.zeros_like(upstream))


floor = _float_unary("floor", _flat(math.floor))
ceil = _float_unary("ceil", _flat(math.ceil))
_truncate = _flat(lambda x: math.select_v2(math.less(x, scalar(0, x.dtype)), math.ceil(x), math.floor(x)))
_round = _flat(math.round)


def trunc(x: Tensor) -> Tensor:
    x = tensor(x)
    return _truncate(x) if x.dtype in FLOATING else x


def round(x: Tensor, decimals: int = 0) -> Tensor:
    x = tensor(x)
    if x.dtype not in FLOATING:
        if decimals >= 0:
            return math.cast(x, tf.int32) if x.dtype is BOOL else x
        return cast(round(math.cast(x, tf.float64), decimals), x.dtype)
    if not decimals:
        return _round(x)
    scale = scalar(10.0 ** builtins.abs(decimals), x.dtype)
    if decimals > 0:
        return math.real_div(_round(math.mul(x, scale)), scale)
    return math.mul(_round(math.real_div(x, scale)), scale)


def clip(x: Tensor, x_min: Tensor, x_max: Tensor) -> Tensor:
    limits = [limit for limit in (x_min, x_max) if limit is not None]
    x, *limits = promote(x, *limits)
    if x.dtype is BOOL:
        x, *limits = (math.cast(t, tf.int32) for t in (x, *limits))
    try:
        # TensorFlow's own tie rule for these two gives the gradient to the first: 1 at the ends.
        if x_min is not None:
            x = math.maximum(x, limits[0])
        return x if x_max is None else math.minimum(x, limits[-1])
    except ERRORS as error:
        raise failed("clip", error, x, *limits) from None


# -- comparison --------------------------------------------------------------------------


equal = _binary("equal", math.equal)
not_equal = _binary("not_equal", math.not_equal)
greater = _binary("greater", math.greater, _as_int32(math.greater))
greater_equal = _binary("greater_equal", math.greater_equal, _as_int32(math.greater_equal))
less = _binary("less", math.less, _as_int32(math.less))
less_equal = _binary("less_equal", math.less_equal, _as_int32(math.less_equal))


def _test(fn: Callable[[Tensor], Tensor], parts: Callable[..., Tensor], exact: bool) -> Callable[[Tensor], Tensor]:
    """A test of floats; `parts` joins that of real and imaginary parts, `exact` is integers' answer."""

    def call(x: Tensor) -> Tensor:
        x = tensor(x)
        if x.dtype in FLOATING:
            return fn(x)
        if x.dtype.is_complex:
            return parts(fn(tf.math.real(x)), fn(tf.math.imag(x)))
        return array.fill(tf.shape(x), scalar(exact, BOOL))

    return call


isnan = _test(math.is_nan, math.logical_or, exact=False)
isinf = _test(math.is_inf, math.logical_or, exact=False)
isfinite = _test(math.is_finite, math.logical_and, exact=True)


# -- logic -------------------------------------------------------------------------------


def _to_bool(x: Any) -> Tensor:
    x = tensor(x)
    return x if x.dtype is BOOL else cast(x, BOOL)


def _logical(name: str, fn: Callable[..., Tensor]) -> Callable[[Tensor, Tensor], Tensor]:
    def call(x1: Tensor, x2: Tensor) -> Tensor:
        a, b = _to_bool(x1), _to_bool(x2)
        try:
            return fn(a, b)
        except ERRORS as error:
            raise failed(name, error, a, b) from None

    call.__name__ = name
    return call


logical_and = _logical("logical_and", math.logical_and)
logical_or = _logical("logical_or", math.logical_or)
logical_xor = _logical("logical_xor", math.not_equal)


def logical_not(x: Tensor) -> Tensor:
    return math.logical_not(_to_bool(x))


def _bitwise(
    name: str, fn: Callable[..., Tensor], booleans: Callable[..., Tensor]
) -> Callable[[Tensor, Tensor], Tensor]:
    operation = _binary(name, fn, booleans)

    def call(x: Tensor, y: Tensor) -> Tensor:
        return operation(x, y)

    call.__name__ = name
    return call


bitwise_and = _bitwise("bitwise_and", bitwise.bitwise_and, math.logical_and)
bitwise_or = _bitwise("bitwise_or", bitwise.bitwise_or, math.logical_or)
bitwise_xor = _bitwise("bitwise_xor", bitwise.bitwise_xor, math.not_equal)


def bitwise_not(x: Tensor) -> Tensor:
    x = tensor(x)
    return math.logical_not(x) if x.dtype is BOOL else bitwise.invert(x)


def where(condition: Tensor, x1: Tensor = None, x2: Tensor = None) -> Any:
    condition = _to_bool(condition)
    if x1 is None and x2 is None:
        found = math.cast(array.where(condition), tf.int32)
        return tuple(tf.unstack(found, num=condition.shape.rank, axis=1))
    if x1 is None or x2 is None:
        raise ValueError("where: give both x1 and x2, or neither.")
    if not (x1.__class__ is EagerTensor and x2.__class__ is EagerTensor and x1.dtype is x2.dtype):
        x1, x2 = promote(x1, x2)
    try:
        return math.select_v2(condition, x1, x2)
    except ERRORS as error:
        raise failed("where", error, condition, x1, x2) from None
