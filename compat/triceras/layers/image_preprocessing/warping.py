"""What the layers that warp images at random share."""

from __future__ import annotations

from typing import Any

from triceras import ops
from triceras.layers.image_preprocessing.base import BaseImagePreprocessingLayer
from triceras.layers.image_preprocessing.moving import as_images, moved_boxes


class RandomWarp(BaseImagePreprocessingLayer):
    """A layer that takes each pixel from another place of the image, interpolated."""

    FILL_MODES: tuple[str, ...] = ("reflect", "wrap", "constant", "nearest")
    INTERPOLATIONS = ("nearest", "bilinear")

    def _set_sampling(self, interpolation: str, fill_mode: str, fill_value: float) -> None:
        self.interpolation = self.choice_of("interpolation", interpolation, self.INTERPOLATIONS, NotImplementedError)
        self.fill_mode = self.choice_of("fill_mode", fill_mode, self.FILL_MODES, NotImplementedError)
        self.fill_value = fill_value

    def warp(self, images: Any, transformation: Any, interpolation: str) -> Any:
        """A batch of images or masks, warped."""
        raise self._undefined("warp")

    def move(self, corners: Any, transformation: Any) -> Any:
        """Where left, top, right, bottom of boxes (batch, boxes, 4) come to lie, in pixels."""
        raise self._undefined("move")

    def sizes_of(self, transformation: Any) -> tuple[Any, Any]:
        """(height, width) of the images that a transformation is for."""
        shape = transformation["input_shape"]
        return shape[self.height_axis], shape[self.width_axis]

    def transform_images(self, images: Any, transformation: Any, training: bool = True) -> Any:
        images = ops.cast(images, self.compute_dtype)
        if transformation is None or not training:
            return images
        return self.warp(images, transformation, self.interpolation)

    def transform_segmentation_masks(self, segmentation_masks: Any, transformation: Any, training: bool = True) -> Any:
        if transformation is None or not training:
            return segmentation_masks

        def transform(masks: Any) -> Any:
            return self.warp(masks, transformation, "nearest")

        return as_images(segmentation_masks, self.channel_axis, transform)

    def transform_bounding_boxes(self, bounding_boxes: Any, transformation: Any, training: bool = True) -> Any:
        if transformation is None or not training:
            return bounding_boxes
        assert self.bounding_box_format is not None
        sizes = self.sizes_of(transformation)

        def move(corners: Any) -> Any:
            return self.move(corners, transformation)

        return moved_boxes(bounding_boxes, self.bounding_box_format, sizes, sizes, move)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "interpolation": self.interpolation,
            "fill_value": self.fill_value,
            "seed": self.seed,
        }


def middle(size: Any) -> Any:
    """The middle between the first and last pixel of a side."""
    return ops.multiply(ops.cast(ops.subtract(size, 1), "float32"), 0.5)


def coefficients(*numbers: Any) -> Any:
    """Matrices for `keras.ops.image.affine_transform`, (batch, 8), from their first two rows, each (batch,)."""
    zero = ops.zeros_like(numbers[0])
    return ops.stack([*numbers, zero, zero], axis=-1)
