"""Layers inside the configuration of a layer: by class name and their own configuration."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from triceras.layers.layer import Layer
from triceras.utils.lookup import by_name


def describe(layer: Any) -> dict[str, Any]:
    """A layer as {"class_name": ..., "config": ...}."""
    return {"class_name": type(layer).__name__, "config": layer.get_config()}


def rebuild(description: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """A new layer from what `describe` gave; a layer as it is. ValueError: an unknown class name.

    Every subclass of Layer that exists is known by its name, and so are `custom_objects`.
    """
    if not isinstance(description, Mapping):
        return description
    known = {cls.__name__: cls for cls in _subclasses(Layer)} | dict(custom_objects or {})
    cls = by_name(description["class_name"], known, "layer")
    return cls.from_config(dict(description["config"]))


def _subclasses(cls: Any) -> Iterator[Any]:
    for inner in cls.__subclasses__():
        yield inner
        yield from _subclasses(inner)
