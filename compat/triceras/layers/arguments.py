"""What constructors of layers share: other defaults, the options of weights, and what configurations say of them.

A weight has three options: `<weight>_initializer`, `<weight>_regularizer` and `<weight>_constraint`.
"""

from __future__ import annotations

import functools
import inspect
import types
from typing import Any

from triceras import activations, constraints, initializers, regularizers
from triceras.utils.serialization import serialize_keras_object as serialize

_READ = {"initializer": initializers.get, "regularizer": regularizers.get, "constraint": constraints.get}


def with_defaults(function: Any, **defaults: Any) -> Any:
    """The function with other defaults for the named parameters, in its signature too."""
    parameters = inspect.signature(function).parameters
    values = tuple(
        defaults.get(p.name, p.default) for p in parameters.values() if p.default is not inspect.Parameter.empty
    )
    made = types.FunctionType(function.__code__, function.__globals__, function.__name__, values, function.__closure__)
    functools.update_wrapper(made, function)
    vars(made).pop("__wrapped__")  # signatures are those of `made`, not of `function`
    return made


def keep_options(layer: Any, **given: Any) -> None:
    """Sets attributes of the layer to what the options of weights stand for."""
    for name, value in given.items():
        setattr(layer, name, _READ[name.rpartition("_")[2]](value))


def add_with_options(layer: Any, name: str, shape: tuple[int, ...], options: str | None = None, **other: Any) -> Any:
    """A new weight of the layer, with the options kept for it (`options`: under another name)."""
    options = options or name
    given = {
        "initializer": getattr(layer, f"{options}_initializer"),
        "regularizer": getattr(layer, f"{options}_regularizer"),
        "constraint": getattr(layer, f"{options}_constraint"),
    }
    return layer.add_weight(shape, name=name, **given | other)


def described(layer: Any, *names: str) -> dict[str, Any]:
    """The layer's attributes of these names for its configuration: objects serialized, functions by their names."""
    return {name: _description(name, getattr(layer, name)) for name in names}


def _description(name: str, value: Any) -> Any:
    kind = name.rpartition("_")[2]
    if kind == "activation":
        return activations.serialize(value)
    return serialize(value) if kind in _READ else value


def described_options(layer: Any, *weights: str, activity: bool = True) -> dict[str, Any]:
    """All options of these weights for the configuration, and the regularizer of the output."""
    config = described(layer, *(f"{weight}_initializer" for weight in weights))
    config |= described(layer, *(f"{weight}_regularizer" for weight in weights))
    if activity:
        config |= described(layer, "activity_regularizer")
    return config | described(layer, *(f"{weight}_constraint" for weight in weights))
