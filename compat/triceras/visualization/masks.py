"""Images with the classes of their pixels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from triceras.visualization.gallery import plot_image_gallery
from triceras.visualization.host import Array, back, batch_of_images, to_bytes, to_host


def draw_segmentation_masks(
    images: Any,
    segmentation_masks: Any,
    num_classes: int | None = None,
    color_mapping: Any = None,
    alpha: float = 0.8,
    blend: bool = True,
    ignore_index: int = -1,
    data_format: str | None = None,
) -> Array:
    """Images whose pixels have the colours of their classes.

    Args:
        images: (batch, height, width, 3), values from 0 to 255.
        segmentation_masks: the class of each pixel, integers (batch, height, width, 1).
        num_classes: pixels of this class and above stay; None is the largest class plus one.
        color_mapping: a dict or list from class to (red, green, blue); None takes colours of its own.
        alpha: how much of the colour is seen, from 0 to 1.
        blend: False covers the image altogether.
        ignore_index: pixels of this class stay.
        data_format: "channels_first" for (batch, 3, height, width); None is `config.image_data_format()`.

    Returns: a uint8 array in the shape of the images.

    Raises ValueError: other shapes, or a class without a colour. Raises TypeError: masks that are no integers.

    Example:

    >>> masks = np.array([[[[0], [1]]]])
    >>> colours = {0: (0, 0, 0), 1: (250, 0, 0)}
    >>> keras.visualization.draw_segmentation_masks(np.full((1, 1, 2, 3), 100), masks, color_mapping=colours).tolist()
    [[[[20, 20, 20], [220, 20, 20]]]]
    """
    found, first = batch_of_images(images, data_format)
    masks = _classes(segmentation_masks, found, first)
    shown = found.astype("float64")
    inside = masks != (ignore_index if ignore_index is not None else -1)
    inside &= masks >= 0
    count = int(masks.max(initial=-1)) + 1 if num_classes is None else num_classes
    inside &= masks < count
    colours = _colours(color_mapping, count)[np.where(inside, masks, 0)]
    share = alpha if blend else 1.0
    painted = np.round(colours * share + shown * (1 - share), 6)  # what is 20 but for float's rounding is 20
    return back(to_bytes(np.where(inside[..., None], painted, shown)), first)


def _classes(segmentation_masks: Any, images: Array, first: bool) -> Array:
    masks = to_host(segmentation_masks)
    if masks.dtype.kind not in "iu":
        raise TypeError(f"segmentation_masks must be integers; got dtype {masks.dtype}.")
    if masks.ndim == 4:
        masks = masks.transpose(0, 2, 3, 1) if first else masks
    if masks.shape != (*images.shape[:3], 1) or images.shape[3] != 3:
        raise ValueError(
            "images must have 3 channels and segmentation_masks 1, of the same sizes; "
            f"got the shapes {images.shape} and {masks.shape} (channels last)."
        )
    return masks[..., 0].astype("int64")


def _colours(mapping: Any, count: int) -> Array:
    """The colour of each class, (classes, 3)."""
    if mapping is None:
        classes = np.arange(max(count, 1))[:, None]
        return (classes * np.array([1, 127, 31]) % 255).astype("float32")
    known = dict(mapping) if isinstance(mapping, Mapping) else dict(enumerate(mapping))
    missing = [index for index in range(count) if index not in known]
    if missing:
        raise ValueError(f"color_mapping has no colour for the classes {missing}; num_classes is {count}.")
    return np.array([known[index] for index in range(max(count, 1))] if count else [(0, 0, 0)], "float32")


def plot_segmentation_mask_gallery(
    images: Any,
    num_classes: int,
    value_range: Any = (0, 255),
    y_true: Any = None,
    y_pred: Any = None,
    color_mapping: Any = None,
    blend: bool = True,
    alpha: float = 0.8,
    ignore_index: int = -1,
    data_format: str | None = None,
    **kwargs: Any,
) -> Any:
    """Rows of an image, the image with its true classes, and the image with the predicted ones.

    Args:
        images: (batch, height, width, 3).
        num_classes: how many classes there are.
        value_range: the least and largest value of the images.
        y_true, y_pred: the class of each pixel, integers (batch, height, width, 1); None leaves the column out.
        color_mapping, blend, alpha, ignore_index, data_format: as for `draw_segmentation_masks`.
        **kwargs: `rows`, how many images, and others of `plot_image_gallery`.

    Raises as `draw_segmentation_masks` and `plot_image_gallery` do.

    Example:

    >>> images, masks = np.zeros((2, 8, 8, 3)), np.zeros((2, 8, 8, 1), "int32")
    >>> keras.visualization.plot_segmentation_mask_gallery(images, 2, y_true=masks, path="masks.png")
    """
    found, _ = batch_of_images(images, data_format)
    low, high = value_range
    plain = to_bytes((found - low) * (255.0 / (high - low)))
    columns = [plain]
    for given in (y_true, y_pred):
        if given is not None:
            masks = to_host(given)
            if data_format == "channels_first" and masks.ndim == 4:
                masks = masks.transpose(0, 2, 3, 1)
            columns.append(
                draw_segmentation_masks(
                    plain, masks, num_classes, color_mapping, alpha, blend, ignore_index, "channels_last"
                )
            )
    rows = kwargs.pop("rows", None) or len(plain)
    if "cols" in kwargs:
        raise TypeError("plot_segmentation_mask_gallery has the columns of its masks; cols cannot be given.")
    shown = np.concatenate([image[None] for row in zip(*columns, strict=True) for image in row])
    return plot_image_gallery(
        shown[: rows * len(columns)], rows=rows, cols=len(columns), data_format="channels_last", **kwargs
    )
