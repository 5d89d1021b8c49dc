"""SimpleRNN, LSTM and GRU: the standard cells over time, by the framework's fastest kernel."""

from __future__ import annotations

from typing import Any

from triceras import activations, ops
from triceras.layers.arguments import described
from triceras.layers.input_spec import InputSpec
from triceras.layers.recurrent import RNN
from triceras.layers.recurrent_cells import GRUCell, LSTMCell, RecurrentCell, SimpleRNNCell
from triceras.utils.lookup import snake_case
from triceras_backends.active import backend as B


class OfCell:
    """An attribute that is the cell's."""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, layer: Any, owner: Any = None) -> Any:
        return self if layer is None else getattr(layer.cell, self.name)


class CellLayer(RNN):
    """A standard cell over time: a layer whose configuration is the cell's and the loop's."""

    CELL: type[RecurrentCell]
    RANK = 3  # of sequences
    cell: Any

    activation = OfCell()
    use_bias = OfCell()
    kernel_initializer = OfCell()
    recurrent_initializer = OfCell()
    bias_initializer = OfCell()
    kernel_regularizer = OfCell()
    recurrent_regularizer = OfCell()
    bias_regularizer = OfCell()
    kernel_constraint = OfCell()
    recurrent_constraint = OfCell()
    bias_constraint = OfCell()
    dropout = OfCell()
    recurrent_dropout = OfCell()

    def __init__(self, loop: dict[str, Any], kwargs: dict[str, Any], **cell: Any) -> None:
        kwargs = dict(kwargs)
        kwargs.pop("implementation", None)  # chose between two equivalent ways to compute
        shared = {"trainable": kwargs.get("trainable", True), "dtype": kwargs.get("dtype")}
        made = self.CELL(name=snake_case(self.CELL.__name__).lstrip("_"), **cell, **shared)
        super().__init__(made, **loop, **kwargs)
        self.input_spec = InputSpec(ndim=self.RANK)

    def build(self, sequences_shape: Any, initial_state_shape: Any = None) -> None:
        super().build(sequences_shape, initial_state_shape)
        axis = self._feature_axis()
        self.input_spec = InputSpec(ndim=self.RANK, axes={axis: sequences_shape[axis]})

    def _feature_axis(self) -> int:
        return -1

    def get_config(self) -> dict[str, Any]:
        config = {**super().get_config(), **self.cell.own_config(), **described(self, "activity_regularizer")}
        del config["cell"]
        return config


class _FusedLayer(CellLayer):
    """A cell of vectors, whose loop the backends compute by a kernel of their own."""

    units = OfCell()

    def _standard(self, training: bool) -> bool:
        """Whether the cell is one that the kernels compute."""
        return not (training and self.cell.recurrent_dropout) and self.cell.activation is activations.tanh

    def _run(self, sequences: Any, states: list[Any], mask: Any, training: bool) -> tuple[Any, Any, list[Any]]:
        if self.unroll or not self._standard(training):
            return super()._run(sequences, states, mask, training)
        if training and self.cell.dropout:
            kept, _ = self.cell.draw_dropout_masks(ops.shape(sequences)[0])
            sequences = ops.multiply(sequences, ops.expand_dims(kept, 1))
        bias = None if self.cell.bias is None else self.cell.bias.value
        weights = self.cell.kernel.value, self.cell.recurrent_kernel.value, bias
        outputs, *states = self._kernel(sequences, states, weights, mask)
        last = states[0] if mask is None else outputs[:, -1]
        if mask is not None and self.zero_output_for_mask and self.return_sequences:
            valid = ops.expand_dims(ops.flip(mask, 1) if self.go_backwards else mask, -1)
            outputs = ops.where(ops.cast(valid, "bool"), outputs, ops.zeros_like(outputs))
        return last, outputs, states

    def _kernel(self, x: Any, states: list[Any], weights: tuple[Any, ...], mask: Any) -> tuple[Any, ...]:
        raise TypeError(f"{type(self).__name__} must define _kernel.")


class _GatedLayer(_FusedLayer):
    recurrent_activation = OfCell()

    def _keep_use_cudnn(self, use_cudnn: Any) -> None:
        if use_cudnn not in ("auto", True, False):
            raise ValueError(f'Layer {self.name!r}: use_cudnn must be "auto", True or False; got: {use_cudnn!r}')
        self.use_cudnn = use_cudnn

    def _standard(self, training: bool) -> bool:
        return super()._standard(training) and self.cell.recurrent_activation is activations.sigmoid

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "seed": self.cell.seed}


class SimpleRNN(_FusedLayer):
    """A fully connected RNN over time: (batch, time, features) to (batch, units), or (batch, time, units).

    h_t = activation(x_t @ kernel + h_{t-1} @ recurrent_kernel + bias); the output of a step is h_t.

    Args:
        units: size of the output and of the state h, positive.
        activation: a name or function; None is the identity.
        use_bias: whether biases are added.
        kernel_initializer, recurrent_initializer, bias_initializer, kernel_regularizer, recurrent_regularizer,
            bias_regularizer, kernel_constraint, recurrent_constraint, bias_constraint: of the weights `kernel`
            (features, units), `recurrent_kernel` (units, units), `bias` (units,).
        activity_regularizer: of the output.
        dropout: share of the inputs' elements that are dropped in training, 0 to 1; the same ones in all steps.
        recurrent_dropout: share of h's elements that are dropped in training, likewise.
        seed: of the dropout.
        return_sequences: all outputs, (batch, time, units), rather than the last.
        return_state: the last states too: (output, h).
        go_backwards: runs from the last step to the first; outputs come in that order.
        stateful: states go on from batch to batch, until `reset_state`. Needs a fixed batch size.
        unroll: repeats the step instead of looping.

    Call arguments: sequences, (batch, time, features); initial_state, a list of tensors (batch, units), None for
    zeros; mask, (batch, time), False where a step is skipped: its states stay and its output is that of the step
    before; training, whether dropout is applied.

    Raises ValueError: arguments out of range, sequences of another rank or number of features, a mask or states of
    another shape, stateful without a fixed batch size.

    Elman, Finding Structure in Time, Cognitive Science 14, 1990.

    Example:

    >>> x = np.ones((2, 5, 3), "float32")
    >>> layer = keras.layers.SimpleRNN(4, return_sequences=True, return_state=True)
    >>> outputs, *states = layer(x, mask=np.array([[1, 1, 1, 1, 1], [1, 1, 0, 0, 0]], bool))
    >>> keras.ops.shape(outputs), len(states)
    ((2, 5, 4), 1)
    """

    CELL = SimpleRNNCell

    def __init__(
        self,
        units: int,
        activation: Any = "tanh",
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        recurrent_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        recurrent_constraint: Any = None,
        bias_constraint: Any = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool = False,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            {
                "return_sequences": return_sequences,
                "return_state": return_state,
                "go_backwards": go_backwards,
                "stateful": stateful,
                "unroll": unroll,
                "activity_regularizer": activity_regularizer,
            },
            kwargs,
            units=units,
            activation=activation,
            use_bias=use_bias,
            kernel_initializer=kernel_initializer,
            recurrent_initializer=recurrent_initializer,
            bias_initializer=bias_initializer,
            kernel_regularizer=kernel_regularizer,
            recurrent_regularizer=recurrent_regularizer,
            bias_regularizer=bias_regularizer,
            kernel_constraint=kernel_constraint,
            recurrent_constraint=recurrent_constraint,
            bias_constraint=bias_constraint,
            dropout=dropout,
            recurrent_dropout=recurrent_dropout,
            seed=seed,
        )

    def _kernel(self, x: Any, states: list[Any], weights: tuple[Any, ...], mask: Any) -> tuple[Any, ...]:
        return B.simple_rnn(x, *states, *weights, mask, self.go_backwards)


class LSTM(_GatedLayer):
    """A long short-term memory over time: (batch, time, features) to (batch, units), or (batch, time, units).

    Each step is that of `LSTMCell`, with the gates input, forget, cell, output.

    Args:
        units: size of the output and of the states h and c, positive.
        activation, recurrent_activation: names or functions; None is the identity.
        use_bias: whether biases are added.
        kernel_initializer, recurrent_initializer, bias_initializer, kernel_regularizer, recurrent_regularizer,
            bias_regularizer, kernel_constraint, recurrent_constraint, bias_constraint: of the weights `kernel`
            (features, 4 * units), `recurrent_kernel` (units, 4 * units), `bias` (4 * units,).
        unit_forget_bias: whether the biases of the forget gate begin as 1.
        activity_regularizer: of the output.
        dropout: share of the inputs' elements that are dropped in training, 0 to 1; the same ones in all steps.
        recurrent_dropout: share of h's elements that are dropped in training, likewise.
        seed: of the dropout.
        return_sequences: all outputs, (batch, time, units), rather than the last.
        return_state: the last states too: (output, h, c).
        go_backwards: runs from the last step to the first; outputs come in that order.
        stateful: states go on from batch to batch, until `reset_state`. Needs a fixed batch size.
        unroll: repeats the step instead of looping.
        use_cudnn: accepted; the framework's fused kernel is used wherever activations are tanh and sigmoid, there is
            no recurrent dropout and unroll is not set.

    Call arguments: sequences, (batch, time, features); initial_state, a list of tensors (batch, units), None for
    zeros; mask, (batch, time), False where a step is skipped: its states stay and its output is that of the step
    before; training, whether dropout is applied.

    Raises ValueError: arguments out of range, sequences of another rank or number of features, a mask or states of
    another shape, stateful without a fixed batch size.

    Hochreiter and Schmidhuber, Neural Computation 9, 1997.

    Example:

    >>> x = np.ones((2, 5, 3), "float32")
    >>> layer = keras.layers.LSTM(4, return_sequences=True, return_state=True)
    >>> outputs, *states = layer(x, mask=np.array([[1, 1, 1, 1, 1], [1, 1, 0, 0, 0]], bool))
    >>> keras.ops.shape(outputs), len(states)
    ((2, 5, 4), 2)
    """

    CELL = LSTMCell
    unit_forget_bias = OfCell()

    def __init__(
        self,
        units: int,
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
        unroll: bool = False,
        use_cudnn: Any = "auto",
        **kwargs: Any,
    ) -> None:
        super().__init__(
            {
                "return_sequences": return_sequences,
                "return_state": return_state,
                "go_backwards": go_backwards,
                "stateful": stateful,
                "unroll": unroll,
                "activity_regularizer": activity_regularizer,
            },
            kwargs,
            units=units,
            activation=activation,
            recurrent_activation=recurrent_activation,
            use_bias=use_bias,
            kernel_initializer=kernel_initializer,
            recurrent_initializer=recurrent_initializer,
            bias_initializer=bias_initializer,
            unit_forget_bias=unit_forget_bias,
            kernel_regularizer=kernel_regularizer,
            recurrent_regularizer=recurrent_regularizer,
            bias_regularizer=bias_regularizer,
            kernel_constraint=kernel_constraint,
            recurrent_constraint=recurrent_constraint,
            bias_constraint=bias_constraint,
            dropout=dropout,
            recurrent_dropout=recurrent_dropout,
            seed=seed,
        )
        self._keep_use_cudnn(use_cudnn)

    def _kernel(self, x: Any, states: list[Any], weights: tuple[Any, ...], mask: Any) -> tuple[Any, ...]:
        return B.lstm(x, *states, *weights, mask, self.go_backwards)


class GRU(_GatedLayer):
    """A gated recurrent unit over time: (batch, time, features) to (batch, units), or (batch, time, units).

    Each step is that of `GRUCell`, with the gates update, reset, candidate.

    Args:
        units: size of the output and of the state h, positive.
        activation, recurrent_activation: names or functions; None is the identity.
        use_bias: whether biases are added.
        kernel_initializer, recurrent_initializer, bias_initializer, kernel_regularizer, recurrent_regularizer,
            bias_regularizer, kernel_constraint, recurrent_constraint, bias_constraint: of the weights `kernel`
            (features, 3 * units), `recurrent_kernel` (units, 3 * units), `bias` (2, 3 * units).
        activity_regularizer: of the output.
        dropout: share of the inputs' elements that are dropped in training, 0 to 1; the same ones in all steps.
        recurrent_dropout: share of h's elements that are dropped in training, likewise.
        seed: of the dropout.
        return_sequences: all outputs, (batch, time, units), rather than the last.
        return_state: the last states too: (output, h).
        go_backwards: runs from the last step to the first; outputs come in that order.
        stateful: states go on from batch to batch, until `reset_state`. Needs a fixed batch size.
        unroll: repeats the step instead of looping.
        reset_after: whether the reset gate is applied to the product with h; False: to h itself, and `bias` is
            (3 * units,).
        use_cudnn: accepted; the framework's fused kernel is used wherever activations are tanh and sigmoid, there is
            no recurrent dropout and unroll is not set.

    Call arguments: sequences, (batch, time, features); initial_state, a list of tensors (batch, units), None for
    zeros; mask, (batch, time), False where a step is skipped: its states stay and its output is that of the step
    before; training, whether dropout is applied.

    Raises ValueError: arguments out of range, sequences of another rank or number of features, a mask or states of
    another shape, stateful without a fixed batch size.

    Cho et al., arXiv:1406.1078.

    Example:

    >>> x = np.ones((2, 5, 3), "float32")
    >>> layer = keras.layers.GRU(4, return_sequences=True, return_state=True)
    >>> outputs, *states = layer(x, mask=np.array([[1, 1, 1, 1, 1], [1, 1, 0, 0, 0]], bool))
    >>> keras.ops.shape(outputs), len(states)
    ((2, 5, 4), 1)
    """

    CELL = GRUCell
    reset_after = OfCell()

    def __init__(
        self,
        units: int,
        activation: Any = "tanh",
        recurrent_activation: Any = "sigmoid",
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
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
        unroll: bool = False,
        reset_after: bool = True,
        use_cudnn: Any = "auto",
        **kwargs: Any,
    ) -> None:
        super().__init__(
            {
                "return_sequences": return_sequences,
                "return_state": return_state,
                "go_backwards": go_backwards,
                "stateful": stateful,
                "unroll": unroll,
                "activity_regularizer": activity_regularizer,
            },
            kwargs,
            units=units,
            activation=activation,
            recurrent_activation=recurrent_activation,
            use_bias=use_bias,
            kernel_initializer=kernel_initializer,
            recurrent_initializer=recurrent_initializer,
            bias_initializer=bias_initializer,
            reset_after=reset_after,
            kernel_regularizer=kernel_regularizer,
            recurrent_regularizer=recurrent_regularizer,
            bias_regularizer=bias_regularizer,
            kernel_constraint=kernel_constraint,
            recurrent_constraint=recurrent_constraint,
            bias_constraint=bias_constraint,
            dropout=dropout,
            recurrent_dropout=recurrent_dropout,
            seed=seed,
        )
        self._keep_use_cudnn(use_cudnn)

    def _kernel(self, x: Any, states: list[Any], weights: tuple[Any, ...], mask: Any) -> tuple[Any, ...]:
        return B.gru(x, *states, *weights, mask, self.go_backwards, self.cell.reset_after)
