"""Reductions on JAX."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from triceras_backends import dtypes
from triceras_backends.contract.types import Axis, DType, Tensor
from triceras_backends.jax_backend.kernels import INEXACT, axes, checked, reduction, tensor
from triceras_backends.jax_backend.tensors import jax_dtype, native


def _sum(x: Any, axis: Any, keepdims: bool) -> Any:
    return jnp.sum(x, axis, dtype=dtypes.accumulator(x.dtype.name), keepdims=keepdims)


def _wide(fn: Callable[..., Any]) -> Callable[..., Any]:
    """fn with 16-bit floats computed in 32."""

    def call(x: Any, axis: Any, keepdims: bool) -> Any:
        wide = x.astype("float32") if x.dtype.itemsize == 2 else x
        y = fn(wide, axis=axis, keepdims=keepdims)
        return y.astype(x.dtype) if x.dtype.itemsize == 2 else y

    return call


sum = reduction("sum", _sum)
mean = reduction("mean", lambda x, axis, keepdims: jnp.mean(x, axis, keepdims=keepdims), INEXACT)
var = reduction("var", _wide(jnp.var), INEXACT)
std = reduction("std", _wide(jnp.std), INEXACT)
all = reduction("all", lambda x, axis, keepdims: jnp.all(x, axis, keepdims=keepdims))
any = reduction("any", lambda x, axis, keepdims: jnp.any(x, axis, keepdims=keepdims))
argmax = reduction("argmax", lambda x, axis, keepdims: jnp.argmax(x, axis, keepdims=keepdims).astype("int32"))
argmin = reduction("argmin", lambda x, axis, keepdims: jnp.argmin(x, axis, keepdims=keepdims).astype("int32"))
logsumexp = reduction("logsumexp", lambda x, axis, keepdims: jax.nn.logsumexp(x, axis=axis, keepdims=keepdims), INEXACT)

_count = checked("count_nonzero", lambda x, axis: jnp.sum(x != 0, axis, dtype="int32"), static=1)


def count_nonzero(x: Tensor, axis: Axis = None) -> Tensor:
    return _count(tensor(x), axes(axis))


def _product(x: Any, axis: Any, keepdims: bool, dtype: Any) -> Any:
    return jnp.prod(x, axis, dtype=dtypes.accumulator(x.dtype.name) if dtype is None else dtype, keepdims=keepdims)


_prod = checked("prod", _product, static=(1, 2, 3))


def prod(x: Tensor, axis: Axis = None, keepdims: bool = False, dtype: DType | None = None) -> Tensor:
    return _prod(tensor(x), axes(axis), keepdims, None if dtype is None else jax_dtype(dtype))


def _extreme(name: str, fn: Callable[..., Any]) -> Callable[..., Any]:
    run = checked(name, lambda x, start, axis, keepdims: fn(x, axis, keepdims=keepdims, initial=start), static=(2, 3))

    def call(x: Tensor, axis: Axis = None, keepdims: bool = False, initial: Tensor = None) -> Tensor:
        return run(tensor(x), None if initial is None else native(initial), axes(axis), keepdims)

    call.__name__ = call.__qualname__ = name
    return call


max = _extreme("max", jnp.max)
min = _extreme("min", jnp.min)


def _running(name: str, fn: Callable[..., Any]) -> Callable[..., Any]:
    def running(x: Any, axis: Any, dtype: Any) -> Any:
        dtype = x.dtype if dtype is None else dtype
        return fn(x, axis, dtype="int32" if dtype == "bool" else dtype)

    run = checked(name, running, static=(1, 2))

    def call(x: Tensor, axis: int | None = None, dtype: DType | None = None) -> Tensor:
        return run(tensor(x), axes(axis), None if dtype is None else jax_dtype(dtype))

    call.__name__ = call.__qualname__ = name
    return call


cumsum = _running("cumsum", jnp.cumsum)
cumprod = _running("cumprod", jnp.cumprod)
