"""Images: colours, geometry, filters and comparison, on TensorFlow: its kernels for colours, while nothing records."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from triceras_backends import config
from triceras_backends.contract.types import Tensor
from triceras_backends.derived import images as composite
from triceras_backends.tensorflow_backend.native import EagerTensor, record
from triceras_backends.tensorflow_backend.variables import Variable


def _colors(kernel: Callable[[Tensor], Tensor], plain: Callable[..., Tensor]) -> Callable[..., Tensor]:
    def call(images: Tensor, data_format: str | None = None) -> Tensor:
        # While something records, the plain one: the kernels have not all the derivatives.
        if images.__class__ is EagerTensor and images.dtype is tf.float32 and not record.could_possibly_record():
            last = config.standardize_data_format(data_format) == "channels_last"
            if last and images.shape.rank in (3, 4) and images.shape[-1] == 3:
                return kernel(images)
        return plain(Variable.primitives, images, data_format)

    call.__name__ = call.__qualname__ = plain.__name__
    return call


rgb_to_hsv: Any = _colors(tf.image.rgb_to_hsv, composite.rgb_to_hsv)
hsv_to_rgb: Any = _colors(tf.image.hsv_to_rgb, composite.hsv_to_rgb)
