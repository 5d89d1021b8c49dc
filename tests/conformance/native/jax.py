"""JAX by itself."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from tests.conformance.native import reading

_NARROW = {"int64": "int32", "uint64": "uint32", "float64": "float32", "complex128": "complex64"}


def double() -> AbstractContextManager[Any]:
    return jax.enable_x64(True)


COMPILE: dict[str, Any] = {}


def traced() -> AbstractContextManager[Any]:
    return nullcontext()


def host_reads() -> AbstractContextManager[Any]:
    return reading.refused(type(jnp.zeros(())))


def canonical(dtype: str) -> str:
    return _NARROW.get(dtype, dtype)


def tensor(array: Any) -> jax.Array:
    return jnp.asarray(array)


def array(x: Any) -> np.ndarray[Any, Any]:
    return np.asarray(x)


def is_tensor(x: Any) -> bool:
    return isinstance(x, jax.Array) and not isinstance(x, jax.core.Tracer)


def gradients(fn: Callable[..., Any], *arrays: Any) -> list[np.ndarray[Any, Any]]:
    inputs = [tensor(a) for a in arrays]
    return [array(g) for g in jax.grad(fn, argnums=tuple(range(len(inputs))))(*inputs)]


def _conv2d(x: jax.Array, kernel: jax.Array) -> jax.Array:
    return jax.lax.conv_general_dilated(x, kernel, (1, 1), "VALID", dimension_numbers=("NHWC", "HWIO", "NHWC"))


OPS: dict[str, Callable[..., Any]] = {
    "exp": jnp.exp,
    "tanh": jnp.tanh,
    "matmul": jnp.matmul,
    "sum": jnp.sum,
    "logsumexp": jax.nn.logsumexp,
    "softmax": jax.nn.softmax,
    "sort": jnp.sort,
    "conv": _conv2d,
}


def versions() -> dict[str, str]:
    return {"jax": jax.__version__}
