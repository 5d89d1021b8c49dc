"""Wrapper: the base class of layers around a layer."""

from __future__ import annotations

from typing import Any

from triceras.layers.layer import Layer
from triceras.layers.nested import describe, rebuild


class Wrapper(Layer):
    """The base class of a layer around one other layer: it builds that one and describes it in its configuration.

    A subclass defines `call`, in which it calls `self.layer`.

    Args:
        layer: a layer.

    Raises ValueError: something that is no layer.

    Example:

    >>> class Twice(keras.layers.Wrapper):
    ...     def call(self, inputs):
    ...         return self.layer(self.layer(inputs))
    >>> twice = Twice(keras.layers.Dense(3))
    >>> keras.ops.shape(twice(np.zeros((2, 3)))), len(twice.weights)
    ((2, 3), 2)
    """

    def __init__(self, layer: Any, **kwargs: Any) -> None:
        if not isinstance(layer, Layer):
            raise ValueError(f"{type(self).__name__} needs a layer; got: {layer!r}")
        super().__init__(**kwargs)
        self.layer = layer

    def build(self, input_shape: Any = None) -> None:
        if not self.layer.built:
            self.layer.build(input_shape)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "layer": describe(self.layer)}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        config = dict(config)
        return cls(rebuild(config.pop("layer"), custom_objects), **config)
