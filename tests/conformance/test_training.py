"""Training on scikit-learn's digits: the loss curve of every backend against plain NumPy, and
against the curve that all backends share (shuffling and dropout included)."""

from __future__ import annotations

import json
import pathlib

import numpy as np
import pytest
from sklearn.datasets import load_digits

import triceras as keras
from triceras import layers

pytestmark = pytest.mark.optimized

STEPS, BATCH, RATE = 100, 32, 1e-3
SHARED = pathlib.Path(__file__).parent / "data" / "digits_loss.json"


def digits():
    images, labels = load_digits(return_X_y=True)
    return (images / 16).astype("float32"), labels.astype("int32")


class LossPerStep(keras.callbacks.Callback):
    """The loss of each batch, from the running mean that the logs hold."""

    def __init__(self):
        super().__init__()
        self.means = []

    def on_epoch_begin(self, epoch, logs=None):
        self.means.append([])

    def on_train_batch_end(self, batch, logs=None):
        self.means[-1].append(logs["loss"])

    def losses(self, rows):
        found = []
        for means in self.means:
            counts = np.minimum(np.arange(1, len(means) + 1) * BATCH, rows)
            totals = np.array(means, "float64") * counts
            found.extend(np.diff(totals, prepend=0) / np.diff(counts, prepend=0))
        return np.array(found[:STEPS])


def train(model, x, y, shuffle):
    recorder = LossPerStep()
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    epochs = -(-STEPS // -(-len(x) // BATCH))
    model.fit(x, y, batch_size=BATCH, epochs=epochs, shuffle=shuffle, verbose=0, callbacks=[recorder])
    return recorder.losses(len(x))


def mlp(*extra):
    return keras.Sequential(
        [keras.Input((64,)), layers.Dense(64, activation="relu"), *extra, layers.Dense(10, activation="softmax")]
    )


def numpy_losses(weights, x, y):
    """The same training in float64 with gradients worked out by hand."""
    w = [np.asarray(value, "float64") for value in weights]
    m, v = [np.zeros_like(a) for a in w], [np.zeros_like(a) for a in w]
    losses, t = [], 0
    while t < STEPS:
        for start in range(0, len(x), BATCH):
            a, labels = x[start : start + BATCH].astype("float64"), y[start : start + BATCH]
            z = a @ w[0] + w[1]
            h = np.maximum(z, 0)
            logits = h @ w[2] + w[3]
            p = np.exp(logits - logits.max(1, keepdims=True))
            p /= p.sum(1, keepdims=True)
            losses.append(-np.log(np.clip(p[np.arange(len(labels)), labels], 1e-7, 1 - 1e-7)).mean())
            dlogits = (p - np.eye(10)[labels]) / len(labels)
            dz = dlogits @ w[2].T * (z > 0)
            gradients = [a.T @ dz, dz.sum(0), h.T @ dlogits, dlogits.sum(0)]
            t += 1
            for i, g in enumerate(gradients):
                m[i] = 0.9 * m[i] + 0.1 * g
                v[i] = 0.999 * v[i] + 0.001 * g**2
                w[i] -= RATE * np.sqrt(1 - 0.999**t) / (1 - 0.9**t) * m[i] / (np.sqrt(v[i]) + 1e-7)
    return np.array(losses[:STEPS])


@pytest.mark.parametrize("rows", [640, 1797])
def test_digits_follow_plain_numpy(rows):
    keras.utils.set_random_seed(0)
    x, y = (part[:rows] for part in digits())
    model = mlp()
    expected = numpy_losses(model.get_weights(), x, y)
    np.testing.assert_allclose(train(model, x, y, shuffle=False), expected, rtol=1e-4)


def shared_run():
    keras.utils.set_random_seed(0)
    return train(mlp(layers.Dropout(0.2)), *digits(), shuffle=True)


def test_digits_have_the_shared_curve():
    """Initial weights, shuffles and dropout masks are the same everywhere, so the curve is too.

    The file was written by one backend (`python -m tests.conformance.test_training`).
    """
    np.testing.assert_allclose(shared_run(), json.loads(SHARED.read_text()), rtol=1e-4)


def test_digits_are_learnt():
    keras.utils.set_random_seed(0)
    order = np.random.default_rng(0).permutation(1797)
    x, y = (part[order] for part in digits())
    model = mlp(layers.Dropout(0.2))
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(x[:1400], y[:1400], epochs=15, verbose=0)
    assert model.evaluate(x[1400:], y[1400:], verbose=0, return_dict=True)["accuracy"] >= 0.95


if __name__ == "__main__":
    SHARED.parent.mkdir(exist_ok=True)
    SHARED.write_text(json.dumps([round(float(loss), 8) for loss in shared_run()]) + "\n")
