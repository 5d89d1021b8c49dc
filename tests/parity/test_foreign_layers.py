"""Layers around functions and modules of one framework: they work there, and say so elsewhere."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import keras

import triceras as k

BACKEND = keras.backend.backend()
on_jax = pytest.mark.skipif(BACKEND != "jax", reason="needs JAX")
X = np.arange(6, dtype="float32").reshape(2, 3)


def affine(params: Any, inputs: Any) -> Any:
    return inputs @ params["w"] + params["b"]


def start(rng: Any, inputs: Any) -> Any:
    import jax

    return {"w": jax.random.normal(rng, (inputs.shape[-1], 2)), "b": np.zeros(2, "float32")}


def counted(params: Any, state: Any, rng: Any, inputs: Any, training: bool) -> Any:
    return inputs * params[0] + (1.0 if training else 0.0), {"calls": state["calls"] + 1}


@on_jax
def test_given_parameters() -> None:
    layer = k.layers.JaxLayer(affine, params={"w": np.ones((3, 2), "float32"), "b": np.ones(2, "float32")})
    theirs = keras.layers.JaxLayer(affine, params={"w": np.ones((3, 2), "float32"), "b": np.ones(2, "float32")})
    np.testing.assert_allclose(layer(X), theirs(X))
    assert [w.shape for w in layer.trainable_weights] == [tuple(w.shape) for w in theirs.trainable_weights]


@on_jax
def test_parameters_made_and_trained() -> None:
    model = k.Sequential([k.Input((3,)), k.layers.JaxLayer(affine, start, seed=1)])
    assert model.output_shape == (None, 2)
    model.compile("sgd", "mse")
    history = model.fit(X, np.ones((2, 2), "float32"), epochs=3, verbose=0).history["loss"]
    assert history[-1] < history[0]


@on_jax
def test_state() -> None:
    layer = k.layers.JaxLayer(counted, params=[np.float32(2)], state={"calls": np.float32(0)})
    np.testing.assert_allclose(layer(X, training=True), 2 * X + 1)
    np.testing.assert_allclose(layer(X), 2 * X)
    assert float(layer.non_trainable_weights[0].numpy()) == 2.0


@on_jax
def test_what_a_function_takes() -> None:
    with pytest.raises(ValueError, match="init_fn"):
        k.layers.JaxLayer(affine)
    with pytest.raises(ValueError, match="other"):
        k.layers.JaxLayer(lambda params, other, inputs: inputs, params={})
    with pytest.raises(ValueError, match="inputs"):
        k.layers.JaxLayer(lambda params: params, params={})


@pytest.mark.skipif(BACKEND == "jax", reason="works there")
def test_jax_elsewhere() -> None:
    with pytest.raises(ValueError, match="JAX"):
        k.layers.JaxLayer(affine, params={})


@pytest.mark.skipif(BACKEND == "tensorflow", reason="works there")
def test_tensorflow_elsewhere() -> None:
    with pytest.raises(NotImplementedError, match="TensorFlow"):
        k.layers.TFSMLayer("nowhere")


@pytest.mark.skipif(BACKEND != "tensorflow", reason="needs TensorFlow")
def test_saved_model(tmp_path: Path) -> None:
    import tensorflow as tf

    class Doubled(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec((None, 3))])
        def serve(self, x: Any) -> Any:
            return 2 * x

    tf.saved_model.save(Doubled(), str(tmp_path))
    layer = k.layers.TFSMLayer(tmp_path)
    np.testing.assert_allclose(layer(X), 2 * X)
    again = k.layers.TFSMLayer.from_config(layer.get_config())
    np.testing.assert_allclose(again(X), 2 * X)
    with pytest.raises(ValueError, match="endpoint"):
        k.layers.TFSMLayer(tmp_path, call_endpoint="other")


@pytest.mark.skipif(BACKEND == "torch", reason="works there")
def test_torch_elsewhere() -> None:
    with pytest.raises(TypeError):
        k.layers.TorchModuleWrapper(object())


class Scaled:
    """What FlaxLayer asks of a module of Flax: `init` makes variables, `apply` computes with them."""

    def init(self, rngs: Any, inputs: Any, **options: Any) -> Any:
        return {"params": {"scale": np.full(inputs.shape[-1], 3.0, "float32")}}

    def apply(self, variables: Any, inputs: Any, **options: Any) -> Any:
        return inputs * variables["params"]["scale"]

    def __call__(self, inputs: Any) -> Any:
        raise AssertionError("called through apply")


def test_flax_layer() -> None:
    if BACKEND != "jax":
        with pytest.raises(ValueError, match="FlaxLayer.*jax|JAX"):
            k.layers.FlaxLayer(Scaled())
        return
    layer = k.layers.FlaxLayer(Scaled())
    with k.GradientTape() as tape:
        y = layer(X)
        total = k.ops.sum(y)
    np.testing.assert_allclose(y, 3 * X)
    np.testing.assert_allclose(tape.gradient(total, layer.trainable_weights)[0], X.sum(0))
