"""A weight's initializer, regularizer and constraint, which a layer takes as arguments named after it."""

from __future__ import annotations

from typing import Any

from triceras import constraints, initializers, regularizers
from triceras.utils.plain import serialize

_PARTS = ("initializer", "regularizer", "constraint")


def take_options(layer: Any, weight: str, initializer: Any, regularizer: Any = None, constraint: Any = None) -> None:
    """Sets `layer.<weight>_initializer` and so on. Raises ValueError: an unknown name."""
    setattr(layer, f"{weight}_initializer", initializers.get(initializer))
    setattr(layer, f"{weight}_regularizer", regularizers.get(regularizer))
    setattr(layer, f"{weight}_constraint", constraints.get(constraint))


def make_weight(layer: Any, weight: str, shape: tuple[Any, ...]) -> Any:
    """A new weight of the layer, of that name, by the layer's options for it."""
    initializer, regularizer, constraint = (getattr(layer, f"{weight}_{part}") for part in _PARTS)
    return layer.add_weight(shape, initializer, regularizer=regularizer, constraint=constraint, name=weight)


def options_config(layer: Any, *weights: str) -> dict[str, Any]:
    """The options of these weights as a part of the layer's configuration."""
    names = [f"{weight}_{part}" for weight in weights for part in _PARTS]
    return {name: serialize(getattr(layer, name)) for name in names}
