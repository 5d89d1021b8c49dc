"""Convolutions channel by channel, alone or followed by a mixture of the channels."""

from __future__ import annotations

from typing import Any

from triceras import initializers, ops, regularizers
from triceras.layers import geometry
from triceras.layers.convolution import _Windowed
from triceras_backends.active import backend as B


class _Depthwise(_Windowed):
    """activation(depthwise_conv(x, kernel) + bias): each channel by its own windows.

    Args:
        kernel_size: the window, an int or one a spatial dimension.
        depth_multiplier: number of outputs for each channel.
        depthwise_initializer, depthwise_regularizer, depthwise_constraint: of the weight `kernel`,
            (*window, channels, depth_multiplier).

    The other arguments are those of Conv2D.
    """

    def __init__(
        self,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        depth_multiplier: int = 1,
        data_format: str | None = None,
        dilation_rate: Any = 1,
        activation: Any = None,
        use_bias: bool = True,
        depthwise_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        depthwise_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        depthwise_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            kernel_size, strides, padding, data_format, dilation_rate, activation, use_bias, bias_initializer,
            bias_regularizer, activity_regularizer, bias_constraint, kwargs,
        )  # fmt: skip
        self.depth_multiplier = geometry.per_axis(type(self).__name__, "depth_multiplier", depth_multiplier, 1)[0]
        self.depthwise_initializer = initializers.get(depthwise_initializer)
        self.depthwise_regularizer = regularizers.get(depthwise_regularizer)
        self.depthwise_constraint = depthwise_constraint

    def build(self, input_shape: Any) -> None:
        channels = self._channels(input_shape)
        self.compute_output_shape(input_shape)
        self.kernel = self._add_depthwise(channels, "kernel")
        self._add_bias(channels * self.depth_multiplier)

    def _add_depthwise(self, channels: int, name: str) -> Any:
        return self.add_weight(
            (*self.kernel_size, channels, self.depth_multiplier),
            self.depthwise_initializer,
            regularizer=self.depthwise_regularizer,
            constraint=self.depthwise_constraint,
            name=name,
        )

    def call(self, inputs: Any) -> Any:
        x, padding = self._causal(inputs)
        x = ops.depthwise_conv(x, self.kernel.value, self.strides, padding, self.data_format, self.dilation_rate)
        return self._finished(x)

    def compute_output_shape(self, input_shape: Any) -> tuple[int | None, ...]:
        channels = geometry.channels(input_shape, self.data_format)
        return self._output_shape(input_shape, channels and channels * self.depth_multiplier)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "depth_multiplier": self.depth_multiplier,
            "depthwise_initializer": self.depthwise_initializer,
            "depthwise_regularizer": self.depthwise_regularizer,
            "depthwise_constraint": self.depthwise_constraint,
        }


class DepthwiseConv1D(_Depthwise):
    __doc__ = f"Depthwise convolution over one dimension.\n\n    {_Depthwise.__doc__}"
    RANK = 1
    PADDINGS = ("valid", "same", "causal")


class DepthwiseConv2D(_Depthwise):
    __doc__ = f"Depthwise convolution over two dimensions.\n\n    {_Depthwise.__doc__}"
    RANK = 2


class _Separable(_Depthwise):
    """A depthwise convolution, then a mixture of the channels at each place: activation(... + bias).

    Args:
        filters: number of output channels, positive.
        kernel_size: the window, an int or one a spatial dimension.
        depthwise_initializer, depthwise_regularizer, depthwise_constraint: of the weight
            `depthwise_kernel`, (*window, channels, depth_multiplier).
        pointwise_initializer, pointwise_regularizer, pointwise_constraint: of the weight
            `pointwise_kernel`, (1, ..., 1, channels * depth_multiplier, filters).

    The other arguments are those of Conv2D and DepthwiseConv2D.
    """

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: Any = 1,
        depth_multiplier: int = 1,
        activation: Any = None,
        use_bias: bool = True,
        depthwise_initializer: Any = "glorot_uniform",
        pointwise_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        depthwise_regularizer: Any = None,
        pointwise_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        depthwise_constraint: Any = None,
        pointwise_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            kernel_size, strides, padding, depth_multiplier, data_format, dilation_rate, activation, use_bias,
            depthwise_initializer, bias_initializer, depthwise_regularizer, bias_regularizer, activity_regularizer,
            depthwise_constraint, bias_constraint, **kwargs,
        )  # fmt: skip
        self.filters = geometry.per_axis(type(self).__name__, "filters", filters, 1)[0]
        self.pointwise_initializer = initializers.get(pointwise_initializer)
        self.pointwise_regularizer = regularizers.get(pointwise_regularizer)
        self.pointwise_constraint = pointwise_constraint

    def build(self, input_shape: Any) -> None:
        channels = self._channels(input_shape)
        self.compute_output_shape(input_shape)
        self.depthwise_kernel = self._add_depthwise(channels, "depthwise_kernel")
        self.pointwise_kernel = self.add_weight(
            (*(1,) * self.RANK, channels * self.depth_multiplier, self.filters),
            self.pointwise_initializer,
            regularizer=self.pointwise_regularizer,
            constraint=self.pointwise_constraint,
            name="pointwise_kernel",
        )
        self._add_bias(self.filters)

    def call(self, inputs: Any) -> Any:
        x, padding = self._causal(inputs)
        x = B.depthwise_conv(
            x, self.depthwise_kernel.value, self.strides, padding, self.data_format, self.dilation_rate
        )
        if self.bias is None:
            x = B.conv(x, self.pointwise_kernel.value, 1, "valid", self.data_format)
        else:
            x = B.biased_conv(x, self.pointwise_kernel.value, self.bias.value, 1, "valid", self.data_format)
        return self.activation(x)

    def compute_output_shape(self, input_shape: Any) -> tuple[int | None, ...]:
        return self._output_shape(input_shape, self.filters)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "filters": self.filters,
            "pointwise_initializer": self.pointwise_initializer,
            "pointwise_regularizer": self.pointwise_regularizer,
            "pointwise_constraint": self.pointwise_constraint,
        }


class SeparableConv1D(_Separable):
    __doc__ = f"Separable convolution over one dimension.\n\n    {_Separable.__doc__}"
    RANK = 1
    PADDINGS = ("valid", "same", "causal")


class SeparableConv2D(_Separable):
    __doc__ = f"Separable convolution over two dimensions.\n\n    {_Separable.__doc__}"
    RANK = 2
