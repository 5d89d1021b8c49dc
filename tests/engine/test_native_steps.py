"""Steps in the style of the backend's own framework, and the framework's own loops: as the default step trains."""

from __future__ import annotations

import functools

import numpy as np
import pytest

import triceras as keras
from tests.engine.native_tables import steps as native
from triceras import layers

pytestmark = pytest.mark.optimized

RNG = np.random.default_rng(11)
X = RNG.normal(size=(64, 4)).astype("float32")
Y = (X @ RNG.normal(size=(4, 2))).astype("float32")


def network(cls=keras.Model):
    keras.utils.set_random_seed(5)
    inputs = keras.Input((4,))
    x = layers.Dense(6, activation="tanh", name="first")(inputs)
    x = layers.BatchNormalization(momentum=0.5, name="norm")(x)
    x = layers.Dropout(0.25, seed=3, name="drop")(x)
    return cls(inputs, layers.Dense(2, name="last")(x))


def trained(cls, eager=False):
    model = network(cls)
    model.compile(keras.optimizers.Adam(0.02), "mse", metrics=["mse"], run_eagerly=eager)
    history = model.fit(X, Y, batch_size=16, epochs=3, shuffle=False, verbose=0, validation_split=0.25).history
    scores = model.evaluate(X, Y, batch_size=16, verbose=0, return_dict=True)
    return model, history, scores, model.predict(X, batch_size=16, verbose=0)


@functools.cache
def expected():
    return trained(keras.Model)


@pytest.mark.parametrize("eager", [False, True], ids=["compiled", "eager"])
def test_steps_in_the_framework_s_style(eager):
    model, history, scores, predictions = trained(native.Styled, eager)
    reference, reference_history, reference_scores, reference_predictions = expected()
    assert set(history) == set(reference_history)
    for name, values in reference_history.items():
        np.testing.assert_allclose(history[name], values, rtol=1e-4, err_msg=name)
    for a, b in zip(model.variables, reference.variables, strict=True):
        np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=1e-3, atol=1e-5, err_msg=a.path)
    for name, value in reference_scores.items():
        np.testing.assert_allclose(scores[name], value, rtol=1e-4)
    np.testing.assert_allclose(predictions, reference_predictions, rtol=1e-3, atol=1e-5)
    assert int(model.optimizer.iterations) == 9
    logs = model.train_on_batch(X, Y, return_dict=True)
    assert set(logs) == {"loss", "mse"}


def simple(seed=2):
    keras.utils.set_random_seed(seed)
    model = keras.Sequential([keras.Input((4,)), layers.Dense(5, activation="tanh"), layers.Dense(2)])
    return model


def by_fit(optimizer, steps=5):
    model = simple()
    model.compile(optimizer, "mse")
    model.fit(X, Y, batch_size=len(X), epochs=steps, verbose=0)
    return model.get_weights()


def test_a_loop_and_optimizer_of_the_framework():
    model = simple()
    native.native_loop(model, X, Y, 0.1, 5)
    for a, b in zip(model.get_weights(), by_fit(keras.optimizers.SGD(0.1)), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-3, atol=1e-5)
    model.compile("sgd", "mse")  # and on it goes here
    before = model.evaluate(X, Y, verbose=0)
    model.fit(X, Y, epochs=5, verbose=0)
    assert model.evaluate(X, Y, verbose=0) < before


def test_a_loop_of_the_framework_with_our_optimizer():
    model, optimizer = simple(), keras.optimizers.Adam(0.05)
    native.native_loop_with_our_optimizer(model, X, Y, optimizer, 5)
    for a, b in zip(model.get_weights(), by_fit(keras.optimizers.Adam(0.05)), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-3, atol=1e-5)
    assert int(optimizer.iterations) == 5


def test_the_framework_s_compiler_takes_a_model():
    model = network()
    np.testing.assert_allclose(native.compiled_forward(model, X), model.predict(X, verbose=0), rtol=1e-4, atol=1e-5)


def test_state_goes_through_the_framework_s_files(tmp_path):
    model, other = expected()[0], network()
    native.state_round_trip(model, other, tmp_path)
    for a, b in zip(model.variables, other.variables, strict=True):
        np.testing.assert_array_equal(a.numpy(), b.numpy())


def test_gradients_are_the_tape_s():
    model = simple()
    with keras.GradientTape() as tape:
        loss = keras.ops.sum(model(X))
    for a, b in zip(native.gradients_of(model, X), tape.gradient(loss, model.trainable_variables), strict=True):
        np.testing.assert_allclose(a, keras.ops.convert_to_numpy(b), rtol=1e-4, atol=1e-5)
