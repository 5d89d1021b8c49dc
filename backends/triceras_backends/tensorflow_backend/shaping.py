"""Joining, dividing, turning and selecting."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from triceras_backends import checks
from triceras_backends.contract.types import DType, Tensor
from triceras_backends.tensorflow_backend.arrays import split
from triceras_backends.tensorflow_backend.native import array
from triceras_backends.tensorflow_backend.tensors import (
    BOOL,
    axis_of,
    cast,
    ints,
    rank_of,
    shape,
    shape_tensor,
    static_shape,
    tensor,
    tf_dtype,
)


def array_split(x: Tensor, indices_or_sections: Any, axis: int = 0) -> Any:
    if not isinstance(indices_or_sections, int):
        return split(x, indices_or_sections, axis)
    x, parts = tensor(x), indices_or_sections
    axis = axis_of(axis, rank_of(x), "array_split")
    checks.sections("array_split", parts)
    size = tf.shape(x)[axis] if x.shape[axis] is None else x.shape[axis]
    return list(tf.split(x, tf.stack([(size + parts - 1 - i) // parts for i in range(parts)]), axis, num=parts))


def size(x: Tensor) -> Tensor:
    x = tensor(x)
    number = x.shape.num_elements()
    return tf.size(x) if number is None else ints(number)


def view(x: Tensor, dtype: DType | None = None) -> Tensor:
    x = tensor(x)
    target = x.dtype if dtype is None else tf_dtype(dtype)
    if target is BOOL:
        return tf.not_equal(view(x, tf.uint8), 0)
    checks.viewable(static_shape(x), x.dtype.size, target.size)
    x = tf.stop_gradient(cast(x, tf.uint8) if x.dtype is BOOL else x)
    *lead, last = shape(x) or (1,)
    if x.dtype.size < target.size:
        count = target.size // x.dtype.size
        x = tf.reshape(x, shape_tensor((*lead, last // count, count)))
    elif x.dtype.size > target.size:
        return tf.reshape(array.bitcast(x, target), shape_tensor((*lead, last * (x.dtype.size // target.size))))
    return array.bitcast(x, target)
