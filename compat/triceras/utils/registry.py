"""Classes and functions by name: the public ones, and those that users register.

A configuration names what it is made of, and names are looked up here alone: nothing is ever imported
because a file says so.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from typing import Any, TypeVar

_T = TypeVar("_T")

# By public module ("keras.layers"), then by name.
_PUBLIC: dict[str, dict[str, Any]] = {}
# The public module and name of each class.
_HOMES: dict[Any, tuple[str, str]] = {}

_REGISTERED: dict[str, Any] = {}
_REGISTERED_NAMES: dict[Any, str] = {}
# What every family's module has besides its classes and functions.
_MACHINERY = {"get", "serialize", "deserialize"}

_HELPERS = {"triceras.utils.lookup", "triceras.utils.serialization", __name__}

_SCOPED: ContextVar[tuple[Mapping[str, Any], ...]] = ContextVar("custom objects", default=())


# -- what the package brings ------------------------------------------------------------


def publish(module: str, names: Mapping[str, Any]) -> None:
    """Enters the classes and functions among `names` as public ones of a module such as "keras.layers".

    A class has one home: the first module and name that it was published under.
    """
    found = {name: x for name, x in names.items() if name not in _MACHINERY and _is_public(name, x)}
    _PUBLIC.setdefault(module, {}).update(found)
    for name, x in found.items():
        if inspect.isclass(x) and x.__name__ == name:
            _HOMES.setdefault(x, (module, name))


def _is_public(name: str, x: Any) -> bool:
    mine = str(getattr(x, "__module__", "")).startswith(("triceras.", "triceras_backends."))
    return mine and callable(x) and not name.startswith("_") and x.__module__ not in _HELPERS


def home(cls: Any) -> tuple[str, str] | None:
    """The public module and the name of a class; None: it is none of the package's."""
    return _HOMES.get(cls)


def public_class(module: str | None, name: str) -> Any:
    """The public class of a module, or of any where module is None; None if there is none."""
    tables = _PUBLIC.values() if module is None else [_PUBLIC.get(module, {})]
    return next((table[name] for table in tables if inspect.isclass(table.get(name))), None)


def public_function(name: str) -> Any:
    """The public function of that name (an activation, a loss, a metric, an operation), or None."""
    return next((t[name] for t in _PUBLIC.values() if name in t and not inspect.isclass(t[name])), None)


# -- what users bring -------------------------------------------------------------------


def register_keras_serializable(package: str = "Custom", name: str | None = None) -> Callable[[_T], _T]:
    """A decorator that enters a class or function as "package>name", so that a configuration can name it.

    Args:
        package: a prefix that keeps the names of different projects apart.
        name: None is the class's or function's own.

    Raises ValueError: a class without `get_config`.

    Example:

    >>> @keras.utils.register_keras_serializable("shop")
    ... def double(x):
    ...     return 2 * x
    >>> keras.utils.get_registered_name(double)
    'shop>double'
    """

    def register(x: _T) -> _T:
        if inspect.isclass(x) and not hasattr(x, "get_config"):
            raise ValueError(f"{x.__name__} cannot be registered: it needs a get_config() method.")
        key = f"{package}>{name or x.__name__}"  # type: ignore[attr-defined]
        _REGISTERED[key] = x
        _REGISTERED_NAMES[x] = key
        return x

    return register


def get_custom_objects() -> dict[str, Any]:
    """The dict of what is registered, by name; what is written into it is registered too.

    Example:

    >>> keras.utils.get_custom_objects()["triple"] = lambda x: 3 * x
    >>> keras.activations.get("triple")(2)
    6
    """
    return _REGISTERED


class CustomObjectScope:
    """A context in which configurations find further classes and functions by name.

    Args:
        custom_objects: classes and functions by name.

    Example:

    >>> def cube(x):
    ...     return x**3
    >>> with keras.utils.CustomObjectScope({"cube": cube}):
    ...     layer = keras.layers.Dense(2, activation="cube")
    >>> layer.activation is cube
    True
    """

    def __init__(self, custom_objects: Mapping[str, Any] | None) -> None:
        self.custom_objects = custom_objects or {}
        self._tokens: list[Any] = []

    def __enter__(self) -> CustomObjectScope:
        self._tokens.append(_SCOPED.set((self.custom_objects, *_SCOPED.get())))
        return self

    def __exit__(self, *args: Any) -> None:
        _SCOPED.reset(self._tokens.pop())


custom_object_scope = CustomObjectScope


def custom_object(name: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """What users call `name`: in `custom_objects`, in the scopes around, registered; None if nobody does."""
    for table in (custom_objects or {}, *_SCOPED.get(), _REGISTERED):
        if name in table:
            return table[name]
    return None


def get_registered_name(obj: Any) -> str:
    """The name under which a class or function is registered ("package>name"); else its own.

    Example:

    >>> keras.utils.get_registered_name(keras.layers.Dense)
    'Dense'
    """
    return _REGISTERED_NAMES.get(obj) or obj.__name__


def get_registered_object(
    name: str, custom_objects: Mapping[str, Any] | None = None, module_objects: Mapping[str, Any] | None = None
) -> Any:
    """The class or function of that name among custom objects and what is registered, else in `module_objects`;
    None if there is none.

    Example:

    >>> keras.utils.get_registered_object("nobody") is None
    True
    """
    found = custom_object(name, custom_objects)
    return found if found is not None else (module_objects or {}).get(name)
