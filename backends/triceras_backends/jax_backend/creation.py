"""Further ways to make tensors on JAX: copies, spaced numbers, windows."""

from __future__ import annotations

import operator
from typing import Any

import jax.numpy as jnp
from jax.scipy.special import i0e

from triceras_backends import checks
from triceras_backends.contract.types import DType, Tensor
from triceras_backends.jax_backend.kernels import NUMERIC, checked, tensor
from triceras_backends.jax_backend.tensors import convert_to_tensor, jax_dtype

_copy = checked("copy", jnp.copy)


def array(x: Tensor, dtype: DType | None = None) -> Tensor:
    made = convert_to_tensor(x, dtype)
    return _copy(made) if made is x or hasattr(x, "value") else made


def copy(x: Tensor) -> Tensor:
    return _copy(tensor(x))


def _window(name: str, fn: Any) -> Any:
    made = checked(name, lambda n, dtype: fn(n).astype(dtype), static=(0, 1))

    def call(x: int) -> Tensor:
        return made(checks.length(name, x), jax_dtype(None))

    call.__name__ = call.__qualname__ = name
    return call


bartlett = _window("bartlett", jnp.bartlett)
blackman = _window("blackman", jnp.blackman)
hamming = _window("hamming", jnp.hamming)
hanning = _window("hanning", jnp.hanning)


def _kaiser_window(beta: Any, n: int) -> Any:
    beta = jnp.abs(beta)
    places = jnp.linspace(-1.0, 1.0, n, dtype=beta.dtype) if n > 1 else jnp.zeros(n, beta.dtype)
    inside = beta * jnp.sqrt(jnp.maximum(1 - places * places, 0))
    # Scaled Bessel functions, because the plain ones overflow early.
    return i0e(inside) * jnp.exp(inside - beta) / i0e(beta)


_kaiser = checked("kaiser", _kaiser_window, static=1)


def kaiser(x: int, beta: Tensor) -> Tensor:
    return _kaiser(convert_to_tensor(beta, jax_dtype(None)), checks.length("kaiser", x))


_tri = checked("tri", jnp.tri, static=(0, 1, 2, 3))


def tri(N: int, M: int | None = None, k: int = 0, dtype: DType | None = None) -> Tensor:
    N = operator.index(N)
    return _tri(N, N if M is None else operator.index(M), operator.index(k), jax_dtype(dtype))


def _powers(x: Any, n: int, increasing: bool) -> Any:
    """Products, because those have derivatives of any order at 0."""
    column, powers = x[:, None], jnp.ones((len(x), min(n, 1)), x.dtype)
    while powers.shape[1] < n:
        powers = jnp.concatenate([powers, powers[:, : n - powers.shape[1]] * column], 1)
        column = column * column
    return powers if increasing else jnp.flip(powers, 1)


_vander = checked("vander", _powers, static=(1, 2))
_diagflat = checked("diagflat", jnp.diagflat, static=1)


def vander(x: Tensor, N: int | None = None, increasing: bool = False) -> Tensor:
    x = tensor(x, NUMERIC)
    checks.vector("vander", x.shape, N)
    return _vander(x, len(x) if N is None else N, bool(increasing))


def diagflat(x: Tensor, k: int = 0) -> Tensor:
    return _diagflat(tensor(x), k)
