"""What convolution and pooling share: steps, layouts, checks."""

from __future__ import annotations

from triceras_backends.contract.types import Tensor
from triceras_backends.tensorflow_backend.native import array
from triceras_backends.tensorflow_backend.tensors import ints

# Channels last is the layout that has kernels on every device; XLA and grappler undo the copies on GPUs.


def channels_last(x: Tensor, count: int, first: bool) -> Tensor:
    return array.transpose(x, ints((0, *range(2, count + 2), 1))) if first else x


def restored(x: Tensor, count: int, first: bool) -> Tensor:
    return array.transpose(x, ints((0, count + 1, *range(1, count + 1)))) if first else x
