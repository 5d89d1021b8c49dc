"""Sequential: a model whose layers are called one after another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import optree

from triceras.layers.inputs import Input, InputLayer
from triceras.layers.layer import Layer
from triceras.models import configs
from triceras.models.model import Model
from triceras.ops import symbolic
from triceras.ops.symbolic import KerasTensor
from triceras_backends.active import backend as B
from triceras_backends.specs import Spec


class Sequential(Model):
    """Layers applied in order, each to the output of the one before.

    Args:
        layers: a list of layers; the first may be an `Input` (or have `input_shape=`), which
            builds the model at once. Otherwise the first call builds it.
        trainable, name: as of a Layer.

    Raises TypeError: what is not a layer. Raises ValueError: two layers of one name, an Input
    that does not come first.

    Example:

    >>> model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(4, activation="relu"), keras.layers.Dense(1)])
    >>> model.count_params()
    21
    """

    UNTRACKED = Model.UNTRACKED | {"_tensors"}

    def __init__(self, layers: Any = None, trainable: bool = True, name: str | None = None, **kwargs: Any) -> None:
        super().__init__(trainable=trainable, name=name, **kwargs)
        self._stack: list[Layer] = []
        # Once the input's shape is known: the symbolic input, then each layer's output.
        self._tensors: list[KerasTensor] = []
        for layer in layers or []:
            self.add(layer, rebuild=False)
        self._build_if_known()

    def add(self, layer: Any, rebuild: bool = True) -> None:
        """Appends a layer. rebuild: whether it is built at once, where the input's shape is known.

        Raises as the constructor does.
        """
        if isinstance(layer, KerasTensor) and layer.node is not None and layer.node.is_input:
            layer = layer.node.operation
        if isinstance(layer, InputLayer):
            if self._stack or self._tensors:
                raise ValueError(
                    f"Model {self.name!r}: an Input can only come first, and once; it already has "
                    f"{f'the input shape {self._tensors[0].shape}' if self._tensors else 'layers'}."
                )
            self._tensors = [layer.output]
            return
        if not isinstance(layer, Layer):
            raise TypeError(f"Sequential takes layers; got: {layer!r} of type {type(layer).__name__}")
        if any(layer is other or layer.name == other.name for other in self._stack):
            raise ValueError(f"Model {self.name!r} already has a layer named {layer.name!r}; names must be unique.")
        if not self._stack and not self._tensors:
            self._tensors = _own_input(layer)
        # A new list, so that a failed build leaves the old one.
        before, self._stack = self._stack, [*self._stack, layer]
        self.built = False
        if rebuild:
            try:
                self._build_if_known()
            except BaseException:
                self._stack = before
                raise

    def pop(self, rebuild: bool = True) -> Layer:
        """Removes and returns the last layer. Raises ValueError: there is none."""
        if not self._stack:
            raise ValueError(f"Model {self.name!r} has no layer to remove.")
        layer = self._stack[-1]
        self._stack = self._stack[:-1]
        if len(self._tensors) > len(self._stack) + 1:
            _forget(layer, self._tensors.pop())
        self.built = False
        if rebuild:
            self._build_if_known()
        return layer

    def _build_if_known(self) -> None:
        if self._tensors and self._stack:
            self.build(self._tensors[0].shape)

    @property
    def layers(self) -> list[Layer]:
        return list(self._stack)

    def build(self, input_shape: Any = None) -> None:
        """Makes the weights of every layer for inputs of this shape.

        Raises ValueError: no shape, no layers, another shape than before, or a layer with several outputs.
        """
        if input_shape is None:
            raise ValueError(f"Model {self.name!r}: build() needs the input's shape.")
        if not self._stack:
            raise ValueError(f"Model {self.name!r} has no layers to build: add(layer) first.")
        if not configs.is_shape(input_shape):
            return self._build_freely(input_shape)
        self._begin(tuple(input_shape))
        for layer in self._stack[len(self._tensors) - 1 :]:
            output = layer(self._tensors[-1])
            if not isinstance(output, KerasTensor):
                count = len(optree.tree_leaves(output))
                raise ValueError(
                    f"Model {self.name!r}: layer {layer.name!r} returns {count} tensors in a "
                    f"{type(output).__name__}; a Sequential model's layers return one. Use a functional model."
                )
            self._tensors.append(output)

    def _begin(self, shape: tuple[int | None, ...]) -> None:
        """Puts a symbolic input of that shape at the beginning, unless the one there fits."""
        if self._tensors:
            own = self._tensors[0].shape
            if len(own) != len(shape) or any(
                a != b for a, b in zip(own[1:], shape[1:], strict=True) if None not in (a, b)
            ):
                raise ValueError(f"Model {self.name!r} has input shape {own}; it cannot be built for {shape} too.")
        else:
            self._tensors = [Input(batch_shape=(None, *shape[1:]), dtype=self._stack[0].dtype)]

    def _build_freely(self, shapes: Any) -> None:
        """For a first layer that takes several tensors: built, without symbolic inputs and outputs."""
        x: Any = optree.tree_map(lambda shape: KerasTensor(shape, self.dtype), shapes, is_leaf=configs.is_shape)
        for layer in self._stack:
            x = layer(x)

    def _build_for(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """By the first call's input, if it is one tensor; otherwise the call itself builds the layers."""
        x = args[0] if args else None
        if not self._stack:
            raise ValueError(f"Model {self.name!r} has no layers: add(layer) first.")
        if isinstance(x, (list, tuple, Mapping)) or not hasattr(x, "shape"):
            return
        if not self._tensors:
            shape = tuple(B.static_shape(x))
            self._tensors = [Input(batch_shape=(None, *shape[1:]), dtype=B.dtype_of(x))]
        super()._build_for((x,), {})

    # -- symbolic inputs and outputs --------------------------------------------------------

    @property
    def inputs(self) -> list[KerasTensor] | None:
        """The symbolic input, in a list; None before the input's shape is known."""
        return self._tensors[:1] or None

    @property
    def outputs(self) -> list[KerasTensor] | None:
        """The symbolic output, in a list; None before the model is built."""
        return self._tensors[-1:] if self._is_built() else None

    @property
    def input(self) -> KerasTensor:
        """The symbolic input. Raises AttributeError: not built yet."""
        return self._end("input", 0)

    @property
    def output(self) -> KerasTensor:
        """The symbolic output. Raises AttributeError: not built yet."""
        return self._end("output", -1)

    @property
    def input_shape(self) -> tuple[int | None, ...]:
        """The input's shape. Raises AttributeError: not built yet."""
        return self._end("input_shape", 0).shape

    @property
    def output_shape(self) -> tuple[int | None, ...]:
        """The output's shape. Raises AttributeError: not built yet."""
        return self._end("output_shape", -1).shape

    @property
    def input_dtype(self) -> str:
        """The input's dtype. Raises AttributeError: not built yet."""
        return self._end("input_dtype", 0).dtype

    def _known_outputs(self) -> Any:
        return self._tensors[-1] if self._is_built() else None

    def _is_built(self) -> bool:
        return bool(self._stack) and len(self._tensors) == len(self._stack) + 1

    def _end(self, attribute: str, index: int) -> KerasTensor:
        if not self._is_built():
            raise AttributeError(
                f"Sequential {self.name!r} has no `{attribute}` before it is built: begin with an Input, or call it."
            )
        return self._tensors[index]

    # -- calling ------------------------------------------------------------------------------

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        x = inputs
        for layer in self._stack:
            x = layer(x)
        return x

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
        """The output for a symbolic input, as a KerasTensor without a history. Builds the model."""
        if not self._stack:
            raise ValueError(f"Model {self.name!r} has no layers: add(layer) first.")
        x = args[0] if args else kwargs["inputs"]
        if not self.built and isinstance(x, KerasTensor):
            with self._first_use():
                if not self._tensors:
                    self._tensors = [Input(batch_shape=(None, *x.shape[1:]), dtype=x.dtype)]
                self.build(x.shape)
        if self._is_built() and isinstance(x, KerasTensor) and x.spec == self._tensors[0].spec:
            return symbolic.tensors_like(self._tensors[-1])
        x = symbolic.tensors_like(x)
        for layer in self._stack:
            x = layer(x)
        return x

    def compute_output_shape(self, input_shape: Any) -> Any:
        for layer in self._stack:
            input_shape = layer.compute_output_shape(input_shape)
        return input_shape

    # -- configuration and copies -------------------------------------------------------------

    def get_config(self) -> dict[str, Any]:
        """The layers, for `from_config`."""
        layers = [configs.operation_config(layer) for layer in self._stack]
        config = {"name": self.name, "trainable": self._trainable, "dtype": super().get_config()["dtype"]}
        if not self._tensors:
            return {**config, "layers": layers}
        first = self._tensors[0].node.operation  # type: ignore[union-attr]
        layers = [configs.operation_config(first), *layers]
        return {**config, "layers": layers, "build_input_shape": self._tensors[0].shape}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Mapping[str, Any] | None = None) -> Any:
        """A model like the one whose `get_config` this is, with new weights. custom_objects: classes by name."""
        layers = [configs.layer_from_config(layer, custom_objects or {}) for layer in config["layers"]]
        return cls(layers, name=config.get("name"), trainable=config.get("trainable", True))

    def __getstate__(self) -> Any:
        state = super().__getstate__()
        first = self._tensors[0].node.operation if self._tensors else None  # type: ignore[union-attr]
        return {**state, "_tensors": (first, [(x.spec, x.name) for x in self._tensors])}

    def __setstate__(self, state: dict[str, Any]) -> None:
        first, described = state["_tensors"]
        state = {**state, "_tensors": []}
        following = getattr(super(), "__setstate__", None)
        following(state) if following else self.__dict__.update(state)
        for number, (spec, name) in enumerate(described):
            self._tensors.append(_tensor(spec, name))
            operation = self._stack[number - 1] if number else first
            args = self._tensors[-2:-1]
            symbolic.Node(operation, tuple(args), {}, args, self._tensors[-1])

    def __repr__(self) -> str:
        return f"<Sequential name={self.name}, built={self.built}, layers={[layer.name for layer in self._stack]}>"


def _own_input(layer: Layer) -> list[KerasTensor]:
    """The symbolic input that the first layer itself speaks of."""
    if layer.batch_input_shape is not None:
        return [Input(batch_shape=layer.batch_input_shape, dtype=layer.dtype)]
    if getattr(layer, "inputs", None) and len(layer.inputs) == 1 and getattr(layer, "outputs", None):
        tensor = layer.inputs[0]
        return [Input(batch_shape=tensor.shape, dtype=tensor.dtype)]
    return []


def _forget(layer: Layer, output: KerasTensor) -> None:
    nodes = layer.inbound_nodes
    nodes[:] = [node for node in nodes if node is not output.node]


def _tensor(spec: Spec, name: str) -> KerasTensor:
    return KerasTensor(spec.shape, spec.dtype, name=name)
