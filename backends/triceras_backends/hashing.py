"""The counter-based random bits that every backend reproduces, defined in NumPy.

A draw has a seed, two 32-bit words (key, counter). A draw that needs several words an element
takes them from "lanes" 0, 1, 2, ... `call_key` turns (key, counter, lane) into two words by
a Feistel network, a bijection for each lane, so that different seeds never share a call key.
Element i of the draw, i counting in row-major order, is then, modulo 2**32:

    w = i * GOLDEN + k0             a Weyl sequence
    x = w ^ (w >> 16)               the multiply-xorshift rounds of lowbias32 ...
    x = x * MULTIPLIER_1 + k1       ... with the second half of the key between them
    x = x ^ (x >> 15)
    x = x * MULTIPLIER_2
    x = x ^ (x >> 16)
    bits = x ^ w                    fed forward, so that numbers recur as often as they should

with logical shifts. The rounds alone map elements one to one; the last line makes the map from
elements to bits a random function instead of a permutation. Indices are taken modulo 2**32,
and a draw of more elements is refused.

NOT for cryptography. docs/randomness.md has the references and the statistical tests.
"""

from __future__ import annotations

import math
import operator
from typing import Any, NamedTuple

import numpy as np

from triceras_backends.dtypes import numpy_dtype

GOLDEN = 0x9E3779B9
MULTIPLIER_1 = 0x7FEB352D
MULTIPLIER_2 = 0x846CA68B
FEISTEL_ROUNDS = 3
MASK = 0xFFFFFFFF
MAX_ELEMENTS = 2**32

# The probability that a normal number is within two standard deviations: erf(sqrt(2)).
TRUNCATED_SHARE = math.erf(math.sqrt(2))

# Categorical probabilities are counted in units of 2**-30, so that they add up in 32 bits.
CATEGORICAL_UNITS = 2.0**30

# How many random bits a uniform float in [0, 1) has: the precision of its dtype.
FLOAT_BITS = {"float64": 53, "float32": 24, "float16": 11, "bfloat16": 8}


def signed(x: int) -> int:
    """The int32 with the bits of x modulo 2**32."""
    return ((x + 0x80000000) & MASK) - 0x80000000


def mix(x: int) -> int:
    """The finalizer lowbias32 of one 32-bit word."""
    x &= MASK
    x = ((x ^ (x >> 16)) * MULTIPLIER_1) & MASK
    x = ((x ^ (x >> 15)) * MULTIPLIER_2) & MASK
    return x ^ (x >> 16)


def call_key(key: int, counter: int, lane: int = 0) -> tuple[int, int]:
    """The two words, as int32, that key the bits of one lane of one draw."""
    left, right = key & MASK, counter & MASK
    for number in range(FEISTEL_ROUNDS):
        left, right = right, left ^ mix(right + round_constant(lane, number))
    return signed(left), signed(right)


def round_constant(lane: int, number: int) -> int:
    """What the Feistel network's round adds in a lane: no two rounds of any lanes share one."""
    return ((FEISTEL_ROUNDS * lane + number + 1) * GOLDEN) & MASK


def key_of(seed: Any) -> int:
    """The key, an int32, of an integer seed of any size: itself where it has 32 bits.

    Raises TypeError: not an integer.
    """
    number = operator.index(seed)
    if -(2**31) <= number < 2**32:
        return signed(number)
    folded = 0 if number >= 0 else 1
    number = abs(number)
    while number:
        folded = mix(folded + GOLDEN) ^ (number & MASK)
        number >>= 32
    return signed(mix(folded))


def host_generator(seed: int, counter: int = 0) -> np.random.Generator:
    """NumPy's Generator over Philox for initial weights and shuffles on the host.

    Every (seed, counter) has a stream of its own. Salmon et al. 2011; Philox 4x64 with ten rounds.
    """
    return np.random.Generator(
        np.random.Philox(key=np.array([key_of(seed) & MASK, counter & (2**64 - 1)], dtype=np.uint64))
    )


# -- what every backend asks before it draws ------------------------------------------------


def check_size(shape: Any) -> int:
    """The number of elements of a static shape. Raises ValueError: too many, or a negative size."""
    size = math.prod(shape)
    if size > MAX_ELEMENTS or any(n < 0 for n in shape):
        raise ValueError(
            f"A random tensor has sizes of at least 0 and at most 2**32 elements; got shape {tuple(shape)}."
        )
    return size


def check_float(dtype: str) -> str:
    """`dtype`, if it is one that random floats come in. Raises ValueError: it is not."""
    if dtype not in FLOAT_BITS:
        raise ValueError(f"Random floats need one of the dtypes {', '.join(FLOAT_BITS)}; got dtype={dtype!r}.")
    return dtype


def computation_dtype(dtype: str) -> str:
    """The dtype in which a distribution is computed before its cast to `dtype`."""
    return "float64" if check_float(dtype) == "float64" else "float32"


def dropout_threshold(rate: Any) -> int:
    """The int32 below which an element's bits, as int32, drop it: a share `rate` of all to within 2**-32.

    Raises ValueError: a rate outside [0, 1].
    """
    if not 0 <= rate <= 1:
        raise ValueError(f"The dropout rate must be in [0, 1]; got rate={rate!r}.")
    return min(round(float(rate) * 2**32), MASK) - 2**31


def noise_shape(shape: Any, given: Any) -> tuple[Any, ...]:
    """The shape of a dropout mask: `given`, with None entries taken from `shape`.

    Raises ValueError: it does not broadcast to `shape`.
    """
    if given is None:
        return tuple(shape)
    given = tuple(given)
    known = [
        (n, m)
        for n, m in zip(reversed(given), reversed(tuple(shape)), strict=False)
        if type(n) is int and type(m) is int
    ]
    if len(given) > len(shape) or any(n not in (1, m) for n, m in known):
        raise ValueError(f"noise_shape {given} does not broadcast to the inputs' shape {tuple(shape)}.")
    full = (1,) * (len(shape) - len(given)) + given
    return tuple(m if n is None else n for n, m in zip(full, shape, strict=True))


def uniform_limits(minval: Any, maxval: Any, dtype: str) -> tuple[float, float]:
    """The least and the greatest float in [minval, maxval): scaled uniform numbers are clipped to them.

    Without the clip, rounding would now and then give maxval. Raises ValueError: minval > maxval.
    """
    if minval > maxval:
        raise ValueError(f"Uniform floats need minval <= maxval; got minval={minval}, maxval={maxval}.")
    kind = numpy_dtype(dtype).type
    least, end = kind(minval), kind(maxval)
    return float(least), float(max(np.nextafter(end, kind(-math.inf)), least))


class Range(NamedTuple):
    """Integers from `low`, `span` of them, drawn from `words` random words an element."""

    low: int
    span: int
    words: int


def integer_range(minval: int, maxval: int, dtype: str) -> Range:
    """The checked range of a randint.

    Raises ValueError: an empty range, one outside the dtype, or a dtype that is not an integer one.
    """
    check_integer(dtype)
    limits = np.iinfo(dtype)
    if not limits.min <= minval < maxval <= limits.max + 1:
        raise ValueError(
            f"Random integers need minval < maxval, in the range [{limits.min}, {limits.max + 1}] of {dtype}; "
            f"got minval={minval}, maxval={maxval}."
        )
    span = maxval - minval
    return Range(minval, span, 2 if span <= 2**32 else 4)


def check_integer(dtype: str) -> str:
    """`dtype`, if it is one that random integers come in. Raises ValueError: it is not."""
    if not dtype.startswith(("int", "uint")):
        raise ValueError(f"Random integers need an integer dtype; got dtype={dtype!r}.")
    return dtype


def static_int(x: Any) -> int | None:
    """x as a Python int, its fraction dropped, where it is a Python or NumPy scalar; else None."""
    return int(x) if isinstance(x, (int, float, np.number)) or (isinstance(x, np.ndarray) and not x.ndim) else None


# -- the reference: what every backend's bit-exact draws are compared with ----------------------


def random_bits(shape: Any, seed: Any, lane: int = 0) -> np.ndarray[Any, np.dtype[np.int32]]:
    """32 random bits an element, as int32."""
    k0, k1 = (np.uint32(k & MASK) for k in call_key(int(seed[0]), int(seed[1]), lane))
    index = np.arange(check_size(shape), dtype=np.int64).astype(np.uint32)
    w = index * np.uint32(GOLDEN) + k0
    x = w ^ (w >> np.uint32(16))
    x = x * np.uint32(MULTIPLIER_1) + k1
    x = x ^ (x >> np.uint32(15))
    x = x * np.uint32(MULTIPLIER_2)
    x = x ^ (x >> np.uint32(16))
    return (x ^ w).view(np.int32).reshape(shape)


def words(shape: Any, seed: Any, lane: int = 0) -> np.ndarray[Any, np.dtype[np.uint64]]:
    """Random bits as numbers in [0, 2**32)."""
    return random_bits(shape, seed, lane).view(np.uint32).astype(np.uint64)


def random_uniform(shape: Any, dtype: str, seed: Any) -> np.ndarray[Any, Any]:
    """Uniform floats in [0, 1), multiples of 2**-FLOAT_BITS: the first word's high bits.

    float64 takes 27 bits of lane 0 and below them 26 of lane 1.
    """
    first = words(shape, seed)
    if dtype == "float64":
        return ((first >> np.uint64(5)) * np.uint64(2**26) + (words(shape, seed, 1) >> np.uint64(6))) * 2.0**-53
    bits = FLOAT_BITS[check_float(dtype)]
    return ((first >> np.uint64(32 - bits)) * 2.0**-bits).astype(numpy_dtype(dtype))


def random_randint(shape: Any, minval: int, maxval: int, dtype: str, seed: Any) -> np.ndarray[Any, Any]:
    """Uniform integers: low + floor(W span / 2**b), W the number of b bits that the lanes' words make.

    b is 64, and 128 where the span exceeds 2**32: no integer's probability is off by more than
    2**-32 of itself (2**-64 for wide spans).
    """
    low, span, count = integer_range(minval, maxval, dtype)
    number = np.zeros(shape, dtype=object)
    for lane in range(count):
        number = number * 2**32 + words(shape, seed, lane).astype(object)
    return np.asarray(number * span // 2 ** (32 * count) + low).astype(dtype)


def dropout_kept(shape: Any, rate: float, seed: Any) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Which elements a dropout keeps."""
    return random_bits(shape, seed).astype(np.int64) >= dropout_threshold(rate)


def permutation(size: int, seed: Any) -> np.ndarray[Any, np.dtype[np.intp]]:
    """The order of a shuffle: indices sorted by random bits, ties (one in 2**32 pairs) by index."""
    return np.argsort(random_bits((size,), seed), kind="stable")
