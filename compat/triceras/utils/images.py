"""Images as arrays and files. Pillow, which reads and writes them, is optional."""

from __future__ import annotations

import io
import os
import pathlib
from typing import Any

import numpy as np

from triceras_backends import config, dtypes
from triceras_backends.active import backend as B

MODES = {"grayscale": "L", "rgb": "RGB", "rgba": "RGBA"}
CHANNELS = {"grayscale": 1, "rgb": 3, "rgba": 4}
INTERPOLATIONS = ("nearest", "bilinear", "bicubic", "hamming", "box", "lanczos")


def pillow() -> Any:
    """Pillow's module Image. Raises ImportError: Pillow is not installed."""
    try:
        from PIL import Image  # noqa: PLC0415
    except ImportError:
        raise ImportError("Images need Pillow. Install it: pip install 'triceras[image]'.") from None
    return Image


def array_to_img(x: Any, data_format: str | None = None, scale: bool = True, dtype: Any = None) -> Any:
    """An array as a Pillow image.

    Args:
        x: an array or tensor (height, width, channels) of 1, 3 or 4 channels.
        data_format: "channels_first" for (channels, height, width); None is `config.image_data_format()`.
        scale: whether the values are stretched to 0 to 255, the least becoming 0.
        dtype: what x is computed in, None for `config.floatx()`.

    Raises ValueError: another rank or number of channels. Raises ImportError: Pillow is not installed.

    Example:

    >>> keras.utils.array_to_img(np.zeros((4, 6, 3))).size
    (6, 4)
    """
    data_format = config.standardize_data_format(data_format)
    values = np.asarray(B.convert_to_numpy(x) if B.is_tensor(x) else x, dtype=dtypes.standardize_dtype(dtype))
    if values.ndim != 3:
        raise ValueError(f"An image is an array of rank 3, (height, width, channels); got the shape {values.shape}.")
    if data_format == "channels_first":
        values = values.transpose(1, 2, 0)
    if scale:
        values = values - values.min()
        largest = values.max()
        values = values / largest * 255 if largest else values
    channels = values.shape[2]
    if channels == 1:
        values = values[:, :, 0]
        return pillow().fromarray(values.astype("int32" if values.max() > 255 else "uint8"))
    if channels not in (3, 4):
        raise ValueError(f"An image has 1, 3 or 4 channels; got {channels}, of the shape {np.shape(x)}.")
    return pillow().fromarray(values.astype("uint8"))


def img_to_array(img: Any, data_format: str | None = None, dtype: Any = None) -> np.ndarray[Any, Any]:
    """A Pillow image as an array (height, width, channels).

    Args:
        img: an image, or an array of rank 2 or 3.
        data_format: "channels_first" for (channels, height, width); None is `config.image_data_format()`.
        dtype: None is `config.floatx()`.

    Raises ValueError: another rank.

    Example:

    >>> image = keras.utils.array_to_img(np.zeros((4, 6, 3)))
    >>> keras.utils.img_to_array(image).shape
    (4, 6, 3)
    """
    data_format = config.standardize_data_format(data_format)
    values = np.asarray(img, dtype=dtypes.standardize_dtype(dtype))
    if values.ndim == 2:
        values = values[..., None]
    elif values.ndim != 3:
        raise ValueError(f"An image has rank 2 or 3; got the shape {values.shape}.")
    elif data_format == "channels_first":
        return values.transpose(2, 0, 1)
    return values.transpose(2, 0, 1) if data_format == "channels_first" else values


def save_img(
    path: Any, x: Any, data_format: str | None = None, file_format: str | None = None, scale: bool = True, **kwargs: Any
) -> None:
    """Writes an array as an image file.

    Args:
        path: where to, or a file object.
        x: an array as `array_to_img` takes it.
        data_format: "channels_first" or "channels_last"; None is `config.image_data_format()`.
        file_format: "png", "jpeg", ...; None tells it by the path's suffix.
        scale: whether the values are stretched to 0 to 255.
        **kwargs: for Pillow's `Image.save`.

    Raises ValueError: as `array_to_img` does; an unknown suffix.

    Example:

    >>> keras.utils.save_img("black.png", np.zeros((4, 6, 3)))
    >>> keras.utils.load_img("black.png").size
    (6, 4)
    """
    img = array_to_img(x, data_format=data_format, scale=scale)
    name = str(path).lower()
    jpeg = file_format in ("jpg", "jpeg") or (file_format is None and name.endswith((".jpg", ".jpeg")))
    if img.mode == "RGBA" and jpeg:
        img = img.convert("RGB")  # JPEG knows no transparency
    img.save(path, format="jpeg" if file_format == "jpg" else file_format, **kwargs)


def load_img(
    path: Any,
    color_mode: str = "rgb",
    target_size: Any = None,
    interpolation: str = "nearest",
    keep_aspect_ratio: bool = False,
) -> Any:
    """An image file as a Pillow image.

    Args:
        path: a path, or an `io.BytesIO` with the file's content.
        color_mode: "grayscale", "rgb" or "rgba".
        target_size: (height, width) to resize to, None for none.
        interpolation: of the resizing: "nearest", "bilinear", "bicubic", "hamming", "box" or "lanczos".
        keep_aspect_ratio: whether what is too wide or too high for the target is cut off before.

    Raises ValueError: another color_mode or interpolation. Raises TypeError: a path that is none. Raises OSError: no
    such file, or it is no image. Raises ImportError: Pillow is not installed.

    Example:

    >>> keras.utils.save_img("black.png", np.zeros((4, 6, 3)))
    >>> keras.utils.load_img("black.png", color_mode="grayscale", target_size=(2, 2)).mode
    'L'
    """
    if color_mode not in MODES:
        raise ValueError(f'color_mode must be "grayscale", "rgb" or "rgba"; got: {color_mode!r}')
    if target_size is not None and interpolation not in INTERPOLATIONS:
        raise ValueError(f"interpolation must be one of {', '.join(INTERPOLATIONS)}; got: {interpolation!r}")
    if isinstance(path, io.BytesIO):
        img = pillow().open(path)
    elif isinstance(path, (str, bytes, pathlib.Path, os.PathLike)):
        # Read whole, so that the file is closed.
        with open(path, "rb") as file:
            img = pillow().open(io.BytesIO(file.read()))
    else:
        raise TypeError(f"path must be a path or an io.BytesIO; got one of type {type(path).__name__}")
    deep = color_mode == "grayscale" and img.mode in ("L", "I;16", "I")  # more than 8 bits are kept
    if not deep and img.mode != MODES[color_mode]:
        img = img.convert(MODES[color_mode])
    return img if target_size is None else _resized(img, tuple(target_size), interpolation, keep_aspect_ratio)


def _resized(img: Any, target: tuple[int, int], interpolation: str, keep_aspect_ratio: bool) -> Any:
    height, width = target
    if img.size == (width, height):
        return img
    resample = getattr(pillow().Resampling, interpolation.upper())
    box = None
    if keep_aspect_ratio:
        top, left, rows, columns = centre_crop(img.size[1], img.size[0], height, width)
        box = (left, top, left + columns, top + rows)
    return img.resize((width, height), resample, box=box)


def centre_crop(height: int, width: int, target_height: int, target_width: int) -> tuple[int, int, int, int]:
    """(top, left, height, width) of the largest part in the middle of an image that has the target's proportions."""
    rows = min(height, int(width * target_height / target_width))
    columns = min(width, int(height * target_width / target_height))
    return (height - rows) // 2, (width - columns) // 2, rows, columns
