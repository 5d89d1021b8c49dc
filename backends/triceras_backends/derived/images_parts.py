"""Parts of images: margins and patches."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from triceras_backends import config
from triceras_backends.contract.types import Tensor
from triceras_backends.derived.images_common import channels_last, image_tensor, numbers, one_of, restored


def _margins(
    name: str, what: str, sides: tuple[str, str, str], before: Any, after: Any, target: Any, size: int | None, sign: int
) -> tuple[int, int]:
    """The two margins of an axis, worked out from two of three numbers; `sign` is -1 for cropping."""
    names = (f"{sides[0]}_{what}", f"{sides[1]}_{what}", f"target_{sides[2]}")
    given = dict(zip(names, (before, after, target), strict=True))
    shown = ", ".join(f"{key}={value}" for key, value in given.items())
    if sum(value is None for value in given.values()) != 1:
        raise ValueError(f"{name}: exactly two of {', '.join(names)} must be given; got {shown}.")
    if any(value is not None and operator.index(value) < 0 for value in given.values()):
        raise ValueError(f"{name}: {', '.join(names)} must not be negative; got {shown}.")
    if target is not None and size is None:
        raise ValueError(f"{name}: the {sides[2]} of the images is unknown; give {names[0]} and {names[1]}.")
    total = sign * (target - size) if target is not None and size is not None else before + after
    before, after = (total - after if before is None else before), (total - before if after is None else after)
    if min(before, after) < 0 or (size is not None and size + sign * (before + after) < 0):
        raise ValueError(f"{name}: {shown} do not fit a {sides[2]} of {size}.")
    return before, after


def _both_margins(b: Any, name: str, what: str, images: Tensor, data_format: str | None, sign: int, given: Any) -> Any:
    """The images' first spatial axis, and the margins of both."""
    top, left, bottom, right, height, width = given
    first = config.standardize_data_format(data_format) == "channels_first"
    shape = b.static_shape(images)
    axis = len(shape) - (2 if first else 3)
    return axis, (
        _margins(name, what, ("top", "bottom", "height"), top, bottom, height, shape[axis], sign),
        _margins(name, what, ("left", "right", "width"), left, right, width, shape[axis + 1], sign),
    )


def crop_images(
    b: Any, images: Tensor, top_cropping: int | None = None, left_cropping: int | None = None,
    bottom_cropping: int | None = None, right_cropping: int | None = None, target_height: int | None = None,
    target_width: int | None = None, data_format: str | None = None,
) -> Tensor:  # fmt: skip
    images = image_tensor(b, "crop_images", images)
    given = (top_cropping, left_cropping, bottom_cropping, right_cropping, target_height, target_width)
    axis, margins = _both_margins(b, "crop_images", "cropping", images, data_format, -1, given)
    inner = [slice(before, -after if after else None) for before, after in margins]
    return b.getitem(images, (*(slice(None),) * axis, *inner))


def pad_images(
    b: Any, images: Tensor, top_padding: int | None = None, left_padding: int | None = None,
    bottom_padding: int | None = None, right_padding: int | None = None, target_height: int | None = None,
    target_width: int | None = None, data_format: str | None = None,
) -> Tensor:  # fmt: skip
    images = image_tensor(b, "pad_images", images)
    given = (top_padding, left_padding, bottom_padding, right_padding, target_height, target_width)
    axis, margins = _both_margins(b, "pad_images", "padding", images, data_format, 1, given)
    widths = [(0, 0)] * len(b.static_shape(images))
    widths[axis : axis + 2] = margins
    return b.pad(images, widths)


# -- patches -----------------------------------------------------------------------------------


def extract_patches(
    b: Any, images: Tensor, size: Any, strides: Any = None, dilation_rate: Any = 1, padding: str = "valid",
    data_format: str | None = None,
) -> Tensor:  # fmt: skip
    count = 3 if np.ndim(size) and len(size) == 3 else 2
    return _patches(b, "extract_patches", images, count, size, strides, dilation_rate, padding, data_format)


def extract_patches_3d(
    b: Any, volumes: Tensor, size: Any, strides: Any = None, dilation_rate: Any = 1, padding: str = "valid",
    data_format: str | None = None,
) -> Tensor:  # fmt: skip
    return _patches(b, "extract_patches_3d", volumes, 3, size, strides, dilation_rate, padding, data_format)


def _patches(
    b: Any, name: str, x: Tensor, count: int, size: Any, strides: Any, dilation_rate: Any, padding: str,
    data_format: str | None,
) -> Tensor:  # fmt: skip
    window = numbers(name, "size", size, count)
    step = window if strides is None else numbers(name, "strides", strides, count)
    dilation = numbers(name, "dilation_rate", dilation_rate, count)
    one_of(name, "padding", padding, ("valid", "same"))
    x = b.convert_to_tensor(x)
    if len(b.static_shape(x)) not in (count + 1, count + 2):
        raise ValueError(
            f"{name}: rank {count + 1}, or {count + 2} with a batch, is needed; got shape {b.static_shape(x)}."
        )
    x, first, single = channels_last(b, x, data_format, count + 2)
    counts: list[Any] = []
    # From the last axis to the first, each becomes two: the patch's place, and the place in the patch.
    for k in reversed(range(count)):
        x, places = _windows(b, name, x, k + 1, window[k], step[k], dilation[k], padding)
        counts.insert(0, places)
    places = range(1, 2 * count, 2)
    x = b.transpose(x, (0, *places, *(i + 1 for i in places), 2 * count + 1))
    shape = b.shape(x)
    depth = b.static_shape(x)[-1]
    depth = shape[-1] if depth is None else depth
    x = b.reshape(x, (shape[0], *counts, int(np.prod(window)) * depth))
    return restored(b, x, first, single)


def _windows(
    b: Any, name: str, x: Tensor, axis: int, window: int, step: int, dilation: int, padding: str
) -> tuple[Tensor, Any]:
    """x with that axis as two, (places, window), and the number of places."""
    size, reach = b.shape(x)[axis], (window - 1) * dilation + 1
    if padding == "same":
        places = (size + step - 1) // step
        total = (places - 1) * step + reach - size
        if not isinstance(total, int):
            raise ValueError(f'{name}: padding "same" needs sizes that are known; got {b.static_shape(x)}.')
        total = max(total, 0)
        widths = [(0, 0)] * len(b.static_shape(x))
        widths[axis] = (total // 2, total - total // 2)
        x = b.pad(x, widths) if total else x
    else:
        places = (size - reach) // step + 1
        if isinstance(places, int) and places < 1:
            raise ValueError(f"{name}: windows that reach over {reach} do not fit the shape {b.static_shape(x)}.")
    shape = b.shape(x)
    if window == step and dilation == 1:
        inner = (slice(None),) * axis + (slice(0, places * window),)
        x = x if shape[axis] is places * window else b.getitem(x, inner)
        return b.reshape(x, (*shape[:axis], places, window, *shape[axis + 1 :])), places
    offsets = np.arange(window, dtype="int32") * dilation
    if isinstance(places, int):
        index = np.arange(places, dtype="int32")[:, None] * step + offsets
    else:
        index = b.arange(places, dtype="int32")[:, None] * step + b.from_numpy(offsets)
    return b.take(x, index, axis=axis), places
