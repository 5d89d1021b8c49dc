"""Images cut to proportions and resized."""

from __future__ import annotations

from typing import Any

from triceras.ops import image as ops_image
from triceras.utils.images import centre_crop
from triceras_backends import config
from triceras_backends.active import backend as B

INTERPOLATIONS = ("bilinear", "nearest", "lanczos3", "lanczos5", "bicubic")


def smart_resize(
    x: Any, size: Any, interpolation: str = "bilinear", data_format: str | None = "channels_last", **kwargs: Any
) -> Any:
    """Images resized without distortion: what is too wide or too high for the new proportions is cut off before.

    Args:
        x: an array or tensor (height, width, channels) or (batch, height, width, channels).
        size: (height, width).
        interpolation: "bilinear", "nearest", "bicubic", "lanczos3" or "lanczos5".
        data_format: "channels_first" for images (channels, height, width); None is `config.image_data_format()`.
        **kwargs: without effect.

    Returns: an array for an array, a tensor for a tensor; floats in `config.floatx()`.

    Raises ValueError: another rank, size or interpolation.

    Example:

    >>> keras.preprocessing.image.smart_resize(np.zeros((20, 40, 3)), (8, 8)).shape
    (8, 8, 3)
    """
    data_format = config.standardize_data_format(data_format)
    if len(size) != 2:
        raise ValueError(f"size must be (height, width); got: {size!r}")
    if interpolation not in INTERPOLATIONS:
        raise ValueError(f"interpolation must be one of {', '.join(INTERPOLATIONS)}; got: {interpolation!r}")
    native = B.is_tensor(x)
    images = B.cast(B.convert_to_tensor(x), config.floatx())
    shape = tuple(images.shape)
    if len(shape) not in (3, 4):
        raise ValueError(
            f"Images must be (height, width, channels) or (batch, height, width, channels); got the shape {shape}."
        )
    first = -2 if data_format == "channels_first" else -3
    top, left, rows, columns = centre_crop(shape[first], shape[first + 1], *size)
    index: list[Any] = [slice(None)] * len(shape)
    index[first], index[first + 1] = slice(top, top + rows), slice(left, left + columns)
    resized = ops_image.resize(images[tuple(index)], tuple(size), interpolation=interpolation, data_format=data_format)
    return resized if native else B.convert_to_numpy(resized)
