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


def test_symbolic_ends():
    model = keras.Sequential([layers.Dense(3), layers.Dense(2)])
    assert model.inputs is None and model.outputs is None
    for attribute in ("input", "output", "input_shape", "output_shape"):
        with pytest.raises(AttributeError, match="before it is built"):
            model.__class__.__dict__[attribute].fget(model)
        assert not hasattr(model, attribute)
    model(X)
    assert model.input_shape == (None, 4) and model.output_shape == (None, 2)
    assert model.layers[0].output.shape == (None, 3) and model.output is model.layers[1].output
    features = keras.Model(model.inputs, model.layers[0].output)
    np.testing.assert_allclose(ops.convert_to_numpy(features(X)), ops.convert_to_numpy(model.layers[0](X)), rtol=1e-6)


def test_add_and_pop_keep_the_graph():
    model = keras.Sequential([keras.Input((4,)), layers.Dense(3)])
    first = model.layers[0]
    weights = first.get_weights()
    model.add(layers.Dense(2))
    assert model.output_shape == (None, 2) and len(first.inbound_nodes) == 1
    last = model.pop()
    assert model.output_shape == (None, 3) and model.built and last.inbound_nodes == []
    np.testing.assert_array_equal(first.get_weights()[0], weights[0])
    model.pop()
    assert not model.layers and not model.built
    with pytest.raises(ValueError, match="no layer to remove"):
        model.pop()
    with pytest.raises(ValueError, match="no layers"):
        model(X)


def test_build_and_rebuild():
    model = keras.Sequential([layers.Dense(3)])
    model.build((None, 4))
    assert model.built and model.weights[0].shape == (4, 3)
    with pytest.raises(ValueError, match="cannot be built"):
        model.build((None, 5))
    with pytest.raises(ValueError, match="needs the input"):
        keras.Sequential([layers.Dense(3)]).build()


def test_models_inside():
    inner = keras.Sequential([layers.Dense(3, name="a"), layers.Dense(2, name="b")], name="inner")
    x = keras.Input((4,))
    model = keras.Model(x, inner(x))
    assert inner.built and inner.input_shape == (None, 4) and inner.output.shape == (None, 2)
    functional = keras.Model(x, layers.Dense(5)(x))
    whole = keras.Sequential([functional, layers.Dense(1)])
    assert whole.built and whole.output_shape == (None, 1) and whole.input_shape == (None, 4)
    assert tuple(whole(X).shape) == (6, 1) and tuple(model(X).shape) == (6, 2)
    assert len(whole.weights) == 4


def test_a_first_layer_with_several_inputs():
    class Sum(layers.Layer):
        def call(self, inputs):
            return inputs[0] + inputs[1]

    model = keras.Sequential([Sum(), layers.Dense(2)])
    assert tuple(model([X, X]).shape) == (6, 2) and len(model.weights) == 2
    with pytest.raises(AttributeError):
        model.input_shape


class Two(layers.Layer):
    def call(self, x):
        return x, x


@pytest.mark.parametrize(
    ("make", "error", "match"),
    [
        (lambda: keras.Sequential([keras.Input((4,)), keras.Input((4,))]), ValueError, "first, and once"),
        (lambda: keras.Sequential([layers.Dense(2), keras.Input((4,))]), ValueError, "first"),
        (lambda: keras.Sequential([3]), TypeError, "takes layers"),
        (lambda: keras.Sequential([layers.Dense(2, name="u"), layers.Dense(2, name="u")]), ValueError, "unique"),
        (lambda: keras.Sequential([keras.Input((4,)), Two(), layers.Dense(2)]), ValueError, "2 tensors"),
        (lambda: keras.Sequential([keras.Input((None,)), layers.Dense(2)]), ValueError, "last axis"),
    ],
)
def test_errors(make, error, match):
    with pytest.raises(error, match=match):
        make()


def test_a_layer_that_does_not_fit_is_not_added():
    model = keras.Sequential([keras.Input((4,)), layers.Dense(2)])
    with pytest.raises(ValueError):
        model.add(Two())
    assert len(model.layers) == 1 and model.output_shape == (None, 2)
    assert tuple(model(X).shape) == (6, 2)


def test_integer_input():
    model = keras.Sequential([layers.Flatten()])
    model(np.ones((2, 3, 2), "int32"))
    assert model.input.dtype == "int32" and model.output_shape == (None, 6)


def test_building_subclassed_models_for_several_inputs():
    class Net(keras.Model):
        def __init__(self):
            super().__init__()
            self.a, self.b = layers.Dense(2), layers.Dense(2)

        def call(self, inputs):
            x, y = inputs.values() if isinstance(inputs, dict) else inputs
            return self.a(x) + self.b(y)

    for shapes in ([(None, 4), (None, 3)], {"x": (None, 4), "y": (None, 3)}):
        model = Net()
        model.build(shapes)
        assert [w.shape for w in model.weights] == [(4, 2), (2,), (3, 2), (2,)]
