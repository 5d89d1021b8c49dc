"""Complex numbers on JAX."""

from __future__ import annotations

import math
from typing import Any

import jax.numpy as jnp
from jax import lax

from triceras_backends.jax_backend.kernels import INEXACT, binary, unary


def _is_complex(x: Any) -> bool:
    return bool(jnp.issubdtype(x.dtype, jnp.complexfloating))


def _angle(x: Any) -> Any:
    if _is_complex(x):
        return jnp.angle(x)
    return jnp.where(jnp.isnan(x), x, jnp.where(jnp.signbit(x), jnp.array(math.pi, x.dtype), jnp.zeros_like(x)))


def _single(x: Any) -> Any:
    """x in a dtype of which JAX makes complex numbers."""
    return x if x.dtype in (jnp.float32, jnp.float64) else x.astype(jnp.float32)


def _polar(length: Any, angle: Any) -> Any:
    length, angle = _single(length), _single(angle)
    return lax.complex(length * jnp.cos(angle), length * jnp.sin(angle))


def _as_complex(x: Any) -> Any:
    if _is_complex(x):
        raise TypeError(f"it does not accept dtype {x.dtype}: already complex")
    if not x.ndim or x.shape[-1] != 2:
        raise ValueError(f"the last axis must be of size 2, the shape is {x.shape}")
    x = _single(x)
    return lax.complex(x[..., 0], x[..., 1])


conj = unary("conj", jnp.conj)
real = unary("real", jnp.real)
imag = unary("imag", jnp.imag)
isreal = unary("isreal", jnp.isreal)
angle = unary("angle", _angle, INEXACT)
_in_polar = binary("polar", _polar, INEXACT)
view_as_complex = unary("view_as_complex", _as_complex, INEXACT)
view_as_real = unary("view_as_real", lambda x: jnp.stack([jnp.real(x), jnp.imag(x)], -1))


def polar(abs_: Any, angle: Any) -> Any:
    return _in_polar(abs_, angle)
