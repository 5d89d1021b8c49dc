"""The base class of layers: a plain object."""

from __future__ import annotations

from typing import Any

from numpy_horn.variables import Variable


class Module:
    _hooked = False
    _training_mode: bool | None = None
    _native_kinds: tuple[type, ...] = ()

    def register_variable(self, name: str, variable: Variable) -> None:
        pass

    def _call_hooked(self, args: Any, kwargs: Any) -> Any:
        return self._general_call(args, kwargs)  # type: ignore[attr-defined]
