"""The standard recurrent cells: one step of SimpleRNN, LSTM and GRU."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from triceras import activations, initializers, ops, random, regularizers
from triceras.layers.layer import Layer
from triceras.seeds import SeedGenerator


def _rate(name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 1:
        raise ValueError(f"{name} must be a number between 0 and 1; got: {value!r}")
    return float(value)


class RecurrentCell(Layer):
    """Base of the standard cells: weights of `GATES` gates, and dropout of inputs and states.

    A cell is called with (inputs, states) of one time step and gives (output, new states). Within
    an RNN layer the dropout masks are drawn once a call and hold for all its steps.
    """

    GATES = 1
    # Attributes that arrive with each call are no part of the state.
    UNTRACKED = Layer.UNTRACKED | {"_masks"}

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
        kwargs.pop("implementation", None)  # chose between two equivalent ways to compute
        super().__init__(**kwargs)
        if isinstance(units, bool) or not isinstance(units, (int, np.integer)) or units <= 0:
            raise ValueError(f"{type(self).__name__}: units must be a positive integer; got: {units!r}")
        self.units = int(units)
        self.activation = activations.get(activation)
        self.use_bias = use_bias
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.recurrent_initializer = initializers.get(recurrent_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.recurrent_regularizer = regularizers.get(recurrent_regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)
        self.kernel_constraint = kernel_constraint
        self.recurrent_constraint = recurrent_constraint
        self.bias_constraint = bias_constraint
        self.dropout, self.recurrent_dropout = _rate("dropout", dropout), _rate("recurrent_dropout", recurrent_dropout)
        self.seed = seed
        self.seed_generator = SeedGenerator(seed)
        self.state_size: Any = self.units
        self.output_size = self.units
        self._masks: tuple[Any, Any] | None = None

    def build(self, input_shape: Any) -> None:
        features, width = input_shape[-1], self.GATES * self.units
        if features is None:
            raise ValueError(
                f"{type(self).__name__} {self.name!r}: the last axis of the input must be known; got {input_shape}."
            )
        self.kernel = self.add_weight(
            (features, width),
            self.kernel_initializer,
            regularizer=self.kernel_regularizer,
            constraint=self.kernel_constraint,
            name="kernel",
        )
        self.recurrent_kernel = self.add_weight(
            (self.units, width),
            self.recurrent_initializer,
            regularizer=self.recurrent_regularizer,
            constraint=self.recurrent_constraint,
            name="recurrent_kernel",
        )
        self.bias = None
        if self.use_bias:
            self.bias = self.add_weight(
                self._bias_shape(),
                self._initial_bias,
                regularizer=self.bias_regularizer,
                constraint=self.bias_constraint,
                name="bias",
            )

    def _bias_shape(self) -> tuple[int, ...]:
        return (self.GATES * self.units,)

    def _initial_bias(self, shape: Any, dtype: Any = None) -> Any:
        return self.bias_initializer(shape, dtype)

    def get_initial_state(self, batch_size: Any = None) -> list[Any]:
        """Zeros, one tensor (batch_size, units) a state."""
        sizes = self.state_size if isinstance(self.state_size, list) else [self.state_size]
        return [ops.zeros((batch_size, size), self._state_dtype()) for size in sizes]

    def _state_dtype(self) -> str:
        return getattr(self, "compute_dtype", self.dtype)

    # -- dropout ------------------------------------------------------------------------

    def draw_dropout_masks(self, batch_size: Any) -> tuple[Any, Any]:
        """Masks of a call's inputs and states, scaled to keep the mean; None for a rate of 0."""

        def draw(rate: float, size: int) -> Any:
            ones = ops.ones((batch_size, size), self._state_dtype())
            return random.dropout(ones, rate, seed=self.seed_generator) if rate else None

        return draw(self.dropout, self.kernel.shape[0]), draw(self.recurrent_dropout, self.units)

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
        of_inputs, of_states = self._masks or self.draw_dropout_masks(ops.shape(inputs)[0])
        inputs = inputs if of_inputs is None else ops.multiply(inputs, of_inputs)
        return inputs, h if of_states is None else ops.multiply(h, of_states)

    # -- configuration ------------------------------------------------------------------

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "units": self.units,
            "activation": activations.serialize(self.activation),
            "use_bias": self.use_bias,
            "kernel_initializer": self.kernel_initializer,
            "recurrent_initializer": self.recurrent_initializer,
            "bias_initializer": self.bias_initializer,
            "kernel_regularizer": self.kernel_regularizer,
            "recurrent_regularizer": self.recurrent_regularizer,
            "bias_regularizer": self.bias_regularizer,
            "kernel_constraint": self.kernel_constraint,
            "recurrent_constraint": self.recurrent_constraint,
            "bias_constraint": self.bias_constraint,
            "dropout": self.dropout,
            "recurrent_dropout": self.recurrent_dropout,
            "seed": self.seed,
        }


def _plus(x: Any, bias: Any) -> Any:
    return x if bias is None else ops.add(x, bias)


class SimpleRNNCell(RecurrentCell):
    """One step of a fully connected RNN: output = activation(x @ kernel + h @ recurrent_kernel + bias).

    inputs (batch, features), states [h] with h (batch, units). Elman, 1990.
    """

    def call(self, sequence: Any, states: Any, training: bool = False) -> tuple[Any, Any]:
        h = states[0] if isinstance(states, (list, tuple)) else states
        x, h = self._dropped(sequence, h, training)
        x = ops.add(ops.matmul(x, self.kernel.value), ops.matmul(h, self.recurrent_kernel.value))
        h = self.activation(_plus(x, self.bias.value if self.bias is not None else None))
        return h, [h] if isinstance(states, (list, tuple)) else h


class _GatedCell(RecurrentCell):
    """A cell whose gates have an activation of their own."""

    def __init__(
        self, units: int, activation: Any = "tanh", recurrent_activation: Any = "sigmoid", **kwargs: Any
    ) -> None:
        super().__init__(units, activation, **kwargs)
        self.recurrent_activation = activations.get(recurrent_activation)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "recurrent_activation": activations.serialize(self.recurrent_activation)}


class LSTMCell(_GatedCell):
    """One step of an LSTM: inputs (batch, features), states [h, c], both (batch, units).

    kernel (features, 4 units), recurrent_kernel (units, 4 units) and bias (4 units,) hold the gates
    input, forget, cell, output. `unit_forget_bias` starts the forget gate's bias at 1.
    Hochreiter and Schmidhuber, 1997; Jozefowicz et al., 2015.
    """

    GATES = 4

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
        **kwargs: Any,
    ) -> None:
        super().__init__(
            units,
            activation,
            recurrent_activation,
            use_bias=use_bias,
            kernel_initializer=kernel_initializer,
            recurrent_initializer=recurrent_initializer,
            bias_initializer=bias_initializer,
            **kwargs,
        )
        self.unit_forget_bias = unit_forget_bias
        self.state_size = [self.units, self.units]

    def _initial_bias(self, shape: Any, dtype: Any = None) -> Any:
        if not self.unit_forget_bias:
            return self.bias_initializer(shape, dtype)
        first, rest = (np.asarray(self.bias_initializer((n * self.units,), dtype)) for n in (1, 2))
        return np.concatenate([first, np.ones_like(first), rest])

    def call(self, inputs: Any, states: Any, training: bool = False) -> tuple[Any, list[Any]]:
        h, c = states
        x, h = self._dropped(inputs, h, training)
        gates = ops.add(ops.matmul(x, self.kernel.value), ops.matmul(h, self.recurrent_kernel.value))
        i, f, g, o = ops.split(_plus(gates, self.bias.value if self.bias is not None else None), 4, -1)
        sigma = self.recurrent_activation
        c = ops.add(ops.multiply(sigma(f), c), ops.multiply(sigma(i), self.activation(g)))
        h = ops.multiply(sigma(o), self.activation(c))
        return h, [h, c]

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "unit_forget_bias": self.unit_forget_bias}


class GRUCell(_GatedCell):
    """One step of a GRU: inputs (batch, features), states [h], h (batch, units).

    kernel (features, 3 units) and recurrent_kernel (units, 3 units) hold the gates update, reset,
    candidate. With `reset_after` the reset gate is applied to the product of h and the recurrent
    kernel, and bias is (2, 3 units), of inputs and states; else to h, and bias is (3 units,).
    Cho et al., arXiv:1406.1078.
    """

    GATES = 3

    def __init__(
        self,
        units: int,
        activation: Any = "tanh",
        recurrent_activation: Any = "sigmoid",
        use_bias: bool = True,
        reset_after: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(units, activation, recurrent_activation, use_bias=use_bias, **kwargs)
        self.reset_after = reset_after

    def _bias_shape(self) -> tuple[int, ...]:
        return (2, 3 * self.units) if self.reset_after else (3 * self.units,)

    def call(self, inputs: Any, states: Any, training: bool = False) -> tuple[Any, Any]:
        h = states[0] if isinstance(states, (list, tuple)) else states
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

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "reset_after": self.reset_after}
