"""Objects as plain data, in the form that Keras 3 writes, and back."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

import numpy as np

from triceras.utils import registry
from triceras_backends import dtypes
from triceras_backends.active import backend as B


def serialize_keras_object(obj: Any) -> Any:
    """obj as numbers, strings, lists, tuples and dicts.

    An object with a `get_config` becomes {"module", "class_name", "config", "registered_name"}, and where it
    is a built layer "build_config"; arrays, tensors, slices, bytes and functions become dicts that name them.
    A tensor or array is copied to the host. Raises TypeError: what cannot be described so, a lambda among them.

    Example:

    >>> keras.utils.serialize_keras_object(keras.regularizers.L2(0.5))["config"]
    {'l2': 0.5}
    """
    if obj is None or isinstance(obj, (bool, int, float, str)) and not isinstance(obj, np.generic):
        return obj
    if hasattr(obj, "get_config") and not inspect.isclass(obj):  # a policy map is a mapping too
        return _object(obj)
    if isinstance(obj, (list, tuple)):
        items = [serialize_keras_object(item) for item in obj]
        return tuple(items) if isinstance(obj, tuple) else items
    if isinstance(obj, Mapping):
        return {key: serialize_keras_object(value) for key, value in obj.items()}
    return _value(obj)


def _object(obj: Any) -> dict[str, Any]:
    cls = type(obj)
    known = registry.home(cls)
    module, name = known or (None, cls.__name__)
    described = {
        "module": module,
        "class_name": name,
        "config": serialize_keras_object(obj.get_config()),
        # Keras names a class that is at home inside of it as it names a user's.
        "registered_name": None if known and ".src." not in str(module) else registry.get_registered_name(cls),
    }
    if hasattr(obj, "get_build_config"):
        shapes = obj.get_build_config()
        if shapes is not None:
            described["build_config"] = serialize_keras_object(shapes)
    return described


def _value(obj: Any) -> Any:
    """What is neither a plain value nor a container nor an object with a configuration."""
    if isinstance(obj, bytes):
        return _special("bytes", value=obj.decode())
    if isinstance(obj, slice):
        return _special("slice", start=obj.start, stop=obj.stop, step=obj.step)
    if obj is Ellipsis:
        return _special("ellipsis")
    if isinstance(obj, (np.generic, np.ndarray)):
        return _special("numpy", value=obj.tolist(), dtype=obj.dtype.name) if obj.ndim else obj.item()
    if B.is_tensor(obj):
        values = B.convert_to_numpy(obj)
        return _special("tensor", value=values.tolist(), dtype=B.dtype_of(obj))
    if callable(obj) and hasattr(obj, "__name__") and not inspect.isclass(obj):
        if obj.__name__ == "<lambda>":
            raise TypeError("A lambda has no name to find it by: write a function and register it.")
        name = registry.get_registered_name(obj)
        return {"module": "builtins", "class_name": "function", "config": name, "registered_name": "function"}
    try:
        return dtypes.standardize_dtype(obj)
    except ValueError:
        raise TypeError(f"Cannot serialize {obj!r} of type {type(obj).__name__}: it has no get_config().") from None


def _special(kind: str, **config: Any) -> dict[str, Any]:
    return {"class_name": f"__{kind}__", "config": config}


def deserialize_keras_object(
    config: Any, custom_objects: Mapping[str, Any] | None = None, safe_mode: bool = True, **kwargs: Any
) -> Any:
    """What `serialize_keras_object` described, made anew. Classes and functions are found by name among those
    of the package, `custom_objects`, and what is registered: nothing is imported.

    Args:
        config: plain data; what describes no object is returned as it is.
        custom_objects: further classes and functions by name.
        safe_mode: whether code in the data (a lambda's) is refused; this version always refuses it.

    Raises TypeError: a class or function that nobody knows. Raises ValueError: a lambda.

    Example:

    >>> config = keras.utils.serialize_keras_object(keras.layers.Dropout(0.25))
    >>> keras.utils.deserialize_keras_object(config).rate
    0.25
    """
    return _made(config, custom_objects, kwargs.get("module_objects"))


def _made(config: Any, custom: Mapping[str, Any] | None, known: Mapping[str, Any] | None) -> Any:
    if isinstance(config, (list, tuple)):
        return type(config)(_made(item, custom, known) for item in config)
    if isinstance(config, str) and known is not None:
        return _named(config, custom, known)
    if not isinstance(config, Mapping):
        return config
    if "class_name" not in config or "config" not in config:
        return {key: _made(value, custom, known) for key, value in config.items()}
    name, inner = config["class_name"], config["config"]
    if name.startswith("__") and name.endswith("__"):
        return _special_value(name, inner, custom, known)
    if name == "function" or isinstance(inner, str):
        return _named(inner, custom, known)
    return instance(found_class(config, custom, known), config, custom)


def _special_value(name: str, config: Mapping[str, Any], custom: Any, known: Any) -> Any:
    match name:
        case "__numpy__":
            return np.array(config["value"], dtype=config["dtype"])
        case "__tensor__":
            return B.convert_to_tensor(config["value"], dtype=config["dtype"])
        case "__bytes__":
            return config["value"].encode()
        case "__slice__":
            return slice(*(_made(config[part], custom, known) for part in ("start", "stop", "step")))
        case "__ellipsis__":
            return Ellipsis
        case "__tuple__":
            return tuple(_made(config.get("value", config.get("items")), custom, known))
    if name == "__lambda__":
        raise ValueError("The data hold the code of a lambda, which is never run: register a named function instead.")
    raise TypeError(f"Cannot make an object of {name!r}.")


def found_class(
    config: Mapping[str, Any], custom: Mapping[str, Any] | None = None, known: Mapping[str, Any] | None = None
) -> Any:
    """The class that a description names. Raises TypeError: nobody knows it."""
    name, registered = config["class_name"], config.get("registered_name")
    for key in (registered, name):
        found = registry.custom_object(key, custom) if key else None
        if found is not None:
            return found
    module = config.get("module")
    if known is not None and inspect.isclass(known.get(name)):
        return known[name]
    # Optimizers and functional models write where Keras keeps them, of which the name is what counts.
    public = module is None or not module.startswith("keras") or ".src." in module
    found = registry.public_class(None if public else module, name)
    if found is not None:
        return found
    raise TypeError(
        f"Could not locate class {name!r}. If it is your own, register it: @keras.utils.register_keras_serializable(), "
        f"or give it: custom_objects={{{name!r}: {name}}}."
    )


def _named(name: str, custom: Mapping[str, Any] | None, known: Mapping[str, Any] | None) -> Any:
    found = registry.get_registered_object(name, custom, known)
    if found is None:
        found = registry.public_function(name)
    if found is None:
        raise TypeError(
            f"Could not locate function {name!r}. If it is your own, register it: "
            f"@keras.utils.register_keras_serializable(), or give it: custom_objects={{{name!r}: {name}}}."
        )
    return found


def instance(cls: Any, described: Mapping[str, Any], custom: Mapping[str, Any] | None = None) -> Any:
    """An object of the class from its description, built for the shapes it was built for."""
    if not hasattr(cls, "from_config"):
        return cls
    config = dict(described.get("config") or {})
    with registry.CustomObjectScope(custom):
        takes = inspect.signature(cls.from_config).parameters
        made = cls.from_config(config, custom_objects=custom) if "custom_objects" in takes else cls.from_config(config)
        shapes = described.get("build_config")
        if shapes and hasattr(made, "build_from_config"):
            made.build_from_config(_made(shapes, custom, None))
    return made
