"""The standard recurrent cells: one step of SimpleRNN, LSTM and GRU."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from triceras import activations, ops, random
from triceras.layers import geometry
from triceras.layers.arguments import add_with_options, described, described_options, keep_options
from triceras.layers.layer import Layer
from triceras.seeds import SeedGenerator


class RecurrentCell(Layer):
    """Base of the standard cells: activation, and dropout of inputs and states.

    A cell is called with (inputs, states) of one time step and gives (output, new states). Within
    an RNN layer the dropout masks are drawn once a call and hold for all its steps.
    """

    # Attributes that arrive with each call are no part of the state.
    UNTRACKED = Layer.UNTRACKED | {"_masks"}
    state_size: Any
    recurrent_activation: Any

    def __init__(
        self,
        activation: Any,
        use_bias: bool,
        dropout: float,
        recurrent_dropout: float,
        seed: int | None,
        **kwargs: Any,
    ) -> None:
        kwargs.pop("implementation", None)  # chose between two equivalent ways to compute
        super().__init__(**kwargs)
        self.activation = activations.get(activation)
        self.use_bias = use_bias
        self.dropout = self._rate("dropout", dropout)
        self.recurrent_dropout = self._rate("recurrent_dropout", recurrent_dropout)
        self.seed = seed
        self.seed_generator = SeedGenerator(seed)
        self._masks: tuple[Any, Any] | None = None

    def _rate(self, name: str, value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 1:
            raise ValueError(f"Layer {self.name!r}: {name} must be a number between 0 and 1; got: {value!r}")
        return float(value)

    def _state_dtype(self) -> str:
        return getattr(self, "compute_dtype", self.dtype)

    # -- dropout ------------------------------------------------------------------------

    def masks_of(self, inputs_shape: Any, states_shape: Any) -> tuple[Any, Any]:
        """Masks of these shapes for inputs and states, scaled to keep the mean; None for a rate of 0 or no shape."""

        def draw(rate: float, shape: Any) -> Any:
            if not rate or shape is None:
                return None
            return random.dropout(ops.ones(shape, self._state_dtype()), rate, seed=self.seed_generator)

        return draw(self.dropout, inputs_shape), draw(self.recurrent_dropout, states_shape)

    def draw_dropout_masks(self, batch_size: Any) -> tuple[Any, Any]:
        """The masks of a call with this batch size."""
        raise TypeError(f"{type(self).__name__} must define draw_dropout_masks.")

    @contextmanager
    def dropout_masks(self, masks: tuple[Any, Any]) -> Iterator[None]:
        """Within it every step uses these masks."""
        outer, self._masks = self._masks, masks
        try:
            yield
        finally:
            self._masks = outer

    def _dropped(self, inputs: Any, h: Any, training: bool) -> tuple[Any, Any]:
        if not training or not (self.dropout or self.recurrent_dropout):
            return inputs, h
        of_inputs, of_states = self._masks or self.masks_of(ops.shape(inputs), ops.shape(h))
        inputs = inputs if of_inputs is None else ops.multiply(inputs, of_inputs)
        return inputs, h if of_states is None else ops.multiply(h, of_states)

    def _listed_states(self, states: Any, count: int) -> list[Any]:
        """The states as a list. Raises ValueError: another number of them."""
        found = list(states) if isinstance(states, (list, tuple)) else [states]
        if len(found) != count:
            raise ValueError(f"Layer {self.name!r}: states must hold {count} tensors; got {len(found)}.")
        return found


class _DenseCell(RecurrentCell):
    """Base of the cells whose inputs and states are vectors: weights of `GATES` gates."""

    GATES = 1

    def __init__(
        self, units: int, activation: Any, use_bias: bool, dropout: float, recurrent_dropout: float, seed: int | None,
        options: dict[str, Any], **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(activation, use_bias, dropout, recurrent_dropout, seed, **kwargs)
        self.units = geometry.count_of(self.name, "units", units)
        keep_options(self, **options)
        self.state_size: Any = self.units
        self.output_size = self.units

    def build(self, input_shape: Any) -> None:
        features, width = input_shape[-1], self.GATES * self.units
        if features is None:
            raise ValueError(
                f"Layer {self.name!r}: the last axis of the input must be known; got {tuple(input_shape)}."
            )
        self.kernel = add_with_options(self, "kernel", (features, width))
        self.recurrent_kernel = add_with_options(
            self, "recurrent_kernel", (self.units, width), "recurrent"
        )  # fmt: skip
        self.bias = None
        if self.use_bias:
            self.bias = add_with_options(self, "bias", self._bias_shape(), initializer=self._initial_bias)

    def _bias_shape(self) -> tuple[int, ...]:
        return (self.GATES * self.units,)

    def _initial_bias(self, shape: Any, dtype: Any = None) -> Any:
        return self.bias_initializer(shape, dtype)

    def get_initial_state(self, batch_size: Any = None) -> list[Any]:
        """Zeros, one tensor (batch_size, units) a state."""
        sizes = self.state_size if isinstance(self.state_size, list) else [self.state_size]
        return [ops.zeros((batch_size, size), self._state_dtype()) for size in sizes]

    def draw_dropout_masks(self, batch_size: Any) -> tuple[Any, Any]:
        """The masks of a call with this batch size."""
        return self.masks_of((batch_size, self.kernel.shape[0]), (batch_size, self.units))

    # The attributes that the configuration has after `units` and before the options of weights.
    OWN: tuple[str, ...] = ("activation", "use_bias")

    def own_config(self) -> dict[str, Any]:
        """The part of the configuration that a layer around the cell has too."""
        return {
            **described(self, "units", *self.OWN),
            **described_options(self, "kernel", "recurrent", "bias", activity=False),
            **described(self, "dropout", "recurrent_dropout"),
        }

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), **self.own_config(), "seed": self.seed}


def _plus(x: Any, bias: Any) -> Any:
    return x if bias is None else ops.add(x, bias)


class SimpleRNNCell(_DenseCell):
    """One step of a fully connected RNN: output = activation(x @ kernel + h @ recurrent_kernel + bias).

    Args:
        units: size of the output and of the state h, positive.
        activation: a name or function; None is the identity.
        use_bias: whether biases are added.
        kernel_initializer, recurrent_initializer, bias_initializer, kernel_regularizer, recurrent_regularizer,
            bias_regularizer, kernel_constraint, recurrent_constraint, bias_constraint: of the weights `kernel`
            (features, units), `recurrent_kernel` (units, units), `bias` (units,).
        dropout: share of the inputs' elements that are dropped in training, 0 to 1.
        recurrent_dropout: share of h's elements that are dropped in training.
        seed: of the dropout.

    Call arguments: inputs, (batch, features); states, [h] with h (batch, units); training, whether dropout is
    applied. Gives (output, [new states]), with output = h.

    Raises ValueError: arguments out of range, another number of states.

    Elman, Finding Structure in Time, Cognitive Science 14, 1990.

    Example:

    >>> cell = keras.layers.SimpleRNNCell(4)
    >>> output, states = cell(np.ones((2, 3), "float32"), [np.zeros((2, 4), "float32")])
    >>> keras.ops.shape(output)
    (2, 4)
    """

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
        kernel_constraint: Any = None,
        recurrent_constraint: Any = None,
        bias_constraint: Any = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        options = {
            "kernel_initializer": kernel_initializer,
            "recurrent_initializer": recurrent_initializer,
            "bias_initializer": bias_initializer,
            "kernel_regularizer": kernel_regularizer,
            "recurrent_regularizer": recurrent_regularizer,
            "bias_regularizer": bias_regularizer,
            "kernel_constraint": kernel_constraint,
            "recurrent_constraint": recurrent_constraint,
            "bias_constraint": bias_constraint,
        }
        super().__init__(units, activation, use_bias, dropout, recurrent_dropout, seed, options, **kwargs)

    def call(self, sequence: Any, states: Any, training: bool = False) -> tuple[Any, Any]:
        (h,) = self._listed_states(states, 1)
        x, h = self._dropped(sequence, h, training)
        x = ops.add(ops.matmul(x, self.kernel.value), ops.matmul(h, self.recurrent_kernel.value))
        h = self.activation(_plus(x, self.bias.value if self.bias is not None else None))
        return h, [h] if isinstance(states, (list, tuple)) else h


class LSTMCell(_DenseCell):
    """One step of an LSTM: a memory c with gates for what enters it, what stays, and what is shown.

    With sigma the recurrent_activation and [zi, zf, zg, zo] = x @ kernel + h @ recurrent_kernel + bias:
    c' = sigma(zf) * c + sigma(zi) * activation(zg) and output = h' = sigma(zo) * activation(c').

    Args:
        units: size of the output and of the states h and c, positive.
        activation, recurrent_activation: names or functions; None is the identity.
        use_bias: whether biases are added.
        kernel_initializer, recurrent_initializer, bias_initializer, kernel_regularizer, recurrent_regularizer,
            bias_regularizer, kernel_constraint, recurrent_constraint, bias_constraint: of the weights `kernel`
            (features, 4 * units), `recurrent_kernel` (units, 4 * units), `bias` (4 * units,).
        unit_forget_bias: whether the biases of the forget gate begin as 1.
        dropout: share of the inputs' elements that are dropped in training, 0 to 1.
        recurrent_dropout: share of h's elements that are dropped in training.
        seed: of the dropout.

    Call arguments: inputs, (batch, features); states, [h, c], both (batch, units); training, whether dropout is
    applied. Gives (output, [new states]), with output = h.

    Raises ValueError: arguments out of range, another number of states.

    Hochreiter and Schmidhuber, Neural Computation 9, 1997; Jozefowicz et al., ICML 2015.

    Example:

    >>> cell = keras.layers.LSTMCell(4)
    >>> zeros = np.zeros((2, 4), "float32")
    >>> output, states = cell(np.ones((2, 3), "float32"), [zeros, zeros])
    >>> keras.ops.shape(output), len(states)
    ((2, 4), 2)
    """

    GATES = 4
    OWN = ("activation", "recurrent_activation", "use_bias", "unit_forget_bias")

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
        kernel_constraint: Any = None,
        recurrent_constraint: Any = None,
        bias_constraint: Any = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        options = {
            "kernel_initializer": kernel_initializer,
            "recurrent_initializer": recurrent_initializer,
            "bias_initializer": bias_initializer,
            "kernel_regularizer": kernel_regularizer,
            "recurrent_regularizer": recurrent_regularizer,
            "bias_regularizer": bias_regularizer,
            "kernel_constraint": kernel_constraint,
            "recurrent_constraint": recurrent_constraint,
            "bias_constraint": bias_constraint,
        }
        super().__init__(units, activation, use_bias, dropout, recurrent_dropout, seed, options, **kwargs)
        self.recurrent_activation = activations.get(recurrent_activation)
        self.unit_forget_bias = unit_forget_bias
        self.state_size = [self.units, self.units]

    def _initial_bias(self, shape: Any, dtype: Any = None) -> Any:
        if not self.unit_forget_bias:
            return self.bias_initializer(shape, dtype)
        return forget_at_one(self.bias_initializer, self.units, dtype)

    def call(self, inputs: Any, states: Any, training: bool = False) -> tuple[Any, list[Any]]:
        h, c = self._listed_states(states, 2)
        x, h = self._dropped(inputs, h, training)
        gates = ops.add(ops.matmul(x, self.kernel.value), ops.matmul(h, self.recurrent_kernel.value))
        gates = _plus(gates, self.bias.value if self.bias is not None else None)
        h, c = memory_step(gates, c, self.activation, self.recurrent_activation)
        return h, [h, c]


def forget_at_one(initializer: Any, units: int, dtype: Any) -> Any:
    """Initial biases of the gates input, forget, cell, output: the forget gate's are 1."""
    first, rest = (np.asarray(initializer((n * units,), dtype)) for n in (1, 2))
    return np.concatenate([first, np.ones_like(first), rest])


def memory_step(gates: Any, c: Any, activation: Any, sigma: Any, axis: int = -1) -> tuple[Any, Any]:
    """The new h and c of an LSTM from the sums of its four gates, side by side along `axis`."""
    i, f, g, o = ops.split(gates, 4, axis)
    c = ops.add(ops.multiply(sigma(f), c), ops.multiply(sigma(i), activation(g)))
    return ops.multiply(sigma(o), activation(c)), c


class GRUCell(_DenseCell):
    """One step of a GRU: h moves from its old value towards a candidate, as far as a gate says.

    With sigma the recurrent_activation, products of x and h with the parts of `kernel` and `recurrent_kernel` and
    their biases: z = sigma(xz + hz), r = sigma(xr + hr), output = h' = z * h + (1 - z) * activation(xh + r * hh).

    Args:
        units: size of the output and of the state h, positive.
        activation, recurrent_activation: names or functions; None is the identity.
        use_bias: whether biases are added.
        kernel_initializer, recurrent_initializer, bias_initializer, kernel_regularizer, recurrent_regularizer,
            bias_regularizer, kernel_constraint, recurrent_constraint, bias_constraint: of the weights `kernel`
            (features, 3 * units), `recurrent_kernel` (units, 3 * units), `bias` (2, 3 * units), for inputs and
            states.
        dropout: share of the inputs' elements that are dropped in training, 0 to 1.
        recurrent_dropout: share of h's elements that are dropped in training.
        reset_after: whether the reset gate r is applied to the product with h, as above; False: to h itself, so that
            the candidate has (r * h) @ recurrent_kernel, and `bias` is (3 * units,).
        seed: of the dropout.

    Call arguments: inputs, (batch, features); states, [h] with h (batch, units); training, whether dropout is
    applied. Gives (output, [new states]), with output = h.

    Raises ValueError: arguments out of range, another number of states.

    Cho et al., arXiv:1406.1078.

    Example:

    >>> cell = keras.layers.GRUCell(4)
    >>> output, states = cell(np.ones((2, 3), "float32"), [np.zeros((2, 4), "float32")])
    >>> keras.ops.shape(output)
    (2, 4)
    """

    GATES = 3
    OWN = ("activation", "recurrent_activation", "use_bias", "reset_after")

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
        kernel_constraint: Any = None,
        recurrent_constraint: Any = None,
        bias_constraint: Any = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        reset_after: bool = True,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        options = {
            "kernel_initializer": kernel_initializer,
            "recurrent_initializer": recurrent_initializer,
            "bias_initializer": bias_initializer,
            "kernel_regularizer": kernel_regularizer,
            "recurrent_regularizer": recurrent_regularizer,
            "bias_regularizer": bias_regularizer,
            "kernel_constraint": kernel_constraint,
            "recurrent_constraint": recurrent_constraint,
            "bias_constraint": bias_constraint,
        }
        super().__init__(units, activation, use_bias, dropout, recurrent_dropout, seed, options, **kwargs)
        self.recurrent_activation = activations.get(recurrent_activation)
        self.reset_after = reset_after

    def _bias_shape(self) -> tuple[int, ...]:
        return (2, 3 * self.units) if self.reset_after else (3 * self.units,)

    def call(self, inputs: Any, states: Any, training: bool = False) -> tuple[Any, Any]:
        (h,) = self._listed_states(states, 1)
        x, hidden = self._dropped(inputs, h, training)
        bias = None if self.bias is None else self.bias.value
        inner, outer = (bias[0], bias[1]) if bias is not None and self.reset_after else (bias, None)
        x = _plus(ops.matmul(x, self.kernel.value), inner)
        recurrent = self.recurrent_kernel.value
        sigma, n = self.recurrent_activation, 2 * self.units
        if self.reset_after:
            hidden = _plus(ops.matmul(hidden, recurrent), outer)
            z, r = ops.split(sigma(ops.add(x[:, :n], hidden[:, :n])), 2, -1)
            new = ops.add(x[:, n:], ops.multiply(r, hidden[:, n:]))
        else:
            z, r = ops.split(sigma(ops.add(x[:, :n], ops.matmul(hidden, recurrent[:, :n]))), 2, -1)
            new = ops.add(x[:, n:], ops.matmul(ops.multiply(r, hidden), recurrent[:, n:]))
        h = ops.add(ops.multiply(z, h), ops.multiply(ops.subtract(1, z), self.activation(new)))
        return h, [h] if isinstance(states, (list, tuple)) else h
