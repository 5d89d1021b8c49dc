"""Sequential: a model whose layers are called one after another."""

from __future__ import annotations

from typing import Any

from triceras.layers.layer import Layer
from triceras.models.model import Model
from triceras.ops import symbolic


class Sequential(Model):
    """Layers applied in order, each to the output of the one before.

    Args:
        layers: a list of layers; the first may be an `Input`, which builds the model at once.
        trainable, name: as of a Layer.

    Raises TypeError: what is not a layer. Raises ValueError: two layers of one name.
    """

    def __init__(self, layers: Any = None, trainable: bool = True, name: str | None = None) -> None:
        super().__init__(trainable=trainable, name=name)
        self._stack: list[Layer] = []
        self._input: symbolic.KerasTensor | None = None
        for layer in layers or []:
            self.add(layer, rebuild=False)
        self._build_if_known()

    def add(self, layer: Any, rebuild: bool = True) -> None:
        """Appends a layer."""
        if layer.__class__ is symbolic.KerasTensor:
            if self._stack or self._input is not None:
                raise ValueError(f"Model {self.name!r}: an Input can only come first, and once.")
            self._input = layer
            return
        if not isinstance(layer, Layer):
            raise TypeError(f"Sequential takes layers; got: {layer!r}")
        if any(layer is other or layer.name == other.name for other in self._stack):
            raise ValueError(f"Model {self.name!r} already has a layer named {layer.name!r}; names must be unique.")
        if not self._stack and self._input is None and layer.batch_input_shape is not None:
            self._input = symbolic.KerasTensor(layer.batch_input_shape, layer.dtype)
        self._stack.append(layer)
        self.built = False
        if rebuild:
            self._build_if_known()

    def pop(self) -> Layer:
        """Removes and returns the last layer. Raises ValueError: there is none."""
        if not self._stack:
            raise ValueError(f"Model {self.name!r} has no layer to remove.")
        layer = self._stack.pop()
        self.built = False
        self._build_if_known()
        return layer

    def _build_if_known(self) -> None:
        if self._input is not None and self._stack:
            self.build(self._input.shape)

    @property
    def layers(self) -> list[Layer]:
        return list(self._stack)

    def build(self, input_shape: Any = None) -> None:
        """Makes the weights of every layer for inputs of this shape."""
        if input_shape is None:
            raise ValueError(f"Model {self.name!r}: build() needs the input's shape.")
        dtype = self._input.dtype if self._input is not None else self.dtype
        x = symbolic.KerasTensor(input_shape, dtype)
        symbolic.call(self.call, x)

    def _build_for(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """The first call builds the layers."""

    def call(self, inputs: Any, training: bool | None = None) -> Any:
        x = inputs
        for layer in self._stack:
            x = layer(x)
        return x

    def compute_output_shape(self, input_shape: Any) -> Any:
        for layer in self._stack:
            input_shape = layer.compute_output_shape(input_shape)
        return input_shape

    def __repr__(self) -> str:
        return f"<Sequential name={self.name}, built={self.built}, layers={[layer.name for layer in self._stack]}>"
