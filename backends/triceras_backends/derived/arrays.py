"""Composites of shapes and indexing."""

from __future__ import annotations

from typing import Any

from triceras_backends.contract.types import Tensor


def identity(b: Any, n: int, dtype: Any = None) -> Tensor:
    return b.eye(n, dtype=dtype)


def swapaxes(b: Any, x: Tensor, axis1: int, axis2: int) -> Tensor:
    order = list(range(len(b.static_shape(x))))
    order[axis1], order[axis2] = order[axis2], order[axis1]
    return b.transpose(x, order)


def rows(b: Any, x: Tensor, indices: Any) -> Tensor:
    return b.take(x, indices, axis=0)
