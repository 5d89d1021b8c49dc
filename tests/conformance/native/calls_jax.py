"""Plain JAX, as its users write it, under the names that calls_<backend> share."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

sin, cos, exp, log, tanh, relu, sqrt, matmul, sum, where, add, multiply, stack, concatenate, softmax, reshape = (
    jnp.sin, jnp.cos, jnp.exp, jnp.log, jnp.tanh, jax.nn.relu, jnp.sqrt, jnp.matmul, jnp.sum, jnp.where, jnp.add,
    jnp.multiply, jnp.stack, jnp.concatenate, jax.nn.softmax, jnp.reshape,
)  # fmt: skip

stop_gradient = jax.lax.stop_gradient


def cast(x: jax.Array, dtype: str) -> jax.Array:
    return x.astype(dtype)


def unstack(x: jax.Array) -> Any:
    return jnp.unstack(x)


def untouched(x: jax.Array) -> bool:
    """Whether no tape has left a mark on a tensor the user made."""
    return isinstance(x, jax.Array) and not isinstance(x, jax.core.Tracer)
