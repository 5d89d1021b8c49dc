"""StatelessScope: Variables read as given values, their assignments noted and not carried out."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import Any

from triceras_backends.active import backend as B


class _Scopes(threading.local):
    def __init__(self) -> None:
        self.stack: list[StatelessScope] = []


_scopes = _Scopes()


class StatelessScope:
    """Within it, Variables are read as the values given, and no assignment reaches any Variable.

    What was assigned is found by `get_current_value`, within and afterwards: a function of
    Variables becomes a pure one, which the framework's own transformations take.

    Args:
        state_mapping: (Variable, value) pairs.
        collect_losses: whether `losses` lists what layers add by `add_loss` within.
        initialize_variables: for Keras's sake; Variables are always made with their values.

    Raises ValueError: a value whose shape is not the Variable's, or something that is no Variable.

    Example:

    >>> v = keras.Variable(1.0)
    >>> with keras.StatelessScope([(v, keras.ops.convert_to_tensor(5.0))]) as scope:
    ...     _ = v.assign_add(1.0)
    >>> float(scope.get_current_value(v)), float(v.numpy())
    (6.0, 1.0)
    """

    def __init__(
        self,
        state_mapping: Iterable[tuple[Any, Any]] | None = None,
        collect_losses: bool = False,
        initialize_variables: bool = True,
    ) -> None:
        self.collect_losses, self.initialize_variables = collect_losses, initialize_variables
        self.losses: list[Any] = []
        self._variables: list[Any] = []
        self._values: list[Any] = []
        for variable, value in state_mapping or ():
            if not isinstance(variable, B.Variable):
                raise ValueError(f"StatelessScope: state_mapping takes (Variable, value) pairs; got: {variable!r}")
            self._variables.append(variable)
            self._values.append(variable._checked(value))
        self._scope: Any = None
        self._current: Any = None

    def __enter__(self) -> StatelessScope:
        self._scope = B.substituted(self._variables, self._values)
        self._current = self._scope.__enter__()
        _scopes.stack.append(self)
        return self

    def __exit__(self, *exception: Any) -> None:
        _scopes.stack.pop()
        self._scope.__exit__(*exception)

    def add_update(self, update: tuple[Any, Any]) -> None:
        """Assigns within the scope: a (Variable, value) pair."""
        variable, value = update
        variable.assign(value)

    def add_loss(self, loss: Any) -> None:
        """Appends to `losses`."""
        self.losses.append(loss)

    def get_current_value(self, variable: Any) -> Any:
        """The Variable's value as the scope has it: last assigned, else given, else its own."""
        if self._current is None:
            for known, value in zip(self._variables, self._values, strict=True):
                if known is variable:
                    return value
            return variable.value
        return self._current.value(variable)


def collect(loss: Any) -> None:
    """Tells the open scope of a loss that a layer added."""
    if _scopes.stack and _scopes.stack[-1].collect_losses:
        _scopes.stack[-1].add_loss(loss)
