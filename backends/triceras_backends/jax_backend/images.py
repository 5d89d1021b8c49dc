"""Images on JAX: the composites, each one compiled call."""

from __future__ import annotations

from typing import Any

import numpy as np

from triceras_backends import config
from triceras_backends.contract.types import Tensor
from triceras_backends.derived import images as composites
from triceras_backends.jax_backend.composites import fused


def _with_format(b: Any, given: dict[str, Any]) -> None:
    if "data_format" in given:  # the configured one may change after the compilation
        given["data_format"] = config.standardize_data_format(given["data_format"])


def _whole(name: str, *tensors: str) -> Any:
    return fused(getattr(composites, name), *tensors, prepare=_with_format)


rgb_to_grayscale = _whole("rgb_to_grayscale", "images")
rgb_to_hsv = _whole("rgb_to_hsv", "images")
hsv_to_rgb = _whole("hsv_to_rgb", "images")
resize = _whole("resize", "images")
scale_and_translate = _whole("scale_and_translate", "images", "scale", "translation")
extract_patches = _whole("extract_patches", "images")
extract_patches_3d = _whole("extract_patches_3d", "volumes")
map_coordinates = _whole("map_coordinates", "inputs", "coordinates")
affine_transform = _whole("affine_transform", "images", "transform")
perspective_transform = _whole("perspective_transform", "images", "start_points", "end_points")
elastic_transform = _whole("elastic_transform", "images", "seed")
sobel_edges = _whole("sobel_edges", "images")
ssim = _whole("ssim", "image1", "image2")
_blur = _whole("gaussian_blur", "images")
_blur_by_tensor = _whole("gaussian_blur", "images", "sigma")


def gaussian_blur(
    images: Tensor, kernel_size: Any = (3, 3), sigma: Any = (1.0, 1.0), data_format: str | None = None
) -> Tensor:
    pair = sigma if isinstance(sigma, (list, tuple)) else (sigma,)
    known = all(isinstance(s, (int, float, np.generic)) for s in pair)
    return (_blur if known else _blur_by_tensor)(images, kernel_size, sigma, data_format)
