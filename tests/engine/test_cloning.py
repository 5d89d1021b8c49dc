"""Configurations of models and clones, against the real Keras."""

from __future__ import annotations

import json

import keras as oracle
import numpy as np
import pytest

import triceras as keras
from triceras import layers, ops

X = np.random.default_rng(5).normal(size=(3, 4)).astype("float32")


def residual(k):
    x = k.Input((4,), name="x")
    shared = k.layers.Dense(4, name="shared")
    y = shared(shared(x)) + x
    y = k.ops.concatenate([y[:, 1:], k.ops.mean(y, axis=1, keepdims=True), 2.0 - y], axis=-1)
    return k.Model(x, {"out": k.layers.Dense(2, name="out")(y), "raw": y}, name="residual")


def two_inputs(k):
    a, b = k.Input((4,), name="a"), k.Input((4,), name="b", dtype="int32")
    inner = k.Sequential([k.Input((4,), name="in"), k.layers.Dense(3, name="d")], name="inner")
    return k.Model([a, b], [inner(a), k.layers.Flatten(name="f")(b)], name="two")


def chain(k):
    return k.Sequential(
        [k.Input((4,), name="x"), k.layers.Dense(3, name="one"), k.layers.Dropout(0.5, name="two")], name="chain"
    )


MODELS = {residual: X, two_inputs: [X, X], chain: X}


def values(tree):
    return [ops.convert_to_numpy(x) for x in oracle.tree.flatten(tree)]


def outline(config):
    """What both have in common: without the layers' own settings, modules and the numbering of functions."""
    described = json.loads(json.dumps(config, default=str))
    names = {}
    for layer in described["layers"]:
        if "name" in layer:
            names[layer["name"]] = f"{layer['class_name']} {len(names)}"

    def visit(x):
        if isinstance(x, dict):  # an argument that is None is as good as none
            skipped = ("module", "dtype", "registered_name", "compile_config")
            return {key: visit(value) for key, value in x.items() if key not in skipped and value is not None}
        if isinstance(x, list):
            return [visit(value) for value in x]
        return names.get(x, x) if isinstance(x, str) else x

    for layer in described["layers"]:
        if layer["class_name"] != "Dense":
            layer.pop("build_config", None)
        if layer["class_name"] not in ("Mean", "Concatenate", "InputLayer"):
            layer["config"] = {"name": layer["config"]["name"]}
    return visit(described)


@pytest.mark.parametrize("make", MODELS, ids=lambda f: f.__name__)
def test_the_same_configuration_as_keras(make):
    found, wanted = make(keras).get_config(), make(oracle).get_config()
    assert list(found) == list(wanted)
    for a, b in zip(found["layers"], wanted["layers"], strict=True):
        # Which layers without weights count as built by a shape is each one's own affair.
        assert set(a) - {"build_config"} == set(b) - {"build_config", "compile_config"}
        assert a["class_name"] != "Dense" or "build_config" in a
    assert outline(found) == outline(wanted)


@pytest.mark.parametrize("make", MODELS, ids=lambda f: f.__name__)
@pytest.mark.parametrize(
    "copy",
    [
        lambda model: type(model).from_config(model.get_config()),
        lambda model: keras.models.model_from_json(model.to_json()),
        keras.models.clone_model,
        lambda model: keras.models.clone_model(model, recursive=True),
    ],
    ids=["config", "json", "clone", "recursive"],
)
def test_copies(make, copy):
    model = make(keras)
    made = copy(model)
    assert [w.shape for w in made.weights] == [w.shape for w in model.weights]
    assert all(a is not b for a, b in zip(made.weights, model.weights, strict=True))
    made.set_weights(model.get_weights())
    for a, b in zip(values(made(MODELS[make])), values(model(MODELS[make])), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-6)
    assert made.name == model.name and [x.name for x in made.layers] == [x.name for x in model.layers]


def test_clone_function_and_call_function():
    model = residual(keras)
    called = []

    def replace(layer):
        if layer.name == "out":
            return layers.Dense(5, name="wider")
        return layer.__class__.from_config(layer.get_config())

    def call(layer, *args, **kwargs):
        called.append(layer.name)
        return layer(*args, **kwargs)

    made = keras.models.clone_model(model, clone_function=replace, call_function=call)
    assert made.output_shape["out"] == (None, 5) and called == ["shared", "shared", "wider"]
    with pytest.raises(ValueError, match="return a layer"):
        keras.models.clone_model(model, clone_function=lambda layer: None)


def test_input_tensors():
    x = keras.Input((4,), name="mine")
    for model in (residual(keras), chain(keras)):
        made = keras.models.clone_model(model, input_tensors=x)
        assert made.inputs[0] is x
    made = keras.models.clone_model(chain(keras), input_tensors=x * 2)
    made.set_weights([np.ones((4, 3)), np.zeros(3)])
    assert len(made.weights) == 2
    with pytest.raises(ValueError, match="input_tensors"):
        keras.models.clone_model(residual(keras), input_tensors=[x, x])


def test_subclassed_models():
    class Net(keras.Model):
        def __init__(self, units=3, **kwargs):
            super().__init__(**kwargs)
            self.units = units
            self.dense = layers.Dense(units)

        def call(self, x):
            return self.dense(x)

        def get_config(self):
            return {**super().get_config(), "units": self.units}

    made = keras.models.clone_model(Net(5))
    assert made.units == 5 and tuple(made(X).shape) == (3, 5)
    with pytest.raises(ValueError, match="clone_function"):
        keras.models.clone_model(Net(), clone_function=lambda layer: layer)
    with pytest.raises(ValueError, match="takes a Model"):
        keras.models.clone_model(layers.Dense(2))


def test_layers_of_ones_own():
    class Scale(layers.Layer):
        def __init__(self, factor, **kwargs):
            super().__init__(**kwargs)
            self.factor = factor

        def call(self, x):
            return x * self.factor

        def get_config(self):
            return {**super().get_config(), "factor": self.factor}

    x = keras.Input((4,))
    model = keras.Model(x, Scale(3.0)(x))
    for made in (
        keras.models.clone_model(model),
        keras.models.model_from_json(model.to_json(), custom_objects={"Scale": Scale}),
        keras.Sequential.from_config(keras.Sequential([Scale(3.0)]).get_config(), custom_objects={"Scale": Scale}),
    ):
        np.testing.assert_allclose(ops.convert_to_numpy(made(X)), 3 * X, rtol=1e-6)
    with pytest.raises(TypeError, match="custom_objects"):
        keras.models.model_from_json(model.to_json())
