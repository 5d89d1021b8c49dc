"""Layers as plain data, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from triceras.layers.layer import Layer
from triceras.layers.nested import describe, rebuild


def serialize(layer: Any) -> Any:
    """A layer as {"module", "class_name", "config", "registered_name"}, and its "build_config" if it is built.

    Example:

    >>> keras.layers.serialize(keras.layers.ReLU(max_value=6.0))["class_name"]
    'ReLU'
    """
    return describe(layer)


def deserialize(config: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """The layer that `serialize` described, made anew.

    Args:
        config: the description.
        custom_objects: further classes and functions by name.

    Raises TypeError: a class that nobody knows. Raises ValueError: what describes no layer.

    Example:

    >>> config = keras.layers.serialize(keras.layers.ReLU(max_value=6.0))
    >>> keras.layers.deserialize(config).max_value
    6.0
    """
    layer = rebuild(config, custom_objects)
    if not isinstance(layer, Layer):
        raise ValueError(f"layers.deserialize() takes what layers.serialize() gives; got: {config!r}")
    return layer
