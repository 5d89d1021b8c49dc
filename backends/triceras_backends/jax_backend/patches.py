"""Windows as an axis of their own, and back, on JAX: the composites, each compiled as one call."""

from __future__ import annotations

from typing import Any

from triceras_backends import config
from triceras_backends.contract.types import Tensor
from triceras_backends.derived import patches as composite
from triceras_backends.jax_backend.composites import composed
from triceras_backends.jax_backend.kernels import tensor

_unfold = composed("unfold", composite.unfold, static=(1, 2, 3, 4))
_fold = composed("fold", composite.fold, static=(1, 2, 3, 4, 5))
_depth_to_space = composed("depth_to_space", composite.depth_to_space, static=(1, 2))
_space_to_depth = composed("space_to_depth", composite.space_to_depth, static=(1, 2))


def unfold(x: Tensor, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1) -> Tensor:
    return _unfold(tensor(x), *composite.windows("unfold", kernel_size, dilation, padding, stride))


def fold(
    x: Tensor, output_size: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1
) -> Tensor:  # fmt: skip
    size = composite.pair("fold", "output_size", output_size)
    return _fold(tensor(x), size, *composite.windows("fold", kernel_size, dilation, padding, stride))


def depth_to_space(x: Tensor, block_size: int, data_format: str | None = "channels_last") -> Tensor:
    return _depth_to_space(tensor(x), block_size, config.standardize_data_format(data_format))


def space_to_depth(x: Tensor, block_size: int, data_format: str | None = "channels_last") -> Tensor:
    return _space_to_depth(tensor(x), block_size, config.standardize_data_format(data_format))
