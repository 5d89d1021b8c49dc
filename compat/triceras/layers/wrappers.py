"""Layers around layers: Bidirectional and TimeDistributed."""

from __future__ import annotations

from typing import Any

import optree

from triceras import ops
from triceras.layers import geometry
from triceras.layers.layer import Layer
from triceras.layers.nested import describe, rebuild
from triceras.layers.recurrent import RNN, build_config_of
from triceras_backends.active import backend as B

_MERGES = {
    "sum": ops.add,
    "mul": ops.multiply,
    "ave": lambda x, y: ops.multiply(ops.add(x, y), 0.5),
    "concat": lambda x, y: ops.concatenate([x, y], -1),
}

_INTERFACE = ("go_backwards", "return_sequences", "return_state", "stateful")


def _twin(layer: Any, **changes: Any) -> Any:
    """A new layer with the configuration of `layer` but for `changes`."""
    return type(layer).from_config(layer.get_config() | changes)


def _prefixed(prefix: str, name: str) -> str:
    return name if name.startswith(prefix) else prefix + name


def _check_recurrent(layer: Any) -> None:
    if not isinstance(layer, Layer) or not all(hasattr(layer, name) for name in _INTERFACE):
        raise ValueError(f"Bidirectional needs a recurrent layer, with {', '.join(_INTERFACE)}; got: {layer!r}")


class Bidirectional(Layer):
    """Runs a recurrent layer forwards and one like it backwards, and merges the outputs.

    Args:
        layer: an RNN layer (RNN, LSTM, GRU, SimpleRNN or one with their interface); a copy of it runs forwards.
        merge_mode: "concat" along the last axis, "sum", "mul", "ave", or None for both outputs.
        weights: initial weights, as for `set_weights`.
        backward_layer: the layer that runs backwards, with `go_backwards=True`; None makes one like `layer`.

    With return_sequences the backward outputs are put back in the order of time. With
    return_state the states follow the output, first the forward layer's.

    Call arguments: sequences, (batch, time, ...); initial_state, the states of the forward layer and then those of the
    backward layer; mask, (batch, time); training.

    Raises ValueError: no layer of that kind, an unknown merge_mode, two layers that run in the same direction or
    return different things, a wrong number of states.

    Schuster and Paliwal, IEEE Transactions on Signal Processing 45, 1997.

    Example:

    >>> layer = keras.layers.Bidirectional(keras.layers.GRU(4, return_sequences=True))
    >>> y = layer(np.ones((2, 5, 3), "float32"))
    >>> keras.ops.shape(y)
    (2, 5, 8)
    """

    def __init__(
        self,
        layer: Any,
        merge_mode: str | None = "concat",
        weights: Any = None,
        backward_layer: Any = None,
        **kwargs: Any,
    ) -> None:
        _check_recurrent(layer)
        if backward_layer is not None:
            _check_recurrent(backward_layer)
        if merge_mode is not None and merge_mode not in _MERGES:
            raise ValueError(f"Bidirectional: merge_mode must be one of {[*_MERGES, None]}; got: {merge_mode!r}")
        kwargs.setdefault("dtype", layer.get_config().get("dtype"))
        super().__init__(**kwargs)
        self.merge_mode = merge_mode
        self.forward_layer = _twin(layer, name=_prefixed("forward_", layer.name))
        if backward_layer is None:
            name = _prefixed("backward_", layer.name)
            self.backward_layer = _twin(layer, name=name, go_backwards=not layer.go_backwards)
        else:
            self.backward_layer = backward_layer
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
                f"Layer {self.name!r}: forward and backward layer must run in different directions; "
                f"both have go_backwards={forward.go_backwards}."
            )
        for name in ("stateful", "return_sequences", "return_state"):
            if getattr(forward, name) != getattr(backward, name):
                raise ValueError(f"Layer {self.name!r}: forward and backward layer differ in {name!r}.")

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
            half, odd = divmod(len(initial_state), 2)
            if odd:
                raise ValueError(
                    f"Layer {self.name!r}: initial_state must hold as many states for the backward layer as for the "
                    f"forward layer; got {len(initial_state)}."
                )
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

    def get_build_config(self) -> dict[str, Any] | None:
        """The shapes of sequences and states that the layer was built for; None if it is not built."""
        return build_config_of(self)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "merge_mode": self.merge_mode,
            "layer": describe(self.forward_layer),
            "backward_layer": describe(self.backward_layer),
        }

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        config = dict(config)
        for name in ("layer", "backward_layer"):
            if config.get(name) is not None:
                config[name] = rebuild(config[name], custom_objects)
        made = cls(**config)
        # A description of a built layer is of one that is built; the forward layer is a copy.
        if config["layer"].built:
            made.forward_layer.build_from_config(config["layer"].get_build_config())
        return made


class TimeDistributed(Layer):
    """Applies a layer to each time step of (batch, time, ...), with the same weights: (batch, time, outputs...).

    The steps are put into the batch axis, so the layer is called once. A mask (batch, time) is
    given to the layer if its call takes `mask`, as (batch * time,).

    Args:
        layer: a layer of (batch, ...).

    Call arguments: inputs, (batch, time, ...); training; mask, (batch, time).

    Raises ValueError: no layer, inputs of fewer than 3 axes, a mask of another shape.

    Example:

    >>> layer = keras.layers.TimeDistributed(keras.layers.Conv2D(4, 3))
    >>> y = layer(np.ones((2, 5, 8, 9, 3), "float32"))
    >>> keras.ops.shape(y)
    (2, 5, 6, 7, 4)
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
            raise ValueError(
                f"Layer {self.name!r}: inputs of rank 3 or more, (batch, time, ...), are needed; got the shape {shape}."
            )
        if not self.layer.built:
            self.layer.build((shape[0], *shape[2:]))

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        signature = self.layer._signature
        options: dict[str, Any] = {"training": training} if signature.takes_training else {}
        if mask is not None:
            geometry.check_mask(self.name, mask, B.static_shape(inputs)[:2])
            if "mask" in signature.names:
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
