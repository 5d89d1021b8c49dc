"""Symbolic tensors: operations on them, their history, and what they refuse."""

from __future__ import annotations

import gc
import weakref

import keras as oracle
import numpy as np
import pytest

import triceras as keras
from triceras import layers, ops
from triceras.ops import symbolic

A = np.random.default_rng(0).normal(size=(3, 4)).astype("float32")

OPERATORS = {
    "add": lambda x: x + 1,
    "radd": lambda x: 2.0 + x,
    "sub": lambda x: x - 1,
    "rsub": lambda x: 1 - x,
    "mul": lambda x: x * x,
    "div": lambda x: x / 2,
    "rdiv": lambda x: 2 / (x + 10),
    "floordiv": lambda x: x // 2,
    "mod": lambda x: x % 3,
    "pow": lambda x: x**2,
    "rpow": lambda x: 2**x,
    "neg": lambda x: -x,
    "abs": lambda x: abs(x),
    "compare": lambda x: x > 0,
    "logic": lambda x: (x > 0) & ~(x > 1),
    "xor": lambda x: (x > 0) ^ (x > 1),
    "matmul": lambda x: x @ np.ones((4, 2), "float32"),
    "slice": lambda x: x[:, 1:3],
    "index": lambda x: x[:, -1],
    "ellipsis": lambda x: x[..., None],
    "numpy on the left": lambda x: np.ones((4,), "float32") + x,
    "reshape": lambda x: x.reshape((-1, 2, 2)),
}


@pytest.mark.parametrize("name", OPERATORS)
def test_operators_become_a_model(name):
    x = keras.Input((4,))
    y = OPERATORS[name](x)
    result = ops.convert_to_numpy(keras.Model(x, y)(A))
    reference = {"reshape": A.reshape(-1, 2, 2), "numpy on the left": A + 1}.get(name)
    if reference is None:
        reference = oracle.ops.convert_to_numpy(OPERATORS[name](oracle.ops.convert_to_tensor(A)))
    np.testing.assert_allclose(result, reference, rtol=1e-5)
    assert (None, *result.shape[1:]) == y.shape and keras.backend.standardize_dtype(result.dtype) == y.dtype


def test_nested_arguments_and_constants():
    x, y = keras.Input((4,)), keras.Input((2,))
    z = ops.concatenate([x, y], axis=-1) * np.arange(6, dtype="float32")
    z = ops.where(z > 0, z, x2=ops.zeros_like(z))
    result = keras.Model([x, y], z)([A, A[:, :2]])
    joined = np.concatenate([A, A[:, :2]], -1) * np.arange(6)
    np.testing.assert_allclose(ops.convert_to_numpy(result), np.maximum(joined, 0), rtol=1e-6)


def test_several_outputs_and_static_arguments():
    x = keras.Input((4,))
    values, indices = ops.top_k(x, k=2)
    parts = ops.split(x, 2, axis=1)
    model = keras.Model(x, {"values": values, "indices": indices, "last": parts[1], "means": ops.mean(x, 1)})
    result = {key: ops.convert_to_numpy(value) for key, value in model(A).items()}
    np.testing.assert_allclose(result["values"], -np.sort(-A, 1)[:, :2])
    np.testing.assert_allclose(result["last"], A[:, 2:])
    np.testing.assert_allclose(result["means"], A.mean(1), rtol=1e-5)
    assert indices.dtype == "int32"


def test_history():
    x = keras.Input((4,), name="here")
    dense = layers.Dense(3)
    y, z = dense(x), dense(x)
    assert x._keras_history == (x.node.operation, 0, 0) and x.node.operation.name == "here"
    assert y._keras_history == (dense, 0, 0) and z._keras_history == (dense, 1, 0)
    assert dense.input is x and dense.output is y and len(dense.inbound_nodes) == 2
    total = y + z
    other = y + z
    assert total.node.operation.name != other.node.operation.name
    assert total.node.operation.name.startswith("add")


def test_never_called():
    for make in (layers.Dense(3), layers.Dropout(0.5)):
        assert not hasattr(make, "output")
        with pytest.raises(AttributeError, match="never been called"):
            make.output
    with pytest.raises(AttributeError, match="no_such_thing"):
        layers.Dense(3).no_such_thing


def test_abstract_evaluation_leaves_no_trace():
    dense = layers.Dense(3)
    dense(symbolic.KerasTensor((None, 4)))
    dense.compute_output_shape((None, 4))
    assert dense.built and dense.inbound_nodes == []
    model = keras.Sequential([keras.Input((4,)), dense, layers.Dense(1)])
    count = len(dense.inbound_nodes)
    model.compile(optimizer="sgd", loss="mse", metrics=["mse"])
    model.fit(A, A[:, :1], epochs=2, verbose=0)
    assert len(dense.inbound_nodes) == count == 1


def test_a_graph_lives_as_long_as_its_tensors():
    x = keras.Input((4,))
    y = x + 1
    node = weakref.ref(y.node.operation)
    del y
    gc.collect()
    assert node() is None


def test_symbolic_shapes_of_arithmetic():
    def tensor(*shape, dtype="float32"):
        return symbolic.KerasTensor(shape, dtype)

    assert (tensor(None, 1, 3) + tensor(5, 1)).shape == (None, 5, 3)
    assert (tensor(None, 3) * tensor(2, 3)).shape == (2, 3)
    assert (tensor(None, dtype="int32") + 1).dtype == "int32" and (tensor(None, dtype="int32") * 1.5).dtype == "float32"
    assert (tensor(2, dtype="int32") + tensor(2, dtype="bfloat16")).dtype == "bfloat16"
    with pytest.raises(ValueError):
        tensor(2, 3) + tensor(2, 4)


def test_weights_are_built_for_unknown_sizes():
    seen = []

    class Own(layers.Layer):
        def build(self, input_shape):
            seen.append(input_shape)

        def call(self, x):
            return x * 2

    assert Own()(keras.Input((None, 3))).shape == (None, None, 3)
    assert seen == [(None, None, 3)]
    with pytest.raises(ValueError, match="last axis"):
        layers.Dense(2)(keras.Input((None,)))


def test_layers_inside_are_built_in_their_scope():
    class Outer(layers.Layer):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.inner = layers.Dense(2, name="inner")

        def call(self, x):
            return self.inner(x)

        def compute_output_shape(self, shape):
            return (*shape[:-1], 2)

    outer = Outer(name="outer")
    assert outer(keras.Input((4,))).shape == (None, 2)
    assert [w.path for w in outer.weights] == ["outer/inner/kernel", "outer/inner/bias"]


def test_integers_keep_their_dtype():
    x = keras.Input((2, 3), dtype="int32")
    assert layers.Flatten()(x).dtype == "int32" and layers.Flatten()(x).shape == (None, 6)
    assert layers.Flatten()(keras.Input((2, 3), dtype="float16")).dtype == "float32"


@pytest.mark.parametrize(
    ("what", "error"),
    [
        (lambda x: bool(x), TypeError),
        (lambda x: np.asarray(x), ValueError),
        (lambda x: list(x), TypeError),
        (lambda x: float(x), TypeError),
        (lambda x: len(x), TypeError),
        (lambda x: keras.Input((3,), sparse=True), ValueError),
        (lambda x: keras.Input((3,), ragged=True), ValueError),
        (lambda x: keras.Input(), ValueError),
        (lambda x: keras.Input((3,), batch_shape=(1, 3)), ValueError),
        (lambda x: keras.Input((-3,)), ValueError),
        (lambda x: keras.Input(("a",)), ValueError),
    ],
)
def test_errors(what, error):
    with pytest.raises(error):
        what(keras.Input((4,)))


def test_inputs():
    x = keras.Input((3,), batch_size=2, dtype="int32", name="x")
    assert (x.shape, x.dtype, x.name) == ((2, 3), "int32", "x")
    assert keras.Input(batch_shape=(None, None, 1)).shape == (None, None, 1)
    assert keras.Input(tensor=x).shape == (2, 3) and keras.Input(()).shape == (None,)
    layer = layers.InputLayer(shape=(3,), name="y", optional=True)
    reference = oracle.layers.InputLayer(shape=(3,), name="y", optional=True)
    assert layer.output.shape == (None, 3)
    assert {k: v for k, v in layer.get_config().items() if k != "dtype"} == {
        k: v for k, v in reference.get_config().items() if k != "dtype"
    }
    assert layers.InputLayer.from_config(layer.get_config()).output.shape == (None, 3)
