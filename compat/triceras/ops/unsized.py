"""Specs of operations whose results' sizes depend on values: no abstract evaluation can tell them."""

from __future__ import annotations

from typing import Any

from triceras_backends.specs import Spec


def _places(x: Any, x1: Any = None, x2: Any = None) -> tuple[Spec, ...] | None:
    """One vector of indices an axis."""
    if x1 is not None or x2 is not None or not isinstance(x, Spec):
        return None
    return (Spec((None,), "int32"),) * len(x.shape)


# By the primitive's name. None: the rule does not hold for these arguments.
RULES = {"nonzero": _places, "where": _places}
