"""The hash that every backend's random numbers come from: its definition, and its statistics.

Every test draws from fixed seeds, so that none can fail by chance: the thresholds were chosen
before the seeds, and hold with room.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from triceras_backends import hashing, hostbits

SEEDS = [(0, 0), (0, 1), (1, 0), (-1, 5), (12345, 99), (2**31 - 1, -(2**31))]
COUNT = 2**18
# The number of standard deviations that a statistic may be off: a chance of 6e-5 each.
LIMIT = 4.0

GOLDEN_BITS = [-530978906, -1423266023, -277000895, -1109658025]
GOLDEN_OTHER = [-429150548, -106657128, -465558297, -804315786]
GOLDEN_UNIFORM = [0.23015183210372925, 0.06734251976013184, 0.40453189611434937]
GOLDEN_RANDINT = [23, 6, 40, 5, 36, 71]
GOLDEN_PERMUTATION = [5, 3, 1, 0, 6, 7, 4, 2]
GOLDEN_HOST = [1969390303, 1303814779, 3133017647]


def unsigned(seed, count=COUNT, lane=0):
    return hashing.random_bits((count,), seed, lane).view(np.uint32)


def chi_square_deviations(counts, expected):
    """How many standard deviations Pearson's statistic is off (Wilson and Hilferty's approximation)."""
    counts = np.ravel(counts)
    degrees = len(counts) - 1
    statistic = ((counts - expected) ** 2 / expected).sum()
    spread = 2 / (9 * degrees)
    return ((statistic / degrees) ** (1 / 3) - (1 - spread)) / math.sqrt(spread)


# -- definition --------------------------------------------------------------------------------


def by_hand(index, key, counter, lane=0):
    """The definition in the module's docstring, with Python's integers."""
    mask = 0xFFFFFFFF
    left, right = key & mask, counter & mask
    for number in range(3):
        x = (right + (3 * lane + number + 1) * 0x9E3779B9) & mask
        x = (x ^ (x >> 16)) * 0x7FEB352D & mask
        x = (x ^ (x >> 15)) * 0x846CA68B & mask
        left, right = right, left ^ x ^ (x >> 16)
    w = (index * 0x9E3779B9 + left) & mask
    x = ((w ^ (w >> 16)) * 0x7FEB352D + right) & mask
    x = (x ^ (x >> 15)) * 0x846CA68B & mask
    return x ^ (x >> 16) ^ w


@pytest.mark.parametrize("lane", [0, 1, 7])
@pytest.mark.parametrize("seed", SEEDS)
def test_bits_follow_the_definition(seed, lane):
    expected = [by_hand(i, *seed, lane) for i in range(50)]
    np.testing.assert_array_equal(unsigned(seed, 50, lane), expected)


def test_bits_never_change():
    # Golden values: models, tests and papers depend on them, so they stay for good.
    assert hashing.random_bits((4,), (0, 0)).tolist() == GOLDEN_BITS
    assert hashing.random_bits((2, 2), (-7, 123456)).ravel().tolist() == GOLDEN_OTHER
    assert hashing.random_uniform((3,), "float32", (42, 0)).tolist() == GOLDEN_UNIFORM
    assert hashing.random_randint((6,), 0, 100, "int32", (42, 0)).tolist() == GOLDEN_RANDINT
    assert hashing.permutation(8, (42, 0)).tolist() == GOLDEN_PERMUTATION


def test_shape_only_lays_the_numbers_out():
    flat = hashing.random_bits((24,), (3, 4))
    np.testing.assert_array_equal(hashing.random_bits((2, 3, 4), (3, 4)), flat.reshape(2, 3, 4))
    np.testing.assert_array_equal(hashing.random_bits((7,), (3, 4)), flat[:7])
    assert hashing.random_bits((), (3, 4)) == flat[0]
    assert hashing.random_bits((0, 5), (3, 4)).shape == (0, 5)


SIZES = [0, 1, 5, hostbits.BLOCK - 1, hostbits.BLOCK, 2 * hostbits.BLOCK + 3]


@pytest.mark.parametrize("count", SIZES)
def test_the_fast_bits_are_the_same(count):
    seed = (77, 5)
    bits = hashing.random_bits((count,), seed, 2)

    def fast(dtype, recipe):
        return hostbits.draw((count, 1), seed, 2, dtype, recipe)[:, 0]

    np.testing.assert_array_equal(fast(np.int32, hostbits.as_they_are), bits)
    np.testing.assert_array_equal(fast(np.int64, hostbits.as_they_are), bits.view(np.uint32))
    np.testing.assert_array_equal(fast(np.bool_, hostbits.below(-5)), bits < -5)
    top = (bits.view(np.uint32) >> 8).astype(np.float32)
    np.testing.assert_array_equal(fast(np.float32, hostbits.high(24, 2.0**-24)), top * np.float32(2.0**-24))
    np.testing.assert_array_equal(fast(np.float64, hostbits.high(27)), bits.view(np.uint32) >> 5)
    np.testing.assert_array_equal(fast(np.float64, hostbits.signed(8, 0.5, 0.25)), ((bits >> 8) + 0.5) * 0.25)
    half = fast(np.float32, hostbits.low_half)
    np.testing.assert_allclose(half, ((bits & 0x7FFFFFFF) + 0.5) * 2.0**-31, rtol=1e-7)
    assert ((half > 0) & (half <= 1)).all()


def test_call_keys_differ_between_seeds():
    keys = {hashing.call_key(key, counter) for key in range(-100, 100) for counter in range(200)}
    assert len(keys) == 200 * 200
    assert len({hashing.call_key(5, 5, lane) for lane in range(1000)}) == 1000


def test_draws_of_too_many_elements_are_refused():
    with pytest.raises(ValueError, match="at most 2\\*\\*32 elements"):
        hashing.check_size((2**20, 2**13))
    with pytest.raises(ValueError, match="at least 0"):
        hashing.check_size((3, -1))


# -- statistics of one draw ------------------------------------------------------------------------


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("shift", [0, 8, 16, 24])
def test_bytes_are_equally_frequent(seed, shift):
    counts = np.bincount((unsigned(seed) >> shift) & 255, minlength=256)
    assert abs(chi_square_deviations(counts, COUNT / 256)) < LIMIT


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("shift", [0, 13, 26])
@pytest.mark.parametrize("distance", [1, 2, 256])
def test_pairs_of_elements_are_equally_frequent(seed, shift, distance):
    x = ((unsigned(seed) >> shift) & 63).astype(np.int64).reshape(-1, 2, distance)
    counts = np.bincount((x[:, 0] * 64 + x[:, 1]).ravel(), minlength=4096)
    assert abs(chi_square_deviations(counts, COUNT / 2 / 4096)) < LIMIT


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("distance", [1, 2, 3, 4, 64, 1000, 4096])
def test_elements_are_not_correlated_serially(seed, distance):
    x = unsigned(seed) / 2.0**32 - 0.5
    assert abs(correlation(x[:-distance], x[distance:])) < LIMIT / math.sqrt(COUNT - distance)


@pytest.mark.parametrize("seed", SEEDS)
def test_each_bit_is_one_half_of_the_time(seed):
    ones = ((unsigned(seed)[:, None] >> np.arange(32, dtype=np.uint32)) & 1).sum(0)
    assert np.abs(ones - COUNT / 2).max() < LIMIT * math.sqrt(COUNT) / 2


@pytest.mark.parametrize("seed", SEEDS)
def test_runs_up_and_down_have_the_right_number(seed):
    # Of n numbers, (2n - 1)/3 on average, with variance (16n - 29)/90.
    rising = np.diff(unsigned(seed).astype(np.int64)) > 0
    runs = 1 + np.count_nonzero(rising[1:] != rising[:-1])
    assert abs(runs - (2 * COUNT - 1) / 3) < LIMIT * math.sqrt((16 * COUNT - 29) / 90)


@pytest.mark.parametrize("seed", SEEDS[:2])
def test_numbers_recur_as_often_as_they_should(seed):
    # n**2 / 2**33 pairs of 2**20 numbers are equal, a Poisson number near 128: a permutation has none.
    count = 2**20
    repeats = count - len(np.unique(unsigned(seed, count)))
    assert abs(repeats - 128) < LIMIT * math.sqrt(128)


@pytest.mark.parametrize("seed", SEEDS)
def test_birthday_spacings(seed):
    # Marsaglia: of the 4096 sorted spacings in a year of 2**32 days, 4 on average are equal to another.
    rows = np.sort(unsigned(seed).reshape(-1, 4096).astype(np.int64), axis=1)
    spacings = np.sort(np.diff(rows, axis=1), axis=1)
    equal = (np.diff(spacings, axis=1) == 0).sum()
    assert abs(equal - 4 * len(rows)) < LIMIT * math.sqrt(4 * len(rows))


def from_index(index, k0, k1):
    """The rounds for any indices, high ones too: by the reference, one element at a time, that is slow."""
    u = np.uint32
    w = index * u(hashing.GOLDEN) + u(k0 & hashing.MASK)
    x = (w ^ (w >> u(16))) * u(hashing.MULTIPLIER_1) + u(k1 & hashing.MASK)
    x = (x ^ (x >> u(15))) * u(hashing.MULTIPLIER_2)
    return x ^ (x >> u(16)) ^ w


def flip_rates(before, after):
    """The share of cases in which each bit of the output flips."""
    return (((before ^ after)[:, None] >> np.arange(32, dtype=np.uint32)) & 1).mean(0)


@pytest.mark.parametrize("bit", range(32))
def test_avalanche_of_the_index(bit):
    index = np.random.Generator(np.random.Philox(1)).integers(0, 2**32, 2**14, dtype=np.uint32)
    key = hashing.call_key(3, 4)
    np.testing.assert_array_equal(from_index(np.arange(9, dtype=np.uint32), *key), unsigned((3, 4), 9))
    rates = flip_rates(from_index(index, *key), from_index(index ^ np.uint32(1 << bit), *key))
    assert np.abs(rates - 0.5).max() < 0.02


@pytest.mark.parametrize("part", [0, 1], ids=["key", "counter"])
@pytest.mark.parametrize("bit", [0, 1, 2, 7, 15, 16, 24, 31])
def test_avalanche_of_the_seed(part, bit):
    seeds = [(n * 2654435761, n) for n in range(600)]
    flipped = [(key ^ (1 << bit), counter) if part == 0 else (key, counter ^ (1 << bit)) for key, counter in seeds]
    before, after = (np.concatenate([unsigned(seed, 8) for seed in group]) for group in (seeds, flipped))
    assert np.abs(flip_rates(before, after) - 0.5).max() < 0.04


# -- statistics between draws ------------------------------------------------------------------------


def correlation(x, y):
    return float(np.corrcoef(x, y)[0, 1])


NEIGHBOURS = [
    ((k, c), (k + dk, c + dc)) for k, c in [(0, 0), (7, 3), (-1, -1)] for dk, dc in [(1, 0), (0, 1), (1, -1), (256, 0)]
]


@pytest.mark.parametrize(("one", "other"), NEIGHBOURS)
def test_neighbouring_seeds_are_not_correlated(one, other):
    x, y = unsigned(one), unsigned(other)
    assert abs(correlation(x.astype(float), y.astype(float))) < LIMIT / math.sqrt(COUNT)
    assert np.abs(flip_rates(x, y) - 0.5).max() < LIMIT / 2 / math.sqrt(COUNT)
    # Nor is one a shifted or mixed-up copy of the other: they share what two random sets share.
    shared = len(np.intersect1d(x, y))
    expected = COUNT**2 / 2**32
    assert abs(shared - expected) < LIMIT * math.sqrt(expected) + 1


def test_lanes_are_not_correlated():
    lanes = np.stack([unsigned((11, 2), lane=lane) for lane in range(6)]).astype(float)
    off_diagonal = np.corrcoef(lanes) - np.eye(6)
    assert np.abs(off_diagonal).max() < LIMIT / math.sqrt(COUNT)


@pytest.mark.parametrize("element", [0, 1, 1000])
def test_one_element_over_many_draws_is_random(element):
    x = np.array([unsigned((17, counter), element + 1)[element] for counter in range(4096)])
    assert abs(chi_square_deviations(np.bincount(x >> 27, minlength=32), 4096 / 32)) < LIMIT
    assert abs(chi_square_deviations(np.bincount(x & 31, minlength=32), 4096 / 32)) < LIMIT
    assert abs(correlation(x[:-1].astype(float), x[1:].astype(float))) < LIMIT / math.sqrt(4096)


# -- what is made of the bits ------------------------------------------------------------------------


@pytest.mark.parametrize(("dtype", "bits"), hashing.FLOAT_BITS.items())
def test_uniform_floats(dtype, bits):
    x = hashing.random_uniform((COUNT,), dtype, (5, 6))
    assert x.dtype == dtype
    x = x.astype("float64")
    assert x.min() >= 0
    assert x.max() < 1
    np.testing.assert_array_equal(x * 2.0**bits, np.floor(x * 2.0**bits))
    assert abs(chi_square_deviations(np.histogram(x, 256, (0, 1))[0], COUNT / 256)) < LIMIT


@pytest.mark.parametrize(
    ("low", "high", "dtype"),
    [(0, 10, "int32"), (-3, 4, "int8"), (-(2**31), 2**31, "int32"), (0, 2**32, "uint32"), (-(2**63), 2**63, "int64"),
     (0, 3 * 2**40, "int64"), (2**63 + 1, 2**64, "uint64")],
)  # fmt: skip
def test_random_integers(low, high, dtype):
    x = hashing.random_randint((2**14,), low, high, dtype, (8, 1))
    assert x.dtype == dtype
    assert low <= int(x.min())
    assert int(x.max()) < high
    bins = min(high - low, 16)
    place = np.array([(int(v) - low) * bins // (high - low) for v in x])
    assert abs(chi_square_deviations(np.bincount(place, minlength=bins), 2**14 / bins)) < LIMIT


@pytest.mark.parametrize("rate", [0.0, 0.1, 0.5, 0.999, 1.0])
def test_dropout_rates(rate):
    dropped = COUNT - hashing.dropout_kept((COUNT,), rate, (1, 1)).sum()
    assert abs(dropped - rate * COUNT) <= LIMIT * math.sqrt(rate * (1 - rate) * COUNT)


@pytest.mark.parametrize("rate", [-0.1, 1.1, float("nan")])
def test_dropout_rates_outside_are_refused(rate):
    with pytest.raises(ValueError, match=r"must be in \[0, 1\]"):
        hashing.dropout_threshold(rate)


def test_permutations_are_equally_frequent():
    orders = [tuple(hashing.permutation(4, (1, counter))) for counter in range(4800)]
    counts = [orders.count(order) for order in sorted(set(orders))]
    assert len(counts) == 24
    assert abs(chi_square_deviations(np.array(counts), 200)) < LIMIT


# -- seeds and ranges ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seed", "key"), [(0, 0), (7, 7), (-1, -1), (2**31, -(2**31)), (2**32 - 1, -1), (np.int64(5), 5)]
)
def test_32_bit_seeds_are_their_own_keys(seed, key):
    assert hashing.key_of(seed) == key


def test_long_seeds_use_all_their_bits():
    keys = {hashing.key_of(sign * (2**40 + 2**bit)) for sign in (1, -1) for bit in range(100)}
    assert len(keys) == 200
    assert all(-(2**31) <= key < 2**31 for key in keys)


def test_seeds_are_integers():
    with pytest.raises(TypeError):
        hashing.key_of(1.5)


def test_host_generators():
    draws = [hashing.host_generator(*seed).standard_normal(4).tolist() for seed in [(1, 0), (1, 1), (2, 0), (-1, 0)]]
    assert len({tuple(draw) for draw in draws}) == 4
    assert draws[0] == hashing.host_generator(1, 0).standard_normal(4).tolist()
    np.testing.assert_array_equal(hashing.host_generator(1, 0).integers(0, 2**32, 3), GOLDEN_HOST)


@pytest.mark.parametrize(
    ("low", "high", "dtype"), [(3, 3, "int32"), (4, 3, "int32"), (0, 257, "uint8"), (-1, 3, "uint8")]
)
def test_ranges_that_are_refused(low, high, dtype):
    with pytest.raises(ValueError, match="minval < maxval, in the range"):
        hashing.integer_range(low, high, dtype)


@pytest.mark.parametrize("dtype", ["float32", "bool"])
def test_integers_of_other_dtypes_are_refused(dtype):
    with pytest.raises(ValueError, match="integer dtype"):
        hashing.integer_range(0, 1, dtype)


def test_limits_of_uniform_floats():
    assert hashing.uniform_limits(0, 1, "float32") == (0.0, 1 - 2**-24)
    assert hashing.uniform_limits(2, 2, "float32") == (2.0, 2.0)
    assert hashing.uniform_limits(-1, 1, "bfloat16") == (-1.0, 1 - 2**-8)
    with pytest.raises(ValueError, match="minval <= maxval"):
        hashing.uniform_limits(1, 0, "float32")


@pytest.mark.parametrize(
    ("given", "full"), [(None, (4, 5, 6)), ((4, 1, 6), (4, 1, 6)), ((None, 1, None), (4, 1, 6)), ((1, 6), (1, 1, 6))]
)
def test_noise_shapes(given, full):
    assert hashing.noise_shape((4, 5, 6), given) == full


@pytest.mark.parametrize("given", [(3, 1, 1), (1, 4, 5, 6), (4, 2, 6)])
def test_noise_shapes_that_do_not_broadcast(given):
    with pytest.raises(ValueError, match="does not broadcast"):
        hashing.noise_shape((4, 5, 6), given)
