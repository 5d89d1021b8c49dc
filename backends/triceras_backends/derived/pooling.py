"""Adaptive pooling, one axis after the other: windows, gathered where they are not of one size, reduced."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from triceras_backends import config
from triceras_backends.contract.types import Tensor
from triceras_backends.derived.operands import floated


def counts(name: str, output_size: Any, shape: Any) -> tuple[int, ...]:
    """The number of windows along each spatial dimension, the arguments checked."""
    n = len(shape) - 2
    if n not in (1, 2, 3):
        raise ValueError(f"{name}: inputs of rank 3, 4 or 5 are needed; got shape {tuple(shape)}.")
    sizes = (output_size,) * n if isinstance(output_size, int) else tuple(output_size)
    if len(sizes) != n or any(not isinstance(size, int) or size < 1 for size in sizes):
        raise ValueError(f"{name}: output_size must be a positive int or {n} of them; got {output_size!r}.")
    return sizes


def _windows(b: Any, size: Any, count: int) -> tuple[Any, Any]:
    """The indices of each window's elements, the last one repeated, and which are no repetition."""
    order = np.arange(count, dtype="int32")[:, None]
    start, stop = order * size // count, -(-(order + 1) * size // count)
    if isinstance(size, int):
        places = start + np.arange(int((stop - start).max()), dtype="int32")
        return np.minimum(places, stop - 1), places < stop
    places = b.add(start, b.arange(size // count + 2, dtype="int32"))  # of unknown size
    return b.minimum(places, stop - 1), b.less(places, stop)


def _split(b: Any, x: Tensor, axis: int, count: int) -> tuple[Tensor, Any]:
    """x with an axis as one of windows and one of their elements, and which are no repetition: all if None."""
    shape = b.shape(x)
    size = shape[axis]
    if isinstance(size, int) and size % count == 0:  # windows of one size, side by side
        return b.reshape(x, (*shape[:axis], count, size // count, *shape[axis + 1 :])), None
    places, inside = _windows(b, size, count)
    return b.take(x, places, axis), inside


def _max(b: Any, x: Tensor, axis: int, inside: Any) -> Tensor:
    # By the index, so that the first of equals has the gradient.
    return b.squeeze(b.take_along_axis(x, b.argmax(x, axis, keepdims=True), axis), axis)


def _mean(b: Any, x: Tensor, axis: int, inside: Any) -> Tensor:
    if inside is None:
        return b.mean(x, axis)
    column = b.reshape(b.convert_to_tensor(inside), (*b.shape(inside), *(1,) * (len(b.static_shape(x)) - axis - 1)))
    total = b.sum(b.where(column, x, 0), axis)
    return b.divide(total, b.sum(b.cast(column, b.dtype_of(x)), 1))


def _pooled(
    b: Any, name: str, x: Tensor, output_size: Any, data_format: str | None, reduce: Callable[..., Tensor]
) -> Tensor:
    sizes = counts(name, output_size, b.static_shape(x))
    first = 2 if config.standardize_data_format(data_format) == "channels_first" else 1
    # The last axis first: of elements that tie, the first in row-major order then wins.
    for axis, count in reversed(list(enumerate(sizes, first))):
        windows, inside = _split(b, x, axis, count)
        x = reduce(b, windows, axis + 1, inside)
    return x


def adaptive_max_pool(b: Any, inputs: Tensor, output_size: Any, data_format: str | None = None) -> Tensor:
    x = b.convert_to_tensor(inputs)
    x = b.cast(x, "int32") if b.dtype_of(x) == "bool" else x
    return _pooled(b, "adaptive_max_pool", x, output_size, data_format, _max)


def adaptive_average_pool(b: Any, inputs: Tensor, output_size: Any, data_format: str | None = None) -> Tensor:
    (x,) = floated(b, inputs)
    dtype = b.dtype_of(x)
    x = b.cast(x, "float32") if dtype in ("float16", "bfloat16") else x
    return b.cast(_pooled(b, "adaptive_average_pool", x, output_size, data_format, _mean), dtype)
