"""Convolution layers."""

from __future__ import annotations

from typing import Any

from triceras import activations, ops
from triceras.layers import geometry
from triceras.layers.arguments import add_with_options, described, described_options, keep_options, with_defaults
from triceras.layers.input_spec import InputSpec
from triceras.layers.layer import Layer
from triceras.layers.lora import AdaptedWeight, LowRankUpdate
from triceras_backends.active import backend as B


class Windowed(Layer):
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
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        rank = self.RANK
        self.rank = rank
        self.kernel_size = geometry.per_axis(self.name, "kernel_size", kernel_size, rank)
        self.strides = geometry.per_axis(self.name, "strides", strides, rank)
        self.dilation_rate = geometry.per_axis(self.name, "dilation_rate", dilation_rate, rank)
        self.padding = geometry.padding_of(self.name, padding, self.PADDINGS)
        self.data_format = geometry.format_of(self.name, data_format)
        if max(self.strides) > 1 and max(self.dilation_rate) > 1:
            raise ValueError(
                f"Layer {self.name!r}: strides and dilation_rate cannot both be above 1; "
                f"got {self.strides} and {self.dilation_rate}."
            )
        self.activation = activations.get(activation)
        self.use_bias = use_bias
        self.input_spec = InputSpec(ndim=rank + 2)

    def _channels(self, input_shape: Any) -> int:
        """The number of channels of the inputs, from now on demanded. Raises ValueError: not known, wrong rank."""
        if len(input_shape) != self.RANK + 2:
            raise ValueError(
                f"Layer {self.name!r}: inputs of rank {self.RANK + 2} are needed; got the shape {tuple(input_shape)}."
            )
        found = geometry.channels(input_shape, self.data_format)
        if found is None:
            raise ValueError(
                f"Layer {self.name!r}: the number of channels of the inputs must be known; got {tuple(input_shape)}."
            )
        axis = 1 if self.data_format == "channels_first" else -1
        self.input_spec = InputSpec(ndim=self.RANK + 2, axes={axis: found})
        return found

    def _add_bias(self, size: int) -> None:
        self.bias = add_with_options(self, "bias", (size,)) if self.use_bias else None

    def _finished(self, x: Any) -> Any:
        """With bias and activation."""
        if self.bias is not None:
            bias = self.bias.value
            if self.data_format == "channels_first":
                bias = ops.reshape(bias, (-1, *(1,) * self.RANK))
            x = ops.add(x, bias)
        return self.activation(x)

    def _output_shape(self, input_shape: Any, filters: int | None) -> tuple[int | None, ...]:
        sizes = geometry.window_counts(
            self.name,
            geometry.spatial(input_shape, self.data_format),
            self.kernel_size,
            self.strides,
            self.padding,
            self.dilation_rate,
        )
        return geometry.assembled(input_shape[0], sizes, filters, self.data_format)


class _Conv(LowRankUpdate, Windowed):
    """A convolution of RANK dimensions."""

    kernel: Any = AdaptedWeight()

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
        lora_rank, lora_alpha = kwargs.pop("lora_rank", None), kwargs.pop("lora_alpha", None)
        super().__init__(
            kernel_size, strides, padding, data_format, dilation_rate, activation, use_bias,
            activity_regularizer=activity_regularizer, **kwargs,
        )  # fmt: skip
        self.filters = geometry.count_of(self.name, "filters", filters)
        self.groups = geometry.count_of(self.name, "groups", groups)
        if self.filters % self.groups:
            raise ValueError(
                f"Layer {self.name!r}: filters must be a multiple of groups; got {self.filters} and {self.groups}."
            )
        keep_options(
            self, kernel_initializer=kernel_initializer, kernel_regularizer=kernel_regularizer,
            kernel_constraint=kernel_constraint, bias_initializer=bias_initializer,
            bias_regularizer=bias_regularizer, bias_constraint=bias_constraint,
        )  # fmt: skip
        self._keep_lora(lora_rank, lora_alpha)
        # A subclass may convolve in its own way; the bias is then added to what that gives.
        self._convolves = type(self).convolution_op is not _Conv.convolution_op

    def build(self, input_shape: Any) -> None:
        channels = self._channels(input_shape)
        if channels % self.groups:
            raise ValueError(
                f"Layer {self.name!r}: the number of channels must be a multiple of groups={self.groups}; "
                f"got {channels} in inputs of shape {tuple(input_shape)}."
            )
        self.compute_output_shape(input_shape)
        self.kernel = add_with_options(self, "kernel", (*self.kernel_size, channels // self.groups, self.filters))
        self._add_bias(self.filters)
        self._adapt_as_asked()

    def convolution_op(self, inputs: Any, kernel: Any) -> Any:
        """The convolution by this kernel, without bias and activation; a subclass may define another."""
        x, padding = self._causal(inputs)
        return B.conv(x, kernel, self.strides, padding, self.data_format, self.dilation_rate)

    def _causal(self, inputs: Any) -> tuple[Any, str]:
        """The inputs and the padding left to do: "causal" is done here, before the first step."""
        if self.padding != "causal":
            return inputs, self.padding
        before = self.dilation_rate[0] * (self.kernel_size[0] - 1)
        last = self.data_format == "channels_last"
        return ops.pad(inputs, ((0, 0), (before, 0), (0, 0)) if last else ((0, 0), (0, 0), (before, 0))), "valid"

    def call(self, inputs: Any) -> Any:
        kernel = self.kernel if self.lora_enabled else self.kernel.value
        if self._convolves:
            return self._finished(self.convolution_op(inputs, kernel))
        if self.bias is None:
            return self.activation(self.convolution_op(inputs, kernel))
        x, padding = self._causal(inputs)
        bias = self.bias.value
        x = B.biased_conv(x, kernel, bias, self.strides, padding, self.data_format, self.dilation_rate)
        return self.activation(x)

    def compute_output_shape(self, input_shape: Any) -> tuple[int | None, ...]:
        return self._output_shape(input_shape, self.filters)

    def get_config(self) -> dict[str, Any]:
        own = described(
            self, "filters", "kernel_size", "strides", "padding", "data_format", "dilation_rate", "groups",
            "activation", "use_bias",
        )  # fmt: skip
        return {**super().get_config(), **own, **described_options(self, "kernel", "bias"), **self._lora_config()}


_DOC = """{title}

    Each output element is activation(sum(window * kernel[..., filter]) + bias[filter]): the kernel, not mirrored, is
    moved over {places} and multiplied with every window of the inputs (a cross-correlation).

    Args:
        filters: number of output channels, positive.
        kernel_size: size of the window: an int, or one a spatial dimension.
        strides: steps between windows: an int, or one a spatial dimension.
        padding: "valid" (no window leaves the inputs) or "same" (zeros around, ceil(size / stride)
            outputs){causal}.
        data_format: "channels_last", (batch, {sizes}, channels), or "channels_first",
            (batch, channels, {sizes}); None is `keras.config.image_data_format()`.
        dilation_rate: steps between the elements of a window: an int, or one a spatial dimension.
        groups: the channels are convolved in that many groups, each with filters / groups filters.
        activation: a name or function; None is the identity.
        use_bias: whether a bias is added.
        kernel_initializer, bias_initializer, kernel_regularizer, bias_regularizer, kernel_constraint,
            bias_constraint: of the weights `kernel`, (*kernel_size, channels / groups, filters), and
            `bias`, (filters,).
        activity_regularizer: of the output.
        lora_rank: a rank for low-rank adaptation: the kernel is frozen, and two small weights whose product
            is added to it are trained (`enable_lora`).
        lora_alpha: numerator of that product's factor lora_alpha / lora_rank; None is lora_rank.

    Input shape: (batch, {sizes}, channels). Output shape: (batch, {new_sizes}, filters), by "valid" with
    (size - (kernel_size - 1) * dilation_rate - 1) // strides + 1 along each dimension.

    Raises ValueError: arguments out of range, strides and dilation_rate both above 1, channels or filters that
    groups does not divide, inputs of another rank or number of channels, a window that does not fit.

    LeCun et al., Proc. IEEE 86, 1998; dilation: Yu and Koltun, arXiv:1511.07122.

    Example:

    >>> x = np.ones({example_shape}, "float32")
    >>> y = keras.layers.{name}(4, 3, activation="relu")(x)
    >>> keras.ops.shape(y)
    {example_output}
    """


class Conv1D(_Conv):
    __doc__ = _DOC.format(
        name="Conv1D",
        title="Convolution over one dimension, such as time.",
        places="all steps",
        sizes="steps",
        new_sizes="new_steps",
        causal=',\n            or "causal" (zeros before the first step, so that no output depends on later inputs)',
        example_shape=(2, 10, 8),
        example_output=(2, 8, 4),
    )
    RANK = 1
    PADDINGS = ("valid", "same", "causal")


class Conv2D(_Conv):
    __doc__ = _DOC.format(
        name="Conv2D",
        title="Convolution over two dimensions, such as those of images.",
        places="all places",
        sizes="height, width",
        new_sizes="new_height, new_width",
        causal="",
        example_shape=(2, 10, 12, 3),
        example_output=(2, 8, 10, 4),
    )
    RANK = 2
    __init__ = with_defaults(_Conv.__init__, strides=(1, 1), dilation_rate=(1, 1))


class Conv3D(_Conv):
    __doc__ = _DOC.format(
        name="Conv3D",
        title="Convolution over three dimensions, such as those of volumes or videos.",
        places="all places",
        sizes="depth, height, width",
        new_sizes="new_depth, new_height, new_width",
        causal="",
        example_shape=(1, 6, 7, 8, 2),
        example_output=(1, 4, 5, 6, 4),
    )
    RANK = 3
    __init__ = with_defaults(_Conv.__init__, strides=(1, 1, 1), dilation_rate=(1, 1, 1))
