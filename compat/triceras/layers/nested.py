"""Layers inside the configuration of a layer: described, and made again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from triceras.layers.layer import Layer
from triceras.utils import registry
from triceras.utils.serialization import deserialize_keras_object
from triceras.utils.serialization import serialize_keras_object as describe

__all__ = ["describe", "rebuild"]


def rebuild(description: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """A new layer from what `describe` gave; a layer as it is. TypeError: an unknown class name.

    Besides those that are public, registered or in `custom_objects`, every subclass of Layer that exists is known.
    """
    if not isinstance(description, Mapping):
        return description
    existing = {cls.__name__: cls for cls in _subclasses(Layer) if registry.home(cls) is None}
    return deserialize_keras_object(description, custom_objects={**existing, **(custom_objects or {})})


def _subclasses(cls: Any) -> Iterator[Any]:
    for inner in cls.__subclasses__():
        yield inner
        yield from _subclasses(inner)
