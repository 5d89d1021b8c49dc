"""Embedding and Masking against Keras's."""

from __future__ import annotations

from typing import Any

import keras as oracle
import numpy as np
import pytest

from triceras import layers, ops
from triceras.autodiff import GradientTape

IDS = np.array([[1, 2, 0], [2, 4, 2]], "int32")


def numpy(x: Any) -> Any:
    return np.asarray(oracle.ops.convert_to_numpy(x))


def test_rows() -> None:
    table = np.random.RandomState(0).rand(5, 3).astype("float32")
    mine, theirs = layers.Embedding(5, 3, weights=table), oracle.layers.Embedding(5, 3)
    theirs.build()
    theirs.set_weights([table])
    for ids in (IDS, IDS.astype("float32"), IDS.astype("uint8"), IDS[0]):
        np.testing.assert_array_equal(numpy(mine(ids)), numpy(theirs(ids)))
    assert mine.weights[0].name == "embeddings"
    assert mine.compute_output_shape((None, 3)) == (None, 3, 3)


def test_the_gradient_sums_over_repeated_rows() -> None:
    layer = layers.Embedding(5, 3)
    upstream = np.random.RandomState(1).rand(2, 3, 3).astype("float32")
    layer(IDS)
    with GradientTape() as tape:
        loss = ops.sum(ops.multiply(layer(IDS), upstream))
    wanted = np.zeros((5, 3), "float32")
    np.add.at(wanted, IDS, upstream)
    np.testing.assert_allclose(numpy(tape.gradient(loss, layer.weights[0])), wanted, rtol=1e-5)


def test_masks() -> None:
    layer = layers.Embedding(5, 3, mask_zero=True)
    np.testing.assert_array_equal(numpy(layer.compute_mask(IDS)), IDS != 0)
    assert layers.Embedding(5, 3).compute_mask(IDS) is None
    x = np.array([[[1.0, 2.0], [0.0, 0.0], [0.0, 3.0]]], "float32")
    masking = layers.Masking()
    np.testing.assert_array_equal(numpy(masking(x)), numpy(oracle.layers.Masking()(x)))
    np.testing.assert_array_equal(numpy(masking.compute_mask(x)), [[True, False, True]])


def test_masks_reach_a_recurrent_layer() -> None:
    embedding, lstm = layers.Embedding(5, 3, mask_zero=True), layers.LSTM(4)
    whole = lstm(embedding(IDS), mask=embedding.compute_mask(IDS))
    short = lstm(embedding(IDS[:1, :2]))
    np.testing.assert_allclose(numpy(whole)[:1], numpy(short), atol=1e-6)


def test_wrong_sizes() -> None:
    with pytest.raises(ValueError, match="input_dim must be a positive integer"):
        layers.Embedding(0, 3)
    with pytest.raises(ValueError, match="shape"):
        layers.Embedding(5, 3, weights=np.zeros((4, 3)))
