"""Convolution layers."""

from __future__ import annotations

from typing import Any

from triceras import activations, initializers, ops, regularizers
from triceras.layers import geometry
from triceras.layers.input_spec import InputSpec
from triceras.layers.layer import Layer
from triceras_backends.active import backend as B
from triceras_backends.config import standardize_data_format


class _Windowed(Layer):
    """What convolutions share: the window, its steps, bias and activation."""

    RANK: int
    PADDINGS: tuple[str, ...] = ("valid", "same")

    def __init__(
        self,
        kernel_size: Any,
        strides: Any,
        padding: str,
        data_format: str | None,
        dilation_rate: Any,
        activation: Any,
        use_bias: bool,
        bias_initializer: Any,
        bias_regularizer: Any,
        activity_regularizer: Any,
        bias_constraint: Any,
        kwargs: dict[str, Any],
    ) -> None:
        if activity_regularizer is not None:
            kwargs["activity_regularizer"] = activity_regularizer
        super().__init__(**kwargs)
        kind, rank = type(self).__name__, self.RANK
        self.kernel_size = geometry.per_axis(kind, "kernel_size", kernel_size, rank)
        self.strides = geometry.per_axis(kind, "strides", strides, rank)
        self.dilation_rate = geometry.per_axis(kind, "dilation_rate", dilation_rate, rank)
        self.padding = geometry.padding_of(kind, padding, self.PADDINGS)
        self.data_format = standardize_data_format(data_format)
        if max(self.strides) > 1 and max(self.dilation_rate) > 1:
            raise ValueError(
                f"{kind}: strides and dilation_rate cannot both be above 1; "
                f"got {self.strides} and {self.dilation_rate}."
            )
        self.activation = activations.get(activation)
        self.use_bias = use_bias
        self.bias_initializer = initializers.get(bias_initializer)
        self.bias_regularizer = regularizers.get(bias_regularizer)
        self.bias_constraint = bias_constraint
        self.input_spec = InputSpec(ndim=rank + 2)

    def _channels(self, input_shape: Any) -> int:
        """The number of channels of the inputs, from now on demanded. Raises ValueError: not known."""
        found = geometry.channels(input_shape, self.data_format)
        if found is None:
            raise ValueError(
                f"Layer {self.name!r}: the number of channels of the inputs must be known; got {tuple(input_shape)}."
            )
        axis = 1 if self.data_format == "channels_first" else -1
        self.input_spec = InputSpec(ndim=self.RANK + 2, axes={axis: found})
        return found

    def _add_bias(self, size: int) -> None:
        self.bias = None
        if self.use_bias:
            self.bias = self.add_weight(
                (size,),
                self.bias_initializer,
                regularizer=self.bias_regularizer,
                constraint=self.bias_constraint,
                name="bias",
            )

    def _causal(self, inputs: Any) -> tuple[Any, str]:
        """The inputs and the padding left to do: "causal" is done here, before the first step."""
        if self.padding != "causal":
            return inputs, self.padding
        before = self.dilation_rate[0] * (self.kernel_size[0] - 1)
        last = self.data_format == "channels_last"
        return ops.pad(inputs, ((0, 0), (before, 0), (0, 0)) if last else ((0, 0), (0, 0), (before, 0))), "valid"

    def _finished(self, x: Any) -> Any:
        """With bias and activation."""
        if self.bias is not None:
            bias = self.bias.value
            if self.data_format == "channels_first":
                bias = ops.reshape(bias, (-1, *(1,) * self.RANK))
            x = ops.add(x, bias)
        return self.activation(x)

    def _output_shape(self, input_shape: Any, filters: int) -> tuple[int | None, ...]:
        sizes = geometry.window_counts(
            self.name,
            geometry.spatial(input_shape, self.data_format),
            self.kernel_size,
            self.strides,
            self.padding,
            self.dilation_rate,
        )
        return geometry.assembled(input_shape[0], sizes, filters, self.data_format)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "kernel_size": self.kernel_size,
            "strides": self.strides,
            "padding": self.padding,
            "data_format": self.data_format,
            "dilation_rate": self.dilation_rate,
            "activation": activations.serialize(self.activation),
            "use_bias": self.use_bias,
            "bias_initializer": self.bias_initializer,
            "bias_regularizer": self.bias_regularizer,
            "bias_constraint": self.bias_constraint,
        }


class _Conv(_Windowed):
    """activation(conv(x, kernel) + bias).

    Args:
        filters: number of output channels, positive.
        kernel_size: the window, an int or one a spatial dimension.
        strides: steps between windows, likewise.
        padding: "valid" (none), "same" (ceil(size / stride) outputs), in one dimension also
            "causal" (no output sees later inputs).
        data_format: "channels_last", (batch, *spatial, channels), or "channels_first"; None is
            config.image_data_format().
        dilation_rate: steps between the elements of a window.
        groups: the channels are convolved in that many groups, each with its own filters.
        activation: a name or function; None is the identity.
        use_bias: whether a bias is added.
        kernel_initializer, bias_initializer, kernel_regularizer, bias_regularizer,
        kernel_constraint, bias_constraint: of the weights `kernel`, (*window, channels / groups,
            filters), and `bias`, (filters,).
        activity_regularizer: of the output.

    Raises ValueError: arguments out of range, strides and dilation both above 1, channels or
    filters that the groups do not divide, a window that does not fit.
    """

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: Any = 1,
        groups: int = 1,
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            kernel_size, strides, padding, data_format, dilation_rate, activation, use_bias, bias_initializer,
            bias_regularizer, activity_regularizer, bias_constraint, kwargs,
        )  # fmt: skip
        kind = type(self).__name__
        self.filters = geometry.per_axis(kind, "filters", filters, 1)[0]
        self.groups = geometry.per_axis(kind, "groups", groups, 1)[0]
        if self.filters % self.groups:
            raise ValueError(f"{kind}: filters must be a multiple of groups; got {filters} and {groups}.")
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.kernel_constraint = kernel_constraint

    def build(self, input_shape: Any) -> None:
        channels = self._channels(input_shape)
        if channels % self.groups:
            raise ValueError(
                f"Layer {self.name!r}: the number of channels must be a multiple of groups={self.groups}; "
                f"got {channels} in inputs of shape {tuple(input_shape)}."
            )
        self.compute_output_shape(input_shape)
        self.kernel = self._add_kernel(channels)
        self._add_bias(self.filters)

    def _add_kernel(self, channels: int) -> Any:
        return self.add_weight(
            self._kernel_shape(channels),
            self.kernel_initializer,
            regularizer=self.kernel_regularizer,
            constraint=self.kernel_constraint,
            name="kernel",
        )

    def _kernel_shape(self, channels: int) -> tuple[int, ...]:
        return (*self.kernel_size, channels // self.groups, self.filters)

    def call(self, inputs: Any) -> Any:
        x, padding = self._causal(inputs)
        if self.bias is None:
            x = B.conv(x, self.kernel.value, self.strides, padding, self.data_format, self.dilation_rate)
        else:
            x = B.biased_conv(
                x, self.kernel.value, self.bias.value, self.strides, padding, self.data_format, self.dilation_rate
            )
        return self.activation(x)

    def compute_output_shape(self, input_shape: Any) -> tuple[int | None, ...]:
        return self._output_shape(input_shape, self.filters)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "filters": self.filters,
            "groups": self.groups,
            "kernel_initializer": self.kernel_initializer,
            "kernel_regularizer": self.kernel_regularizer,
            "kernel_constraint": self.kernel_constraint,
        }


class Conv1D(_Conv):
    __doc__ = f"Convolution over one dimension: (batch, steps, channels).\n\n    {_Conv.__doc__}"
    RANK = 1
    PADDINGS = ("valid", "same", "causal")


class Conv2D(_Conv):
    __doc__ = f"Convolution over two dimensions: (batch, height, width, channels).\n\n    {_Conv.__doc__}"
    RANK = 2


class Conv3D(_Conv):
    __doc__ = f"Convolution over three dimensions: (batch, depth, height, width, channels).\n\n    {_Conv.__doc__}"
    RANK = 3


class _ConvTranspose(_Conv):
    """activation(conv_transpose(x, kernel) + bias): the transpose of a convolution's linear map.

    Args:
        output_padding: elements added to the result along each dimension, below the strides;
            None chooses n * stride outputs for n inputs ("same"), or n * stride + max(window - stride, 0).

    The other arguments are those of the convolution; its `kernel` is (*window, filters, channels).
    """

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        output_padding: Any = None,
        data_format: str | None = None,
        dilation_rate: Any = 1,
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            filters, kernel_size, strides, padding, data_format, dilation_rate, 1, activation, use_bias,
            kernel_initializer, bias_initializer, kernel_regularizer, bias_regularizer, activity_regularizer,
            kernel_constraint, bias_constraint, **kwargs,
        )  # fmt: skip
        self.output_padding = None
        if output_padding is not None:
            kind = type(self).__name__
            self.output_padding = geometry.per_axis(kind, "output_padding", output_padding, self.RANK, least=0)
            if any(extra >= step for extra, step in zip(self.output_padding, self.strides, strict=True)):
                raise ValueError(
                    f"{kind}: output_padding must be less than strides; got {self.output_padding} and {self.strides}."
                )

    def _kernel_shape(self, channels: int) -> tuple[int, ...]:
        return (*self.kernel_size, self.filters, channels)

    def call(self, inputs: Any) -> Any:
        x = ops.conv_transpose(
            inputs,
            self.kernel.value,
            self.strides,
            self.padding,
            self.output_padding,
            self.data_format,
            self.dilation_rate,
        )
        return self._finished(x)

    def compute_output_shape(self, input_shape: Any) -> tuple[int | None, ...]:
        sizes = geometry.transposed_sizes(
            geometry.spatial(input_shape, self.data_format),
            self.kernel_size,
            self.strides,
            self.padding,
            self.dilation_rate,
            self.output_padding,
        )
        return geometry.assembled(input_shape[0], sizes, self.filters, self.data_format)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        del config["groups"]
        return {**config, "output_padding": self.output_padding}


class Conv1DTranspose(_ConvTranspose):
    __doc__ = f"Transposed convolution over one dimension.\n\n    {_ConvTranspose.__doc__}"
    RANK = 1


class Conv2DTranspose(_ConvTranspose):
    __doc__ = f"Transposed convolution over two dimensions.\n\n    {_ConvTranspose.__doc__}"
    RANK = 2


class Conv3DTranspose(_ConvTranspose):
    __doc__ = f"Transposed convolution over three dimensions.\n\n    {_ConvTranspose.__doc__}"
    RANK = 3
