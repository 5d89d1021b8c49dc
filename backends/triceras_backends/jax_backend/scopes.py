"""Who stands between a Variable and its storage: traces that lift Variables, and tapes.

Outside both, `active.reader` is None and a Variable is read straight from its storage: the
one check on the hot path. Everything here is of the current thread.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import jax

from triceras_backends.variable import autocasting


class Scope:
    """The values Variables have within a function that is being traced.

    A read of a Variable that has no value here falls through to the scope around, and is
    noted in `reads`. An assignment stays here, noted in `writes`, until whoever opened the
    scope carries it out.
    """

    def __init__(self, outer: Scope | None) -> None:
        self.outer = outer
        self.values: dict[int, Any] = {}
        self.reads: dict[int, Any] = {}
        self.writes: dict[int, Any] = {}

    def read(self, variable: Any) -> Any:
        try:
            return self.values[id(variable)]
        except KeyError:
            return self.missing(variable)

    def missing(self, variable: Any) -> Any:
        """The value of a Variable that has none here."""
        self.reads[id(variable)] = variable
        return variable._storage if self.outer is None else self.outer.read(variable)

    def write(self, variable: Any, value: Any) -> None:
        self.values[id(variable)] = value
        self.writes[id(variable)] = variable

    def create(self, variable: Any) -> None:
        """Told of each Variable made within."""
        if self.outer is not None:
            self.outer.create(variable)

    def commit(self, values: list[Any]) -> None:
        """Carries the assignments out: `values` are those of `writes`, as known around the scope."""
        for variable, value in zip(self.writes.values(), values, strict=True):
            variable.put(value)

    def written(self) -> list[Any]:
        """The values of the assigned Variables, in the order of `writes`."""
        return [self.values[key] for key in self.writes]


class _Active(threading.local):
    """What is active in this thread. `watchers` are the tapes told of every Variable that is read."""

    def __init__(self) -> None:
        self.reader: Callable[[Any], Any] | None = None
        self.scope: Scope | None = None
        self.tapes = 0
        self.watchers: tuple[Any, ...] = ()
        # Tapes told of each operation, where JAX does not tell them itself.
        self.recorders: tuple[Any, ...] = ()


active = _Active()


def read(variable: Any) -> Any:
    """A Variable's value in its own dtype, as the active scope has it; tapes are told."""
    value = variable._storage if active.scope is None else active.scope.read(variable)
    for tape in active.watchers:
        tape.accessed(variable, value)
    return value


def _read_cast(variable: Any) -> Any:
    return variable._autocast(read(variable))


def refresh() -> None:
    """Brings `active.reader` up to date after a change of scope, tapes or autocasting."""
    if autocasting.dtype is not None:
        active.reader = _read_cast
    else:
        active.reader = read if active.scope is not None or active.tapes else None


class Outside:
    """What is active now, to be read from later, when something else is."""

    def __init__(self) -> None:
        self.scope = active.scope
        self._watchers = active.watchers

    def read(self, variable: Any) -> Any:
        value = variable._storage if self.scope is None else self.scope.read(variable)
        for tape in self._watchers:
            tape.accessed(variable, value)
        return value


@contextmanager
def entered(scope: Scope, *, isolated: bool) -> Iterator[Scope]:
    """`scope` active. `isolated`: for code traced by itself, whose values no tape around may see."""
    before = active.scope, active.watchers, active.tapes, active.recorders
    active.scope = scope
    if isolated:
        active.watchers, active.tapes, active.recorders = (), 0, ()
    refresh()
    try:
        yield scope
    finally:
        active.scope, active.watchers, active.tapes, active.recorders = before
        refresh()


def substitute(tree: Any) -> Any:
    """`tree` with every Variable in it replaced by its value."""
    return jax.tree_util.tree_map(_value_of, tree)


def _value_of(leaf: Any) -> Any:
    return leaf.value if hasattr(leaf, "_storage") else leaf
