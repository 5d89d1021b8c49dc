"""Pooling."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from triceras_backends.contract.types import Tensor
from triceras_backends.tensorflow_backend.native import array
from triceras_backends.tensorflow_backend.native import nn as native
from triceras_backends.tensorflow_backend.tensors import (
    BOOL,
    ERRORS,
    FLOATING,
    cast,
    failed,
    float_tensor,
    ints,
    rank_of,
    static_shape,
    tensor,
)
from triceras_backends.tensorflow_backend.windows import channels_last, restored
from triceras_backends.windows import check_padding, each, is_first

# The dtypes that the kernels take.
_MAX = FLOATING | {tf.int32, tf.int64, tf.uint8, tf.int16, tf.int8, tf.uint16}
_DEEP = frozenset({tf.float16, tf.bfloat16, tf.float32})


def _pooled(
    name: str, pool: Callable[..., Tensor], x: Tensor, pool_size: Any, strides: Any, padding: str,
    data_format: str | None,
) -> Tensor:  # fmt: skip
    count = rank_of(x) - 2
    if count not in (1, 2, 3):
        raise ValueError(f"{name}: inputs must have 3, 4 or 5 dimensions; got shape {static_shape(x)}")
    window = each(name, "pool_size", pool_size, count)
    steps = window if strides is None else each(name, "strides", strides, count)
    check_padding(name, padding)
    first = is_first(data_format)
    x = channels_last(x, count, first)
    if padding == "valid":
        _check_window(name, x, window)
    try:
        return restored(pool(x, window, steps, padding.upper()), count, first)
    except ERRORS as error:
        raise failed(name, error, x) from None


def _check_window(name: str, x: Tensor, window: tuple[int, ...]) -> None:
    sizes = x.shape[1:-1]
    if any(size is not None and size < width for size, width in zip(sizes, window, strict=True)):
        raise ValueError(f"{name}: the window {window} is larger than the inputs, of spatial sizes {tuple(sizes)}.")


def _by_rank(flat: Any, deep: Any) -> Callable[..., Tensor]:
    """Pooling by the 2-D kernel `flat`, one dimension as a single row, or by the 3-D kernel `deep`."""

    def row(x: Tensor, window: tuple[int, ...], steps: tuple[int, ...], padding: str) -> Tensor:
        return array.squeeze(
            flat(array.expand_dims(x, ints(1)), (1, 1, *window, 1), (1, 1, *steps, 1), padding), [1]
        )  # fmt: skip

    def volume(x: Tensor, window: tuple[int, ...], steps: tuple[int, ...], padding: str) -> Tensor:
        if x.dtype in _DEEP:
            return deep(x, (1, *window, 1), (1, *steps, 1), padding)
        # Two axes, then the first: the maximum and the mean of a window are those of its slices'.
        n, depth, high, wide, channels = (x.shape[i] or tf.shape(x)[i] for i in range(5))
        planes = array.reshape(x, (n * depth, high, wide, channels))
        planes = flat(planes, (1, *window[1:], 1), (1, *steps[1:], 1), padding)
        high, wide = (planes.shape[i] or tf.shape(planes)[i] for i in (1, 2))
        lines = array.reshape(planes, (n, depth, high * wide, channels))
        lines = flat(lines, (1, window[0], 1, 1), (1, steps[0], 1, 1), padding)
        depth = lines.shape[1] or tf.shape(lines)[1]
        return array.reshape(lines, (n, depth, high, wide, channels))

    def pool(x: Tensor, window: tuple[int, ...], steps: tuple[int, ...], padding: str) -> Tensor:
        if len(window) == 2:
            return flat(x, (1, *window, 1), (1, *steps, 1), padding)
        return (row if len(window) == 1 else volume)(x, window, steps, padding)

    return pool


_max = _by_rank(native.max_pool, native.max_pool3d)
_mean = _by_rank(native.avg_pool, native.avg_pool3d)


def max_pool(
    inputs: Tensor, pool_size: Any, strides: Any = None, padding: str = "valid", data_format: str | None = None
) -> Tensor:
    x = tensor(inputs)
    dtype = tf.int32 if x.dtype is BOOL else x.dtype
    # Integers without a kernel are pooled in a dtype that holds their values.
    wide = dtype if dtype in _MAX else tf.int64
    return cast(_pooled("max_pool", _max, cast(x, wide), pool_size, strides, padding, data_format), dtype)


def average_pool(
    inputs: Tensor, pool_size: Any, strides: Any = None, padding: str = "valid", data_format: str | None = None
) -> Tensor:
    return _pooled("average_pool", _mean, float_tensor(inputs), pool_size, strides, padding, data_format)
