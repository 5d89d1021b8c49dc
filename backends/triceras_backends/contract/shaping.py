"""Joining, dividing, turning and selecting."""

from __future__ import annotations

from typing import Any

from triceras_backends.contract.types import Shape, Tensor, Tensors

# -- joining and dividing ----------------------------------------------------------------


def append(x1: Tensor, x2: Tensor, axis: int | None = None) -> Tensor:
    """x2 behind x1 along `axis`; both flattened if it is None. Their dtypes are promoted to one."""


def hstack(xs: Tensors) -> Tensor:
    """Tensors joined along their second axis, vectors and scalars along their first. ValueError: no tensors."""


def vstack(xs: Tensors) -> Tensor:
    """Tensors joined along their first axis; a vector (or scalar) counts as one row. ValueError: no tensors."""


def dstack(xs: Tensors) -> Tensor:
    """Tensors joined along their third axis; (n,) counts as (1, n, 1), (m, n) as (m, n, 1). ValueError: no tensors."""


def array_split(x: Tensor, indices_or_sections: Any, axis: int = 0) -> Any:
    """As `split`, but n parts need not be equal: the first ones are one longer where n does not divide the size.

    ValueError: fewer than one part.
    """


def hsplit(x: Tensor, indices_or_sections: Any) -> Any:
    """`split` along the second axis, or the only one of a vector. ValueError: a scalar."""


def vsplit(x: Tensor, indices_or_sections: Any) -> Any:
    """`split` along the first axis of a tensor of rank 2 or more. ValueError: a lower rank."""


def dsplit(x: Tensor, indices_or_sections: Any) -> Any:
    """`split` along the third axis. ValueError: a rank below 3."""


# -- turning -----------------------------------------------------------------------------


def fliplr(x: Tensor) -> Tensor:
    """x with the order along its second axis reversed. ValueError: a rank below 2."""


def flipud(x: Tensor) -> Tensor:
    """x with the order along its first axis reversed. ValueError: a scalar."""


def rot90(array: Tensor, k: int = 1, axes: Shape = (0, 1)) -> Tensor:
    """`array` turned k times by 90 degrees in the plane of two axes, from the first towards the second.

    ValueError: a rank below 2, or axes that are not two different ones.
    """


def rearrange(tensor: Tensor, pattern: str, **axes_lengths: Any) -> Tensor:
    """The tensor with its axes ordered, divided and merged by a pattern like "b (h p) c -> b h (p c)".

    Left of the arrow stand names for the axes, right of it the same names in their new order. Names in parentheses
    are one axis: divided on the left (all lengths but one given by `axes_lengths`), merged on the right. "1" or
    "()" is an axis of size 1, "..." the axes not named. Notation: A. Rogozhnikov, "Einops", ICLR 2022.
    ValueError: a pattern that cannot be read or does not fit the tensor; the message says where and why.
    """


# -- what a tensor is --------------------------------------------------------------------


def ndim(x: Tensor) -> int:
    """The number of x's dimensions, an int."""


def size(x: Tensor) -> Tensor:
    """The number of x's elements, a scalar int32 tensor."""


# -- selecting ---------------------------------------------------------------------------


def isin(x1: Tensor, x2: Tensor, assume_unique: bool = False, invert: bool = False) -> Tensor:
    """Whether each element of x1 is among those of x2 (not, with `invert`); bool, of x1's shape.

    Both are promoted to one dtype. NaN is among nothing. `assume_unique` promises that neither has repetitions,
    and changes no result.
    """


def nonzero(x: Tensor) -> tuple[Tensor, ...]:
    """For each axis the int32 indices of the elements that are not 0 (NaN is not), in row-major order.

    Their number depends on x's values: symbolically it is unknown, and inside JAX's jit there is none (an error).
    ValueError: a scalar.
    """


def unravel_index(indices: Tensor, shape: Shape) -> tuple[Tensor, ...]:
    """For each axis of `shape` the coordinates of elements with flat, row-major `indices`; of their dtype.

    Negative indices count from the end; those out of range give the nearest end. ValueError: indices of floats.
    """


def select(condlist: Tensors, choicelist: Tensors, default: Tensor = 0) -> Tensor:
    """Element by element the choice whose condition is the first to hold; `default` where none does.

    All are broadcast, choices and default promoted to one dtype. Only the choice taken gets a gradient.
    ValueError: no lists, empty ones or of different lengths.
    """
