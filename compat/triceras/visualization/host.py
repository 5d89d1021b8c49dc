"""Images on the host, channels last."""

from __future__ import annotations

from typing import Any

import numpy as np

from triceras_backends import config
from triceras_backends.active import backend as B

Array = np.ndarray[Any, Any]


def to_host(x: Any) -> Array:
    """A tensor or anything NumPy takes, as an array."""
    return B.convert_to_numpy(x) if B.is_tensor(x) else np.asarray(x)


def batch_of_images(images: Any, data_format: str | None) -> tuple[Array, bool]:
    """Images as an array (batch, height, width, channels), and whether they came with the channels first.

    Raises ValueError: another rank.
    """
    first = config.standardize_data_format(data_format) == "channels_first"
    found = to_host(images)
    if found.ndim != 4:
        raise ValueError(f"images must be a batch of rank 4; got the shape {found.shape}.")
    return (found.transpose(0, 2, 3, 1) if first else found), first


def back(images: Array, first: bool) -> Array:
    """The inverse of `batch_of_images`."""
    return images.transpose(0, 3, 1, 2) if first else images


def to_bytes(images: Array) -> Array:
    """Values in 0 to 255, cut off there, as uint8."""
    return np.clip(images, 0, 255).astype("uint8")
