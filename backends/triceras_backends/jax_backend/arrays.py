"""Creation, shape, indexing and sorting on JAX."""

from __future__ import annotations

import builtins
import math
import operator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from triceras_backends import checks
from triceras_backends.contract.types import Axis, DType, Shape, Tensor, Tensors
from triceras_backends.jax_backend.kernels import INEXACT, axes, checked, operands, promoted, sizes, tensor, tensors
from triceras_backends.jax_backend.tensors import Array, convert_to_tensor, jax_dtype, native

# -- creation --------------------------------------------------------------------------------

_zeros = checked("zeros", jnp.zeros, static=(0, 1))
_ones = checked("ones", jnp.ones, static=(0, 1))
_full = checked("full", jnp.full, static=(0, 2))
_eye = checked("eye", jnp.eye, static=(0, 1, 2, 3))


def zeros(shape: Shape, dtype: DType | None = None) -> Tensor:
    return _zeros(sizes(shape), jax_dtype(dtype))


def ones(shape: Shape, dtype: DType | None = None) -> Tensor:
    return _ones(sizes(shape), jax_dtype(dtype))


def full(shape: Shape, fill_value: Tensor, dtype: DType | None = None) -> Tensor:
    return _full(sizes(shape), native(fill_value), jax_dtype(dtype))


def _like(x: Any, dtype: Any) -> tuple[Any, Any]:
    x = native(x) if hasattr(x, "shape") else convert_to_tensor(x)
    return x.shape, jax_dtype(x.dtype if dtype is None else dtype)


def zeros_like(x: Tensor, dtype: DType | None = None) -> Tensor:
    return _zeros(*_like(x, dtype))


def ones_like(x: Tensor, dtype: DType | None = None) -> Tensor:
    return _ones(*_like(x, dtype))


def full_like(x: Tensor, fill_value: Tensor, dtype: DType | None = None) -> Tensor:
    shape, dtype = _like(x, dtype)
    return _full(shape, native(fill_value), dtype)


def _counted(start: Any, step: Any, size: int, dtype: Any) -> Any:
    wide = jnp.promote_types("float32", dtype) if jnp.issubdtype(jnp.result_type(step), jnp.inexact) else dtype
    return (jnp.asarray(start, wide) + lax.iota(wide, size) * jnp.asarray(step, wide)).astype(dtype)


_arange = checked("arange", _counted, static=(2, 3))


def arange(start: Tensor, stop: Tensor = None, step: Tensor = None, dtype: DType | None = None) -> Tensor:
    given = [native(x) for x in (start, stop, step) if x is not None]
    dtype = promoted(given) if dtype is None else jax_dtype(dtype)
    start, stop = (0, start) if stop is None else (start, stop)
    # The numbers decide the shape, so they must be known: a tracer fails here, and says why.
    start, stop, step = (np.asarray(native(x)).item() for x in (start, stop, 1 if step is None else step))
    checks.step(step)
    if dtype.kind not in "iu" or not builtins.all(isinstance(x, int) for x in (start, step)):
        start, step = float(start), float(step)
    number = builtins.max(0, math.ceil((stop - start) / step))
    if start.__class__ is int:  # jit would refuse what a 32-bit integer does not hold
        start, step = np.array(start).astype(dtype), np.array(step).astype(dtype)
    return _arange(start, step, number, dtype)


def _linspace(start: Any, stop: Any, num: int, endpoint: bool, retstep: bool, dtype: Any, axis: int) -> Any:
    return jnp.linspace(start, stop, num, endpoint, retstep, dtype, axis)


_spaced = checked("linspace", _linspace, static=(2, 3, 4, 5, 6))


def linspace(
    start: Tensor,
    stop: Tensor,
    num: int = 50,
    endpoint: bool = True,
    retstep: bool = False,
    dtype: DType | None = None,
    axis: int = 0,
) -> Tensor:
    start, stop, common = operands(start, stop, direct=INEXACT)
    dtype = common if dtype is None else jax_dtype(dtype)
    return _spaced(start, stop, operator.index(num), endpoint, retstep, dtype, axis)


def eye(N: int, M: int | None = None, k: int = 0, dtype: DType | None = None) -> Tensor:
    N = operator.index(N)
    return _eye(N, N if M is None else operator.index(M), operator.index(k), jax_dtype(dtype))


def identity(n: int, dtype: DType | None = None) -> Tensor:
    return eye(n, dtype=dtype)


def meshgrid(*x: Tensor, indexing: str = "xy") -> Any:
    return list(_meshgrid(indexing, *map(tensor, x)))


_meshgrid = checked("meshgrid", lambda indexing, *xs: jnp.meshgrid(*xs, indexing=indexing), static=0)
_tril = checked("tril", jnp.tril, static=1)
_triu = checked("triu", jnp.triu, static=1)
_diag = checked("diag", jnp.diag, static=1)
_diagonal = checked("diagonal", jnp.diagonal, static=(1, 2, 3))


def tril(x: Tensor, k: int = 0) -> Tensor:
    return _tril(tensor(x), k)


def triu(x: Tensor, k: int = 0) -> Tensor:
    return _triu(tensor(x), k)


def diag(x: Tensor, k: int = 0) -> Tensor:
    return _diag(tensor(x), k)


def diagonal(x: Tensor, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Tensor:
    return _diagonal(tensor(x), offset, axis1, axis2)


# -- shape -----------------------------------------------------------------------------------

_reshape = checked("reshape", jnp.reshape, static=1)
_transpose = checked("transpose", jnp.transpose, static=1)
_ravel = checked("ravel", jnp.ravel)
_expand_dims = checked("expand_dims", jnp.expand_dims, static=1)
_squeeze = checked("squeeze", jnp.squeeze, static=1)
_moveaxis = checked("moveaxis", jnp.moveaxis, static=(1, 2))
_swapaxes = checked("swapaxes", jnp.swapaxes, static=(1, 2))
_broadcast_to = checked("broadcast_to", jnp.broadcast_to, static=1)
# Tensors of a list are arguments each: a tape looks for what it knows among the arguments.
_concatenate = checked("concatenate", lambda axis, *xs: jnp.concatenate(xs, axis), static=0)
_stack = checked("stack", lambda axis, *xs: jnp.stack(xs, axis), static=0)
_unstack = checked("unstack", lambda x, axis: jnp.unstack(x, axis=axis), static=1)
_split = checked("split", jnp.split, static=(1, 2))
_tile = checked("tile", jnp.tile, static=1)
_repeat = checked("repeat", lambda x, repeats, axis: jnp.repeat(x, _counts(repeats), axis), static=(1, 2))
_flip = checked("flip", jnp.flip, static=1)
_roll = checked("roll", jnp.roll, static=(1, 2))
_roll_by_tensor = checked("roll", jnp.roll, static=2)


def reshape(x: Tensor, newshape: Shape) -> Tensor:
    return _reshape(tensor(x), sizes(newshape))


def transpose(x: Tensor, axes: Shape | None = None) -> Tensor:
    return _transpose(tensor(x), None if axes is None else sizes(axes))


def ravel(x: Tensor) -> Tensor:
    return _ravel(tensor(x))


def expand_dims(x: Tensor, axis: Axis) -> Tensor:
    return _expand_dims(tensor(x), axes(axis))


def squeeze(x: Tensor, axis: Axis = None) -> Tensor:
    return _squeeze(tensor(x), axes(axis))


def moveaxis(x: Tensor, source: Axis, destination: Axis) -> Tensor:
    return _moveaxis(tensor(x), axes(source), axes(destination))


def swapaxes(x: Tensor, axis1: int, axis2: int) -> Tensor:
    return _swapaxes(tensor(x), axis1, axis2)


def broadcast_to(x: Tensor, shape: Shape) -> Tensor:
    return _broadcast_to(tensor(x), sizes(shape))


def concatenate(xs: Tensors, axis: int = 0) -> Tensor:
    return _concatenate(axes(axis), *tensors(xs))


def stack(x: Tensors, axis: int = 0) -> Tensor:
    return _stack(axes(axis), *tensors(x))


def unstack(x: Tensor, num: int | None = None, axis: int = 0) -> Any:
    parts = list(_unstack(tensor(x), axis))
    if num is not None and len(parts) != num:
        raise ValueError(f"unstack: x has size {len(parts)} along axis {axis}, but num={num}.")
    return parts


def split(x: Tensor, indices_or_sections: Any, axis: int = 0) -> Any:
    return list(_split(tensor(x), axes(_host(indices_or_sections)), axis))


def _host(x: Any) -> Any:
    """Ints that decide a shape, read off a tensor where they are in one."""
    return np.asarray(x) if hasattr(x, "shape") and np.ndim(x) else x


def tile(x: Tensor, repeats: Any) -> Tensor:
    return _tile(tensor(x), axes(_host(repeats)))


def repeat(x: Tensor, repeats: Any, axis: int | None = None) -> Tensor:
    checks.repeats(repeats)
    return _repeat(tensor(x), axes(_host(repeats)), axis)


def _counts(repeats: Any) -> Any:
    return repeats if repeats.__class__ is int else np.array(repeats)


def flip(x: Tensor, axis: Axis = None) -> Tensor:
    return _flip(tensor(x), axes(axis))


def roll(x: Tensor, shift: Any, axis: Axis = None) -> Tensor:
    if hasattr(shift, "dtype"):
        return _roll_by_tensor(tensor(x), native(shift), axes(axis))
    return _roll(tensor(x), axes(shift), axes(axis))


def _padded(x: Any, value: Any, width: Any, mode: str) -> Any:
    mode = {"circular": "wrap", "empty": "constant"}.get(mode, mode)
    return jnp.pad(x, width, mode) if value is None else jnp.pad(x, width, mode, constant_values=value)


_pad = checked("pad", _padded, static=(2, 3))


def pad(x: Tensor, pad_width: Any, mode: str = "constant", constant_values: Any = None) -> Tensor:
    x = tensor(x)
    widths = checks.padding(x.shape, pad_width, mode, constant_values)
    value = None if constant_values is None else native(constant_values)
    return _pad(x, value, tuple(widths), mode) if widths else x


# -- indexing --------------------------------------------------------------------------------


def _nearest(x: Any, indices: Any, axis: int) -> tuple[Any, str]:
    """Indices and a mode by which those out of range give NaN, or the nearest end for integers."""
    if jnp.issubdtype(x.dtype, jnp.inexact):
        return indices, "fill"
    return jnp.where(indices < 0, indices + x.shape[axis], indices), "clip"


def _taken(x: Any, indices: Any, axis: int | None) -> Any:
    x, axis = (x.ravel(), 0) if axis is None else (x, axis)
    indices, mode = _nearest(x, indices, axis)
    return jnp.take(x, indices, axis, mode=mode)


def _taken_along(x: Any, indices: Any, axis: int | None) -> Any:
    x, axis = (x.ravel(), 0) if axis is None else (x, axis)
    indices, mode = _nearest(x, indices, axis)
    return jnp.take_along_axis(x, indices, axis, mode=mode)


_take = checked("take", _taken, static=2)
_take_along_axis = checked("take_along_axis", _taken_along, static=2)


def _signed(name: str, indices: Any) -> Any:
    """Indices as a tensor of signed integers, which may count from the end."""
    indices = tensor(indices)
    if indices.dtype == "bool":
        return convert_to_tensor(indices, "int32")
    if not jnp.issubdtype(indices.dtype, jnp.integer):
        raise ValueError(f"{name}: indices must be integers; got dtype {indices.dtype}.")
    return indices if indices.dtype.kind == "i" else convert_to_tensor(indices, "int32")


def take(x: Tensor, indices: Tensor, axis: int | None = None) -> Tensor:
    return _take(tensor(x), _signed("take", indices), axes(axis))


def take_along_axis(x: Tensor, indices: Tensor, axis: int | None = None) -> Tensor:
    return _take_along_axis(tensor(x), _signed("take_along_axis", indices), axes(axis))


def _starts(start: Any) -> Any:
    if isinstance(start, (list, tuple)) and not builtins.any(hasattr(i, "dtype") for i in start):
        return np.array([operator.index(i) for i in start], "int32")
    return tensor(start)


def _inside(x: Any, start: Any, shape: Any) -> list[Any]:
    """Starts that keep a block of that shape inside x."""
    if start.shape != (x.ndim,) or len(shape) != x.ndim:
        raise ValueError(f"starts of shape {start.shape} and a block {shape} do not fit a tensor of rank {x.ndim}")
    if builtins.any(size > room for size, room in zip(shape, x.shape, strict=True)):
        raise ValueError(f"a block {shape} does not fit into shape {x.shape}")
    return [jnp.clip(start[i], 0, x.shape[i] - size) for i, size in enumerate(shape)]


_slice = checked("slice", lambda x, start, shape: lax.dynamic_slice(x, _inside(x, start, shape), shape), static=2)
_slice_update = checked(
    "slice_update",
    lambda x, start, y: lax.dynamic_update_slice(x, y.astype(x.dtype), _inside(x, start, y.shape)),
)


def slice(inputs: Tensor, start_indices: Any, shape: Shape) -> Tensor:
    return _slice(tensor(inputs), _starts(start_indices), sizes(shape))


def slice_update(inputs: Tensor, start_indices: Any, updates: Tensor) -> Tensor:
    return _slice_update(tensor(inputs), _starts(start_indices), tensor(updates))


def _at(x: Any, indices: Any) -> Any:
    return x.at[tuple(indices[..., i] for i in range(indices.shape[-1]))]


def _scattered(indices: Any, values: Any, shape: Any) -> Any:
    return _at(jnp.zeros(shape, values.dtype), indices).add(values)


_scatter = checked("scatter", _scattered, static=2)


def scatter(indices: Tensor, values: Tensor, shape: Shape) -> Tensor:
    return _scatter(_signed("scatter", indices), tensor(values), sizes(shape))


def _multiplied(x: Any, indices: Any, y: Any) -> Any:
    """x multiplied by y at indices, which may repeat: JAX's own product there has no gradient."""
    if not x.size or not indices.size:
        return x
    depth = indices.shape[-1]
    flat = x.reshape(-1, *x.shape[depth:])
    sizes, indices = np.array(x.shape[:depth]), indices.reshape(-1, depth)
    indices = jnp.where(indices < 0, indices + sizes, indices)
    inside = jnp.all((indices >= 0) & (indices < sizes), -1)
    rows = jnp.where(inside, jnp.ravel_multi_index(tuple(indices.T), x.shape[:depth], mode="clip"), len(flat))
    order = jnp.argsort(rows)
    rows, y = rows[order], jnp.broadcast_to(y, (len(rows), *flat.shape[1:]))[order]
    edge, change = jnp.ones(1, bool), rows[1:] != rows[:-1]
    first = jnp.concatenate([edge, change]).reshape(-1, *(1,) * (y.ndim - 1))
    # Products of the factors of each row, complete at the row's last one.
    products = lax.associative_scan(lambda a, b: (a[0] | b[0], jnp.where(b[0], b[1], a[1] * b[1])), (first, y))[1]
    new = flat[jnp.minimum(rows, len(flat) - 1)] * products
    rows = jnp.where(jnp.concatenate([change, edge]), rows, len(flat))
    return flat.at[rows].set(new, mode="drop").reshape(x.shape)


def _updated(x: Any, indices: Any, y: Any, method: str) -> Any:
    y = y.astype(x.dtype)
    if x.dtype == "bool" and method != "set":
        return _updated(x.astype("int32"), indices, y.astype("int32"), method).astype(bool)
    return _multiplied(x, indices, y) if method == "mul" else getattr(_at(x, indices), method)(y)


_REDUCTIONS = {None: "set", "add": "add", "max": "max", "min": "min", "mul": "mul"}
_scatter_update = checked("scatter_update", _updated, static=3)


def scatter_update(inputs: Tensor, indices: Tensor, updates: Tensor, reduction: str | None = None) -> Tensor:
    if reduction not in _REDUCTIONS:
        raise ValueError(f'scatter_update: reduction must be None, "add", "max", "min" or "mul"; got: {reduction!r}')
    return _scatter_update(tensor(inputs), _signed("scatter_update", indices), tensor(updates), _REDUCTIONS[reduction])


def _cut_out(x: Any, starts: Any, sizes: tuple[int, ...], rest: tuple[Any, ...]) -> Any:
    block = lax.dynamic_slice(x, [starts[i] for i in range(x.ndim)], sizes)
    return block[tuple(builtins.slice(*part) if part.__class__ is tuple else part for part in rest)]


# Positions are data, not parameters: walking through a tensor compiles once.
_cut = checked("getitem", _cut_out, static=(2, 3))


def _block(shape: tuple[int, ...], parts: tuple[Any, ...]) -> Any:
    """For a key of ints, slices, None and ...: a block's starts and sizes, and the key within it. Else None."""
    if not builtins.all(part is None or part is Ellipsis or part.__class__ in (int, builtins.slice) for part in parts):
        return None
    free = len(shape) - builtins.sum(part is not None and part is not Ellipsis for part in parts)
    if free < 0 or parts.count(Ellipsis) > 1:
        return None
    axes: list[Any] = []
    rest: list[Any] = []
    for part in parts if Ellipsis in parts else (*parts, Ellipsis):
        if part is None:
            rest.append(None)
            continue
        for one in (builtins.slice(None),) * free if part is Ellipsis else (part,):
            *axis, within = _along(one, shape[len(axes)])
            axes.append(axis)
            rest.append(within)
    return np.array([start for start, _ in axes], "int32"), tuple(size for _, size in axes), tuple(rest)


def _along(part: Any, size: int) -> tuple[int, int, Any]:
    """An axis' part of a block: start, size and the key within, a slice as a tuple since it must hash."""
    if part.__class__ is int:
        return part % size, 1, 0
    start, stop, step = part.indices(size)
    if step != 1:
        return 0, size, (part.start, part.stop, step)
    return start, builtins.max(0, stop - start), (None,)


def getitem(x: Tensor, key: Any) -> Tensor:
    x = tensor(x)
    parts = tuple(map(_index, key)) if isinstance(key, tuple) else (_index(key),)
    _check_ints(x, parts)
    block = _block(x.shape, parts) if x.__class__ is Array else None
    if block is not None:
        return _cut(x, *block)
    try:
        return convert_to_tensor(x[parts])
    except (TypeError, IndexError, ValueError) as error:
        if isinstance(error, jax.errors.JAXTypeError):
            raise
        raise ValueError(f"getitem: cannot index a tensor of shape {x.shape} with {key}: {error}") from error


def _index(part: Any) -> Any:
    """One part of a key in a form that JAX indexes by."""
    if isinstance(part, builtins.slice):
        return builtins.slice(*(i if i is None else operator.index(i) for i in (part.start, part.stop, part.step)))
    if isinstance(part, list):
        return native(convert_to_tensor(part, None if part else "int32"))
    return part if part is None or part is Ellipsis else native(part)


def _check_ints(x: Any, parts: tuple[Any, ...]) -> None:
    """Raises for an int out of range, which JAX would clamp."""
    taken = [part for part in parts if part is not None and part is not Ellipsis]
    used = builtins.sum(part.ndim if getattr(part, "dtype", None) == "bool" else 1 for part in taken)
    axis = 0
    for part in parts:
        if part is Ellipsis:
            axis += x.ndim - used
        elif part is not None:
            if part.__class__ is int and axis < x.ndim and not -x.shape[axis] <= part < x.shape[axis]:
                raise ValueError(f"getitem: index {part} is out of range for axis {axis} of shape {x.shape}.")
            axis += part.ndim if getattr(part, "dtype", None) == "bool" else 1


# -- sorting ---------------------------------------------------------------------------------

_sort = checked("sort", lambda x, axis: jnp.sort(x, axis), static=1)
_argsort = checked("argsort", lambda x, axis: jnp.argsort(x, axis).astype("int32"), static=1)
_top_k = checked("top_k", lax.top_k, static=1)
_searchsorted = checked(
    "searchsorted", lambda x, values, side: jnp.searchsorted(x, values, side=side).astype("int32"), static=2
)


def sort(x: Tensor, axis: int = -1) -> Tensor:
    return _sort(tensor(x), axes(axis))


def argsort(x: Tensor, axis: int = -1) -> Tensor:
    return _argsort(tensor(x), axes(axis))


def top_k(x: Tensor, k: int, sorted: bool = True) -> Any:
    return tuple(_top_k(tensor(x), operator.index(k)))


def searchsorted(sorted_sequence: Tensor, values: Tensor, side: str = "left") -> Tensor:
    if side not in ("left", "right"):
        raise ValueError(f'searchsorted: side must be "left" or "right"; got: {side!r}')
    return _searchsorted(*tensors((sorted_sequence, values)), side)
