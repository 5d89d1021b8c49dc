"""Filters, and the comparison made of them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from triceras_backends import config, dtypes
from triceras_backends.contract.types import Tensor
from triceras_backends.derived.images_common import channels_last, image_tensor, narrowed, numbers, restored, wide
from triceras_backends.derived.operands import floated

_SOBEL = np.stack([np.outer([-1, 0, 1], [1, 2, 1]), np.outer([1, 2, 1], [-1, 0, 1])], -1)


def gaussian(m: Any, size: int, sigma: Any) -> Any:
    """The window of a Gaussian, which sums to 1; m is NumPy or a backend."""
    places = np.arange(size) - (size - 1) / 2
    places = places if m is np else m.from_numpy(places.astype(m.dtype_of(sigma)))
    heights = m.exp(-0.5 * m.square(places / sigma))
    return heights / m.sum(heights)


def filtered(b: Any, x: Tensor, windows: Any, padding: str) -> Tensor:
    """x (batch, height, width, channels) filtered by a window along the height, and one along the width."""
    channels = b.shape(x)[-1]
    for axis, window in enumerate(windows):
        shape = (-1, 1, 1, 1) if axis == 0 else (1, -1, 1, 1)
        kernel = b.reshape(window, shape)
        size = b.static_shape(window)[0]
        full = (size, 1, channels, 1) if axis == 0 else (1, size, channels, 1)
        if size > 1 or padding == "same":
            x = b.depthwise_conv(x, b.broadcast_to(kernel, full), 1, padding, "channels_last")
    return x


def _sigmas(b: Any, sigma: Any) -> tuple[Any, Any]:
    """Two numbers, or two tensors of rank 0."""
    sigma = sigma.tolist() if isinstance(sigma, (np.ndarray, np.generic)) else sigma
    pair = tuple(sigma) if isinstance(sigma, (list, tuple)) else (sigma, sigma)
    if all(isinstance(s, (int, float)) for s in pair):
        if len(pair) != 2 or min(pair) <= 0:
            raise ValueError(f"gaussian_blur: sigma must be a positive number or two of them; got {sigma!r}.")
        return pair[0], pair[1]
    sigma = wide(b, b.convert_to_tensor(sigma))
    if b.static_shape(sigma) not in ((), (2,)):
        raise ValueError(f"gaussian_blur: sigma must be one number or two; got shape {b.static_shape(sigma)}.")
    height, width = b.unstack(sigma) if b.static_shape(sigma) else (sigma, sigma)
    return height, width


def gaussian_blur(
    b: Any, images: Tensor, kernel_size: Any = (3, 3), sigma: Any = (1.0, 1.0), data_format: str | None = None
) -> Tensor:
    images = image_tensor(b, "gaussian_blur", images)
    sizes = numbers("gaussian_blur", "kernel_size", kernel_size, 2)
    x, first, single = channels_last(b, wide(b, images), data_format)
    dtype = b.dtype_of(x)
    windows = [
        b.from_numpy(gaussian(np, size, s).astype(dtype))
        if isinstance(s, (int, float))
        else b.cast(gaussian(b, size, s), dtype)
        for size, s in zip(sizes, _sigmas(b, sigma), strict=True)
    ]
    return narrowed(b, restored(b, filtered(b, x, windows, "same"), first, single), b.dtype_of(images))


def sobel_edges(b: Any, images: Tensor, data_format: str | None = None) -> Tensor:
    images = image_tensor(b, "sobel_edges", images)
    dtype = dtypes.float_type(b.dtype_of(images))
    x, first, single = channels_last(b, wide(b, images), data_format)
    channels = b.shape(x)[-1]
    kernel = b.from_numpy(_SOBEL[:, :, None, :].astype(b.dtype_of(x)))
    edges = b.depthwise_conv(x, b.broadcast_to(kernel, (3, 3, channels, 2)), 1, "same", "channels_last")
    edges = b.reshape(edges, (*b.shape(x), 2))
    edges = b.moveaxis(edges, -2, 1) if first else edges
    return b.cast(b.squeeze(edges, 0) if single else edges, dtype)


def ssim(
    b: Any, image1: Tensor, image2: Tensor, max_val: float = 1.0, filter_size: int = 11, filter_sigma: float = 1.5,
    k1: float = 0.01, k2: float = 0.03, data_format: str | None = None,
) -> Tensor:  # fmt: skip
    (size,) = numbers("ssim", "filter_size", filter_size, 1)
    x, y = floated(b, image_tensor(b, "ssim", image1, "image1"), image_tensor(b, "ssim", image2, "image2"))
    dtype = b.dtype_of(x)
    _check_alike(b.static_shape(x), b.static_shape(y), size, data_format)
    x, _, single = channels_last(b, wide(b, x), data_format)
    y, _, _ = channels_last(b, wide(b, y), data_format)
    window = b.from_numpy(gaussian(np, size, float(filter_sigma)).astype(b.dtype_of(x)))
    moments = b.concatenate([x, y, b.multiply(x, y), b.add(b.square(x), b.square(y))], -1)
    mean1, mean2, product, squares = b.split(filtered(b, moments, [window, window], "valid"), 4, -1)
    c1, c2 = (k1 * max_val) ** 2, (k2 * max_val) ** 2
    means, mean_squares = b.multiply(mean1, mean2), b.add(b.square(mean1), b.square(mean2))
    luminance = (2.0 * means + c1) / (mean_squares + c1)
    structure = (2.0 * (product - means) + c2) / (squares - mean_squares + c2)
    similarity = b.mean(b.multiply(luminance, structure), (1, 2, 3))
    return b.cast(b.squeeze(similarity, 0) if single else similarity, dtype)


def _check_alike(first: Any, second: Any, size: int, data_format: str | None) -> None:
    if len(first) != len(second) or any(
        None not in pair and pair[0] != pair[1] for pair in zip(first, second, strict=True)
    ):
        raise ValueError(f"ssim: image1 and image2 must have the same shape; got {first} and {second}.")
    leading = config.standardize_data_format(data_format) == "channels_first"
    spatial = first[-2:] if leading else first[-3:-1]
    if any(n is not None and n < size for n in spatial):
        raise ValueError(f"ssim: a window of filter_size={size} does not fit images of shape {first}.")


def window_size(sigma: float) -> int:
    """The odd size of a window that reaches to three standard deviations."""
    return 2 * math.ceil(3 * sigma) + 1
