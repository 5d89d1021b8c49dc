"""Reductions over segments, on PyTorch: rows scattered into a tensor with one more, for those left out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor

from triceras_backends.derived.segments import check
from triceras_backends.torch_backend import tensors as this
from triceras_backends.torch_backend.tensors import FLOATS, NAMES, PLAIN, convert_to_tensor, guarded, size_from

_NARROW = {torch.bool: torch.uint8, torch.uint16: torch.int32, torch.uint32: torch.int64, torch.uint64: torch.int64}


def _bound(dtype: torch.dtype, largest: bool) -> Any:
    """What no number of the dtype is beyond."""
    if dtype in FLOATS:
        return np.inf if largest else -np.inf
    limits = torch.iinfo(dtype)
    return limits.max if largest else limits.min


def _sum(start: Tensor, rows: Tensor, data: Tensor) -> Tensor:
    return start.index_add(0, rows, data)


def _scatter(how: str) -> Callable[[Tensor, Tensor, Tensor], Tensor]:
    def call(start: Tensor, rows: Tensor, data: Tensor) -> Tensor:
        index = rows.reshape(-1, *(1,) * (data.ndim - 1)).expand(data.shape)
        return start.scatter_reduce(0, index, data, how)

    return call


def _segments(name: str, fn: Callable[..., Tensor], initial: Callable[[torch.dtype], Any]) -> Callable[..., Tensor]:
    def call(data: Any, segment_ids: Any, num_segments: int | None = None, sorted: bool = False) -> Tensor:
        data = data if data.__class__ in PLAIN else convert_to_tensor(data)
        ids = segment_ids if segment_ids.__class__ in PLAIN else convert_to_tensor(segment_ids)
        check(this, name, data, ids)
        ids = ids.long()
        if num_segments is None:
            num_segments = size_from(ids.max() + 1, f"{name}: num_segments") if ids.shape[0] else 0
        rows = torch.where((ids < 0) | (ids >= num_segments), num_segments, ids)
        dtype = data.dtype
        lean = _NARROW.get(dtype, dtype)
        start = torch.full((num_segments + 1, *data.shape[1:]), initial(dtype), dtype=lean, device=data.device)
        result = guarded(name, fn, start, rows, data if lean is dtype else data.to(lean))[:-1]
        return result if lean is dtype else _narrow(result, dtype)

    call.__name__ = call.__qualname__ = name
    return call


def _narrow(result: Tensor, dtype: torch.dtype) -> Tensor:
    return result != 0 if dtype is torch.bool else result.to(dtype)


def _least(dtype: torch.dtype) -> Any:
    return 0 if dtype is torch.bool or NAMES[dtype].startswith("u") else _bound(dtype, False)


def _most(dtype: torch.dtype) -> Any:
    return 1 if dtype is torch.bool else _bound(dtype, True)


segment_sum = _segments("segment_sum", _sum, lambda dtype: 0)
segment_max = _segments("segment_max", _scatter("amax"), _least)
segment_min = _segments("segment_min", _scatter("amin"), _most)
segment_prod = _segments("segment_prod", _scatter("prod"), lambda dtype: 1)
