"""Pooling."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from triceras_backends.derived import pooling as composite
from triceras_backends.torch_backend.tensors import INEXACT, convert_to_tensor, guarded, to_float
from triceras_backends.torch_backend.variables import Variable
from triceras_backends.torch_backend.windows import (
    channels_first,
    is_last,
    is_symmetric,
    padded,
    restored,
    same_padding,
)
from triceras_backends.windows import check_padding, each

_MAXIMA = {1: F.max_pool1d, 2: F.max_pool2d, 3: F.max_pool3d}
_MEANS = {1: F.avg_pool1d, 2: F.avg_pool2d, 3: F.avg_pool3d}

Pads = list[tuple[int, int]]


def _windows(
    name: str, x: Tensor, pool_size: Any, strides: Any, padding: str
) -> tuple[tuple[int, ...], tuple[int, ...], Pads]:
    """Window, stride and padding for each spatial dimension of x, whose channels are first."""
    n = x.ndim - 2
    window = each(name, "pool_size", pool_size, n)
    stride = window if strides is None else each(name, "strides", strides, n)
    check_padding(name, padding)
    sizes = x.shape[2:]
    if padding == "same":
        return window, stride, same_padding(sizes, window, stride, (1,) * n)
    if any(size < width for size, width in zip(sizes, window, strict=True)):
        raise ValueError(f"{name}: the window {window} is larger than the inputs, of spatial sizes {tuple(sizes)}.")
    return window, stride, [(0, 0)] * n


def _check_rank(name: str, x: Tensor) -> None:
    if x.ndim not in (3, 4, 5):
        raise ValueError(f"{name}: inputs of rank 3, 4 or 5 are needed; got shape {tuple(x.shape)}.")


def max_pool(
    inputs: Any, pool_size: Any, strides: Any = None, padding: str = "valid", data_format: str | None = None
) -> Tensor:
    x = convert_to_tensor(inputs)
    _check_rank("max_pool", x)
    last = is_last(data_format)
    x = channels_first(x, last)
    window, stride, pads = _windows("max_pool", x, pool_size, strides, padding)
    around: Any = 0
    if is_symmetric(pads) and x.dtype in INEXACT:
        around = [before for before, _ in pads]
    else:
        x = padded(x, pads, -math.inf if x.dtype in INEXACT else torch.iinfo(x.dtype).min)
    if x.dtype in INEXACT:
        return restored(guarded("max_pool", _MAXIMA[x.ndim - 2], x, window, stride, around), last)
    for dim, (width, step) in enumerate(zip(window, stride, strict=True), 2):
        x = x.unfold(dim, width, step).amax(-1)  # PyTorch pools floats only
    return restored(x, last)


def average_pool(
    inputs: Any, pool_size: Any, strides: Any = None, padding: str = "valid", data_format: str | None = None
) -> Tensor:
    x = to_float(inputs)
    _check_rank("average_pool", x)
    last = is_last(data_format)
    x = channels_first(x, last)
    window, stride, pads = _windows("average_pool", x, pool_size, strides, padding)
    pool = _MEANS[x.ndim - 2]
    if is_symmetric(pads):
        around = [before for before, _ in pads]
        result = guarded("average_pool", pool, x, window, stride, around, False, count_include_pad=False)
    else:
        share = pool(padded(torch.ones((1, 1, *x.shape[2:]), dtype=x.dtype, device=x.device), pads), window, stride)
        result = guarded("average_pool", pool, padded(x, pads), window, stride) / share
    return restored(result, last)


_ADAPTIVE_MAXIMA = {3: F.adaptive_max_pool1d, 4: F.adaptive_max_pool2d, 5: F.adaptive_max_pool3d}
_ADAPTIVE_MEANS = {3: F.adaptive_avg_pool1d, 4: F.adaptive_avg_pool2d, 5: F.adaptive_avg_pool3d}


def adaptive_max_pool(inputs: Any, output_size: Any, data_format: str | None = None) -> Tensor:
    x = convert_to_tensor(inputs)
    sizes = composite.counts("adaptive_max_pool", output_size, x.shape)
    if x.dtype not in INEXACT:
        return composite.adaptive_max_pool(Variable.primitives, x, output_size, data_format)
    last = is_last(data_format)
    x = channels_first(x, last)
    return restored(guarded("adaptive_max_pool", _ADAPTIVE_MAXIMA[x.ndim], x, sizes), last)


def adaptive_average_pool(inputs: Any, output_size: Any, data_format: str | None = None) -> Tensor:
    x = to_float(inputs)
    sizes = composite.counts("adaptive_average_pool", output_size, x.shape)
    last = is_last(data_format)
    x = channels_first(x, last)
    return restored(guarded("adaptive_average_pool", _ADAPTIVE_MEANS[x.ndim], x, sizes), last)
