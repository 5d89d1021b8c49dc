"""Fingerprints of byte strings: FarmHash's Fingerprint64 and SipHash-2-4, many strings at a time.

Strings of one length are hashed together as the columns of a matrix, so that the interpreter's cost is by
length and not by string. https://github.com/google/farmhash; https://www.aumasson.jp/siphash/siphash.pdf
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

U64 = Any  # an array of uint64

_K0, _K1, _K2 = np.uint64(0xC3A5C85C97CB3127), np.uint64(0xB492B66FBE98F273), np.uint64(0x9AE16A3B2F90404F)
_CAT = np.uint64(0xC6A4A7935BD1E995)


def fingerprints(strings: Iterable[bytes]) -> np.ndarray[Any, Any]:
    """The 64-bit FarmHash fingerprint of each string: uint64 (n,)."""
    return _by_length(strings, _farmhash)


def keyed_fingerprints(strings: Iterable[bytes], key: tuple[int, int]) -> np.ndarray[Any, Any]:
    """The SipHash-2-4 of each string under a key of two 64-bit numbers: uint64 (n,)."""
    halves = tuple(np.uint64(part & 0xFFFFFFFFFFFFFFFF) for part in key)
    return _by_length(strings, lambda data: _siphash(data, *halves))


def joined(first: U64, second: U64) -> U64:
    """One fingerprint of two, whose order counts."""
    with np.errstate(over="ignore"):
        result = (first ^ _CAT) ^ (_shift_mix(second * _CAT) * _CAT)
        return _shift_mix(_shift_mix(result * _CAT) * _CAT)


def _by_length(strings: Iterable[bytes], function: Callable[[Any], U64]) -> np.ndarray[Any, Any]:
    strings = list(strings)
    places: dict[int, list[int]] = {}
    for place, string in enumerate(strings):
        places.setdefault(len(string), []).append(place)
    found = np.empty(len(strings), "uint64")
    with np.errstate(over="ignore"):  # of scalars; arrays wrap around silently
        for length, where in places.items():
            data = np.frombuffer(b"".join([strings[place] for place in where]), "uint8").reshape(len(where), length)
            found[where] = function(data)
    return found


def _word(data: Any, start: int, size: int = 8) -> U64:
    """Bytes start to start + size of each row, as little-endian integers."""
    part = np.ascontiguousarray(data[:, start : start + size])
    return part.view(f"<u{size}")[:, 0].astype("uint64")


def _rotate(x: U64, by: int) -> U64:
    """Rotated to the right."""
    return (x >> np.uint64(by)) | (x << np.uint64(64 - by))


def _shift_mix(x: U64) -> U64:
    return x ^ (x >> np.uint64(47))


# -- FarmHash ------------------------------------------------------------------------------------


def _mix(u: U64, v: U64, factor: U64) -> U64:
    a = _shift_mix((u ^ v) * factor)
    return _shift_mix((v ^ a) * factor) * factor


def _farmhash(data: Any) -> U64:
    size = data.shape[1]
    if size > 64:
        return _farmhash_long(data)
    if size > 16:
        return _farmhash_middle(data)
    factor = _K2 + np.uint64(2 * size)
    if size >= 8:
        a, b = _word(data, 0) + _K2, _word(data, size - 8)
        return _mix(_rotate(b, 37) * factor + a, (_rotate(a, 25) + b) * factor, factor)
    if size >= 4:
        return _mix(np.uint64(size) + (_word(data, 0, 4) << np.uint64(3)), _word(data, size - 4, 4), factor)
    if size == 0:
        return np.full(len(data), _K2)
    a, b, c = (data[:, place].astype("uint64") for place in (0, size // 2, size - 1))
    y, z = a + (b << np.uint64(8)), np.uint64(size) + (c << np.uint64(2))
    return _shift_mix((y * _K2) ^ (z * _K0)) * _K2


def _farmhash_middle(data: Any) -> U64:
    """Of 17 to 64 bytes."""
    size = data.shape[1]
    factor = _K2 + np.uint64(2 * size)
    long = size > 32
    a, b = _word(data, 0) * (_K2 if long else _K1), _word(data, 8)
    c, d = _word(data, size - 8) * factor, _word(data, size - 16) * _K2
    y = _rotate(a + b, 43) + _rotate(c, 30) + d
    z = _mix(y, a + _rotate(b + _K2, 18) + c, factor)
    if not long:
        return z
    e, f = _word(data, 16) * factor, _word(data, 24)
    g, h = (y + _word(data, size - 32)) * factor, (z + _word(data, size - 24)) * factor
    return _mix(_rotate(e + f, 43) + _rotate(g, 30) + h, e + _rotate(f + a, 18) + g, factor)


def _weak(data: Any, start: int, a: U64, b: U64) -> tuple[U64, U64]:
    """A quick hash of 32 bytes and two seeds."""
    w, x, y, z = (_word(data, start + 8 * i) for i in range(4))
    a = a + w
    b = _rotate(b + a + z, 21)
    total = a + x + y
    return total + z, b + _rotate(total, 44) + a


def _farmhash_long(data: Any) -> U64:
    """Of more than 64 bytes: 64 at a time, the last 64 once more."""
    size = data.shape[1]
    seed = np.full(len(data), 81, "uint64")
    y = seed * _K1 + np.uint64(113)
    z = _shift_mix(y * _K2 + np.uint64(113)) * _K2
    zero = np.zeros_like(seed)
    x, v, w = seed * _K2 + _word(data, 0), (zero, zero), (zero, zero)
    for start in range(0, (size - 1) // 64 * 64, 64):
        x, y, z, v, w = _farmhash_round(data, start, (x, y, z, v, w), _K1, np.uint64(1))
    factor = _K1 + ((z & np.uint64(255)) << np.uint64(1))
    first = w[0] + np.uint64((size - 1) & 63)
    v = (v[0] + first, v[1])
    w = (first + v[0], w[1])
    x, y, z, v, w = _farmhash_round(data, size - 64, (x, y, z, v, w), factor, np.uint64(9))
    left = _mix(v[0], w[0], factor) + _shift_mix(y) * _K0 + z
    return _mix(left, _mix(v[1], w[1], factor) + x, factor)


def _farmhash_round(data: Any, at: int, state: tuple[Any, ...], factor: U64, times: U64) -> tuple[Any, ...]:
    x, y, z, v, w = state
    x = _rotate(x + y + v[0] + _word(data, at + 8), 37) * factor
    y = _rotate(y + v[1] + _word(data, at + 48), 42) * factor
    x = x ^ (w[1] * times)
    y = y + v[0] * times + _word(data, at + 40)
    z = _rotate(z + w[0], 33) * factor
    v = _weak(data, at, v[1] * factor, x + w[0])
    w = _weak(data, at + 32, z + w[1], y + _word(data, at + 16))
    return z, y, x, v, w


# -- SipHash -------------------------------------------------------------------------------------


def _siphash(data: Any, key0: U64, key1: U64) -> U64:
    count, size = data.shape
    padded = np.zeros((count, size // 8 * 8 + 8), "uint8")
    padded[:, :size] = data
    padded[:, -1] = size & 255
    constants = (0x736F6D6570736575, 0x646F72616E646F6D, 0x6C7967656E657261, 0x7465646279746573)
    v = [np.full(count, np.uint64(c) ^ key) for c, key in zip(constants, (key0, key1, key0, key1), strict=True)]
    for start in range(0, padded.shape[1], 8):
        word = _word(padded, start)
        v[3] = v[3] ^ word
        v = _sip_round(_sip_round(v))
        v[0] = v[0] ^ word
    v[2] = v[2] ^ np.uint64(255)
    for _ in range(4):
        v = _sip_round(v)
    return v[0] ^ v[1] ^ v[2] ^ v[3]


def _sip_round(v: list[U64]) -> list[U64]:
    a, b, c, d = v
    a, c = a + b, c + d
    b, d = _rotate(b, 64 - 13) ^ a, _rotate(d, 64 - 16) ^ c
    a, c = _rotate(a, 32) + d, c + b
    b, d = _rotate(b, 64 - 17) ^ c, _rotate(d, 64 - 21) ^ a
    return [a, b, _rotate(c, 32), d]
