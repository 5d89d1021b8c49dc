"""Convolutions."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from triceras_backends.torch_backend.tensors import guarded
from triceras_backends.torch_backend.windows import (
    KERNEL,
    channels_first,
    check_padding,
    each,
    floats,
    is_last,
    is_symmetric,
    padded,
    restored,
    same_padding,
)
from triceras_backends.transposed import transposed_crops

_CONVOLUTIONS = {1: torch.conv1d, 2: torch.conv2d, 3: torch.conv3d}
_TRANSPOSED = {1: F.conv_transpose1d, 2: F.conv_transpose2d, 3: F.conv_transpose3d}


def conv(
    inputs: Any,
    kernel: Any,
    strides: Any = 1,
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: Any = 1,
) -> Tensor:
    x, w = floats(inputs, kernel)
    return _conv(x, w, None, strides, padding, data_format, dilation_rate)


def biased_conv(
    inputs: Any,
    kernel: Any,
    bias: Any,
    strides: Any = 1,
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: Any = 1,
) -> Tensor:
    x, w, b = floats(inputs, kernel, bias)
    return _conv(x, w, b, strides, padding, data_format, dilation_rate)


def _spatial(name: str, x: Tensor, w: Tensor) -> int:
    """The number of spatial dimensions."""
    if x.ndim not in KERNEL or w.ndim != x.ndim:
        raise ValueError(
            f"{name}: inputs of rank 3, 4 or 5 and a kernel of the same rank are needed; "
            f"got shapes {tuple(x.shape)} and {tuple(w.shape)}."
        )
    return x.ndim - 2


def _steps(name: str, n: int, strides: Any, dilation_rate: Any) -> tuple[tuple[int, ...], tuple[int, ...]]:
    stride = each(name, "strides", strides, n)
    dilation = each(name, "dilation_rate", dilation_rate, n)
    if max(stride) > 1 and max(dilation) > 1:
        raise ValueError(f"{name}: strides {strides} and dilation_rate {dilation_rate} cannot both be above 1.")
    return stride, dilation


def _conv(
    x: Tensor, w: Tensor, bias: Tensor | None, strides: Any, padding: str, data_format: str | None, dilation_rate: Any
) -> Tensor:
    n = _spatial("conv", x, w)
    stride, dilation = _steps("conv", n, strides, dilation_rate)
    check_padding("conv", padding)
    last = is_last(data_format)
    x = channels_first(x, last)
    groups, rest = divmod(x.shape[1], w.shape[-2]) if w.shape[-2] else (0, 0)
    if rest or not groups or w.shape[-1] % groups:
        raise ValueError(
            f"conv: {x.shape[1]} input channels do not fit a kernel of shape {tuple(w.shape)}: its second to last size "
            "must divide them, and the number of groups the filters."
        )
    around: Any = 0
    if padding == "same":
        pads = same_padding(x.shape[2:], w.shape[:n], stride, dilation)
        if is_symmetric(pads):
            around = [before for before, _ in pads]
        else:
            x = padded(x, pads)
    # A view of the kernel: oneDNN reorders it faster than a copy would be made.
    w = w.permute(KERNEL[w.ndim])
    result = guarded("conv", _CONVOLUTIONS[n], x, w, bias, stride, around, dilation, groups)
    return restored(result, last)


def conv_transpose(
    inputs: Any,
    kernel: Any,
    strides: Any = 1,
    padding: str = "valid",
    output_padding: Any = None,
    data_format: str | None = None,
    dilation_rate: Any = 1,
) -> Tensor:
    x, w = floats(inputs, kernel)
    n = _spatial("conv_transpose", x, w)
    stride, dilation = _steps("conv_transpose", n, strides, dilation_rate)
    check_padding("conv_transpose", padding)
    last = is_last(data_format)
    x = channels_first(x, last)
    if x.shape[1] != w.shape[-1]:
        raise ValueError(
            f"conv_transpose: {x.shape[1]} input channels do not fit a kernel of shape {tuple(w.shape)}, "
            "whose last size they must be."
        )
    crops = transposed_crops(w.shape[:n], stride, dilation, padding, output_padding)
    w = w.permute(KERNEL[w.ndim])
    full = guarded("conv_transpose", _TRANSPOSED[n], x, w, None, stride, 0, 0, 1, dilation)
    pads = [size for before, after in reversed(crops) for size in (-before, -after)]
    return restored(F.pad(full, pads) if any(pads) else full, last)
