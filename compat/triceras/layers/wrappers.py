"""Layers around layers: Bidirectional and TimeDistributed."""

from __future__ import annotations

from typing import Any

import optree

from triceras import ops
from triceras.layers.layer import Layer
from triceras.layers.nested import describe, rebuild
from triceras.layers.recurrent import RNN

_MERGES = {
    "sum": ops.add,
    "mul": ops.multiply,
    "ave": lambda x, y: ops.multiply(ops.add(x, y), 0.5),
    "concat": lambda x, y: ops.concatenate([x, y], -1),
}


def _twin(layer: Any, **changes: Any) -> Any:
    """A new layer with the configuration of `layer` but for `changes`."""
    return type(layer).from_config(layer.get_config() | changes)


def _described(layer: Any, prefix: str) -> dict[str, Any]:
    """A layer's description under the name it was given with."""
    found = describe(layer)
    found["config"]["name"] = layer.name.removeprefix(prefix)
    return found


class Bidirectional(Layer):
    """Runs a recurrent layer forwards and one like it backwards, and merges the outputs.

    Args:
        layer: an RNN layer (RNN, LSTM, GRU, SimpleRNN or one with their interface).
        merge_mode: "concat" along the last axis, "sum", "mul", "ave", or None for a list of both.
        weights: initial weights, as for `set_weights`.
        backward_layer: the layer that runs backwards, with `go_backwards=True`; None makes one like `layer`.

    With return_sequences the backward outputs are put back in the order of time. With
    return_state the states follow the output, first the forward layer's. Schuster and Paliwal, 1997.
    """

    def __init__(
        self,
        layer: Any,
        merge_mode: str | None = "concat",
        weights: Any = None,
        backward_layer: Any = None,
        **kwargs: Any,
    ) -> None:
        if not isinstance(layer, Layer):
            raise ValueError(f"Bidirectional needs a recurrent layer; got: {layer!r}")
        if merge_mode is not None and merge_mode not in _MERGES:
            raise ValueError(f"merge_mode must be one of {[*_MERGES, None]}; got: {merge_mode!r}")
        kwargs.setdefault("dtype", layer.get_config().get("dtype"))
        super().__init__(**kwargs)
        self.merge_mode = merge_mode
        self.forward_layer = _twin(layer, name=f"forward_{layer.name}")
        if backward_layer is None:
            self.backward_layer = _twin(layer, name=f"backward_{layer.name}", go_backwards=not layer.go_backwards)
        else:
            self.backward_layer = _twin(backward_layer, name=f"backward_{backward_layer.name}")
        self._given_backward = backward_layer is not None
        self._check_pair()
        self.return_sequences, self.return_state = layer.return_sequences, layer.return_state
        self.stateful = layer.stateful
        self.supports_masking = True
        for own in (self.forward_layer, self.backward_layer):
            # Else the two sequences would repeat different outputs at a masked step.
            own.zero_output_for_mask = self.return_sequences
        self.input_spec = layer.input_spec
        self._initial_weights = weights

    def _check_pair(self) -> None:
        forward, backward = self.forward_layer, self.backward_layer
        if forward.go_backwards == backward.go_backwards:
            raise ValueError(
                "Bidirectional: forward and backward layer must run in different directions; "
                f"both have go_backwards={forward.go_backwards}."
            )
        for name in ("stateful", "return_sequences", "return_state"):
            if getattr(forward, name) != getattr(backward, name):
                raise ValueError(f"Bidirectional: the two layers differ in {name!r}.")

    def build(self, sequences_shape: Any, initial_state_shape: Any = None) -> None:
        for layer in (self.forward_layer, self.backward_layer):
            if not layer.built:
                layer.build(sequences_shape)
        if self._initial_weights is not None:
            self.set_weights(self._initial_weights)

    def call(self, sequences: Any, initial_state: Any = None, mask: Any = None, training: bool | None = None) -> Any:
        options = {"mask": mask, "training": training}
        first = second = options
        if initial_state is not None:
            half = len(initial_state) // 2
            first = options | {"initial_state": initial_state[:half]}
            second = options | {"initial_state": initial_state[half:]}
        forward = self.forward_layer(sequences, **first)
        backward = self.backward_layer(sequences, **second)
        states: tuple[Any, ...] = ()
        if self.return_state:
            (forward, *first_states), (backward, *second_states) = forward, backward
            states = (*first_states, *second_states)
        if self.return_sequences:
            backward = ops.flip(backward, 1)
        merged = [forward, backward] if self.merge_mode is None else _MERGES[self.merge_mode](forward, backward)
        if not states:
            return merged
        return (*merged, *states) if self.merge_mode is None else (merged, *states)

    def reset_state(self) -> None:
        """Sets the states of both layers to zero, if they are stateful."""
        for layer in (self.forward_layer, self.backward_layer):
            layer.reset_state()

    reset_states = reset_state

    @property
    def states(self) -> Any:
        """The states of both layers, if they are stateful, else None."""
        if self.forward_layer.states is None:
            return None
        return (*self.forward_layer.states, *self.backward_layer.states)

    def compute_mask(self, sequences: Any, mask: Any = None) -> Any:
        mask = mask[0] if isinstance(mask, (list, tuple)) else mask
        outputs = mask if self.return_sequences else None
        count = 1 if self.merge_mode is not None else 2
        if not self.return_state:
            return outputs if count == 1 else [outputs] * 2
        states = len(optree.tree_leaves(self.forward_layer.cell.state_size)) * 2 if self._has_cell() else 0
        return [*[outputs] * count, *[None] * states]

    def _has_cell(self) -> bool:
        return isinstance(self.forward_layer, RNN)

    def compute_output_shape(self, sequences_shape: Any, initial_state_shape: Any = None) -> Any:
        found = self.forward_layer.compute_output_shape(sequences_shape)
        output, states = (found[0], found[1:]) if self.return_state else (found, ())
        if self.merge_mode == "concat":
            output = (*output[:-1], 2 * output[-1])
        merged = [output, output] if self.merge_mode is None else output
        if not self.return_state:
            return merged
        return (*(merged if isinstance(merged, list) else (merged,)), *states, *states)

    def get_config(self) -> dict[str, Any]:
        config = {
            **super().get_config(),
            "merge_mode": self.merge_mode,
            "layer": _described(self.forward_layer, "forward_"),
        }
        if self._given_backward:
            config["backward_layer"] = _described(self.backward_layer, "backward_")
        return config

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        config = dict(config)
        for name in ("layer", "backward_layer"):
            if config.get(name) is not None:
                config[name] = rebuild(config[name], custom_objects)
        return cls(**config)


class TimeDistributed(Layer):
    """Applies a layer to each time step of (batch, time, ...), with the same weights.

    The steps are put into the batch axis, so the layer is called once. A mask (batch, time) is
    given to the layer if its call takes `mask`, as (batch * time,).
    """

    def __init__(self, layer: Any, **kwargs: Any) -> None:
        if not isinstance(layer, Layer):
            raise ValueError(f"TimeDistributed needs a layer; got: {layer!r}")
        super().__init__(**kwargs)
        self.layer = layer
        self.supports_masking = True

    def build(self, input_shape: Any) -> None:
        shape = tuple(input_shape)
        if len(shape) < 3:
            raise ValueError(f"TimeDistributed needs inputs of at least 3 axes, (batch, time, ...); got shape {shape}.")
        if not self.layer.built:
            self.layer.build((shape[0], *shape[2:]))

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        signature = self.layer._signature
        options: dict[str, Any] = {"training": training} if signature.takes_training else {}
        if mask is not None and "mask" in signature.names:
            options["mask"] = ops.reshape(mask, (-1,))
        batch, time = ops.shape(inputs)[:2]
        outputs = self.layer(ops.reshape(inputs, (-1, *ops.shape(inputs)[2:])), **options)
        return optree.tree_map(lambda y: ops.reshape(y, (batch, time, *ops.shape(y)[1:])), outputs)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        return mask

    def compute_output_shape(self, input_shape: Any) -> Any:
        inner = self.layer.compute_output_shape((input_shape[0], *input_shape[2:]))
        return (inner[0], input_shape[1], *inner[1:])

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "layer": describe(self.layer)}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        config = dict(config)
        return cls(rebuild(config.pop("layer"), custom_objects), **config)
