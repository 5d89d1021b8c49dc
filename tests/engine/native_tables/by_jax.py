"""Layers as JAX sees them."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import triceras as keras
from triceras import layers

X = np.random.default_rng(0).normal(size=(4, 3)).astype("float32")


def grad_of(loss):
    return jax.jit(jax.grad(loss, has_aux=True))


def state_is_a_pytree():
    layer = layers.Dense(2)
    layer(X)
    state = [v.value for v in layer.trainable_variables]
    doubled = jax.tree_util.tree_map(lambda w: 2 * w, state)
    y, fixed = layer.stateless_call(doubled, [], X)
    np.testing.assert_allclose(y, 2 * layer(X), rtol=1e-5)
    assert fixed == []


def mapped_over_many_models():
    layer = layers.Dense(2)
    layer(X)
    state = [jnp.stack([v.value, 2 * v.value]) for v in layer.trainable_variables]
    y = jax.vmap(lambda w: layer.stateless_call(w, [], X)[0])(state)
    np.testing.assert_allclose(y[1], 2 * y[0], rtol=1e-5)


def functions_of_jax_take_variables():
    layer = layers.Dense(2)
    layer(X)
    np.testing.assert_allclose(jnp.dot(X, layer.kernel), layer(X), rtol=1e-5)


def nothing_leaks_out_of_a_trace():
    layer = layers.Dense(2, activity_regularizer="l2")
    layer(X)
    state = [v.value for v in layer.trainable_variables]
    call = jax.jit(lambda w, x: layer.stateless_call(w, [], x, return_losses=True))
    _, _, losses = call(state, X)
    assert len(losses) == 1 and layer.losses == []


def modules_of_pytorch_are_refused():
    with pytest.raises(TypeError, match="PyTorch"):
        layers.TorchModuleWrapper(object())


CASES = [
    state_is_a_pytree, mapped_over_many_models, functions_of_jax_take_variables, nothing_leaks_out_of_a_trace,
    modules_of_pytorch_are_refused,
]  # fmt: skip

assert keras.backend.backend() == "jax"
