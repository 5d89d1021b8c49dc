"""Objects as plain data in Keras 2's shorter form: {"class_name", "config"}, and functions by their names."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from triceras.utils import registry


def serialize_keras_object(instance: Any) -> Any:
    """An object as {"class_name", "config"}, a function by its name, None as None.

    Raises ValueError: neither a function nor an object with a `get_config`.

    Example:

    >>> keras.utils.legacy.serialize_keras_object(keras.regularizers.L2(0.5))
    {'class_name': 'L2', 'config': {'l2': 0.5}}
    """
    if instance is None:
        return None
    if hasattr(instance, "get_config"):
        return {"class_name": _name(type(instance)), "config": instance.get_config()}
    if hasattr(instance, "__name__"):
        return _name(instance)
    raise ValueError(f"Cannot serialize {instance!r}: it has no get_config().")


def _name(x: Any) -> str:
    return registry.get_registered_name(x)


def deserialize_keras_object(
    identifier: Any,
    module_objects: Mapping[str, Any] | None = None,
    custom_objects: Mapping[str, Any] | None = None,
    printable_module_name: str = "object",
) -> Any:
    """What `serialize_keras_object` wrote.

    Args:
        identifier: such a configuration or name; None is None, and a function is itself.
        module_objects: classes and functions by name.
        custom_objects: the user's, which come first.
        printable_module_name: what errors call such an object.

    Raises ValueError: an unknown name, or something else.

    Example:

    >>> config = {"class_name": "L2", "config": {"l2": 0.5}}
    >>> keras.utils.legacy.deserialize_keras_object(config, {"L2": keras.regularizers.L2}).get_config()
    {'l2': 0.5}
    """
    if identifier is None or inspect.isfunction(identifier):
        return identifier
    if isinstance(identifier, Mapping) and "class_name" in identifier and "config" in identifier:
        found = _found(identifier["class_name"], module_objects, custom_objects, printable_module_name)
        with registry.CustomObjectScope(dict(custom_objects or {})):
            config = identifier["config"]
            return found.from_config(config) if hasattr(found, "from_config") else found(**config)
    if not isinstance(identifier, str):
        raise ValueError(f"A {printable_module_name} must be a name or a configuration; got: {identifier!r}")
    found = _found(identifier, module_objects, custom_objects, printable_module_name)
    return found() if inspect.isclass(found) else found


def _found(name: str, module_objects: Any, custom_objects: Any, kind: str) -> Any:
    for known in (custom_objects, registry.get_custom_objects(), module_objects):
        if known and name in known:
            return known[name]
    raise ValueError(
        f"Unknown {kind} {name!r}. An object of your own must be registered or named in custom_objects, "
        "as in keras.utils.custom_object_scope."
    )
