"""Images: colours, geometry, filters and comparison, on PyTorch: its own kernel for the commonest resizing."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from triceras_backends import config
from triceras_backends.derived import images as composite
from triceras_backends.derived.images_sizes import checked_size
from triceras_backends.torch_backend.tensors import PLAIN
from triceras_backends.torch_backend.variables import Variable


def resize(
    images: Any, size: Any, interpolation: str = "bilinear", antialias: bool = False,
    crop_to_aspect_ratio: bool = False, pad_to_aspect_ratio: bool = False, fill_mode: str = "constant",
    fill_value: float = 0.0, data_format: str | None = None,
) -> Tensor:  # fmt: skip
    plain = interpolation == "bilinear" and not (antialias or crop_to_aspect_ratio or pad_to_aspect_ratio)
    if plain and images.__class__ in PLAIN and images.dtype is torch.float32 and images.ndim == 4 and images.numel():
        new = checked_size(size)
        if config.standardize_data_format(data_format) == "channels_first":
            return F.interpolate(images, new, mode="bilinear")
        return F.interpolate(images.permute(0, 3, 1, 2), new, mode="bilinear").permute(0, 2, 3, 1)
    return composite.resize(
        Variable.primitives, images, size, interpolation, antialias, crop_to_aspect_ratio, pad_to_aspect_ratio,
        fill_mode, fill_value, data_format,
    )  # fmt: skip
