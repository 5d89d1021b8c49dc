"""Windows as an axis of their own, and back, on TensorFlow."""

from __future__ import annotations

from triceras_backends.contract.types import Tensor
from triceras_backends.derived import patches as composite
from triceras_backends.tensorflow_backend.native import array
from triceras_backends.tensorflow_backend.tensors import static_shape, tensor
from triceras_backends.tensorflow_backend.variables import Variable

# CPUs have the kernels for channels last only.


def depth_to_space(x: Tensor, block_size: int, data_format: str | None = "channels_last") -> Tensor:
    x = tensor(x)
    if composite.blocks("depth_to_space", static_shape(x), block_size, data_format):
        return composite.depth_to_space(Variable.primitives, x, block_size, data_format)
    return array.depth_to_space(x, block_size)


def space_to_depth(x: Tensor, block_size: int, data_format: str | None = "channels_last") -> Tensor:
    x = tensor(x)
    if composite.blocks("space_to_depth", static_shape(x), block_size, data_format):
        return composite.space_to_depth(Variable.primitives, x, block_size, data_format)
    return array.space_to_depth(x, block_size)
