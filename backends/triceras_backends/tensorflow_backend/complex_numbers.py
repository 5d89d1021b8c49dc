"""Complex numbers on TensorFlow."""

from __future__ import annotations

import tensorflow as tf

from triceras_backends.contract.types import Tensor
from triceras_backends.tensorflow_backend.tensors import cast, float_tensor, static_shape, tensor


def conj(x: Tensor) -> Tensor:
    x = tensor(x)
    return tf.math.conj(x) if x.dtype.is_complex else x


def real(x: Tensor) -> Tensor:
    x = tensor(x)
    return tf.math.real(x) if x.dtype.is_complex else x


def imag(x: Tensor) -> Tensor:
    x = tensor(x)
    return tf.math.imag(x) if x.dtype.is_complex else tf.zeros_like(x)


def view_as_complex(x: Tensor) -> Tensor:
    x = float_tensor(x)
    if x.dtype.is_complex:
        raise TypeError("view_as_complex takes real numbers; got complex ones.")
    if not x.shape.rank or x.shape[-1] not in (2, None):
        raise ValueError(f"view_as_complex needs a last axis of size 2; got shape {static_shape(x)}.")
    x = x if x.dtype in (tf.float32, tf.float64) else cast(x, tf.float32)
    return tf.complex(x[..., 0], x[..., 1])
