"""Optimizers, as classes and by name."""

from __future__ import annotations

from typing import Any

from triceras.optimizers.adam import Adam as Adam
from triceras.optimizers.gradient_descent import SGD as SGD
from triceras.optimizers.optimizer import Optimizer as Optimizer
from triceras.utils.lookup import resolve, table

_KNOWN = table(Adam, SGD, adam=Adam, sgd=SGD)


def get(identifier: Any) -> Optimizer:
    """An optimizer by name or configuration; an object as it is.

    Raises ValueError: unknown name, or not an optimizer.
    """
    found = resolve(identifier, _KNOWN, "optimizer")
    if not isinstance(found, Optimizer):
        raise ValueError(f"An optimizer must be a name or an Optimizer; got: {identifier!r}")
    return found
