"""Convolutions.

Conventions: N, the number of spatial dimensions, is 1, 2 or 3, from the rank of `inputs`.
inputs: (batch, *spatial, channels), or (batch, channels, *spatial) with
`data_format="channels_first"`; None is config.image_data_format(). `strides` and
`dilation_rate`: an int, or one a spatial dimension. `padding`: "valid" (none), or "same"
with ceil(size / stride) outputs, the odd element of padding after. Integers become floats.
ValueError: ranks, channels or windows that do not fit, or strides and dilation both above 1.
"""

from __future__ import annotations

from typing import Any

from triceras_backends.contract.types import Tensor


def conv(
    inputs: Tensor,
    kernel: Tensor,
    strides: Any = 1,
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: Any = 1,
) -> Tensor:
    """Cross-correlation with a kernel (*window, channels / groups, filters)."""


def biased_conv(
    inputs: Tensor,
    kernel: Tensor,
    bias: Tensor,
    strides: Any = 1,
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: Any = 1,
) -> Tensor:
    """`conv`, with bias (filters,) added to its channels."""


def depthwise_conv(
    inputs: Tensor,
    kernel: Tensor,
    strides: Any = 1,
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: Any = 1,
) -> Tensor:
    """Each channel convolved by itself; kernel (*window, channels, multiplier).

    The result has channels * multiplier channels, those of the first channel first.
    """


def separable_conv(
    inputs: Tensor,
    depthwise_kernel: Tensor,
    pointwise_kernel: Tensor,
    strides: Any = 1,
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: Any = 1,
) -> Tensor:
    """`depthwise_conv`, then a `conv` by pointwise_kernel (1, ..., 1, channels * multiplier, filters)."""


def conv_transpose(
    inputs: Tensor,
    kernel: Tensor,
    strides: Any = 1,
    padding: str = "valid",
    output_padding: Any = None,
    data_format: str | None = None,
    dilation_rate: Any = 1,
) -> Tensor:
    """The linear map transposed to `conv`; kernel (*window, filters, channels of the inputs).

    With n inputs and a (dilated) window w along a dimension, "valid" gives n * stride +
    max(w - stride, 0) outputs and "same" n * stride; with `output_padding` p (an int, or one a
    dimension, below the stride) (n - 1) * stride + w + p, less 2 * (w // 2) for "same". What
    "same" crops, it crops from the end if odd. ValueError: output_padding not below the stride.
    """
