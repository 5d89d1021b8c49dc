"""What becomes of bounding boxes and of masks without channels when images are moved."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from triceras import ops
from triceras.utils import bounding_boxes as boxes

Sizes = tuple[Any, Any]


def moved_boxes(
    bounding_boxes: dict[str, Any], box_format: str, before: Sizes, after: Sizes, move: Callable[[Any], Any]
) -> dict[str, Any]:
    """Bounding boxes after `move`, a function of left, top, right, bottom in pixels (batch, boxes, 4).

    They are cut off at the edges of the new image, and what lies outside gets the label -1.
    `before` and `after` are (height, width) of the image.
    """
    corners = boxes.convert_format(bounding_boxes["boxes"], box_format, "xyxy", *before)
    kept = boxes.clip_to_image_size({**bounding_boxes, "boxes": move(corners)}, *after, bounding_box_format="xyxy")
    return boxes.convert_format(kept, "xyxy", box_format, *after)


def scaled(corners: Any, top: Any, left: Any, down: Any, across: Any) -> Any:
    """Corners moved by (-left, -top), then scaled by the factors `across` and `down`."""
    shift = ops.convert_to_tensor(np.array([left, top, left, top], "float32"))
    factor = ops.convert_to_tensor(np.array([across, down, across, down], "float32"))
    return ops.multiply(ops.subtract(corners, shift), factor)


def as_images(masks: Any, channel_axis: int, transform: Callable[[Any], Any]) -> Any:
    """What `transform` makes of a batch of masks, which may lack the axis of channels."""
    masks = ops.convert_to_tensor(masks)
    if len(ops.shape(masks)) == 4:
        return transform(masks)
    return ops.squeeze(transform(ops.expand_dims(masks, channel_axis)), channel_axis)
