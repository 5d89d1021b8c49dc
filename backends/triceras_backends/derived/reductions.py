"""Reductions by other names."""

from __future__ import annotations

from typing import Any

from triceras_backends.contract.types import Tensor


def amax(b: Any, x: Tensor, axis: Any = None, keepdims: bool = False) -> Tensor:
    return b.max(x, axis, keepdims)


def amin(b: Any, x: Tensor, axis: Any = None, keepdims: bool = False) -> Tensor:
    return b.min(x, axis, keepdims)
