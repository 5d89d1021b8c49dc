"""The benchmark's five workloads, small, with shuffling and dropout: the same weights bit for bit from the
same seed, no step traced twice, and the loss curve that all backends share."""

from __future__ import annotations

import json
import pathlib

import numpy as np
import pytest

import triceras as keras
from tests.conformance.test_training import BATCH, LossPerStep
from triceras import layers

pytestmark = pytest.mark.optimized

ROWS, EPOCHS = 3 * BATCH, 6
SHARED = pathlib.Path(__file__).parent / "data" / "workload_losses.json"
KINDS = ["mlp", "convnet", "lstm", "transformer", "resnet"]


def network(kind):
    """The benchmark's five workloads, small, with dropout; and their data."""
    rng = np.random.default_rng(6)
    inputs = {"mlp": (16,), "convnet": (8, 8, 1), "lstm": (6,), "transformer": (6, 8), "resnet": (6, 6, 3)}[kind]
    x = rng.integers(0, 20, (ROWS, *inputs)) if kind == "lstm" else rng.normal(size=(ROWS, *inputs)).astype("float32")
    y = rng.integers(0, 4, ROWS)
    i = h = keras.Input(inputs, dtype="int32" if kind == "lstm" else "float32")
    if kind == "mlp":
        h = layers.Dense(16, activation="relu")(h)
    elif kind == "convnet":
        h = layers.Flatten()(layers.MaxPooling2D()(layers.Conv2D(4, 3, activation="relu")(h)))
    elif kind == "lstm":
        h = layers.LSTM(8)(layers.Embedding(20, 8)(h))
    elif kind == "transformer":
        a = layers.MultiHeadAttention(2, 4, dropout=0.1)(h, h)
        h = layers.LayerNormalization()(layers.Add()([h, a]))
        h = layers.Add()([h, layers.Dense(8)(layers.Dense(16, activation="relu")(h))])
        h = layers.GlobalAveragePooling1D()(h)
    else:
        h = layers.Conv2D(4, 3, padding="same")(h)
        r = layers.Activation("relu")(layers.BatchNormalization()(h))
        r = layers.BatchNormalization()(layers.Conv2D(4, 3, padding="same", use_bias=False)(r))
        h = layers.GlobalAveragePooling2D()(layers.Add()([h, r]))
    model = keras.Model(i, layers.Dense(4, activation="softmax")(layers.Dropout(0.3)(h)))
    model.compile("adam", "sparse_categorical_crossentropy")
    return model, x.astype("int32" if kind == "lstm" else "float32"), y.astype("int32")


def run(kind):
    """A model trained from a seed, its loss at each step, and how often its steps were traced after one epoch."""
    keras.utils.set_random_seed(11)
    model, x, y = network(kind)
    recorder = LossPerStep()

    def fit(epochs):
        model.fit(x, y, batch_size=BATCH, epochs=epochs, verbose=0, callbacks=[recorder])

    fit(1)
    traces = {key: runner.traces for key, runner in model._runners.items()}
    fit(EPOCHS - 1)
    return model, recorder.losses(ROWS), traces


@pytest.mark.parametrize("kind", KINDS)
def test_workloads_have_the_shared_curve(kind):
    """The file was written by one backend (`python -m tests.conformance.test_workloads`)."""
    model, losses, traces = run(kind)
    np.testing.assert_allclose(losses, json.loads(SHARED.read_text())[kind], rtol=1e-4)
    assert {key: runner.traces for key, runner in model._runners.items()} == traces


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_seed_gives_the_same_bits(kind):
    """Also where the steps run inside one compiled loop, which a callback for each batch prevents."""
    found = []
    for _ in range(2):
        keras.utils.set_random_seed(11)
        model, x, y = network(kind)
        found.append(model.fit(x, y, batch_size=BATCH, epochs=2, verbose=0).history["loss"])
        found.append(model.get_weights())
    assert found[0] == found[2]
    for a, b in zip(found[1], found[3], strict=True):
        np.testing.assert_array_equal(a, b)


if __name__ == "__main__":
    curves = {kind: [round(float(loss), 8) for loss in run(kind)[1]] for kind in KINDS}
    SHARED.write_text(json.dumps(curves, indent=0) + "\n")
