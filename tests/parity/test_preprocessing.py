"""What preprocessing layers learn from data, beside the real Keras's; and FeatureSpace, which is made of them."""

from __future__ import annotations

from typing import Any

import keras as real
import numpy as np
import pytest

import triceras as keras
from tests.parity.configs import differences

RNG = np.random.default_rng(0)
NUMBERS = RNG.normal(2.0, 3.0, size=(40, 3)).astype("float32")
TEXTS = ["The quick, brown fox!", "the dog's  over-the lazy  brown-fox.", "a", ""]
WORDS = np.array([["b", "a", "b"], ["c", "d", "d"], ["é", "d", ""]], dtype=object)
INTEGERS = np.array([[3, 4, 0], [4, 9, 0], [9, 4, -7]], "int64")


def pair(name: str, **config: Any) -> tuple[Any, Any]:
    return getattr(keras.layers, name)(name="layer", **config), getattr(real.layers, name)(name="layer", **config)


def same(ours: Any, theirs: Any) -> None:
    """Values and shapes; encodings are floats here, as symbolic calls say, where Keras's eager ones are integers."""
    ours, theirs = keras.ops.convert_to_numpy(ours), real.ops.convert_to_numpy(theirs)
    assert ours.shape == theirs.shape
    np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-6)


def batches(data: Any, size: int) -> list[Any]:
    return [data[i : i + size] for i in range(0, len(data), size)]


def dataset(data: Any, size: int) -> Any:
    import tensorflow as tf

    return tf.data.Dataset.from_tensor_slices(data).batch(size)


@pytest.mark.parametrize(
    ("data", "axis"),
    [(NUMBERS, -1), (NUMBERS, None), (NUMBERS.reshape(4, 10, 3), (1, 2)), (NUMBERS.reshape(4, 10, 3), 1)],
)
@pytest.mark.parametrize("invert", [False, True])
def test_normalization(data: Any, axis: Any, invert: bool) -> None:
    ours, theirs = pair("Normalization", axis=axis, invert=invert)
    ours.adapt(data), theirs.adapt(data)
    for a, b in zip(ours.get_weights()[:2], theirs.get_weights()[:2], strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-5)
    assert [w.name for w in ours.weights] == [w.name for w in theirs.weights]
    same(ours(data[:2]), theirs(data[:2]))
    assert not differences(ours.get_config(), theirs.get_config())
    assert not differences(ours.get_build_config(), theirs.get_build_config())


def test_normalization_by_batches() -> None:
    ours, theirs = pair("Normalization")
    ours.adapt(batches(NUMBERS, 7)[0]), ours.adapt(iter(batches(NUMBERS, 7))), theirs.adapt(dataset(NUMBERS, 7))
    same(ours(NUMBERS), theirs(NUMBERS))
    again = keras.layers.Normalization()
    again.build((None, 3))
    again.set_weights(theirs.get_weights())
    same(again(NUMBERS), theirs(NUMBERS))


@pytest.mark.parametrize(("bins", "epsilon", "size"), [(4, 0.01, 120), (5, 0.1, 120), (3, 0.05, 32), (10, 0.001, 120)])
def test_discretization(bins: int, epsilon: float, size: int) -> None:
    ours, theirs = pair("Discretization", num_bins=bins, epsilon=epsilon)
    data = NUMBERS.ravel()
    for batch in batches(data, size):
        ours.update_state(batch), theirs.update_state(batch)
    ours.finalize_state(), theirs.finalize_state()
    np.testing.assert_allclose(ours.bin_boundaries, list(theirs.bin_boundaries), rtol=1e-5, atol=1e-5)
    assert not differences({**ours.get_config(), "bin_boundaries": 0}, {**theirs.get_config(), "bin_boundaries": 0})
    again = keras.layers.Discretization.from_config(ours.get_config())
    assert again.get_config() == ours.get_config()
    between = NUMBERS + np.float32(1e-3)  # not on a boundary, where rounding decides
    same(again(between), theirs(between))


@pytest.mark.parametrize(
    "config",
    [
        {},
        {"mask_token": ""},
        {"max_tokens": 4},
        {"output_mode": "tf_idf"},
        {"output_mode": "tf_idf", "max_tokens": 9, "pad_to_max_tokens": True, "mask_token": ""},
        {"output_mode": "tf_idf", "max_tokens": 4, "num_oov_indices": 2},
        {"output_mode": "multi_hot"},
        {"output_mode": "count", "mask_token": "", "max_tokens": 12, "pad_to_max_tokens": True},
        {"output_mode": "one_hot", "mask_token": "b"},
    ],
)
def test_string_lookup(config: dict[str, Any]) -> None:
    ours, theirs = pair("StringLookup", **config)
    ours.adapt(WORDS), theirs.adapt(WORDS)
    assert ours.get_vocabulary() == theirs.get_vocabulary()
    assert ours.get_vocabulary(False) == theirs.get_vocabulary(False)
    assert ours.vocabulary_size() == theirs.vocabulary_size()
    given = np.array([["b", "zz", "", "d"], ["é", "b", "b", "c"]], dtype=object)
    same(ours(given), theirs(given))
    assert not differences(ours.get_config(), theirs.get_config())


@pytest.mark.parametrize(
    "config",
    [
        {},
        {"mask_token": 0},
        {"max_tokens": 3, "num_oov_indices": 2},
        {"output_mode": "tf_idf"},
        {"output_mode": "count", "mask_token": 0},
        {"output_mode": "multi_hot", "max_tokens": 9, "pad_to_max_tokens": True},
        {"output_mode": "one_hot", "oov_method": "farmhash", "num_oov_indices": 3},
    ],
)
def test_integer_lookup(config: dict[str, Any]) -> None:
    ours, theirs = pair("IntegerLookup", **config)
    ours.adapt(INTEGERS), theirs.adapt(INTEGERS)
    assert ours.get_vocabulary() == theirs.get_vocabulary()
    given = np.array([[4, 100, 0], [-8, 9, 3]], "int64")
    same(ours(given), theirs(given))
    assert not differences(ours.get_config(), theirs.get_config())


@pytest.mark.parametrize(
    "config",
    [
        {},
        {"max_tokens": 5, "output_sequence_length": 3},
        {"standardize": "strip_punctuation", "split": "character"},
        {"standardize": None, "ngrams": (2, 3)},
        {"standardize": "lower", "split": None},
        {"output_mode": "multi_hot", "ngrams": 2},
        {"output_mode": "count", "max_tokens": 20, "pad_to_max_tokens": True},
        {"output_mode": "tf_idf"},
    ],
)
def test_text_vectorization(config: dict[str, Any]) -> None:
    ours, theirs = pair("TextVectorization", **config)
    ours.adapt(TEXTS), theirs.adapt(TEXTS)
    assert ours.get_vocabulary() == theirs.get_vocabulary()
    for given in (["the fox a zz", "over-the brown!"], np.array([["a the"], ["fox"]], dtype=object), ["", "A"]):
        same(ours(given), theirs(given))
    assert not differences(ours.get_config(), theirs.get_config())


@pytest.mark.parametrize("name", ["StringLookup", "TextVectorization"])
def test_texts_of_a_dataset(name: str) -> None:
    ours, theirs = pair(name)
    data = dataset(["a b", "b c", "c b"], 2)
    ours.adapt(data), theirs.adapt(data)
    assert ours.get_vocabulary() == theirs.get_vocabulary()
    ours.adapt(data, steps=1), theirs.adapt(data, steps=1)
    assert ours.get_vocabulary() == theirs.get_vocabulary()


def test_strings_of_places() -> None:
    ours, theirs = pair("StringLookup", vocabulary=["a", "é"], invert=True, mask_token="")
    given = np.array([2, 0, 1, 3, 9], "int64")

    def texts(x: Any) -> list[str]:
        return [item.decode() if isinstance(item, bytes) else str(item) for item in np.asarray(x).tolist()]

    assert texts(ours(given)) == ["a", "", "[UNK]", "é", "[UNK]"]
    if keras.backend.backend() == "tensorflow":  # elsewhere Keras returns what is no array, or nothing
        assert texts(theirs(given)) == texts(ours(given))
    assert texts(ours(given.reshape(5, 1))[:, 0]) == texts(ours(given))


def test_mixed_crossing() -> None:
    ours, theirs = pair("HashedCrossing", num_bins=100000)
    given = (np.array(["a", "bb"]), np.array([1, -2]), np.array(["é", ""]))
    same(ours(given), theirs(given))


DATA = {
    "i": np.array([1, 2, 3, 1]),
    "s": np.array(["a", "b", "c", "a"]),
    "f": np.arange(4.0),
    "n": np.arange(4.0),
    "d": np.arange(4.0),
    "sh": np.array(["q", "w", "e", "r"]),
    "ih": np.arange(4),
    "r": np.arange(4.0),
}


def space(package: Any, output_mode: str) -> Any:
    kind = package.utils.FeatureSpace
    return kind(
        {
            "i": "integer_categorical",
            "s": kind.string_categorical(max_tokens=3),
            "f": "float",
            "n": kind.float_normalized(),
            "d": kind.float_discretized(3),
            "sh": kind.string_hashed(6, output_mode="int" if output_mode == "dict" else "one_hot"),
            "ih": kind.integer_hashed(7),
            "r": kind.float_rescaled(2.0, 1.0),
        },
        crosses=[("i", "s"), kind.cross(("sh", "ih"), 9)],
        crossing_dim=8,
        output_mode=output_mode,
    )


@pytest.mark.parametrize("output_mode", ["concat", "dict"])
def test_feature_space(output_mode: str) -> None:
    keras.backend.clear_session(), real.backend.clear_session()
    ours, theirs = space(keras, output_mode), space(real, output_mode)
    assert not differences(ours.get_config(), theirs.get_config())
    ours.adapt([DATA]), theirs.adapt(dataset(DATA, 4))
    found, wanted = ours(DATA), theirs(DATA)
    if output_mode == "concat":
        found, wanted = {"all": found}, {"all": wanted}
        one = {key: value[0] for key, value in DATA.items()}
        same(ours(one), theirs(one))
    assert list(found) == list(wanted)
    for key in wanted:
        same(found[key], wanted[key])
    symbols, wanted = ours.get_encoded_features(), theirs.get_encoded_features()
    if output_mode == "concat":
        assert (symbols.shape, symbols.dtype) == (wanted.shape, wanted.dtype)
        model = keras.Model(ours.get_inputs(), symbols)
        same(model(DATA), theirs(DATA))
    again = keras.utils.FeatureSpace.from_config(theirs.get_config())
    again.adapt([DATA])
    assert list(again.features) == list(ours.features)
