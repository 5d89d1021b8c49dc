"""Random numbers: bits equal to the NumPy reference's, and so over the backends; distributions; seeds.

The seeds are fixed, so that no test can fail by chance; thresholds on p-values are 1e-4.
"""

from __future__ import annotations

import math
import random as python_random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import stats

from tests.conformance.native import native
from triceras import autodiff as T
from triceras import random, seeds
from triceras_backends import hashing
from triceras_backends.active import backend as B

SEEDS = [(0, 0), (12345, 7), (-1, 2**31 - 1)]
# Sizes on either side of what is drawn in one piece.
SHAPES = [(), (0,), (1,), (2, 0, 3), (7, 5), (300001,)]
P_LIMIT = 1e-4
COUNT = 100_000


def seed_of(pair: tuple[int, int]) -> Any:
    return native.tensor(np.array(pair, "int32"))


def array(x: Any) -> np.ndarray[Any, Any]:
    assert B.is_tensor(x)
    return native.array(x)


def same_bits(got: Any, expected: np.ndarray[Any, Any]) -> None:
    got = array(got)
    assert got.dtype == expected.dtype
    np.testing.assert_array_equal(got, expected)


def jitted(fn: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *args: T.jit(fn)(*args)


RUNS = pytest.mark.parametrize("run", [lambda fn: fn, jitted], ids=["eager", "jit"])


# -- bits, the same everywhere -------------------------------------------------------------------


@RUNS
@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("pair", SEEDS, ids=str)
def test_bits(run, shape, pair):
    same_bits(run(lambda seed: B.random_bits(shape, seed))(seed_of(pair)), hashing.random_bits(shape, pair))


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_bits_of_a_numpy_seed(shape):
    same_bits(B.random_bits(shape, np.array([5, 6], "int32")), hashing.random_bits(shape, (5, 6)))


MAPPED = {
    "bits": lambda seed: B.random_bits((4, 3), seed),
    "uniform": lambda seed: B.random_uniform((4, 3), 0.0, 1.0, "float32", seed),
    "normal": lambda seed: B.random_normal((4, 3), 0.0, 1.0, "float32", seed),
    "truncated_normal": lambda seed: B.random_truncated_normal((4, 3), 0.0, 1.0, "float32", seed),
    "randint": lambda seed: B.random_randint((4, 3), 0, 1000, "int32", seed),
    "gamma": lambda seed: B.random_gamma((4, 3), 0.5, "float32", seed),
    "dropout": lambda seed: B.random_dropout(native.tensor(np.ones((4, 3), "float32")), 0.5, None, seed),
}


@pytest.mark.parametrize("name", MAPPED)
def test_draws_mapped_over_seeds(name):
    pairs = np.array(SEEDS, "int32")
    mapped = array(B.vectorized_map(MAPPED[name], native.tensor(pairs)))
    single = np.stack([array(MAPPED[name](native.tensor(pair))) for pair in pairs])
    np.testing.assert_allclose(mapped, single, rtol=1e-5, atol=2e-6)


@RUNS
@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16"])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_uniform(run, dtype, shape):
    got = run(lambda seed: B.random_uniform(shape, 0, 1, dtype, seed))(seed_of((3, 4)))
    same_bits(got, hashing.random_uniform(shape, dtype, (3, 4)))


def test_uniform_float64():
    with native.double():
        got = B.random_uniform((1001,), 0.0, 1.0, "float64", seed_of((3, 4)))
        same_bits(got, hashing.random_uniform((1001,), "float64", (3, 4)))


RANGES = [
    (0, 10, "int32"), (-5, 6, "int8"), (0, 256, "uint8"), (-(2**31), 2**31, "int32"), (-(2**31), 2**31 - 1, "int32"),
    (0, 3 * 2**30, "uint32"), (2**31 + 5, 2**32, "uint32"), (-300, 2**15, "int16"),
]  # fmt: skip
WIDE_RANGES = [
    (0, 2**31, "int64"), (0, 2**32, "int64"), (-5, 2**32 + 77, "int64"), (-(2**63), 2**63, "int64"),
    (0, 2**63 - 25, "int64"), (0, 2**64, "uint64"), (2**63 + 5, 2**64, "uint64"), (-(2**40), -(2**40) + 3, "int64"),
]  # fmt: skip


@RUNS
@pytest.mark.parametrize("bounds", RANGES, ids=str)
def test_randint(run, bounds):
    got = run(lambda seed: B.random_randint((501,), *bounds, seed))(seed_of((8, 9)))
    same_bits(got, hashing.random_randint((501,), *bounds, (8, 9)))


@pytest.mark.parametrize("bounds", WIDE_RANGES, ids=str)
def test_randint_of_64_bits(bounds):
    with native.double():
        got = B.random_randint((501,), *bounds, seed_of((8, 9)))
        same_bits(got, hashing.random_randint((501,), *bounds, (8, 9)))


@RUNS
def test_randint_with_tensors_as_bounds(run):
    low, high = native.tensor(np.array([[-2], [50]], "int32")), native.tensor(np.array(1000, "int32"))
    got = array(
        run(lambda low, high, seed: B.random_randint((2, 300), low, high, "int32", seed))(low, high, seed_of((8, 9)))
    )
    for row, bound in enumerate((-2, 50)):
        expected = hashing.random_randint((2, 300), bound, 1000, "int32", (8, 9))
        np.testing.assert_array_equal(got[row], expected[row])


@RUNS
@pytest.mark.parametrize("rate", [0.1, 0.5, 0.9999999999])
@pytest.mark.parametrize(
    ("shape", "noise"), [((200, 7), None), ((300001,), None), ((40, 5, 6), (None, 1, 6)), ((8, 9), (9,))]
)
def test_dropout_masks(run, rate, shape, noise):
    x = np.random.default_rng(0).normal(size=shape).astype("float32") + 10
    got = array(run(lambda x, seed: B.random_dropout(x, rate, noise, seed))(native.tensor(x), seed_of((1, 2))))
    kept = np.broadcast_to(hashing.dropout_kept(hashing.noise_shape(shape, noise), rate, (1, 2)), shape)
    np.testing.assert_array_equal(got != 0, kept)
    np.testing.assert_allclose(got, np.where(kept, x / (1 - rate), 0), rtol=1e-6)


@RUNS
@pytest.mark.parametrize(("shape", "axis"), [((1000,), 0), ((4, 50, 3), 1), ((5, 6), -1), ((1, 3), 0), ((0,), 0)])
def test_shuffle(run, shape, axis):
    x = np.arange(math.prod(shape), dtype="float32").reshape(shape)
    got = run(lambda x, seed: B.random_shuffle(x, axis, seed))(native.tensor(x), seed_of((6, 1)))
    same_bits(got, np.take(x, hashing.permutation(shape[axis], (6, 1)), axis))


# -- distributions ------------------------------------------------------------------------------

PAIR = (2024, 11)


def sample(draw: Callable[..., Any], *parameters: Any, dtype: str = "float32") -> np.ndarray[Any, Any]:
    return array(draw((COUNT,), *parameters, dtype, seed_of(PAIR))).astype("float64")


def follows(x: np.ndarray[Any, Any], distribution: Any) -> None:
    assert np.isfinite(x).all()
    assert stats.kstest(x, distribution.cdf).pvalue > P_LIMIT


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("low", "high"), [(0, 1), (-3.5, 2), (100, 101)])
def test_uniform_distribution(dtype, low, high):
    with native.double():
        x = sample(B.random_uniform, low, high, dtype=dtype)
    follows(x, stats.uniform(low, high - low))
    assert low <= x.min()
    assert x.max() < high


@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16"])
@pytest.mark.parametrize(("low", "high"), [(0.0, 1.0), (-1.0, 1.0), (1.0, 1.0078125), (0.0, 1e-3), (1000.0, 1001.0)])
def test_uniform_never_reaches_maxval(dtype, low, high):
    low, high = (float(np.asarray(v).astype(hashing.numpy_dtype(dtype))) for v in (low, high))
    high = high if high > low else low * 1.5
    tensor_bound = native.tensor(np.array(high).astype(hashing.numpy_dtype(dtype)))
    for bound in (high, tensor_bound):
        x = array(B.random_uniform((COUNT,), low, bound, dtype, seed_of(PAIR))).astype("float64")
        assert low <= x.min()
        assert x.max() < high


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_normal_distribution(dtype):
    with native.double():
        x = sample(B.random_normal, 3.0, 0.5, dtype=dtype)
    follows(x, stats.norm(3, 0.5))
    z = (x - 3) / 0.5
    # Halves are the cosines and sines of the same angles.
    assert abs(np.corrcoef(z[: COUNT // 2], z[COUNT // 2 :])[0, 1]) < 4 / math.sqrt(COUNT / 2)
    assert stats.skewtest(z).pvalue > P_LIMIT
    assert stats.kurtosistest(z).pvalue > P_LIMIT


def test_normal_numbers_have_tails():
    x = array(B.random_normal((4_000_001,), 0.0, 1.0, "float32", seed_of((9, 9))))
    assert np.isfinite(x).all()
    for bound in (3.5, 4.0, 4.5):
        expected = len(x) * 2 * stats.norm.sf(bound)
        assert abs(np.count_nonzero(np.abs(x) > bound) - expected) < 4 * math.sqrt(expected)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_truncated_normal_distribution(dtype):
    with native.double():
        x = sample(B.random_truncated_normal, -1.0, 2.0, dtype=dtype)
    follows(x, stats.truncnorm(-2, 2, -1, 2))
    assert np.abs(x + 1).max() <= 4


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("alpha", [0.3, 1.0, 1.5, 30.0, 1e4])
def test_gamma_distribution(alpha, dtype):
    with native.double():
        follows(sample(B.random_gamma, alpha, dtype=dtype), stats.gamma(alpha))


@pytest.mark.parametrize(("alpha", "beta"), [(0.5, 0.5), (0.4, 3.0), (2.0, 5.0), (300.0, 20.0)])
def test_beta_distribution(alpha, beta):
    follows(sample(B.random_beta, alpha, beta), stats.beta(alpha, beta))


def test_beta_of_tiny_parameters():
    # Gamma variables of these underflow; their ratio does not.
    x = sample(B.random_beta, 1e-3, 1e-3)
    assert np.isfinite(x).all()
    assert abs((x > 0.5).mean() - 0.5) < 0.01


BINOMIALS = [
    (1, 0.3), (5, 0.5), (10, 0.9), (20, 0.5), (21, 0.5), (40, 0.3), (100, 0.35), (1000, 0.011), (1000, 0.999),
    (10**6, 0.25), (10**7, 0.9), (10**9, 1e-8),
]  # fmt: skip


@pytest.mark.parametrize(("counts", "probability"), BINOMIALS)
def test_binomial_distribution(counts, probability):
    x = sample(B.random_binomial, float(counts), probability)
    expected = stats.binom(counts, probability)
    np.testing.assert_array_equal(x, np.round(x))
    assert x.min() >= 0
    assert x.max() <= counts
    low, high = int(expected.ppf(1e-4)), int(expected.ppf(1 - 1e-4))
    edges = np.arange(low, high, max(1, (high - low) // 60))
    shares = np.diff([0, *expected.cdf(edges), 1])
    seen = np.histogram(x, [-1, *(edges + 0.5), counts + 1])[0]
    assert seen[shares == 0].sum() == 0
    assert stats.chisquare(seen[shares > 0], shares[shares > 0] / shares.sum() * len(x)).pvalue > P_LIMIT


def test_binomial_at_its_limits():
    counts, chances = np.array([[5], [0], [100], [-1]], "float32"), np.array([0, 1, 1.5], "float32")
    got = array(B.random_binomial((4, 3), native.tensor(counts), native.tensor(chances), "float32", seed_of(PAIR)))
    np.testing.assert_array_equal(got, [[0, 5, np.nan], [0, 0, np.nan], [0, 100, np.nan], [np.nan] * 3])


def test_gamma_and_beta_of_bad_parameters_are_nan():
    bad = native.tensor(np.array([-1, 0, 1], "float32"))
    np.testing.assert_array_equal(
        np.isnan(array(B.random_gamma((3,), bad, "float32", seed_of(PAIR)))), [True, True, False]
    )
    got = array(B.random_beta((2, 3), bad, 2.0, "float32", seed_of(PAIR)))
    np.testing.assert_array_equal(np.isnan(got), [[True, True, False]] * 2)


@RUNS
def test_categorical_distribution(run):
    logits = np.array([[0, 1, 2, -np.inf], [5, 0, 0, 0], [-np.inf, -np.inf, 3, 3]], "float32")
    got = array(
        run(lambda x, seed: B.random_categorical(x, COUNT, "int32", seed))(native.tensor(logits), seed_of(PAIR))
    )
    assert got.shape == (3, COUNT)
    assert got.dtype == "int32"
    for row, x in zip(logits, got, strict=True):
        shares = np.exp(row.astype("float64"))
        shares /= shares.sum()
        seen = np.bincount(x, minlength=4)
        assert seen[shares == 0].sum() == 0
        assert stats.chisquare(seen[shares > 0], shares[shares > 0] * COUNT).pvalue > P_LIMIT


# Values that any backend may be compared with: drawn once on one of them. Not bit-exact, so with a tolerance.
CLOSE = {
    "normal": lambda seed: B.random_normal((5,), 0.0, 1.0, "float32", seed),
    "truncated_normal": lambda seed: B.random_truncated_normal((5,), 0.0, 1.0, "float32", seed),
    "uniform": lambda seed: B.random_uniform((5,), -2.0, 5.0, "float32", seed),
    "gamma": lambda seed: B.random_gamma((5,), 2.0, "float32", seed),
    "beta": lambda seed: B.random_beta((5,), 0.5, 3.0, "float32", seed),
    "binomial": lambda seed: B.random_binomial((5,), 100.0, 0.3, "float32", seed),
}
GOLDEN = {
    "normal": [0.89440972, 0.398599, 0.85807341, 1.5049341, 1.7348545],
    "truncated_normal": [-1.1462575, -1.1718438, -1.2448025, 1.7887223, 0.821078],
    "uniform": [2.2560601, 2.2178187, 2.1149445, 1.3967443, 0.15756321],
    "gamma": [1.0579096, 3.6297238, 0.96695459, 4.176147, 0.99031526],
    "beta": [0.0051149568, 0.057208516, 0.010066768, 0.81108439, 0.047044933],
    "binomial": [28.0, 29.0, 28.0, 31.0, 29.0],
    "default_seed": 611178003,
}


@RUNS
@pytest.mark.parametrize("name", CLOSE)
def test_other_numbers_agree_over_backends_to_rounding(run, name):
    np.testing.assert_allclose(array(run(CLOSE[name])(seed_of((42, 1)))), GOLDEN[name], rtol=1e-5, atol=2e-6)


@RUNS
def test_location_and_scale_may_be_tensors(run):
    mean, scale = native.tensor(np.array([[0], [100]], "float32")), native.tensor(np.array([0, 1, 5], "float32"))
    got = array(run(lambda m, s, seed: B.random_normal((2, 3), m, s, "float32", seed))(mean, scale, seed_of(PAIR)))
    z = array(B.random_normal((2, 3), 0.0, 1.0, "float32", seed_of(PAIR)))
    np.testing.assert_allclose(got, z * [0, 1, 5] + [[0], [100]], rtol=1e-5)


# -- dropout's edges, gradients ---------------------------------------------------------------------


def test_dropout_rates_of_zero_and_one():
    x = native.tensor(np.array([1.0, np.nan, np.inf, -2.0], "float32"))
    np.testing.assert_array_equal(array(random.dropout(x, 0)), array(x))
    np.testing.assert_array_equal(array(random.dropout(x, 1.0)), np.zeros(4))


def test_dropout_drops_what_is_not_finite():
    x = native.tensor(np.full((1000,), np.nan, "float32"))
    kept = hashing.dropout_kept((1000,), 0.5, (3, 0))
    np.testing.assert_array_equal(np.isnan(array(random.dropout(x, 0.5, seed=3))), kept)


@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16"])
def test_dropout_keeps_dtypes(dtype):
    x = B.cast(native.tensor(np.ones((4, 3), "float32")), dtype)
    for rate in (0, 0.25, 1):
        assert B.dtype_of(random.dropout(x, rate)) == dtype


def test_gradients_of_dropout():
    x = native.tensor(np.ones((50, 4), "float32"))
    with T.GradientTape() as tape:
        tape.watch(x)
        y = random.dropout(x, 0.3, seed=5)
    np.testing.assert_allclose(array(tape.gradient(y, x)), array(y), rtol=1e-6)


# -- seeds ---------------------------------------------------------------------------------------


def test_an_integer_seed_repeats_and_equals_its_pair():
    for _ in range(2):
        same_bits(random.uniform((3, 2), seed=7), hashing.random_uniform((3, 2), "float32", (7, 0)))
    same_bits(random.uniform((3,), seed=2**32 - 1), hashing.random_uniform((3,), "float32", (-1, 0)))


@RUNS
def test_a_seed_generator_counts(run):
    generator = random.SeedGenerator(7)
    draw = run(lambda: random.uniform((3,), seed=generator))
    for counter in range(3):
        same_bits(draw(), hashing.random_uniform((3,), "float32", (7, counter)))
    np.testing.assert_array_equal(generator.state.numpy(), [7, 3])


def test_a_compiled_draw_is_traced_once():
    generator = random.SeedGenerator(1)
    draw = T.jit(lambda: random.normal((4,), seed=generator))
    draw()
    traces = draw.traces
    found = {array(draw()).tobytes() for _ in range(5)}
    assert len(found) == 5
    assert draw.traces == traces


def test_draws_within_a_loop_differ():
    generator = random.SeedGenerator(2)
    start = native.tensor(np.zeros((), "float32"))
    _, draws = B.scan(lambda carry, _: (carry, random.uniform((), seed=generator)), start, length=4)
    expected = [hashing.random_uniform((), "float32", (2, counter)) for counter in range(4)]
    np.testing.assert_array_equal(array(draws), expected)
    np.testing.assert_array_equal(generator.state.numpy(), [2, 4])


def test_the_state_is_a_variable():
    generator = random.SeedGenerator(3, name="mine")
    assert isinstance(generator.state, B.Variable)
    assert (generator.state.shape, generator.state.dtype, generator.state.trainable) == ((2,), "int32", False)
    assert generator.get_config() == {"seed": 3, "name": "mine"}
    copy = random.SeedGenerator.from_config(generator.get_config())
    np.testing.assert_array_equal(array(random.normal((3,), seed=copy)), array(random.normal((3,), seed=generator)))
    generator.state.assign([5, 9])
    same_bits(random.uniform((2,), seed=generator), hashing.random_uniform((2,), "float32", (5, 9)))


def test_seeds_drawn_are_snapshots():
    generator = random.SeedGenerator(4)
    drawn = [generator.next() for _ in range(3)]
    np.testing.assert_array_equal([array(seed) for seed in drawn], [[4, 0], [4, 1], [4, 2]])


def test_counters_wrap():
    generator = random.SeedGenerator(1)
    generator.state.assign([1, 2**31 - 1])
    random.uniform((1,), seed=generator)
    np.testing.assert_array_equal(generator.state.numpy(), [1, -(2**31)])


def everything() -> list[Any]:
    """Numbers from each source that set_random_seed governs, the frameworks' own apart."""
    unseeded = random.SeedGenerator()
    return [
        array(random.uniform((3,))).tolist(),
        array(random.uniform((3,), seed=unseeded)).tolist(),
        hashing.host_generator(*seeds.draw_host_seed(None)).random(2).tolist(),
        hashing.host_generator(*seeds.draw_host_seed(None)).random(2).tolist(),
        hashing.host_generator(*seeds.draw_host_seed(unseeded)).random(2).tolist(),
        python_random.random(),
        np.random.random(),
    ]


def test_set_random_seed_repeats_everything():
    seeds.set_random_seed(1)
    first = everything()
    seeds.set_random_seed(1)
    assert everything() == first
    seeds.set_random_seed(2)
    assert all(one != other for one, other in zip(everything(), first, strict=True))
    assert len({str(numbers) for numbers in first}) == len(first)


def test_set_random_seed_is_the_same_on_every_backend():
    seeds.set_random_seed(1)
    assert array(random.uniform((2,))).tolist() == hashing.random_uniform((2,), "float32", (1, 0)).tolist()
    assert seeds.draw_host_seed(None) == (1, 1)
    assert random.SeedGenerator().get_config()["seed"] is None
    assert seeds.make_default_seed() == GOLDEN["default_seed"]


def test_set_random_seed_reaches_compiled_functions():
    draw = T.jit(lambda: random.uniform((2,)))
    draw()
    seeds.set_random_seed(3)
    same_bits(draw(), hashing.random_uniform((2,), "float32", (3, 0)))


# -- abstract evaluation -----------------------------------------------------------------------------


def test_shapes_without_values():
    generator = random.SeedGenerator(1)
    x = native.tensor(np.ones((4, 3), "float32"))
    draws: dict[str, Callable[[], Any]] = {
        "normal": lambda: random.normal((2, 3), seed=generator),
        "truncated_normal": lambda: random.truncated_normal([2, 3], seed=generator),
        "uniform": lambda: random.uniform((2, 3), dtype="float16", seed=1),
        "randint": lambda: random.randint((2, 3), 0, 5),
        "categorical": lambda: random.categorical(x, 5),
        "dropout": lambda: random.dropout(x, 0.5, seed=generator),
        "shuffle": lambda: random.shuffle(x, axis=1),
        "gamma": lambda: random.gamma((2, 3), 0.5),
        "beta": lambda: random.beta((2, 3), 0.5, 1.0),
        "binomial": lambda: random.binomial((2, 3), 10, 0.5),
    }
    shapes = {"categorical": (4, 5), "dropout": (4, 3), "shuffle": (4, 3)}
    kinds = {"uniform": "float16", "randint": "int32", "categorical": "int32"}
    for name, draw in draws.items():
        spec = B.eval_shape(draw)
        assert (spec.shape, spec.dtype) == (shapes.get(name, (2, 3)), kinds.get(name, "float32")), name
    np.testing.assert_array_equal(generator.state.numpy(), [1, 0])


# -- bad input -----------------------------------------------------------------------------------

BAD: dict[str, tuple[Callable[[], Any], str]] = {
    "seed is a float": (lambda: random.normal((2,), seed=1.5), "seed.*integer"),
    "seed is a string": (lambda: random.SeedGenerator("a"), "seed must be an integer"),
    "set_random_seed of a float": (lambda: seeds.set_random_seed(0.5), "seed must be an integer"),
    "uniform of integers": (lambda: random.uniform((2,), dtype="int32"), "float32.*got dtype='int32'"),
    "normal of integers": (lambda: random.normal((2,), dtype="int32"), "got dtype='int32'"),
    "gamma of integers": (lambda: random.gamma((2,), 1.0, dtype="int32"), "got dtype='int32'"),
    "randint of floats": (lambda: random.randint((2,), 0, 5, dtype="float32"), "integer dtype"),
    "randint of nothing": (lambda: random.randint((2,), 5, 5), "minval < maxval"),
    "randint beyond its dtype": (lambda: random.randint((2,), 0, 300, dtype="uint8"), "range .* of uint8"),
    "uniform upside down": (lambda: random.uniform((2,), 1.0, 0.0), "minval <= maxval"),
    "dropout above 1": (lambda: random.dropout(native.tensor(np.ones(3, "float32")), 1.5), r"in \[0, 1\]"),
    "dropout below 0": (lambda: random.dropout(native.tensor(np.ones(3, "float32")), -0.5), r"in \[0, 1\]"),
    "noise shape": (
        lambda: random.dropout(native.tensor(np.ones((3, 4), "float32")), 0.5, (2, 4)),
        r"\(2, 4\).*\(3, 4\)",
    ),
    "logits of rank 1": (lambda: random.categorical(native.tensor(np.ones(3, "float32")), 2), "shape .3,."),
    "shuffle axis": (lambda: random.shuffle(native.tensor(np.ones((3, 4), "float32")), axis=2), "axis 2"),
    "negative size": (lambda: random.normal((2, -1)), "at least 0"),
    "unknown dtype": (lambda: random.normal((2,), dtype="float12"), "float12"),
    "alpha": (lambda: random.gamma((2,), native.tensor(np.ones((3,), "float32"))), r"\(3,\).*\(2,\)"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input(name):
    call, message = BAD[name]
    with pytest.raises(ValueError, match=message):
        call()
