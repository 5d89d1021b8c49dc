"""What convolution and pooling share: layouts, strides, padding.

Tensors with the channels last are permuted to PyTorch's order as views: what was contiguous
is then in its channels_last memory format, so kernels run on it without a copy.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import Tensor
from torch.nn import functional as F

from triceras_backends import config
from triceras_backends.torch_backend.tensors import INEXACT, floatx, promote

_FIRST = {3: (0, 2, 1), 4: (0, 3, 1, 2), 5: (0, 4, 1, 2, 3)}
_LAST = {3: (0, 2, 1), 4: (0, 2, 3, 1), 5: (0, 2, 3, 4, 1)}
# Kernels, (*window, in, out), in PyTorch's order.
KERNEL = {3: (2, 1, 0), 4: (3, 2, 0, 1), 5: (4, 3, 0, 1, 2)}


def floats(*xs: Any) -> list[Tensor]:
    """The tensors in one float dtype."""
    tensors = promote(*xs)
    return tensors if tensors[0].dtype in INEXACT else [x.to(floatx()) for x in tensors]


def is_last(data_format: str | None) -> bool:
    return config.standardize_data_format(data_format) == "channels_last"


def channels_first(x: Tensor, last: bool) -> Tensor:
    return x.permute(_FIRST[x.ndim]) if last else x


def restored(x: Tensor, last: bool) -> Tensor:
    return x.permute(_LAST[x.ndim]) if last else x


def same_padding(
    sizes: Sequence[int], windows: Sequence[int], strides: Sequence[int], dilations: Sequence[int]
) -> list[tuple[int, int]]:
    """(before, after) for each dimension."""
    pads = []
    for size, window, stride, dilation in zip(sizes, windows, strides, dilations, strict=True):
        total = max((-(-size // stride) - 1) * stride + (window - 1) * dilation + 1 - size, 0)
        pads.append((total // 2, total - total // 2))
    return pads


def is_symmetric(pads: list[tuple[int, int]]) -> bool:
    return all(before == after for before, after in pads)


def padded(x: Tensor, pads: list[tuple[int, int]], value: float = 0.0) -> Tensor:
    return F.pad(x, [size for pair in reversed(pads) for size in pair], value=value)
