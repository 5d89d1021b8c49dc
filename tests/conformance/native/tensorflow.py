"""TensorFlow by itself."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import numpy as np
import tensorflow as tf

from tests.conformance.native import reading


def double() -> AbstractContextManager[Any]:
    return nullcontext()


COMPILE: dict[str, Any] = {}


def traced() -> AbstractContextManager[Any]:
    return nullcontext()


def host_reads() -> AbstractContextManager[Any]:
    # TensorFlow looks into the constants it makes of Python arguments, an axis for example.
    return reading.refused(type(tf.constant(0)), "tensor_util.py")


def canonical(dtype: str) -> str:
    return dtype


def tensor(array: Any) -> tf.Tensor:
    return tf.convert_to_tensor(np.asarray(array))


def array(x: Any) -> np.ndarray[Any, Any]:
    return np.asarray(x.numpy())


def is_tensor(x: Any) -> bool:
    return tf.is_tensor(x) and not isinstance(x, tf.Variable)


def gradients(fn: Callable[..., Any], *arrays: Any) -> list[np.ndarray[Any, Any]]:
    inputs = [tensor(a) for a in arrays]
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        target = fn(*inputs)
    found = tape.gradient(target, inputs, unconnected_gradients=tf.UnconnectedGradients.ZERO)
    return [array(tf.convert_to_tensor(g)) for g in found]


OPS: dict[str, Callable[..., Any]] = {
    "exp": tf.exp,
    "tanh": tf.tanh,
    "matmul": tf.matmul,
    "sum": tf.reduce_sum,
    "logsumexp": tf.reduce_logsumexp,
    "softmax": tf.nn.softmax,
    "sort": tf.sort,
    "conv": lambda x, kernel: tf.nn.conv2d(x, kernel, strides=1, padding="VALID"),
}


def versions() -> dict[str, str]:
    return {"tensorflow": tf.__version__}
