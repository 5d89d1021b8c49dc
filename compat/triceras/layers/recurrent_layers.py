"""SimpleRNN, LSTM and GRU: the standard cells over time, by the framework's fastest kernel."""

from __future__ import annotations

from typing import Any

from triceras import activations, ops
from triceras.layers.input_spec import InputSpec
from triceras.layers.recurrent import RNN
from triceras.layers.recurrent_cells import GRUCell, LSTMCell, RecurrentCell, SimpleRNNCell
from triceras_backends.active import backend as B

_LOOP = ("return_sequences", "return_state", "go_backwards", "stateful", "unroll", "zero_output_for_mask")
_LAYER = ("autocast", "input_shape", "input_dim", "activity_regularizer")


class _OfCell:
    """An attribute that is the cell's."""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, layer: Any, owner: Any = None) -> Any:
        return self if layer is None else getattr(layer.cell, self.name)


class _CellLayer(RNN):
    """A standard cell over time. Arguments of the cell and of RNN."""

    CELL: type[RecurrentCell]
    cell: RecurrentCell

    units = _OfCell()
    activation = _OfCell()
    use_bias = _OfCell()
    kernel_initializer = _OfCell()
    recurrent_initializer = _OfCell()
    bias_initializer = _OfCell()
    kernel_regularizer = _OfCell()
    recurrent_regularizer = _OfCell()
    bias_regularizer = _OfCell()
    kernel_constraint = _OfCell()
    recurrent_constraint = _OfCell()
    bias_constraint = _OfCell()
    dropout = _OfCell()
    recurrent_dropout = _OfCell()

    def __init__(self, units: int, name: str | None = None, **arguments: Any) -> None:
        own = {key: arguments.pop(key) for key in _LOOP + _LAYER if key in arguments}
        shared = {key: arguments[key] for key in ("trainable", "dtype") if key in arguments}
        super().__init__(self.CELL(units, **arguments), name=name, **own, **shared)
        self.input_spec = InputSpec(ndim=3)

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

    def get_config(self) -> dict[str, Any]:
        config = self.cell.get_config() | super().get_config()
        del config["cell"]
        return config


class SimpleRNN(_CellLayer):
    """A fully connected RNN: (batch, time, features) to (batch, units), or (batch, time, units).

    The arguments are those of `SimpleRNNCell` and of `RNN`; weights kernel (features, units),
    recurrent_kernel (units, units), bias (units,). Elman, 1990.
    """

    CELL = SimpleRNNCell

    def __init__(self, units: int, activation: Any = "tanh", use_bias: bool = True, **kwargs: Any) -> None:
        super().__init__(units, activation=activation, use_bias=use_bias, **kwargs)

    def _kernel(self, x: Any, states: list[Any], weights: tuple[Any, ...], mask: Any) -> tuple[Any, ...]:
        return B.simple_rnn(x, *states, *weights, mask, self.go_backwards)


class _GatedLayer(_CellLayer):
    recurrent_activation = _OfCell()

    def __init__(
        self,
        units: int,
        activation: Any = "tanh",
        recurrent_activation: Any = "sigmoid",
        use_bias: bool = True,
        use_cudnn: Any = "auto",
        **kwargs: Any,
    ) -> None:
        if use_cudnn not in ("auto", True, False):
            raise ValueError(f'use_cudnn must be "auto", True or False; got: {use_cudnn!r}')
        given = {"activation": activation, "recurrent_activation": recurrent_activation, "use_bias": use_bias}
        super().__init__(units, **given, **kwargs)
        self.use_cudnn = use_cudnn

    def _standard(self, training: bool) -> bool:
        return super()._standard(training) and self.cell.recurrent_activation is activations.sigmoid


class LSTM(_GatedLayer):
    """A long short-term memory: (batch, time, features) to (batch, units), or (batch, time, units).

    The arguments are those of `LSTMCell` and of `RNN`. `use_cudnn` is accepted: the framework's
    fused kernel is used wherever activations are tanh and sigmoid and there is no recurrent dropout.
    Weights kernel (features, 4 units), recurrent_kernel (units, 4 units), bias (4 units,), gates in
    the order input, forget, cell, output; states [h, c]. Hochreiter and Schmidhuber, 1997.
    """

    CELL = LSTMCell
    unit_forget_bias = _OfCell()

    def _kernel(self, x: Any, states: list[Any], weights: tuple[Any, ...], mask: Any) -> tuple[Any, ...]:
        return B.lstm(x, *states, *weights, mask, self.go_backwards)


class GRU(_GatedLayer):
    """A gated recurrent unit: (batch, time, features) to (batch, units), or (batch, time, units).

    The arguments are those of `GRUCell` and of `RNN`; `use_cudnn` as for `LSTM`. Weights kernel
    (features, 3 units), recurrent_kernel (units, 3 units), bias (2, 3 units), or (3 units,) without
    `reset_after`, gates in the order update, reset, candidate. Cho et al., arXiv:1406.1078.
    """

    CELL = GRUCell
    reset_after = _OfCell()

    def _kernel(self, x: Any, states: list[Any], weights: tuple[Any, ...], mask: Any) -> tuple[Any, ...]:
        return B.gru(x, *states, *weights, mask, self.go_backwards, self.cell.reset_after)
