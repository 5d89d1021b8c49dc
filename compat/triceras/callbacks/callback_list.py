"""Several callbacks as one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from triceras.callbacks.callback import Callback, Logs
from triceras.callbacks.history import History
from triceras.callbacks.progress import ProgbarLogger

_ALIASES = {"on_train_batch_begin": "on_batch_begin", "on_train_batch_end": "on_batch_end"}


class CallbackList(Callback):
    """Several callbacks as one. Hooks that none of them overrides cost nothing.

    Args:
        callbacks: a Callback, or several.
        add_history: whether a History is added, if there is none.
        add_progbar: whether a ProgbarLogger is added, if there is none.
        model: given to each.
        params: given to each, as a dict ("epochs", "steps", "verbose").

    Raises TypeError: something that is no Callback.

    Example:

    >>> callbacks = keras.callbacks.CallbackList([keras.callbacks.History()])
    >>> callbacks.on_train_begin()
    >>> callbacks.on_epoch_end(0, {"loss": 0.5})
    >>> callbacks.callbacks[0].history
    {'loss': [0.5]}
    """

    def __init__(
        self,
        callbacks: Any = None,
        add_history: bool = False,
        add_progbar: bool = False,
        model: Any = None,
        **params: Any,
    ) -> None:
        super().__init__()
        self.callbacks: list[Callback] = _flat(callbacks)
        if add_progbar and not any(isinstance(c, ProgbarLogger) for c in self.callbacks):
            self.callbacks.append(ProgbarLogger())
        if add_history and not any(isinstance(c, History) for c in self.callbacks):
            self.callbacks.append(History())
        self._hooks: dict[str, list[Any]] = {}
        self.set_params(params)
        if model is not None:
            self.set_model(model)

    def append(self, callback: Callback) -> None:
        """Adds one more, which is given the model and the parameters."""
        self.callbacks.extend(_flat([callback]))
        callback.set_params(self.params)
        if self.model is not None:
            callback.set_model(self.model)
        self._hooks.clear()

    def set_params(self, params: dict[str, Any]) -> None:
        self.params = params
        for callback in self.callbacks:
            callback.set_params(params)

    def set_model(self, model: Any) -> None:
        super().set_model(model)
        for callback in self.callbacks:
            if isinstance(callback, History) and model is not None:
                model.history = callback
            callback.set_model(model)

    def hooks(self, name: str) -> list[Any]:
        """The callbacks' methods of that name which are not the base class's."""
        found = self._hooks.get(name)
        if found is None:
            methods = [_override(callback, name) for callback in self.callbacks]
            found = self._hooks[name] = [method for method in methods if method is not None]
        return found

    def needs_batches(self, phase: str) -> bool:
        """Whether a callback wants to hear of each batch ("train", "test" or "predict"); the progress bar does not."""
        names = f"on_{phase}_batch_begin", f"on_{phase}_batch_end"
        wanting = [callback for callback in self.callbacks if callback.every_batch]
        return any(_override(callback, name) is not None for callback in wanting for name in names)

    def run(self, name: str, *args: Any) -> None:
        """Calls a hook on every callback that overrides it."""
        for hook in self.hooks(name):
            hook(*args)

    def batch_end(self, phase: str, batch: int, logs: Mapping[str, Any] | None) -> None:
        """The end of a step; logs are wrapped only where a hook wants them."""
        hooks = self.hooks(f"on_{phase}_batch_end")
        if hooks:
            lazy = Logs(logs)
            for hook in hooks:
                hook(batch, lazy)


def _flat(callbacks: Any) -> list[Callback]:
    several = callbacks if isinstance(callbacks, Iterable) else [] if callbacks is None else [callbacks]
    found: list[Callback] = []
    for callback in several:
        if isinstance(callback, CallbackList):
            found.extend(callback.callbacks)
        elif isinstance(callback, Callback):
            found.append(callback)
        else:
            raise TypeError(f"A callback must be an instance of Callback; got: {callback!r}")
    return found


def _override(callback: Callback, name: str) -> Any:
    """The callback's own hook, under its name or its other name; None where it has none."""
    for candidate in filter(None, (name, _ALIASES.get(name))):
        method = getattr(callback, candidate)
        if getattr(method, "__func__", method) is not getattr(Callback, candidate):
            return method
    return None


def _delegate(name: str) -> Any:
    def hook(self: CallbackList, *args: Any, **kwargs: Any) -> None:
        for method in self.hooks(name):
            method(*args, **kwargs)

    hook.__name__, hook.__doc__ = name, getattr(Callback, name).__doc__
    return hook


for _name in [name for name in vars(Callback) if name.startswith("on_")]:
    setattr(CallbackList, _name, _delegate(_name))
