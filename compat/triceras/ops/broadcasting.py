"""Specs of the arithmetic that residual connections and scalings are made of.

Abstract evaluation would find the same; that it need not run for these keeps building a model
quick (PyTorch loads its compiler, for seconds, at the first abstract sum), and lets a known
size meet an unknown one.
"""

from __future__ import annotations

from typing import Any

from triceras_backends import dtypes
from triceras_backends.specs import Spec

PRIMITIVES = frozenset({"add", "subtract", "multiply", "maximum", "minimum"})


def broadcast(x1: Any, x2: Any) -> Spec | None:
    """The spec of an arithmetic primitive's result for Specs and Python numbers; None if it is not so simple."""
    shape: tuple[int | None, ...] = ()
    kinds: list[Any] = []
    for x in (x1, x2):
        if isinstance(x, Spec):
            merged = _broadcast_shapes(shape, x.shape)
            if merged is None:
                return None
            shape = merged
            kinds.append(x.dtype)
        elif x.__class__ in (int, float):
            kinds.append(x.__class__)
        else:
            return None
    return Spec(shape, dtypes.result_type(*kinds))


def _broadcast_shapes(a: tuple[int | None, ...], b: tuple[int | None, ...]) -> tuple[int | None, ...] | None:
    rank = max(len(a), len(b))
    sizes: list[int | None] = []
    for m, n in zip((1,) * (rank - len(a)) + a, (1,) * (rank - len(b)) + b, strict=True):
        if m is not None and n is not None and m != n and 1 not in (m, n):
            return None
        sizes.append(n if m == 1 else m if n == 1 or n is None else n)
    return tuple(sizes)
