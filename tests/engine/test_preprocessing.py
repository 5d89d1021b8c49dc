"""Preprocessing layers: known values, text without TensorFlow, datasets, compiled functions, bad input."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap

import numpy as np
import pytest

import triceras as keras
from triceras import layers
from triceras.utils.fingerprints import fingerprints, keyed_fingerprints


def values(x):
    return keras.ops.convert_to_numpy(x).tolist()


def test_fingerprints():
    """Of FarmHash: values that tf.strings.to_hash_bucket_fast gives modulo 2**31 - 1; SipHash's own test vectors."""
    strings = [b"", b"a", b"hello", b"0123456789", b"x" * 20, b"y" * 40, bytes(range(100)), b"z" * 300]
    wanted = [1699943623, 493484721, 441440317, 294390135, 1937435140, 565115979, 1737195686, 2026243988]
    assert (fingerprints(strings) % np.uint64(2**31 - 1)).tolist() == wanted
    key = int.from_bytes(bytes(range(8)), "little"), int.from_bytes(bytes(range(8, 16)), "little")
    assert keyed_fingerprints([bytes(range(15)), b""], key).tolist() == [0xA129CA6149BE45E5, 0x726FDB47DD0E0E31]


def test_text_needs_no_tensorflow():
    if keras.backend.backend() == "tensorflow":
        pytest.skip("TensorFlow is the backend")
    code = """
        import sys
        sys.modules["tensorflow"] = sys.modules["keras"] = sys.modules["scipy"] = None
        import numpy as np
        import triceras as keras
        layer = keras.layers.TextVectorization(output_mode="tf_idf", ngrams=2)
        layer.adapt(["a b", "b c"])
        layer(["a c"])
        lookup = keras.layers.StringLookup(vocabulary=["x", "y"], num_oov_indices=3)
        back = keras.layers.StringLookup(vocabulary=["x", "y"], num_oov_indices=3, invert=True)
        for given in (["x", "y"], np.array(["x", "y"]), np.array(["x", "y"], object), np.array([b"x", b"y"])):
            assert list(back(lookup(given))) == ["x", "y"], given
        space = keras.utils.FeatureSpace({"a": "string_categorical", "b": "float_normalized"}, crosses=[("a", "a")])
        space.adapt([{"a": ["x", "y"], "b": [1.0, 2.0]}])
        assert keras.ops.shape(space({"a": ["x", "z"], "b": [1.0, 2.0]})) == (2, 36)
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], env=os.environ, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_a_model_of_strings():
    inputs = keras.Input((1,), dtype="string")
    vectorize = layers.TextVectorization(vocabulary=["a", "b"], output_sequence_length=3)
    model = keras.Model(inputs, layers.Embedding(4, 2)(vectorize(inputs)))
    assert model.output_shape == (None, 3, 2)
    assert keras.ops.shape(model(np.array([["a b"], ["b"]]))) == (2, 3, 2)
    assert keras.ops.shape(model(np.array(["a b", "b"]))) == (2, 3, 2)


def test_functions_of_users():
    upper = layers.TextVectorization(standardize=np.char.upper, split=lambda x: [text.split("-") for text in x])
    upper.adapt(["a-b", "b"])
    assert upper.get_vocabulary() == ["", "[UNK]", "B", "A"]
    assert values(upper(["b-a", "c"])) == [[2, 3], [1, 0]]


def test_in_compiled_functions():
    numbers = np.array([[0.5, -1.0], [3.0, 0.0]], "float32")
    normalize = layers.Normalization()
    normalize.adapt(numbers)
    bins = layers.Discretization(bin_boundaries=[0.0, 1.0], output_mode="one_hot")
    compiled = keras.jit(lambda x: (normalize(x), bins(x)))
    for a, b in zip(compiled(keras.ops.convert_to_tensor(numbers)), (normalize(numbers), bins(numbers)), strict=True):
        np.testing.assert_allclose(values(a), values(b), atol=1e-6)
    integers = keras.ops.convert_to_tensor(np.array([[1, 7], [5, 2]]))
    lookup = layers.IntegerLookup(vocabulary=[5, 7], num_oov_indices=2, output_mode="count")
    hashed = layers.Hashing(9, output_mode="multi_hot")
    compiled = keras.jit(lambda x: (lookup(x), hashed(x)))
    for a, b in zip(compiled(integers), (lookup(integers), hashed(integers)), strict=True):
        assert values(a) == values(b)


def test_in_training():
    model = keras.Sequential([layers.IntegerLookup(vocabulary=[5, 7], output_mode="multi_hot"), layers.Dense(1)])
    model.compile("sgd", "mse")
    model.fit(np.array([[5, 7], [7, 1], [1, 1], [5, 5]]), np.ones((4, 1)), batch_size=2, verbose=0)
    model = keras.Sequential(
        [layers.STFTSpectrogram(frame_length=8, mode="magnitude"), layers.Flatten(), layers.Dense(1)]
    )
    model.compile("sgd", "mse")
    model.build((None, 24, 1))
    before = model.layers[0].get_weights()
    model.fit(np.random.default_rng(0).normal(size=(4, 24, 1)), np.ones((4, 1)), verbose=0)
    assert any(np.any(a != b) for a, b in zip(before, model.layers[0].get_weights(), strict=True))


def test_in_tensorflow_datasets():
    if keras.backend.backend() != "tensorflow":
        pytest.skip("a dataset's functions are TensorFlow's")
    import tensorflow as tf

    texts = tf.data.Dataset.from_tensor_slices(["a b", "b c", "é"]).batch(2)
    vectorize = layers.TextVectorization(vocabulary=["a", "é"], output_sequence_length=3)
    assert [x.numpy().tolist() for x in texts.map(vectorize)] == [[[2, 1, 0], [1, 1, 0]], [[3, 0, 0]]]
    assert texts.map(lambda x: layers.Hashing(5)(x)).element_spec.shape.as_list() == [None]
    back = layers.StringLookup(vocabulary=["a", "é"], invert=True)
    ids = tf.data.Dataset.from_tensor_slices([1, 2]).batch(2)
    assert [x.numpy().tolist() for x in ids.map(back)] == [[b"a", "é".encode()]]


def test_vocabulary_files(tmp_path):
    path = tmp_path / "words.txt"
    path.write_text("a\né\n", encoding="utf-8")
    lookup = layers.StringLookup(vocabulary=str(path))
    assert lookup.get_vocabulary() == ["[UNK]", "a", "é"] and lookup.get_config()["vocabulary"] is None
    numbers = tmp_path / "numbers.txt"
    numbers.write_text("7\n8", encoding="utf-8")
    assert layers.IntegerLookup(vocabulary=str(numbers)).get_vocabulary() == [-1, 7, 8]
    adapted = layers.TextVectorization()
    adapted.adapt(["a b", "b"])
    adapted.save_assets(str(tmp_path))
    again = layers.TextVectorization()
    again.load_assets(str(tmp_path))
    assert again.get_vocabulary() == adapted.get_vocabulary()


BAD = [
    (lambda: layers.Normalization(mean=1.0), ValueError, "mean and variance"),
    (lambda: layers.Normalization(mean=[1.0, 2.0], variance=1.0), ValueError, "one shape"),
    (lambda: layers.Normalization(axis=3).build((2, 2)), ValueError, "axis"),
    (lambda: layers.Normalization().build((2, None)), ValueError, "known"),
    (lambda: layers.Normalization(mean=1.0, variance=1.0).adapt(np.ones((2, 2))), ValueError, "adapt"),
    (lambda: layers.Normalization().adapt([]), ValueError, "data"),
    (lambda: layers.Discretization(), ValueError, "bin_boundaries or num_bins"),
    (lambda: layers.Discretization(bin_boundaries=[1.0], num_bins=2), ValueError, "bin_boundaries or num_bins"),
    (lambda: layers.Discretization(bin_boundaries=[2.0, 1.0]), ValueError, "ascending"),
    (lambda: layers.Discretization(num_bins=2, name="bins")(np.ones(3)), ValueError, "'bins'.*adapt"),
    (lambda: layers.Discretization(num_bins=2, output_mode="x"), ValueError, "output_mode.*'x'"),
    (lambda: layers.CategoryEncoding(), ValueError, "num_tokens"),
    (lambda: layers.CategoryEncoding(0), ValueError, "num_tokens.*0"),
    (lambda: layers.CategoryEncoding(3, sparse=True), ValueError, "sparse"),
    (lambda: layers.CategoryEncoding(3)(np.ones((1, 2), "int32"), count_weights=np.ones((1, 2))), ValueError, "count"),
    (lambda: layers.Hashing(0), ValueError, "num_bins.*0"),
    (lambda: layers.Hashing(2, salt="x"), ValueError, "salt.*'x'"),
    (lambda: layers.Hashing(2, dtype="float32"), ValueError, "int64.*float32"),
    (lambda: layers.HashedCrossing(2, output_mode="multi_hot"), ValueError, "output_mode"),
    (lambda: layers.HashedCrossing(2)((np.array(["a"]),)), ValueError, "at least two"),
    (lambda: layers.HashedCrossing(2)((np.array(["a"]), np.array(["a", "b"]))), ValueError, "one shape"),
    (lambda: layers.HashedCrossing(2)((np.array([1.0]), np.array([2]))), ValueError, "floats"),
    (lambda: layers.HashedCrossing(2)((np.ones((2, 2), "int32"),) * 2), ValueError, r"\(2, 2\)"),
    (lambda: layers.StringLookup(vocabulary=["a", "a"]), ValueError, "more than once.*'a'"),
    (lambda: layers.StringLookup(vocabulary=[]), ValueError, "empty"),
    (lambda: layers.StringLookup(vocabulary=["a", "b"], max_tokens=2), ValueError, "max_tokens=2"),
    (lambda: layers.StringLookup(max_tokens=1), ValueError, "max_tokens.*1"),
    (lambda: layers.StringLookup(vocabulary=["a", ""], mask_token=""), ValueError, "mask token"),
    (lambda: layers.StringLookup(vocabulary=["a"], idf_weights=[1.0]), ValueError, "tf_idf"),
    (lambda: layers.StringLookup(vocabulary=["a"], output_mode="tf_idf"), ValueError, "idf_weights"),
    (
        lambda: layers.StringLookup(vocabulary=["a"], output_mode="tf_idf", idf_weights=[1.0, 2.0]),
        ValueError,
        "2 for 1",
    ),
    (lambda: layers.StringLookup(pad_to_max_tokens=True), ValueError, "max_tokens"),
    (lambda: layers.StringLookup(invert=True, output_mode="count"), ValueError, "invert"),
    (lambda: layers.StringLookup(vocabulary="/no/such/file"), ValueError, "/no/such/file"),
    (lambda: layers.StringLookup(name="words")(["a"]), ValueError, "'words'.*adapt"),
    (lambda: layers.StringLookup(vocabulary=["a"]).adapt(["b"]), ValueError, "adapt"),
    (lambda: layers.StringLookup(vocabulary=["a"], num_oov_indices=0)(["z"]), ValueError, "'z'"),
    (lambda: layers.StringLookup(vocabulary=["a"])(np.array([1, 2])), TypeError, "numbers"),
    (lambda: layers.StringLookup(vocabulary=["a"])([["a"], ["a", "a"]]), ValueError, "lengths"),
    (lambda: layers.IntegerLookup(vocabulary=[1], vocabulary_dtype="int32"), ValueError, "vocabulary_dtype"),
    (lambda: layers.IntegerLookup(vocabulary=[1], salt=3), ValueError, "salt"),
    (lambda: layers.IntegerLookup(vocabulary=[1], num_oov_indices=0)(np.array([3])), ValueError, "3"),
    (lambda: layers.IntegerLookup(vocabulary=[1])(np.array([1.0])), TypeError, "integers"),
    (lambda: layers.TextVectorization(standardize="x"), ValueError, "standardize.*'x'"),
    (lambda: layers.TextVectorization(split="x"), ValueError, "split.*'x'"),
    (lambda: layers.TextVectorization(ngrams="x"), ValueError, "ngrams.*'x'"),
    (lambda: layers.TextVectorization(ragged=True), ValueError, "ragged"),
    (lambda: layers.TextVectorization(unknown=1), ValueError, "unknown"),
    (lambda: layers.TextVectorization(output_mode="count", output_sequence_length=3), ValueError, "output_sequence"),
    (lambda: layers.TextVectorization(vocabulary=["a"])([["a", "b"]]), ValueError, r"\(1, 2\)"),
    (lambda: layers.TextVectorization(vocabulary=["a"])(np.array([1.0])), TypeError, "strings"),
    (lambda: layers.MelSpectrogram(fft_length=64, sequence_length=65), ValueError, "sequence_length"),
    (lambda: layers.MelSpectrogram(window="x"), ValueError, "window.*'x'"),
    (lambda: layers.MelSpectrogram(num_mel_bins=0), ValueError, "num_mel_bins.*0"),
    (lambda: layers.STFTSpectrogram(mode="x"), ValueError, "mode.*'x'"),
    (lambda: layers.STFTSpectrogram(frame_length=4, frame_step=5), ValueError, "frame_step.*5"),
    (lambda: layers.STFTSpectrogram(frame_length=64, fft_length=32), ValueError, "fft_length.*32"),
    (lambda: layers.STFTSpectrogram(window="no such"), (ValueError, ImportError), "no such"),
    (lambda: layers.STFTSpectrogram(name="stft")(np.ones((2, 600))), ValueError, "'stft'"),
    (lambda: layers.Pipeline(layers.Rescaling(2.0)), TypeError, "list"),
    (lambda: keras.utils.FeatureSpace({}), ValueError, "features"),
    (lambda: keras.utils.FeatureSpace({"a": "x"}), ValueError, "'a'.*'x'"),
    (lambda: keras.utils.FeatureSpace({"a": "float"}, output_mode="x"), ValueError, "output_mode"),
    (lambda: keras.utils.FeatureSpace({"a": "float"}, crosses=[("a", "b")]), ValueError, "'b'"),
    (lambda: keras.utils.FeatureSpace({"a": "float_normalized"})({"a": [1.0]}), ValueError, "adapt"),
    (lambda: keras.utils.FeatureSpace({"a": "float"})({"b": [1.0]}), KeyError, "'a'"),
    (lambda: keras.utils.FeatureSpace({"a": "float"})([1.0]), ValueError, "dict"),
    (lambda: keras.utils.FeatureSpace({"a": "float_normalized"}).adapt([({"a": [1.0]}, 1)]), ValueError, "targets"),
]


@pytest.mark.parametrize(("call", "error", "message"), BAD)
def test_bad_input(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_an_input_of_other_features():
    layer = layers.Normalization(name="norm")
    layer.adapt(np.ones((2, 3)))
    with pytest.raises(ValueError, match=r"'norm'.*size 3.*4"):
        layer(np.ones((2, 4)))
