"""ConvLSTM layers in all the ways of being called, and low-rank adaptation of convolutions."""

from __future__ import annotations

from typing import Any

import keras as oracle
import numpy as np
import pytest

import triceras as keras
from triceras import layers, ops

X = np.random.RandomState(0).uniform(-1, 1, (2, 4, 6, 5, 3)).astype("float32")
IMAGES = np.random.RandomState(1).uniform(-1, 1, (8, 6, 6, 3)).astype("float32")


def numpy(x: Any) -> Any:
    return ops.convert_to_numpy(x)


def test_compiled_as_eager() -> None:
    mask = np.array([[1, 0, 1, 1], [1, 1, 0, 0]], bool)
    layer = layers.ConvLSTM2D(2, 3, return_sequences=True)
    want = numpy(layer(X, mask=mask))
    found = keras.jit(lambda x, m: layer(x, mask=m))(ops.convert_to_tensor(X), ops.convert_to_tensor(mask))
    np.testing.assert_allclose(numpy(found), want, rtol=1e-5, atol=1e-6)


def test_a_skipped_step_changes_nothing() -> None:
    layer = layers.ConvLSTM2D(2, 3, return_state=True)
    mask = np.array([[1, 0, 1, 0]] * 2, bool)
    for found, want in zip(layer(X, mask=mask), layer(X[:, ::2]), strict=True):
        np.testing.assert_allclose(numpy(found), numpy(want), rtol=1e-5, atol=1e-6)


def test_backwards_is_the_reversed_sequence() -> None:
    layer = layers.ConvLSTM1D(2, 3, return_sequences=True)
    x = X[:, :, 0]
    want = numpy(layer(x[:, ::-1].copy()))
    layer.go_backwards = True
    np.testing.assert_allclose(numpy(layer(x)), want, rtol=1e-5, atol=1e-6)


def test_the_layouts_give_the_same_numbers() -> None:
    last = layers.ConvLSTM2D(2, 3, strides=2, padding="same", return_sequences=True)
    first = layers.ConvLSTM2D(2, 3, strides=2, padding="same", return_sequences=True, data_format="channels_first")
    want, turned = numpy(last(X)), X.transpose(0, 1, 4, 2, 3).copy()
    first(turned)
    first.set_weights(last.get_weights())
    np.testing.assert_allclose(numpy(first(turned)).transpose(0, 1, 3, 4, 2), want, rtol=1e-5, atol=1e-6)
    assert first.compute_output_shape(turned.shape) == (2, 4, 2, 3, 3)


def test_states_go_on_from_batch_to_batch() -> None:
    layer = layers.ConvLSTM2D(2, 3, stateful=True)
    first, second = numpy(layer(X)), numpy(layer(X))
    assert np.abs(first - second).max() > 1e-4
    layer.reset_state()
    np.testing.assert_allclose(numpy(layer(X)), first, rtol=1e-5, atol=1e-6)
    assert len(layer.get_weights()) == 3


@pytest.mark.parametrize("unroll", [False, True])
def test_dropout_holds_for_all_steps(unroll: bool) -> None:
    rates = {"dropout": 0.5, "recurrent_dropout": 0.5}
    ours = [layers.ConvLSTM2D(2, 3, seed=3, unroll=unroll, return_sequences=True, **rates) for _ in range(2)]
    ours[0](X), ours[1](X)
    ours[1].set_weights(ours[0].get_weights())
    first, second = (numpy(layer(X, training=True)) for layer in ours)
    np.testing.assert_array_equal(first, second)
    assert np.abs(numpy(ours[0](X, training=True)) - first).max() > 1e-4
    # Of inputs that are ones, the same elements are dropped in each step: without memory all steps are equal.
    layer = layers.ConvLSTM2D(2, 3, dropout=0.5, unroll=unroll, return_sequences=True, recurrent_initializer="zeros")
    layer(X)
    kernel, recurrent, bias = layer.get_weights()
    bias[2:4] = -1e6  # the forget gate
    layer.set_weights([kernel, recurrent, bias])
    steps = numpy(layer(np.ones_like(X), training=True))
    np.testing.assert_allclose(steps, np.broadcast_to(steps[:, :1], steps.shape), rtol=1e-5, atol=1e-6)


def test_both_directions_as_keras() -> None:
    def made(package: Any) -> Any:
        return package.layers.Bidirectional(package.layers.ConvLSTM1D(2, 3, return_sequences=True))

    ours, theirs, x = made(keras), made(oracle), X[:, :, 0]
    ours(x), theirs(x)
    theirs.set_weights(ours.get_weights())
    want = oracle.ops.convert_to_numpy(theirs(x))
    np.testing.assert_allclose(numpy(ours(x)), want, rtol=1e-4, atol=1e-5)


def test_symbolic_with_unknown_sizes() -> None:
    inputs = keras.Input((None, None, None, 3))
    outputs = layers.ConvLSTM2D(2, 3, return_sequences=True)(inputs)
    assert outputs.shape == (None, None, None, None, 2)
    assert keras.Model(inputs, outputs).predict(X, verbose=0).shape == (2, 4, 4, 3, 2)


def test_learns() -> None:
    model = keras.Sequential([layers.ConvLSTM2D(3, 3, dropout=0.1), layers.GlobalAveragePooling2D(), layers.Dense(1)])
    model.compile(keras.optimizers.Adam(0.02), "mse")
    x = np.concatenate([X, -X])
    history = model.fit(x, np.array([[1.0], [1.0], [-1.0], [-1.0]], "float32"), epochs=15, verbose=0)
    assert history.history["loss"][-1] < 0.5 * history.history["loss"][0]


def test_low_rank_adaptation_trains_the_small_weights() -> None:
    model = keras.Sequential([layers.Conv2D(4, 3, activation="tanh"), layers.GlobalMaxPooling2D(), layers.Dense(1)])
    before = model.predict(IMAGES, verbose=0)
    conv = model.layers[0]
    conv.enable_lora(2, lora_alpha=4)
    np.testing.assert_allclose(model.predict(IMAGES, verbose=0), before, rtol=1e-5, atol=1e-6)
    assert [w.name for w in conv.trainable_weights] == ["bias", "lora_kernel_a", "lora_kernel_b"]
    frozen = conv.get_weights()[0]
    model.compile("sgd", "mse")
    model.fit(IMAGES, np.ones((8, 1), "float32"), epochs=2, verbose=0)
    kernel, _, a, b = conv.get_weights()
    np.testing.assert_array_equal(kernel, frozen)
    assert np.abs(b).max() > 0
    np.testing.assert_allclose(numpy(conv.kernel), kernel + 2 * a @ b, rtol=1e-4, atol=1e-5)
    config = conv.get_config()
    assert (config["lora_rank"], config["lora_alpha"]) == (2, 4)
    clone = layers.Conv2D.from_config(config)
    clone(IMAGES)
    clone.set_weights(conv.get_weights())
    np.testing.assert_allclose(numpy(clone(IMAGES)), numpy(conv(IMAGES)), rtol=1e-5, atol=1e-6)


class Standardized(layers.Conv2D):
    """A convolution by kernels of mean zero."""

    def convolution_op(self, inputs: Any, kernel: Any) -> Any:
        return super().convolution_op(inputs, ops.subtract(kernel, ops.mean(kernel, (0, 1, 2), keepdims=True)))


@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
def test_a_convolution_of_ones_own(data_format: str) -> None:
    layer = Standardized(4, 3, bias_initializer="ones", data_format=data_format)
    np.testing.assert_allclose(numpy(layer(np.ones((1, 5, 5, 5), "float32"))), 1, atol=1e-5)
