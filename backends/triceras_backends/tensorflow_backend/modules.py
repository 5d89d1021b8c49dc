"""The base class of layers: a trackable object, for checkpoints and SavedModel."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import tensorflow as tf
from tensorflow.python.trackable.base import Trackable

from triceras_backends.variable import Variable


class Module(Trackable):
    """What TensorFlow saves and restores is looked up when it asks, so that attributes stay plain ones."""

    _hooked = False
    _training_mode: bool | None = None
    _native_kinds: tuple[type, ...] = (tf.Module,)

    def state_members(self) -> Iterator[tuple[str, Any]]:
        return iter(())

    def register_variable(self, name: str, variable: Variable) -> None:
        pass

    def _call_hooked(self, args: Any, kwargs: Any) -> Any:
        return self._general_call(args, kwargs)  # type: ignore[attr-defined]

    def _trackable_children(self, save_type: str = "checkpoint", **kwargs: Any) -> dict[str, Any]:
        found = dict(super()._trackable_children(save_type, **kwargs))
        for name, value in self.state_members():
            found[name.replace("/", "_")] = value.storage if isinstance(value, Variable) else value
        if save_type == "savedmodel":
            functions = {name: value for name, value in vars(self).items() if isinstance(value, _FUNCTIONS)}
            found |= functions
        return found

    def _lookup_dependency(self, name: str, cached_dependencies: Any = None) -> Any:
        return self._trackable_children().get(name)


_FUNCTIONS = (type(tf.function(lambda: None)),)


def native_saved_function(path: str, endpoint: str) -> Any:
    loaded = tf.saved_model.load(path)
    function = getattr(loaded, endpoint, None)
    if function is None:
        function = loaded.signatures[endpoint] if endpoint in getattr(loaded, "signatures", {}) else None
    if function is None:
        raise ValueError(f"{path} has no endpoint {endpoint!r}; its signatures: {list(loaded.signatures)}")

    def call(*args: Any, **kwargs: Any) -> Any:
        return function(*args, **kwargs)

    # What was loaded holds the variables, which would go with it.
    call.loaded = loaded  # type: ignore[attr-defined]
    return call
