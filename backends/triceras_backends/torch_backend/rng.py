"""Random numbers on PyTorch, as `triceras_backends.hashing` defines them.

Where Python may read the seed and the numbers are wanted on a CPU, NumPy makes the bits
(`hostbits`); on other devices and inside vmap, plain tensor operations; under torch.compile,
one operation that does either.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch._subclasses.fake_tensor import FakeTensor

from triceras_backends import distributions, dtypes, hashing, hostbits
from triceras_backends.contract.types import DType, Shape
from triceras_backends.hashing import GOLDEN, MASK, MULTIPLIER_1, MULTIPLIER_2, signed
from triceras_backends.torch_backend import scopes
from triceras_backends.torch_backend.tensors import DTYPES, INEXACT, convert_to_tensor, device_scope, floatx, is_eager
from triceras_backends.variable import Variable

# Either the two words of a seed, or a tensor of them that Python may not read.
Words = Any


class _Recipe(NamedTuple):
    """What becomes of the bits, in NumPy and for an int32 tensor."""

    host: hostbits.Recipe
    tensor: Callable[[Tensor], Tensor]


_M1, _M2 = signed(MULTIPLIER_1), signed(MULTIPLIER_2)
_HOST_DTYPES = {
    torch.bool: np.bool_,
    torch.int32: np.int32,
    torch.int64: np.int64,
    torch.float32: np.float32,
    torch.float64: np.float64,
}
_STEP = torch.tensor([0, 1], dtype=torch.int32, device="cpu")


def random_seed_scope() -> AbstractContextManager[Any]:
    return device_scope("cpu")


def random_next_seed(seed: Any) -> Tensor:
    seed = convert_to_tensor(seed)
    return seed + (_STEP if seed.device.type == "cpu" else _STEP.to(seed.device))


# -- bits ----------------------------------------------------------------------------------


def _words(seed: Any) -> Words:
    if not isinstance(seed, (Tensor, np.ndarray)):
        seed = convert_to_tensor(seed)
    if isinstance(seed, np.ndarray):
        return tuple(seed.tolist())
    if torch.compiler.is_compiling() or isinstance(seed, FakeTensor):
        return seed
    try:
        return tuple(seed.tolist())
    except RuntimeError:  # mapped by vmap, fake or abstract
        return seed


def _shifted(x: Tensor, shift: int) -> Tensor:
    return (x >> shift) & (MASK >> shift)


def _mix(x: Tensor) -> Tensor:
    x = (x ^ _shifted(x, 16)) * _M1
    x = (x ^ _shifted(x, 15)) * _M2
    return x ^ _shifted(x, 16)


def _call_key(words: Words, lane: int) -> tuple[Any, Any]:
    if type(words) is tuple:
        return hashing.call_key(words[0], words[1], lane)
    left, right = words[0], words[1]
    for number in range(hashing.FEISTEL_ROUNDS):
        left, right = right, left ^ _mix(right + signed(hashing.round_constant(lane, number)))
    return left, right


def _indices(count: int, device: torch.device) -> Tensor:
    if count < 2**31:
        return torch.arange(count, dtype=torch.int32, device=device)
    return torch.arange(count, device=device).to(torch.int32)


def _tensor_bits(words: Words, count: int, lane: int, device: torch.device) -> Tensor:
    k0, k1 = _call_key(words, lane)
    w = _indices(count, device) * signed(GOLDEN) + k0
    x = (w ^ _shifted(w, 16)) * _M1 + k1
    x = (x ^ _shifted(x, 15)) * _M2
    return x ^ _shifted(x, 16) ^ w


_BITS = _Recipe(hostbits.as_they_are, lambda bits: bits)


@torch.library.custom_op("triceras::random_bits", mutates_args=())
def _compiled_bits(seed: Tensor, count: int, lane: int, device: torch.device) -> Tensor:
    """The bits as one operation of a traced graph: torch.compile takes long over the many small ones."""
    return _drawn((count,), device, torch.int32, tuple(seed.tolist()), lane, _BITS)


@_compiled_bits.register_fake
def _(seed: Tensor, count: int, lane: int, device: torch.device) -> Tensor:
    return torch.empty(count, dtype=torch.int32, device=device)


def _drawn(shape: Shape, device: torch.device, dtype: torch.dtype, words: Words, lane: int, recipe: _Recipe) -> Tensor:
    """What `recipe` makes of the bits of one lane, in `shape` and `dtype`."""
    if torch.compiler.is_compiling() or isinstance(words, FakeTensor):
        count = hashing.check_size(shape)
        seed = torch.tensor(words, dtype=torch.int32, device="cpu") if type(words) is tuple else words
        return recipe.tensor(_compiled_bits(seed, count, lane, device)).reshape(shape)
    if device.type == "cpu" and type(words) is tuple:
        return torch.from_numpy(hostbits.draw(shape, words, lane, _HOST_DTYPES[dtype], recipe.host))
    count = hashing.check_size(shape)
    if device.type == "meta":
        return torch.empty(shape, dtype=dtype, device=device)
    return recipe.tensor(_tensor_bits(words, count, lane, device)).reshape(shape)


def random_bits(shape: Shape, seed: Any) -> Tensor:
    return _drawn(shape, scopes.device(), torch.int32, _words(seed), 0, _BITS)


# -- uniform -------------------------------------------------------------------------------


def _high_bits(count: int, dtype: torch.dtype, scale: float = 1.0) -> _Recipe:
    """The highest `count` bits as floats in [0, 2**count), times a power of two."""
    mask = (1 << count) - 1
    return _Recipe(hostbits.high(count, scale), lambda bits: ((bits >> (32 - count)) & mask).to(dtype).mul_(scale))


def _unit(shape: Shape, device: torch.device, dtype: str, words: Words, slot: int = 0) -> Tensor:
    """Floats in [0, 1), from lanes 2 slot and 2 slot + 1."""
    if dtype == "float64":
        high = _drawn(shape, device, torch.float64, words, 2 * slot, _high_bits(27, torch.float64))
        low = _drawn(shape, device, torch.float64, words, 2 * slot + 1, _high_bits(26, torch.float64))
        return (high * 2.0**26 + low) * 2.0**-53
    bits = hashing.FLOAT_BITS[dtype]
    recipe = _high_bits(bits, torch.float32, 2.0**-bits)
    x = _drawn(shape, device, torch.float32, words, 2 * slot, recipe)
    return x if dtype == "float32" else x.to(DTYPES[dtype])


def _scalars(*xs: Any) -> bool:
    return all(isinstance(x, (int, float, np.number)) for x in xs)


def random_uniform(shape: Shape, minval: Any, maxval: Any, dtype: DType, seed: Any) -> Tensor:
    name = hashing.check_float(dtypes.standardize_dtype(dtype))
    x = _unit(shape, scopes.device(), name, _words(seed))
    if not _scalars(minval, maxval):
        minval, maxval = (convert_to_tensor(bound, name).to(x.device) for bound in (minval, maxval))
        x = x * (maxval - minval) + minval
        return torch.where(x < maxval, x, minval)
    least, greatest = hashing.uniform_limits(minval, maxval, name)
    if (minval, maxval) == (0, 1):
        return x
    wide = x.to(DTYPES[hashing.computation_dtype(name)])
    return wide.mul_(float(maxval) - float(minval)).add_(minval).to(x.dtype).clamp(least, greatest)


# -- normal --------------------------------------------------------------------------------


_LOW_HALF = _Recipe(hostbits.low_half, lambda bits: (bits & 0x7FFFFFFF).to(torch.float32).add_(0.5).mul_(2.0**-31))


def _signed_bits(dtype: torch.dtype, shift: int, offset: float, scale: float) -> _Recipe:
    """The highest bits as signed floats, plus an offset, times a scale."""
    tensor = lambda bits: (bits >> shift).to(dtype).add_(offset).mul_(scale)  # noqa: E731
    return _Recipe(hostbits.signed(shift, offset, scale), tensor)


_CENTERED = _signed_bits(torch.float32, 8, 0.5, 2.0**-23)
_ANGLES = {dtype: _signed_bits(dtype, 0, 0.0, math.pi * 2.0**-31) for dtype in (torch.float32, torch.float64)}


def _open_unit(shape: Shape, device: torch.device, dtype: str, words: Words, slot: int) -> Tensor:
    """float32 or float64 numbers in (0, 1], as small as 2**-32 or 2**-54."""
    if dtype == "float64":
        return _unit(shape, device, dtype, words, slot).add_(2.0**-54)
    return _drawn(shape, device, torch.float32, words, 2 * slot, _LOW_HALF)


def _standard_normal(shape: Shape, device: torch.device, dtype: str, words: Words, slot: int) -> Tensor:
    """By Box and Muller's method: a radius and an angle give two numbers, half the tensor apart."""
    count = hashing.check_size(shape)
    half = ((count + 1) // 2,)
    native = DTYPES[dtype]
    radius = _open_unit(half, device, dtype, words, slot).log_().mul_(-2.0).sqrt_()
    angle = _drawn(half, device, native, words, 2 * slot + 2, _ANGLES[native])
    pairs = torch.cat([angle.cos().mul_(radius), angle.sin_().mul_(radius)])
    return (pairs if count % 2 == 0 else pairs[:count]).reshape(shape)


def _located(z: Tensor, mean: Any, stddev: Any, name: str) -> Tensor:
    """mean + stddev z in the dtype of that name."""
    if not _scalars(mean, stddev):
        mean, stddev = (
            convert_to_tensor(x, DTYPES[hashing.computation_dtype(name)]).to(z.device) for x in (mean, stddev)
        )
        return (z * stddev + mean).to(DTYPES[name])
    z = z if stddev == 1 else z.mul_(stddev)
    return (z if mean == 0 else z.add_(mean)).to(DTYPES[name])


def random_normal(shape: Shape, mean: Any, stddev: Any, dtype: DType, seed: Any) -> Tensor:
    name = hashing.check_float(dtypes.standardize_dtype(dtype))
    z = _standard_normal(shape, scopes.device(), hashing.computation_dtype(name), _words(seed), 0)
    return _located(z, mean, stddev, name)


def random_truncated_normal(shape: Shape, mean: Any, stddev: Any, dtype: DType, seed: Any) -> Tensor:
    name = hashing.check_float(dtypes.standardize_dtype(dtype))
    words, device = _words(seed), scopes.device()
    if name == "float64":
        v = _unit(shape, device, name, words).sub_(0.5).mul_(2).add_(2.0**-53)
    else:
        v = _drawn(shape, device, torch.float32, words, 0, _CENTERED)
    z = v.mul_(hashing.TRUNCATED_SHARE).erfinv_().mul_(math.sqrt(2)).clamp(-2, 2)
    return _located(z, mean, stddev, name)


# -- integers ------------------------------------------------------------------------------


def random_randint(shape: Shape, minval: Any, maxval: Any, dtype: DType, seed: Any) -> Tensor:
    name = hashing.check_integer(dtypes.standardize_dtype(dtype))
    words, device = _words(seed), scopes.device()
    low, high = hashing.static_int(minval), hashing.static_int(maxval)
    if low is None or high is None:
        first, last = (convert_to_tensor(x, "int64").to(device) for x in (minval, maxval))
        return (first + _scaled(shape, device, words, 2, last - first, 0)).to(DTYPES[name])
    low, span, lanes = hashing.integer_range(low, high, name)
    if lanes == 2 and span <= 2**31:
        # No product overflows int64, and the general way is this.
        below = _wide(shape, device, words, 1).mul_(span).bitwise_right_shift_(32)
        number = _wide(shape, device, words, 0).mul_(span).add_(below).bitwise_right_shift_(32)
    else:
        number = _scaled(shape, device, words, lanes, span & MASK, span >> 32)
    return number.add_(low if low < 2**63 else low - 2**64).to(DTYPES[name])


_WIDE = _Recipe(hostbits.as_they_are, lambda bits: bits.to(torch.int64) & MASK)


def _wide(shape: Shape, device: torch.device, words: Words, lane: int) -> Tensor:
    """Random words as numbers in [0, 2**32)."""
    return _drawn(shape, device, torch.int64, words, lane, _WIDE)


def _scaled(shape: Shape, device: torch.device, words: Words, lanes: int, low: Any, high: int) -> Tensor:
    """floor(W span / 2**(32 lanes)) modulo 2**64, span = high 2**32 + low, W the number the lanes make.

    One lane after another, from the lowest; products are split so that none overflows.
    """
    total: Any = 0
    for lane in reversed(range(lanes)):
        word = _wide(shape, device, words, lane)
        part = (word & 0xFFFF) * low + (total & MASK)
        carry = ((word >> 16) * low + (part >> 16)) >> 16
        total = word * high + ((total >> 32) & MASK) + carry
    return total


def random_categorical(logits: Any, num_samples: int, dtype: DType, seed: Any) -> Tensor:
    logits = convert_to_tensor(logits)
    weights = (
        torch.softmax(logits.detach().to(torch.float32), -1).mul(hashing.CATEGORICAL_UNITS).round_().to(torch.int32)
    )
    ends = weights.cumsum(-1, dtype=torch.int64)
    words = _wide((logits.shape[0], num_samples), logits.device, _words(seed), 0)
    return torch.searchsorted(ends, (words * ends[:, -1:]) >> 32, right=True).to(
        DTYPES[dtypes.standardize_dtype(dtype)]
    )


# -- dropout and shuffle ---------------------------------------------------------------------


def random_dropout(inputs: Any, rate: float, noise_shape: Any, seed: Any) -> Tensor:
    threshold = hashing.dropout_threshold(rate)
    x = inputs if isinstance(inputs, Tensor) else convert_to_tensor(inputs)
    if x.dtype not in INEXACT:
        x = x.to(floatx())
    shape = x.shape if noise_shape is None else hashing.noise_shape(x.shape, noise_shape)
    if rate == 0:
        return x
    if rate == 1:
        return torch.zeros_like(x)
    recipe = _Recipe(hostbits.below(threshold), lambda bits: bits < threshold)
    dropped = _drawn(shape, x.device, torch.bool, _words(seed), 0, recipe)
    return (x / (1 - rate)).masked_fill(dropped, 0)


def random_shuffle(x: Any, axis: int, seed: Any) -> Tensor:
    x = convert_to_tensor(x)
    if not -x.ndim <= axis < x.ndim:
        raise ValueError(f"random_shuffle: axis {axis} is out of range for shape {tuple(x.shape)}.")
    keys = _drawn((x.shape[axis],), x.device, torch.int32, _words(seed), 0, _BITS)
    return x.index_select(axis, torch.argsort(keys, stable=True))


# -- distributions by rejection ----------------------------------------------------------------


class _Draw:
    """What `distributions` needs of PyTorch."""

    log, log1p, exp, sqrt = torch.log, torch.log1p, torch.exp, torch.sqrt
    floor, abs, where = torch.floor, torch.abs, torch.where

    def __init__(self, shape: Shape, dtype: str, seed: Any) -> None:
        self._shape, self._dtype = tuple(shape), hashing.computation_dtype(dtype)
        self._words, self._device = _words(seed), scopes.device()

    def parameter(self, x: Any) -> Tensor:
        """A parameter as a tensor of the draw's shape. Raises ValueError: it does not broadcast to it."""
        value = convert_to_tensor(x.value if isinstance(x, Variable) else x, self._dtype).detach().to(self._device)
        try:
            return value.broadcast_to(self._shape)
        except RuntimeError:
            raise ValueError(
                f"A parameter of shape {tuple(value.shape)} does not broadcast to {self._shape}."
            ) from None

    def uniform(self, slot: int) -> Tensor:
        return _open_unit(self._shape, self._device, self._dtype, self._words, slot)

    def normal(self, slot: int) -> Tensor:
        return _standard_normal(self._shape, self._device, self._dtype, self._words, slot)

    def rounds(self, limit: int, body: Any, state: distributions.State) -> distributions.State:
        for number in range(limit if self._device.type != "meta" else 1):
            state = body(number, state)
            if not torch.compiler.is_compiling() and is_eager(state[0]) and bool(state[0].all()):
                break
        return state


def _rejected(name: str, shape: Shape, dtype: DType, seed: Any, *parameters: Any) -> Tensor:
    kind = hashing.check_float(dtypes.standardize_dtype(dtype))
    draw = _Draw(shape, kind, seed)
    return getattr(distributions, name)(draw, *map(draw.parameter, parameters)).to(DTYPES[kind])


def random_gamma(shape: Shape, alpha: Any, dtype: DType, seed: Any) -> Tensor:
    return _rejected("gamma", shape, dtype, seed, alpha)


def random_beta(shape: Shape, alpha: Any, beta: Any, dtype: DType, seed: Any) -> Tensor:
    return _rejected("beta", shape, dtype, seed, alpha, beta)


def random_binomial(shape: Shape, counts: Any, probabilities: Any, dtype: DType, seed: Any) -> Tensor:
    return _rejected("binomial", shape, dtype, seed, counts, probabilities)
