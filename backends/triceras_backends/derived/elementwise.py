"""Element-wise composites."""

from __future__ import annotations

from typing import Any

from triceras_backends.contract.types import Tensor


def true_divide(b: Any, x1: Tensor, x2: Tensor) -> Tensor:
    return b.divide(x1, x2)
