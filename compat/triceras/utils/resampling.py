"""Images resized on the host, in threads, without a framework."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from triceras_backends.derived.images_sizes import KERNELS

Array = np.ndarray[Any, Any]

# Each kernel's reach, in pixels of the image that is read.
_REACH = {"bilinear": 1.0, "bicubic": 2.0, "lanczos3": 3.0, "lanczos5": 5.0, "gaussian": 1.5, "mitchellcubic": 2.0}
INTERPOLATIONS = ("bilinear", "nearest", "bicubic", "area", "lanczos3", "lanczos5", "gaussian", "mitchellcubic")


def _gaussian(_: Any, x: Array) -> Array:
    return np.where(x < 1.5, np.exp(-2.0 * x * x), 0.0)


def _mitchell(_: Any, x: Array) -> Array:
    """Mitchell and Netravali 1988, B = C = 1/3."""
    near = ((7.0 * x - 12.0) * x * x + 16.0 / 3.0) / 6.0
    far = (((-7.0 / 3.0 * x + 12.0) * x - 20.0) * x + 32.0 / 3.0) / 6.0
    return np.where(x < 1.0, near, np.where(x < 2.0, far, 0.0))


_KERNELS: dict[str, Any] = KERNELS | {"gaussian": _gaussian, "mitchellcubic": _mitchell}


def resize(image: Array, size: tuple[int, int], interpolation: str) -> Array:
    """An image (height, width, channels) at `size`, in float32; "nearest" keeps its dtype.

    The numbers are those of `ops.image.resize` for the kernels that it has.
    """
    if interpolation == "nearest":
        rows, columns = (_nearest(old, new) for old, new in zip(image.shape, size, strict=False))
        return image[rows[:, None], columns]
    values = image.astype("float32")
    # The axis that shrinks most goes first, for less to do.
    axes = sorted((0, 1), key=lambda axis: size[axis] / image.shape[axis])
    for axis in axes:
        values = _along(values, axis, *_taps(interpolation, image.shape[axis], size[axis]))
    return values


def _nearest(old: int, new: int) -> Array:
    return np.minimum(((np.arange(new) + 0.5) * (old / new)).astype(int), old - 1)


@functools.lru_cache(512)
def _taps(interpolation: str, old: int, new: int) -> tuple[Array, Array]:
    """Which points of an axis each new one is a mean of, and with what weights: two arrays (new, taps)."""
    if interpolation == "area":
        return _area(old, new)
    reach = _REACH[interpolation]
    centers = (np.arange(new) + 0.5) * (old / new) - 0.5
    first = np.floor(centers - reach).astype(int)
    points = first[:, None] + np.arange(int(2 * reach) + 2)
    weights = np.asarray(_KERNELS[interpolation](np, np.abs(centers[:, None] - points)), dtype="float64")
    return _finished(points, weights, old)


def _area(old: int, new: int) -> tuple[Array, Array]:
    edges = np.arange(new + 1) * (old / new)
    first = np.floor(edges[:-1]).astype(int)
    points = first[:, None] + np.arange(int(np.ceil(old / new)) + 1)
    covered = np.minimum(points + 1, edges[1:, None]) - np.maximum(points, edges[:-1, None])
    return _finished(points, np.maximum(covered, 0.0), old)


def _finished(points: Array, weights: Array, old: int) -> tuple[Array, Array]:
    """Points within the axis, weights that sum to 1."""
    weights = np.where((points >= 0) & (points < old), weights, 0.0)
    weights /= weights.sum(axis=1, keepdims=True)
    return np.clip(points, 0, old - 1), weights.astype("float32")


def _along(image: Array, axis: int, points: Array, weights: Array) -> Array:
    total: Any = 0.0
    for tap in range(points.shape[1]):
        weight = weights[:, tap]
        if weight.any():
            total = total + image.take(points[:, tap], axis) * (weight[:, None, None] if axis == 0 else weight[:, None])
    return total


def resize_and_pad(image: Array, size: tuple[int, int], interpolation: str) -> Array:
    """The image as large as fits into `size` without distortion, in the middle of a black ground."""
    height, width = image.shape[:2]
    rows = min(size[0], max(1, height * size[1] // width))
    columns = min(size[1], max(1, width * size[0] // height))
    resized = resize(image, (rows, columns), interpolation)
    padded = np.zeros((*size, image.shape[2]), resized.dtype)
    # The middle of what the sizes would be, were they not whole.
    top = max(size[0] * width - height * size[1], 0) // (2 * width)
    left = max(size[1] * height - width * size[0], 0) // (2 * height)
    padded[top : top + rows, left : left + columns] = resized
    return padded
