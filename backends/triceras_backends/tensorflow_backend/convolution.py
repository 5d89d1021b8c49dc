"""Convolutions."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from triceras_backends.contract.types import Tensor
from triceras_backends.tensorflow_backend.native import nn as native
from triceras_backends.tensorflow_backend.tensors import (
    ERRORS,
    failed,
    promote_float,
    static_shape,
)
from triceras_backends.tensorflow_backend.windows import channels_last, restored
from triceras_backends.transposed import transposed_crops
from triceras_backends.windows import Steps, check_groups, check_reach, check_transposed, convolution_steps, is_first


def conv(
    inputs: Tensor,
    kernel: Tensor,
    strides: Any = 1,
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: Any = 1,
) -> Tensor:
    x, kernel = promote_float(inputs, kernel)
    return _conv(x, kernel, None, strides, padding, data_format, dilation_rate)


def biased_conv(
    inputs: Tensor,
    kernel: Tensor,
    bias: Tensor,
    strides: Any = 1,
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: Any = 1,
) -> Tensor:
    x, kernel, bias = promote_float(inputs, kernel, bias)
    return _conv(x, kernel, bias, strides, padding, data_format, dilation_rate)


def _conv(
    x: Tensor, kernel: Tensor, bias: Any, strides: Any, padding: str, data_format: str | None, dilation_rate: Any
) -> Tensor:
    shapes = static_shape(x), static_shape(kernel)
    steps, dilation = convolution_steps("conv", *shapes, strides, dilation_rate, padding)
    first = is_first(data_format)
    x = channels_last(x, len(steps), first)
    check_groups(x.shape[-1], shapes[1])
    if padding == "valid":
        check_reach(static_shape(x)[1:-1], shapes[1], dilation)
    try:
        result = _grouped(x, kernel, steps, padding.upper(), dilation)
        result = result if bias is None else native.bias_add(result, bias)
    except ERRORS as error:
        raise failed("conv", error, x, kernel) from None
    return restored(result, len(steps), first)


def _grouped(x: Tensor, kernel: Tensor, strides: Steps, padding: str, dilation: Steps) -> Tensor:
    """Groups are convolved one by one: TensorFlow has no gradient for grouped kernels on CPUs."""
    channels, depth = x.shape[-1], kernel.shape[-2]
    groups = 1 if channels is None or depth is None else channels // depth
    if groups == 1:
        return _convolution(x, kernel, strides, padding, dilation)
    if depth == 1 and len(strides) < 3 and len(set(strides)) == 1:
        return _depthwise(x, kernel, groups, strides, padding, dilation)
    parts = zip(tf.split(x, groups, -1), tf.split(kernel, groups, -1), strict=True)
    return tf.concat([_convolution(part, window, strides, padding, dilation) for part, window in parts], -1)


def _depthwise(x: Tensor, kernel: Tensor, groups: int, strides: Steps, padding: str, dilation: Steps) -> Tensor:
    """One convolution for each channel, in one or two dimensions."""
    # TensorFlow's depthwise kernels are (window, channels, multiplier).
    kernel = tf.reshape(kernel, (*kernel.shape[:-2], groups, kernel.shape[-1] // groups))
    if len(strides) == 2:
        return tf.nn.depthwise_conv2d(x, kernel, (1, *strides, 1), padding, dilations=dilation)
    stretched, row = tf.expand_dims(x, 1), tf.expand_dims(kernel, 0)
    step = (1, strides[0], strides[0], 1)
    return tf.squeeze(tf.nn.depthwise_conv2d(stretched, row, step, padding, dilations=(1, *dilation)), [1])


def _convolution(x: Tensor, kernel: Tensor, strides: Steps, padding: str, dilation: Steps) -> Tensor:
    if len(strides) == 2 and max(dilation) == 1:
        return native.conv2d(x, kernel, [1, *strides, 1], padding)
    layout = ("NWC", "NHWC", "NDHWC")[len(strides) - 1]
    return tf.nn.convolution(x, kernel, strides=strides, padding=padding, data_format=layout, dilations=dilation)


def conv_transpose(
    inputs: Tensor,
    kernel: Tensor,
    strides: Any = 1,
    padding: str = "valid",
    output_padding: Any = None,
    data_format: str | None = None,
    dilation_rate: Any = 1,
) -> Tensor:
    x, kernel = promote_float(inputs, kernel)
    shapes = static_shape(x), static_shape(kernel)
    steps, dilation = convolution_steps("conv_transpose", *shapes, strides, dilation_rate, padding)
    count = len(steps)
    crops = transposed_crops(kernel.shape[:count], steps, dilation, padding, output_padding)
    first = is_first(data_format)
    x = channels_last(x, count, first)
    check_transposed(x.shape[-1], shapes[1])
    try:
        result = _cropped(_transposed(x, _spread(kernel, dilation), steps), crops)
    except ERRORS as error:
        raise failed("conv_transpose", error, x, kernel) from None
    return restored(result, count, first)


def _spread(kernel: Tensor, dilation: Steps) -> Tensor:
    """The kernel with zeros between its elements: the transposed kernels of CPUs know no dilation."""
    for axis, step in enumerate(dilation):
        if step > 1:
            shape = kernel.shape.as_list()
            pads = [[0, 0]] * (len(shape) + 1)
            pads[axis + 1] = [0, step - 1]
            wide = tf.pad(tf.expand_dims(kernel, axis + 1), pads)
            size = shape[axis]
            shape[axis] = size * step
            kernel = tf.gather(tf.reshape(wide, shape), tf.range((size - 1) * step + 1), axis=axis)
    return kernel


def _transposed(x: Tensor, kernel: Tensor, strides: Steps) -> Tensor:
    """The whole transposed convolution, nothing cropped."""
    sizes = tf.shape(x)
    full = [(sizes[i + 1] - 1) * step + kernel.shape[i] for i, step in enumerate(strides)]
    known = [
        None if x.shape[i + 1] is None else (x.shape[i + 1] - 1) * step + kernel.shape[i]
        for i, step in enumerate(strides)
    ]
    shape = tf.stack([sizes[0], *full, kernel.shape[-2]])
    layout = ("NWC", "NHWC", "NDHWC")[len(strides) - 1]
    result = tf.nn.conv_transpose(x, kernel, shape, strides, "VALID", layout)
    result.set_shape([x.shape[0], *known, kernel.shape[-2]])
    return result


def _cropped(x: Tensor, crops: list[tuple[int, int]]) -> Tensor:
    key = [slice(max(before, 0), -after if after > 0 else None) for before, after in crops]
    x = x[(slice(None), *key)]
    if any(after < 0 for _, after in crops):
        x = tf.pad(x, [[0, 0], *([0, max(-after, 0)] for _, after in crops), [0, 0]])
    return x
