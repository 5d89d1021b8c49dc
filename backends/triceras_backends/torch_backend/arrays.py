"""Array primitives: creation, shape, joining, sorting. Indexing is in `indexing`."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from math import ceil
from typing import Any

import numpy as np
import torch
from torch import Tensor

from triceras_backends import checks, dtypes
from triceras_backends.torch_backend import scopes
from triceras_backends.torch_backend.indexing import getitem as getitem
from triceras_backends.torch_backend.indexing import rows as rows
from triceras_backends.torch_backend.indexing import scatter as scatter
from triceras_backends.torch_backend.indexing import scatter_update as scatter_update
from triceras_backends.torch_backend.indexing import slice as slice
from triceras_backends.torch_backend.indexing import slice_update as slice_update
from triceras_backends.torch_backend.indexing import take as take
from triceras_backends.torch_backend.indexing import take_along_axis as take_along_axis
from triceras_backends.torch_backend.tensors import (
    FLOATS,
    INEXACT,
    PLAIN,
    convert_to_tensor,
    dtype_of,
    guarded,
    promote,
    torch_dtype,
)


def _tensor(x: Any) -> Tensor:
    return x if x.__class__ in PLAIN else convert_to_tensor(x)


def _sizes(shape: Any) -> tuple[int, ...]:
    """A shape as a tuple of ints; an int is a shape of one dimension."""
    if isinstance(shape, (int, np.integer)):
        return (int(shape),)
    return tuple(n if isinstance(n, (int, torch.SymInt)) else int(n) for n in shape)


def _axis(name: str, axis: int, rank: int, shape: Sequence[int]) -> int:
    if not -rank <= axis < rank:
        raise ValueError(f"{name}: axis {axis} is out of range for a tensor of rank {rank} and shape {tuple(shape)}.")
    return axis % rank


# -- creation ----------------------------------------------------------------------------


def zeros(shape: Any, dtype: Any = None) -> Tensor:
    return torch.zeros(_sizes(shape), dtype=torch_dtype(dtype), device=scopes.device())


def ones(shape: Any, dtype: Any = None) -> Tensor:
    return torch.ones(_sizes(shape), dtype=torch_dtype(dtype), device=scopes.device())


def full(shape: Any, fill_value: Any, dtype: Any = None) -> Tensor:
    sizes, target = _sizes(shape), torch_dtype(dtype)
    if dtypes.weak_kind(fill_value) is not None:
        return torch.full(sizes, fill_value, dtype=target, device=scopes.device())
    return broadcast_to(convert_to_tensor(fill_value, target), sizes).clone()


def zeros_like(x: Any, dtype: Any = None) -> Tensor:
    return torch.zeros_like(_tensor(x), dtype=None if dtype is None else torch_dtype(dtype))


def ones_like(x: Any, dtype: Any = None) -> Tensor:
    return torch.ones_like(_tensor(x), dtype=None if dtype is None else torch_dtype(dtype))


def full_like(x: Any, fill_value: Any, dtype: Any = None) -> Tensor:
    x = _tensor(x)
    target = x.dtype if dtype is None else torch_dtype(dtype)
    if dtypes.weak_kind(fill_value) is not None:
        return torch.full_like(x, fill_value, dtype=target)
    return broadcast_to(convert_to_tensor(fill_value).to(x.device, target), x.shape).clone()


def arange(start: Any, stop: Any = None, step: Any = None, dtype: Any = None) -> Tensor:
    if dtype is None and start.__class__ is int and stop.__class__ in (int, type(None)) and step is None:
        low, high = (0, start) if stop is None else (start, stop)
        if -(2**31) <= low <= high < 2**31:
            return torch.arange(low, high, dtype=torch.int32, device=scopes.device())
    given = [x for x in (start, stop, step) if x is not None]
    if dtype is None:
        kinds = [dtypes.weak_kind(x) or dtype_of(x) for x in given]
        dtype = dtypes.result_type(*kinds)
    start, stop = (0, start) if stop is None else (start, stop)
    step = 1 if step is None else step
    bounds = [x if isinstance(x, (int, float)) else convert_to_tensor(x).item() for x in (start, stop, step)]
    checks.step(bounds[2])
    target = torch_dtype(dtype)
    if target in FLOATS or isinstance(bounds[2], float) or target in (torch.int64, torch.int32):
        length = max(ceil((bounds[1] - bounds[0]) / bounds[2]), 0)
        exact = torch.float64 if any(isinstance(x, float) for x in bounds) else torch.int64
        steps = torch.arange(length, dtype=exact, device=scopes.device())
        return (steps * bounds[2] + bounds[0]).to(target)
    return torch.arange(*bounds, device=scopes.device()).to(target)


def linspace(
    start: Any,
    stop: Any,
    num: int = 50,
    endpoint: bool = True,
    retstep: bool = False,
    dtype: Any = None,
    axis: int = 0,
) -> Any:
    if num < 0:
        raise ValueError(f"linspace: num must not be negative; got {num}.")
    if start.__class__ is float and stop.__class__ is float and endpoint and not retstep and axis in (0, -1):
        target = torch_dtype(dtype)
        if target in FLOATS:
            return torch.linspace(start, stop, num, dtype=torch.float64, device=scopes.device()).to(target)
    start, stop = guarded("linspace", torch.broadcast_tensors, *promote(start, stop, 1.0))[:2]
    axis = checks.axis("linspace", axis, start.ndim + 1)
    target = start.dtype if dtype is None else torch_dtype(dtype)
    # float64 inside, as NumPy: float32 would lose the last digit of many points.
    low, high = start.double(), stop.double()
    parts = num - 1 if endpoint else num
    step = (high - low) / parts if parts > 0 else torch.full_like(low, float("nan"))
    counts = torch.arange(num, dtype=torch.float64, device=low.device).reshape(-1, *(1,) * low.ndim)
    points = low + counts * (step if parts > 0 else 0.0)
    if endpoint and num > 1:
        points = torch.where(counts == num - 1, high, points)
    points = torch.floor(points) if target not in INEXACT else points
    points = points.to(target).movedim(0, axis)
    return (points, step.to(start.dtype)) if retstep else points


def eye(N: int, M: int | None = None, k: int = 0, dtype: Any = None) -> Tensor:
    place = scopes.device()
    rows, columns = torch.arange(N, device=place), torch.arange(N if M is None else M, device=place)
    return (rows.unsqueeze(1) + k == columns).to(torch_dtype(dtype))


def meshgrid(*x: Any, indexing: str = "xy") -> list[Tensor]:
    if indexing not in ("xy", "ij"):
        raise ValueError(f'meshgrid: indexing must be "xy" or "ij"; got {indexing!r}.')
    return list(torch.meshgrid(*(_tensor(v).reshape(-1) for v in x), indexing=indexing)) if x else []


def tril(x: Any, k: int = 0) -> Tensor:
    return guarded("tril", torch.tril, _tensor(x), k)


def triu(x: Any, k: int = 0) -> Tensor:
    return guarded("triu", torch.triu, _tensor(x), k)


def diag(x: Any, k: int = 0) -> Tensor:
    x = _tensor(x)
    if x.ndim not in (1, 2):
        raise ValueError(f"diag: a vector or a matrix is needed; got shape {tuple(x.shape)}.")
    return torch.diag(x, k)


def diagonal(x: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Tensor:
    return guarded("diagonal", torch.diagonal, _tensor(x), offset, axis1, axis2)


# -- shape -------------------------------------------------------------------------------


def reshape(x: Any, newshape: Any) -> Tensor:
    x = _tensor(x)
    sizes = newshape if newshape.__class__ is tuple else _sizes(newshape)
    try:
        return torch.reshape(x, sizes)
    except (RuntimeError, TypeError) as error:
        raise ValueError(
            f"reshape: shape {tuple(x.shape)} does not fit the new shape {tuple(sizes)}: {error}"
        ) from None


def transpose(x: Any, axes: Any = None) -> Tensor:
    x = _tensor(x)
    if axes is None:
        return x.permute(tuple(range(x.ndim - 1, -1, -1)))
    if sorted(_axis("transpose", a, x.ndim, x.shape) for a in axes) != list(range(x.ndim)):
        raise ValueError(f"transpose: axes {tuple(axes)} do not permute those of shape {tuple(x.shape)}.")
    return x.permute(tuple(axes))


def ravel(x: Any) -> Tensor:
    return _tensor(x).reshape(-1)


def expand_dims(x: Any, axis: Any) -> Tensor:
    x = _tensor(x)
    if axis.__class__ is int and -x.ndim - 1 <= axis <= x.ndim:
        return x.unsqueeze(axis)
    axes = (axis,) if isinstance(axis, int) else tuple(axis)
    rank = x.ndim + len(axes)
    for position in sorted(_axis("expand_dims", a, rank, x.shape) for a in axes):
        x = x.unsqueeze(position)
    return x


def squeeze(x: Any, axis: Any = None) -> Tensor:
    x = _tensor(x)
    if axis is None:
        return x.squeeze()
    axes = [_axis("squeeze", a, x.ndim, x.shape) for a in ((axis,) if isinstance(axis, int) else axis)]
    if any(x.shape[a] != 1 for a in axes):
        raise ValueError(f"squeeze: axis {axis} of shape {tuple(x.shape)} does not have size 1.")
    return x.squeeze(tuple(axes))


def moveaxis(x: Any, source: Any, destination: Any) -> Tensor:
    try:
        return guarded("moveaxis", torch.movedim, _tensor(x), source, destination)
    except RuntimeError as error:
        raise ValueError(f"moveaxis: cannot move axes {source} to {destination}: {error}") from None


def swapaxes(x: Any, axis1: int, axis2: int) -> Tensor:
    return guarded("swapaxes", torch.swapaxes, _tensor(x), axis1, axis2)


def broadcast_to(x: Any, shape: Any) -> Tensor:
    x, sizes = _tensor(x), _sizes(shape)
    try:
        return torch.broadcast_to(x, sizes)
    except RuntimeError:
        raise ValueError(f"broadcast_to: shape {tuple(x.shape)} does not broadcast to {sizes}.") from None


def _alike(xs: Any) -> list[Tensor]:
    """Tensors of one dtype."""
    xs = [_tensor(x) for x in xs]
    if not xs:
        raise ValueError("Nothing to join: an empty list of tensors.")
    return xs if len({x.dtype for x in xs}) == 1 else promote(*xs)


def concatenate(xs: Any, axis: int = 0) -> Tensor:
    tensors = _alike(xs)
    rank = tensors[0].ndim
    if any(x.ndim != rank for x in tensors):  # PyTorch would skip empty vectors silently
        shapes = ", ".join(str(tuple(x.shape)) for x in tensors)
        raise ValueError(f"concatenate: tensors of different ranks; got shapes {shapes}.")
    try:
        return torch.cat(tensors, axis)
    except (RuntimeError, IndexError):
        return guarded("concatenate", lambda *parts: torch.cat(parts, axis), *tensors)


def stack(x: Any, axis: int = 0) -> Tensor:
    return guarded("stack", lambda *parts: torch.stack(parts, axis), *_alike(x))


def unstack(x: Any, num: int | None = None, axis: int = 0) -> list[Tensor]:
    x = _tensor(x)
    axis = _axis("unstack", axis, x.ndim, x.shape)
    if num is not None and num != x.shape[axis]:
        raise ValueError(f"unstack: num is {num}, but axis {axis} of shape {tuple(x.shape)} has another size.")
    return list(torch.unbind(x, axis))


def split(x: Any, indices_or_sections: Any, axis: int = 0) -> list[Tensor]:
    x = _tensor(x)
    axis = _axis("split", axis, x.ndim, x.shape)
    if isinstance(indices_or_sections, int):
        if indices_or_sections < 1 or x.shape[axis] % indices_or_sections:
            raise ValueError(
                f"split: axis {axis} of shape {tuple(x.shape)} cannot be cut into {indices_or_sections} equal parts."
            )
        return list(torch.tensor_split(x, indices_or_sections, axis))
    return list(torch.tensor_split(x, [int(i) for i in indices_or_sections], axis))


def tile(x: Any, repeats: Any) -> Tensor:
    return torch.tile(_tensor(x), _sizes(repeats))


def repeat(x: Any, repeats: Any, axis: int | None = None) -> Tensor:
    x = _tensor(x)
    x, axis = (x.reshape(-1), 0) if axis is None else (x, _axis("repeat", axis, x.ndim, x.shape))
    checks.repeats(repeats)
    total = None
    if not isinstance(repeats, int):
        known = isinstance(repeats, (list, tuple, np.ndarray)) and np.size(repeats) == x.shape[axis]
        total = int(np.sum(repeats)) if known else None
        repeats = convert_to_tensor(repeats).to(x.device, torch.int64).reshape(-1)
        repeats = repeats.expand(x.shape[axis]) if repeats.numel() == 1 else repeats
    return guarded("repeat", torch.repeat_interleave, x, repeats, axis, output_size=total)


def flip(x: Any, axis: Any = None) -> Tensor:
    x = _tensor(x)
    axes = range(x.ndim) if axis is None else (axis,) if isinstance(axis, int) else axis
    return guarded("flip", torch.flip, x, tuple(axes))


def roll(x: Any, shift: Any, axis: Any = None) -> Tensor:
    x = _tensor(x)
    if axis is None:
        return torch.roll(x, shift if isinstance(shift, int) else sum(shift))
    axes = (axis,) if isinstance(axis, int) else tuple(axis)
    shifts = (shift,) * len(axes) if isinstance(shift, int) else tuple(shift)
    axes = axes * len(shifts) if len(axes) == 1 else axes
    for amount, a in zip(shifts, axes, strict=True):
        x = torch.roll(x, amount, _axis("roll", a, x.ndim, x.shape))
    return x


def pad(x: Any, pad_width: Any, mode: str = "constant", constant_values: Any = None) -> Tensor:
    x = _tensor(x)
    widths = checks.padding(x.shape, pad_width, mode, constant_values)
    if mode in ("constant", "empty"):
        value = 0 if constant_values is None else constant_values
        value = value.item() if hasattr(value, "item") else value
        flat = [n for pair in reversed(widths) for n in pair]
        return guarded("pad", torch.nn.functional.pad, x, flat, value=value)
    for axis, (before, after) in enumerate(widths):
        if before or after:
            x = _pad_axis(x, axis, before, after, mode)
    return x


def _pad_axis(x: Tensor, axis: int, before: int, after: int, mode: str) -> Tensor:
    if mode not in checks.PAD_STATISTICS:
        places = checks.padded_places(x.shape[axis], before, after, mode)
        return x.index_select(axis, torch.as_tensor(places, device=x.device))
    if mode == "linear_ramp":
        first, last = x.narrow(axis, 0, 1), x.narrow(axis, x.shape[axis] - 1, 1)
        return torch.cat((_ramp(first, axis, before), x, _ramp(last, axis, after).flip(axis)), axis)
    value = _edge_value(x, axis, mode)
    sizes = [list(x.shape), list(x.shape)]
    sizes[0][axis], sizes[1][axis] = before, after
    return torch.cat((value.expand(sizes[0]), x, value.expand(sizes[1])), axis)


def _edge_value(x: Tensor, axis: int, mode: str) -> Tensor:
    """The statistic that pads an axis, in x's dtype; of integers the nearest whole number."""
    if mode in ("maximum", "minimum"):
        return guarded("pad", torch.amax if mode == "maximum" else torch.amin, x, axis, keepdim=True)
    wide = x if x.dtype in INEXACT else x.to(torch.float64)
    if mode == "mean":
        value = wide.mean(axis, keepdim=True)
    else:
        ordered, middle = wide.sort(axis).values, (x.shape[axis] - 1) // 2
        value = ordered.narrow(axis, middle, 2 - x.shape[axis] % 2).mean(axis, keepdim=True)
    return value if wide is x else torch.round(value).to(x.dtype)


def _ramp(edge: Tensor, axis: int, count: int) -> Tensor:
    """From 0 up to the edge, without it; of integers the whole number below."""
    wide = edge if edge.dtype in INEXACT else edge.to(torch.float64)
    place = torch.arange(count, device=edge.device, dtype=wide.dtype) / max(count, 1)
    ramp = wide * place.reshape([-1 if i == axis else 1 for i in range(edge.ndim)])
    return ramp if wide is edge else torch.floor(ramp).to(edge.dtype)


# -- sorting -----------------------------------------------------------------------------


def sort(x: Any, axis: int | None = -1) -> Tensor:
    x = _tensor(x)
    x, axis = (x.reshape(-1), -1) if axis is None else (x, axis)
    return guarded("sort", lambda v: torch.sort(v, dim=axis, stable=True).values, x)


def argsort(x: Any, axis: int | None = -1) -> Tensor:
    x = _tensor(x)
    x, axis = (x.reshape(-1), -1) if axis is None else (x, axis)
    return guarded("argsort", torch.argsort, x, dim=axis, stable=True).to(torch.int32)


def top_k(x: Any, k: int, sorted: bool = True) -> tuple[Tensor, Tensor]:
    x = _tensor(x)
    if not x.ndim or not 0 <= operator.index(k) <= x.shape[-1]:
        raise ValueError(f"top_k: k={k} is out of range for a tensor of shape {tuple(x.shape)}.")
    # A stable sort, because torch.topk leaves open which of equal elements come first.
    values, indices = torch.sort(x, dim=-1, descending=True, stable=True)
    return values[..., :k], indices[..., :k].to(torch.int32)


def searchsorted(sorted_sequence: Any, values: Any, side: str = "left") -> Tensor:
    if side not in ("left", "right"):
        raise ValueError(f'searchsorted: side must be "left" or "right"; got {side!r}.')
    sequence, values = promote(sorted_sequence, values)
    if sequence.ndim != 1:
        raise ValueError(f"searchsorted: sorted_sequence must be 1-D; got shape {tuple(sequence.shape)}.")
    return torch.searchsorted(sequence, values.contiguous(), right=side == "right").to(torch.int32)
