"""Complex numbers, from other primitives."""

from __future__ import annotations

import math
from typing import Any

from triceras_backends import dtypes
from triceras_backends.contract.types import Tensor
from triceras_backends.derived.operands import floated, named


def angle(b: Any, x: Tensor) -> Tensor:
    (x,) = floated(b, x)
    if b.dtype_of(x) in dtypes.COMPLEX:
        return b.arctan2(b.imag(x), b.real(x))
    return b.where(b.isnan(x), x, b.where(b.signbit(x), math.pi, b.zeros_like(x)))


def isreal(b: Any, x: Tensor) -> Tensor:
    return b.equal(b.imag(x), 0)


@named
def polar(b: Any, abs_: Tensor, angle: Tensor) -> Tensor:
    length, angle = floated(b, abs_, angle)
    if b.dtype_of(length) in ("float16", "bfloat16"):
        length, angle = (b.cast(x, "float32") for x in (length, angle))
    return b.view_as_complex(b.stack([b.multiply(length, b.cos(angle)), b.multiply(length, b.sin(angle))], axis=-1))


def view_as_real(b: Any, x: Tensor) -> Tensor:
    return b.stack([b.real(x), b.imag(x)], axis=-1)
