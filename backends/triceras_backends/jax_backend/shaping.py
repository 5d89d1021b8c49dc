"""Joining, dividing, turning and selecting on JAX."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from triceras_backends import checks
from triceras_backends.contract.types import Shape, Tensor, Tensors
from triceras_backends.jax_backend.kernels import axes, checked, operands, promoted, tensor, tensors
from triceras_backends.jax_backend.tensors import dtype_of, native

# -- joining and dividing --------------------------------------------------------------------

_append = checked("append", jnp.append, static=2)


def append(x1: Tensor, x2: Tensor, axis: int | None = None) -> Tensor:
    return _append(*tensors((tensor(x1), tensor(x2))), axes(axis))


def _stacking(name: str, fn: Any) -> Any:
    joined = checked(name, lambda *xs: fn(xs))

    def call(xs: Tensors) -> Tensor:
        parts = [tensor(x) for x in xs]
        if not parts:
            raise ValueError(f"{name}: needs at least one tensor.")
        return joined(*tensors(parts))

    call.__name__ = call.__qualname__ = name
    return call


hstack = _stacking("hstack", jnp.hstack)
vstack = _stacking("vstack", jnp.vstack)
dstack = _stacking("dstack", jnp.dstack)

# -- turning ---------------------------------------------------------------------------------

_rot90 = checked("rot90", jnp.rot90, static=(1, 2))


def rot90(array: Tensor, k: int = 1, axes: Shape = (0, 1)) -> Tensor:
    array = tensor(array)
    return _rot90(array, k, checks.plane("rot90", array.ndim, axes))


# -- selecting -------------------------------------------------------------------------------


def _is_in(x1: Any, x2: Any, invert: bool, dtype: Any) -> Any:
    return jnp.isin(jnp.asarray(x1, dtype), jnp.asarray(x2, dtype), invert=invert)


_isin = checked("isin", _is_in, static=(2, 3))


def isin(x1: Tensor, x2: Tensor, assume_unique: bool = False, invert: bool = False) -> Tensor:
    x1, x2 = (x if isinstance(x, (bool, int, float)) else tensor(x) for x in (x1, x2))
    x1, x2, dtype = operands(x1, x2)
    return _isin(x1, x2, bool(invert), dtype)


def nonzero(x: Tensor) -> tuple[Tensor, ...]:
    x = tensor(x)
    checks.least_rank("nonzero", x.ndim, 1)
    return tuple(found.astype("int32") for found in jnp.nonzero(x))


def _unravelled(indices: Any, shape: tuple[int, ...], own: Any) -> Any:
    indices = indices.astype("int64" if own in ("int64", "uint64") else "int32")
    return tuple(place.astype(own) for place in jnp.unravel_index(indices, shape))


_unravel_index = checked("unravel_index", _unravelled, static=(1, 2))


def unravel_index(indices: Tensor, shape: Shape) -> tuple[Tensor, ...]:
    indices = tensor(indices)
    own = dtype_of(indices)
    checks.integers("unravel_index", own)
    return tuple(_unravel_index(indices, checks.sizes(shape), own))


def _selected(dtype: Any, default: Any, *parts: Any) -> Any:
    half = len(parts) // 2
    conditions = [part != 0 for part in parts[:half]]
    return jnp.select(conditions, [part.astype(dtype) for part in parts[half:]], jnp.asarray(default, dtype))


_select = checked("select", _selected, static=0)


def select(condlist: Tensors, choicelist: Tensors, default: Tensor = 0) -> Tensor:
    checks.choices(condlist, choicelist)
    choices = [tensor(choice) for choice in choicelist]
    default = native(default)
    return _select(promoted([*choices, default]), default, *map(tensor, condlist), *choices)
