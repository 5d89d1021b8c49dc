"""Creation, shapes, indexing, sorting."""

from __future__ import annotations

import builtins
import operator
from typing import Any

import numpy as np

from numpy_horn.kernels import convert, primitive, table
from numpy_horn.tensors import Array, convert_to_tensor, wrap
from triceras_backends import checks, dtypes
from triceras_backends.variable import Variable

# -- creation --------------------------------------------------------------------------------


def arange(start: Any, stop: Any = None, step: Any = None, dtype: Any = None) -> Array:
    given = [convert(x) for x in (start, stop, step) if x is not None]  # as they are: a step of -1 may go with uint8
    first, last = (0, start) if stop is None else (start, stop)
    first, last, by = (convert(x)[0].item() for x in (first, last, 1 if step is None else step))
    checks.step(by)
    return wrap(np.arange(first, last, by), dtype or dtypes.result_type(*(kind for _, kind in given)))


def _linspace(start: Any, stop: Any, num: int, endpoint: bool, retstep: bool, dtype: Any, axis: int) -> Any:
    return np.linspace(start, stop, num, endpoint, retstep, dtype, axis)


def _like(value: Any) -> Any:
    return lambda x, dtype: np.full(x.shape, value)


table(
    globals(),
    zeros=lambda shape, dtype: np.zeros(shape), ones=lambda shape, dtype: np.ones(shape), zeros_like=_like(0),
    ones_like=_like(1), eye=lambda N, M, k, dtype: np.eye(N, M, k),
)  # fmt: skip
full = primitive("full", lambda shape, value, dtype: np.broadcast_to(value, shape), apart=["fill_value"])
full_like = primitive("full_like", lambda x, value, dtype: np.broadcast_to(value, x.shape), apart=["fill_value"])
linspace = primitive("linspace", _linspace, "float")
meshgrid = primitive("meshgrid", lambda *x, indexing: list(np.meshgrid(*x, indexing=indexing)))


# -- shape -----------------------------------------------------------------------------------


def _matrix(fn: Any) -> Any:
    def call(x: Any, k: int) -> Any:
        if x.ndim < 2:
            raise ValueError("a matrix is needed")
        return fn(x, k)

    return call


def _swapaxes(x: Any, axis1: int, axis2: int) -> Any:
    return np.swapaxes(x, axis1, axis2)


def _unstack(x: Any, num: int | None, axis: int) -> Any:
    if num is not None and num != x.shape[axis]:
        raise ValueError(f"there are {x.shape[axis]} slices along axis {axis}")
    return list(np.moveaxis(x, axis, 0))


def _pad(x: Any, width: Any, mode: str, constant_values: Any) -> Any:
    pairs = checks.padding(x.shape, width, mode, constant_values)
    if not pairs:
        return x
    if mode == "constant":
        value = 0 if constant_values is None else np.asarray(convert_to_tensor(constant_values))
        return np.pad(x, pairs, mode, constant_values=value)
    return np.pad(x, pairs, "wrap" if mode == "circular" else mode)


table(
    globals(),
    reshape=np.reshape, transpose=np.transpose, ravel=np.ravel, expand_dims=np.expand_dims, squeeze=np.squeeze,
    moveaxis=np.moveaxis, swapaxes=_swapaxes, broadcast_to=np.broadcast_to, concatenate=np.concatenate, stack=np.stack,
    split=lambda x, parts, axis: np.split(x, parts, axis), unstack=_unstack, tile=np.tile, repeat=np.repeat,
    flip=np.flip, roll=np.roll, pad=_pad, tril=_matrix(np.tril), triu=_matrix(np.triu), diag=np.diag,
    diagonal=np.diagonal,
)  # fmt: skip


# -- indexing --------------------------------------------------------------------------------


def _inside(x: Any, indices: Any, axis: int) -> tuple[Any, Any]:
    """Indices from the start of the axis, moved inside; and which of them were outside."""
    if indices.dtype.kind not in "iub":
        raise ValueError(f"indices must be integers; got dtype {indices.dtype}")
    size = x.shape[axis]
    indices = indices.astype("int64")
    indices = np.where(indices < 0, indices + size, indices)
    return np.clip(indices, 0, size - 1), (indices < 0) | (indices >= size)


def _blank(x: Any, outside: Any) -> Any:
    return np.where(outside, np.array(np.nan, x.dtype), x) if x.dtype.kind in "fc" else x


def _take(x: Any, indices: Any, axis: int | None) -> Any:
    x, axis = (x.ravel(), 0) if axis is None else (x, range(x.ndim)[axis])
    indices, outside = _inside(x, indices, axis)
    return _blank(np.take(x, indices, axis), np.reshape(outside, (*outside.shape, *(1,) * (x.ndim - axis - 1))))


def _take_along_axis(x: Any, indices: Any, axis: int | None) -> Any:
    x, axis = (x.ravel(), 0) if axis is None else (x, axis)
    indices, outside = _inside(x, indices, axis)
    return _blank(np.take_along_axis(x, indices, axis), outside)


def _block(x: Any, starts: Any, shape: Any) -> Any:
    """The key of a block of that shape, moved inside x."""
    starts = [int(start) for start in starts]
    if (
        not len(starts) == len(shape) == x.ndim
        or any(n < 0 for n in shape)
        or any(n > size for n, size in zip(shape, x.shape, strict=True))
    ):
        raise ValueError(f"a block {tuple(shape)} at {starts} does not fit into shape {x.shape}")
    starts = [min(max(start, 0), size - n) for start, n, size in zip(starts, shape, x.shape, strict=True)]
    return tuple(builtins.slice(start, start + n) for start, n in zip(starts, shape, strict=True))


def _slice_update(x: Any, starts: Any, updates: Any) -> Any:
    result = x.copy()
    result[_block(x, starts, updates.shape)] = updates
    return result


_REDUCTIONS = {"add": np.add, "max": np.maximum, "min": np.minimum, "mul": np.multiply}


def _scatter_update(x: Any, indices: Any, updates: Any, reduction: str | None) -> Any:
    if reduction is not None and reduction not in _REDUCTIONS:
        raise ValueError('reduction must be None, "add", "max", "min" or "mul"')
    if indices.dtype.kind == "f":
        raise ValueError(f"indices must be integers; got dtype {indices.dtype}")
    depth = indices.shape[-1]
    result, sizes = x.copy(), np.array(x.shape[:depth])
    inside = np.all((indices >= -sizes) & (indices < sizes), -1)
    updates = np.broadcast_to(updates, (*inside.shape, *x.shape[depth:]))[inside].astype(x.dtype)
    key = tuple(np.moveaxis(indices[inside], -1, 0))
    if reduction is None:
        result[key] = updates
    else:
        _REDUCTIONS[reduction].at(result, key, updates)
    return result


def _scatter(indices: Any, values: Any, shape: Any) -> Any:
    return _scatter_update(np.zeros(shape, values.dtype), indices, values, "add")


def _part(part: Any) -> Any:
    if isinstance(part, builtins.slice):
        return builtins.slice(*(i if i is None else operator.index(i) for i in (part.start, part.stop, part.step)))
    part = part.value if isinstance(part, Variable) else part
    return np.asarray(part) if isinstance(part, Array) else part


def _getitem(x: Any, key: Any) -> Any:
    return x[tuple(map(_part, key)) if isinstance(key, tuple) else _part(key)]


table(globals(), apart=["indices"], take=_take, take_along_axis=_take_along_axis, scatter=_scatter)
slice = primitive("slice", lambda x, starts, shape: x[_block(x, starts, shape)])
slice_update = primitive("slice_update", _slice_update, apart=["updates"])
scatter_update = primitive("scatter_update", _scatter_update, apart=["indices", "updates"])
getitem = primitive("getitem", _getitem)


# -- sorting ---------------------------------------------------------------------------------


def _top_k(x: Any, k: int, sorted: bool) -> Any:
    if k > x.shape[-1]:
        raise ValueError(f"there are only {x.shape[-1]} elements")
    order = x.shape[-1] - 1 - np.argsort(x[..., ::-1], -1, kind="stable")[..., ::-1][..., :k]
    return np.take_along_axis(x, order, -1), order


def _searchsorted(sequence: Any, values: Any, side: str) -> Any:
    return np.searchsorted(sequence, values, side)


table(globals(), sort=lambda x, axis: np.sort(x, axis, kind="stable"))
table(globals(), gives="int32", argsort=lambda x, axis: np.argsort(x, axis, kind="stable"), searchsorted=_searchsorted)
top_k = primitive("top_k", _top_k, gives=("", "int32"))
