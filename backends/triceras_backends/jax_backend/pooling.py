"""Pooling on JAX, by strided slices rather than XLA's window reductions.

A window is reduced axis by axis, as a chain of elementwise operations on slices. XLA makes one
loop of it, and its gradient is a chain of selections: on CPUs ten times faster than the
select-and-scatter that is the gradient of a window's maximum.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import lax

from triceras_backends import config
from triceras_backends.contract.types import Tensor
from triceras_backends.derived import pooling as composite
from triceras_backends.jax_backend.composites import composed
from triceras_backends.jax_backend.kernels import INEXACT, NUMERIC, checked, tensor
from triceras_backends.jax_backend.windows import spatial
from triceras_backends.windows import check_padding, each, is_first

# Wider windows make chains too long to compile well.
_LONGEST = 8


def _larger(best: Any, x: Any) -> Any:
    """x where it is larger, or no number; of equals the earlier one, so that it has the gradient."""
    return jnp.where((x > best) | (x != x), x, best)


def _along(x: Any, axis: int, window: int, stride: int, combine: Callable[[Any, Any], Any]) -> Any:
    """Windows along one axis combined to one element each, from first to last."""
    last = (x.shape[axis] - window) // stride * stride + 1
    result = lax.slice_in_dim(x, 0, last, stride, axis)
    for i in range(1, window):
        result = combine(result, lax.slice_in_dim(x, i, i + last, stride, axis))
    return result


def _reduced(x: Any, at: int, windows: Any, strides: Any, combine: Callable[[Any, Any], Any]) -> Any:
    # The last axis first: of elements that tie, the first in row-major order then wins.
    for i in reversed(range(len(windows))):
        x = _along(x, at + i, windows[i], strides[i], combine)
    return x


def _full(values: Any, at: int, rank: int, other: Any) -> tuple[Any, ...]:
    """The values of the spatial axes among those of every axis."""
    full = [other] * rank
    full[at : at + len(values)] = values
    return tuple(full)


def _max(x: Any, windows: Any, strides: Any, pads: Any, at: int) -> Any:
    lowest = -np.inf if jnp.issubdtype(x.dtype, jnp.inexact) else jnp.iinfo(x.dtype).min
    lowest = np.array(lowest, x.dtype)
    pads = _full(pads, at, x.ndim, (0, 0))
    if max(windows) > _LONGEST:
        return lax.reduce_window(
            x, lowest, lax.max, _full(windows, at, x.ndim, 1), _full(strides, at, x.ndim, 1), pads
        )  # fmt: skip
    if any(map(any, pads)):
        x = lax.pad(x, lowest, [(*pair, 0) for pair in pads])
    return _reduced(x, at, windows, strides, _larger)


def _mean(x: Any, windows: Any, strides: Any, pads: Any, at: int) -> Any:
    counts = _counts(x.shape[at : at + len(windows)], windows, strides, pads)
    wide = x.astype("float32") if x.dtype.itemsize < 4 else x
    zero = np.zeros((), wide.dtype)
    around = _full(pads, at, x.ndim, (0, 0))
    if windows == strides or max(windows) > _LONGEST:
        sums = lax.reduce_window(
            wide, zero, lax.add, _full(windows, at, x.ndim, 1), _full(strides, at, x.ndim, 1), around
        )  # fmt: skip
    else:
        if any(map(any, around)):
            wide = lax.pad(wide, zero, [(*pair, 0) for pair in around])
        sums = _reduced(wide, at, windows, strides, lax.add)
    if counts.size > 1:
        counts = counts.reshape(_full(counts.shape, at, x.ndim, 1))
    return (sums / counts.astype(wide.dtype)).astype(x.dtype)


def _counts(sizes: Any, windows: Any, strides: Any, pads: Any) -> np.ndarray[Any, Any]:
    """How many elements that are no padding each window has; one number if all have as many."""
    axes = []
    for size, window, stride, (before, after) in zip(sizes, windows, strides, pads, strict=True):
        starts = np.arange(0, size + before + after - window + 1, stride) - before
        axes.append(np.minimum(starts + window, size) - np.maximum(starts, 0))
    if not any(map(any, pads)):
        return np.array(np.prod(windows))
    return functools.reduce(np.multiply.outer, axes)


_max_pool = checked("max_pool", _max, static=(1, 2, 3, 4))
_average_pool = checked("average_pool", _mean, static=(1, 2, 3, 4))


def _geometry(name: str, x: Any, pool_size: Any, strides: Any, padding: str, first: bool) -> tuple[Any, ...]:
    """Windows, strides and padding of the spatial axes, and the first of them."""
    if x.ndim not in (3, 4, 5):
        raise ValueError(f"{name}: inputs of rank 3, 4 or 5 are needed; got shape {x.shape}.")
    windows = each(name, "pool_size", pool_size, x.ndim - 2)
    strides = windows if strides is None else each(name, "strides", strides, x.ndim - 2)
    check_padding(name, padding)
    sizes = spatial(x, first)
    if padding == "same":
        pads = tuple(lax.padtype_to_pads(sizes, windows, strides, "SAME"))
    else:
        pads = ((0, 0),) * len(sizes)
        if any(size < window for size, window in zip(sizes, windows, strict=True)):
            raise ValueError(f"{name}: the window {windows} is larger than the inputs, of spatial sizes {sizes}.")
    return windows, strides, tuple((int(a), int(b)) for a, b in pads), 2 if first else 1


def max_pool(
    inputs: Tensor, pool_size: Any, strides: Any = None, padding: str = "valid", data_format: str | None = None
) -> Tensor:
    x = tensor(inputs, NUMERIC)
    return _max_pool(x, *_geometry("max_pool", x, pool_size, strides, padding, is_first(data_format)))


def average_pool(
    inputs: Tensor, pool_size: Any, strides: Any = None, padding: str = "valid", data_format: str | None = None
) -> Tensor:
    x = tensor(inputs, INEXACT)
    return _average_pool(x, *_geometry("average_pool", x, pool_size, strides, padding, is_first(data_format)))


_adaptive_max_pool = composed("adaptive_max_pool", composite.adaptive_max_pool, static=(1, 2))
_adaptive_average_pool = composed("adaptive_average_pool", composite.adaptive_average_pool, static=(1, 2))


def adaptive_max_pool(inputs: Tensor, output_size: Any, data_format: str | None = None) -> Tensor:
    x = tensor(inputs, NUMERIC)
    sizes = composite.counts("adaptive_max_pool", output_size, x.shape)
    return _adaptive_max_pool(x, sizes, config.standardize_data_format(data_format))


def adaptive_average_pool(inputs: Tensor, output_size: Any, data_format: str | None = None) -> Tensor:
    x = tensor(inputs, INEXACT)
    sizes = composite.counts("adaptive_average_pool", output_size, x.shape)
    return _adaptive_average_pool(x, sizes, config.standardize_data_format(data_format))
