"""Objects by name: the strings that compile, layers and optimizers take."""

from __future__ import annotations

import difflib
import inspect
import re
from collections.abc import Mapping
from typing import Any

from triceras.utils import registry
from triceras.utils.serialization import deserialize_keras_object


def snake_case(name: str) -> str:
    """A class's or function's name in snake case: "MeanSquaredError" is "mean_squared_error", "GRUCell" "gru_cell",
    "<lambda>" "lambda"."""
    name = re.sub(r"\W+", "", name)
    name = re.sub(r"(?<=[A-Z0-9])(?=[A-Z][a-z])", "_", name)
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


def table(*entries: Any, **aliases: Any) -> dict[str, Any]:
    """Classes and functions by their names, classes by their snake-case names too, and by aliases."""
    found: dict[str, Any] = {}
    for entry in entries:
        found[entry.__name__] = entry
        if inspect.isclass(entry):
            found.setdefault(snake_case(entry.__name__), entry)
    return found | aliases


def by_name(name: str, known: Mapping[str, Any], kind: str) -> Any:
    """known[name], or what users registered as that. Raises ValueError: an unknown name, with the nearest one."""
    custom = registry.custom_object(name)
    if custom is not None:
        return custom
    for key in (name, name.lower()):
        if key in known:
            return known[key]
    near = difflib.get_close_matches(name.lower(), known, n=1)
    hint = f"Did you mean {near[0]!r}?" if near else f"Known: {', '.join(sorted(known))}."
    raise ValueError(f"Unknown {kind} {name!r}. {hint}")


def resolve(identifier: Any, known: Mapping[str, Any], kind: str) -> Any:
    """What an identifier stands for: an object or function as it is, a string or a configuration
    ({"class_name": ..., "config": {...}}) by name, a class made with its defaults; None is None.

    Raises ValueError: an unknown name, or something else altogether. Raises TypeError: an unknown class in a
    configuration.
    """
    if isinstance(identifier, Mapping):
        identifier = deserialize_keras_object(identifier, module_objects=known)
    found = by_name(identifier, known, kind) if isinstance(identifier, str) else identifier
    if inspect.isclass(found):
        return found()
    if found is None or callable(found) or hasattr(found, "get_config"):
        return found
    raise ValueError(f"A {kind} must be a name, an object or a function; got: {identifier!r}")


def deserialize(
    config: Any, known: Mapping[str, Any], kind: str, custom_objects: Mapping[str, Any] | None = None
) -> Any:
    """`resolve` of a name or configuration that may name `custom_objects` too; a bare name stays class or function."""
    with registry.CustomObjectScope(custom_objects):
        return by_name(config, known, kind) if isinstance(config, str) else resolve(config, known, kind)
