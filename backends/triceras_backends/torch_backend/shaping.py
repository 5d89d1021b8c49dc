"""Joining, dividing, turning and selecting."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from triceras_backends import checks
from triceras_backends.torch_backend.tensors import FLOATS, NAMES, PLAIN, convert_to_tensor, guarded, promote


def _tensor(x: Any) -> Tensor:
    return x if x.__class__ in PLAIN else convert_to_tensor(x)


def _operand(x: Any) -> Any:
    """A tensor, or a Python number, which is weak."""
    return x if isinstance(x, (bool, int, float)) else _tensor(x)


# -- joining and dividing ----------------------------------------------------------------


def append(x1: Any, x2: Any, axis: int | None = None) -> Tensor:
    x1, x2 = promote(_tensor(x1), _tensor(x2))
    if axis is None:
        return torch.cat((x1.reshape(-1), x2.reshape(-1)))
    if x1.ndim != x2.ndim:  # PyTorch would skip an empty vector silently
        raise ValueError(f"append: shapes {tuple(x1.shape)} and {tuple(x2.shape)} must have the same rank.")
    return guarded("append", lambda *parts: torch.cat(parts, axis), x1, x2)


def _stacking(name: str, fn: Callable[..., Tensor]) -> Callable[[Any], Tensor]:
    def call(xs: Any) -> Tensor:
        parts = [_tensor(x) for x in xs]
        try:
            if parts and len({x.dtype for x in parts}) == 1:
                return fn(parts)
        except (RuntimeError, IndexError):
            pass  # said below
        if not parts:
            raise ValueError(f"{name}: needs at least one tensor.")
        if len({x.dtype for x in parts}) > 1:
            parts = promote(*parts)
        return guarded(name, lambda *given: fn(given), *parts)

    call.__name__ = call.__qualname__ = name
    return call


hstack = _stacking("hstack", torch.hstack)
vstack = _stacking("vstack", torch.vstack)
dstack = _stacking("dstack", torch.dstack)


def array_split(x: Any, indices_or_sections: Any, axis: int = 0) -> list[Tensor]:
    x = _tensor(x)
    axis = checks.axis("array_split", axis, x.ndim)
    if isinstance(indices_or_sections, int):
        checks.sections("array_split", indices_or_sections)
        return list(torch.tensor_split(x, indices_or_sections, axis))
    return list(torch.tensor_split(x, [int(i) for i in indices_or_sections], axis))


# -- turning -----------------------------------------------------------------------------


def fliplr(x: Any) -> Tensor:
    x = _tensor(x)
    checks.least_rank("fliplr", x.ndim, 2)
    return torch.fliplr(x)


def flipud(x: Any) -> Tensor:
    x = _tensor(x)
    checks.least_rank("flipud", x.ndim, 1)
    return torch.flipud(x)


def rot90(array: Any, k: int = 1, axes: Any = (0, 1)) -> Tensor:
    array = _tensor(array)
    return torch.rot90(array, k, checks.plane("rot90", array.ndim, axes))


# -- what a tensor is --------------------------------------------------------------------


def size(x: Any) -> Tensor:
    x = _tensor(x)
    return torch.tensor(x.numel(), dtype=torch.int32, device=x.device)


# -- selecting ---------------------------------------------------------------------------

# Dtypes that torch.isin has no kernels for.
_WIDER = {
    torch.bool: torch.int32, torch.float16: torch.float32, torch.bfloat16: torch.float32,
    torch.uint16: torch.int32, torch.uint32: torch.int64, torch.uint64: torch.int64,
}  # fmt: skip


def isin(x1: Any, x2: Any, assume_unique: bool = False, invert: bool = False) -> Tensor:
    x1, x2 = promote(_operand(x1), _operand(x2))
    wide = _WIDER.get(x1.dtype)
    if wide is not None:
        x1, x2 = x1.to(wide), x2.to(wide)
    return torch.isin(x1, x2, assume_unique=assume_unique, invert=invert)


def nonzero(x: Any) -> tuple[Tensor, ...]:
    x = _tensor(x)
    checks.least_rank("nonzero", x.ndim, 1)
    return tuple(places.to(torch.int32) for places in torch.nonzero(x, as_tuple=True))


def unravel_index(indices: Any, shape: Any) -> tuple[Tensor, ...]:
    indices = _tensor(indices)
    own = indices.dtype
    checks.integers("unravel_index", NAMES[own])
    sizes = checks.sizes(shape)
    number = math.prod(sizes)
    flat = indices.to(torch.int64)
    flat = torch.clamp(torch.where(flat < 0, flat + number, flat), 0, max(number - 1, 0))
    places: list[Tensor] = []
    for n in reversed(sizes):
        places.append(torch.remainder(flat, max(n, 1)).to(own))
        flat = torch.div(flat, max(n, 1), rounding_mode="floor")
    return tuple(reversed(places))


def select(condlist: Any, choicelist: Any, default: Any = 0) -> Tensor:
    checks.choices(condlist, choicelist)
    conditions = [c if c.dtype is torch.bool else c != 0 for c in map(_tensor, condlist)]
    choices = [_operand(choice) for choice in choicelist]
    first = choices[0]
    plain = first.__class__ in PLAIN and all(c.__class__ in PLAIN and c.dtype is first.dtype for c in choices)
    if plain and first.dtype in FLOATS and default.__class__ in (int, float):
        try:
            return _folded(*conditions, *choices, default)
        except RuntimeError:
            pass  # said below
    choices = promote(*choices, _operand(default))
    return guarded("select", _folded, *conditions, *choices)


def _folded(*parts: Any) -> Tensor:
    """The choices, behind their conditions, and then the default."""
    half = len(parts) // 2
    result: Any = parts[-1]
    for condition, choice in zip(reversed(parts[:half]), reversed(parts[half:-1]), strict=True):
        result = torch.where(condition, choice, result)
    return result  # type: ignore[no-any-return]
