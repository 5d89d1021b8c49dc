"""Joining, dividing, turning and selecting, from other primitives."""

from __future__ import annotations

import math
from typing import Any

from triceras_backends import checks
from triceras_backends.contract.types import Tensor
from triceras_backends.derived.operands import promoted
from triceras_backends.derived.rearranging import rearrange as rearrange


def _rank(b: Any, x: Tensor) -> int:
    return len(b.static_shape(x))


# -- joining and dividing --------------------------------------------------------------------


def append(b: Any, x1: Tensor, x2: Tensor, axis: int | None = None) -> Tensor:
    if axis is None:
        return b.concatenate([b.ravel(x1), b.ravel(x2)])
    x1, x2 = b.convert_to_tensor(x1), b.convert_to_tensor(x2)
    if _rank(b, x1) != _rank(b, x2):
        shapes = f"{tuple(b.static_shape(x1))} and {tuple(b.static_shape(x2))}"
        raise ValueError(f"append: shapes {shapes} must have the same rank.")
    return b.concatenate([x1, x2], axis)


def _joined(b: Any, name: str, xs: Any, least: int, axis: int) -> Tensor:
    """Tensors joined along an axis after they are made of a least rank, where needed."""
    parts = [b.convert_to_tensor(x) for x in (b.unstack(xs) if b.is_tensor(xs) else xs)]
    if not parts:
        raise ValueError(f"{name}: needs at least one tensor.")
    return b.concatenate([_at_least(b, x, least) for x in parts], axis)


def _at_least(b: Any, x: Tensor, rank: int) -> Tensor:
    """x with size-1 axes, so that a vector is a row: in front for two dimensions, the third one behind."""
    while (has := _rank(b, x)) < rank:
        x = b.expand_dims(x, -1 if has == 2 else 0)
    return x


def hstack(b: Any, xs: Any) -> Tensor:
    xs = b.unstack(xs) if b.is_tensor(xs) else [b.convert_to_tensor(x) for x in xs]
    return _joined(b, "hstack", xs, 1, 1 if xs and _rank(b, xs[0]) > 1 else 0)


def vstack(b: Any, xs: Any) -> Tensor:
    return _joined(b, "vstack", xs, 2, 0)


def dstack(b: Any, xs: Any) -> Tensor:
    return _joined(b, "dstack", xs, 3, 2)


def array_split(b: Any, x: Tensor, indices_or_sections: Any, axis: int = 0) -> Any:
    if not isinstance(indices_or_sections, int):
        return b.split(x, indices_or_sections, axis)
    checks.sections("array_split", indices_or_sections)
    x = b.convert_to_tensor(x)
    size = b.static_shape(x)[checks.axis("array_split", axis, _rank(b, x))]
    return b.split(x, checks.cuts(size, indices_or_sections), axis)


def _split_along(name: str, axis: int, least: int) -> Any:
    def split(b: Any, x: Tensor, indices_or_sections: Any) -> Any:
        x = b.convert_to_tensor(x)
        checks.least_rank(name, _rank(b, x), least)
        return b.split(x, indices_or_sections, min(axis, _rank(b, x) - 1))

    split.__name__ = split.__qualname__ = name
    return split


hsplit = _split_along("hsplit", 1, 1)
vsplit = _split_along("vsplit", 0, 2)
dsplit = _split_along("dsplit", 2, 3)

# -- turning ---------------------------------------------------------------------------------


def fliplr(b: Any, x: Tensor) -> Tensor:
    x = b.convert_to_tensor(x)
    checks.least_rank("fliplr", _rank(b, x), 2)
    return b.flip(x, 1)


def flipud(b: Any, x: Tensor) -> Tensor:
    x = b.convert_to_tensor(x)
    checks.least_rank("flipud", _rank(b, x), 1)
    return b.flip(x, 0)


def rot90(b: Any, array: Tensor, k: int = 1, axes: Any = (0, 1)) -> Tensor:
    array = b.convert_to_tensor(array)
    first, second = checks.plane("rot90", _rank(b, array), axes)
    turns = k % 4
    if turns == 0:
        return array
    if turns == 2:
        return b.flip(array, (first, second))
    turned = b.swapaxes(array, first, second)
    return b.flip(turned, first if turns == 1 else second)


# -- what a tensor is ------------------------------------------------------------------------


def ndim(b: Any, x: Tensor) -> int:
    return _rank(b, x)


def size(b: Any, x: Tensor) -> Tensor:
    number: Any = 1
    for n in b.shape(x):
        number = number * n
    return b.convert_to_tensor(number, "int32")


# -- selecting -------------------------------------------------------------------------------


def isin(b: Any, x1: Tensor, x2: Tensor, assume_unique: bool = False, invert: bool = False) -> Tensor:
    x1, x2 = promoted(b, *(x if isinstance(x, (bool, int, float)) else b.convert_to_tensor(x) for x in (x1, x2)))
    known = b.sort(b.ravel(x2))
    # A value that is there begins and ends at different places; of NaN that would be true too.
    found = b.less(b.searchsorted(known, x1, "left"), b.searchsorted(known, x1, "right"))
    found = b.logical_and(found, b.equal(x1, x1))
    return b.logical_not(found) if invert else found


def nonzero(b: Any, x: Tensor) -> tuple[Tensor, ...]:
    x = b.convert_to_tensor(x)
    checks.least_rank("nonzero", _rank(b, x), 1)
    return tuple(b.where(b.not_equal(x, 0)))


def unravel_index(b: Any, indices: Tensor, shape: Any) -> tuple[Tensor, ...]:
    indices = b.convert_to_tensor(indices)
    own = b.dtype_of(indices)
    checks.integers("unravel_index", own)
    sizes = checks.sizes(shape)
    number = math.prod(sizes)
    flat = b.cast(indices, "int64" if own in ("int64", "uint64") else "int32")
    flat = b.clip(b.where(b.less(flat, 0), b.add(flat, number), flat), 0, max(number - 1, 0))
    places: list[Tensor] = []
    for n in reversed(sizes):
        places.insert(0, b.cast(b.mod(flat, n), own))
        flat = b.floor_divide(flat, n)
    return tuple(places)


def select(b: Any, condlist: Any, choicelist: Any, default: Tensor = 0) -> Tensor:
    checks.choices(condlist, choicelist)
    *choices, result = promoted(b, *choicelist, default)
    for condition, choice in zip(reversed(condlist), reversed(choices), strict=True):
        result = b.where(condition, choice, result)
    return result
