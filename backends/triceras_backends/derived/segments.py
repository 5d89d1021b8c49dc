"""Reductions over segments: rows scattered into a tensor with one more row, for those left out."""

from __future__ import annotations

from typing import Any

import numpy as np

from triceras_backends import dtypes
from triceras_backends.contract.types import Tensor


def count(b: Any, name: str, segment_ids: Tensor, num_segments: Any) -> Any:
    """How many segments there are: as given, or the largest id plus one."""
    if num_segments is not None:
        return num_segments
    return 0 if 0 in b.static_shape(segment_ids) else b.size_from(b.add(b.max(segment_ids), 1), f"{name}: num_segments")


def check(b: Any, name: str, data: Tensor, segment_ids: Tensor) -> None:
    rows, ids = b.static_shape(data), b.static_shape(segment_ids)
    if dtypes.is_differentiable(b.dtype_of(segment_ids)) or b.dtype_of(segment_ids) == "bool":
        raise TypeError(f"{name}: segment_ids must be integers; got dtype {b.dtype_of(segment_ids)}.")
    if len(ids) != 1:
        raise ValueError(f"{name}: segment_ids must be 1-D; got shape {ids}.")
    if not rows or (None not in (rows[0], ids[0]) and rows[0] != ids[0]):
        raise ValueError(f"{name}: data of shape {rows} has not one row for each of segment_ids, of shape {ids}.")


def _bounds(dtype: str) -> tuple[Any, Any]:
    """What is less than any number of the dtype, and what is more."""
    if dtypes.is_float(dtype):
        return -np.inf, np.inf
    limits = np.iinfo(dtype)
    return int(limits.min), int(limits.max)


def _reduced(b: Any, name: str, data: Tensor, segment_ids: Tensor, number: Any, how: str, initial: Any) -> Tensor:
    data, ids = b.convert_to_tensor(data), b.convert_to_tensor(segment_ids)
    check(b, name, data, ids)
    number = count(b, name, ids, number)
    dtype = b.dtype_of(data)
    if dtype == "bool":
        how = "max" if how in ("add", "max") else "min"
        return b.cast(_reduced(b, name, b.cast(data, "int32"), ids, number, how, int(how == "min")), "bool")
    initial = {"max": _bounds(dtype)[0], "min": _bounds(dtype)[1]}.get(how, initial) if initial is None else initial
    ids = b.cast(ids, "int64" if b.dtype_of(ids) in ("int64", "uint32", "uint64") else "int32")
    ids = b.where(b.logical_and(b.greater_equal(ids, 0), b.less(ids, number)), ids, number)
    start = b.full((number + 1, *b.shape(data)[1:]), initial, dtype=dtype)
    full = b.scatter_update(start, b.expand_dims(ids, -1), data, reduction=how)
    return b.getitem(full, slice(None, -1))


def segment_sum(b: Any, data: Tensor, segment_ids: Tensor, num_segments: Any = None, sorted: bool = False) -> Tensor:
    return _reduced(b, "segment_sum", data, segment_ids, num_segments, "add", 0)


def segment_max(b: Any, data: Tensor, segment_ids: Tensor, num_segments: Any = None, sorted: bool = False) -> Tensor:
    return _reduced(b, "segment_max", data, segment_ids, num_segments, "max", None)


def segment_min(b: Any, data: Tensor, segment_ids: Tensor, num_segments: Any = None, sorted: bool = False) -> Tensor:
    return _reduced(b, "segment_min", data, segment_ids, num_segments, "min", None)


def segment_prod(b: Any, data: Tensor, segment_ids: Tensor, num_segments: Any = None, sorted: bool = False) -> Tensor:
    return _reduced(b, "segment_prod", data, segment_ids, num_segments, "mul", 1)
