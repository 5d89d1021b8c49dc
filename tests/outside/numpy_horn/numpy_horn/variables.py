"""Variables: an array each, and a stack of scopes that may stand before it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from triceras_backends import variable


class _Scopes(threading.local):
    def __init__(self) -> None:
        self.stack: list[_Substitution] = []


_scopes = _Scopes()


class Variable(variable.Variable):
    def _create(self, value: Any) -> None:
        self._array = value.copy()

    def _store(self, value: Any) -> None:
        if _scopes.stack:
            _scopes.stack[-1].values[id(self)] = value.copy()
        else:
            self._array = value.copy()

    @property
    def value(self) -> Any:
        return self._autocast(_scopes.stack[-1].value(self) if _scopes.stack else self._array)


class _Substitution:
    def __init__(self, values: dict[int, Any], around: _Substitution | None) -> None:
        self.values, self._around = values, around

    def value(self, variable: Variable) -> Any:
        if id(variable) in self.values:
            return self.values[id(variable)]
        return variable._array if self._around is None else self._around.value(variable)


autocast = variable.AutocastScope


@contextmanager
def substituted(variables: list[Variable], values: list[Any]) -> Iterator[_Substitution]:
    given = {id(variable): value for variable, value in zip(variables, values, strict=True)}
    scope = _Substitution(given, _scopes.stack[-1] if _scopes.stack else None)
    _scopes.stack.append(scope)
    try:
        yield scope
    finally:
        _scopes.stack.pop()
