"""Wrong data and wrong names: a clear error, and a model that still works."""

from __future__ import annotations

import numpy as np
import pytest

import triceras as keras
from triceras import layers

X = np.random.default_rng(3).normal(size=(40, 4)).astype("float32")
Y = (X[:, 0] > 0).astype("int32")


@pytest.fixture
def model():
    net = keras.Sequential([layers.Dense(8, activation="relu"), layers.Dense(2, activation="softmax")])
    net.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return net


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"x": X, "y": Y[:-1]}, "x: 40.*y: 39"),
        ({"x": X[:0], "y": Y[:0]}, "no rows"),
        ({"x": X, "y": Y, "batch_size": 0}, "batch_size.*0"),
        ({"x": X, "y": Y, "validation_split": 1.5}, "validation_split"),
        ({"x": X, "y": Y, "verbose": 7}, "verbose"),
        ({"x": np.array([["a"] * 4] * 40), "y": Y}, "numbers"),
        ({"x": X}, "targets"),
        ({"x": X, "class_weight": {0: 1.0}}, "class_weight"),
    ],
)
def test_fit_refuses_and_the_model_stays_usable(model, arguments, message):
    with pytest.raises(ValueError, match=message):
        model.fit(**{"verbose": 0, **arguments})
    history = model.fit(X, Y, verbose=0)
    assert np.isfinite(history.history["loss"]).all()


def test_wrong_features_after_training(model):
    model.fit(X, Y, verbose=0)
    weights = model.get_weights()
    with pytest.raises(ValueError, match=r"size 4.*3"):
        model.fit(X[:, :3], Y, verbose=0)
    with pytest.raises(ValueError, match=r"size 4.*3"):
        model.predict(X[:, :3], verbose=0)
    for a, b in zip(weights, model.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    model.fit(X, Y, verbose=0)


def test_nan_stops_training_where_a_callback_says_so(capsys):
    # Not relu: TensorFlow's fused kernel for matmul, bias and relu turns NaN into 0 inside graphs.
    model = keras.Sequential([layers.Dense(8, activation="tanh"), layers.Dense(2, activation="softmax")])
    model.compile("adam", "sparse_categorical_crossentropy")
    bad = X.copy()
    bad[3] = np.nan
    history = model.fit(bad, Y, epochs=5, shuffle=False, verbose=0, callbacks=[keras.callbacks.TerminateOnNaN()])
    assert len(history.epoch) == 1 and model.stop_training
    assert "NaN" in capsys.readouterr().out or not np.isfinite(history.history["loss"][0])
    model.set_weights([np.zeros_like(w) for w in model.get_weights()])
    fresh = keras.Sequential([layers.Dense(2, activation="softmax")])
    fresh.compile("sgd", "sparse_categorical_crossentropy")
    assert np.isfinite(fresh.fit(X, Y, verbose=0).history["loss"]).all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"optimizer": "adm"}, "adm.*adam"),
        ({"loss": "sparse_categorical_crosentropy"}, "sparse_categorical_crossentropy"),
        ({"metrics": ["acuracy"]}, "acuracy.*accuracy"),
        ({"optimizer": 3}, "3"),
    ],
)
def test_unknown_names_suggest_the_nearest(model, arguments, message):
    with pytest.raises((ValueError, TypeError), match=message):
        model.compile(**{"optimizer": "adam", "loss": "mse", **arguments})
    model.fit(X, Y, verbose=0)  # still compiled as before


def test_not_compiled():
    net = keras.Sequential([layers.Dense(1)])
    for method in (net.fit, net.evaluate, net.train_on_batch):
        with pytest.raises(ValueError, match="compile"):
            method(X, Y)
    assert net.predict(X, verbose=0).shape == (40, 1)


def test_a_callback_that_raises_leaves_the_model_usable(model):
    class Bomb(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            raise RuntimeError("bang")

    with pytest.raises(RuntimeError, match="bang"):
        model.fit(X, Y, verbose=0, callbacks=[Bomb()])
    model.fit(X, Y, verbose=0)
    assert model._structure is None


def test_optimizer_errors():
    v, w = keras.Variable([1.0, 2.0], name="v"), keras.Variable([3.0], name="w")
    optimizer = keras.optimizers.SGD(0.1)
    with pytest.raises(ValueError, match="v, w"):
        optimizer.apply([None, None], [v, w])
    with pytest.warns(UserWarning, match="w"):
        optimizer.apply([keras.ops.ones(2), None], [v, w])
    np.testing.assert_allclose(v.numpy(), [0.9, 1.9], rtol=1e-6)
    with pytest.raises(ValueError, match="1 gradients for 2"):
        optimizer.apply([None], [v, w])
    with pytest.raises(ValueError, match="other Variables.*stranger"):
        optimizer.apply([keras.ops.ones(1)], [keras.Variable([0.0], name="stranger")])
    with pytest.raises(ValueError, match="learning_rate"):
        keras.optimizers.Adam(learning_rate=-1)
