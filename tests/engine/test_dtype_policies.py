"""Dtype policies: of layers, nested, under the tape and inside jit; global; configurations."""

from __future__ import annotations

import numpy as np
import pytest

import triceras as keras
from triceras import layers, ops
from triceras_backends.active import backend as B

X = np.random.default_rng(0).normal(size=(4, 3)).astype("float32")


def dtype_of(x):
    return keras.backend.standardize_dtype(x.dtype)


@pytest.fixture(autouse=True)
def default_policy():
    yield
    keras.config.set_dtype_policy(None)


@pytest.mark.parametrize(
    ("name", "compute", "variable"),
    [
        ("float32", "float32", "float32"),
        ("float16", "float16", "float16"),
        ("mixed_float16", "float16", "float32"),
        ("mixed_bfloat16", "bfloat16", "float32"),
        ("float64", "float64", "float64"),
    ],
)
def test_names(name, compute, variable):
    policy = keras.dtype_policies.DTypePolicy(name)
    layer = layers.Dense(2, dtype=name)
    assert (policy.name, policy.compute_dtype, policy.variable_dtype) == (name, compute, variable)
    assert (layer.compute_dtype, layer.variable_dtype, layer.dtype, layer.input_dtype) == (
        compute, variable, variable, compute,
    )  # fmt: skip
    assert layer.dtype_policy == policy == keras.dtype_policies.get(name) == layers.Dense(2, dtype=policy).dtype_policy


def test_unknown_policies():
    with pytest.raises(ValueError, match="mixed_float17.*mixed_float16"):
        layers.Dense(2, dtype="mixed_float17")
    with pytest.raises(TypeError, match="string"):
        keras.DTypePolicy(3)


def test_global_policy():
    assert keras.config.dtype_policy().name == "float32"
    keras.config.set_dtype_policy("mixed_bfloat16")
    assert layers.Dense(2).compute_dtype == "bfloat16" and layers.Dense(2, dtype="float32").compute_dtype == "float32"
    assert keras.mixed_precision.global_policy().name == "mixed_bfloat16"
    keras.mixed_precision.set_global_policy("float32")
    assert layers.Dense(2).compute_dtype == "float32"


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
@pytest.mark.parametrize("compiled", [False, True])
def test_mixed_layer_computes_in_16_bits_and_trains_in_32(policy, compiled):
    layer = layers.Dense(2, dtype=policy)
    layer(X)

    def step(x):
        with keras.GradientTape() as tape:
            y = layer(x)
            loss = ops.sum(ops.cast(y, "float32"))
        return y, tape.gradient(loss, layer.trainable_variables)

    y, gradients = (keras.jit(step) if compiled else step)(ops.convert_to_tensor(X))
    assert dtype_of(y) == policy.removeprefix("mixed_")
    assert [w.dtype for w in layer.weights] == ["float32", "float32"]
    assert [dtype_of(g) for g in gradients] == ["float32", "float32"]
    np.testing.assert_allclose(ops.convert_to_numpy(gradients[0])[:, 0], X.sum(0), rtol=0.03, atol=0.03)
    assert B.dtype_of(layer.kernel.value) == "float32"


def test_an_inner_layer_s_own_policy_counts():
    seen = {}

    class Inner(keras.Layer):
        def build(self, input_shape):
            self.w = self.add_weight((3,), initializer="ones", name="w")
            self.exact = self.add_weight((3,), initializer="ones", autocast=False, trainable=False, name="exact")

        def call(self, x):
            seen[self.name] = (B.dtype_of(x), B.dtype_of(self.w.value), self.w.dtype, B.dtype_of(self.exact.value))
            return x * self.w

    class Outer(keras.Layer):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.a, self.b, self.c = Inner(dtype="float32", name="a"), Inner(dtype=self.dtype_policy, name="b"), None
            self.c = Inner(dtype="mixed_bfloat16", name="c")

        def call(self, x):
            return self.b(self.a(self.c(x)))

    outer = Outer(dtype="mixed_float16")
    for _ in range(2):
        seen.clear()
        assert dtype_of(outer(X)) == "float16"
        assert seen["a"] == ("float32", "float32", "float32", "float32")
        assert seen["b"] == ("float16", "float16", "float16", "float32")
        assert seen["c"] == ("bfloat16", "bfloat16", "bfloat16", "float32")


def test_assignment_inside_a_mixed_layer_keeps_the_variable_s_precision():
    class Counter(keras.Layer):
        def build(self, input_shape):
            self.total = self.add_weight((), initializer="ones", trainable=False, name="total")

        def call(self, x):
            self.total.assign_add(1e-4)
            return x

    layer = Counter(dtype="mixed_float16")
    for _ in range(5):
        layer(X)
    np.testing.assert_allclose(float(layer.total), 1 + 5e-4, rtol=1e-6)


def test_inputs_are_cast_unless_autocast_is_off():
    class Same(keras.Layer):
        def call(self, x):
            return x

    half, integers = X.astype("float16"), np.arange(3)
    assert dtype_of(Same()(half)) == "float32" and dtype_of(Same(autocast=False)(half)) == "float16"
    assert dtype_of(Same(dtype="mixed_float16")(X)) == "float16"
    assert "int" in dtype_of(Same(dtype="float16")(integers))
    assert Same(dtype="mixed_float16")(keras.Input((3,))).dtype == "float16"


def test_the_policy_can_be_changed():
    layer = layers.Dense(2)
    layer(X)
    layer.dtype_policy = "mixed_float16"
    assert dtype_of(layer(X)) == "float16" and layer.kernel.dtype == "float32"


def test_policy_map():
    policies = keras.dtype_policies.DTypePolicyMap(
        default_policy="mixed_float16", policy_map={"exact": "float32", ".*/head": "mixed_bfloat16"}
    )
    assert policies["exact"].name == "float32" and policies["model/head"].name == "mixed_bfloat16"
    assert policies["else"].name == "mixed_float16" and len(policies) == 2 and "exact" in policies
    assert layers.Dense(2, dtype=policies, name="exact").compute_dtype == "float32"
    assert layers.Dense(2, dtype=policies).compute_dtype == "float16"
    assert keras.dtype_policies.deserialize(keras.dtype_policies.serialize(policies)) == policies
    with pytest.raises(ValueError, match="exact"):
        policies["exact"] = "float16"


def described(module, kind, **config):
    return {"module": module, "class_name": kind, "config": config, "registered_name": None}


def test_configurations_hold_plain_data():
    config = layers.Dense(2, dtype="mixed_float16", kernel_regularizer="l2", kernel_constraint="non_neg").get_config()
    assert config["dtype"] == described("keras", "DTypePolicy", name="mixed_float16")
    assert config["kernel_regularizer"] == described("keras.regularizers", "L2", l2=0.01)
    again = layers.Dense.from_config(config)
    assert again.compute_dtype == "float16" and type(again.kernel_constraint) is keras.constraints.NonNeg


def test_training_in_mixed_precision():
    model = keras.Sequential([layers.Dense(8, activation="relu", dtype="mixed_bfloat16"), layers.Dense(1)])
    model.compile("sgd", "mse")
    y = X.sum(1, keepdims=True)
    first = model.fit(X, y, epochs=1, verbose=0).history["loss"][0]
    last = model.fit(X, y, epochs=30, verbose=0).history["loss"][-1]
    assert last < first / 2 and all(w.dtype == "float32" for w in model.weights)
