"""Bounding boxes: formats, geometry, overlap and their encoding relative to anchors.

Boxes are a tensor (..., 4), or a dict of "boxes" and "labels". The four numbers, in pixels, by format:

- "xyxy": left, top, right, bottom; "yxyx": top, left, bottom, right
- "xywh": left, top, width, height
- "center_xywh": the centre's x and y, width, height; "center_yxhw": the centre's y and x, height, width
- "rel_xyxy", "rel_yxyx", "rel_xywh", "rel_center_xywh": the same as fractions of the image's width and height
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from triceras import ops
from triceras_backends import dtypes
from triceras_backends.config import epsilon, image_data_format

FORMATS = (
    "xyxy", "yxyx", "xywh", "center_xywh", "center_yxhw", "rel_xyxy", "rel_yxyx", "rel_xywh", "rel_center_xywh",
)  # fmt: skip
_CENTRED = ("center_xywh", "center_yxhw")


# -- formats ---------------------------------------------------------------------------------


def convert_format(
    boxes: Any, source: str, target: str, height: Any = None, width: Any = None, dtype: Any = "float32"
) -> Any:
    """Boxes in another format.

    Args:
        boxes: a tensor (..., 4), or a dict with such "boxes".
        source: the format they are in (see the module), in any case.
        target: the format to convert to.
        height: of the image, a number or one an image (batch,); needed from or to fractions.
        width: of the image, likewise.
        dtype: of the result.

    Returns: the same structure.

    Raises ValueError: an unknown format, boxes without four numbers, sizes that are missing.

    Example:

    >>> boxes = np.array([[10.0, 20.0, 30.0, 40.0], [50.0, 60.0, 70.0, 80.0]])
    >>> keras.ops.convert_to_numpy(keras.utils.bounding_boxes.convert_format(boxes, "xyxy", "xywh")).tolist()
    [[10.0, 20.0, 20.0, 20.0], [50.0, 60.0, 20.0, 20.0]]
    """
    if isinstance(boxes, Mapping):
        converted = convert_format(_boxes_of(boxes), source, target, height, width, dtype)
        return {**boxes, "boxes": converted}
    source, target = _format(source), _format(target)
    boxes = ops.cast(_boxes_of(boxes), dtype)
    if source == target:
        return boxes
    scales = source.startswith("rel_") != target.startswith("rel_")
    if scales and (height is None or width is None):
        raise ValueError(
            "convert_format() needs `height` and `width` between fractions and pixels: from "
            f"{source!r} to {target!r} it got height={height!r}, width={width!r}."
        )
    boxes = _corners(boxes, source.removeprefix("rel_"))
    if scales:
        image = _sizes(height, width, boxes)
        boxes = ops.multiply(boxes, image) if source.startswith("rel_") else ops.divide(boxes, image)
    return ops.cast(_from_corners(boxes, target.removeprefix("rel_")), dtype)


def _format(name: Any) -> str:
    found = name.lower() if isinstance(name, str) else name
    if found not in FORMATS:
        raise ValueError(f"Unknown format of bounding boxes: {name!r}. There are: {', '.join(FORMATS)}.")
    return found


def _boxes_of(boxes: Any) -> Any:
    """The tensor of boxes, checked."""
    if isinstance(boxes, Mapping):
        if "boxes" not in boxes:
            raise KeyError(f'A dict of bounding boxes must have the key "boxes"; got the keys {list(boxes)}.')
        boxes = boxes["boxes"]
    boxes = ops.convert_to_tensor(boxes)
    shape = tuple(ops.shape(boxes))
    if not shape or shape[-1] != 4:
        raise ValueError(f"Bounding boxes must have a last dimension of 4; got boxes of shape {shape}.")
    return boxes


def _corners(boxes: Any, source: str) -> Any:
    """Boxes as left, top, right, bottom."""
    if source in ("yxyx", "center_yxhw"):
        boxes = _swapped(boxes)
    if source == "xywh":
        start = boxes[..., :2]
        return ops.concatenate([start, ops.add(start, boxes[..., 2:])], axis=-1)
    if source in _CENTRED:
        centre, half = boxes[..., :2], ops.multiply(boxes[..., 2:], 0.5)
        return ops.concatenate([ops.subtract(centre, half), ops.add(centre, half)], axis=-1)
    return boxes


def _from_corners(boxes: Any, target: str) -> Any:
    if target in ("xywh", *_CENTRED):
        start, size = boxes[..., :2], ops.subtract(boxes[..., 2:], boxes[..., :2])
        if target in _CENTRED:
            start = ops.add(start, ops.multiply(size, 0.5))
        boxes = ops.concatenate([start, size], axis=-1)
    return _swapped(boxes) if target in ("yxyx", "center_yxhw") else boxes


def _swapped(boxes: Any) -> Any:
    """x and y in the other order."""
    return ops.take(boxes, np.array([1, 0, 3, 2]), axis=-1)


def _sizes(height: Any, width: Any, boxes: Any) -> Any:
    """(width, height, width, height), to multiply boxes with."""
    dtype = ops.dtype(boxes)
    dtype = dtype if dtypes.is_float(dtype) else "float32"
    height, width = (ops.cast(ops.convert_to_tensor(size), dtype) for size in (height, width))
    sizes = ops.stack([width, height, width, height], axis=-1)
    shape = tuple(ops.shape(sizes))
    return sizes if len(shape) == 1 else ops.reshape(sizes, (shape[0], *(1,) * (len(ops.shape(boxes)) - 2), 4))


# -- geometry --------------------------------------------------------------------------------


def _by_corners(
    boxes: Any, box_format: str, change: Callable[[Any], Any], height: Any = None, width: Any = None
) -> Any:
    """Boxes changed as left, top, right, bottom in pixels, in their format and dtype again."""
    tensor = _boxes_of(boxes)
    dtype = ops.dtype(tensor)
    corners = convert_format(tensor, box_format, "xyxy", height, width, dtype)
    result = convert_format(change(corners), "xyxy", box_format, height, width, dtype)
    return {**boxes, "boxes": result} if isinstance(boxes, Mapping) else result


def clip_to_image_size(
    bounding_boxes: Any, height: Any = None, width: Any = None, bounding_box_format: str = "xyxy"
) -> Any:
    """Boxes cut off at the image's edges; a box of which nothing is left gets the label -1.

    Args:
        bounding_boxes: a dict of "boxes", (boxes, 4) or (batch, boxes, 4), and "labels" without the last dimension;
            or the tensor of boxes alone.
        height: of the image; not needed for boxes in fractions.
        width: of the image.
        bounding_box_format: see the module.

    Returns: the same structure.

    Raises ValueError: an unknown format, boxes without four numbers, sizes that are missing.

    Example:

    >>> boxes = {"boxes": np.array([[-5.0, 0.0, 8.0, 9.0], [20.0, 20.0, 30.0, 30.0]]), "labels": np.array([3, 4])}
    >>> clipped = keras.utils.bounding_boxes.clip_to_image_size(boxes, height=10, width=10)
    >>> keras.ops.convert_to_numpy(clipped["labels"]).tolist()
    [3, -1]
    """
    relative = _format(bounding_box_format).startswith("rel_")
    if not relative and (height is None or width is None):
        raise ValueError(
            f"clip_to_image_size() needs `height` and `width` for the format {bounding_box_format!r}; "
            f"got height={height!r}, width={width!r}."
        )
    height, width = (1, 1) if relative else (height, width)
    empty = None

    def clip(corners: Any) -> Any:
        nonlocal empty
        corners = ops.minimum(ops.maximum(corners, 0), ops.cast(_sizes(height, width, corners), ops.dtype(corners)))
        sides = ops.subtract(corners[..., 2:], corners[..., :2])
        empty = ops.less_equal(ops.min(sides, axis=-1), 0)
        return corners

    result = _by_corners(bounding_boxes, bounding_box_format, clip, height, width)
    if isinstance(result, dict) and "labels" in result:
        labels = ops.convert_to_tensor(result["labels"])
        result["labels"] = ops.where(empty, ops.cast(-1, ops.dtype(labels)), labels)
    return result


def affine_transform(
    boxes: Any,
    angle: Any,
    translate_x: Any,
    translate_y: Any,
    scale: Any,
    shear_x: Any,
    shear_y: Any,
    height: Any,
    width: Any,
    center_x: Any = None,
    center_y: Any = None,
    bounding_box_format: str = "xyxy",
) -> Any:
    """The upright boxes around boxes that are moved, turned, scaled and sheared, in that order.

    A corner p goes to c + scale M (p + t - c), where c = (center_x (width - 1), center_y (height - 1)),
    t = (translate_x (width - 1), translate_y (height - 1)) and, with cosine and sine of the angle C and S and the
    tangents of the shears X and Y, M = [[C + X (S - Y C), S + X (C + Y S)], [Y C - S, C + Y S]].

    Args:
        boxes: a tensor (boxes, 4) or (batch, boxes, 4), or a dict with such "boxes".
        angle: in degrees, counterclockwise as one looks at the image.
        translate_x: as a fraction of the width.
        translate_y: as a fraction of the height.
        scale: a factor.
        shear_x: in degrees, along the rows.
        shear_y: in degrees, along the columns.
        height: of the image.
        width: of the image.
        center_x: what stays where it is, as a fraction of the width; None is the middle.
        center_y: as a fraction of the height; None is the middle.
        bounding_box_format: see the module.

    Each of the first six is a number or a tensor with one an image, (batch,).

    Returns: the same structure.

    Raises ValueError: an unknown format, boxes without four numbers.

    Example:

    >>> moved = keras.utils.bounding_boxes.affine_transform(
    ...     np.array([[0.0, 0.0, 10.0, 20.0]]), angle=0.0, translate_x=0.1, translate_y=0.0, scale=1.0, shear_x=0.0,
    ...     shear_y=0.0, height=101, width=201
    ... )
    >>> keras.ops.convert_to_numpy(moved).tolist()
    [[20.0, 0.0, 30.0, 20.0]]
    """
    settings = (angle, translate_x, translate_y, scale, shear_x, shear_y)
    numbers = [ops.cast(ops.convert_to_tensor(value), "float32") for value in settings]
    turn, move_x, move_y, factor, along_x, along_y = (_beside_boxes(value) for value in numbers)
    cos, sin = ops.cos(_radians(turn)), ops.sin(_radians(turn))
    across, down = ops.tan(_radians(along_x)), ops.tan(_radians(along_y))
    low = ops.subtract(ops.multiply(down, cos), sin)
    high = ops.add(cos, ops.multiply(down, sin))
    rows = [
        [ops.subtract(cos, ops.multiply(across, low)), ops.add(sin, ops.multiply(across, high))],
        [low, high],
    ]
    right, bottom = _less_one(width), _less_one(height)
    middle_x = ops.multiply(right, 0.5 if center_x is None else center_x)
    middle_y = ops.multiply(bottom, 0.5 if center_y is None else center_y)

    def change(corners: Any) -> Any:
        x, y = corner_points(corners)
        x = ops.subtract(ops.add(x, ops.multiply(move_x, right)), middle_x)
        y = ops.subtract(ops.add(y, ops.multiply(move_y, bottom)), middle_y)
        moved = [
            ops.add(ops.multiply(factor, ops.add(ops.multiply(row[0], x), ops.multiply(row[1], y))), middle)
            for row, middle in zip(rows, (middle_x, middle_y), strict=True)
        ]
        return ops.cast(enclosing(*moved), ops.dtype(corners))

    return _by_corners(boxes, bounding_box_format, change, height, width)


def _radians(degrees: Any) -> Any:
    return ops.multiply(degrees, math.pi / 180)


def _less_one(size: Any) -> Any:
    return ops.subtract(ops.cast(ops.convert_to_tensor(size), "float32"), 1)


def _beside_boxes(value: Any) -> Any:
    """A number, or one an image as (batch, 1, 1)."""
    return ops.reshape(value, (-1, 1, 1)) if len(ops.shape(value)) else value


def corner_points(corners: Any) -> tuple[Any, Any]:
    """x and y of the four corners of each box, both (..., boxes, 4)."""
    return ops.take(corners, np.array([0, 2, 2, 0]), axis=-1), ops.take(corners, np.array([1, 1, 3, 3]), axis=-1)


def enclosing(x: Any, y: Any) -> Any:
    """The upright box around points: x and y (..., points) to left, top, right, bottom (..., 4)."""
    return ops.stack([ops.min(x, axis=-1), ops.min(y, axis=-1), ops.max(x, axis=-1), ops.max(y, axis=-1)], axis=-1)


def crop(boxes: Any, top: Any, left: Any, height: Any, width: Any, bounding_box_format: str = "xyxy") -> Any:
    """Boxes as they are in a part of the image: moved by (-left, -top), and cut off at the part's edges.

    Args:
        boxes: a tensor (boxes, 4) or (batch, boxes, 4), or a dict with such "boxes".
        top: the part's first row, a number or one an image (batch,).
        left: its first column, likewise.
        height: of the part.
        width: of the part.
        bounding_box_format: see the module; not in fractions.

    Returns: the same structure.

    Raises ValueError: an unknown format or one in fractions, boxes without four numbers.

    Example:

    >>> boxes = np.array([[10.0, 20.0, 50.0, 60.0], [70.0, 80.0, 100.0, 120.0]])
    >>> cropped = keras.utils.bounding_boxes.crop(boxes, top=10, left=20, height=40, width=30)
    >>> keras.ops.convert_to_numpy(cropped).tolist()
    [[0.0, 10.0, 30.0, 40.0], [30.0, 40.0, 30.0, 40.0]]
    """
    _in_pixels("crop", bounding_box_format)

    def change(corners: Any) -> Any:
        dtype = ops.dtype(corners)
        moved = ops.subtract(corners, ops.cast(_sizes(top, left, corners), dtype))
        return ops.minimum(ops.maximum(moved, 0), ops.cast(_sizes(height, width, corners), dtype))

    return _by_corners(boxes, bounding_box_format, change)


def pad(
    boxes: Any, top: Any, left: Any, height: Any = None, width: Any = None, bounding_box_format: str = "xyxy"
) -> Any:
    """Boxes as they are in an image with margins: moved by (left, top).

    Args:
        boxes: a tensor (boxes, 4) or (batch, boxes, 4), or a dict with such "boxes".
        top: rows put above the image, a number or one an image (batch,).
        left: columns put left of it, likewise.
        height: of the image; not used.
        width: of the image; not used.
        bounding_box_format: see the module; not in fractions.

    Returns: the same structure.

    Raises ValueError: an unknown format or one in fractions, boxes without four numbers.

    Example:

    >>> padded = keras.utils.bounding_boxes.pad(np.array([[10.0, 20.0, 50.0, 60.0]]), top=1, left=2)
    >>> keras.ops.convert_to_numpy(padded).tolist()
    [[12.0, 21.0, 52.0, 61.0]]
    """
    _in_pixels("pad", bounding_box_format)

    def change(corners: Any) -> Any:
        return ops.add(corners, ops.cast(_sizes(top, left, corners), ops.dtype(corners)))

    return _by_corners(boxes, bounding_box_format, change)


def _in_pixels(function: str, box_format: Any) -> None:
    if _format(box_format).startswith("rel_"):
        raise ValueError(f"{function}() takes boxes in pixels; got the format {box_format!r}. Convert them first.")


# -- overlap ---------------------------------------------------------------------------------


def compute_iou(
    boxes1: Any,
    boxes2: Any,
    bounding_box_format: str,
    use_masking: bool = False,
    mask_val: float = -1,
    image_shape: Any = None,
) -> Any:
    """How much each box of one set overlaps each of another: the area of both over the area of either.

    Args:
        boxes1: a tensor (m, 4) or (batch, m, 4).
        boxes2: a tensor (n, 4) or (batch, n, 4).
        bounding_box_format: of both, see the module.
        use_masking: whether boxes that are wholly negative stand for none.
        mask_val: the result for these.
        image_shape: (height, width, channels) of the image, in the order of `keras.config.image_data_format()`;
            needed for boxes in fractions.

    Returns: a tensor (m, n), or (batch, m, n) where either is a batch.

    Raises ValueError: boxes of another rank, an unknown format, `image_shape` missing.

    Example:

    >>> first, second = np.array([[0.0, 0.0, 10.0, 10.0]]), np.array([[5.0, 0.0, 15.0, 10.0], [0.0, 0.0, 10.0, 10.0]])
    >>> overlap = keras.utils.bounding_boxes.compute_iou(first, second, "xyxy")
    >>> keras.ops.convert_to_numpy(overlap).astype("float64").round(3).tolist()
    [[0.333, 1.0]]
    """
    for name, boxes in (("boxes1", boxes1), ("boxes2", boxes2)):
        shape = tuple(ops.shape(boxes))
        if len(shape) not in (2, 3):
            raise ValueError(f"compute_iou() takes boxes of rank 2 or 3; got {name} of shape {shape}.")
    first, second = (_to_compare(boxes, bounding_box_format, image_shape) for boxes in (boxes1, boxes2))
    one, other = ops.expand_dims(first, -2), ops.expand_dims(second, -3)
    iou, _ = _iou(one, other)
    if not use_masking:
        return iou
    absent = ops.logical_or(_absent(one), _absent(other))
    return ops.where(absent, ops.cast(mask_val, ops.dtype(iou)), iou)


def _absent(boxes: Any) -> Any:
    """Which boxes stand for none."""
    return ops.less(ops.max(boxes, axis=-1), 0)


def _to_compare(boxes: Any, box_format: str, image_shape: Any) -> Any:
    """Boxes as floats: left, top, right, bottom, in pixels."""
    if _format(box_format).startswith("rel_") and image_shape is None:
        raise ValueError(f"Boxes in fractions ({box_format!r}) need `image_shape`; got image_shape=None.")
    return convert_format(boxes, box_format, "xyxy", *_image_sizes(image_shape))


def _image_sizes(image_shape: Sequence[Any] | None) -> tuple[Any, Any]:
    """(height, width) from the shape of an image, with or without channels."""
    if image_shape is None:
        return None, None
    sizes = tuple(image_shape)
    if len(sizes) == 3:
        sizes = sizes[1:] if image_data_format() == "channels_first" else sizes[:2]
    if len(sizes) != 2:
        raise ValueError(f"image_shape must be (height, width, channels) or (height, width); got: {image_shape!r}")
    return sizes[0], sizes[1]


def _iou(first: Any, second: Any) -> tuple[Any, tuple[Any, Any]]:
    """The overlap of boxes that broadcast, and the sides (width, height) of both."""
    start = ops.maximum(first[..., :2], second[..., :2])
    end = ops.minimum(first[..., 2:], second[..., 2:])
    shared = ops.prod(ops.maximum(ops.subtract(end, start), 0), axis=-1)
    sides = tuple(ops.subtract(boxes[..., 2:], boxes[..., :2]) for boxes in (first, second))
    areas = [ops.prod(side, axis=-1) for side in sides]
    union = ops.subtract(ops.add(*areas), shared)
    return ops.divide_no_nan(shared, union), (sides[0], sides[1])


def compute_ciou(boxes1: Any, boxes2: Any, bounding_box_format: str, image_shape: Any = None) -> Any:
    """The complete overlap of boxes, pair by pair: the overlap, less for distant centres and other proportions.

    IoU - d² / e² - a v, where d is the distance of the centres, e the diagonal of the box around both,
    v = 4 / pi² (atan(w2 / h2) - atan(w1 / h1))² and a = v / (1 - IoU + v). Zheng et al., arXiv:1911.08287.

    Args:
        boxes1: a tensor (..., 4).
        boxes2: a tensor of that shape, or one that broadcasts to it.
        bounding_box_format: of both, see the module.
        image_shape: (height, width, channels) of the image, in the order of `keras.config.image_data_format()`;
            needed for boxes in fractions.

    Returns: a tensor (...), between -1 and 1.

    Raises ValueError: an unknown format, boxes without four numbers, `image_shape` missing.

    Example:

    >>> first, second = np.array([[0.0, 0.0, 10.0, 10.0]]), np.array([[5.0, 0.0, 15.0, 10.0]])
    >>> overlap = keras.utils.bounding_boxes.compute_ciou(first, second, "xyxy")
    >>> keras.ops.convert_to_numpy(overlap).astype("float64").round(3).tolist()
    [0.256]
    """
    first, second = (_to_compare(boxes, bounding_box_format, image_shape) for boxes in (boxes1, boxes2))
    iou, sides = _iou(first, second)
    tiny = epsilon()
    start = ops.minimum(first[..., :2], second[..., :2])
    end = ops.maximum(first[..., 2:], second[..., 2:])
    diagonal = ops.sum(ops.square(ops.subtract(end, start)), axis=-1)
    apart = ops.sum(ops.square(ops.subtract(_twice_centre(second), _twice_centre(first))), axis=-1)
    angles = [ops.arctan(ops.divide(side[..., 0], ops.add(side[..., 1], tiny))) for side in sides]
    unlike = ops.multiply(ops.square(ops.subtract(*angles)), 4 / math.pi**2)
    weight = ops.divide(unlike, ops.add(ops.subtract(unlike, iou), 1 + tiny))
    distance = ops.divide(ops.multiply(apart, 0.25), ops.add(diagonal, tiny))
    return ops.subtract(ops.subtract(iou, distance), ops.multiply(weight, unlike))


def _twice_centre(boxes: Any) -> Any:
    return ops.add(boxes[..., :2], boxes[..., 2:])


# -- relative to anchors ---------------------------------------------------------------------


def encode_box_to_deltas(
    anchors: Any,
    boxes: Any,
    anchor_format: str,
    box_format: str,
    encoding_format: str = "center_yxhw",
    variance: Any = None,
    image_shape: Any = None,
) -> Any:
    """Boxes relative to anchors: the centre's distance in sizes of the anchor, and the logarithm of the sizes' ratio.

    ((b - a) / s, log(t / s)) / variance, for the centres a and b and the sizes s and t of anchor and box.

    Args:
        anchors: a tensor (n, 4), or a dict of them.
        boxes: a tensor (n, 4) or (batch, n, 4), or a dict with the same keys.
        anchor_format: of the anchors, see the module.
        box_format: of the boxes.
        encoding_format: the order of the result, "center_yxhw" or "center_xywh".
        variance: four numbers that the result is divided by.
        image_shape: (height, width, channels) of the image, in the order of `keras.config.image_data_format()`;
            needed for fractions.

    Returns: the same structure as `boxes`.

    Raises ValueError: an unknown format, a variance of another length, `image_shape` missing.

    Example:

    >>> anchors, boxes = np.array([[0.0, 0.0, 10.0, 10.0]]), np.array([[1.0, 2.0, 11.0, 12.0]])
    >>> deltas = keras.utils.bounding_boxes.encode_box_to_deltas(anchors, boxes, "xyxy", "xyxy")
    >>> keras.ops.convert_to_numpy(deltas).astype("float64").round(2).tolist()
    [[0.2, 0.1, 0.0, 0.0]]
    """
    _centred(encoding_format, "encoding_format")
    scale = _variance(variance)
    if isinstance(anchors, Mapping):
        rest = (anchor_format, box_format, encoding_format, variance, image_shape)
        return {key: encode_box_to_deltas(anchors[key], boxes[key], *rest) for key in anchors}
    sizes = _image_sizes(image_shape)
    anchors = convert_format(anchors, anchor_format, encoding_format, *sizes)
    boxes = convert_format(boxes, box_format, encoding_format, *sizes)
    side = ops.maximum(anchors[..., 2:], epsilon())
    moved = ops.divide(ops.subtract(boxes[..., :2], anchors[..., :2]), side)
    grown = ops.log(ops.divide(ops.maximum(boxes[..., 2:], epsilon()), side))
    deltas = ops.concatenate([moved, grown], axis=-1)
    return deltas if scale is None else ops.divide(deltas, scale)


def decode_deltas_to_boxes(
    anchors: Any,
    boxes_delta: Any,
    anchor_format: str,
    box_format: str,
    encoded_format: str = "center_yxhw",
    variance: Any = None,
    image_shape: Any = None,
) -> Any:
    """The inverse of `encode_box_to_deltas`: boxes from what they are relative to anchors.

    Args:
        anchors: a tensor (n, 4), or a dict of them.
        boxes_delta: a tensor (n, 4) or (batch, n, 4), or a dict with the same keys.
        anchor_format: of the anchors, see the module.
        box_format: of the boxes to return.
        encoded_format: the order of the deltas, "center_yxhw" or "center_xywh".
        variance: four numbers that the deltas are multiplied by.
        image_shape: (height, width, channels) of the image, in the order of `keras.config.image_data_format()`;
            needed for fractions.

    Returns: the same structure as `boxes_delta`.

    Raises ValueError: an unknown format, a variance of another length, `image_shape` missing.

    Example:

    >>> anchors, deltas = np.array([[0.0, 0.0, 10.0, 10.0]]), np.array([[0.2, 0.1, 0.0, 0.0]])
    >>> boxes = keras.utils.bounding_boxes.decode_deltas_to_boxes(anchors, deltas, "xyxy", "xyxy")
    >>> keras.ops.convert_to_numpy(boxes).astype("float64").round(3).tolist()
    [[1.0, 2.0, 11.0, 12.0]]
    """
    _centred(encoded_format, "encoded_format")
    scale = _variance(variance)
    if isinstance(anchors, Mapping):
        rest = (anchor_format, box_format, encoded_format, variance, image_shape)
        return {key: decode_deltas_to_boxes(anchors[key], boxes_delta[key], *rest) for key in anchors}
    sizes = _image_sizes(image_shape)
    anchors = convert_format(anchors, anchor_format, encoded_format, *sizes)
    deltas = ops.cast(_boxes_of(boxes_delta), "float32")
    if scale is not None:
        deltas = ops.multiply(deltas, scale)
    side = anchors[..., 2:]
    centre = ops.add(ops.multiply(deltas[..., :2], side), anchors[..., :2])
    boxes = ops.concatenate([centre, ops.multiply(ops.exp(deltas[..., 2:]), side)], axis=-1)
    return convert_format(boxes, encoded_format, box_format, *sizes)


def _centred(name: Any, argument: str) -> None:
    if name not in _CENTRED:
        raise ValueError(f"{argument} must be 'center_xywh' or 'center_yxhw'; got: {name!r}")


def _variance(variance: Any) -> Any:
    """The four variances as a tensor, None for none."""
    if variance is None:
        return None
    tensor = ops.cast(ops.convert_to_tensor(variance), "float32")
    if tuple(ops.shape(tensor))[-1:] != (4,):
        raise ValueError(f"variance must be four numbers; got: {variance!r}")
    return tensor
