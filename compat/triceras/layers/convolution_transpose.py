"""Transposed convolution layers."""

from __future__ import annotations

from typing import Any

from triceras import ops
from triceras.layers import geometry
from triceras.layers.arguments import add_with_options, described, described_options, keep_options, with_defaults
from triceras.layers.convolution import Windowed


class _ConvTranspose(Windowed):
    """A transposed convolution of RANK dimensions."""

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
            kernel_size, strides, padding, data_format, dilation_rate, activation, use_bias,
            activity_regularizer=activity_regularizer, **kwargs,
        )  # fmt: skip
        self.filters = geometry.count_of(self.name, "filters", filters)
        self.output_padding = self._extra(output_padding)
        keep_options(
            self, kernel_initializer=kernel_initializer, kernel_regularizer=kernel_regularizer,
            kernel_constraint=kernel_constraint, bias_initializer=bias_initializer,
            bias_regularizer=bias_regularizer, bias_constraint=bias_constraint,
        )  # fmt: skip

    def _extra(self, output_padding: Any) -> tuple[int, ...] | None:
        if output_padding is None:
            return None
        found = geometry.per_axis(self.name, "output_padding", output_padding, self.RANK, least=0)
        if any(extra >= step for extra, step in zip(found, self.strides, strict=True)):
            raise ValueError(
                f"Layer {self.name!r}: output_padding must be less than strides; got {found} and {self.strides}."
            )
        return found

    def build(self, input_shape: Any) -> None:
        channels = self._channels(input_shape)
        self.kernel = add_with_options(self, "kernel", (*self.kernel_size, self.filters, channels))
        self._add_bias(self.filters)

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
        own = described(
            self, "filters", "kernel_size", "strides", "padding", "output_padding", "data_format", "dilation_rate",
            "activation", "use_bias",
        )  # fmt: skip
        return {**super().get_config(), **own, **described_options(self, "kernel", "bias")}


_DOC = """{title}

    The linear map transposed to that of `{conv}`, then bias and activation: each input element spreads its value,
    times the kernel, over a window of the result, and windows are `strides` apart. Enlarges what a convolution with
    strides makes smaller.

    Args:
        filters: number of output channels, positive.
        kernel_size: size of the window: an int, or one a spatial dimension.
        strides: steps between windows of the result: an int, or one a spatial dimension.
        padding: "valid" (all windows whole) or "same" (size * stride outputs).
        output_padding: elements added to the result along each dimension, fewer than strides; with it "same" gives
            (size - 1) * stride + kernel_size - 2 * (kernel_size // 2) + output_padding outputs. None: no such choice.
        data_format: "channels_last", (batch, {sizes}, channels), or "channels_first",
            (batch, channels, {sizes}); None is `keras.config.image_data_format()`.
        dilation_rate: steps between the elements of a window: an int, or one a spatial dimension.
        activation: a name or function; None is the identity.
        use_bias: whether a bias is added.
        kernel_initializer, bias_initializer, kernel_regularizer, bias_regularizer, kernel_constraint,
            bias_constraint: of the weights `kernel`, (*kernel_size, filters, channels), and `bias`, (filters,).
        activity_regularizer: of the output.

    Input shape: (batch, {sizes}, channels). Output shape: (batch, {new_sizes}, filters), by "valid" with
    size * strides + max(kernel_size - strides, 0) along each dimension.

    Raises ValueError: arguments out of range, strides and dilation_rate both above 1, output_padding not below
    strides, inputs of another rank or number of channels.

    Zeiler et al., Deconvolutional Networks, CVPR 2010; Dumoulin and Visin, arXiv:1603.07285.

    Example:

    >>> x = np.ones({example_shape}, "float32")
    >>> y = keras.layers.{name}(4, 3, strides=2, padding="same")(x)
    >>> keras.ops.shape(y)
    {example_output}
    """


class Conv1DTranspose(_ConvTranspose):
    __doc__ = _DOC.format(
        name="Conv1DTranspose",
        conv="Conv1D",
        title="Transposed convolution over one dimension, such as time.",
        sizes="steps",
        new_sizes="new_steps",
        example_shape=(2, 5, 3),
        example_output=(2, 10, 4),
    )
    RANK = 1


class Conv2DTranspose(_ConvTranspose):
    __doc__ = _DOC.format(
        name="Conv2DTranspose",
        conv="Conv2D",
        title="Transposed convolution over two dimensions, such as those of images.",
        sizes="height, width",
        new_sizes="new_height, new_width",
        example_shape=(2, 5, 6, 3),
        example_output=(2, 10, 12, 4),
    )
    RANK = 2
    __init__ = with_defaults(_ConvTranspose.__init__, strides=(1, 1), dilation_rate=(1, 1))


class Conv3DTranspose(_ConvTranspose):
    __doc__ = _DOC.format(
        name="Conv3DTranspose",
        conv="Conv3D",
        title="Transposed convolution over three dimensions, such as those of volumes.",
        sizes="depth, height, width",
        new_sizes="new_depth, new_height, new_width",
        example_shape=(1, 2, 3, 4, 2),
        example_output=(1, 4, 6, 8, 4),
    )
    RANK = 3

    # In Keras, data_format stands before output_padding here, and nowhere else.
    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = (1, 1, 1),
        padding: str = "valid",
        data_format: str | None = None,
        output_padding: Any = None,
        dilation_rate: Any = (1, 1, 1),
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
            filters, kernel_size, strides, padding, output_padding, data_format, dilation_rate, activation, use_bias,
            kernel_initializer, bias_initializer, kernel_regularizer, bias_regularizer, activity_regularizer,
            kernel_constraint, bias_constraint, **kwargs,
        )  # fmt: skip
