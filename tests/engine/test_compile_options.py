"""What `compile` and options of layers promise, through fit: precision, jit_compile, freezing, optimizers."""

from __future__ import annotations

from functools import partial

import keras as oracle
import numpy as np
import pytest

import triceras as keras
from triceras import layers, ops

RNG = np.random.default_rng(4)
X = RNG.normal(size=(60, 6)).astype("float32")
Y = np.tanh(X @ RNG.normal(size=(6, 2))).astype("float32")


def network(package=keras, policy=None, dropout=0.0):
    make = package.layers
    parts = [package.Input((6,)), make.Dense(8, activation="relu", dtype=policy, name="first")]
    parts += [make.BatchNormalization(momentum=0.5, dtype=policy, name="norm")]
    parts += [make.Dropout(dropout, seed=1)] if dropout else []
    return package.Sequential([*parts, make.Dense(2, dtype="float32", name="last")])


def twins(**kwargs):
    model, reference = network(**kwargs), network(oracle, **kwargs)
    reference.set_weights(model.get_weights())
    reference.compile = partial(reference.compile, run_eagerly=True)  # the few steps take less than compiling them
    return model, reference


def fit(model, **kwargs):
    given = {"batch_size": 20, "epochs": 2, "shuffle": False, "verbose": 0} | kwargs
    return model.fit(X, Y, **given).history


def assert_same_weights(model, reference, rtol=1e-3, atol=1e-5):
    for weight, expected in zip(model.weights, reference.get_weights(), strict=True):
        np.testing.assert_allclose(weight.numpy(), expected, rtol=rtol, atol=atol, err_msg=weight.path)


# -- mixed precision ------------------------------------------------------------------------


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_mixed_precision(policy):
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        model = keras.Sequential([layers.Dense(8, activation="relu"), layers.BatchNormalization(), layers.Dense(2)])
        model.compile(keras.optimizers.Adam(0.02), "mse", metrics=["mse"])
        losses = fit(model, epochs=15)["loss"]
    finally:
        keras.config.set_dtype_policy(before)
    assert losses[-1] < 0.6 * losses[0]
    assert all(w.dtype == "float32" for w in model.weights)
    assert keras.backend.standardize_dtype(model(X).dtype) == policy.removeprefix("mixed_")
    scaling = isinstance(model.optimizer, keras.optimizers.LossScaleOptimizer)
    assert scaling == (policy == "mixed_float16")
    plain = keras.Sequential([keras.Input((6,)), layers.Dense(2)])
    plain.compile("adam", "mse")
    assert not isinstance(plain.optimizer, keras.optimizers.LossScaleOptimizer)


def test_loss_scaling_can_be_declined():
    model = keras.Sequential([layers.Dense(2)])
    model.dtype_policy = "mixed_float16"
    model.compile("sgd", "mse", auto_scale_loss=False)
    assert not isinstance(model.optimizer, keras.optimizers.LossScaleOptimizer)


@pytest.mark.parametrize("eager", [False, True], ids=["compiled", "eager"])
def test_steps_that_overflow_are_skipped(eager):
    """The first steps overflow float16 at this scale: nothing moves, the scale is halved each time."""
    model = network(policy="mixed_float16")
    optimizer = keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(0.01), initial_scale=2.0**22)
    model.compile(optimizer, "mse", run_eagerly=eager)
    weights = [w.numpy() for w in model.trainable_weights]
    fit(model, batch_size=60, epochs=1)
    assert float(optimizer.dynamic_scale) == 2.0**21 and int(optimizer.inner_optimizer.iterations) == 0
    for before, weight in zip(weights, model.trainable_weights, strict=True):
        np.testing.assert_array_equal(before, weight.numpy())
    losses = fit(model, batch_size=60, epochs=20)["loss"]
    assert float(optimizer.dynamic_scale) < 2.0**21 and int(optimizer.inner_optimizer.iterations) > 0
    assert losses[-1] < losses[0] and all(np.isfinite(w).all() for w in model.get_weights())


def test_float16_follows_float32():
    model, half = network(), network(policy="mixed_float16")
    half.set_weights(model.get_weights())
    for net in (model, half):
        net.compile(keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(0.05), initial_scale=2.0**8), "mse")
        fit(net)
    assert_same_weights(half, model, rtol=0.02, atol=0.01)


# -- jit_compile ----------------------------------------------------------------------------


def test_jit_compile():
    results = []
    for jit_compile in (True, False):
        keras.utils.set_random_seed(9)
        model = network(dropout=0.3)
        model.compile("adam", "mse", metrics=["mse"], jit_compile=jit_compile)
        history = fit(model)
        results.append((history["loss"], history["mse"], model.predict(X, batch_size=20, verbose=0)))
    for compiled, plain in zip(*results, strict=True):
        np.testing.assert_allclose(compiled, plain, rtol=1e-3, atol=1e-5)


def test_jit_compile_of_a_step_of_the_user_s_own():
    class Model(keras.Sequential):
        def train_step(self, data):
            x, y = data
            with keras.GradientTape() as tape:
                loss = ops.mean(ops.square(self(x, training=True) - y))
            self.optimizer.apply(tape.gradient(loss, self.trainable_weights), self.trainable_weights)
            return {"loss": loss}

    weights = []
    for jit_compile in (True, False):
        keras.utils.set_random_seed(9)
        model = Model([layers.Dense(2)])
        model.compile("adam", jit_compile=jit_compile)
        fit(model)
        weights.append(model.get_weights())
    for compiled, plain in zip(*weights, strict=True):
        np.testing.assert_allclose(compiled, plain, rtol=1e-4)


# -- freezing -------------------------------------------------------------------------------


@pytest.mark.parametrize("when", ["before compile", "after compile", "between fits"])
def test_freezing(when):
    """A frozen BatchNormalization runs as in inference."""
    model, reference = twins()
    for net in (model, reference):
        frozen = [net.get_layer("norm"), *([] if when == "after compile" else [net.get_layer("first")])]
        for moment in ("before compile", "after compile", "between fits"):
            if moment == "between fits":
                fit(net)
            if moment == when:
                for layer in frozen:
                    layer.trainable = False
            if moment != "before compile" or when == moment:
                net.compile("sgd", "mse")  # which Keras asks for after each change
        fit(net)
    assert_same_weights(model, reference)


def test_freezing_without_compiling_again():
    """Takes effect at once, frozen statistics too; and freeing does."""
    model = network()
    model.compile("sgd", "mse")
    fit(model)
    norm, first = model.get_layer("norm"), model.get_layer("first")
    norm.trainable = first.trainable = False
    before = [w.numpy() for w in (*norm.weights, *first.weights)]
    last = model.get_layer("last").kernel.numpy()
    fit(model)
    for a, b in zip(before, (*norm.weights, *first.weights), strict=True):
        np.testing.assert_array_equal(a, b.numpy())
    assert not np.array_equal(last, model.get_layer("last").kernel.numpy())
    norm.trainable = True
    fit(model)
    assert all(not np.array_equal(a, b.numpy()) for a, b in zip(before, norm.weights, strict=False))
    np.testing.assert_array_equal(before[-2], first.kernel.numpy())


def test_a_frozen_layer_from_a_callback():
    """Between epochs."""
    model = network()
    model.compile("sgd", "mse")
    seen = []

    class Freeze(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            self.model.get_layer("first").trainable = epoch == 0
            seen.append(self.model.get_layer("first").kernel.numpy())

    fit(model, epochs=3, callbacks=[Freeze()])
    assert not np.array_equal(seen[0], seen[1])
    np.testing.assert_array_equal(seen[1], seen[2])


# -- options of optimizers --------------------------------------------------------------------


OPTIONS = [
    ("SGD", {"learning_rate": 0.1, "gradient_accumulation_steps": 2}),
    ("Adam", {"learning_rate": 0.02, "gradient_accumulation_steps": 3, "clipnorm": 0.1}),
    ("Adam", {"use_ema": True, "ema_momentum": 0.8}),
    ("SGD", {"use_ema": True, "ema_momentum": 0.5, "ema_overwrite_frequency": 2, "momentum": 0.9}),
    ("SGD", {"clipvalue": 0.01}),
    ("SGD", {"global_clipnorm": 0.1, "weight_decay": 0.01}),
]


@pytest.mark.parametrize(("name", "options"), OPTIONS)
def test_options_through_fit(name, options):
    model, reference = twins()
    for package, net in ((keras, model), (oracle, reference)):
        net.compile(getattr(package.optimizers, name)(**options), "mse")
        fit(net)
    assert_same_weights(model, reference)


@pytest.mark.parametrize("name", ["ExponentialDecay", "PiecewiseConstantDecay", "CosineDecay"])
def test_schedules_through_fit(name):
    arguments = {
        "ExponentialDecay": (0.1, 2, 0.5),
        "PiecewiseConstantDecay": ([2, 4], [0.1, 0.05, 0.01]),
        "CosineDecay": (0.1, 6),
    }[name]
    model, reference = twins()
    for package, net in ((keras, model), (oracle, reference)):
        net.compile(package.optimizers.SGD(getattr(package.optimizers.schedules, name)(*arguments)), "mse")
        fit(net)
    assert_same_weights(model, reference)


def test_swapping_averages_in_for_evaluation():
    model, reference = twins()
    histories = []
    for package, net in ((keras, model), (oracle, reference)):
        net.compile(package.optimizers.SGD(0.1, use_ema=True, ema_momentum=0.7), "mse")
        histories.append(
            fit(net, validation_data=(X, Y), callbacks=[package.callbacks.SwapEMAWeights(swap_on_epoch=True)])
        )
    np.testing.assert_allclose(histories[0]["val_loss"], histories[1]["val_loss"], rtol=1e-3)
    assert_same_weights(model, reference)
