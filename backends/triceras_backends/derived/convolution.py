"""Convolutions from the plain one."""

from __future__ import annotations

from typing import Any

from triceras_backends import config
from triceras_backends.contract.types import Tensor


def biased_conv(
    b: Any, inputs: Tensor, kernel: Tensor, bias: Tensor, strides: Any = 1, padding: str = "valid",
    data_format: str | None = None, dilation_rate: Any = 1,
) -> Tensor:  # fmt: skip
    out = b.conv(inputs, kernel, strides, padding, data_format, dilation_rate)
    if config.standardize_data_format(data_format) == "channels_first":
        bias = b.reshape(bias, (-1, *(1,) * (len(b.static_shape(out)) - 2)))
    return b.add(out, bias)


def depthwise_conv(
    b: Any, inputs: Tensor, kernel: Tensor, strides: Any = 1, padding: str = "valid",
    data_format: str | None = None, dilation_rate: Any = 1,
) -> Tensor:  # fmt: skip
    first = config.standardize_data_format(data_format) == "channels_first"
    *window, channels, multiplier = b.static_shape(kernel)
    given = b.static_shape(inputs)[1 if first else -1]
    if given not in (channels, None):
        raise ValueError(f"depthwise_conv: inputs with {given} channels, but a kernel for {channels}.")
    kernel = b.reshape(kernel, (*window, 1, channels * multiplier))
    return b.conv(inputs, kernel, strides, padding, data_format, dilation_rate)


def separable_conv(
    b: Any, inputs: Tensor, depthwise_kernel: Tensor, pointwise_kernel: Tensor, strides: Any = 1,
    padding: str = "valid", data_format: str | None = None, dilation_rate: Any = 1,
) -> Tensor:  # fmt: skip
    out = b.depthwise_conv(inputs, depthwise_kernel, strides, padding, data_format, dilation_rate)
    return b.conv(out, pointwise_kernel, 1, "valid", data_format)
