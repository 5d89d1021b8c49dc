"""Windows as an axis of their own, and back, on PyTorch."""

from __future__ import annotations

from typing import Any

from torch import Tensor
from torch.nn import functional as F

from triceras_backends.derived import patches as composite
from triceras_backends.torch_backend.tensors import FLOATS, convert_to_tensor
from triceras_backends.torch_backend.variables import Variable


def unfold(x: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1) -> Tensor:
    x = convert_to_tensor(x)
    if x.dtype not in FLOATS or not x.numel():  # PyTorch's kernels take floats only
        return composite.unfold(Variable.primitives, x, kernel_size, dilation, padding, stride)
    composite.checked_rank("unfold", x.shape, 4)
    steps = composite.windows("unfold", kernel_size, dilation, padding, stride)
    composite.counts("unfold", x.shape[2:], *steps)
    return F.unfold(x, *steps)


def fold(
    x: Any, output_size: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1
) -> Tensor:  # fmt: skip
    x = convert_to_tensor(x)
    if x.dtype not in FLOATS or not x.numel():
        return composite.fold(Variable.primitives, x, output_size, kernel_size, dilation, padding, stride)
    size = composite.pair("fold", "output_size", output_size)
    steps = composite.windows("fold", kernel_size, dilation, padding, stride)
    composite.checked_fold(x.shape, size, *steps)
    return F.fold(x, size, *steps)


def depth_to_space(x: Any, block_size: int, data_format: str | None = "channels_last") -> Tensor:
    x, k = convert_to_tensor(x), block_size
    if composite.blocks("depth_to_space", x.shape, k, data_format):
        n, c, h, w = x.shape
        return x.reshape(n, k, k, c // k**2, h, w).permute(0, 3, 4, 1, 5, 2).reshape(n, c // k**2, h * k, w * k)
    n, h, w, c = x.shape
    return x.reshape(n, h, w, k, k, c // k**2).permute(0, 1, 3, 2, 4, 5).reshape(n, h * k, w * k, c // k**2)


def space_to_depth(x: Any, block_size: int, data_format: str | None = "channels_last") -> Tensor:
    x, k = convert_to_tensor(x), block_size
    if composite.blocks("space_to_depth", x.shape, k, data_format):
        n, c, h, w = x.shape
        return x.reshape(n, c, h // k, k, w // k, k).permute(0, 3, 5, 1, 2, 4).reshape(n, c * k**2, h // k, w // k)
    n, h, w, c = x.shape
    return x.reshape(n, h // k, k, w // k, k, c).permute(0, 1, 3, 2, 4, 5).reshape(n, h // k, w // k, c * k**2)
