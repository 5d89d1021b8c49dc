"""Resizing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from triceras import ops
from triceras.layers.image_preprocessing.base import BaseImagePreprocessingLayer
from triceras.layers.image_preprocessing.moving import Sizes, as_images, moved_boxes, scaled


class FixedSizeLayer(BaseImagePreprocessingLayer):
    """A layer whose images all have the size (height, width)."""

    def _set_size(self, height: Any, width: Any) -> None:
        for name, value in (("height", height), ("width", width)):
            if not isinstance(value, int) or isinstance(value, bool) or value <= 0:
                raise ValueError(f"Layer {self.name!r}: {name} must be a positive integer; got: {name}={value!r}")
        self.height, self.width = height, width

    def _resized(self, images: Any, **settings: Any) -> Any:
        return ops.image.resize(images, (self.height, self.width), data_format=self.data_format, **settings)

    def _resized_boxes(self, bounding_boxes: Any, before: Sizes, crop: bool = False, pad: bool = False) -> Any:
        """Bounding boxes where `_resized` puts what they are around."""
        assert self.bounding_box_format is not None
        height, width = rows, columns = before
        if crop or pad:
            # The part that is kept, or the ground that the image is put on: sizes as `ops.image.resize` rounds them.
            pick = min if crop else max
            rows = pick(height, max(self.height * width // self.width, 1))
            columns = pick(width, max(self.width * height // self.height, 1))
        # Where it begins; before the image for a ground.
        top, left = (
            ((height - rows) // 2, (width - columns) // 2)
            if crop
            else (
                -((rows - height) // 2),
                -((columns - width) // 2),
            )
        )
        down, across = self.height / rows, self.width / columns
        return moved_boxes(
            bounding_boxes,
            self.bounding_box_format,
            before,
            (self.height, self.width),
            lambda corners: scaled(corners, top, left, down, across),
        )

    def compute_output_shape(self, input_shape: Any) -> Any:
        if isinstance(input_shape, Mapping):
            return super().compute_output_shape(input_shape)
        shape = list(input_shape)
        if len(shape) not in (3, 4):
            raise ValueError(f"Layer {self.name!r} takes images of rank 3 or 4; got the shape {tuple(input_shape)}.")
        shape[self.height_axis], shape[self.width_axis] = self.height, self.width
        return tuple(shape)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "height": self.height, "width": self.width}


class Resizing(FixedSizeLayer):
    """Images of the size (height, width), in training and otherwise.

    A pixel (i, j) of the result is interpolated at ((i + 1/2) H / height - 1/2, (j + 1/2) W / width - 1/2) of the
    image, of size (H, W). Images of integers stay such, rounded.

    Args:
        height: of the result.
        width: of the result.
        interpolation: "nearest", "bilinear", "bicubic", "lanczos3" or "lanczos5".
        crop_to_aspect_ratio: whether the largest centred part with the result's aspect ratio is taken first.
        pad_to_aspect_ratio: whether the image is put on a centred ground of that ratio first.
        fill_mode: of the ground, "constant".
        fill_value: of the ground.
        antialias: whether the kernel is widened where the image becomes smaller.
        data_format: "channels_last" or "channels_first"; None is `keras.config.image_data_format()`.
        **kwargs: `bounding_box_format`, `name`, `dtype`, ...

    Input shape: (batch, rows, columns, channels) or (rows, columns, channels), channels before the rows for
    "channels_first"; or a dict with "images".

    Output shape: (batch, height, width, channels) or (height, width, channels), likewise.

    Raises ValueError: a size that is no positive integer, both of crop and pad, an unknown interpolation or fill_mode.

    Example:

    >>> keras.ops.shape(keras.layers.Resizing(4, 6)(np.zeros((2, 8, 8, 3))))[1:]
    (4, 6, 3)
    """

    USES_FACTOR = False
    INTERPOLATIONS = ("nearest", "bilinear", "bicubic", "lanczos3", "lanczos5")

    def __init__(
        self,
        height: int,
        width: int,
        interpolation: str = "bilinear",
        crop_to_aspect_ratio: bool = False,
        pad_to_aspect_ratio: bool = False,
        fill_mode: str = "constant",
        fill_value: float = 0.0,
        antialias: bool = False,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(data_format=data_format, **kwargs)
        self._set_size(height, width)
        if crop_to_aspect_ratio and pad_to_aspect_ratio:
            raise ValueError(
                f"Layer {self.name!r}: only one of crop_to_aspect_ratio and pad_to_aspect_ratio can be True."
            )
        self.interpolation = self.choice_of("interpolation", interpolation, self.INTERPOLATIONS)
        self.crop_to_aspect_ratio, self.pad_to_aspect_ratio = crop_to_aspect_ratio, pad_to_aspect_ratio
        self.fill_mode = self.choice_of("fill_mode", fill_mode, ("constant",))
        self.fill_value, self.antialias = fill_value, antialias

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        """(height, width) of the images."""
        return self.image_sizes(data)[1:]

    def transform_images(self, images: Any, transformation: Any = None, training: bool = True) -> Any:
        return self._sized(images, self.interpolation, self.antialias)

    def transform_segmentation_masks(
        self, segmentation_masks: Any, transformation: Any = None, training: bool = True
    ) -> Any:
        return as_images(segmentation_masks, self.channel_axis, lambda masks: self._sized(masks, "nearest", False))

    def _sized(self, images: Any, interpolation: str, antialias: bool) -> Any:
        return self._resized(
            images,
            interpolation=interpolation,
            antialias=antialias,
            crop_to_aspect_ratio=self.crop_to_aspect_ratio,
            pad_to_aspect_ratio=self.pad_to_aspect_ratio,
            fill_mode=self.fill_mode,
            fill_value=self.fill_value,
        )

    def transform_bounding_boxes(self, bounding_boxes: Any, transformation: Any, training: bool = True) -> Any:
        return self._resized_boxes(bounding_boxes, transformation, self.crop_to_aspect_ratio, self.pad_to_aspect_ratio)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "interpolation": self.interpolation,
            "crop_to_aspect_ratio": self.crop_to_aspect_ratio,
            "pad_to_aspect_ratio": self.pad_to_aspect_ratio,
            "fill_mode": self.fill_mode,
            "fill_value": self.fill_value,
            "antialias": self.antialias,
        }
