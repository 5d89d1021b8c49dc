"""Colours."""

from __future__ import annotations

from typing import Any

from triceras_backends import config, dtypes
from triceras_backends.contract.types import Tensor
from triceras_backends.derived.images_common import image_tensor, wide

_GRAY = (0.2989, 0.587, 0.114)


def _axis(data_format: str | None) -> int:
    return -3 if config.standardize_data_format(data_format) == "channels_first" else -1


def _color_tensor(b: Any, name: str, images: Tensor, axis: int) -> Tensor:
    """Three float channels."""
    images = image_tensor(b, name, images)
    if not dtypes.is_float(b.dtype_of(images)):
        raise ValueError(f"{name}: images must be of a float dtype; got {b.dtype_of(images)}.")
    shape = b.static_shape(images)
    if shape[axis] not in (3, None):
        raise ValueError(f"{name}: images must have 3 channels; got shape {shape}, axis {axis}.")
    return images


def rgb_to_grayscale(b: Any, images: Tensor, data_format: str | None = None) -> Tensor:
    images, axis = image_tensor(b, "rgb_to_grayscale", images), _axis(data_format)
    shape, dtype = b.static_shape(images), b.dtype_of(images)
    if shape[axis] not in (1, 3):
        raise ValueError(f"rgb_to_grayscale: images must have 3 channels or 1; got shape {shape}, axis {axis}.")
    if shape[axis] == 1:
        return images
    weights = b.reshape(b.convert_to_tensor(_GRAY, b.dtype_of(wide(b, images))), (3, *(1,) * (-axis - 1)))
    return b.cast(b.sum(b.multiply(wide(b, images), weights), axis=axis, keepdims=True), dtype)


def rgb_to_hsv(b: Any, images: Tensor, data_format: str | None = None) -> Tensor:
    axis = _axis(data_format)
    images = _color_tensor(b, "rgb_to_hsv", images, axis)
    red, green, blue = b.unstack(wide(b, images), 3, axis)
    value = b.maximum(b.maximum(red, green), blue)
    spread = b.subtract(value, b.minimum(b.minimum(red, green), blue))
    colored, bright = b.greater(spread, 0.0), b.greater(value, 0.0)
    divisor = b.where(colored, spread, 1.0)  # so that no derivative is infinite
    of_red = b.divide(b.subtract(green, blue), divisor)
    of_green = b.add(b.divide(b.subtract(blue, red), divisor), 2.0)
    of_blue = b.add(b.divide(b.subtract(red, green), divisor), 4.0)
    sixths = b.where(b.equal(value, red), of_red, b.where(b.equal(value, green), of_green, of_blue))
    hue = b.where(colored, b.divide(sixths, 6.0), 0.0)
    hue = b.where(b.less(hue, 0.0), b.add(hue, 1.0), hue)
    saturation = b.where(bright, b.divide(spread, b.where(bright, value, 1.0)), 0.0)
    return b.cast(b.stack([hue, saturation, value], axis), b.dtype_of(images))


def hsv_to_rgb(b: Any, images: Tensor, data_format: str | None = None) -> Tensor:
    axis = _axis(data_format)
    images = _color_tensor(b, "hsv_to_rgb", images, axis)
    hue, saturation, value = b.unstack(wide(b, images), 3, axis)
    sixths = b.multiply(hue, 6.0)

    def channel(purity: Tensor) -> Tensor:
        grey = b.subtract(1.0, saturation)
        return b.multiply(value, b.add(grey, b.multiply(saturation, b.clip(purity, 0.0, 1.0))))

    red = channel(b.subtract(b.abs(b.subtract(sixths, 3.0)), 1.0))
    green = channel(b.subtract(2.0, b.abs(b.subtract(sixths, 2.0))))
    blue = channel(b.subtract(2.0, b.abs(b.subtract(sixths, 4.0))))
    return b.cast(b.stack([red, green, blue], axis), b.dtype_of(images))
