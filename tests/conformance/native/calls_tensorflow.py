"""Plain TensorFlow, as its users write it, under the names that calls_<backend> share."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

sin, cos, exp, log, tanh, relu, sqrt, matmul, sum, where, add, multiply, stack, softmax, unstack, reshape = (
    tf.sin, tf.cos, tf.exp, tf.math.log, tf.tanh, tf.nn.relu, tf.sqrt, tf.matmul, tf.reduce_sum, tf.where, tf.add,
    tf.multiply, tf.stack, tf.nn.softmax, tf.unstack, tf.reshape,
)  # fmt: skip

stop_gradient = tf.stop_gradient


def concatenate(tensors: list[tf.Tensor]) -> tf.Tensor:
    return tf.concat(tensors, 0)


def cast(x: tf.Tensor, dtype: str) -> tf.Tensor:
    return tf.cast(x, dtype)


def untouched(x: Any) -> bool:
    """Whether no tape has left a mark on a tensor the user made."""
    return isinstance(x, tf.Tensor)
