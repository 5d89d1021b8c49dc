"""Element-wise primitives, most of them one line over a factory of kernels.py."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf

from triceras_backends.contract.types import Tensor
from triceras_backends.tensorflow_backend.custom import sum_to_shape_of, with_gradient
from triceras_backends.tensorflow_backend.kernels import (
    as_int32,
    binary,
    complex_or,
    flat,
    float_binary,
    float_unary,
    in_float32,
    in_int64,
    signed,
    to_bool,
    unary,
)
from triceras_backends.tensorflow_backend.native import EagerTensor, array, bitwise, math
from triceras_backends.tensorflow_backend.tensors import (
    BOOL,
    ERRORS,
    FLOATING,
    INEXACT,
    cast,
    failed,
    promote,
    scalar,
    tensor,
)

# -- arithmetic ------------------------------------------------------------------------


add = binary("add", math.add_v2, math.logical_or)
subtract = binary("subtract", math.sub, as_int32(math.sub))
multiply = binary("multiply", math.mul, math.logical_and)


divide = float_binary("divide", math.real_div)
true_divide = divide
arctan2 = float_binary("arctan2", math.atan2)


def integer_division(fn: Callable[..., Tensor], stops: bool = True) -> Callable[..., Tensor]:
    """fn, giving 0 at an integer division by zero, where TensorFlow `stops` or gives anything."""

    def divided(x1: Tensor, x2: Tensor) -> Tensor:
        if x2.__class__ is not EagerTensor and not isinstance(x2, tf.Tensor):
            x2 = scalar(x2, x1.dtype)
        if x1.dtype in FLOATING:
            return fn(x1, x2)
        if stops and x1.__class__ is EagerTensor and "CPU" in x1.device:
            try:
                return fn(x1, x2)
            except tf.errors.InvalidArgumentError:  # a zero, or shapes that do not fit
                pass
        zero = scalar(0, x1.dtype)
        nothing = math.equal(x2, zero)
        return math.select_v2(nothing, zero, fn(x1, math.select_v2(nothing, scalar(1, x1.dtype), x2)))

    return divided


def _floored(x1: Tensor, x2: Tensor) -> Tensor:
    """The quotient of floats that goes with their remainder; TensorFlow rounds the quotient down, which may differ."""
    rest = math.floor_mod(x1, x2)
    quotient = math.round(math.real_div(math.sub(x1, rest), x2))
    nan, one = scalar(float("nan"), x1.dtype), scalar(-1.0, x1.dtype)
    odd = math.select_v2(math.is_inf(rest), one, math.select_v2(math.is_inf(x1), nan, math.real_div(x1, x2)))
    return math.select_v2(math.is_finite(rest), quotient, odd)


def _no_gradient(upstream: Tensor, result: Tensor, x1: Tensor, x2: Tensor) -> tuple[Tensor, Tensor]:
    return tf.zeros_like(x1), tf.zeros_like(x2)


_float_quotient = with_gradient(_floored, _no_gradient)
_floor_divide = integer_division(
    lambda x1, x2: _float_quotient(x1, x2) if x1.dtype in FLOATING else math.floor_div(x1, x2)
)
_mod = integer_division(math.floor_mod)
floor_divide = binary("floor_divide", _floor_divide, as_int32(_floor_divide))
mod = binary("mod", _mod, as_int32(_mod))


_POWERS = INEXACT | {tf.int32, tf.int64}


def _whole_power(x1: Tensor, x2: Tensor) -> Tensor:
    """A power of integers, of which TensorFlow refuses the negative ones."""
    zero, one = scalar(0, x1.dtype), scalar(1, x1.dtype)
    negative = math.less(x2, zero)
    unit = math.equal(math._abs(x1), one)
    exponent = math.select_v2(negative, math.select_v2(unit, -x2, one), x2)
    return math.select_v2(negative & ~unit, zero, math._pow(x1, exponent))


def _power(x1: Tensor, x2: Tensor) -> Tensor:
    if x1.dtype in INEXACT:
        return math._pow(x1, x2)
    return _whole_power(x1, x2) if x1.dtype in _POWERS else in_int64(_whole_power)(x1, x2)


power = binary("power", math._pow, as_int32(_whole_power), _power)


def _extremum(name: str, fn: Callable[..., Tensor], booleans: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """maximum or minimum: TensorFlow gives a tie's whole gradient to the first; here it is halved."""

    def gradient(upstream: Tensor, result: Tensor, x1: Tensor, x2: Tensor) -> tuple[Tensor, Tensor]:
        half = upstream * scalar(0.5, upstream.dtype)
        zero = tf.zeros_like(upstream)
        first, second = math.equal(x1, result), math.equal(x2, result)
        to_first = tf.where(first, tf.where(second, half, upstream), zero)
        return sum_to_shape_of(to_first, x1), sum_to_shape_of(tf.where(first, upstream - to_first, upstream), x2)

    return binary(name, with_gradient(fn, gradient), booleans)


maximum = _extremum("maximum", math.maximum, math.logical_or)
minimum = _extremum("minimum", math.minimum, math.logical_and)


def log_of_sum(x1: Tensor, x2: Tensor, base: float = np.e) -> Tensor:
    """The logarithm to a base of the sum of its powers x1 and x2."""
    larger = maximum(x1, x2)
    difference = subtract(x1, x2)
    # Equal infinities have no difference; any number will do, since the larger is infinite.
    difference = tf.where(tf.math.is_nan(difference) & ~tf.math.is_nan(larger), tf.zeros_like(difference), difference)
    distance, unit = math._abs(difference), scalar(float(np.log(base)), larger.dtype)
    correction = math.log1p(math.exp(-distance * unit)) / unit
    return larger + tf.where(tf.math.is_inf(larger), tf.zeros_like(distance), correction)


logaddexp = float_binary("logaddexp", log_of_sum)


negative = unary("negative", math.neg, lambda x: as_int32(math.neg)(x) if x.dtype is BOOL else signed(math.neg)(x))
abs = unary("abs", complex_or(math._abs, lambda x: math.complex_abs(x, Tout=x.dtype.real_dtype)), lambda x: x)
sign = unary("sign", math.sign, signed(math.sign))
square = unary("square", math.square, lambda x: as_int32(math.square)(x) if x.dtype is BOOL else math.square(x))


# -- elementary functions ----------------------------------------------------------------


reciprocal = float_unary("reciprocal", math.reciprocal)
sqrt = float_unary("sqrt", math.sqrt)
rsqrt = float_unary("rsqrt", math.rsqrt)
exp = float_unary("exp", math.exp)
expm1 = float_unary("expm1", math.expm1)
log = float_unary("log", math.log)
log1p = float_unary("log1p", math.log1p)
log2 = float_unary("log2", lambda x: math.mul(math.log(x), scalar(1 / float(np.log(2.0)), x.dtype)))
log10 = float_unary("log10", lambda x: math.mul(math.log(x), scalar(1 / float(np.log(10.0)), x.dtype)))
sin = float_unary("sin", math.sin)
cos = float_unary("cos", math.cos)
tan = float_unary("tan", math.tan)
arcsin = float_unary("arcsin", math.asin)
arccos = float_unary("arccos", math.acos)
arctan = float_unary("arctan", math.atan)
sinh = float_unary("sinh", math.sinh)
cosh = float_unary("cosh", math.cosh)
tanh = float_unary("tanh", math.tanh)
arcsinh = float_unary("arcsinh", math.asinh)
arccosh = float_unary("arccosh", math.acosh)
arctanh = float_unary("arctanh", math.atanh)
erf = float_unary("erf", math.erf)
erfinv = float_unary("erfinv", in_float32(math.erfinv))


# -- rounding: TensorFlow leaves these unconnected; elsewhere their gradient is zero ------------


floor = float_unary("floor", flat(math.floor))
ceil = float_unary("ceil", flat(math.ceil))
_truncate = flat(lambda x: math.select_v2(math.less(x, scalar(0, x.dtype)), math.ceil(x), math.floor(x)))
_round = flat(math.round)


def trunc(x: Tensor) -> Tensor:
    x = tensor(x)
    return _truncate(x) if x.dtype in FLOATING else x


def round(x: Tensor, decimals: int = 0) -> Tensor:
    x = tensor(x)
    if x.dtype not in FLOATING:
        if decimals >= 0:
            return x
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


equal = binary("equal", math.equal)
not_equal = binary("not_equal", math.not_equal)
greater = binary("greater", math.greater, as_int32(math.greater))
greater_equal = binary("greater_equal", math.greater_equal, as_int32(math.greater_equal))
less = binary("less", math.less, as_int32(math.less))
less_equal = binary("less_equal", math.less_equal, as_int32(math.less_equal))


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


def _logical(name: str, fn: Callable[..., Tensor]) -> Callable[[Tensor, Tensor], Tensor]:
    def call(x1: Tensor, x2: Tensor) -> Tensor:
        a, b = to_bool(x1), to_bool(x2)
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
    return math.logical_not(to_bool(x))


def _bitwise(
    name: str, fn: Callable[..., Tensor], booleans: Callable[..., Tensor]
) -> Callable[[Tensor, Tensor], Tensor]:
    operation = binary(name, fn, booleans)

    def call(x: Tensor, y: Tensor) -> Tensor:
        return operation(x, y)

    call.__name__ = name
    return call


bitwise_and = _bitwise("bitwise_and", bitwise.bitwise_and, math.logical_and)
bitwise_or = _bitwise("bitwise_or", bitwise.bitwise_or, math.logical_or)
bitwise_xor = _bitwise("bitwise_xor", bitwise.bitwise_xor, math.not_equal)


def bitwise_not(x: Tensor) -> Tensor:
    x = tensor(x)
    try:
        return math.logical_not(x) if x.dtype is BOOL else bitwise.invert(x)
    except ERRORS as error:
        raise failed("bitwise_not", error, x) from None


def where(condition: Tensor, x1: Tensor = None, x2: Tensor = None) -> Any:
    condition = to_bool(condition)
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
