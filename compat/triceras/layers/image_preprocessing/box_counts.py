"""The same number of bounding boxes for each image."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from triceras import ops
from triceras.layers.image_preprocessing.base import BaseImagePreprocessingLayer


class MaxNumBoundingBoxes(BaseImagePreprocessingLayer):
    """Bounding boxes cut off after the first `max_number`, or filled up to that many; the rest is left alone.

    Args:
        max_number: of bounding boxes.
        fill_value: of the boxes and labels that fill up.
        **kwargs: `bounding_box_format`, `name`, `dtype`, ...

    Input shape: a dict of "images" (batch, height, width, channels) and "bounding_boxes", a dict of "boxes"
    (batch, boxes, 4) and "labels" (batch, boxes); without the batch for one image.

    Output shape: the same with `max_number` boxes.

    Raises ValueError: a `max_number` that is no positive integer.

    Example:

    >>> layer = keras.layers.MaxNumBoundingBoxes(3, bounding_box_format="xyxy")
    >>> boxes = {"boxes": np.ones((1, 2, 4)), "labels": np.array([[5, 6]])}
    >>> result = layer({"images": np.zeros((1, 8, 8, 3)), "bounding_boxes": boxes})["bounding_boxes"]
    >>> keras.ops.convert_to_numpy(result["labels"]).tolist()
    [[5, 6, -1]]
    """

    def __init__(self, max_number: int, fill_value: int = -1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not isinstance(max_number, int) or isinstance(max_number, bool) or max_number <= 0:
            raise ValueError(
                f"Layer {self.name!r}: max_number must be a positive integer; got: max_number={max_number!r}"
            )
        self.max_number, self.fill_value = max_number, fill_value

    def transform_images(self, images: Any, transformation: Any = None, training: bool = True) -> Any:
        return images

    def transform_segmentation_masks(
        self, segmentation_masks: Any, transformation: Any = None, training: bool = True
    ) -> Any:
        return segmentation_masks

    def transform_bounding_boxes(self, bounding_boxes: Any, transformation: Any = None, training: bool = True) -> Any:
        filled = {key: self._filled(bounding_boxes[key]) for key in ("boxes", "labels") if key in bounding_boxes}
        return {**bounding_boxes, **filled}

    def _filled(self, x: Any) -> Any:
        """The first `max_number` along the second axis."""
        x = ops.convert_to_tensor(x)[:, : self.max_number]
        shape = ops.shape(x)
        missing = self.max_number - shape[1]
        if isinstance(missing, int) and missing == 0:
            return x
        rest = ops.full((shape[0], missing, *shape[2:]), self.fill_value, dtype=ops.dtype(x))
        return ops.concatenate([x, rest], axis=1)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return super().compute_output_shape(input_shape) if isinstance(input_shape, Mapping) else tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        config = {**super().get_config(), "max_number": self.max_number}
        # Keras writes no fill_value; only where it is none of the default is it needed to make the layer again.
        return config if self.fill_value == -1 else {**config, "fill_value": self.fill_value}
