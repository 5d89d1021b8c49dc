"""compile, fit, evaluate, predict: against the real Keras, and by their own promises."""

from __future__ import annotations

from functools import partial

import keras as oracle
import numpy as np
import pytest

import triceras as keras
from triceras import layers

pytestmark = pytest.mark.optimized

RNG = np.random.default_rng(2)
X = RNG.normal(size=(90, 8)).astype("float32")
Y = (X[:, :3] + 0.1 * RNG.normal(size=(90, 3))).argmax(-1).astype("int32")
TARGETS = X @ RNG.normal(size=(8, 2)).astype("float32")


def classifier(package=keras):
    layer = package.layers
    return package.Sequential(
        [package.Input((8,)), layer.Dense(16, activation="relu"), layer.Dense(3, activation="softmax")]
    )


def twins(make):
    """A model, and the real Keras's with the same weights."""
    model, reference = make(keras), make(oracle)
    reference.set_weights(model.get_weights())
    reference.compile = partial(reference.compile, run_eagerly=True)  # the few steps take less than compiling them
    return model, reference


OPTIMIZERS = [
    "sgd",
    "adam",
    ("SGD", {"momentum": 0.9}),
    ("SGD", {"momentum": 0.9, "nesterov": True}),
    ("Adam", {"learning_rate": 0.01, "beta_1": 0.8, "epsilon": 1e-3}),
]


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_fit_follows_the_real_keras(optimizer):
    model, reference = twins(classifier)
    histories = []
    for package, net in ((keras, model), (oracle, reference)):
        chosen = optimizer if isinstance(optimizer, str) else getattr(package.optimizers, optimizer[0])(**optimizer[1])
        net.compile(optimizer=chosen, loss="sparse_categorical_crossentropy", metrics=["accuracy"])
        histories.append(net.fit(X, Y, batch_size=16, epochs=3, shuffle=False, verbose=0, validation_split=0.2).history)
    assert set(histories[0]) == set(histories[1])
    for name, values in histories[0].items():
        np.testing.assert_allclose(values, histories[1][name], rtol=2e-4, err_msg=name)
    for a, b in zip(model.get_weights(), reference.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=2e-3, atol=2e-5)


@pytest.mark.parametrize(
    ("loss", "y"),
    [
        ("mse", TARGETS),
        ("mean_squared_error", TARGETS),
        ("binary_crossentropy", (TARGETS > 0).astype("float32")),
        ("categorical_crossentropy", np.eye(2, dtype="float32")[(TARGETS[:, 0] > 0).astype(int)]),
    ],
)
def test_losses_and_weights_follow_the_real_keras(loss, y):
    activation = "sigmoid" if "binary" in loss else "softmax" if "categorical" in loss else None

    def make(package):
        return package.Sequential([package.Input((8,)), package.layers.Dense(2, activation=activation)])

    model, reference = twins(make)
    weight = np.linspace(0.5, 1.5, 90).astype("float32")
    results = []
    for net in (model, reference):
        net.compile("sgd", loss, metrics=["accuracy"])
        net.fit(X, y, sample_weight=weight, batch_size=30, epochs=2, shuffle=False, verbose=0)
        results.append(net.evaluate(X, y, verbose=0))
    np.testing.assert_allclose(results[0], results[1], rtol=1e-4)


def test_class_weight_follows_the_real_keras():
    model, reference = twins(classifier)
    for net in (model, reference):
        net.compile("sgd", "sparse_categorical_crossentropy")
        net.fit(X, Y, class_weight={0: 2.0, 2: 0.5}, epochs=2, shuffle=False, verbose=0)
    for a, b in zip(model.get_weights(), reference.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-3, atol=1e-5)


def test_evaluate_predict_and_batches():
    model, reference = twins(classifier)
    for net in (model, reference):
        net.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    np.testing.assert_allclose(model.predict(X, verbose=0), reference.predict(X, verbose=0), rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(model.predict_on_batch(X), model.predict(X, batch_size=7, verbose=0), rtol=1e-5)
    np.testing.assert_allclose(model.evaluate(X, Y, verbose=0), reference.evaluate(X, Y, verbose=0), rtol=1e-4)
    assert set(model.evaluate(X, Y, verbose=0, return_dict=True)) == {"loss", "accuracy"}
    np.testing.assert_allclose(model.train_on_batch(X, Y), reference.train_on_batch(X, Y), rtol=1e-4)
    np.testing.assert_allclose(model.test_on_batch(X, Y), reference.test_on_batch(X, Y), rtol=1e-4)


def test_same_seed_same_run():
    def run():
        keras.utils.set_random_seed(5)
        model = keras.Sequential([layers.Dense(16, activation="relu"), layers.Dropout(0.3), layers.Dense(3)])
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        model.compile("adam", loss)
        history = model.fit(X, Y, epochs=2, verbose=0).history["loss"]
        return history, model.get_weights()

    (first, weights), (second, again) = run(), run()
    assert first == second
    for a, b in zip(weights, again, strict=True):
        np.testing.assert_array_equal(a, b)


def test_regularization_is_part_of_the_loss():
    def make(package):
        return package.Sequential([package.Input((8,)), package.layers.Dense(2, kernel_regularizer="l2")])

    model, reference = twins(make)
    for net in (model, reference):
        net.compile("sgd", "mse")
    np.testing.assert_allclose(
        model.evaluate(X, TARGETS, verbose=0), reference.evaluate(X, TARGETS, verbose=0), rtol=1e-5
    )


def test_an_overridden_train_step_runs_compiled():
    class Ascent(keras.Sequential):
        def train_step(self, data):
            x, y = data
            with keras.GradientTape() as tape:
                loss = -self.compute_loss(x, y, self(x, training=True))
            variables = self.trainable_variables
            self.optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables, strict=True))
            return {"ascent": loss}

    model = Ascent([layers.Dense(2)])
    model.compile("sgd", "mse")
    values = model.fit(X, TARGETS, batch_size=90, epochs=3, verbose=0).history["ascent"]
    assert values[0] > values[-1]


def test_freezing_after_compile_takes_effect():
    model = classifier()
    model.compile("sgd", "sparse_categorical_crossentropy")
    model.fit(X, Y, verbose=0)
    model.layers[0].trainable = False
    before = model.get_weights()
    model.fit(X, Y, verbose=0)
    after = model.get_weights()
    np.testing.assert_array_equal(before[0], after[0])
    assert not np.array_equal(before[2], after[2])


@pytest.mark.parametrize("eager", [True, False])
def test_run_eagerly_gives_the_same(eager):
    keras.utils.set_random_seed(1)
    model = classifier()
    model.compile("adam", "sparse_categorical_crossentropy", run_eagerly=eager)
    loss = model.fit(X, Y, epochs=2, verbose=0).history["loss"]
    keras.utils.set_random_seed(1)
    other = classifier()
    other.compile("adam", "sparse_categorical_crossentropy")
    np.testing.assert_allclose(loss, other.fit(X, Y, epochs=2, verbose=0).history["loss"], rtol=1e-5)


def test_steps_are_not_traced_again():
    model = classifier()
    model.compile("adam", "sparse_categorical_crossentropy")
    model.fit(X, Y, batch_size=20, epochs=1, verbose=0)
    (runner,) = model._runners.values()
    traces = runner.traces
    model.fit(X, Y, batch_size=20, epochs=3, verbose=0)
    assert runner.traces == traces <= 2  # one for full batches, one for the last


def test_callbacks_see_every_batch_and_epoch():
    events = []

    class Recorder(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            events.append(("batch", batch, logs["loss"]))

        def on_epoch_end(self, epoch, logs=None):
            events.append(("epoch", epoch, sorted(logs)))

    model = classifier()
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
    history = model.fit(X, Y, batch_size=45, epochs=2, verbose=0, callbacks=[Recorder()], validation_data=(X, Y))
    assert [event[:2] for event in events] == [("batch", 0), ("batch", 1), ("epoch", 0)] + [
        ("batch", 0), ("batch", 1), ("epoch", 1),
    ]  # fmt: skip
    assert events[2][2] == ["accuracy", "loss", "val_accuracy", "val_loss"]
    assert all(isinstance(value, float) for value in history.history["loss"])
    assert history.epoch == [0, 1]


def test_progress_is_shown(capsys):
    model = classifier()
    model.compile("sgd", "sparse_categorical_crossentropy")
    model.fit(X, Y, epochs=2, verbose=1)
    shown = capsys.readouterr().out
    assert "Epoch 2/2" in shown and "3/3" in shown and "loss:" in shown
    model.predict(X, verbose=0)
    assert capsys.readouterr().out == ""


def test_mean_absolute_error_by_every_name():
    model, reference = twins(lambda package: package.Sequential([package.Input((8,)), package.layers.Dense(2)]))
    results = []
    for net in (model, reference):
        net.compile("sgd", "mae", metrics=["mean_absolute_error", "MeanAbsoluteError"])
        net.fit(X, TARGETS, shuffle=False, verbose=0)
        results.append(net.evaluate(X, TARGETS, verbose=0))
    np.testing.assert_allclose(results[0], results[1], rtol=1e-5)
