"""Further ways to make tensors: copies, spaced numbers, windows."""

from __future__ import annotations

import tensorflow as tf

from triceras_backends import checks, config
from triceras_backends.contract.types import Tensor
from triceras_backends.tensorflow_backend.tensors import DTYPES, convert_to_tensor, tensor


def copy(x: Tensor) -> Tensor:
    return tf.identity(tensor(x))


def kaiser(x: int, beta: Tensor) -> Tensor:
    n = checks.length("kaiser", x)
    beta = tf.abs(convert_to_tensor(beta, DTYPES[config.floatx()]))
    places = tf.cast(tf.range(n), beta.dtype) * (2 / max(n - 1, 1)) - float(n > 1)
    inside = beta * tf.sqrt(tf.maximum(1 - places * places, 0))
    # Scaled Bessel functions, because the plain ones overflow early.
    return tf.math.bessel_i0e(inside) * tf.exp(inside - beta) / tf.math.bessel_i0e(beta)
