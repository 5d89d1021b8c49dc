"""Convolutions: plain, transposed, channel by channel, separable."""

from __future__ import annotations

from tests.parity.row import Row

LINE, IMAGE, VOLUME = (2, 9, 4), (2, 7, 8, 4), (1, 4, 5, 4, 2)
FIRST = {"data_format": "channels_first"}
SAME = {"padding": "same"}
OPTIONS = {"kernel_regularizer": "l2", "bias_constraint": "max_norm", "kernel_initializer": "he_normal"}

ROWS = [
    Row("Conv1D", (LINE,), {"filters": 3, "kernel_size": 2}),
    Row("Conv1D", (LINE,), {"filters": 3, "kernel_size": 3, "padding": "causal", "dilation_rate": 2}),
    Row("Conv1D", (LINE,), {"filters": 4, "kernel_size": 3, "strides": 2, "groups": 2, "use_bias": False, **SAME}),
    Row("Conv2D", (IMAGE,), {"filters": 3, "kernel_size": (3, 2), "activation": "relu"}),
    Row("Conv2D", (IMAGE,), {"filters": 3, "kernel_size": 3, "strides": 2, "activity_regularizer": "l2", **SAME}),
    Row("Conv2D", (IMAGE,), {"filters": 4, "kernel_size": 3, "dilation_rate": 2, "groups": 2, **SAME, **OPTIONS}),
    Row("Conv2D", (IMAGE,), {"filters": 3, "kernel_size": 3, "lora_rank": 2, "lora_alpha": 3}),
    Row("Conv2D", (IMAGE,), {"filters": 3, "kernel_size": 3, "dtype": "mixed_float16"}, rtol=1e-2, atol=1e-2),
    Row("Conv2D", (IMAGE,), {"filters": 3, "kernel_size": 3, "dtype": "float64"}),
    Row("Conv3D", (VOLUME,), {"filters": 3, "kernel_size": 2, "strides": (1, 2, 1)}),
    Row("Conv3D", (VOLUME,), {"filters": 3, "kernel_size": 2, "activation": "tanh", **SAME}, thorough=True),
    Row("DepthwiseConv1D", (LINE,), {"kernel_size": 3, "depth_multiplier": 2, **SAME}),
    Row("DepthwiseConv1D", (LINE,), {"kernel_size": 3, "dilation_rate": 2, "use_bias": False}, thorough=True),
    Row("DepthwiseConv2D", (IMAGE,), {"kernel_size": 3, "depth_multiplier": 2, "strides": 2, "activation": "relu"}),
    Row("DepthwiseConv2D", (IMAGE,), {"kernel_size": (3, 2), "use_bias": False, **SAME}),
    Row("SeparableConv1D", (LINE,), {"filters": 5, "kernel_size": 3, "depth_multiplier": 2, **SAME}),
    Row("SeparableConv2D", (IMAGE,), {"filters": 5, "kernel_size": 3, "strides": 2, "activation": "relu", **SAME}),
    Row("SeparableConv2D", (IMAGE,), {"filters": 5, "kernel_size": 3, "depth_multiplier": 2, "use_bias": False}),
    Row("Conv1DTranspose", (LINE,), {"filters": 3, "kernel_size": 3, "strides": 2}),
    Row("Conv2DTranspose", (IMAGE,), {"filters": 3, "kernel_size": 3, "strides": 2, "activation": "relu", **SAME}),
    Row("Conv2DTranspose", (IMAGE,), {"filters": 3, "kernel_size": 3, "strides": 3, "output_padding": 1}),
    Row("Conv3DTranspose", (VOLUME,), {"filters": 3, "kernel_size": 2, "strides": 2, **SAME}),
    Row("Conv2D", ((2, 4, 7, 8),), {"filters": 3, "kernel_size": 3, "strides": 2, **SAME, **FIRST}),
    Row("DepthwiseConv2D", ((2, 4, 7, 8),), {"kernel_size": 3, **FIRST}, thorough=True),
    Row("SeparableConv1D", ((2, 4, 9),), {"filters": 5, "kernel_size": 3, **FIRST}, thorough=True),
    Row("Conv2DTranspose", ((2, 4, 7, 8),), {"filters": 3, "kernel_size": 3, "strides": 2, **FIRST}),
]
