"""Model: a Layer that can be trained."""

from __future__ import annotations

from typing import Any

from triceras.layers.layer import Layer
from triceras.ops import symbolic
from triceras.train.trainer import Trainer


class Model(Trainer, Layer):
    """A layer with `compile`, `fit`, `evaluate` and `predict`.

    Subclasses make layers in `__init__` and use them in `call(self, inputs, training=False)`.
    """

    def build(self, *input_shape: Any) -> None:
        """Makes the weights by running `call` abstractly on inputs of this shape, in floats."""
        if type(self).call is Layer.call or not input_shape:
            return
        symbolic.call(self.call, symbolic.KerasTensor(input_shape[0], self.dtype))

    def _build_for(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """A model that does not define build() is built by the first call itself."""
        if type(self).build is not Model.build:
            super()._build_for(args, kwargs)

    def get_layer(self, name: str | None = None, index: int | None = None) -> Any:
        """The layer of that name or place. Raises ValueError: there is none, listing those there are."""
        layers = self.layers
        if index is not None:
            if not -len(layers) <= index < len(layers):
                raise ValueError(f"Model {self.name!r} has {len(layers)} layers; there is no layer {index}.")
            return layers[index]
        for layer in layers:
            if layer.name == name:
                return layer
        known = ", ".join(layer.name for layer in layers) or "none"
        raise ValueError(f"Model {self.name!r} has no layer {name!r}; its layers: {known}.")
