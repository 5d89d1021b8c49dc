"""Normalisations: the fused batch norm where it fits, else the definitions in `derived`."""

from __future__ import annotations

import tensorflow as tf

from triceras_backends.contract.types import Tensor
from triceras_backends.derived import normalization as composite
from triceras_backends.tensorflow_backend.native import array, math
from triceras_backends.tensorflow_backend.native import nn as native
from triceras_backends.tensorflow_backend.tensors import cast, float_tensor, rank_of, scalar
from triceras_backends.tensorflow_backend.variables import Variable


def normalize_by_batch(
    x: Tensor, axis: int, offset: Tensor = None, scale: Tensor = None, epsilon: float = 1e-3
) -> tuple[Tensor, Tensor, Tensor]:
    x = float_tensor(x)
    channels = x.shape[-1]
    if x.dtype is not tf.float32 or rank_of(x) != 4 or axis not in (-1, 3) or channels is None:
        return composite.normalize_by_batch(Variable.primitives, x, axis, offset, scale, epsilon)
    scale = tf.ones((channels,), tf.float32) if scale is None else cast(scale, tf.float32)
    offset = tf.zeros((channels,), tf.float32) if offset is None else cast(offset, tf.float32)
    nothing = tf.zeros((0,), tf.float32)
    out, mean, variance, *_ = native.fused_batch_norm_v3(x, scale, offset, nothing, nothing, epsilon, is_training=True)
    # The kernel's variance has the divisor n - 1.
    count = math.real_div(cast(array.size(x), tf.float32), scalar(float(channels), tf.float32))
    share = math.sub(scalar(1.0, tf.float32), math.reciprocal(count))
    return out, array.stop_gradient(mean), array.stop_gradient(math.mul(variance, share))
