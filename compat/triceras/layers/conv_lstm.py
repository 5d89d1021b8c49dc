"""LSTMs whose products are convolutions: ConvLSTM1D, ConvLSTM2D and ConvLSTM3D."""

from __future__ import annotations

from typing import Any

from triceras import activations, ops
from triceras.layers import geometry
from triceras.layers.arguments import add_with_options, described, described_options, keep_options
from triceras.layers.recurrent_cells import RecurrentCell, forget_at_one, memory_step
from triceras.layers.recurrent_layers import CellLayer, OfCell
from triceras_backends.active import backend as B


class _ConvLSTMCell(RecurrentCell):
    """One step: inputs (batch, *spatial, channels), states [h, c], (batch, *new_spatial, filters)."""

    def __init__(
        self, rank: int, filters: int, kernel_size: Any, strides: Any, padding: str, data_format: str | None,
        dilation_rate: Any, activation: Any, recurrent_activation: Any, use_bias: bool, unit_forget_bias: bool,
        dropout: float, recurrent_dropout: float, seed: int | None, options: dict[str, Any], **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(activation, use_bias, dropout, recurrent_dropout, seed, **kwargs)
        self.rank = rank
        self.filters = geometry.count_of(self.name, "filters", filters)
        self.kernel_size = geometry.per_axis(self.name, "kernel_size", kernel_size, rank)
        self.strides = geometry.per_axis(self.name, "strides", strides, rank)
        self.padding = geometry.padding_of(self.name, padding)
        self.data_format = geometry.format_of(self.name, data_format)
        self.dilation_rate = geometry.per_axis(self.name, "dilation_rate", dilation_rate, rank)
        if max(self.strides) > 1 and max(self.dilation_rate) > 1:
            raise ValueError(
                f"Layer {self.name!r}: strides and dilation_rate cannot both be above 1; "
                f"got {self.strides} and {self.dilation_rate}."
            )
        self.recurrent_activation = activations.get(recurrent_activation)
        self.unit_forget_bias = unit_forget_bias
        keep_options(self, **options)
        self.state_size: Any = [self.filters, self.filters]

    def build(self, input_shape: Any) -> None:
        channels = geometry.channels(input_shape, self.data_format)
        if channels is None:
            raise ValueError(
                f"Layer {self.name!r}: the number of channels of the inputs must be known; got {tuple(input_shape)}."
            )
        self.output_shape(input_shape)  # does a window fit?
        self.kernel = add_with_options(self, "kernel", (*self.kernel_size, channels, 4 * self.filters))
        shape = (*self.kernel_size, self.filters, 4 * self.filters)
        self.recurrent_kernel = add_with_options(self, "recurrent_kernel", shape, "recurrent")
        self.bias = None
        if self.use_bias:
            self.bias = add_with_options(self, "bias", (4 * self.filters,), initializer=self._initial_bias)

    def _initial_bias(self, shape: Any, dtype: Any = None) -> Any:
        if not self.unit_forget_bias:
            return self.bias_initializer(shape, dtype)
        return forget_at_one(self.bias_initializer, self.filters, dtype)

    def output_shape(self, input_shape: Any) -> tuple[int | None, ...]:
        """The shape of the output, and of each state, for inputs of one step."""
        sizes = geometry.window_counts(
            self.name,
            geometry.spatial(input_shape, self.data_format),
            self.kernel_size,
            self.strides,
            self.padding,
            self.dilation_rate,
        )
        return geometry.assembled(input_shape[0], sizes, self.filters, self.data_format)

    def projected(self, inputs: Any) -> Any:
        """What inputs, of one step or of many in the batch, add to the sums of the gates."""
        options = self.strides, self.padding, self.data_format, self.dilation_rate
        if self.bias is None:
            return B.conv(inputs, self.kernel.value, *options)
        return B.biased_conv(inputs, self.kernel.value, self.bias.value, *options)

    def step(self, x: Any, h: Any, c: Any, kept: Any = None) -> tuple[Any, Any]:
        """The new h and c, from what the inputs add to the gates."""
        shown = h if kept is None else ops.multiply(h, kept)
        gates = ops.add(x, B.conv(shown, self.recurrent_kernel.value, 1, "same", self.data_format))
        axis = 1 if self.data_format == "channels_first" else -1
        return memory_step(gates, c, self.activation, self.recurrent_activation, axis)

    def call(self, inputs: Any, states: Any, training: bool = False) -> tuple[Any, list[Any]]:
        h, c = self._listed_states(states, 2)
        x, shown = self._dropped(inputs, h, training)
        h, c = self.step(self.projected(x), shown, c)
        return h, [h, c]

    def own_config(self) -> dict[str, Any]:
        """The part of the configuration that a layer around the cell has too."""
        return {
            **described(
                self, "filters", "kernel_size", "strides", "padding", "data_format", "dilation_rate", "activation",
                "recurrent_activation", "use_bias", "unit_forget_bias",
            ),
            **described_options(self, "kernel", "recurrent", "bias", activity=False),
            **described(self, "dropout", "recurrent_dropout", "seed"),
        }  # fmt: skip

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "rank": self.rank, **self.own_config()}


class _Turn:
    """A step of the loop on inputs that are convolved already: equal for equal cells, so that a compiled loop is
    found again. The mask of recurrent dropout, if there is one, is a third state that never changes."""

    def __init__(self, cell: Any) -> None:
        self.cell = cell

    def __call__(self, x: Any, states: Any) -> Any:
        h, c, *kept = states
        h, c = self.cell.step(x, h, c, *kept)
        return h, [h, c, *kept]

    def __hash__(self) -> int:
        return hash(self.cell)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Turn) and self.cell is other.cell


class _ConvLSTM(CellLayer):
    """An LSTM of convolutions over RANK - 3 dimensions."""

    CELL = _ConvLSTMCell

    filters = OfCell()
    kernel_size = OfCell()
    strides = OfCell()
    padding = OfCell()
    data_format = OfCell()
    dilation_rate = OfCell()
    recurrent_activation = OfCell()
    unit_forget_bias = OfCell()

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: Any = 1,
        activation: Any = "tanh",
        recurrent_activation: Any = "sigmoid",
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
        unit_forget_bias: bool = True,
        kernel_regularizer: Any = None,
        recurrent_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        recurrent_constraint: Any = None,
        bias_constraint: Any = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        seed: int | None = None,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            {
                "return_sequences": return_sequences,
                "return_state": return_state,
                "go_backwards": go_backwards,
                "stateful": stateful,
                "activity_regularizer": activity_regularizer,
            },
            kwargs,
            rank=self.RANK - 3,
            filters=filters,
            kernel_size=kernel_size,
            strides=strides,
            padding=padding,
            data_format=data_format,
            dilation_rate=dilation_rate,
            activation=activation,
            recurrent_activation=recurrent_activation,
            use_bias=use_bias,
            unit_forget_bias=unit_forget_bias,
            dropout=dropout,
            recurrent_dropout=recurrent_dropout,
            seed=seed,
            options={
                "kernel_initializer": kernel_initializer,
                "recurrent_initializer": recurrent_initializer,
                "bias_initializer": bias_initializer,
                "kernel_regularizer": kernel_regularizer,
                "recurrent_regularizer": recurrent_regularizer,
                "bias_regularizer": bias_regularizer,
                "kernel_constraint": kernel_constraint,
                "recurrent_constraint": recurrent_constraint,
                "bias_constraint": bias_constraint,
            },
        )

    def _feature_axis(self) -> int:
        return 2 if self.cell.data_format == "channels_first" else -1

    def _state_shape(self, sequences_shape: Any) -> tuple[int | None, ...]:
        return self.cell.output_shape((sequences_shape[0], *sequences_shape[2:]))

    def get_initial_state(self, batch_size: Any) -> list[Any]:
        """Zeros for h and c, of the sizes that the layer was built for. Raises ValueError: those are not known."""
        sizes: Any = self._state_shape(self._sequences_shape)[1:]
        if None in sizes:
            raise ValueError(f"Layer {self.name!r}: the sizes of the states are not known; got {tuple(sizes)}.")
        return [ops.zeros((batch_size, *sizes), self.compute_dtype) for _ in range(2)]

    def build(self, sequences_shape: Any, initial_state_shape: Any = None) -> None:
        self._sequences_shape = tuple(sequences_shape)
        super().build(sequences_shape, initial_state_shape)

    def _zero_states(self, sequences: Any) -> Any:
        return None  # made of the convolved inputs, whose sizes are known when all is

    def _check_states(self, states: list[Any], sequences: Any) -> None:
        self._check_state_shapes(states, [self._state_shape(B.static_shape(sequences))] * 2)

    def _run(self, sequences: Any, states: Any, mask: Any, training: bool) -> tuple[Any, Any, list[Any]]:
        shape = ops.shape(sequences)
        kept = None
        if training and self.cell.dropout:
            kept, _ = self.cell.masks_of((shape[0], *shape[2:]), None)
            sequences = ops.multiply(sequences, ops.expand_dims(kept, 1))
        x = self.cell.projected(ops.reshape(sequences, (-1, *shape[2:])))
        x = ops.reshape(x, (*shape[:2], *ops.shape(x)[1:]))
        if states is None:
            axis = 1 if self.cell.data_format == "channels_first" else -1
            zeros = ops.zeros_like(ops.split(x[:, 0], 4, axis)[0])
            states = [zeros, zeros]
        if training and self.cell.recurrent_dropout:
            states = [*states, self.cell.masks_of(None, ops.shape(states[0]))[1]]
        last, outputs, states = B.rnn(
            _Turn(self.cell), x, list(states), mask, self.go_backwards, self.unroll,
            self.zero_output_for_mask and self.return_sequences,
        )  # fmt: skip
        return last, outputs, list(states)[:2]

    def compute_output_shape(self, sequences_shape: Any, initial_state_shape: Any = None) -> Any:
        state = self._state_shape(sequences_shape)
        output = (state[0], sequences_shape[1], *state[1:]) if self.return_sequences else state
        return (output, state, state) if self.return_state else output


_DOC = """{title}

    An LSTM in which the products with the kernels are convolutions, so that inputs and states keep their {places}:
    with * a convolution, sigma the recurrent_activation and [zi, zf, zg, zo] = x * kernel + h * recurrent_kernel +
    bias, c' = sigma(zf) c + sigma(zi) activation(zg) and output = h' = sigma(zo) activation(c'). The inputs of all
    steps are convolved at once.

    Args:
        filters: number of channels of the output and of the states h and c, positive.
        kernel_size: size of the window: an int, or one a spatial dimension.
        strides: steps between windows of the inputs, likewise.
        padding: "valid" (no window leaves the inputs) or "same" (ceil(size / stride) outputs); the states are
            always convolved with "same" and without strides.
        data_format: "channels_last", (batch, time, {sizes}, channels), or "channels_first",
            (batch, time, channels, {sizes}); None is `keras.config.image_data_format()`.
        dilation_rate: steps between the elements of a window of the inputs.
        activation, recurrent_activation: names or functions; None is the identity.
        use_bias: whether biases are added.
        kernel_initializer, recurrent_initializer, bias_initializer, kernel_regularizer, recurrent_regularizer,
            bias_regularizer, kernel_constraint, recurrent_constraint, bias_constraint: of the weights `kernel`
            (*kernel_size, channels, 4 * filters), `recurrent_kernel` (*kernel_size, filters, 4 * filters), `bias`
            (4 * filters,), with the gates input, forget, cell, output.
        unit_forget_bias: whether the biases of the forget gate begin as 1.
        activity_regularizer: of the output.
        dropout: share of the inputs' elements that are dropped in training, 0 to 1; the same ones in all steps.
        recurrent_dropout: share of h's elements that are dropped in training, likewise.
        seed: of the dropout.
        return_sequences: all outputs, (batch, time, {new_sizes}, filters), rather than the last.
        return_state: the last states too: (output, h, c).
        go_backwards: runs from the last step to the first; outputs come in that order.
        stateful: states go on from batch to batch, until `reset_state`. Needs a fixed batch size.
        unroll (by keyword): repeats the step instead of looping.

    Call arguments: sequences, (batch, time, {sizes}, channels); initial_state, [h, c], each (batch, {new_sizes},
    filters), None for zeros; mask, (batch, time), False where a step is skipped: its states stay and its output is
    that of the step before; training, whether dropout is applied.

    Raises ValueError: arguments out of range, strides and dilation_rate both above 1, sequences of another rank or
    number of channels, a window that does not fit, a mask or states of another shape, stateful without a fixed
    batch size.

    Shi et al., arXiv:1506.04214.

    Example:

    >>> x = np.ones({shape}, "float32")
    >>> y = keras.layers.{name}(2, 3, padding="same", return_sequences=True)(x)
    >>> keras.ops.shape(y)
    {new_shape}
    """


class ConvLSTM1D(_ConvLSTM):
    __doc__ = _DOC.format(
        name="ConvLSTM1D",
        title="A convolutional LSTM for sequences of rows: (batch, time, width, channels).",
        places="places",
        sizes="width",
        new_sizes="new_width",
        shape=(2, 4, 6, 3),
        new_shape=(2, 4, 6, 2),
    )
    RANK = 4


class ConvLSTM2D(_ConvLSTM):
    __doc__ = _DOC.format(
        name="ConvLSTM2D",
        title="A convolutional LSTM for sequences of images: (batch, time, height, width, channels).",
        places="rows and columns",
        sizes="height, width",
        new_sizes="new_height, new_width",
        shape=(2, 4, 6, 5, 3),
        new_shape=(2, 4, 6, 5, 2),
    )
    RANK = 5


class ConvLSTM3D(_ConvLSTM):
    __doc__ = _DOC.format(
        name="ConvLSTM3D",
        title="A convolutional LSTM for sequences of volumes: (batch, time, depth, height, width, channels).",
        places="places",
        sizes="depth, height, width",
        new_sizes="new_depth, new_height, new_width",
        shape=(1, 3, 4, 6, 5, 2),
        new_shape=(1, 3, 4, 6, 5, 2),
    )
    RANK = 6
