"""Resampling by one matrix of weights an axis."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from triceras_backends import config
from triceras_backends.contract.types import Tensor
from triceras_backends.derived.images_common import image_tensor, narrowed, numbers, one_of, wide

# -- kernels: m is NumPy, or a backend where a size or the scale is known at run time only ----------------


def _linear(m: Any, x: Any) -> Any:
    return m.maximum(1.0 - x, 0.0)


def _cubic(m: Any, x: Any) -> Any:
    near = (1.5 * x - 2.5) * x * x + 1.0
    far = ((-0.5 * x + 2.5) * x - 4.0) * x + 2.0
    return m.where(x < 1.0, near, m.where(x < 2.0, far, 0.0))


def _lanczos(radius: float, m: Any, x: Any) -> Any:
    angle = math.pi * m.where(x > 1e-3, x, 1.0)
    inside = m.where(x < radius, radius * m.sin(angle) * m.sin(angle / radius) / (angle * angle), 0.0)
    # The series at 0, exact to the last bit below the bound.
    flat = 1.0 - (math.pi * x) ** 2 * ((1.0 + radius**-2) / 6.0)
    return m.where(x > 1e-3, inside, flat)


KERNELS: dict[str, Callable[..., Any]] = {
    "bilinear": _linear,
    "bicubic": _cubic,
    "lanczos3": functools.partial(_lanczos, 3.0),
    "lanczos5": functools.partial(_lanczos, 5.0),
}
METHODS = KERNELS | {
    "linear": _linear,
    "trilinear": _linear,
    "cubic": _cubic,
    "tricubic": _cubic,
}


def _weights(m: Any, kernel: Any, old: Any, new: int, scale: Any, shift: Any, antialias: bool, dtype: str) -> Any:
    """The matrix (new, old) that resamples an axis: input point x goes to x * scale + shift."""
    width = m.maximum(1.0 / scale, 1.0) if antialias else 1.0
    centers = (m.arange(new, dtype=dtype) + 0.5 - shift) / scale - 0.5
    distances = m.abs(centers[:, None] - m.arange(old, dtype=dtype)[None, :]) / width
    weights = kernel(m, distances)
    total = m.sum(weights, axis=1, keepdims=True)
    some = m.abs(total) > 1000.0 * float(np.finfo("float32").eps)
    weights = m.where(some, weights / m.where(some, total, 1.0), 0.0)
    inside = m.logical_and(centers >= -0.5, centers <= old - 0.5)
    return m.where(inside[:, None], weights, 0.0)


@functools.lru_cache(256)
def _known_weights(method: str, old: int, new: int, antialias: bool, dtype: str) -> np.ndarray[Any, Any]:
    weights = _weights(np, METHODS[method], old, new, np.float64(new / old), 0.0, antialias, "float64").astype(dtype)
    weights.flags.writeable = False
    return weights


def _along(b: Any, x: Tensor, weights: Tensor, axis: int) -> Tensor:
    """weights (new, old) times x along that axis, one product of matrices."""
    shape = b.shape(x)
    before, after = shape[:axis], shape[axis + 1 :]
    new = b.shape(weights)[0]
    if not after:
        return b.matmul(x, b.transpose(weights))
    if axis == len(shape) - 2:
        return b.matmul(weights, x)
    flat = b.reshape(x, (*before, shape[axis], _product(after)))
    return b.reshape(b.matmul(weights, flat), (*before, new, *after))


def _product(sizes: Any) -> Any:
    return functools.reduce(lambda m, n: m * n, sizes)


# -- resize ------------------------------------------------------------------------------------


def checked_size(size: Any) -> tuple[int, int]:
    """(height, width) as two positive ints."""
    if not np.ndim(size):
        raise ValueError(f"resize: size must be two positive ints, (height, width); got {size!r}.")
    height, width = numbers("resize", "size", size, 2)
    return height, width


def resize(
    b: Any, images: Tensor, size: Any, interpolation: str = "bilinear", antialias: bool = False,
    crop_to_aspect_ratio: bool = False, pad_to_aspect_ratio: bool = False, fill_mode: str = "constant",
    fill_value: float = 0.0, data_format: str | None = None,
) -> Tensor:  # fmt: skip
    new = checked_size(size)
    one_of("resize", "interpolation", interpolation, ("nearest", *KERNELS))
    images = image_tensor(b, "resize", images)
    if crop_to_aspect_ratio and pad_to_aspect_ratio:
        raise ValueError("resize: only one of crop_to_aspect_ratio and pad_to_aspect_ratio can be True.")
    if pad_to_aspect_ratio:
        one_of("resize", "fill_mode", fill_mode, ("constant",))
    first = config.standardize_data_format(data_format) == "channels_first"
    height = len(b.static_shape(images)) - (2 if first else 3)
    if crop_to_aspect_ratio:
        images = _cropped(b, images, height, new)
    elif pad_to_aspect_ratio:
        images = _padded(b, images, height, new, fill_value)
    if interpolation == "nearest":
        return _nearest(b, _nearest(b, images, height, new[0]), height + 1, new[1])
    x = wide(b, images)
    for axis, length in zip((height, height + 1), new, strict=True):
        x = _resampled(b, x, axis, length, interpolation, antialias)
    return narrowed(b, x, b.dtype_of(images))


def _resampled(b: Any, x: Tensor, axis: int, new: int, method: str, antialias: bool) -> Tensor:
    old, dtype = b.static_shape(x)[axis], b.dtype_of(x)
    if old == new:
        return x
    if old is not None:
        return _along(b, x, b.from_numpy(_known_weights(method, old, new, antialias, dtype)), axis)
    old = b.shape(x)[axis]
    scale = b.divide(b.cast(new, dtype), b.cast(old, dtype))
    return _along(b, x, _weights(b, METHODS[method], b.cast(old, dtype), new, scale, 0.0, antialias, dtype), axis)


def _nearest(b: Any, x: Tensor, axis: int, new: int) -> Tensor:
    old = b.static_shape(x)[axis]
    if old == new:
        return x
    if old is None:
        index = (2 * b.arange(new, dtype="int32") + 1) * b.shape(x)[axis] // (2 * new)
    else:
        index = ((2 * np.arange(new) + 1) * old // (2 * new)).astype("int32")
    return b.take(x, index, axis=axis)


def _fraction(numerator: Any, old: Any, denominator: Any) -> Any:
    """old * numerator / denominator, rounded down: a size's counterpart under another aspect ratio."""
    return old * numerator // denominator


def _smaller(b: Any, m: Any, n: Any) -> Any:
    return min(m, n) if isinstance(m, int) and isinstance(n, int) else b.minimum(m, n)


def _larger(b: Any, m: Any, n: Any) -> Any:
    return max(m, n) if isinstance(m, int) and isinstance(n, int) else b.maximum(m, n)


def _cropped(b: Any, x: Tensor, axis: int, new: tuple[int, int]) -> Tensor:
    height, width = b.shape(x)[axis : axis + 2]
    rows = _smaller(b, height, _larger(b, _fraction(new[0], width, new[1]), 1))
    columns = _smaller(b, width, _larger(b, _fraction(new[1], height, new[0]), 1))
    top, left = (height - rows) // 2, (width - columns) // 2
    return x[(*(slice(None),) * axis, slice(top, top + rows), slice(left, left + columns))]


def _padded(b: Any, x: Tensor, axis: int, new: tuple[int, int], fill_value: float) -> Tensor:
    height, width = b.shape(x)[axis : axis + 2]
    rows = _larger(b, height, _fraction(new[0], width, new[1]))
    columns = _larger(b, width, _fraction(new[1], height, new[0]))
    for where, old, padded in ((axis, height, rows), (axis + 1, width, columns)):
        before = (padded - old) // 2
        x = _with_margins(b, x, where, before, padded - old - before, fill_value)
    return x


def _with_margins(b: Any, x: Tensor, axis: int, before: Any, after: Any, fill_value: float) -> Tensor:
    if isinstance(before, int):
        if not before and not after:
            return x
        widths = [(0, 0)] * len(b.static_shape(x))
        widths[axis] = (before, after)
        return b.pad(x, widths, constant_values=fill_value)
    shape = b.shape(x)
    margins = [
        b.broadcast_to(b.cast(fill_value, b.dtype_of(x)), (*shape[:axis], n, *shape[axis + 1 :]))
        for n in (before, after)
    ]
    return b.concatenate([margins[0], x, margins[1]], axis)


# -- scale_and_translate -------------------------------------------------------------------------


def scale_and_translate(
    b: Any, images: Tensor, output_shape: Any, scale: Tensor, translation: Tensor, spatial_dims: Any, method: str,
    antialias: bool = True,
) -> Tensor:  # fmt: skip
    name = "scale_and_translate"
    one_of(name, "method", method, METHODS)
    images = b.convert_to_tensor(images)
    shape = b.static_shape(images)
    rank, new = len(shape), tuple(int(n) for n in output_shape)
    if len(new) != rank:
        raise ValueError(f"{name}: output_shape must have a size for each axis of shape {shape}; got {new}.")
    if any(not -rank <= d < rank for d in spatial_dims):
        raise ValueError(f"{name}: spatial_dims {tuple(spatial_dims)} are out of range for shape {shape}.")
    axes = [d % rank for d in spatial_dims]
    for axis in set(range(rank)) - set(axes):
        if shape[axis] not in (new[axis], None):
            raise ValueError(f"{name}: axis {axis} is not in spatial_dims, so output_shape {new} must keep {shape}.")
    x = wide(b, images)
    dtype = b.dtype_of(x)
    factors, shifts = (
        _per_axis(b, what, value, len(axes), dtype) for what, value in (("scale", scale), ("translation", translation))
    )
    for k, axis in enumerate(axes):
        old = b.shape(x)[axis]
        old = old if isinstance(old, int) else b.cast(old, dtype)
        weights = _weights(b, METHODS[method], old, new[axis], factors[k], shifts[k], antialias, dtype)
        x = _along(b, x, weights, axis)
    return narrowed(b, x, b.dtype_of(images))


def _per_axis(b: Any, what: str, value: Any, count: int, dtype: str) -> Any:
    value = b.convert_to_tensor(value, dtype)
    if b.static_shape(value) not in ((count,), (None,)):
        raise ValueError(
            f"scale_and_translate: {what} must have one float for each of {count} spatial_dims; "
            f"got shape {b.static_shape(value)}."
        )
    return b.unstack(value, count)
