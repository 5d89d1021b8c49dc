"""Joining, dividing, turning and selecting."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from triceras_backends import checks
from triceras_backends.contract.types import Tensor
from triceras_backends.tensorflow_backend.arrays import split
from triceras_backends.tensorflow_backend.tensors import (
    axis_of,
    ints,
    rank_of,
    tensor,
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
