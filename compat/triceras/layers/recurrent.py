"""RNN, which runs any cell over time, and StackedRNNCells."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

import optree

from triceras import ops
from triceras.layers import geometry
from triceras.layers.layer import Layer
from triceras.layers.nested import describe, rebuild
from triceras.layers.recurrent_cells import RecurrentCell
from triceras_backends.active import backend as B


def _listed(x: Any) -> list[Any]:
    return list(x) if isinstance(x, (list, tuple)) else [x]


def build_config_of(layer: Any) -> dict[str, Any] | None:
    """The shapes that a layer was built for, as `build_from_config` takes them; None: not built."""
    shapes = {name: shape for name, shape in vars(layer).get("_built_for", {}).items() if shape is not None}
    if len(shapes) > 1:
        return {"shapes_dict": shapes}
    return {"input_shape": next(iter(shapes.values()))} if shapes else None


def _initial_state(cell: Any, batch_size: Any, dtype: str) -> Any:
    if hasattr(cell, "get_initial_state"):
        return cell.get_initial_state(batch_size=batch_size)

    def zeros(size: Any) -> Any:
        return ops.zeros((batch_size, *_listed(size)), dtype)

    return [zeros(size) for size in _listed(cell.state_size)]


def _output_size(cell: Any) -> tuple[int, ...]:
    size = getattr(cell, "output_size", None)
    if size is None:
        size = _listed(cell.state_size)[0]
    return tuple(_listed(size))


class StackedRNNCells(Layer):
    """Several cells as one: each one's output is the next one's input.

    Args:
        cells: objects with `call` and `state_size`, from the inputs' to the outputs'.

    Call arguments: inputs, (batch, features); states, a list with the states of each cell; training. Gives (output of
    the last cell, new states of each).

    Raises ValueError: an object that is no cell.

    Example:

    >>> cells = keras.layers.StackedRNNCells([keras.layers.GRUCell(4), keras.layers.LSTMCell(3)])
    >>> y = keras.layers.RNN(cells)(np.ones((2, 5, 6), "float32"))
    >>> keras.ops.shape(y)
    (2, 3)
    """

    def __init__(self, cells: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        for cell in cells:
            _check_cell(self.name, cell)
        self.cells = list(cells)

    @property
    def state_size(self) -> list[Any]:
        return [cell.state_size for cell in self.cells]

    @property
    def output_size(self) -> Any:
        size = _output_size(self.cells[-1])
        return size[0] if len(size) == 1 else size

    def get_initial_state(self, batch_size: Any = None) -> list[Any]:
        """The initial states of each cell."""
        return [_initial_state(cell, batch_size, self.dtype) for cell in self.cells]

    def build(self, input_shape: Any) -> None:
        shape = tuple(input_shape)
        for cell in self.cells:
            if isinstance(cell, Layer) and not cell.built:
                cell.build(shape)
            shape = (shape[0], *_output_size(cell))

    def call(self, inputs: Any, states: Any, training: bool = False, **kwargs: Any) -> tuple[Any, list[Any]]:
        new = []
        for cell, state in zip(self.cells, states, strict=True):
            takes = isinstance(cell, Layer) and cell._signature.takes_training
            inputs, state = cell(inputs, state, **(kwargs | {"training": training} if takes else kwargs))
            new.append(state)
        return inputs, new

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "cells": [describe(cell) for cell in self.cells]}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        config = dict(config)
        return cls([rebuild(cell, custom_objects) for cell in config.pop("cells")], **config)


def _check_cell(owner: str, cell: Any) -> None:
    for name in ("call", "state_size"):
        if not hasattr(cell, name):
            raise ValueError(f"Layer {owner!r}: a cell needs the attribute `{name}`; {cell!r} has none.")


class _Step:
    """A call of a cell as a step of `rnn`: equal for equal cells, so that a compiled loop is found again."""

    def __init__(self, cell: Any, options: dict[str, Any], flat: bool, masks: Any) -> None:
        self.cell, self.options, self.flat, self.masks = cell, options, flat, masks

    def __call__(self, inputs: Any, states: Any) -> Any:
        given = states[0] if self.flat else states
        output, new = self.cell(inputs, given, **self.options)
        return output, [new] if self.flat else _like(new, states)

    def _key(self) -> Any:
        return self.cell, tuple(self.options.items()), self.flat, id(self.masks) if self.masks else 0

    def __hash__(self) -> int:
        return hash(self._key())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Step) and self._key() == other._key()


def _like(new: Any, old: Any) -> Any:
    """`new` in the structure of `old`: cells may give tuples for lists, or a sole state bare."""
    leaves = optree.tree_leaves(new)
    return optree.tree_unflatten(optree.tree_structure(old), leaves)


class RNN(Layer):
    """Runs a cell over time: sequences (batch, time, ...) to the last output, (batch, ...), or all of them.

    (output_t, states_t) = cell(inputs_t, states_{t-1}) for each step t, from states of zeros if none are given.

    Args:
        cell: an object with `call(inputs, states)` giving (output, new states) and `state_size`
            (an int, or a list of them), and if it likes `output_size` and
            `get_initial_state(batch_size)`; a list of cells is stacked.
        return_sequences: all outputs, (batch, time, ...), rather than the last.
        return_state: the last states too: (output, state, ...).
        go_backwards: runs from the last step to the first; outputs come in that order.
        stateful: states go on from batch to batch, until `reset_state`. Needs a fixed batch size.
        unroll: repeats the step instead of looping.
        zero_output_for_mask: zeros as the outputs of masked steps, with return_sequences.

    Call arguments: sequences; initial_state, a list of tensors, None for zeros; mask, (batch, time),
    False where a step is skipped: its states stay and its output is that of the step before; training.

    Raises ValueError: an object that is no cell, a mask or states of another shape, stateful without a fixed
    batch size.

    Example:

    >>> layer = keras.layers.RNN(keras.layers.SimpleRNNCell(4), return_sequences=True)
    >>> y = layer(np.ones((2, 5, 3), "float32"))
    >>> keras.ops.shape(y)
    (2, 5, 4)
    """

    # States of a stateful layer are no weights.
    UNTRACKED = Layer.UNTRACKED | {"states"}

    def __init__(
        self,
        cell: Any,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool = False,
        zero_output_for_mask: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if isinstance(cell, (list, tuple)):
            cell = StackedRNNCells(cell)
        _check_cell(self.name, cell)
        self.cell = cell
        self.return_sequences, self.return_state = return_sequences, return_state
        self.go_backwards, self.stateful, self.unroll = go_backwards, stateful, unroll
        self.zero_output_for_mask = zero_output_for_mask
        self.supports_masking = True
        self.states: Any = None
        self._flat = not isinstance(cell.state_size, (list, tuple))

    # -- states -------------------------------------------------------------------------

    def build(self, sequences_shape: Any, initial_state_shape: Any = None) -> None:
        shape = tuple(sequences_shape)
        if len(shape) < 3:
            raise ValueError(f"Layer {self.name!r}: sequences of rank 3 or more are needed; got the shape {shape}.")
        if isinstance(self.cell, Layer) and not self.cell.built:
            self.cell.build((shape[0], *shape[2:]))
        if self.stateful:
            if shape[0] is None:
                raise ValueError(
                    f"Layer {self.name!r} is stateful, so it needs a fixed batch size: give it an input of "
                    f"Input(batch_shape=(batch, ...)); got the shape {shape}."
                )
            self.states = optree.tree_map(
                lambda x: B.Variable(B.convert_to_numpy(x), trainable=False, name="rnn_state"),
                self.get_initial_state(shape[0]),
            )

    def get_initial_state(self, batch_size: Any) -> list[Any]:
        """Zeros for each state of the cell."""
        return _listed(_initial_state(self.cell, batch_size, self.dtype))

    def reset_state(self) -> None:
        """Sets the states of a stateful layer to zero."""
        for state in optree.tree_leaves(self.states):
            state.assign(ops.zeros_like(state.value))

    reset_states = reset_state

    def _first_states(self, sequences: Any, initial_state: Any) -> list[Any]:
        if initial_state is None and self.stateful:
            return optree.tree_map(lambda state: state.value, self.states)
        if initial_state is None:
            return self._zero_states(sequences)
        given = _listed(initial_state)
        wanted = len(_listed(self.cell.state_size))
        if len(given) != wanted:
            raise ValueError(
                f"Layer {self.name!r}: initial_state must hold {wanted} states, "
                f"one for each of the cell's state_size {self.cell.state_size}; got {len(given)}."
            )
        self._check_states(given, sequences)
        return given

    def _zero_states(self, sequences: Any) -> Any:
        return self.get_initial_state(ops.shape(sequences)[0])

    def _check_states(self, states: list[Any], sequences: Any) -> None:
        """Raises ValueError: states of other shapes than the cell says it has."""
        sizes = _listed(self.cell.state_size)
        batch = B.static_shape(optree.tree_leaves(sequences)[0])[0]
        # A cell may have states in structures of its own.
        if all(isinstance(size, int) for size in sizes):
            self._check_state_shapes(states, [(batch, size) for size in sizes])

    def _check_state_shapes(self, states: list[Any], wanted: list[Any]) -> None:
        for state, shape in zip(states, wanted, strict=True):
            found = tuple(B.static_shape(state))
            same = len(found) == len(shape) and all(
                a is None or b is None or a == b for a, b in zip(found, shape, strict=True)
            )
            if not same:
                raise ValueError(
                    f"Layer {self.name!r}: initial_state must hold states of the shapes {[tuple(w) for w in wanted]}; "
                    f"got {[tuple(B.static_shape(s)) for s in states]}."
                )

    # -- calling ------------------------------------------------------------------------

    def call(self, sequences: Any, initial_state: Any = None, mask: Any = None, training: bool = False) -> Any:
        mask = mask[0] if isinstance(mask, (list, tuple)) else mask
        if mask is not None:
            geometry.check_mask(self.name, mask, B.static_shape(optree.tree_leaves(sequences)[0])[:2])
        states = self._first_states(sequences, initial_state)
        last, outputs, states = self._run(sequences, states, mask, training)
        if self.stateful:
            for variable, value in zip(optree.tree_leaves(self.states), optree.tree_leaves(states), strict=True):
                variable.assign(value)
        result = outputs if self.return_sequences else last
        return (result, *states) if self.return_state else result

    def _run(self, sequences: Any, states: list[Any], mask: Any, training: bool) -> tuple[Any, Any, list[Any]]:
        """The last output, all outputs and the last states, by running the cell step by step."""
        options = {"training": training} if self._cell_takes_training() else {}
        with ExitStack() as stack:
            masks = self._draw_masks(stack, ops.shape(sequences)[0]) if training else []
            step = _Step(self.cell, options, self._flat, masks)
            return B.rnn(
                step, sequences, states, mask, self.go_backwards, self.unroll,
                self.zero_output_for_mask and self.return_sequences,
            )  # fmt: skip

    def _draw_masks(self, stack: ExitStack, batch_size: Any) -> list[Any]:
        """Draws the dropout masks of every standard cell for the call, outside of the loop."""
        layers = self.cell._tree() if isinstance(self.cell, Layer) else []
        cells = [
            cell for cell in layers if isinstance(cell, RecurrentCell) and (cell.dropout or cell.recurrent_dropout)
        ]
        masks = [cell.draw_dropout_masks(batch_size) for cell in cells]
        for cell, drawn in zip(cells, masks, strict=True):
            stack.enter_context(cell.dropout_masks(drawn))
        return masks

    def _cell_takes_training(self) -> bool:
        return isinstance(self.cell, Layer) and self.cell._signature.takes_training

    # -- shapes, masks, configuration ---------------------------------------------------

    def compute_output_shape(self, sequences_shape: Any, initial_state_shape: Any = None) -> Any:
        batch, time = sequences_shape[:2]
        size = _output_size(self.cell)
        output = (batch, time, *size) if self.return_sequences else (batch, *size)
        if not self.return_state:
            return output
        return (output, *optree.tree_map(lambda n: (batch, n), _listed(self.cell.state_size)))

    @property
    def state_size(self) -> Any:
        """The cell's: an int, or a list of them."""
        return self.cell.state_size

    def compute_mask(self, sequences: Any, mask: Any = None) -> Any:
        """The mask of the outputs: the input's where all are returned; none for states."""
        mask = mask[0] if isinstance(mask, (list, tuple)) else mask
        output = mask if self.return_sequences else None
        return [output, *(None for _ in _listed(self.cell.state_size))] if self.return_state else output

    def get_build_config(self) -> dict[str, Any] | None:
        """The shapes of sequences and states that the layer was built for; None if it is not built."""
        return build_config_of(self)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), **self._options(), "cell": describe(self.cell)}

    def _options(self) -> dict[str, Any]:
        return {
            "return_sequences": self.return_sequences,
            "return_state": self.return_state,
            "go_backwards": self.go_backwards,
            "stateful": self.stateful,
            "unroll": self.unroll,
            "zero_output_for_mask": self.zero_output_for_mask,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        config = dict(config)
        if "cell" in config:
            config["cell"] = rebuild(config["cell"], custom_objects)
        return cls(**config)
