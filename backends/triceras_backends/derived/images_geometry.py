"""Images read at other points than their pixels."""

from __future__ import annotations

import itertools
import operator
from typing import Any

import numpy as np

from triceras_backends import dtypes
from triceras_backends.contract.types import Tensor
from triceras_backends.derived.images_common import channels_last, image_tensor, narrowed, one_of, restored, wide
from triceras_backends.derived.images_filters import filtered, gaussian, window_size

FILL_MODES = ("constant", "nearest", "wrap", "mirror", "reflect")
INTERPOLATIONS = ("nearest", "bilinear")


def _folded(b: Any, index: Tensor, size: Any, mode: str) -> Tensor:
    """Indices of any size as those of elements that exist."""
    if mode == "wrap":
        return b.mod(index, size)
    if mode == "reflect":
        index = b.mod(index, 2 * size)
        return b.minimum(index, 2 * size - 1 - index)
    if mode == "mirror":
        last = size - 1
        return last - b.abs(b.mod(index, b.maximum(2 * last, 1)) - last)
    return b.minimum(b.maximum(index, 0), size - 1)


def _neighbours(b: Any, at: Tensor, size: Any, order: int, mode: str) -> list[tuple[Tensor, Any, Any]]:
    """Along one axis, the elements a point is made of: index, weight (None is 1), whether it exists (None: it does)."""
    if mode in ("constant", "nearest"):  # which keeps indices of points far away, and at infinity, integers
        at = b.minimum(b.maximum(at, -1.0), b.cast(size, b.dtype_of(at)))
    if order == 0:
        found = [(b.cast(b.floor(b.add(at, 0.5)), "int32"), None)]
    else:
        low = b.stop_gradient(b.floor(at))
        index, share = b.cast(low, "int32"), b.subtract(at, low)
        found = [(index, b.subtract(1.0, share)), (b.add(index, 1), share)]
    real = [b.logical_and(i >= 0, i < size) if mode == "constant" else None for i, _ in found]
    return [(_folded(b, i, size, mode), weight, here) for (i, weight), here in zip(found, real, strict=True)]


def _sampled(
    b: Any, rows: Tensor, sizes: Any, points: Any, order: int, mode: str, fill: float, base: Any = None
) -> Tensor:
    """rows (elements, channels) of a grid of `sizes`, interpolated at points, vectors one an axis of the grid.

    `base` is added to the numbers of the rows, for one of several grids.
    """
    axes = [_neighbours(b, at, size, order, mode) for at, size in zip(points, sizes, strict=True)]
    total: Any = None
    for corner in itertools.product(*axes):
        number: Any = None
        weight = real = None
        for (index, share, here), size in zip(corner, sizes, strict=True):
            number = index if number is None else b.add(b.multiply(number, size), index)
            weight = share if weight is None or share is None else b.multiply(weight, share)
            real = here if real is None or here is None else b.logical_and(real, here)
        values = b.rows(rows, number if base is None else b.add(number, base))
        values = values if real is None else b.where(b.expand_dims(real, 1), values, fill)
        values = values if weight is None else b.multiply(values, b.expand_dims(weight, 1))
        total = values if total is None else b.add(total, values)
    return total


def _held(fill_value: float, dtype: str) -> float:
    """The fill value as the dtype of the images holds it."""
    return fill_value if dtypes.is_float(dtype) else bool(fill_value) if dtype == "bool" else int(fill_value)


def map_coordinates(
    b: Any, inputs: Tensor, coordinates: Tensor, order: int, fill_mode: str = "constant", fill_value: float = 0
) -> Tensor:
    name = "map_coordinates"
    one_of(name, "order", order, (0, 1))
    one_of(name, "fill_mode", fill_mode, FILL_MODES)
    inputs, coordinates = b.convert_to_tensor(inputs), b.convert_to_tensor(coordinates)
    rank, shape, dtype = len(b.static_shape(inputs)), b.static_shape(coordinates), b.dtype_of(inputs)
    if len(shape) < 2 or shape[0] != rank:
        raise ValueError(
            f"{name}: coordinates must have the shape ({rank}, ...) for inputs of shape {b.static_shape(inputs)}; "
            f"got {shape}."
        )
    points = [b.reshape(at, (-1,)) for at in b.unstack(wide(b, coordinates), rank)]
    rows = b.reshape(inputs if order == 0 else wide(b, inputs), (-1, 1))
    fill = fill_value if dtypes.is_float(dtype) else bool(fill_value) if dtype == "bool" else int(fill_value)
    found = _sampled(b, rows, b.shape(inputs), points, operator.index(order), fill_mode, fill)
    found = b.reshape(found, b.shape(coordinates)[1:])
    return b.cast(found, dtype) if order == 0 else narrowed(b, found, dtype)


# -- projective maps -----------------------------------------------------------------------------


def _warped(
    b: Any,
    images: Tensor,
    points: Any,
    interpolation: str,
    fill_mode: str,
    fill_value: float,
    layout: tuple[bool, bool],
) -> Tensor:
    """images (batch, height, width, channels) read at points: rows and columns, each (batch, height, width)."""
    batch, height, width, channels = b.shape(images)
    dtype = b.dtype_of(images)
    x = images if interpolation == "nearest" else wide(b, images)
    fill = _held(fill_value, dtype)
    base = b.multiply(b.arange(batch, dtype="int32"), height * width)
    base = b.reshape(b.broadcast_to(b.reshape(base, (-1, 1, 1)), (batch, height, width)), (-1,))
    flat = [b.reshape(b.broadcast_to(at, (batch, height, width)), (-1,)) for at in points]
    order = INTERPOLATIONS.index(interpolation)
    found = _sampled(b, b.reshape(x, (-1, channels)), (height, width), flat, order, fill_mode, fill, base)
    found = b.reshape(found, (batch, height, width, channels))
    found = b.cast(found, dtype) if order == 0 else narrowed(b, found, dtype)
    return restored(b, found, *layout)


def _grid(b: Any, images: Tensor, dtype: str) -> tuple[Tensor, Tensor]:
    """The rows (height, 1) and columns (1, width) of images (batch, height, width, channels)."""
    _, height, width, _ = b.shape(images)
    return b.reshape(b.arange(height, dtype=dtype), (-1, 1)), b.reshape(b.arange(width, dtype=dtype), (1, -1))


def _check_modes(name: str, interpolation: str, fill_mode: str) -> None:
    one_of(name, "interpolation", interpolation, INTERPOLATIONS)
    one_of(name, "fill_mode", fill_mode, FILL_MODES)


def _check_batch(b: Any, name: str, what: str, given: Tensor, images: Tensor, inner: tuple[int, ...]) -> Tensor:
    """`given`, of the inner shape, with an axis for the batch."""
    shape, batch = b.static_shape(given), b.static_shape(images)[0]
    given = b.expand_dims(given, 0) if len(shape) == len(inner) else given
    full = b.static_shape(given)
    if len(full) != len(inner) + 1 or full[1:] != inner or (None not in (full[0], batch) and full[0] not in (1, batch)):
        wanted = ", ".join(map(str, inner))
        raise ValueError(
            f"{name}: {what} must have the shape ({wanted},) or (batch, {wanted}) for a batch of {batch}; got {shape}."
        )
    return given


def _projected(
    b: Any, x: Tensor, transform: Tensor, interpolation: str, fill_mode: str, fill_value: float,
    layout: tuple[bool, bool],
) -> Tensor:  # fmt: skip
    a0, a1, a2, b0, b1, b2, c0, c1 = (b.reshape(t, (-1, 1, 1)) for t in b.unstack(transform, 8, 1))
    down, right = _grid(b, x, b.dtype_of(transform))
    depth = c0 * right + c1 * down + 1.0
    columns, rows = (a0 * right + a1 * down + a2) / depth, (b0 * right + b1 * down + b2) / depth
    return _warped(b, x, (rows, columns), interpolation, fill_mode, fill_value, layout)


def affine_transform(
    b: Any, images: Tensor, transform: Tensor, interpolation: str = "bilinear", fill_mode: str = "constant",
    fill_value: float = 0, data_format: str | None = None,
) -> Tensor:  # fmt: skip
    _check_modes("affine_transform", interpolation, fill_mode)
    x, *layout = channels_last(b, image_tensor(b, "affine_transform", images), data_format)
    transform = wide(b, b.convert_to_tensor(transform))
    transform = _check_batch(b, "affine_transform", "transform", transform, x, (8,))
    return _projected(b, x, transform, interpolation, fill_mode, fill_value, (layout[0], layout[1]))


def perspective_transform(
    b: Any, images: Tensor, start_points: Tensor, end_points: Tensor, interpolation: str = "bilinear",
    fill_value: float = 0, data_format: str | None = None,
) -> Tensor:  # fmt: skip
    name = "perspective_transform"
    one_of(name, "interpolation", interpolation, INTERPOLATIONS)
    x, *layout = channels_last(b, image_tensor(b, name, images), data_format)
    start, end = (
        _check_batch(b, name, what, wide(b, b.convert_to_tensor(points)), x, (4, 2))
        for what, points in (("start_points", start_points), ("end_points", end_points))
    )
    transform = _homography(b, end, start)
    return _projected(b, x, transform, interpolation, "constant", fill_value, (layout[0], layout[1]))


def _homography(b: Any, source: Tensor, target: Tensor) -> Tensor:
    """The eight numbers, as `affine_transform` has them, of the maps from four points (batch, 4, 2) to four others."""
    dtype = dtypes.result_type(b.dtype_of(source), b.dtype_of(target))
    source, target = b.cast(source, dtype), b.cast(target, dtype)
    # Both of one batch, which may be 1 in one of them.
    source, target = b.add(source, b.multiply(target, 0.0)), b.add(target, b.multiply(source, 0.0))
    one = b.ones_like(source[..., :1])
    zeros = b.zeros_like(b.concatenate([source, one], -1))
    point = b.concatenate([source, one], -1)
    of_x = b.concatenate([point, zeros, b.negative(b.multiply(source, target[..., :1]))], -1)
    of_y = b.concatenate([zeros, point, b.negative(b.multiply(source, target[..., 1:]))], -1)
    right = b.concatenate([target[..., :1], target[..., 1:]], 1)
    return b.squeeze(b.solve(b.concatenate([of_x, of_y], 1), right), -1)


def elastic_transform(
    b: Any, images: Tensor, alpha: float = 20.0, sigma: float = 5.0, interpolation: str = "bilinear",
    fill_mode: str = "reflect", fill_value: float = 0.0, seed: Any = None, data_format: str | None = None,
) -> Tensor:  # fmt: skip
    _check_modes("elastic_transform", interpolation, fill_mode)
    if not sigma > 0:
        raise ValueError(f"elastic_transform: sigma must be positive; got {sigma}.")
    x, *layout = channels_last(b, image_tensor(b, "elastic_transform", images), data_format)
    dtype = "float64" if b.dtype_of(x) == "float64" else "float32"
    batch, height, width, _ = b.shape(x)
    noise = b.random_normal((batch, height, width, 2), 0.0, float(sigma), dtype, seed)
    window = b.from_numpy(gaussian(np, window_size(sigma), float(sigma)).astype(dtype))
    moves = b.multiply(filtered(b, noise, [window, window], "same"), float(alpha))
    down, right = _grid(b, x, dtype)
    points = (b.add(moves[..., 0], down), b.add(moves[..., 1], right))
    return _warped(b, x, points, interpolation, fill_mode, fill_value, (layout[0], layout[1]))
