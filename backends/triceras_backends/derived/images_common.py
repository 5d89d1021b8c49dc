"""What the composites for images share: layouts, working dtypes, checks."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from triceras_backends import config, dtypes
from triceras_backends.contract.types import Tensor


def image_tensor(b: Any, name: str, images: Any, what: str = "images") -> Tensor:
    """images as a tensor of rank 3 or 4."""
    images = b.convert_to_tensor(images)
    shape = b.static_shape(images)
    if len(shape) not in (3, 4):
        raise ValueError(f"{name}: {what} must be one image (rank 3) or a batch (rank 4); got shape {shape}.")
    return images


def channels_last(b: Any, x: Tensor, data_format: str | None, rank: int = 4) -> tuple[Tensor, bool, bool]:
    """x with the channels last and a batch, so of that rank; whether they were first; whether there was no batch."""
    first = config.standardize_data_format(data_format) == "channels_first"
    single = len(b.static_shape(x)) == rank - 1
    x = b.expand_dims(x, 0) if single else x
    return (b.moveaxis(x, 1, -1) if first else x), first, single


def restored(b: Any, x: Tensor, first: bool, single: bool) -> Tensor:
    """The layout before `channels_last`."""
    x = b.moveaxis(x, -1, 1) if first else x
    return b.squeeze(x, 0) if single else x


def wide(b: Any, x: Tensor) -> Tensor:
    """x in a float dtype of at least 32 bits."""
    return x if b.dtype_of(x) in ("float32", "float64") else b.cast(x, "float32")


def narrowed(b: Any, x: Tensor, dtype: str) -> Tensor:
    """What was computed in `wide`, in the images' dtype."""
    if dtypes.is_float(dtype):
        return x if b.dtype_of(x) == dtype else b.cast(x, dtype)
    if dtype == "bool":
        return b.greater_equal(x, 0.5)
    low, high = (_held(int(n), b.dtype_of(x)) for n in (np.iinfo(dtype).min, np.iinfo(dtype).max))
    return b.cast(b.clip(b.round(x), low, high), dtype)


def _held(bound: int, dtype: str) -> float:
    """The bound of an integer dtype as a float; the next one towards 0 where that is not exact."""
    value = np.dtype(dtype).type(bound)
    return float(value if int(value) == bound or abs(int(value)) < abs(bound) else np.nextafter(value, value * 0))


def numbers(name: str, what: str, value: Any, count: int) -> tuple[int, ...]:
    """`count` positive ints, from one or that many."""
    given = (value,) * count if np.ndim(value) == 0 else tuple(value)
    try:
        values = tuple(operator.index(n) for n in given)
    except TypeError:
        values = ()
    if len(values) != count or min(values) < 1:
        raise ValueError(f"{name}: {what} must be a positive int, or a sequence of {count}; got {value!r}.")
    return values


def one_of(name: str, what: str, value: Any, known: Any) -> None:
    if value not in known:
        raise ValueError(f"{name}: {what} must be one of {', '.join(map(str, known))}; got {value!r}.")
