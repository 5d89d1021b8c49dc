"""Sequential and subclassed models."""

from __future__ import annotations

import numpy as np
import pytest

import triceras as keras
from triceras import layers, ops

X = np.random.default_rng(1).normal(size=(6, 4)).astype("float32")


def test_deferred_build():
    model = keras.Sequential([layers.Dense(3), layers.Dense(2)])
    assert not model.built and model.weights == []
    assert tuple(model(X).shape) == (6, 2)
    assert [w.shape for w in model.weights] == [(4, 3), (3,), (3, 2), (2,)]
    assert model.weights[0].path == f"{model.name}/{model.layers[0].name}/kernel"


@pytest.mark.parametrize("first", [[keras.Input((4,))], []])
def test_immediate_build(first):
    dense = layers.Dense(3, **({} if first else {"input_shape": (4,)}))
    model = keras.Sequential([*first, dense, layers.Dense(2)])
    assert model.built and len(model.weights) == 4 and len(model.layers) == 2


def test_add_and_pop():
    model = keras.Sequential([keras.Input((4,)), layers.Dense(3)])
    model.add(layers.Dense(2))
    assert tuple(model(X).shape) == (6, 2)
    assert model.pop().units == 2
    assert tuple(model(X).shape) == (6, 3)
    with pytest.raises(TypeError, match="takes layers"):
        model.add("dense")
    with pytest.raises(ValueError, match="unique"):
        model.add(model.layers[0])


def test_nested_models_and_output_shape():
    inner = keras.Sequential([layers.Dense(3, activation="relu"), layers.Dropout(0.5)])
    model = keras.Sequential([inner, layers.Dense(1)])
    assert tuple(model(X).shape) == (6, 1)
    assert model.compute_output_shape((None, 4)) == (None, 1)
    assert len(model.weights) == 4 and len(model.variables) == 5
    assert model.get_layer(index=0) is inner and model.get_layer(inner.name) is inner
    with pytest.raises(ValueError, match="no layer 'x'"):
        model.get_layer("x")


def test_the_same_seed_gives_the_same_weights():
    def weights():
        keras.utils.set_random_seed(7)
        model = keras.Sequential([keras.Input((4,)), layers.Dense(3), layers.Dense(2, kernel_initializer="he_normal")])
        return model.get_weights()

    for a, b in zip(weights(), weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_subclassed_model():
    class Net(keras.Model):
        def __init__(self):
            super().__init__()
            self.hidden = layers.Dense(8, activation="tanh")
            self.drop = layers.Dropout(0.5)
            self.out = layers.Dense(2)

        def call(self, x, training=False):
            return self.out(self.drop(self.hidden(x), training=training))

    model = Net()
    assert tuple(model(X).shape) == (6, 2) and len(model.trainable_variables) == 4
    quiet = ops.convert_to_numpy(model(X))
    np.testing.assert_array_equal(quiet, ops.convert_to_numpy(model(X)))
    assert not np.array_equal(quiet, ops.convert_to_numpy(model(X, training=True)))
    built = Net()
    built.build((None, 4))
    assert built.built and len(built.weights) == 4
