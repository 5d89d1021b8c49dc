"""Composites written from primitives, for backends that bring none of their own.

A module here has the name of its family in the contract. Each function takes the assembled
backend `b` first, then the parameters of the contract.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable
from typing import Any


def find(family: str, primitive: str) -> Callable[..., Any] | None:
    """The composite of that primitive, or None where only a backend can bring it."""
    name = f"{__name__}.{family}"
    if importlib.util.find_spec(name) is None:
        return None
    return getattr(importlib.import_module(name), primitive, None)
