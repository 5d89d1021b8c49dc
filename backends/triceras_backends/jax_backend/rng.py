"""Random numbers on JAX, as `triceras_backends.hashing` defines them: one jitted call a draw."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from triceras_backends import distributions, hashing
from triceras_backends.contract.types import DType, Shape
from triceras_backends.hashing import GOLDEN, MULTIPLIER_1, MULTIPLIER_2
from triceras_backends.jax_backend.kernels import INEXACT, sizes
from triceras_backends.jax_backend.tensors import astype, convert_to_tensor, jax_dtype, native


def random_seed_scope() -> AbstractContextManager[Any]:
    return nullcontext()


@jax.jit
def _next_seed(seed: Any) -> Any:
    return seed + jnp.array([0, 1], jnp.int32)


def random_next_seed(seed: Any) -> Any:
    return _next_seed(native(seed))


# -- bits ----------------------------------------------------------------------------------


def _mix(x: Any) -> Any:
    x = (x ^ (x >> 16)) * np.uint32(MULTIPLIER_1)
    x = (x ^ (x >> 15)) * np.uint32(MULTIPLIER_2)
    return x ^ (x >> 16)


def _round_constant(lane: Any, number: int) -> Any:
    """`hashing.round_constant`, for a lane that may be a traced loop's."""
    if isinstance(lane, int):
        return np.uint32(hashing.round_constant(lane, number))
    return (hashing.FEISTEL_ROUNDS * lane + number + 1).astype(jnp.uint32) * np.uint32(GOLDEN)


def _bits(shape: Any, seed: Any, lane: Any = 0) -> Any:
    """The bits as uint32."""
    left, right = lax.bitcast_convert_type(jnp.asarray(seed, jnp.int32), jnp.uint32)
    for number in range(hashing.FEISTEL_ROUNDS):
        left, right = right, left ^ _mix(right + _round_constant(lane, number))
    w = lax.iota(jnp.uint32, hashing.check_size(shape)) * np.uint32(GOLDEN) + left
    x = (w ^ (w >> 16)) * np.uint32(MULTIPLIER_1) + right
    x = (x ^ (x >> 15)) * np.uint32(MULTIPLIER_2)
    return (x ^ (x >> 16) ^ w).reshape(shape)


def _signed(bits: Any) -> Any:
    return lax.bitcast_convert_type(bits, jnp.int32)


def _high_bits(bits: Any, count: int, dtype: Any) -> Any:
    # By way of int32: its conversion to float is faster than uint32's, and exact here.
    return _signed(bits >> (32 - count)).astype(dtype)


@functools.partial(jax.jit, static_argnums=0)
def _int32_bits(shape: Any, seed: Any) -> Any:
    return _signed(_bits(shape, seed))


def random_bits(shape: Shape, seed: Any) -> Any:
    return _int32_bits(sizes(shape), native(seed))


# -- uniform -------------------------------------------------------------------------------


def _unit(shape: Any, dtype: str, seed: Any, slot: Any = 0) -> Any:
    """Floats in [0, 1), from lanes 2 slot and 2 slot + 1."""
    if dtype == "float64":
        high = _high_bits(_bits(shape, seed, 2 * slot), 27, dtype)
        low = _high_bits(_bits(shape, seed, 2 * slot + 1), 26, dtype)
        return (high * 2.0**26 + low) * 2.0**-53
    count = hashing.FLOAT_BITS[dtype]
    return (_high_bits(_bits(shape, seed, 2 * slot), count, jnp.float32) * 2.0**-count).astype(dtype)


@functools.partial(jax.jit, static_argnums=(0, 1))
def _plain_uniform(shape: Any, dtype: str, seed: Any) -> Any:
    return _unit(shape, dtype, seed)


@functools.partial(jax.jit, static_argnums=(0, 1))
def _clipped_uniform(shape: Any, dtype: str, seed: Any, minval: Any, span: Any, least: Any, greatest: Any) -> Any:
    x = _unit(shape, dtype, seed).astype(hashing.computation_dtype(dtype)) * span + minval
    return jnp.clip(x.astype(dtype), least.astype(dtype), greatest.astype(dtype))


@functools.partial(jax.jit, static_argnums=(0, 1))
def _bounded_uniform(shape: Any, dtype: str, seed: Any, minval: Any, maxval: Any) -> Any:
    x = _unit(shape, dtype, seed) * (maxval - minval) + minval
    return jnp.where(x < maxval, x, minval)


def _float(dtype: Any) -> str:
    """The name of a float dtype, as wide as JAX has it now."""
    return hashing.check_float(jax_dtype(dtype).name)


def _scalars(*xs: Any) -> bool:
    return all(isinstance(x, (int, float, np.number)) for x in xs)


def random_uniform(shape: Shape, minval: Any, maxval: Any, dtype: DType, seed: Any) -> Any:
    shape, name, seed = sizes(shape), _float(dtype), native(seed)
    if not _scalars(minval, maxval):
        return _bounded_uniform(shape, name, seed, convert_to_tensor(minval, name), convert_to_tensor(maxval, name))
    limits = hashing.uniform_limits(minval, maxval, name)
    if (minval, maxval) == (0, 1):
        return _plain_uniform(shape, name, seed)
    wide = np.dtype(hashing.computation_dtype(name)).type
    minval, maxval = float(minval), float(maxval)
    return _clipped_uniform(shape, name, seed, wide(minval), wide(maxval - minval), *map(wide, limits))


# -- normal --------------------------------------------------------------------------------


def _open_unit(shape: Any, dtype: str, seed: Any, slot: Any) -> Any:
    """float32 or float64 numbers in (0, 1], as small as 2**-32 or 2**-54."""
    if dtype == "float64":
        return _unit(shape, dtype, seed, slot) + 2.0**-54
    return (_high_bits(_bits(shape, seed, 2 * slot) << 1, 31, dtype) + 0.5) * np.float32(2.0**-31)


def _cosine(turns: Any, dtype: str) -> Any:
    """The cosine of pi 2**-31 times an int32.

    In 32 bits by the minimax polynomials of Cephes (Moshier, 1992) within an eighth of a turn,
    to which integers reduce exactly: a third of the time of XLA's, which reduces any float.
    """
    scale = math.pi * 2.0**-31
    if dtype == "float64":
        return jnp.cos(turns.astype(dtype) * scale)
    quarter = (turns + np.int32(1 << 29)) >> 30
    angle = (turns - (quarter << 30)).astype(dtype) * np.float32(scale)
    square = angle * angle
    sine = angle + angle * square * (-1.6666654611e-1 + square * (8.3321608736e-3 - square * 1.9515295891e-4))
    cosine = 1 - square * (
        0.5 - square * (4.166664568298827e-2 - square * (1.388731625493765e-3 - square * 2.443315711809948e-5))
    )
    size = jnp.where((quarter & 1) == 0, cosine, sine)
    return jnp.where(((quarter + 1) & 2) == 0, size, -size)


def _standard_normal(shape: Any, dtype: str, seed: Any, slot: Any) -> Any:
    """By Box and Muller's method: a radius and an angle give two numbers, half the tensor apart."""
    count = hashing.check_size(shape)
    half = ((count + 1) // 2,)
    radius = jnp.sqrt(-2.0 * jnp.log(_open_unit(half, dtype, seed, slot)))
    # The sine is the cosine a quarter before. Joining the two would make XLA compute what uses them element by element.
    turns = _signed(_bits(half, seed, 2 * slot + 2)) - np.array([[0], [1 << 30]], np.int32)
    return (_cosine(turns, dtype) * radius).reshape(-1)[:count].reshape(shape)


def _located(z: Any, mean: Any, stddev: Any, dtype: str) -> Any:
    return (z * stddev + mean).astype(dtype)


@functools.partial(jax.jit, static_argnums=(0, 3))
def _normal(shape: Any, mean: Any, stddev: Any, dtype: str, seed: Any) -> Any:
    return _located(_standard_normal(shape, hashing.computation_dtype(dtype), seed, 0), mean, stddev, dtype)


@functools.partial(jax.jit, static_argnums=(0, 3))
def _truncated_normal(shape: Any, mean: Any, stddev: Any, dtype: str, seed: Any) -> Any:
    if dtype == "float64":
        v = (_unit(shape, dtype, seed) - 0.5) * 2 + 2.0**-53
    else:
        v = ((_signed(_bits(shape, seed)) >> 8).astype(jnp.float32) + 0.5) * np.float32(2.0**-23)
    z = lax.erf_inv(v * hashing.TRUNCATED_SHARE) * math.sqrt(2)
    return _located(jnp.clip(z, -2.0, 2.0), mean, stddev, dtype)


def _placed(draw: Any, shape: Shape, mean: Any, stddev: Any, dtype: DType, seed: Any) -> Any:
    name = _float(dtype)
    wide = hashing.computation_dtype(name)
    mean, stddev = (np.dtype(wide).type(x) if _scalars(x) else convert_to_tensor(x, wide) for x in (mean, stddev))
    return draw(sizes(shape), mean, stddev, name, native(seed))


def random_normal(shape: Shape, mean: Any, stddev: Any, dtype: DType, seed: Any) -> Any:
    return _placed(_normal, shape, mean, stddev, dtype, seed)


def random_truncated_normal(shape: Shape, mean: Any, stddev: Any, dtype: DType, seed: Any) -> Any:
    return _placed(_truncated_normal, shape, mean, stddev, dtype, seed)


# -- integers ------------------------------------------------------------------------------


def _product(x: Any, y: Any) -> tuple[Any, Any]:
    """The high and the low half of a product of two uint32, without 64-bit types."""
    x0, x1, y0, y1 = x & 0xFFFF, x >> 16, y & 0xFFFF, y >> 16
    middle = x1 * y0 + ((x0 * y0) >> 16)
    cross = x0 * y1 + (middle & 0xFFFF)
    return x1 * y1 + (middle >> 16) + (cross >> 16), x * y


@functools.partial(jax.jit, static_argnums=(0, 1))
def _narrow_randint(shape: Any, dtype: Any, seed: Any, low: Any, span: Any) -> Any:
    """For spans up to 2**32, which is here 0, as uint32."""
    word = _bits(shape, seed)
    below, _ = _product(_bits(shape, seed, 1), span)
    high, rest = _product(word, span)
    number = jnp.where(span == 0, word, high + (rest + below < rest))
    if dtype.itemsize == 8:
        return (number.astype(low.dtype) + low).astype(dtype)
    total = number + low
    return total.astype(dtype) if dtype.kind == "u" else _signed(total).astype(dtype)


@functools.partial(jax.jit, static_argnums=(0, 1))
def _wide_randint(shape: Any, dtype: Any, seed: Any, low: Any, span: Any) -> Any:
    """For spans of more than 2**32, as two uint64 words: the lanes' 128 bits times span, from the lowest lane."""
    lower, upper = span
    total = jnp.zeros(shape, jnp.uint64)
    for lane in (3, 2, 1, 0):
        word = _bits(shape, seed, lane).astype(jnp.uint64)
        product = word * lower
        carry = ((product & 0xFFFFFFFF) + (total & 0xFFFFFFFF)) >> 32
        total = word * upper + (product >> 32) + (total >> 32) + carry
    return (total + low).astype(dtype)


def random_randint(shape: Shape, minval: Any, maxval: Any, dtype: DType, seed: Any) -> Any:
    kind = jax_dtype(hashing.check_integer(jax_dtype(dtype).name))
    wide = np.uint64 if kind.itemsize == 8 else np.uint32
    shape, seed = sizes(shape), native(seed)
    low, high = hashing.static_int(minval), hashing.static_int(maxval)
    if low is None or high is None:
        first, last = (convert_to_tensor(x, "int64").astype(wide) for x in (minval, maxval))
        return _narrow_randint(shape, kind, seed, first, (last - first).astype(np.uint32))
    low, span, lanes = hashing.integer_range(low, high, kind.name)
    first = wide(low % 2 ** (8 * wide().itemsize))
    if lanes == 2:
        return _narrow_randint(shape, kind, seed, first, np.uint32(span & hashing.MASK))
    return _wide_randint(shape, kind, seed, first, (np.uint64(span & hashing.MASK), np.uint64(span >> 32)))


@functools.partial(jax.jit, static_argnums=(1, 2))
def _categorical(logits: Any, count: int, dtype: Any, seed: Any) -> Any:
    shares = jax.nn.softmax(lax.stop_gradient(logits).astype(jnp.float32), -1)
    ends = jnp.cumsum(jnp.round(shares * hashing.CATEGORICAL_UNITS).astype(jnp.uint32), -1, dtype=jnp.uint32)
    marks, _ = _product(_bits((logits.shape[0], count), seed), ends[:, -1:])
    return jax.vmap(functools.partial(jnp.searchsorted, side="right"))(ends, marks).astype(dtype)


def random_categorical(logits: Any, num_samples: int, dtype: DType, seed: Any) -> Any:
    return _categorical(convert_to_tensor(logits), int(num_samples), jax_dtype(dtype), native(seed))


# -- dropout and shuffle ---------------------------------------------------------------------


@functools.partial(jax.jit, static_argnums=1)
def _dropout(x: Any, shape: Any, seed: Any, threshold: Any, kept: Any) -> Any:
    return jnp.where(_signed(_bits(shape, seed)) < threshold, jnp.zeros((), x.dtype), x / kept.astype(x.dtype))


def random_dropout(inputs: Any, rate: float, noise_shape: Any, seed: Any) -> Any:
    threshold = hashing.dropout_threshold(rate)
    x = convert_to_tensor(inputs)
    if x.dtype not in INEXACT:
        x = astype(x, jax_dtype(None))
    shape = hashing.noise_shape(x.shape, noise_shape)
    if rate == 0:
        return x
    if rate == 1:
        return jnp.zeros_like(x)
    return _dropout(x, shape, native(seed), np.int32(threshold), np.float64(1 - rate))


@functools.partial(jax.jit, static_argnums=1)
def _shuffle(x: Any, axis: int, seed: Any) -> Any:
    keys = _signed(_bits((x.shape[axis],), seed))
    return jnp.take(x, jnp.argsort(keys, stable=True), axis=axis)


def random_shuffle(x: Any, axis: int, seed: Any) -> Any:
    x = convert_to_tensor(x)
    if not -x.ndim <= axis < x.ndim:
        raise ValueError(f"random_shuffle: axis {axis} is out of range for shape {tuple(x.shape)}.")
    return _shuffle(x, int(axis), native(seed))


# -- distributions by rejection ----------------------------------------------------------------


# A jitted function in a class would otherwise become a method.
_static: Callable[[Any], Any] = staticmethod


class _Draw:
    """What `distributions` needs of JAX."""

    log, log1p, exp, sqrt = map(_static, (jnp.log, jnp.log1p, jnp.exp, jnp.sqrt))
    floor, abs, where = map(_static, (jnp.floor, jnp.abs, jnp.where))

    def __init__(self, shape: Any, dtype: str, seed: Any) -> None:
        self._shape, self._dtype, self._seed = shape, hashing.computation_dtype(dtype), seed

    def uniform(self, slot: Any) -> Any:
        return _open_unit(self._shape, self._dtype, self._seed, slot)

    def normal(self, slot: Any) -> Any:
        return _standard_normal(self._shape, self._dtype, self._seed, slot)

    def rounds(self, limit: int, body: Any, state: distributions.State) -> distributions.State:
        def unfinished(carry: Any) -> Any:
            return (carry[0] < limit) & ~jnp.all(carry[1][0])

        def step(carry: Any) -> Any:
            return carry[0] + 1, body(*carry)

        return lax.while_loop(unfinished, step, (jnp.int32(0), state))[1]


@functools.partial(jax.jit, static_argnums=(0, 1, 2))
def _rejection(name: str, shape: Any, dtype: str, seed: Any, *parameters: Any) -> Any:
    draw = _Draw(shape, dtype, seed)
    wide = (jnp.broadcast_to(lax.stop_gradient(x), shape) for x in parameters)
    return getattr(distributions, name)(draw, *wide).astype(dtype)


def _rejected(name: str, shape: Shape, dtype: DType, seed: Any, *parameters: Any) -> Any:
    kind, shape = _float(dtype), sizes(shape)
    wide = [convert_to_tensor(x, hashing.computation_dtype(kind)) for x in parameters]
    for x in wide:
        if len(x.shape) > len(shape) or any(n not in (1, m) for n, m in zip(x.shape[::-1], shape[::-1], strict=False)):
            raise ValueError(f"A parameter of shape {x.shape} does not broadcast to {shape}.")
    return _rejection(name, shape, kind, native(seed), *wide)


def random_gamma(shape: Shape, alpha: Any, dtype: DType, seed: Any) -> Any:
    return _rejected("gamma", shape, dtype, seed, alpha)


def random_beta(shape: Shape, alpha: Any, beta: Any, dtype: DType, seed: Any) -> Any:
    return _rejected("beta", shape, dtype, seed, alpha, beta)


def random_binomial(shape: Shape, counts: Any, probabilities: Any, dtype: DType, seed: Any) -> Any:
    return _rejected("binomial", shape, dtype, seed, counts, probabilities)
