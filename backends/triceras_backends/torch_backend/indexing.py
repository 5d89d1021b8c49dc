"""Indexing, apart from `arrays` for its length: gathers, scatters, blocks and `x[key]`."""

from __future__ import annotations

import builtins
import math
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np
import torch
from torch import Tensor

from triceras_backends.torch_backend.tensors import (
    INEXACT,
    PLAIN,
    convert_to_tensor,
    guarded,
    is_eager,
)
from triceras_backends.variable import Variable

Unary: TypeAlias = Callable[[Tensor], Tensor]


def _tensor(x: Any) -> Tensor:
    return x if x.__class__ in PLAIN else convert_to_tensor(x)


def _integers(name: str, x: Any) -> Tensor:
    x = _tensor(x)
    if x.dtype.is_floating_point or x.dtype.is_complex:
        raise ValueError(f"{name}: indices must be integers; got dtype {str(x.dtype).removeprefix('torch.')}.")
    return x.to(torch.int64)


def _gathered(
    fetch: Callable[[Tensor], Tensor], indices: Tensor, size: int, mask: Callable[[Tensor], Tensor]
) -> Tensor:
    """fetch(indices), NaN (or, for integers, the nearest end) where an index is out of range.

    `mask` gives the indices the shape that broadcasts to the result.
    """
    if is_eager(indices) and not indices.is_cuda:
        try:
            return fetch(indices)  # on the CPU PyTorch looks for itself whether all lie in [0, size)
        except (IndexError, RuntimeError, ValueError):
            pass
    indices = torch.where(indices < 0, indices + size, indices)
    result = fetch(torch.clamp(indices, 0, size - 1))
    if result.dtype not in INEXACT:
        return result
    return torch.where(mask((indices >= 0) & (indices < size)), result, float("nan"))


def take(x: Any, indices: Any, axis: int | None = None) -> Tensor:
    x, indices = _tensor(x), _integers("take", indices)
    x, axis = (x.reshape(-1), 0) if axis is None else (x, axis)
    if not -x.ndim <= axis < x.ndim:
        raise ValueError(f"take: axis {axis} is out of range for shape {tuple(x.shape)}.")
    axis, size = axis % x.ndim, x.shape[axis]
    if not size and indices.numel():
        raise ValueError(f"take: axis {axis} of shape {tuple(x.shape)} is empty.")
    shape = x.shape[:axis] + indices.shape + x.shape[axis + 1 :]
    trailing = (1,) * (x.ndim - axis - 1)

    def fetch(flat: Tensor) -> Tensor:
        return x.index_select(axis, flat.reshape(-1)).reshape(shape)

    return _gathered(fetch, indices, size, lambda inside: inside.reshape((*indices.shape, *trailing)))


def rows(x: Any, indices: Any) -> Tensor:
    x = _tensor(x)
    if not isinstance(indices, Tensor):
        indices = torch.from_numpy(np.ascontiguousarray(indices)).to(x.device)
    return x.index_select(0, indices)


def take_along_axis(x: Any, indices: Any, axis: int | None = None) -> Tensor:
    x, indices = _tensor(x), _integers("take_along_axis", indices)
    x, indices, axis = (x.reshape(-1), indices.reshape(-1), 0) if axis is None else (x, indices, axis)
    if x.ndim != indices.ndim or not -x.ndim <= axis < x.ndim:
        raise ValueError(
            f"take_along_axis: indices must have x's rank and axis {axis} lie in it; "
            f"got shapes {tuple(x.shape)} and {tuple(indices.shape)}."
        )

    axis %= x.ndim
    x, indices = _alike_but(x, indices, axis)

    def fetch(inside: Tensor) -> Tensor:
        return torch.gather(x, axis, inside)

    return _gathered(fetch, indices, x.shape[axis], lambda inside: inside)


def _alike_but(x: Tensor, indices: Tensor, axis: int) -> tuple[Tensor, Tensor]:
    """Both broadcast to one shape but for an axis (torch.take_along_dim would wrap indices out of range)."""
    shapes = [[1 if i == axis else n for i, n in enumerate(t.shape)] for t in (x, indices)]
    if shapes[0] == shapes[1]:
        return x, indices
    try:
        lead = list(torch.broadcast_shapes(*shapes))
    except RuntimeError:
        got = f"{tuple(x.shape)} and {tuple(indices.shape)}"
        raise ValueError(f"take_along_axis: shapes {got} do not broadcast but for axis {axis}.") from None
    x, indices = (t.expand([*lead[:axis], t.shape[axis], *lead[axis + 1 :]]) for t in (x, indices))
    return x, indices


# -- blocks ------------------------------------------------------------------------------


def _starts(name: str, start_indices: Any, x: Tensor, sizes: Sequence[int]) -> list[Any]:
    """Where the block begins on each axis, moved inside; ints, or tensors where Python may not look."""
    if isinstance(start_indices, Tensor) and not is_eager(start_indices):
        starts: list[Any] = list(start_indices.to(torch.int64).unbind(0))
    else:
        starts = [s.to(torch.int64) if isinstance(s, Tensor) and not is_eager(s) else int(s) for s in start_indices]
    if len(starts) != x.ndim or len(sizes) != x.ndim or any(n > m for n, m in zip(sizes, x.shape, strict=True)):
        raise ValueError(f"{name}: a block of shape {tuple(sizes)} does not lie in shape {tuple(x.shape)}.")
    room = [m - n for n, m in zip(sizes, x.shape, strict=True)]
    return [
        min(max(s, 0), most) if isinstance(s, int) else torch.clamp(s, 0, most)
        for s, most in zip(starts, room, strict=True)
    ]


def slice(inputs: Any, start_indices: Any, shape: Any) -> Tensor:
    x, sizes = _tensor(inputs), [int(n) for n in shape]
    if any(n < 0 for n in sizes):
        raise ValueError(f"slice: a block of shape {tuple(sizes)} does not lie in shape {tuple(x.shape)}.")
    for axis, (start, size) in enumerate(zip(_starts("slice", start_indices, x, sizes), sizes, strict=True)):
        if isinstance(start, int):
            x = x.narrow(axis, start, size)
        else:
            x = x.index_select(axis, torch.arange(size, device=x.device) + start)
    return x


def slice_update(inputs: Any, start_indices: Any, updates: Any) -> Tensor:
    x = _tensor(inputs)
    updates = _tensor(updates).to(x.dtype)
    starts = _starts("slice_update", start_indices, x, updates.shape)
    if not x.ndim:
        return updates.clone()
    grid = [
        (torch.arange(size, device=x.device) + start).reshape(-1, *(1,) * (x.ndim - 1 - axis))
        for axis, (start, size) in enumerate(zip(starts, updates.shape, strict=True))
    ]
    return x.index_put(grid, updates)


# -- scatters ----------------------------------------------------------------------------

_REDUCTIONS = {"max": "amax", "min": "amin", "mul": "prod"}


def _columns(name: str, indices: Any, shape: Sequence[int]) -> tuple[Tensor, ...]:
    indices = _integers(name, indices)
    if not indices.ndim or indices.shape[-1] > len(shape):
        raise ValueError(f"{name}: indices of shape {tuple(indices.shape)} do not index shape {tuple(shape)}.")
    return indices.unbind(-1)


def scatter(indices: Any, values: Any, shape: Any) -> Tensor:
    values = _tensor(values)
    sizes = [int(n) for n in shape]
    base = values.new_zeros(sizes)
    return _scattered("scatter", base, _columns("scatter", indices, sizes), values, "add")


def _put(x: Tensor, values: Tensor, columns: tuple[Tensor, ...], accumulate: bool) -> Tensor:
    return x.index_put(columns, values, accumulate)


def scatter_update(inputs: Any, indices: Any, updates: Any, reduction: str | None = None) -> Tensor:
    x = _tensor(inputs)
    updates = _tensor(updates).to(x.dtype)
    if reduction not in (None, "add", *_REDUCTIONS):
        raise ValueError(f"scatter_update: reduction must be None, add, max, min or mul; got {reduction!r}.")
    return _scattered("scatter_update", x, _columns("scatter_update", indices, x.shape), updates, reduction)


def _scattered(name: str, x: Tensor, columns: tuple[Tensor, ...], updates: Tensor, reduction: str | None) -> Tensor:
    """x updated at the indices; those out of range change nothing."""
    if not columns:
        return _written(name, x, columns, updates, reduction)
    # Tuples of several indices are made one number, which may lie inside though they do not.
    inside = None if reduction in (None, "add") or len(columns) == 1 else _inside(columns, x.shape)
    if all(is_eager(column) and not column.is_cuda for column in columns):
        try:  # on the CPU PyTorch looks for itself whether all lie inside
            if inside is None or inside.all():
                return _written(name, x, columns, updates, reduction)
        except (RuntimeError, ValueError):
            if _inside(columns, x.shape).all():
                raise
    # What is out of range goes to one row more, which is cut off again.
    inside = _inside(columns, x.shape) if inside is None else inside
    outside = [x.shape[0], *(0 for _ in columns[1:])]
    columns = tuple(
        torch.where(inside, torch.where(column < 0, column + size, column), other)
        for column, size, other in zip(columns, x.shape, outside, strict=False)
    )
    larger = torch.cat((x, x.new_zeros((1, *x.shape[1:]))))
    return _written(name, larger, columns, updates, reduction)[: x.shape[0]]


def _inside(columns: tuple[Tensor, ...], shape: Sequence[int]) -> Tensor:
    """Whether each tuple of indices lies in the shape."""
    inside = torch.ones_like(columns[0], dtype=torch.bool)
    for column, size in zip(columns, shape, strict=False):
        inside = inside & (column >= -size) & (column < size)
    return inside


def _written(name: str, x: Tensor, columns: tuple[Tensor, ...], updates: Tensor, reduction: str | None) -> Tensor:
    if reduction is None or reduction == "add":
        return guarded(name, _put, x, updates, columns=columns, accumulate=reduction == "add")
    depth = len(columns)
    flat = torch.zeros_like(columns[0])
    for size, column in zip(x.shape[:depth], columns, strict=True):
        flat = flat * size + torch.where(column < 0, column + size, column)
    rest = x.shape[depth:]
    rows = x.reshape(math.prod(x.shape[:depth]), *rest)
    updates = updates.expand(*flat.shape, *rest).reshape(flat.numel(), *rest)
    where = flat.reshape(-1, *(1,) * len(rest)).expand(updates.shape)
    return rows.scatter_reduce(0, where, updates, _REDUCTIONS[reduction]).reshape(x.shape)


# -- x[key] ------------------------------------------------------------------------------


def getitem(x: Any, key: Any) -> Tensor:
    x = _tensor(x)
    if not _is_plain(key):
        x, key = _prepared(x, key if type(key) is tuple else (key,))
    try:
        return x[key]
    except (IndexError, RuntimeError) as error:
        raise IndexError(f"Index {key!r:.100} does not fit shape {tuple(x.shape)}: {error}") from None


def _is_plain(key: Any) -> bool:
    """Whether PyTorch reads the key as NumPy does: ints, and slices that step forward."""
    for k in key if key.__class__ is tuple else (key,):
        kind = k.__class__
        if not (kind is int or k is None or k is ... or (kind is builtins.slice and k.step is None)):
            return False
        if kind is builtins.slice and not (k.start.__class__ in _BOUNDS and k.stop.__class__ in _BOUNDS):
            return False
    return True


_BOUNDS = (int, type(None))


def _is_array(k: Any) -> bool:
    return isinstance(k, (list, np.ndarray, Tensor, Variable))


def _prepared(x: Tensor, key: tuple[Any, ...]) -> tuple[Tensor, tuple[Any, ...]]:
    """x and a key that PyTorch reads as NumPy would: arrays as int64 tensors, no negative steps."""
    key = tuple(_index(k, x.device) if _is_array(k) else k for k in key)
    taken = [k.ndim if isinstance(k, Tensor) and k.dtype is torch.bool else k is not None and k is not ... for k in key]
    advanced = any(isinstance(k, Tensor) and k.ndim for k in key)
    used, axis, result = builtins.sum(taken), 0, []
    for k, axes in zip(key, taken, strict=True):
        if k is ...:
            axis += x.ndim - used
        elif isinstance(k, builtins.slice):
            if any(isinstance(part, (Tensor, Variable)) for part in (k.start, k.stop, k.step)):
                k = builtins.slice(*(None if part is None else int(part) for part in (k.start, k.stop, k.step)))
            if k.step is not None and k.step < 0 and axis < x.ndim:
                x, k = x.flip(axis), _forward(k, x.shape[axis])
        elif advanced and isinstance(k, (int, np.integer)) and not isinstance(k, bool):
            # Beside arrays NumPy takes an int as an array too, which decides where the new axes stand.
            k = torch.tensor([int(k)], device=x.device)
        result.append(k)
        axis += axes
    return x, tuple(result)


def _index(k: Any, device: torch.device) -> Tensor:
    index = _tensor(k).to(device)
    return index if index.dtype is torch.bool else _integers("getitem", index)


def _forward(k: builtins.slice, size: int) -> builtins.slice:
    """A slice with a negative step as one with a positive step over the flipped axis."""
    start, stop, step = k.indices(size)
    return builtins.slice(size - 1 - start, size - 1 - stop, -step) if start > stop else builtins.slice(0, 0)
