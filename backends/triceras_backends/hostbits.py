"""The bits of `triceras_backends.hashing` at speed, for eager draws on a CPU.

NumPy's loops over a block that stays in the cache beat both the frameworks' own
generators and the same arithmetic in their eager operations, by far for small draws. A `Recipe`
says what becomes of the bits; backends pair it with one for tensors.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from triceras_backends.hashing import GOLDEN, MASK, MULTIPLIER_1, MULTIPLIER_2, call_key, check_size

Array = np.ndarray[Any, Any]
# Takes a block of bits as uint32, which it may overwrite, and the block of the result to fill.
Recipe = Callable[[Array, Array], None]

BLOCK = 65536
_STEPS = np.arange(BLOCK, dtype=np.uint32) * np.uint32(GOLDEN)
_M1, _M2 = np.uint32(MULTIPLIER_1), np.uint32(MULTIPLIER_2)


def draw(shape: Any, words: tuple[int, int], lane: int, dtype: Any, recipe: Recipe) -> Array:
    """What `recipe` makes of the bits of one lane of a draw, an array of `shape` and `dtype`."""
    count = check_size(shape)
    k0, k1 = call_key(words[0], words[1], lane)
    out = np.empty(count, dtype)
    scratch = np.empty((3, min(count, BLOCK)), np.uint32)
    for start in range(0, count, BLOCK):
        part = out[start : start + BLOCK]
        size = len(part)
        w, x, t = scratch if size == scratch.shape[1] else scratch[:, :size]
        np.add(_STEPS[:size], np.uint32((k0 + start * GOLDEN) & MASK), out=w)
        _hash(w, x, t, np.uint32(k1 & MASK))
        recipe(x, part)
    return out.reshape(shape)


def _hash(w: Array, x: Array, t: Array, k1: np.uint32) -> None:
    """The bits of the Weyl numbers w into x; t is scratch."""
    np.right_shift(w, 16, out=t)
    np.bitwise_xor(w, t, out=x)
    np.multiply(x, _M1, out=x)
    np.add(x, k1, out=x)
    np.right_shift(x, 15, out=t)
    np.bitwise_xor(x, t, out=x)
    np.multiply(x, _M2, out=x)
    np.right_shift(x, 16, out=t)
    np.bitwise_xor(x, t, out=x)
    np.bitwise_xor(x, w, out=x)


def as_they_are(bits: Array, out: Array) -> None:
    """int32 or int64: the bits as a signed or a non-negative number."""
    out[...] = bits.view(np.int32) if out.dtype.itemsize == 4 else bits


def high(count: int, scale: float = 1.0) -> Recipe:
    """Floats: the highest `count` bits, at most 31, as a number, times a power of two."""

    def recipe(bits: Array, out: Array) -> None:
        np.right_shift(bits, 32 - count, out=bits)
        # By way of int32, whose conversion to float is the faster one.
        np.multiply(bits.view(np.int32), out.dtype.type(scale), out=out, dtype=out.dtype, casting="unsafe")

    return recipe


def low_half(bits: Array, out: Array) -> None:
    """float32 in (0, 1]: the lowest 31 bits and one half, times 2**-31."""
    np.bitwise_and(bits, 0x7FFFFFFF, out=bits)
    np.add(bits.view(np.int32), np.float32(0.5), out=out, dtype=np.float32, casting="unsafe")
    np.multiply(out, np.float32(2.0**-31), out=out)


def signed(shift: int, offset: float, scale: float) -> Recipe:
    """Floats: the highest bits as a signed number, plus an offset, times a scale."""

    def recipe(bits: Array, out: Array) -> None:
        kind = out.dtype.type
        number = np.right_shift(bits.view(np.int32), shift, out=bits.view(np.int32))
        np.add(number, kind(offset), out=out, dtype=out.dtype, casting="unsafe")
        np.multiply(out, kind(scale), out=out)

    return recipe


def below(threshold: int) -> Recipe:
    """Booleans: whether the bits, as int32, are below a threshold."""
    limit = np.int32(threshold)

    def recipe(bits: Array, out: Array) -> None:
        np.less(bits.view(np.int32), limit, out=out)

    return recipe
