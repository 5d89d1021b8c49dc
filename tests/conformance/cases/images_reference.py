"""What the operations on images must give, written plainly with NumPy and SciPy."""

from __future__ import annotations

import colorsys
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import ndimage

Array = np.ndarray[Any, Any]
SCIPY_MODES = {"constant": "grid-constant", "wrap": "grid-wrap"}


def each_image(fn: Callable[..., Array], images: Array, data_format: str | None, *others: Any) -> Array:
    """fn(image, ...) of each image of a batch, its channels last; `others` are indexed like the batch."""
    first = data_format == "channels_first"
    single = images.ndim == 3
    batch = images[None] if single else images
    batch = np.moveaxis(batch, 1, -1) if first else batch
    out = np.stack([fn(image, *(other[i] for other in others)) for i, image in enumerate(batch)])
    out = np.moveaxis(out, 3, 1) if first else out
    return out[0] if single else out


def rounded(x: Array, like: Array) -> Array:
    """Floats as the dtype of the images keeps them."""
    if like.dtype.kind not in "iu":
        return x
    info = np.iinfo(like.dtype)
    return np.clip(np.round(x), info.min, info.max)


# -- colours -------------------------------------------------------------------------------


def rgb_to_grayscale(images: Array, data_format: str | None = None) -> Array:
    axis = -3 if data_format == "channels_first" else -1
    if images.shape[axis] == 1:
        return images
    return np.expand_dims(np.tensordot(images, [0.2989, 0.587, 0.114], ([axis], [0])), axis)


def by_colors(convert: Callable[..., Any]) -> Callable[..., Array]:
    def call(images: Array, data_format: str | None = None) -> Array:
        axis = -3 if data_format == "channels_first" else -1
        return np.apply_along_axis(lambda color: np.array(convert(*color)), axis, images.astype("float64"))

    return call


rgb_to_hsv = by_colors(colorsys.rgb_to_hsv)
hsv_to_rgb = by_colors(colorsys.hsv_to_rgb)

# -- sizes ---------------------------------------------------------------------------------


def _height(name: str, x: float) -> float:
    x = abs(x)
    if name == "linear":
        return max(1.0 - x, 0.0)
    if name == "cubic":
        if x < 1:
            return float(np.polyval([1.5, -2.5, 0.0, 1.0], x))
        return float(np.polyval([-0.5, 2.5, -4.0, 2.0], x)) if x < 2 else 0.0
    radius = int(name.removeprefix("lanczos"))
    return float(np.sinc(x) * np.sinc(x / radius)) if x < radius else 0.0


def resampled(x: Array, axis: int, new: int, kernel: str, antialias: bool, scale: float, shift: float = 0.0) -> Array:
    """One axis, an output at a time."""
    old = x.shape[axis]
    lines = np.moveaxis(x.astype("float64"), axis, 0)
    out = np.zeros((new, *lines.shape[1:]))
    width = max(1.0 / scale, 1.0) if antialias else 1.0
    for i in range(new):
        center = (i + 0.5 - shift) / scale - 0.5
        if -0.5 <= center <= old - 0.5:
            weights = np.array([_height(kernel, (j - center) / width) for j in range(old)])
            out[i] = np.tensordot(weights / weights.sum(), lines, 1)
    return np.moveaxis(out, 0, axis)


_KERNELS = {"bilinear": "linear", "bicubic": "cubic"}


def resize(
    images: Array,
    size: Any,
    interpolation: str = "bilinear",
    antialias: bool = False,
    crop_to_aspect_ratio: bool = False,
    pad_to_aspect_ratio: bool = False,
    fill_mode: str = "constant",
    fill_value: float = 0.0,
    data_format: str | None = None,
) -> Array:
    axis = images.ndim - (2 if data_format == "channels_first" else 3)
    height, width = images.shape[axis : axis + 2]
    counterparts = (width * size[0] // size[1], height * size[1] // size[0])
    x = images
    if crop_to_aspect_ratio:
        for k, n in enumerate(counterparts):
            extra = max(images.shape[axis + k] - n, 0)
            x = np.take(x, range(extra // 2, extra // 2 + images.shape[axis + k] - extra), axis + k)
    if pad_to_aspect_ratio:
        for k, n in enumerate(counterparts):
            extra = max(n - images.shape[axis + k], 0)
            widths = [(0, 0)] * images.ndim
            widths[axis + k] = (extra // 2, extra - extra // 2)
            x = np.pad(x, widths, constant_values=fill_value)
    for k, new in enumerate(size):
        old = x.shape[axis + k]
        if interpolation == "nearest":
            x = np.take(x, np.floor((np.arange(new) + 0.5) * old / new).astype(int), axis + k)
        else:
            kernel = _KERNELS.get(interpolation, interpolation)
            x = resampled(x, axis + k, new, kernel, antialias, new / old)
    return x if interpolation == "nearest" else rounded(x, images)


def scale_and_translate(
    images: Array,
    output_shape: Any,
    scale: Any,
    translation: Any,
    spatial_dims: Any,
    method: str,
    antialias: bool = True,
) -> Array:
    x = images
    for k, axis in enumerate(spatial_dims):
        kernel = {"bilinear": "linear", "tricubic": "cubic"}.get(method, method)
        x = resampled(x, axis, output_shape[axis], kernel, antialias, float(scale[k]), float(translation[k]))
    return rounded(x, images)


def patches(
    images: Array,
    size: Any,
    strides: Any = None,
    dilation_rate: Any = 1,
    padding: str = "valid",
    data_format: str | None = None,
) -> Array:
    """Of images and of volumes, by the length of `size`."""
    size = (size, size) if isinstance(size, int) else size
    n = len(size)
    strides = size if strides is None else (strides,) * n if isinstance(strides, int) else strides
    dilation = (dilation_rate,) * n if isinstance(dilation_rate, int) else dilation_rate
    single = images.ndim == n + 1
    x = images[None] if single else images
    x = np.moveaxis(x, 1, -1) if data_format == "channels_first" else x
    for k in range(n):
        reach = (size[k] - 1) * dilation[k] + 1
        if padding == "same":
            total = max((-(-x.shape[k + 1] // strides[k]) - 1) * strides[k] + reach - x.shape[k + 1], 0)
            widths = [(0, 0)] * x.ndim
            widths[k + 1] = (total // 2, total - total // 2)
            x = np.pad(x, widths)
    reaches = [(w - 1) * d + 1 for w, d in zip(size, dilation, strict=True)]
    views = np.lib.stride_tricks.sliding_window_view(x, reaches, tuple(range(1, n + 1)))
    views = views[(slice(None), *(slice(None, None, s) for s in strides), slice(None))]
    views = views[(..., *(slice(None, None, d) for d in dilation))]
    out = np.moveaxis(views, n + 1, -1).reshape(*views.shape[: n + 1], -1)
    out = np.moveaxis(out, -1, 1) if data_format == "channels_first" else out
    return out[0] if single else out


# -- geometry ------------------------------------------------------------------------------


def map_coordinates(
    inputs: Array, coordinates: Array, order: int, fill_mode: str = "constant", fill_value: float = 0
) -> Array:
    mode = SCIPY_MODES.get(fill_mode, fill_mode)
    kept = np.asarray(fill_value).astype(inputs.dtype).astype("float64")
    out = ndimage.map_coordinates(inputs.astype("float64"), coordinates, order=order, mode=mode, cval=kept)
    return rounded(out, inputs)


def _warped(image: Array, rows: Array, columns: Array, interpolation: str, mode: str, value: float) -> Array:
    order = ("nearest", "bilinear").index(interpolation)
    layers = [
        map_coordinates(layer, np.stack([rows, columns]), order, mode, value) for layer in np.moveaxis(image, -1, 0)
    ]
    return np.stack(layers, -1)


def _projected(image: Array, t: Array, interpolation: str, mode: str, value: float) -> Array:
    y, x = np.mgrid[: image.shape[0], : image.shape[1]]
    depth = t[6] * x + t[7] * y + 1
    rows, columns = (t[3] * x + t[4] * y + t[5]) / depth, (t[0] * x + t[1] * y + t[2]) / depth
    return _warped(image, rows, columns, interpolation, mode, value)


def affine_transform(
    images: Array,
    transform: Array,
    interpolation: str = "bilinear",
    fill_mode: str = "constant",
    fill_value: float = 0,
    data_format: str | None = None,
) -> Array:
    count = images.shape[0] if images.ndim == 4 else 1
    transforms = np.broadcast_to(transform, (count, 8))
    return each_image(
        lambda image, t: _projected(image, t, interpolation, fill_mode, fill_value), images, data_format, transforms
    )


def perspective_transform(
    images: Array,
    start_points: Array,
    end_points: Array,
    interpolation: str = "bilinear",
    fill_value: float = 0,
    data_format: str | None = None,
) -> Array:
    count = images.shape[0] if images.ndim == 4 else 1
    points = [np.broadcast_to(p, (count, 4, 2)) for p in (start_points, end_points)]

    def one(image: Array, start: Array, end: Array) -> Array:
        rows = [row for (x, y), (u, v) in zip(end, start, strict=True)
                for row in ([x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y])]  # fmt: skip
        t = np.linalg.solve(np.array(rows, "float64"), start.astype("float64").reshape(-1))
        return _projected(image, t, interpolation, "constant", fill_value)

    return each_image(one, images, data_format, *points)


# -- filters -------------------------------------------------------------------------------


def gaussian(size: int, sigma: float) -> Array:
    places = np.arange(size) - (size - 1) / 2
    heights = np.exp(-(places**2) / (2.0 * sigma**2))
    return heights / heights.sum()


def gaussian_blur(
    images: Array, kernel_size: Any = (3, 3), sigma: Any = (1.0, 1.0), data_format: str | None = None
) -> Array:
    sizes, sigmas = np.broadcast_to(kernel_size, 2), np.broadcast_to(sigma, 2)

    def one(image: Array) -> Array:
        for axis in range(2):
            window = gaussian(int(sizes[axis]), float(sigmas[axis]))
            # SciPy puts the odd element of an even window before, we after.
            origin = -1 if sizes[axis] % 2 == 0 else 0
            image = ndimage.correlate1d(image, window, axis, mode="constant", origin=origin)
        return image

    return rounded(each_image(one, images.astype("float64"), data_format), images)


def sobel_edges(images: Array, data_format: str | None = None) -> Array:
    def one(image: Array) -> Array:
        return np.stack([ndimage.sobel(image, axis, mode="constant") for axis in (0, 1)], -1)

    first = data_format == "channels_first"
    single = images.ndim == 3
    batch = images[None] if single else images
    # The two windows reach over height and width only.
    batch = np.moveaxis(batch, 1, -1) if first else batch
    out = np.stack(
        [np.stack([one(image[..., c]) for c in range(image.shape[-1])], -2) for image in batch.astype("float64")]
    )
    out = np.moveaxis(out, -2, 1) if first else out
    return out[0] if single else out


def ssim(
    image1: Array,
    image2: Array,
    max_val: float = 1.0,
    filter_size: int = 11,
    filter_sigma: float = 1.5,
    k1: float = 0.01,
    k2: float = 0.03,
    data_format: str | None = None,
) -> Array:
    window = gaussian(filter_size, filter_sigma)
    window = np.outer(window, window)

    def moment(layer: Array) -> Array:
        views = np.lib.stride_tricks.sliding_window_view(layer, window.shape)
        return np.einsum("ijkl,kl->ij", views, window)

    def layer_index(x: Array, y: Array) -> float:
        mx, my = moment(x), moment(y)
        c1, c2 = (k1 * max_val) ** 2, (k2 * max_val) ** 2
        vx, vy, cov = moment(x * x) - mx**2, moment(y * y) - my**2, moment(x * y) - mx * my
        return float(np.mean((2 * mx * my + c1) * (2 * cov + c2) / ((mx**2 + my**2 + c1) * (vx + vy + c2))))

    pair = [np.moveaxis(x, -1, -3) if data_format != "channels_first" else x for x in (image1, image2)]
    pair = [x.astype("float64").reshape(-1, *x.shape[-3:]) for x in pair]
    values = [np.mean([layer_index(p, q) for p, q in zip(x, y, strict=True)]) for x, y in zip(*pair, strict=True)]
    return np.array(values).reshape(image1.shape[:-3])
