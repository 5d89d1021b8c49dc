"""Operands of one dtype, for composites: the promotion that primitives do by themselves."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from triceras_backends import dtypes
from triceras_backends.contract.types import Tensor


def named(composite: Callable[..., Any]) -> Callable[..., Any]:
    """The composite, its name before what the primitives in it say of shapes that do not fit."""

    @functools.wraps(composite)
    def call(b: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return composite(b, *args, **kwargs)
        except ValueError as error:
            raise ValueError(f"{composite.__name__}: {error}") from None

    return call


def _common(b: Any, xs: tuple[Any, ...]) -> str:
    return dtypes.result_type(*(dtypes.weak_kind(x) or b.dtype_of(x) for x in xs))


def _in(b: Any, x: Any, dtype: str) -> Tensor:
    return b.convert_to_tensor(x, dtype) if dtypes.weak_kind(x) else b.cast(x, dtype)


def promoted(b: Any, *xs: Any) -> list[Tensor]:
    """The operands as tensors of the dtype they are promoted to."""
    dtype = _common(b, xs)
    return [_in(b, x, dtype) for x in xs]


def floated(b: Any, *xs: Any) -> list[Tensor]:
    """As `promoted`; integers and booleans become the default float."""
    dtype = dtypes.float_type(_common(b, xs))
    return [_in(b, x, dtype) for x in xs]
