"""Products composed from other primitives."""

from __future__ import annotations

from typing import Any

from triceras_backends.contract.types import Tensor
from triceras_backends.derived.operands import promoted


def kron(b: Any, x1: Tensor, x2: Tensor) -> Tensor:
    x1, x2 = promoted(b, x1, x2)
    first, second = b.shape(x1), b.shape(x2)
    rank = max(len(first), len(second))
    first, second = ((1,) * (rank - len(shape)) + tuple(shape) for shape in (first, second))
    blocks = b.multiply(
        b.reshape(x1, tuple(n for size in first for n in (size, 1))),
        b.reshape(x2, tuple(n for size in second for n in (1, size))),
    )
    return b.reshape(blocks, tuple(m * n for m, n in zip(first, second, strict=True)))


def cross(
    b: Any, x1: Tensor, x2: Tensor, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None
) -> Tensor:
    if axis is not None:
        axisa = axisb = axisc = axis
    x1, x2 = promoted(b, x1, x2)
    if b.dtype_of(x1) == "bool":
        x1, x2 = b.cast(x1, "int32"), b.cast(x2, "int32")
    first, second = _components(b, x1, axisa), _components(b, x2, axisb)

    def minor(i: int, j: int) -> Tensor:
        try:
            return b.subtract(b.multiply(first[i], second[j]), b.multiply(first[j], second[i]))
        except ValueError as error:
            shapes = f"{b.static_shape(x1)} and {b.static_shape(x2)}"
            raise ValueError(f"cross: shapes {shapes} do not fit: {error}") from None

    if len(first) == len(second) == 2:
        return minor(0, 1)
    zero = b.cast(0, b.dtype_of(x1))
    first, second = ([*parts, *[zero] * (3 - len(parts))] for parts in (first, second))
    return b.moveaxis(b.stack([minor(1, 2), minor(2, 0), minor(0, 1)], axis=-1), -1, axisc)


def _components(b: Any, x: Tensor, axis: int) -> list[Tensor]:
    shape = b.static_shape(x)
    if not shape or not -len(shape) <= axis < len(shape):
        raise ValueError(f"cross: axis {axis} is out of range for shape {shape}.")
    if shape[axis] not in (2, 3):
        raise ValueError(f"cross: vectors need 2 or 3 components; got shape {shape} with axis {axis}.")
    return list(b.unstack(x, shape[axis], axis))
