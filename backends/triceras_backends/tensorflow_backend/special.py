"""Special functions, bits and further element-wise arithmetic, on TensorFlow."""

from __future__ import annotations

from collections.abc import Callable

import tensorflow as tf

from triceras_backends import bitviews
from triceras_backends.contract.types import DType, Tensor
from triceras_backends.tensorflow_backend.custom import sum_to_shape_of, with_gradient
from triceras_backends.tensorflow_backend.elementwise import abs as absolute
from triceras_backends.tensorflow_backend.elementwise import floor_divide, integer_division, log_of_sum, trunc
from triceras_backends.tensorflow_backend.kernels import (
    UNSIGNED,
    as_int32,
    binary,
    float_binary,
    float_unary,
    in_float32,
    in_int64,
)
from triceras_backends.tensorflow_backend.native import array, bitwise, math, special
from triceras_backends.tensorflow_backend.tensors import (
    BOOL,
    FLOATING,
    NAMES,
    Refused,
    convert_to_tensor,
    scalar,
    shape_tensor,
    tf_dtype,
)
from triceras_backends.tensorflow_backend.tensors import shape as shape_of


def _ratio(i1: Tensor, x: Tensor) -> Tensor:
    """i1(x) / x, and its limit 1 / 2 at 0."""
    zero = math.equal(x, scalar(0, x.dtype))
    return math.select_v2(zero, scalar(0.5, x.dtype), math.real_div(i1, math.select_v2(zero, scalar(1, x.dtype), x)))


exp2 = float_unary("exp2", lambda x: math._pow(scalar(2.0, x.dtype), x))


def _i0_gradient(upstream: Tensor, result: Tensor, x: Tensor) -> Tensor:
    return upstream * _i1(x)


_i0 = with_gradient(special.bessel_i0, _i0_gradient)
# TensorFlow's own derivative of i1 is wrong at 0.
_i1 = with_gradient(special.bessel_i1, lambda upstream, result, x: upstream * (_i0(x) - _ratio(result, x)))
i0 = float_unary("i0", in_float32(_i0))
erfc = float_unary("erfc", math.erfc)
divide_no_nan = float_binary("divide_no_nan", math.div_no_nan)
logaddexp2 = float_binary("logaddexp2", lambda x1, x2: log_of_sum(x1, x2, 2.0))


# -- integers ----------------------------------------------------------------------------------


def _fmod_gradient(upstream: Tensor, result: Tensor, x1: Tensor, x2: Tensor) -> tuple[Tensor, Tensor]:
    return sum_to_shape_of(upstream, x1), sum_to_shape_of(-upstream * trunc(x1 / x2), x2)


_float_fmod = with_gradient(in_float32(math.truncate_mod), _fmod_gradient)


def _remainder(x1: Tensor, x2: Tensor) -> Tensor:
    if x1.dtype is not x2.dtype:
        raise Refused("fmod takes operands of one dtype.")  # the slow path promotes them
    if x1.dtype in FLOATING:
        return _float_fmod(x1, x2)
    if x1.dtype in (tf.int32, tf.int64):
        return math.truncate_mod(x1, x2)
    if x1.dtype is BOOL:
        raise Refused("fmod does not take bool.")
    return math.floor_mod(x1, x2) if x1.dtype in UNSIGNED else in_int64(math.truncate_mod)(x1, x2)


_fmod = integer_division(_remainder, stops=False)
fmod = binary("fmod", _fmod, as_int32(_fmod))


def _integers(name: str, fn: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """fn of integers; of anything else a TypeError."""

    def checked(x1: Tensor, x2: Tensor) -> Tensor:
        if not x1.dtype.is_integer:
            raise Refused(f"{name} takes integers; got {NAMES[x1.dtype]}.")
        if not isinstance(x2, tf.Tensor):
            x2 = scalar(x2, x1.dtype)
        if x2.dtype is not x1.dtype:
            raise Refused(f"{name} takes integers of one dtype.")  # the slow path promotes them
        return fn(x1, x2)

    return checked


@tf.function(input_signature=[tf.TensorSpec(None, tf.int64)] * 2, autograph=False)  # type: ignore[untyped-decorator]
def _divisor(x1: Tensor, x2: Tensor) -> Tensor:
    """Euclid's algorithm on all elements at once; a graph, because an eager loop would read its condition each turn."""

    def step(a: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
        done = math.equal(b, 0)
        rest = math.floor_mod(a, math.select_v2(done, tf.ones_like(b), b))
        return math.select_v2(done, a, b), math.select_v2(done, b, rest)

    zero = tf.zeros(tf.broadcast_dynamic_shape(tf.shape(x1), tf.shape(x2)), tf.int64)
    pair = [absolute(x) + zero for x in (x1, x2)]
    return tf.while_loop(lambda a, b: tf.reduce_any(math.not_equal(b, 0)), step, pair)[0]


def _euclid(x1: Tensor, x2: Tensor) -> Tensor:
    divisor = _divisor(math.cast(x1, tf.int64), math.cast(x2, tf.int64))
    divisor.set_shape(tf.broadcast_static_shape(x1.shape, x2.shape))
    return math.cast(divisor, x1.dtype)


def _multiple(x1: Tensor, x2: Tensor) -> Tensor:
    return absolute(floor_divide(x1, _euclid(x1, x2)) * x2)  # 0 // 0 is 0


gcd = binary("gcd", _integers("gcd", _euclid))
lcm = binary("lcm", _integers("lcm", _multiple))


def _shift(fn: Callable[..., Tensor], keeps_sign: bool) -> Callable[..., Tensor]:
    """fn, defined too where TensorFlow leaves the result open: shifts by more bits than there are, or negative."""

    def shifted(x: Tensor, y: Tensor) -> Tensor:
        bits = 8 * x.dtype.size
        within = math.greater_equal(y, scalar(0, x.dtype)) & math.less(y, scalar(bits, x.dtype))
        zero = scalar(0, x.dtype)
        signed = keeps_sign and x.dtype not in UNSIGNED
        beyond = fn(x, scalar(bits - 1, x.dtype)) if signed else zero
        return math.select_v2(within, fn(x, math.select_v2(within, y, zero)), beyond)

    return shifted


_left = _shift(bitwise.left_shift, keeps_sign=False)
_right = _shift(bitwise.right_shift, keeps_sign=True)
_left_shift = binary("left_shift", _integers("left_shift", _left), as_int32(_left))
_right_shift = binary("right_shift", _integers("right_shift", _right), as_int32(_right))


def left_shift(x: Tensor, y: Tensor) -> Tensor:
    return _left_shift(x, y)


def right_shift(x: Tensor, y: Tensor) -> Tensor:
    return _right_shift(x, y)


# -- bits --------------------------------------------------------------------------------------


def view(x: Tensor, dtype: DType | None = None) -> Tensor:
    x = convert_to_tensor(x)
    target = x.dtype if dtype is None else tf_dtype(dtype)
    if target is x.dtype:
        return x
    if BOOL in (x.dtype, target):  # TensorFlow's booleans are bytes that cannot be seen otherwise
        x = math.cast(x, tf.uint8) if x.dtype is BOOL else view(x, "uint8")
        return math.cast(x, BOOL) if target is BOOL else view(x, target)
    before, after = x.dtype.size, target.size
    if before == after:
        return array.bitcast(x, target)
    last = bitviews.last_size(tuple(x.shape), NAMES[x.dtype], NAMES[target])
    *outer, size = shape_of(x)
    if after > before:
        count = after // before
        return array.bitcast(tf.reshape(x, shape_tensor((*outer, size // count, count))), target)
    parts = array.bitcast(x, target)
    joined = tf.reshape(parts, shape_tensor((*outer, size * (before // after))))
    joined.set_shape([*x.shape[:-1], last])
    return joined
