"""Optimizers as plain values, and back. The package fills in which classes there are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from triceras.utils.lookup import by_name

KNOWN: dict[str, Any] = {}


def serialize(optimizer: Any) -> dict[str, Any]:
    """An optimizer's class and configuration, without its state."""
    cls = type(optimizer)
    known = KNOWN.get(cls.__name__) is cls
    return {
        "module": "keras.optimizers" if known else cls.__module__,
        "class_name": cls.__name__,
        "config": optimizer.get_config(),
        "registered_name": None if known else cls.__name__,
    }


def deserialize(config: Mapping[str, Any], custom_objects: Mapping[str, Any] | None = None) -> Any:
    """A new optimizer from what `serialize` gave; custom_objects: further classes by name.

    Raises ValueError: an unknown class.
    """
    cls = by_name(config["class_name"], {**KNOWN, **(custom_objects or {})}, "optimizer")
    return cls.from_config(dict(config["config"]), custom_objects=custom_objects)
