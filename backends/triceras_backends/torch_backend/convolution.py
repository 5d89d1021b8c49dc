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
    floats,
    is_last,
    is_symmetric,
    padded,
    restored,
    same_padding,
)
from triceras_backends.transposed import transposed_crops
from triceras_backends.windows import check_groups, check_reach, check_transposed, convolution_steps

_CONVOLUTIONS = {2: torch.conv2d, 3: torch.conv3d}
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


def _conv(
    x: Tensor, w: Tensor, bias: Tensor | None, strides: Any, padding: str, data_format: str | None, dilation_rate: Any
) -> Tensor:
    stride, dilation = convolution_steps("conv", x.shape, w.shape, strides, dilation_rate, padding)
    n = len(stride)
    last = is_last(data_format)
    x = channels_first(x, last)
    groups = check_groups(x.shape[1], w.shape)
    around: Any = 0
    if padding == "valid":
        check_reach(x.shape[2:], w.shape, dilation)
    else:
        pads = same_padding(x.shape[2:], w.shape[:n], stride, dilation)
        if is_symmetric(pads):
            around = [before for before, _ in pads]
        else:
            x = padded(x, pads)
    # A view of the kernel: oneDNN reorders it faster than a copy would be made.
    w = w.permute(KERNEL[w.ndim])
    if n == 1:
        return restored(_conv1d(x, w, bias, stride[0], around, dilation[0], groups), last)
    result = guarded("conv", _CONVOLUTIONS[n], x, w, bias, stride, around, dilation, groups)
    return restored(result, last)


def _conv1d(x: Tensor, w: Tensor, bias: Tensor | None, stride: int, around: Any, dilation: int, groups: int) -> Tensor:
    """As in two dimensions, one of them of size 1: only there are kernels for channels that lie last in memory."""
    margin = (0, around[0]) if around else 0
    result = guarded(
        "conv", torch.conv2d, x.unsqueeze(2), w.unsqueeze(2), bias, (1, stride), margin, (1, dilation), groups
    )
    return result.squeeze(2)


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
    stride, dilation = convolution_steps("conv_transpose", x.shape, w.shape, strides, dilation_rate, padding)
    n = len(stride)
    last = is_last(data_format)
    x = channels_first(x, last)
    check_transposed(x.shape[1], w.shape)
    crops = transposed_crops(w.shape[:n], stride, dilation, padding, output_padding)
    w = w.permute(KERNEL[w.ndim])
    full = guarded("conv_transpose", _TRANSPOSED[n], x, w, None, stride, 0, 0, 1, dilation)
    pads = [size for before, after in reversed(crops) for size in (-before, -after)]
    return restored(F.pad(full, pads) if any(pads) else full, last)
