"""Optimizers as plain values, and back. The package fills in which classes there are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from triceras.utils import lookup
from triceras.utils.serialization import serialize_keras_object

KNOWN: dict[str, Any] = {}


def serialize(optimizer: Any) -> dict[str, Any]:
    """An optimizer's class and configuration, without its state."""
    described: dict[str, Any] = serialize_keras_object(optimizer)
    return described


def deserialize(config: Mapping[str, Any], custom_objects: Mapping[str, Any] | None = None) -> Any:
    """A new optimizer from what `serialize` gave; custom_objects: further classes by name.

    Raises TypeError: an unknown class.
    """
    return lookup.deserialize(config, KNOWN, "optimizer", custom_objects)
