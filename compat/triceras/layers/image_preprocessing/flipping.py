"""Flipping."""

from __future__ import annotations

from typing import Any

from triceras import ops
from triceras.layers.image_preprocessing.base import BaseImagePreprocessingLayer
from triceras.layers.image_preprocessing.moving import as_images, moved_boxes


class RandomFlip(BaseImagePreprocessingLayer):
    """In training, flips each image with a probability of one half.

    Args:
        mode: "horizontal" (left and right change places), "vertical" (top and bottom) or "horizontal_and_vertical"
            (both at once, half a turn).
        seed: an integer; None takes one that `keras.utils.set_random_seed` determines, or else chance.
        data_format: "channels_last" or "channels_first"; None is `keras.config.image_data_format()`.
        **kwargs: `bounding_box_format`, `name`, `dtype`, ...

    Input shape: (batch, height, width, channels) or (height, width, channels), channels before the height for
    "channels_first"; or a dict with "images".

    Output shape: the same, in the layer's dtype.

    Raises ValueError: an unknown mode.

    Example:

    >>> images = np.arange(6.0).reshape(1, 2, 3, 1)
    >>> flipped = keras.layers.RandomFlip("horizontal", seed=1)(images, training=True)
    >>> keras.ops.convert_to_numpy(flipped)[0, ..., 0].tolist()
    [[2.0, 1.0, 0.0], [5.0, 4.0, 3.0]]
    """

    USES_FACTOR = False
    MODES = ("horizontal", "vertical", "horizontal_and_vertical")

    def __init__(
        self,
        mode: str = "horizontal_and_vertical",
        seed: int | None = None,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(data_format=data_format, **kwargs)
        self.mode = self.choice_of("mode", mode, self.MODES)
        self.set_seed(seed)

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        """Which images to flip, as "flips" (batch, 1, 1, 1), and the "input_shape"."""
        if not training:
            return None
        batch = self.image_sizes(data)[0]
        flips = ops.less(self.draw((batch, 1, 1, 1), 0.0, 1.0, seed), 0.5)
        return {"flips": flips, "input_shape": self.image_shape(data)}

    def transform_images(self, images: Any, transformation: Any, training: bool = True) -> Any:
        return self._flipped(ops.cast(images, self.compute_dtype), transformation, training)

    def transform_segmentation_masks(self, segmentation_masks: Any, transformation: Any, training: bool = True) -> Any:
        def transform(masks: Any) -> Any:
            return self._flipped(masks, transformation, training)

        return as_images(segmentation_masks, self.channel_axis, transform)

    def _flipped(self, images: Any, transformation: Any, training: bool) -> Any:
        if transformation is None or not training:
            return images
        axes = {"horizontal": self.width_axis, "vertical": self.height_axis}
        chosen = tuple(axis for mode, axis in axes.items() if mode in self.mode)
        return ops.where(transformation["flips"], ops.flip(images, axis=chosen), images)

    def transform_bounding_boxes(self, bounding_boxes: Any, transformation: Any, training: bool = True) -> Any:
        if transformation is None or not training:
            return bounding_boxes
        assert self.bounding_box_format is not None
        shape = transformation["input_shape"]
        sizes = shape[self.height_axis], shape[self.width_axis]
        flips = ops.reshape(transformation["flips"], (-1, 1))

        def move(corners: Any) -> Any:
            left, top, right, bottom = ops.unstack(corners, axis=-1)
            if "horizontal" in self.mode:
                left, right = _turned(flips, left, right, ops.cast(sizes[1], "float32"))
            if "vertical" in self.mode:
                top, bottom = _turned(flips, top, bottom, ops.cast(sizes[0], "float32"))
            return ops.stack([left, top, right, bottom], axis=-1)

        return moved_boxes(bounding_boxes, self.bounding_box_format, sizes, sizes, move)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "seed": self.seed, "mode": self.mode}


def _turned(flips: Any, low: Any, high: Any, size: Any) -> tuple[Any, Any]:
    """The ends of an interval, counted from the other side where flipped."""
    return ops.where(flips, ops.subtract(size, high), low), ops.where(flips, ops.subtract(size, low), high)
