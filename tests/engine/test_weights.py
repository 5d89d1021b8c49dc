"""Weights: their order and exchange against the real Keras, freezing, constraints, losses, configurations."""

from __future__ import annotations

import keras as oracle
import numpy as np
import pytest

import triceras as keras
from triceras import ops

X = np.random.default_rng(0).normal(size=(5, 4)).astype("float32")


def definitions(k):
    """The same user's layers over either package."""

    class Norm(k.layers.Layer):
        def build(self, input_shape):
            n = input_shape[-1]
            self.mean = self.add_weight(shape=(n,), initializer="zeros", trainable=False, name="mean")
            self.gamma = self.add_weight(shape=(n,), initializer="ones", name="gamma")
            self.var = self.add_weight(shape=(n,), initializer="ones", trainable=False, name="var")
            self.beta = self.add_weight(shape=(n,), initializer="zeros", name="beta")

        def call(self, x, training=False):
            if training:
                self.mean.assign(self.mean * 0.9 + k.ops.mean(x, axis=0) * 0.1)
            return (x - self.mean) / k.ops.sqrt(self.var + 1e-3) * self.gamma + self.beta

    class Block(k.layers.Layer):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.last = None
            self.later = None
            self.count = self.add_weight(shape=(), initializer="zeros", trainable=False, name="count")
            self.norm = Norm(name="norm")
            self.scale = self.add_weight(shape=(1,), initializer="ones", name="scale")
            self.heads = {"a": k.layers.Dense(3, name="a"), "b": k.layers.Dense(2, name="b")}
            self.last = [k.layers.Dense(2, use_bias=False, name="c"), Norm(name="norm_2")]
            self.free = k.Variable(np.zeros(6, "float32"), name="free")

        def build(self, input_shape):
            self.later = k.layers.Dense(5, name="later")
            self.kernel = self.add_weight(shape=(4, 4), name="kernel")

        def call(self, x, training=False):
            x = self.norm(k.ops.matmul(x, self.kernel) * self.scale, training=training)
            x = self.heads["b"](self.heads["a"](self.later(x)))
            return self.last[1](self.last[0](x), training=training)

    return Block


@pytest.fixture
def pair():
    own, other = definitions(keras)(name="block"), definitions(oracle)(name="block")
    own(X), other(X)
    return own, other


def names(variables):
    return [(v.name, tuple(v.shape)) for v in variables]


LISTS = ["weights", "trainable_weights", "non_trainable_weights", "variables", "trainable_variables"]


@pytest.mark.parametrize("attribute", LISTS)
def test_order_is_keras_s(pair, attribute):
    own, other = pair
    assert names(getattr(own, attribute)) == names(getattr(other, attribute))


def test_paths_are_keras_s(pair):
    own, other = pair
    assert [w.path for w in own.weights] == [w.path for w in other.weights]
    assert own.path == "block" and own.norm.path == "block/norm"


def test_weights_are_exchanged_with_keras(pair):
    own, other = pair
    own.set_weights(other.get_weights())
    np.testing.assert_allclose(
        ops.convert_to_numpy(own(X)), oracle.ops.convert_to_numpy(other(X)), rtol=2e-4, atol=1e-5
    )
    other.set_weights(own.get_weights())


@pytest.mark.parametrize("frozen", ["norm", "heads", "all", "before build"])
def test_freezing_is_keras_s(frozen):
    def done(k):
        block = definitions(k)(name="block")
        if frozen == "before build":
            block.trainable = False
        block(X)
        if frozen == "norm":
            block.norm.trainable = False
        elif frozen == "heads":
            block.heads["a"].trainable = False
            block.heads["b"].kernel.trainable = False
        elif frozen == "all":
            block.trainable = False
        found = [names(getattr(block, attribute)) for attribute in LISTS]
        if frozen in ("norm", "heads"):
            return found
        block.trainable = True
        return found + [names(getattr(block, attribute)) for attribute in LISTS]

    assert done(keras) == done(oracle)


def test_shared_layers_count_once():
    class Twice(keras.Layer):
        def __init__(self):
            super().__init__()
            self.dense = keras.layers.Dense(4)
            self.again = [self.dense, (self.dense,), {self.dense}]

        def call(self, x):
            return self.dense(self.again[0](x))

    layer = Twice()
    layer(X)
    assert len(layer.weights) == 2 and layer.count_params() == 20 and len(layer.layers) == 1


def test_metrics_and_seeds_are_tracked():
    class Tracking(keras.Layer):
        def __init__(self):
            super().__init__()
            self.mean = keras.metrics.Mean(name="m")
            self.seeds = [keras.random.SeedGenerator(1)]

        def call(self, x):
            return x

    layer = Tracking()
    assert layer.weights == [] and len(layer.variables) == 1
    assert len(layer.metrics) == 1 and len(layer.metrics_variables) == 2


def test_no_weights_after_build():
    layer = keras.layers.Dense(2)
    layer(X)
    with pytest.raises(ValueError, match="built already.*extra"):
        layer.add_weight((2,), name="extra")
    with pytest.raises(ValueError, match="built already"):
        layer.build((None, 4))
    assert len(layer.weights) == 2


@pytest.mark.parametrize("name", ["max_norm", "non_neg", "unit_norm", "min_max_norm"])
def test_constraints_are_keras_s(name):
    value = np.random.default_rng(1).normal(size=(3, 4)).astype("float32") * 3
    got = keras.constraints.get(name)(ops.convert_to_tensor(value))
    want = oracle.constraints.get(name)(oracle.ops.convert_to_tensor(value))
    np.testing.assert_allclose(ops.convert_to_numpy(got), oracle.ops.convert_to_numpy(want), rtol=1e-5, atol=1e-6)
    constraint = keras.constraints.get(name)
    again = keras.constraints.get(keras.constraints.serialize(constraint))
    assert again.get_config() == constraint.get_config()


def test_weight_arguments():
    layer = keras.Layer()
    w = layer.add_weight((2, 2), "ones", regularizer="l2", constraint="non_neg", dtype="float16", name="w")
    assert w.dtype == "float16" and type(w.constraint) is keras.constraints.NonNeg and w.regularizer.l2 == 0.01
    assert layer.add_weight().shape == () and layer.add_weight(3, dtype="int32").dtype == "int32"
    assert layer.add_weight((2,), overwrite_with_gradient=True, aggregation="mean").overwrite_with_gradient
    with pytest.raises(ValueError, match="non_negg.*non_neg"):
        layer.add_weight((2,), constraint="non_negg")
    with pytest.raises(ValueError, match="must be known"):
        layer.add_weight((None, 2))


# -- losses ------------------------------------------------------------------------------


def lossy(k):
    class Lossy(k.layers.Layer):
        def __init__(self, **kwargs):
            super().__init__(activity_regularizer="l2", **kwargs)
            self.dense = k.layers.Dense(
                2, activity_regularizer="l1", kernel_regularizer="l1", kernel_initializer="ones"
            )

        def call(self, x):
            self.add_loss(k.ops.sum(x))
            return self.dense(self.dense(x)[:, :1] * k.ops.ones((1, 4)))

    return Lossy()


def test_losses_are_keras_s():
    own, other = lossy(keras), lossy(oracle)
    for _ in range(2):
        own(X), other(X)
        found = [float(ops.convert_to_numpy(x)) for x in own.losses]
        want = [float(oracle.ops.convert_to_numpy(x)) for x in other.losses]
        np.testing.assert_allclose(found, want, rtol=1e-5)
    own.dense(X)
    assert len(own.losses) == len(found) - 1
    own._clear_losses()
    assert len(own.losses) == 1
    own.trainable = False
    assert own.losses == []


def test_losses_reach_a_compiled_training_step():
    model = keras.Sequential([lossy(keras)])
    model.compile("sgd", "mse")
    logs = model.train_on_batch(X, np.zeros((5, 2), "float32"), return_dict=True)
    other = lossy(keras)
    out = ops.convert_to_numpy(other(X))
    want = (out**2).mean() + sum(float(ops.convert_to_numpy(x)) for x in other.losses)
    np.testing.assert_allclose(logs["loss"], want, rtol=1e-4)
    model.fit(X, np.zeros((5, 2), "float32"), epochs=2, verbose=0)


def test_losses_may_be_functions_and_lists():
    layer = keras.layers.Dense(2)
    layer(X)
    layer.add_loss(lambda: ops.sum(layer.kernel.value))
    layer.add_loss([1.0, ops.ones(())])
    np.testing.assert_allclose(float(layer.losses[0]), layer.kernel.numpy().sum(), rtol=1e-5)
    assert len(layer.losses) == 3
    with pytest.raises(ValueError, match="scalar tensors"):
        layer.add_loss("much")


# -- calls -------------------------------------------------------------------------------


def test_optional_and_nested_arguments():
    class Mixed(keras.Layer):
        def build(self, tree_shape, bias_shape):
            self.shapes = (tree_shape, bias_shape)

        def call(self, tree, bias=None, scale=1.0):
            y = tree["a"] + tree["b"][0]
            return (y if bias is None else y + bias) * scale

    layer = Mixed()
    x = {"a": X, "b": [X, None]}
    np.testing.assert_allclose(ops.convert_to_numpy(layer(x)), 2 * X, rtol=1e-6)
    assert layer.shapes == ({"a": (5, 4), "b": [(5, 4), None]}, None)
    np.testing.assert_allclose(ops.convert_to_numpy(layer(x, scale=2.0, bias=X)), 6 * X, rtol=1e-6)
    assert layer({"a": keras.Input((4,)), "b": [keras.Input((4,))]}).shape == (None, 4)


def test_call_context_arguments_reach_layers_inside():
    class Inner(keras.Layer):
        def call(self, x, flag=None):
            return x * (2.0 if flag else 1.0)

    class Outer(keras.Layer):
        def __init__(self):
            super().__init__()
            self._register_call_context_args("flag")
            self.inner = keras.Sequential([Inner()])

        def call(self, x):
            return self.inner(x)

    outer = Outer()
    np.testing.assert_allclose(ops.convert_to_numpy(outer(X)), X)
    np.testing.assert_allclose(ops.convert_to_numpy(outer(X, flag=True)), 2 * X)
    np.testing.assert_allclose(ops.convert_to_numpy(outer(X)), X)


def test_input_specs():
    class Two(keras.Layer):
        def __init__(self):
            super().__init__()
            self.input_spec = [keras.InputSpec(ndim=2), keras.InputSpec(shape=(None, 3))]

        def call(self, pair):
            return pair[0]

    Two()([X, X[:, :3]])
    with pytest.raises(ValueError, match="Input 1.*axis 1 to have size 3"):
        Two()([X, X])
    with pytest.raises(ValueError, match="2 inputs.*1"):
        Two()([X])


def test_a_forgotten_init_is_explained():
    class Forgetful(keras.Layer):
        def __init__(self):
            pass

        def call(self, x):
            return x

    with pytest.raises(RuntimeError, match=r"super\(\).__init__\(\)"):
        Forgetful()(X)


# -- configurations ------------------------------------------------------------------------


def described(module, kind, **config):
    return {"module": module, "class_name": kind, "config": config, "registered_name": None}


class Plain(keras.Layer):
    def __init__(self, size, activation="relu", initializer=None, **kwargs):
        super().__init__(**kwargs)
        self.size = size


def test_configurations_are_made_of_the_arguments():
    layer = Plain(3, initializer=keras.initializers.Constant(2.0), name="p", dtype="float16")
    config = layer.get_config()
    assert config == {
        "name": "p", "trainable": True, "dtype": described("keras", "DTypePolicy", name="float16"),
        "size": 3, "initializer": described("keras.initializers", "Constant", value=2.0),
    }  # fmt: skip
    again = Plain.from_config(config)
    assert again.size == 3 and again.name == "p" and again.compute_dtype == "float16"
    with pytest.raises(NotImplementedError, match="Plain.*size.*get_config"):
        Plain(np.ones(3)).get_config()
    with pytest.raises(NotImplementedError, match="layer"):
        Plain(keras.layers.Dense(2)).get_config()
    with pytest.raises(TypeError, match="Plain.*colour"):
        Plain.from_config({"size": 1, "colour": "red"})


def test_build_configurations():
    layer = keras.layers.Dense(2)
    assert layer.get_build_config() is None
    layer(X)
    other = keras.layers.Dense(2)
    other.build_from_config(layer.get_build_config())
    assert other.built and other.kernel.shape == (4, 2)
