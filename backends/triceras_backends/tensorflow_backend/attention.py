"""Rows of a table on TensorFlow."""

from __future__ import annotations

import tensorflow as tf

from triceras_backends.contract.types import Tensor
from triceras_backends.tensorflow_backend.tensors import tensor


def embedding(weight: Tensor, indices: Tensor) -> Tensor:
    indices = tensor(indices)
    if indices.dtype not in (tf.int32, tf.int64):
        indices = tf.cast(indices, tf.int32)
    return tf.gather(tensor(weight), indices)
