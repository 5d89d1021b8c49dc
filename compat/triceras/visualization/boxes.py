"""Images with boxes around what is in them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from triceras.utils.bounding_boxes import convert_format
from triceras.utils.images import pillow
from triceras.visualization.gallery import plot_image_gallery, pyplot
from triceras.visualization.host import Array, back, batch_of_images, to_bytes, to_host


def draw_bounding_boxes(
    images: Any,
    bounding_boxes: Any,
    bounding_box_format: str,
    class_mapping: Any = None,
    color: Any = (128, 128, 128),
    line_thickness: int = 2,
    text_thickness: int = 1,
    font_scale: float = 1.0,
    data_format: str | None = None,
) -> Array:
    """Images with boxes drawn on them, and the names of what they hold.

    Args:
        images: (batch, height, width, 3), values from 0 to 255.
        bounding_boxes: a dict of "boxes", (batch, boxes, 4); "labels", integers (batch, boxes), negative for no box;
            and, where there are some, "confidences", (batch, boxes).
        bounding_box_format: of the boxes, as `keras.utils.bounding_boxes.convert_format` takes it: "xyxy", ...
        class_mapping: a dict from label to name; None writes no names.
        color: (red, green, blue) of lines and the ground of names.
        line_thickness: pixels of a line.
        text_thickness: pixels of the strokes of a name, which widen it.
        font_scale: the size of names, 1.0 for 16 pixels.
        data_format: "channels_first" for (batch, 3, height, width); None is `config.image_data_format()`.

    Returns: a uint8 array in the shape of the images.

    Raises ValueError: other shapes, or an unknown format. Raises TypeError: bounding_boxes is no dict. Raises
    ImportError: names without Pillow.

    Example:

    >>> images = np.zeros((1, 6, 6, 3))
    >>> boxes = {"boxes": np.array([[[1, 1, 5, 5]]]), "labels": np.array([[0]])}
    >>> keras.visualization.draw_bounding_boxes(images, boxes, "xyxy", line_thickness=1)[0, :, :, 0].tolist()[1]
    [0, 128, 128, 128, 128, 128]
    """
    found, first = batch_of_images(images, data_format)
    boxes, labels, confidences = _checked(bounding_boxes, found, bounding_box_format)
    drawn = to_bytes(found).copy()
    for i, image in enumerate(drawn):
        for j in np.flatnonzero(labels[i] >= 0):
            _draw_box(image, boxes[i, j], color, line_thickness)
        for j in np.flatnonzero(labels[i] >= 0):
            name = _name(labels[i, j], None if confidences is None else confidences[i, j], class_mapping)
            if name:
                _write(image, boxes[i, j], name, color, round(16 * font_scale), text_thickness - 1)
    return back(drawn, first)


def _checked(given: Any, images: Array, box_format: str) -> tuple[Array, Array, Any]:
    """Boxes in "xyxy", labels and confidences."""
    if not isinstance(given, Mapping):
        raise TypeError(f'bounding_boxes must be a dict of "boxes" and "labels"; got: {type(given).__name__}')
    if "boxes" not in given or "labels" not in given:
        raise ValueError(f'bounding_boxes must have the keys "boxes" and "labels"; got: {sorted(given)}')
    boxes, labels = to_host(given["boxes"]), to_host(given["labels"])
    if boxes.ndim != 3 or boxes.shape[2] != 4 or labels.shape != boxes.shape[:2] or len(boxes) != len(images):
        raise ValueError(
            f"boxes must be (batch, boxes, 4) and labels (batch, boxes), for {len(images)} images; "
            f"got the shapes {boxes.shape} and {labels.shape}."
        )
    if images.shape[3] != 3:
        raise ValueError(f"images must have 3 channels; got the shape {images.shape} (channels last).")
    height, width = images.shape[1:3]
    boxes = to_host(convert_format(boxes.astype("float32"), box_format, "xyxy", height=height, width=width))
    confidences = given.get("confidences")
    return boxes, labels, None if confidences is None else to_host(confidences)


def _draw_box(image: Array, box: Array, color: Any, thickness: int) -> None:
    """Lines whose middle is the box's edge, cut off at the image's."""
    left, top, right, bottom = (int(edge) for edge in box)
    before, after = (thickness - 1) // 2, thickness // 2 + 1
    for y in (top, bottom):
        _fill(image, y - before, y + after, left - before, right + after, color)
    for x in (left, right):
        _fill(image, top - before, bottom + after, x - before, x + after, color)


def _fill(image: Array, top: int, bottom: int, left: int, right: int, color: Any) -> None:
    image[max(top, 0) : max(bottom, 0), max(left, 0) : max(right, 0)] = color


def _name(label: Any, confidence: Any, class_mapping: Any) -> str:
    if class_mapping is None:
        return ""
    name = str(class_mapping.get(int(label), int(label)))
    return name if confidence is None else f"{name}: {float(confidence):.2f}"


def _write(image: Array, box: Array, name: str, color: Any, size: int, stroke: int) -> None:
    """The name on a ground of the colour, above the box, or within it where there is no room."""
    pillow()
    from PIL import Image, ImageDraw, ImageFont  # noqa: PLC0415

    canvas = Image.fromarray(image)
    draw = ImageDraw.Draw(canvas)
    font = ImageFont.load_default(max(size, 1))
    x, y = int(box[0]), int(box[1])
    y -= size + 2 if y >= size + 2 else 0
    area = draw.textbbox((x, y), name, font=font, stroke_width=stroke)
    draw.rectangle(area, fill=tuple(color))
    ink = (0, 0, 0) if sum(color) > 382 else (255, 255, 255)
    draw.text((x, y), name, fill=ink, font=font, stroke_width=stroke)
    image[...] = np.asarray(canvas)


def plot_bounding_box_gallery(
    images: Any,
    bounding_box_format: str,
    y_true: Any = None,
    y_pred: Any = None,
    value_range: Any = (0, 255),
    true_color: Any = (0, 188, 212),
    pred_color: Any = (255, 235, 59),
    line_thickness: int = 2,
    font_scale: float = 1.0,
    text_thickness: int | None = None,
    class_mapping: Any = None,
    ground_truth_mapping: Any = None,
    prediction_mapping: Any = None,
    legend: bool = False,
    legend_handles: Any = None,
    rows: int | None = None,
    cols: int | None = None,
    data_format: str | None = None,
    **kwargs: Any,
) -> Any:
    """Shows images with their true and their predicted boxes.

    Args:
        images: (batch, height, width, 3).
        bounding_box_format: of the boxes.
        y_true, y_pred: dicts of boxes, as `draw_bounding_boxes` takes them.
        value_range: the least and largest value of the images.
        true_color, pred_color: the colours of either's boxes.
        line_thickness, font_scale, text_thickness: as for `draw_bounding_boxes`; None is the line's for the text.
        class_mapping: a dict from label to name, for both; ground_truth_mapping and prediction_mapping, for either,
            come first.
        legend: whether the colours are explained.
        legend_handles: Matplotlib's handles for a legend of one's own.
        rows, cols, **kwargs: as for `plot_image_gallery`.

    Raises ValueError: both legend and legend_handles; and as `draw_bounding_boxes` and `plot_image_gallery` do.

    Example:

    >>> images = np.zeros((2, 16, 16, 3))
    >>> boxes = {"boxes": np.full((2, 1, 4), [[2, 2, 12, 12]]), "labels": np.zeros((2, 1), "int32")}
    >>> keras.visualization.plot_bounding_box_gallery(images, "xyxy", y_true=boxes, path="boxes.png")
    """
    if legend and legend_handles is not None:
        raise ValueError("Only one of legend and legend_handles can be given.")
    found, _ = batch_of_images(images, data_format)
    low, high = value_range
    shown = to_bytes((found - low) * (255.0 / (high - low)))
    sides = (
        ("ground truth", y_true, true_color, ground_truth_mapping),
        ("prediction", y_pred, pred_color, prediction_mapping),
    )
    for _, given, color, mapping in sides:
        if given is not None:
            shown = draw_bounding_boxes(
                shown,
                given,
                bounding_box_format,
                class_mapping if mapping is None else mapping,
                color,
                line_thickness,
                line_thickness if text_thickness is None else text_thickness,
                font_scale,
                "channels_last",
            )
    if legend:
        pyplot()
        from matplotlib.patches import Patch  # noqa: PLC0415

        legend_handles = [Patch(color=np.array(color) / 255.0, label=name) for name, _, color, _ in sides]
    return plot_image_gallery(
        shown, rows=rows, cols=cols, legend_handles=legend_handles, data_format="channels_last", **kwargs
    )
