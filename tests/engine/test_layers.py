"""Layer: building, tracking, freezing, configuration, errors; Dense and friends against the real Keras."""

from __future__ import annotations

import numpy as np
import pytest

import triceras as keras
from triceras import layers, ops

X = np.random.default_rng(0).normal(size=(5, 4)).astype("float32")


class Scale(keras.Layer):
    """A layer of a user's own: one weight, made for the input's last axis."""

    def build(self, input_shape):
        self.factor = self.add_weight((input_shape[-1],), initializer="ones", name="factor")

    def call(self, x):
        return x * self.factor


class Block(keras.Layer):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.first = layers.Dense(3, activation="relu")
        self.rest = [layers.Dense(2), {"deep": Scale()}]
        self.steps = keras.Variable(0, trainable=False, name="steps")

    def call(self, x, training=False):
        x = self.rest[0](self.first(x))
        return self.rest[1]["deep"](x)


def numpy(x):
    return ops.convert_to_numpy(x)


def test_builds_on_first_call_and_only_then():
    layer = Scale()
    assert not layer.built and layer.weights == []
    np.testing.assert_array_equal(numpy(layer(X)), X)
    assert layer.built and [w.shape for w in layer.weights] == [(4,)]
    assert layer.factor.path == f"{layer.name}/factor"


def test_explicit_build():
    layer = layers.Dense(3)
    layer.build((None, 4))
    assert layer.built and layer.kernel.shape == (4, 3) and layer.bias.shape == (3,)
    assert layer.kernel.path == f"{layer.name}/kernel"


def test_several_inputs_by_name():
    class Join(keras.Layer):
        def build(self, left_shape, right_shape):
            self.w = self.add_weight((left_shape[-1], right_shape[-1]), name="w")

        def call(self, left, right):
            return ops.matmul(ops.matmul(left, self.w), ops.transpose(right))

    layer = Join()
    assert tuple(layer(X, np.ones((2, 3), "float32")).shape) == (5, 2)
    assert layer.w.shape == (4, 3)


def test_tracks_nested_layers_in_containers():
    block = Block()
    block(X)
    assert [tuple(w.shape) for w in block.weights] == [(), (4, 3), (3,), (3, 2), (2,), (2,)]
    assert len(block.trainable_weights) == 5 and block.non_trainable_weights == [block.steps]
    assert block.count_params() == 1 + 12 + 3 + 6 + 2 + 2


def test_freezing_is_undone_exactly():
    block = Block()
    block(X)
    block.trainable = False
    assert block.trainable_weights == [] and not block.first.trainable
    block.trainable = True
    assert len(block.trainable_weights) == 5 and not block.steps.trainable


def test_frozen_before_build_stays_frozen():
    layer = layers.Dense(2)
    layer.trainable = False
    layer(X)
    assert layer.trainable_weights == [] and len(layer.weights) == 2
    layer.trainable = True
    assert len(layer.trainable_weights) == 2


def test_weights_round_trip_and_refuse_wrong_ones():
    block, other = Block(), Block()
    block(X), other(X)
    other.set_weights(block.get_weights())
    np.testing.assert_array_equal(numpy(block(X)), numpy(other(X)))
    before = other.get_weights()
    wrong = block.get_weights()
    wrong[-1] = np.zeros(7)
    with pytest.raises(ValueError, match=r"factor.*\(2,\).*\(7,\)"):
        other.set_weights(wrong)
    with pytest.raises(ValueError, match="6 weights.*2 arrays"):
        other.set_weights(wrong[:2])
    for a, b in zip(before, other.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_training_reaches_nested_layers():
    class Outer(keras.Layer):
        def __init__(self):
            super().__init__()
            self.inner = layers.Dropout(0.5)

        def call(self, x):
            return self.inner(x)

    outer = Outer()
    ones = np.ones((20, 20), "float32")
    assert (numpy(outer(ones)) == 1).all()
    assert set(np.unique(numpy(outer(ones, training=True)))) == {0.0, 2.0}
    assert (numpy(outer(ones)) == 1).all()


def test_dropout_keeps_the_mean_and_follows_the_seed():
    ones = np.ones((200, 50), "float32")
    a, b = layers.Dropout(0.25, seed=3), layers.Dropout(0.25, seed=3)
    first = numpy(a(ones, training=True))
    np.testing.assert_array_equal(first, numpy(b(ones, training=True)))
    assert not np.array_equal(first, numpy(a(ones, training=True)))
    assert abs(first.mean() - 1) < 0.02 and abs((first == 0).mean() - 0.25) < 0.02


def test_dropout_shares_a_mask_along_noise_shape():
    out = numpy(layers.Dropout(0.5, noise_shape=(None, 1), seed=1)(np.ones((30, 4), "float32"), training=True))
    assert (out == out[:, :1]).all() and {0.0, 2.0} == set(np.unique(out))


def test_flatten_and_activation():
    x = np.arange(24, dtype="float32").reshape(2, 3, 4) - 12
    np.testing.assert_array_equal(numpy(layers.Flatten()(x)), x.reshape(2, 12))
    np.testing.assert_array_equal(
        numpy(layers.Flatten(data_format="channels_first")(x)), x.transpose(0, 2, 1).reshape(2, 12)
    )
    assert tuple(layers.Flatten()(x[:, 0, 0]).shape) == (2, 1)
    np.testing.assert_array_equal(numpy(layers.Activation("relu")(x)), np.maximum(x, 0))


def test_symbolic_call_and_output_shape():
    out = Block()(keras.Input((4,)))
    assert out.shape == (None, 2) and out.dtype == "float32"
    assert layers.Dense(7).compute_output_shape((None, 5, 4)) == (None, 5, 7)
    assert Block().compute_output_shape((None, 4)) == (None, 2)


def test_inputs_are_cast_to_the_layers_dtype():
    out = layers.Dense(2)(X.astype("float64"))
    assert keras.backend.standardize_dtype(out.dtype) == "float32"


def test_configuration_round_trip():
    layer = layers.Dense(3, activation="relu", use_bias=False, name="mine")
    clone = layers.Dense.from_config(layer.get_config())
    clone(X)
    assert clone.name == "mine" and clone.units == 3 and clone.bias is None
    drop = layers.Dropout.from_config(layers.Dropout(0.3, seed=4).get_config())
    assert drop.rate == 0.3 and drop.seed == 4


def test_variables_include_random_state_weights_do_not():
    layer = layers.Dropout(0.5)
    assert layer.weights == [] and len(layer.variables) == 1


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: layers.Dense(0), ValueError, "units.*0"),
        (lambda: layers.Dense(2, activation="rellu"), ValueError, "rellu.*relu"),
        (lambda: layers.Dense(2, kernel_initializer="glorot_unifrom"), ValueError, "glorot_uniform"),
        (lambda: layers.Dense(2, colour="red"), TypeError, "colour"),
        (lambda: layers.Dense(2, dtype="float31"), ValueError, "float31"),
        (lambda: layers.Dropout(1.5), ValueError, "1.5"),
        (lambda: layers.Layer(name="a/b"), ValueError, "a/b"),
        (lambda: keras.Layer()(X), NotImplementedError, "call"),
        (lambda: layers.Dense(2)(np.ones(3, "float32")), ValueError, "ndim"),
        (lambda: layers.Dense(2).count_params(), ValueError, "not built"),
    ],
)
def test_bad_arguments(make, error, message):
    with pytest.raises(error, match=message):
        make()


def test_dense_names_the_sizes_it_got_and_needs():
    layer = layers.Dense(2, name="head")
    layer(X)
    with pytest.raises(ValueError, match=r"head.*size 4.*\(5, 3\)"):
        layer(X[:, :3])
    assert tuple(layer(X).shape) == (5, 2)


def test_a_failed_build_leaves_nothing():
    class Fragile(keras.Layer):
        def build(self, input_shape):
            self.a = self.add_weight((input_shape[-1],), name="a")
            if input_shape[-1] == 4:
                raise ValueError("four")

        def call(self, x):
            return x + self.a

    layer = Fragile()
    with pytest.raises(ValueError, match="four"):
        layer(X)
    assert not layer.built and layer.weights == [] and not hasattr(layer, "a")
    layer(X[:, :3])
    assert [w.shape for w in layer.weights] == [(3,)]
