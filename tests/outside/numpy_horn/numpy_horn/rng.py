"""Random numbers, by the definitions in `triceras_backends.hashing`, which are NumPy's already."""

from __future__ import annotations

import math
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import numpy as np
from scipy import special

from numpy_horn.tensors import convert_to_tensor, wrap
from triceras_backends import config, distributions, dtypes, hashing


def random_seed_scope() -> AbstractContextManager[Any]:
    return nullcontext()


def _words(seed: Any) -> Any:
    return np.asarray(convert_to_tensor(seed))


def _shape(shape: Any) -> tuple[int, ...]:
    return tuple(int(n) for n in shape) if np.ndim(shape) else (int(shape),)


def _number(x: Any, dtype: str) -> Any:
    return np.asarray(convert_to_tensor(x, dtype))


def random_next_seed(seed: Any) -> Any:
    key, counter = _words(seed)
    return wrap(np.array([key, hashing.signed(int(counter) + 1)], "int32"))


def random_bits(shape: Any, seed: Any) -> Any:
    return wrap(hashing.random_bits(_shape(shape), _words(seed)))


# -- floats --------------------------------------------------------------------------------


def _unit(shape: Any, dtype: str, seed: Any, slot: int = 0) -> Any:
    """Floats in [0, 1), from lanes 2 slot and 2 slot + 1."""
    if dtype == "float64":
        high, low = (hashing.words(shape, seed, 2 * slot + lane) >> np.uint64(5 + lane) for lane in (0, 1))
        return (high * np.uint64(2**26) + low) * 2.0**-53
    bits = hashing.FLOAT_BITS[dtype]
    return ((hashing.words(shape, seed, 2 * slot) >> np.uint64(32 - bits)) * 2.0**-bits).astype("float32")


def random_uniform(shape: Any, minval: Any, maxval: Any, dtype: Any, seed: Any) -> Any:
    name = hashing.check_float(dtypes.standardize_dtype(dtype))
    wide = hashing.computation_dtype(name)
    x = _unit(_shape(shape), name, _words(seed))
    numbers = all(isinstance(bound, (int, float, np.number)) for bound in (minval, maxval))
    limits = hashing.uniform_limits(minval, maxval, name) if numbers else None
    low, high = _number(minval, wide), _number(maxval, wide)
    x = (x * (high - low) + low).astype(dtypes.numpy_dtype(name))
    x = np.where(x < high, x, low) if limits is None else np.clip(x.astype(wide), *np.array(limits, wide))
    return wrap(x, name)


def _open_unit(shape: Any, dtype: str, seed: Any, slot: int) -> Any:
    """float32 or float64 numbers in (0, 1], as small as 2**-32 or 2**-54."""
    if dtype == "float64":
        return _unit(shape, dtype, seed, slot) + 2.0**-54
    return ((hashing.words(shape, seed, 2 * slot) & np.uint64(2**31 - 1)).astype("float32") + np.float32(0.5)) * (
        np.float32(2.0**-31)
    )


def _standard_normal(shape: Any, dtype: str, seed: Any, slot: int) -> Any:
    """By Box and Muller's method: a radius and an angle give two numbers, half the tensor apart."""
    count = hashing.check_size(shape)
    half = ((count + 1) // 2,)
    radius = np.sqrt(-2 * np.log(_open_unit(half, dtype, seed, slot)))
    angle = hashing.random_bits(half, seed, 2 * slot + 2).astype(dtype) * np.dtype(dtype).type(math.pi * 2.0**-31)
    return np.concatenate([np.cos(angle) * radius, np.sin(angle) * radius])[:count].reshape(shape)


def random_normal(shape: Any, mean: Any, stddev: Any, dtype: Any, seed: Any) -> Any:
    wide = hashing.computation_dtype(dtypes.standardize_dtype(dtype))
    z = _standard_normal(_shape(shape), wide, _words(seed), 0)
    return wrap(z * _number(stddev, wide) + _number(mean, wide), dtype)


def random_truncated_normal(shape: Any, mean: Any, stddev: Any, dtype: Any, seed: Any) -> Any:
    wide, shape, seed = hashing.computation_dtype(dtypes.standardize_dtype(dtype)), _shape(shape), _words(seed)
    if wide == "float64":
        v = (_unit(shape, wide, seed) - 0.5) * 2 + 2.0**-53
    else:
        v = ((hashing.random_bits(shape, seed) >> 8).astype("float32") + np.float32(0.5)) * np.float32(2.0**-23)
    z = np.clip(special.erfinv(v * v.dtype.type(hashing.TRUNCATED_SHARE)) * v.dtype.type(math.sqrt(2)), -2, 2)
    return wrap(z * _number(stddev, wide) + _number(mean, wide), dtype)


# -- integers and choices ------------------------------------------------------------------


def random_randint(shape: Any, minval: Any, maxval: Any, dtype: Any, seed: Any) -> Any:
    name, shape, seed = hashing.check_integer(dtypes.standardize_dtype(dtype)), _shape(shape), _words(seed)
    low, high = hashing.static_int(minval), hashing.static_int(maxval)
    if low is not None and high is not None:
        return wrap(hashing.random_randint(shape, low, high, name, seed))
    first, last = (_number(x, "int64").astype(object) for x in (minval, maxval))
    number = hashing.words(shape, seed).astype(object) * 2**32 + hashing.words(shape, seed, 1).astype(object)
    return wrap(np.asarray(number * (last - first) // 2**64 + first).astype(name))


def random_categorical(logits: Any, num_samples: int, dtype: Any, seed: Any) -> Any:
    shares = special.softmax(_number(logits, "float32"), -1)
    ends = np.cumsum(np.round(shares * np.float32(hashing.CATEGORICAL_UNITS)).astype("uint64"), -1)
    marks = (hashing.words((len(ends), int(num_samples)), _words(seed)) * ends[:, -1:]) >> np.uint64(32)
    found = [np.searchsorted(row, mark, "right") for row, mark in zip(ends, marks, strict=True)]
    return wrap(np.array(found).reshape(marks.shape), dtype)


def random_dropout(inputs: Any, rate: float, noise_shape: Any, seed: Any) -> Any:
    hashing.dropout_threshold(rate)
    x = convert_to_tensor(inputs)
    x = x if dtypes.is_differentiable(x.dtype.name) else wrap(x, config.floatx())
    shape = hashing.noise_shape(x.shape, noise_shape)
    if rate in (0, 1):
        return x if rate == 0 else wrap(np.zeros_like(x))
    kept = hashing.dropout_kept(shape, rate, _words(seed))
    return wrap(np.where(kept, x / x.dtype.type(1 - rate), x.dtype.type(0)))


def random_shuffle(x: Any, axis: int, seed: Any) -> Any:
    x = convert_to_tensor(x)
    if not -x.ndim <= axis < x.ndim:
        raise ValueError(f"random_shuffle: axis {axis} is out of range for shape {x.shape}.")
    return wrap(np.take(x, hashing.permutation(x.shape[axis], _words(seed)), axis))


# -- distributions by rejection ----------------------------------------------------------------


class _Draw:
    """What `distributions` needs of NumPy."""

    log, log1p, exp, sqrt = np.log, np.log1p, np.exp, np.sqrt
    floor, abs, where = np.floor, np.abs, staticmethod(np.where)

    def __init__(self, shape: Any, dtype: str, seed: Any) -> None:
        self._draw = shape, dtype, seed

    def uniform(self, slot: int) -> Any:
        return _open_unit(*self._draw, slot)

    def normal(self, slot: int) -> Any:
        return _standard_normal(*self._draw, slot)

    def rounds(self, limit: int, body: Any, state: distributions.State) -> distributions.State:
        for number in range(limit):
            if np.all(state[0]):
                break
            state = body(number, state)
        return state


def _rejected(fn: Any, shape: Any, dtype: Any, seed: Any, *parameters: Any) -> Any:
    wide, shape = hashing.computation_dtype(dtypes.standardize_dtype(dtype)), _shape(shape)
    with np.errstate(all="ignore"):
        arrays = [np.broadcast_to(_number(x, wide), shape) for x in parameters]
        return wrap(fn(_Draw(shape, wide, _words(seed)), *arrays), dtype)


def random_gamma(shape: Any, alpha: Any, dtype: Any, seed: Any) -> Any:
    return _rejected(distributions.gamma, shape, dtype, seed, alpha)


def random_beta(shape: Any, alpha: Any, beta: Any, dtype: Any, seed: Any) -> Any:
    return _rejected(distributions.beta, shape, dtype, seed, alpha, beta)


def random_binomial(shape: Any, counts: Any, probabilities: Any, dtype: Any, seed: Any) -> Any:
    return _rejected(distributions.binomial, shape, dtype, seed, counts, probabilities)
