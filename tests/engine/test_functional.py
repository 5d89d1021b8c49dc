"""Functional models, against the real Keras."""

from __future__ import annotations

import copy
import pickle

import keras as oracle
import numpy as np
import pytest

import triceras as keras
from triceras import layers, ops

RNG = np.random.default_rng(3)
X = RNG.normal(size=(5, 4)).astype("float32")
Y = RNG.normal(size=(5, 3)).astype("float32")


def residual(k):
    x = k.Input((4,), name="x")
    h = k.layers.Dense(6, activation="relu", name="first")(x)
    y = k.layers.Dense(6, name="second")(h)
    return k.Model(x, k.layers.Dense(2, name="last")(h + y * 0.5), name="residual")


def shared(k):
    a, b = k.Input((4,), name="a"), k.Input((4,), name="b")
    layer = k.layers.Dense(3, activation="tanh", name="shared")
    left, right = layer(a), layer(b)
    return k.Model([a, b], k.ops.concatenate([left, right, left - right], axis=-1), name="twins")


def many(k):
    a, b = k.Input((4,), name="a"), k.Input((3,), name="b")
    deep = k.layers.Dense(5, name="deep")(k.layers.Dense(5, name="early")(b))
    wide = k.layers.Dense(5, name="wide")(a)
    total = k.ops.add(deep, wide)
    outputs = {"sum": total, "parts": [deep, k.ops.mean(wide, axis=-1, keepdims=True)]}
    return k.Model({"one": a, "two": (b,)}, outputs, name="many")


def nested(k):
    i = k.Input((4,), name="i")
    inner = k.Model(i, k.layers.Dense(4, name="in_dense")(i), name="inner")
    stack = k.Sequential([k.layers.Dense(4, name="s1"), k.layers.Dense(2, name="s2")], name="stack")
    x = k.Input((4,), name="x")
    return k.Model(x, stack(inner(inner(x)) + x), name="nested")


CASES = {
    residual: X,
    shared: [X, X[::-1].copy()],
    many: {"one": X, "two": (Y,)},
    nested: X,
}


def leaves(k, tree):
    flat = k.tree.flatten(tree) if k is oracle else oracle.tree.flatten(tree)
    return [np.asarray(k.ops.convert_to_numpy(x)) for x in flat]


@pytest.mark.parametrize("make", CASES, ids=lambda f: f.__name__)
def test_same_outputs_weights_and_layers_as_keras(make):
    model, reference = make(keras), make(oracle)
    assert [w.shape for w in model.weights] == [tuple(w.shape) for w in reference.weights]
    assert [w.name for w in model.weights] == [w.name for w in reference.weights]
    assert [layer.name for layer in model.layers] == [layer.name for layer in reference.layers]
    model.set_weights(reference.get_weights())
    found, wanted = leaves(keras, model(CASES[make])), leaves(oracle, reference(CASES[make]))
    assert len(found) == len(wanted)
    for a, b in zip(found, wanted, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)
    assert model.count_params() == reference.count_params()
    assert model.input_shape == reference.input_shape or make is many
    assert [tuple(t.shape) for t in model.outputs] == [tuple(t.shape) for t in reference.outputs]
    shapes = [x.shape for x in model.inputs]
    if make is not many:
        given = shapes[0] if len(shapes) == 1 else shapes
        assert model.compute_output_shape(given) == reference.compute_output_shape(given)


def test_output_structures():
    model = many(keras)
    result = model(CASES[many])
    assert set(result) == {"sum", "parts"} and isinstance(result["parts"], list)
    assert model.output_shape == {"sum": (None, 5), "parts": [(None, 5), (None, 1)]}
    assert model.input["two"][0].shape == (None, 3) and len(model.inputs) == 2
    x = keras.Input((4,))
    assert isinstance(keras.Model(x, (x + 1,))(X), tuple)
    assert isinstance(keras.Model(x, [x + 1])(X), list)
    same = keras.Model(x, [x, x])(X)
    np.testing.assert_array_equal(ops.convert_to_numpy(same[1]), X)


def test_extraction():
    model = residual(keras)
    features = keras.Model(model.input, model.get_layer("second").output)
    hidden = ops.convert_to_numpy(features(X))
    head = keras.Model(model.get_layer("second").output, model.get_layer("second").output * 2)
    np.testing.assert_allclose(ops.convert_to_numpy(head(hidden)), hidden * 2, rtol=1e-6)
    first = model.get_layer("first").output
    tail = keras.Model([first, model.get_layer("second").output], model.output)
    before = keras.Model(model.inputs, [first, model.get_layer("second").output])
    np.testing.assert_allclose(ops.convert_to_numpy(tail(before(X))), ops.convert_to_numpy(model(X)), rtol=1e-5)
    assert [layer.name for layer in tail.layers if not isinstance(layer, layers.InputLayer)] == ["last"]
    assert tail.get_layer("last") is model.get_layer("last")


def test_inputs_by_name_and_in_a_list():
    model = shared(keras)
    by_list = ops.convert_to_numpy(model([X, X * 2]))
    np.testing.assert_array_equal(ops.convert_to_numpy(model({"b": X * 2, "a": X, "unused": X})), by_list)
    np.testing.assert_array_equal(ops.convert_to_numpy(model((X, X * 2))), by_list)
    assert model.input_names == ["a", "b"]


def test_optional_inputs():
    class AddIfGiven(layers.Layer):
        def call(self, x, extra=None):
            return x if extra is None else x + extra

    x, extra = keras.Input((4,), name="x"), keras.Input((4,), name="extra", optional=True)
    model = keras.Model([x, extra], AddIfGiven()(x, extra))
    np.testing.assert_array_equal(ops.convert_to_numpy(model([X, None])), X)
    np.testing.assert_array_equal(ops.convert_to_numpy(model([X, X])), X + X)
    np.testing.assert_array_equal(ops.convert_to_numpy(model({"x": X})), X)
    with pytest.raises(ValueError, match="not optional"):
        model([None, X])


def test_inputs_are_fitted():
    x = keras.Input((1,))
    double = keras.Model(x, x * 2)
    assert tuple(double(X[:, 0]).shape) == (5, 1)
    flat = keras.Input(())
    assert tuple(keras.Model(flat, flat * 2)(X[:, :1]).shape) == (5,)
    assert keras.backend.standardize_dtype(double(np.arange(5)).dtype) == "float32"
    whole = keras.Input((4,), dtype="int32")
    assert keras.backend.standardize_dtype(keras.Model(whole, whole + 1)(X).dtype) == "int32"


ERRORS = {
    "disconnected": (lambda k, x, d: k.Model(k.Input((4,), name="other"), d(x)), "disconnected|not connected|Graph"),
    "no tensor": (lambda k, x, d: k.Model(x, 3), "outputs"),
    "no tensor in": (lambda k, x, d: k.Model(3, d(x)), "inputs"),
    "twice": (lambda k, x, d: k.Model([x, x], d(x)), None),
    "names": (lambda k, x, d: k.Model(x, k.layers.Dense(2, name="x")(d(x))), "unique"),
    "shape": (lambda k, x, d: k.Model(x, d(x))(np.ones((2, 5))), r"\(2, 5\)"),
    "rank": (lambda k, x, d: k.Model(x, d(x))(np.ones((2, 4, 4))), r"\(2, 4, 4\)"),
    "symbolic shape": (lambda k, x, d: k.Model(x, d(x))(k.Input((5,))), r"5\)"),
    "count": (lambda k, x, d: k.Model([x, k.Input((4,))], d(x))([X]), None),
    "missing": (lambda k, x, d: k.Model([x, k.Input((4,), name="y")], d(x))({"x": X}), "'?\"?y"),
    "get_layer": (lambda k, x, d: k.Model(x, d(x)).get_layer("zz"), "zz"),
    "get_layer nothing": (lambda k, x, d: k.Model(x, d(x)).get_layer(), None),
    "get_layer index": (lambda k, x, d: k.Model(x, d(x)).get_layer(index=7), None),
}


@pytest.mark.parametrize("name", ERRORS)
def test_errors(name):
    function, match = ERRORS[name]
    for k in (keras, oracle) if name != "twice" else (keras,):
        with pytest.raises(ValueError, match=match if k is keras else None):
            function(k, k.Input((4,), name="x"), k.layers.Dense(2))
    with pytest.raises(ValueError, match="history"):
        raw = keras.KerasTensor((None, 3))
        keras.Model(raw, layers.Dense(2)(raw))


def test_training_argument():
    class Mode(layers.Layer):
        def call(self, x, training=False):
            return x * (2.0 if training else 1.0)

    x = keras.Input((4,))
    model = keras.Model(x, Mode()(x))
    fixed = keras.Model(x, Mode()(x, training=True))
    outer = keras.Model(x, model(x))
    for tested, quiet in ((model, 1), (outer, 1), (fixed, 2)):
        np.testing.assert_allclose(ops.convert_to_numpy(tested(X)), quiet * X)
        np.testing.assert_allclose(ops.convert_to_numpy(tested(X, training=True)), 2 * X)


def test_fit_compiled_and_with_a_tape():
    model = residual(keras)
    model.compile(optimizer="sgd", loss="mse")
    history = model.fit(X, Y[:, :2], epochs=3, batch_size=2, verbose=0).history
    assert history["loss"][-1] < history["loss"][0]
    with keras.GradientTape() as tape:
        loss = ops.mean(model(X) ** 2)
    assert all(g is not None for g in tape.gradient(loss, model.trainable_variables))
    compiled = keras.jit(lambda x: model(x))
    np.testing.assert_allclose(
        ops.convert_to_numpy(compiled(ops.convert_to_tensor(X))), model.predict(X, verbose=0), rtol=1e-5
    )


def test_functional_subclass():
    class Mine(keras.Model):
        def __init__(self, units, **kwargs):
            x = keras.Input((4,))
            super().__init__(inputs=x, outputs=layers.Dense(units)(x), **kwargs)
            self.steps = 0
            self.extra = layers.Dense(1, name="extra")

        def train_step(self, data):
            self.steps += 1
            return super().train_step(data)

    class Plain(Mine):
        def __init__(self):
            keras.Model.__init__(self)

        def call(self, x):
            return x + 1

    model = Mine(3, name="mine")
    assert isinstance(model, Mine) and type(model).__name__ == "Mine" and model.name == "mine"
    assert model.input_shape == (None, 4) and [layer.name for layer in model.layers][-1] == "extra"
    model.compile(optimizer="sgd", loss="mse")
    model.fit(X, Y, verbose=0)
    assert model.steps > 0 and tuple(model(X).shape) == (5, 3)
    np.testing.assert_allclose(ops.convert_to_numpy(Plain()(X)), X + 1)
    assert Mine(2).output_shape == (None, 2)


def test_model_dispatch():
    x = keras.Input((4,))
    for model in (keras.Model(x, x + 1), keras.Model(inputs=x, outputs=x + 1, name="n"), keras.Model(x, outputs=x + 1)):
        assert type(model).__name__ == "Functional" and model.built
    assert type(keras.Model()).__name__ == "Model"
    assert not keras.Model(x, layers.Dense(2)(x), trainable=False).trainable_weights


def test_frozen_and_shared_weights():
    model = nested(keras)
    inner = model.get_layer("inner")
    assert len(model.weights) == 6
    inner.trainable = False
    assert len(model.trainable_weights) == 4
    assert keras.Model(inner.input, inner.output).weights[0] is inner.weights[0]


def test_copies():
    model = nested(keras)
    for made in (
        (copy.deepcopy(model), pickle.loads(pickle.dumps(model))) if _picklable(model) else (copy.deepcopy(model),)
    ):
        np.testing.assert_allclose(ops.convert_to_numpy(made(X)), ops.convert_to_numpy(model(X)), rtol=1e-6)
        made.set_weights([w * 0 for w in made.get_weights()])
        assert float(np.abs(ops.convert_to_numpy(made(X))).max()) == 0
        assert float(np.abs(ops.convert_to_numpy(model(X))).max()) > 0
    made = copy.deepcopy(residual(keras))
    assert keras.Model(made.input, made.layers[1].output).layers[1] is made.layers[1]


def _picklable(model):
    try:
        pickle.dumps(model.weights[0])
    except Exception:
        return False
    return True


def test_deep_models():
    x = keras.Input((4,))
    y = x
    for _ in range(1500):
        y = y + 1
    model = keras.Model(x, y)
    np.testing.assert_allclose(ops.convert_to_numpy(copy.deepcopy(model)(X)), X + 1500, rtol=1e-4)


def test_values_are_freed_at_their_last_use():
    x = keras.Input((4,))
    a = x * 2
    b = a + 1
    model = keras.Model(x, {"b": b, "c": b * x})
    names = model._plan.run.__code__.co_consts
    assert None in names  # some variable is cleared
    result = model(X)
    np.testing.assert_allclose(ops.convert_to_numpy(result["c"]), (2 * X + 1) * X, rtol=1e-5)
