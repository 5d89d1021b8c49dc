"""Random numbers on TensorFlow, as `triceras_backends.hashing` defines them.

Eagerly on a machine without accelerators NumPy makes the bits (`hostbits`), else tensor operations.
There they are uint32, whose right shift is the logical one, and whose arithmetic runs on
accelerators where int32's does not. Sizes may be scalar tensors inside a graph.
"""

from __future__ import annotations

import functools
import math as python_math
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

from triceras_backends import distributions, dtypes, hashing, hostbits
from triceras_backends.contract.types import DType, Shape, Tensor
from triceras_backends.hashing import GOLDEN, MASK, MULTIPLIER_1, MULTIPLIER_2
from triceras_backends.tensorflow_backend.native import array, bitwise, math
from triceras_backends.tensorflow_backend.tensors import (
    INEXACT,
    axis_of,
    cast,
    convert_to_tensor,
    float_dtype,
    ints,
    rank_of,
    scalar,
    shape_tensor,
    tf_dtype,
)
from triceras_backends.tensorflow_backend.tensors import shape as shape_of
from triceras_backends.variable import Variable

# Either the two words of a seed, or a symbolic tensor of them.
Words = Any

_WORD = tf.uint32


class _Recipe(NamedTuple):
    """What becomes of the bits, in NumPy and for a uint32 tensor."""

    host: hostbits.Recipe
    tensor: Callable[[Tensor], Tensor]


@functools.cache
def _only_cpu() -> bool:
    return all(device.device_type == "CPU" for device in tf.config.list_physical_devices())


def random_seed_scope() -> AbstractContextManager[Any]:
    return tf.device("/device:CPU:0")


def random_next_seed(seed: Any) -> Tensor:
    return math.add_v2(convert_to_tensor(seed), ints((0, 1)))


# -- bits ----------------------------------------------------------------------------------


def _words(seed: Any) -> Words:
    if isinstance(seed, np.ndarray):
        return tuple(seed.tolist())
    seed = convert_to_tensor(seed)
    return tuple(seed.numpy().tolist()) if hasattr(seed, "numpy") else seed


def _word(value: int) -> Tensor:
    return scalar(value & MASK, _WORD)


def _folded(x: Tensor, shift: int) -> Tensor:
    return bitwise.bitwise_xor(x, bitwise.right_shift(x, _word(shift)))


def _mix(x: Tensor) -> Tensor:
    x = math.mul(_folded(x, 16), _word(MULTIPLIER_1))
    x = math.mul(_folded(x, 15), _word(MULTIPLIER_2))
    return _folded(x, 16)


def _round_constant(lane: Any, number: int) -> Tensor:
    """`hashing.round_constant`, for a lane that may be a loop's symbolic one."""
    if isinstance(lane, int):
        return _word(hashing.round_constant(lane, number))
    return math.mul(tf.cast(hashing.FEISTEL_ROUNDS * lane + number + 1, _WORD), _word(GOLDEN))


def _call_key(words: Words, lane: Any) -> tuple[Tensor, Tensor]:
    if type(words) is tuple:
        if isinstance(lane, int):
            # Not by `scalar`, whose cache the ever new keys would fill.
            return tuple(tf.constant(k & MASK, _WORD) for k in hashing.call_key(words[0], words[1], lane))
        left, right = map(_word, words)
    else:
        left, right = tf.unstack(tf.bitcast(words, _WORD), num=2)
    for number in range(hashing.FEISTEL_ROUNDS):
        left, right = right, bitwise.bitwise_xor(left, _mix(math.add_v2(right, _round_constant(lane, number))))
    return left, right


def _count(shape: Any) -> Any:
    """How many elements a shape has: an int, or a tensor where a size is one."""
    if all(isinstance(size, (int, np.integer)) for size in shape):
        return hashing.check_size(shape)
    return tf.reduce_prod(shape_tensor(shape))


def _indices(count: Any) -> Tensor:
    if type(count) is int and count >= 2**31:
        return math.cast(tf.range(count, dtype=tf.int64), _WORD)
    return math.cast(math._range(ints(0), ints(count) if type(count) is int else count, ints(1)), _WORD)


def _bits(shape: Any, words: Words, lane: Any = 0) -> Tensor:
    """The bits as uint32, in one dimension."""
    k0, k1 = _call_key(words, lane)
    w = math.add_v2(math.mul(_indices(_count(shape)), _word(GOLDEN)), k0)
    x = math.add_v2(math.mul(_folded(w, 16), _word(MULTIPLIER_1)), k1)
    x = math.mul(_folded(x, 15), _word(MULTIPLIER_2))
    return bitwise.bitwise_xor(_folded(x, 16), w)


def _drawn(shape: Any, dtype: tf.DType, words: Words, lane: Any, recipe: _Recipe) -> Tensor:
    """What `recipe` makes of the bits of one lane, in `shape` and `dtype`."""
    if type(words) is tuple and tf.executing_eagerly() and _only_cpu():
        sizes = [int(size) for size in shape]
        return tf.convert_to_tensor(hostbits.draw(sizes, words, lane, dtype.as_numpy_dtype, recipe.host))
    return array.reshape(recipe.tensor(_bits(shape, words, lane)), shape_tensor(shape))


def _as_int32(bits: Tensor) -> Tensor:
    return array.bitcast(bits, tf.int32)


_BITS = _Recipe(hostbits.as_they_are, _as_int32)


def random_bits(shape: Shape, seed: Any) -> Tensor:
    return _drawn(shape, tf.int32, _words(seed), 0, _BITS)


# -- uniform -------------------------------------------------------------------------------


def _high_bits(count: int, dtype: tf.DType, scale: float = 1.0) -> _Recipe:
    """The highest `count` bits as floats in [0, 2**count), times a power of two."""

    def tensor(bits: Tensor) -> Tensor:
        return math.mul(math.cast(bitwise.right_shift(bits, _word(32 - count)), dtype), scalar(scale, dtype))

    return _Recipe(hostbits.high(count, scale), tensor)


def _unit(shape: Any, dtype: str, words: Words, slot: Any = 0) -> Tensor:
    """Floats in [0, 1), from lanes 2 slot and 2 slot + 1."""
    if dtype == "float64":
        high = _drawn(shape, tf.float64, words, 2 * slot, _high_bits(27, tf.float64))
        low = _drawn(shape, tf.float64, words, 2 * slot + 1, _high_bits(26, tf.float64))
        return (high * 2.0**26 + low) * 2.0**-53
    count = hashing.FLOAT_BITS[dtype]
    x = _drawn(shape, tf.float32, words, 2 * slot, _high_bits(count, tf.float32, 2.0**-count))
    return x if dtype == "float32" else math.cast(x, tf_dtype(dtype))


def _scalars(*xs: Any) -> bool:
    return all(isinstance(x, (int, float, np.number)) for x in xs)


def random_uniform(shape: Shape, minval: Any, maxval: Any, dtype: DType, seed: Any) -> Tensor:
    name = hashing.check_float(dtypes.standardize_dtype(dtype))
    native = tf_dtype(name)
    if not _scalars(minval, maxval):
        x = _unit(shape, name, _words(seed))
        minval, maxval = convert_to_tensor(minval, name), convert_to_tensor(maxval, name)
        x = x * (maxval - minval) + minval
        return tf.where(x < maxval, x, minval)
    least, greatest = hashing.uniform_limits(minval, maxval, name)
    x = _unit(shape, name, _words(seed))
    if (minval, maxval) != (0, 1):
        wide = cast(x, hashing.computation_dtype(name)) * (float(maxval) - float(minval)) + float(minval)
        x = math.maximum(math.minimum(cast(wide, native), tf.constant(greatest, native)), tf.constant(least, native))
    return x


# -- normal --------------------------------------------------------------------------------


def _low_half(bits: Tensor) -> Tensor:
    low = _as_int32(bitwise.bitwise_and(bits, _word(0x7FFFFFFF)))
    return (math.cast(low, tf.float32) + 0.5) * 2.0**-31


def _signed_bits(dtype: tf.DType, shift: int, offset: float, scale: float) -> _Recipe:
    """The highest bits as signed floats, plus an offset, times a scale."""

    def tensor(bits: Tensor) -> Tensor:
        return (math.cast(bitwise.right_shift(_as_int32(bits), scalar(shift, tf.int32)), dtype) + offset) * scale

    return _Recipe(hostbits.signed(shift, offset, scale), tensor)


_LOW_HALF = _Recipe(hostbits.low_half, _low_half)
_CENTERED = _signed_bits(tf.float32, 8, 0.5, 2.0**-23)
_ANGLES = {dtype: _signed_bits(dtype, 0, 0.0, python_math.pi * 2.0**-31) for dtype in (tf.float32, tf.float64)}


def _open_unit(shape: Any, dtype: str, words: Words, slot: Any) -> Tensor:
    """float32 or float64 numbers in (0, 1], as small as 2**-32 or 2**-54."""
    if dtype == "float64":
        return _unit(shape, dtype, words, slot) + 2.0**-54
    return _drawn(shape, tf.float32, words, 2 * slot, _LOW_HALF)


def _standard_normal(shape: Any, dtype: str, words: Words, slot: Any) -> Tensor:
    """By Box and Muller's method: a radius and an angle give two numbers, half the tensor apart."""
    count = _count(shape)
    half = ((count + 1) // 2,)
    native = tf_dtype(dtype)
    radius = math.sqrt(math.log(_open_unit(half, dtype, words, slot)) * -2.0)
    angle = _drawn(half, native, words, 2 * slot + 2, _ANGLES[native])
    pairs = tf.concat([math.cos(angle) * radius, math.sin(angle) * radius], 0)
    return array.reshape(pairs if type(count) is int and count % 2 == 0 else pairs[:count], shape_tensor(shape))


def _located(z: Tensor, mean: Any, stddev: Any, name: str) -> Tensor:
    """mean + stddev z in the dtype of that name."""
    mean, stddev = (x if _scalars(x) else convert_to_tensor(x, z.dtype) for x in (mean, stddev))
    z = z if _scalars(stddev) and stddev == 1 else z * stddev
    return cast(z if _scalars(mean) and mean == 0 else z + mean, tf_dtype(name))


def random_normal(shape: Shape, mean: Any, stddev: Any, dtype: DType, seed: Any) -> Tensor:
    name = hashing.check_float(dtypes.standardize_dtype(dtype))
    z = _standard_normal(shape, hashing.computation_dtype(name), _words(seed), 0)
    return _located(z, mean, stddev, name)


def random_truncated_normal(shape: Shape, mean: Any, stddev: Any, dtype: DType, seed: Any) -> Tensor:
    name = hashing.check_float(dtypes.standardize_dtype(dtype))
    words = _words(seed)
    if name == "float64":
        v = (_unit(shape, name, words) - 0.5) * 2.0 + 2.0**-53
    else:
        v = _drawn(shape, tf.float32, words, 0, _CENTERED)
    z = tf.clip_by_value(math.erfinv(v * hashing.TRUNCATED_SHARE) * python_math.sqrt(2), -2.0, 2.0)
    return _located(z, mean, stddev, name)


# -- integers ------------------------------------------------------------------------------


def _long(value: int) -> Tensor:
    return scalar(value, tf.int64)


def _low(x: Tensor) -> Tensor:
    return bitwise.bitwise_and(x, _long(MASK))


def _high(x: Tensor, shift: int = 32) -> Tensor:
    return bitwise.right_shift(x, _long(shift))


_WIDE = _Recipe(hostbits.as_they_are, lambda bits: math.cast(bits, tf.int64))


def _wide(shape: Any, words: Words, lane: int) -> Tensor:
    """Random words as numbers in [0, 2**32)."""
    return _drawn(shape, tf.int64, words, lane, _WIDE)


def random_randint(shape: Shape, minval: Any, maxval: Any, dtype: DType, seed: Any) -> Tensor:
    name = hashing.check_integer(dtypes.standardize_dtype(dtype))
    words = _words(seed)
    low, high = hashing.static_int(minval), hashing.static_int(maxval)
    if low is None or high is None:
        first, last = convert_to_tensor(minval, "int64"), convert_to_tensor(maxval, "int64")
        return cast(first + _scaled(shape, words, 2, last - first, _long(0)), tf_dtype(name))
    low, span, lanes = hashing.integer_range(low, high, name)
    if lanes == 2 and span <= 2**31:
        # No product overflows int64, and the general way is this.
        number = _high(_wide(shape, words, 0) * _long(span) + _high(_wide(shape, words, 1) * _long(span)))
    else:
        upper = span >> 32
        number = _scaled(shape, words, lanes, _long(span & MASK), _long(upper))
    return cast(number + _long(low if low < 2**63 else low - 2**64), tf_dtype(name))


def _scaled(shape: Any, words: Words, lanes: int, low: Tensor, high: Tensor) -> Tensor:
    """floor(W span / 2**(32 lanes)) modulo 2**64, span = high 2**32 + low, W the number the lanes make.

    One lane after another, from the lowest; products are split so that none overflows.
    """
    total = _long(0)
    for lane in reversed(range(lanes)):
        word = _wide(shape, words, lane)
        part = bitwise.bitwise_and(word, _long(0xFFFF)) * low + _low(total)
        carry = _high(_high(word, 16) * low + _high(part, 16), 16)
        total = word * high + _low(_high(total)) + carry
    return total


def random_categorical(logits: Any, num_samples: int, dtype: DType, seed: Any) -> Tensor:
    logits = cast(convert_to_tensor(logits), tf.float32)
    shares = tf.nn.softmax(tf.stop_gradient(logits)) * hashing.CATEGORICAL_UNITS
    ends = tf.cumsum(math.cast(math.rint(shares), tf.int64), -1)
    marks = _high(_wide((shape_of(logits)[0], num_samples), _words(seed), 0) * ends[:, -1:])
    return cast(tf.searchsorted(ends, marks, side="right"), tf_dtype(dtype))


# -- dropout and shuffle ---------------------------------------------------------------------


def random_dropout(inputs: Any, rate: float, noise_shape: Any, seed: Any) -> Tensor:
    threshold = hashing.dropout_threshold(rate)
    x = convert_to_tensor(inputs)
    if x.dtype not in INEXACT:
        x = cast(x, float_dtype(x.dtype))
    shape = hashing.noise_shape(shape_of(x), noise_shape)
    if rate == 0:
        return x
    if rate == 1:
        return tf.zeros_like(x)
    recipe = _Recipe(hostbits.below(threshold), lambda bits: math.less(_as_int32(bits), scalar(threshold, tf.int32)))
    dropped = _drawn(shape, tf.bool, _words(seed), 0, recipe)
    return math.select_v2(dropped, scalar(0, x.dtype), math.real_div(x, scalar(1.0 - rate, x.dtype)))


def random_shuffle(x: Any, axis: int, seed: Any) -> Tensor:
    x = convert_to_tensor(x)
    axis = axis_of(axis, rank_of(x), "random_shuffle")
    keys = _drawn((shape_of(x)[axis],), tf.int32, _words(seed), 0, _BITS)
    return tf.gather(x, tf.argsort(keys, stable=True), axis=axis)


# -- distributions by rejection ----------------------------------------------------------------


# A function in a class would otherwise become a method.
_static: Callable[[Any], Any] = staticmethod


class _Draw:
    """What `distributions` needs of TensorFlow."""

    log, log1p, exp, sqrt = map(_static, (math.log, math.log1p, math.exp, math.sqrt))
    floor, abs, where = map(_static, (math.floor, tf.abs, tf.where))

    def __init__(self, shape: Shape, dtype: str, seed: Any) -> None:
        self._shape, self._dtype, self._words = tuple(shape), hashing.computation_dtype(dtype), _words(seed)

    def parameter(self, x: Any) -> Tensor:
        """A parameter as a tensor of the draw's shape. Raises ValueError: it does not broadcast to it."""
        value = tf.stop_gradient(convert_to_tensor(x.value if isinstance(x, Variable) else x, self._dtype))
        try:
            return tf.broadcast_to(value, shape_tensor(self._shape))
        except (tf.errors.InvalidArgumentError, ValueError):
            raise ValueError(
                f"A parameter of shape {tuple(value.shape)} does not broadcast to {self._shape}."
            ) from None

    def uniform(self, slot: Any) -> Tensor:
        return _open_unit(self._shape, self._dtype, self._words, slot)

    def normal(self, slot: Any) -> Tensor:
        return _standard_normal(self._shape, self._dtype, self._words, slot)

    def rounds(
        self, limit: int, body: Callable[[Any, distributions.State], distributions.State], state: distributions.State
    ) -> distributions.State:
        if not tf.executing_eagerly():
            return self._graph_rounds(limit, body, state)
        for number in range(limit):
            state = body(number, state)
            if bool(tf.reduce_all(state[0])):
                break
        return state

    def _graph_rounds(self, limit: int, body: Any, state: distributions.State) -> distributions.State:
        def unfinished(number: Tensor, state: distributions.State) -> Tensor:
            return ~tf.reduce_all(state[0])

        def step(number: Tensor, state: distributions.State) -> tuple[Tensor, distributions.State]:
            return number + 1, body(number, state)

        return tf.while_loop(unfinished, step, (tf.constant(0), state), maximum_iterations=limit)[1]


def _rejected(name: str, shape: Shape, dtype: DType, seed: Any, *parameters: Any) -> Tensor:
    kind = hashing.check_float(dtypes.standardize_dtype(dtype))
    draw = _Draw(shape, kind, seed)
    return cast(getattr(distributions, name)(draw, *map(draw.parameter, parameters)), tf_dtype(kind))


def random_gamma(shape: Shape, alpha: Any, dtype: DType, seed: Any) -> Tensor:
    return _rejected("gamma", shape, dtype, seed, alpha)


def random_beta(shape: Shape, alpha: Any, beta: Any, dtype: DType, seed: Any) -> Tensor:
    return _rejected("beta", shape, dtype, seed, alpha, beta)


def random_binomial(shape: Shape, counts: Any, probabilities: Any, dtype: DType, seed: Any) -> Tensor:
    return _rejected("binomial", shape, dtype, seed, counts, probabilities)
