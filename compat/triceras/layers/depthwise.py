"""Convolutions channel by channel, alone or followed by a mixture of the channels."""

from __future__ import annotations

from typing import Any

from triceras.layers import geometry
from triceras.layers.arguments import add_with_options, described, described_options, keep_options, with_defaults
from triceras.layers.convolution import Windowed
from triceras_backends.active import backend as B


class _Channelwise(Windowed):
    """What begins with a convolution of each channel by itself."""

    depth_multiplier: int

    def _keep_multiplier(self, depth_multiplier: Any) -> None:
        self.depth_multiplier = geometry.count_of(self.name, "depth_multiplier", depth_multiplier)

    def _add_depthwise(self, channels: int, name: str) -> Any:
        return add_with_options(self, name, (*self.kernel_size, channels, self.depth_multiplier), "depthwise")

    def _convolved(self, inputs: Any, kernel: Any) -> Any:
        return B.depthwise_conv(
            inputs, kernel.value, self.strides, self.padding, self.data_format, self.dilation_rate
        )  # fmt: skip


class _Depthwise(_Channelwise):
    """A depthwise convolution of RANK dimensions."""

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
            kernel_size, strides, padding, data_format, dilation_rate, activation, use_bias,
            activity_regularizer=activity_regularizer, **kwargs,
        )  # fmt: skip
        self._keep_multiplier(depth_multiplier)
        keep_options(
            self, depthwise_initializer=depthwise_initializer, depthwise_regularizer=depthwise_regularizer,
            depthwise_constraint=depthwise_constraint, bias_initializer=bias_initializer,
            bias_regularizer=bias_regularizer, bias_constraint=bias_constraint,
        )  # fmt: skip

    def build(self, input_shape: Any) -> None:
        channels = self._channels(input_shape)
        self.compute_output_shape(input_shape)
        self.kernel = self._add_depthwise(channels, "kernel")
        self._add_bias(channels * self.depth_multiplier)

    def call(self, inputs: Any) -> Any:
        return self._finished(self._convolved(inputs, self.kernel))

    def compute_output_shape(self, input_shape: Any) -> tuple[int | None, ...]:
        channels = geometry.channels(input_shape, self.data_format)
        return self._output_shape(input_shape, channels and channels * self.depth_multiplier)

    def get_config(self) -> dict[str, Any]:
        own = described(
            self, "depth_multiplier", "kernel_size", "strides", "padding", "data_format", "dilation_rate",
            "activation", "use_bias",
        )  # fmt: skip
        return {**super().get_config(), **own, **described_options(self, "depthwise", "bias")}


_WINDOW = """kernel_size: size of the window: an int, or one a spatial dimension.
        strides: steps between windows: an int, or one a spatial dimension.
        padding: "valid" (no window leaves the inputs) or "same" (zeros around, ceil(size / stride) outputs).
        depth_multiplier: number of outputs of each channel, positive.
        data_format: "channels_last", (batch, {sizes}, channels), or "channels_first",
            (batch, channels, {sizes}); None is `keras.config.image_data_format()`.
        dilation_rate: steps between the elements of a window: an int, or one a spatial dimension.
        activation: a name or function; None is the identity.
        use_bias: whether a bias is added."""

_DEPTHWISE_DOC = """{title}

    Output channel c * depth_multiplier + m is activation(sum(window[..., c] * kernel[..., c, m]) + bias): channels
    are never mixed.

    Args:
        {window}
        depthwise_initializer, bias_initializer, depthwise_regularizer, bias_regularizer, depthwise_constraint,
            bias_constraint: of the weights `kernel`, (*kernel_size, channels, depth_multiplier), and `bias`,
            (channels * depth_multiplier,).
        activity_regularizer: of the output.

    Input shape: (batch, {sizes}, channels). Output shape: (batch, {new_sizes}, channels * depth_multiplier).

    Raises ValueError: arguments out of range, strides and dilation_rate both above 1, inputs of another rank or
    number of channels, a window that does not fit.

    Howard et al., arXiv:1704.04861.

    Example:

    >>> x = np.ones({example_shape}, "float32")
    >>> y = keras.layers.{name}(3, depth_multiplier=2)(x)
    >>> keras.ops.shape(y)
    {example_output}
    """


def _filled(doc: str, sizes: str, **other: Any) -> str:
    return doc.format(window=_WINDOW.format(sizes=sizes), sizes=sizes, **other)


class DepthwiseConv1D(_Depthwise):
    __doc__ = _filled(
        _DEPTHWISE_DOC,
        name="DepthwiseConv1D",
        title="Convolution of each channel by itself, over one dimension.",
        sizes="steps",
        new_sizes="new_steps",
        example_shape=(2, 10, 3),
        example_output=(2, 8, 6),
    )
    RANK = 1


class DepthwiseConv2D(_Depthwise):
    __doc__ = _filled(
        _DEPTHWISE_DOC,
        name="DepthwiseConv2D",
        title="Convolution of each channel by itself, over two dimensions.",
        sizes="height, width",
        new_sizes="new_height, new_width",
        example_shape=(2, 10, 12, 3),
        example_output=(2, 8, 10, 6),
    )
    RANK = 2
    __init__ = with_defaults(_Depthwise.__init__, strides=(1, 1), dilation_rate=(1, 1))


class _Separable(_Channelwise):
    """A separable convolution of RANK dimensions."""

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
            kernel_size, strides, padding, data_format, dilation_rate, activation, use_bias,
            activity_regularizer=activity_regularizer, **kwargs,
        )  # fmt: skip
        self._keep_multiplier(depth_multiplier)
        self.filters = geometry.count_of(self.name, "filters", filters)
        keep_options(
            self, depthwise_initializer=depthwise_initializer, depthwise_regularizer=depthwise_regularizer,
            depthwise_constraint=depthwise_constraint, pointwise_initializer=pointwise_initializer,
            pointwise_regularizer=pointwise_regularizer, pointwise_constraint=pointwise_constraint,
            bias_initializer=bias_initializer, bias_regularizer=bias_regularizer, bias_constraint=bias_constraint,
        )  # fmt: skip

    def build(self, input_shape: Any) -> None:
        channels = self._channels(input_shape)
        self.compute_output_shape(input_shape)
        self.depthwise_kernel = self._add_depthwise(channels, "depthwise_kernel")
        shape = (*(1,) * self.RANK, channels * self.depth_multiplier, self.filters)
        self.pointwise_kernel = add_with_options(self, "pointwise_kernel", shape, "pointwise")
        self._add_bias(self.filters)

    def call(self, inputs: Any) -> Any:
        x = self._convolved(inputs, self.depthwise_kernel)
        if self.bias is None:
            x = B.conv(x, self.pointwise_kernel.value, 1, "valid", self.data_format)
        else:
            x = B.biased_conv(x, self.pointwise_kernel.value, self.bias.value, 1, "valid", self.data_format)
        return self.activation(x)

    def compute_output_shape(self, input_shape: Any) -> tuple[int | None, ...]:
        return self._output_shape(input_shape, self.filters)

    def get_config(self) -> dict[str, Any]:
        own = described(
            self, "depth_multiplier", "filters", "kernel_size", "strides", "padding", "data_format", "dilation_rate",
            "activation", "use_bias",
        )  # fmt: skip
        return {**super().get_config(), **own, **described_options(self, "depthwise", "pointwise", "bias")}


_SEPARABLE_DOC = """{title}

    First each channel is convolved by itself (as by `{depthwise}`), then the channels are mixed at each place:
    activation(depthwise(x) @ pointwise_kernel + bias). Has far fewer weights than a convolution with as many filters.

    Args:
        filters: number of output channels, positive.
        {window}
        depthwise_initializer, depthwise_regularizer, depthwise_constraint: of the weight `depthwise_kernel`,
            (*kernel_size, channels, depth_multiplier).
        pointwise_initializer, pointwise_regularizer, pointwise_constraint: of the weight `pointwise_kernel`,
            ({ones}, channels * depth_multiplier, filters).
        bias_initializer, bias_regularizer, bias_constraint: of the weight `bias`, (filters,).
        activity_regularizer: of the output.

    Input shape: (batch, {sizes}, channels). Output shape: (batch, {new_sizes}, filters).

    Raises ValueError: arguments out of range, strides and dilation_rate both above 1, inputs of another rank or
    number of channels, a window that does not fit.

    Chollet, arXiv:1610.02357.

    Example:

    >>> x = np.ones({example_shape}, "float32")
    >>> y = keras.layers.{name}(4, 3, activation="relu")(x)
    >>> keras.ops.shape(y)
    {example_output}
    """


class SeparableConv1D(_Separable):
    __doc__ = _filled(
        _SEPARABLE_DOC,
        name="SeparableConv1D",
        depthwise="DepthwiseConv1D",
        title="Convolution over one dimension in two parts: along the steps, then across channels.",
        ones="1",
        sizes="steps",
        new_sizes="new_steps",
        example_shape=(2, 10, 3),
        example_output=(2, 8, 4),
    )
    RANK = 1


class SeparableConv2D(_Separable):
    __doc__ = _filled(
        _SEPARABLE_DOC,
        name="SeparableConv2D",
        depthwise="DepthwiseConv2D",
        title="Convolution over two dimensions in two parts: over places, then across channels.",
        ones="1, 1",
        sizes="height, width",
        new_sizes="new_height, new_width",
        example_shape=(2, 10, 12, 3),
        example_output=(2, 8, 10, 4),
    )
    RANK = 2
    __init__ = with_defaults(_Separable.__init__, strides=(1, 1), dilation_rate=(1, 1))
