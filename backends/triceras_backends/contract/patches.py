"""Windows of images as an axis of their own, and back.

`kernel_size`, `dilation`, `padding`, `stride`: an int, or (of the height, of the width). A window
covers (kernel_size - 1) * dilation + 1 pixels; `padding` zeros surround the image on both sides.
All of them keep x's dtype. ValueError: ranks or sizes that do not fit.
"""

from __future__ import annotations

from typing import Any

from triceras_backends.contract.types import Tensor


def unfold(x: Tensor, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1) -> Tensor:
    """The windows of images x (N, C, H, W), each a column: (N, C * window elements, windows).

    A column has the channels one after another, each in row-major order; windows come in row-major
    order too. Also known as im2col. ValueError: rank other than 4, a window larger than the padded image.
    """


def fold(x: Tensor, output_size: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1) -> Tensor:
    """The linear map transposed to `unfold`: columns (N, C * window elements, windows) summed into images
    (N, C, *output_size) where they overlap; what would lie in the padding is dropped.

    ValueError: rank other than 3, or columns that no image of that size has.
    """


def depth_to_space(x: Tensor, block_size: int, data_format: str | None = "channels_last") -> Tensor:
    """Channels of images x spread over blocks of block_size^2 pixels: (N, H, W, C) to (N, H * b, W * b, C / b^2).

    The channels are (row in the block, column in the block, channel of the result), the first slowest,
    in both data formats: the result does not depend on the format but for its layout.
    ValueError: rank other than 4, block_size below 2, channels not divisible by its square.
    """


def space_to_depth(x: Tensor, block_size: int, data_format: str | None = "channels_last") -> Tensor:
    """The inverse of `depth_to_space`: (N, H, W, C) to (N, H / b, W / b, C * b^2).

    ValueError: rank other than 4, block_size below 2, height or width not divisible by it.
    """
