"""Layers as TensorFlow sees them."""

from __future__ import annotations

import inspect
import tempfile
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

import triceras as keras
from triceras import layers, ops

X = np.random.default_rng(0).normal(size=(4, 3)).astype("float32")


def grad_of(loss):
    @tf.function
    def gradients(trainable, fixed, x):
        with tf.GradientTape() as tape:
            tape.watch(trainable)
            value, fixed = loss(trainable, fixed, x)
        return tape.gradient(value, trainable), fixed

    return gradients


class Block(keras.Layer):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.first = layers.Dense(3, activation="tanh")
        self.rest = [layers.Dense(2), {"deep": layers.Dense(2)}]
        self.scale = keras.Variable(np.ones(2, "float32"))
        self.drop = layers.Dropout(0.5, seed=1)

    def call(self, x):
        return self.rest[1]["deep"](self.drop(self.rest[0](self.first(x)))) * self.scale


def built():
    block = Block()
    block(X)
    return block


def tapes_of_tensorflow_see_variables():
    block = built()
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(block(tf.constant(X)) ** 2)
    assert len(tape.watched_variables()) == 7
    found = tape.gradient(loss, block.trainable_variables)
    with keras.GradientTape() as own:
        loss = tf.reduce_sum(block(tf.constant(X)) ** 2)
    for a, b in zip(found, own.gradient(loss, block.trainable_variables), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5)


def checkpoint_round_trip():
    block, other = built(), built()
    with tempfile.TemporaryDirectory() as directory:
        path = tf.train.Checkpoint(model=block).write(str(Path(directory) / "state"))
        status = tf.train.Checkpoint(model=other).read(path)
        status.assert_consumed()
    for a, b in zip(block.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    assert len(other.variables) == 8


def saved_model_round_trip():
    block = built()
    serve = tf.function(lambda x: block(x), input_signature=[tf.TensorSpec((None, 3), tf.float32)])
    with tempfile.TemporaryDirectory() as directory:
        tf.saved_model.save(block, directory, signatures=serve)
        loaded = tf.saved_model.load(directory)
        got = next(iter(loaded.signatures["serving_default"](tf.constant(X)).values()))
        np.testing.assert_allclose(got, block(X), rtol=1e-5)


def functions_of_tensorflow_trace_without_rewriting():
    names = []

    class Noting(keras.Layer):
        def call(self, x):
            names.append(inspect.currentframe().f_code.co_name)
            return ops.square(x)

    noting, loss_of = Noting(), keras.losses.MeanSquaredError()

    @tf.function
    def step(x):
        names.append(inspect.currentframe().f_code.co_name)
        return loss_of(x, noting(x))

    np.testing.assert_allclose(step(tf.constant(X)), np.mean((X - X**2) ** 2), rtol=1e-5)
    assert names[0] != "step" and names[1] == "call"  # only the user's own function was rewritten


def modules_of_pytorch_are_refused():
    with pytest.raises(TypeError, match="PyTorch"):
        layers.TorchModuleWrapper(object())


CASES = [
    tapes_of_tensorflow_see_variables, checkpoint_round_trip, saved_model_round_trip,
    functions_of_tensorflow_trace_without_rewriting, modules_of_pytorch_are_refused,
]  # fmt: skip
