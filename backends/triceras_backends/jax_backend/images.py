"""Images on JAX: the composites, each one compiled call."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from triceras_backends import config
from triceras_backends.contract.types import Tensor
from triceras_backends.derived import images as composites
from triceras_backends.jax_backend.kernels import compiled, fail
from triceras_backends.jax_backend.tensors import Array, convert_to_tensor
from triceras_backends.jax_backend.variables import Variable


def _static(value: Any) -> Any:
    """A setting as one that hashes."""
    if isinstance(value, np.generic):
        return value.item()
    return tuple(map(_static, value)) if isinstance(value, (list, tuple, np.ndarray)) else value


def _whole(name: str, *tensors: str) -> Callable[..., Any]:
    """The composite of that name; the parameters named are tensors, and the others settings."""
    composite = getattr(composites, name)
    parameters = list(inspect.signature(composite).parameters.values())[1:]
    signature = inspect.Signature(parameters)
    places = [i for i, p in enumerate(parameters) if p.name in tensors]
    settings = tuple(i for i, p in enumerate(parameters) if p.name not in tensors)
    run = compiled(name, lambda *args: composite(Variable.primitives, *args), settings)

    def call(*args: Any, **kwargs: Any) -> Any:
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()
        if "data_format" in bound.arguments:
            bound.arguments["data_format"] = config.standardize_data_format(bound.arguments["data_format"])
        given = list(bound.arguments.values())
        for i in places:
            given[i] = given[i] if given[i].__class__ is Array else convert_to_tensor(given[i])
        for i in settings:
            given[i] = _static(given[i])
        try:
            return run(*given)
        except (TypeError, ValueError, IndexError) as error:
            if str(error).startswith(f"{name}:"):  # a message of the composite's own
                raise
            fail(name, error, *given)

    call.__name__ = call.__qualname__ = name
    call.__signature__ = signature  # type: ignore[attr-defined]
    return call


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
