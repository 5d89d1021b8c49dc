"""Abstract tensors, and the shapes and dtypes of what functions of them return."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

import optree

from triceras_backends.contract.types import Function, Tree

# Two stand-ins for an unknown size: whatever differs between them in the result is unknown.
# They are coprime and unlike the sizes that layers use, so that an accidental match is rare.
_STAND_INS = (67, 103)


@dataclass
class _Values:
    """The size that stands in for one that depends on values, while `infer` runs, and whether it was asked for."""

    size: int | None = None
    used: bool = False


_values = threading.local()


def size_from_values(what: str, least: int = 0) -> int:
    """A stand-in for a size that depends on values, at least `least`. ValueError: outside `infer`."""
    current: _Values | None = getattr(_values, "current", None)
    if current is None or current.size is None:
        raise ValueError(f"{what} depends on values, which are unknown while a function is compiled. Pass it.")
    current.used = True
    return current.size + least


@dataclass(frozen=True)
class Spec:
    """A tensor without values: a shape, whose unknown sizes are None, and a dtype's name."""

    shape: tuple[int | None, ...]
    dtype: str

    def fill(self, size: int) -> Spec:
        """With `size` for every unknown size."""
        return Spec(tuple(size if n is None else n for n in self.shape), self.dtype)

    @property
    def known(self) -> bool:
        """Whether every size is known."""
        return None not in self.shape


def _is_spec(x: Any) -> bool:
    return isinstance(x, Spec)


def infer(backend: Any, fn: Function, *args: Tree, **kwargs: Tree) -> Tree:
    """fn's result as Specs, where leaves of the arguments may be Specs with unknown sizes.

    Evaluated abstractly at two sizes where something is unknown, or depends on values. Raises what fn raises.
    """

    values = _Values()

    def at(size: int) -> Tree:
        values.size = size
        filled = optree.tree_map(lambda x: x.fill(size) if _is_spec(x) else x, (args, kwargs), none_is_leaf=True)
        return backend.eval_shape(fn, *filled[0], **filled[1])

    leaves = optree.tree_leaves((args, kwargs), none_is_leaf=True)
    outer, _values.current = getattr(_values, "current", None), values
    try:
        first = at(_STAND_INS[0])
        if not values.used and all(leaf.known for leaf in leaves if _is_spec(leaf)):
            return first
        second = at(_STAND_INS[1])
    finally:
        _values.current = outer

    def merge(a: Any, b: Any) -> Any:
        if not _is_spec(a):
            return a
        return Spec(tuple(m if m == n else None for m, n in zip(a.shape, b.shape, strict=True)), a.dtype)

    return optree.tree_map(merge, first, second, none_is_leaf=True)
