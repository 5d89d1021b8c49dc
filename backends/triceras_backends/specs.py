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
# Where those do not fit (they are primes, and something is to be divided), two with many divisors.
_DIVISIBLE = (5040, 10080)
# A backend that computes in order to evaluate abstractly gives its `eval_shape` an attribute `stand_ins`: smaller ones.


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
    stand_ins, divisible = getattr(backend.eval_shape, "stand_ins", (_STAND_INS, _DIVISIBLE))

    def at(size: int) -> Tree:
        values.size = size
        filled = optree.tree_map(lambda x: x.fill(size) if _is_spec(x) else x, (args, kwargs), none_is_leaf=True)
        return backend.eval_shape(fn, *filled[0], **filled[1])

    def merge(a: Any, b: Any) -> Any:
        if not _is_spec(a):
            return a
        return Spec(tuple(m if m == n else None for m, n in zip(a.shape, b.shape, strict=True)), a.dtype)

    known = all(x.known for x in optree.tree_leaves((args, kwargs), none_is_leaf=True) if _is_spec(x))

    def between(sizes: tuple[int, int]) -> Tree:
        first = at(sizes[0])
        if known and not values.used:
            return first
        return optree.tree_map(merge, first, at(sizes[1]), none_is_leaf=True)

    outer, _values.current = getattr(_values, "current", None), values
    try:
        return between(stand_ins)
    except ValueError:
        if not known:
            try:
                return between(divisible)
            except Exception:  # the first error is the one to be shown
                pass
        raise
    finally:
        _values.current = outer
