"""Parts of images of a given size: the middle, or one drawn by chance."""

from __future__ import annotations

from typing import Any

from triceras import ops, random
from triceras.layers.image_preprocessing.moving import Sizes, as_images, moved_boxes
from triceras.layers.image_preprocessing.resizing import FixedSizeLayer
from triceras.seeds import make_default_seed
from triceras.utils import bounding_boxes as boxes


class _Crop(FixedSizeLayer):
    """Takes a part of the size (height, width), or resizes images that are smaller."""

    def _holds(self, sizes: Sizes) -> bool:
        """Whether the part fits into images of the sizes (height, width)."""
        return sizes[0] >= self.height and sizes[1] >= self.width

    def _part(self, images: Any, top: Any, left: Any) -> Any:
        starts: list[Any] = [0] * len(ops.shape(images))
        sizes = list(ops.shape(images))
        starts[self.height_axis], starts[self.width_axis] = top, left
        sizes[self.height_axis], sizes[self.width_axis] = self.height, self.width
        if isinstance(top, int):
            return images[tuple(slice(start, start + size) for start, size in zip(starts, sizes, strict=True))]
        return ops.slice(images, ops.stack([ops.cast(start, "int32") for start in starts]), sizes)

    def _part_of_boxes(self, bounding_boxes: Any, sizes: Sizes, top: Any, left: Any) -> Any:
        assert self.bounding_box_format is not None

        def move(corners: Any) -> Any:
            return boxes.crop(corners, top, left, self.height, self.width)

        return moved_boxes(bounding_boxes, self.bounding_box_format, sizes, (self.height, self.width), move)


class CenterCrop(_Crop):
    """The middle of images, of the size (height, width), in training and otherwise.

    It begins at row (H - height) // 2 and column (W - width) // 2 of images of size (H, W). Of smaller images the
    largest centred part with the aspect ratio of the result is taken and resized.

    Args:
        height: of the result.
        width: of the result.
        data_format: "channels_last" or "channels_first"; None is `keras.config.image_data_format()`.
        **kwargs: `bounding_box_format`, `name`, `dtype`, ...

    Input shape: (batch, rows, columns, channels) or (rows, columns, channels), channels before the rows for
    "channels_first"; or a dict with "images".

    Output shape: (batch, height, width, channels) or (height, width, channels), likewise, in the layer's dtype.

    Raises ValueError: a size that is no positive integer.

    Example:

    >>> images = np.arange(16.0).reshape(1, 4, 4, 1)
    >>> keras.ops.convert_to_numpy(keras.layers.CenterCrop(2, 2)(images))[0, ..., 0].tolist()
    [[5.0, 6.0], [9.0, 10.0]]
    """

    USES_FACTOR = False

    def __init__(self, height: int, width: int, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(data_format=data_format, **kwargs)
        self._set_size(height, width)

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        """The shape of the images, as "input_shape"."""
        return {"input_shape": self.image_shape(data)}

    def transform_images(self, images: Any, transformation: Any = None, training: bool = True) -> Any:
        return self._middle(ops.cast(images, self.compute_dtype), "bilinear")

    def transform_segmentation_masks(
        self, segmentation_masks: Any, transformation: Any = None, training: bool = True
    ) -> Any:
        return as_images(segmentation_masks, self.channel_axis, lambda masks: self._middle(masks, "nearest"))

    def _middle(self, images: Any, interpolation: str) -> Any:
        sizes = self.sizes_known(images)
        if self._holds(sizes):
            return self._part(images, *self._start(sizes))
        return self._resized(images, interpolation=interpolation, crop_to_aspect_ratio=True)

    def _start(self, sizes: Sizes) -> tuple[int, int]:
        return (sizes[0] - self.height) // 2, (sizes[1] - self.width) // 2

    def transform_bounding_boxes(self, bounding_boxes: Any, transformation: Any, training: bool = True) -> Any:
        shape = transformation["input_shape"]
        sizes = shape[self.height_axis], shape[self.width_axis]
        if self._holds(sizes):
            return self._part_of_boxes(bounding_boxes, sizes, *self._start(sizes))
        return self._resized_boxes(bounding_boxes, sizes, crop=True)


class RandomCrop(_Crop):
    """In training, a part of images of the size (height, width), whose place is drawn by chance.

    All places are equally likely, and the whole batch has the same. Otherwise, and for images that are smaller,
    the largest centred part with the aspect ratio of the result is taken and resized.

    Args:
        height: of the result.
        width: of the result.
        seed: an integer; None takes one that `keras.utils.set_random_seed` determines, or else chance.
        data_format: "channels_last" or "channels_first"; None is `keras.config.image_data_format()`.
        name: of the layer.
        **kwargs: `bounding_box_format`, `dtype`, ...

    Input shape: (batch, rows, columns, channels) or (rows, columns, channels), channels before the rows for
    "channels_first"; or a dict with "images".

    Output shape: (batch, height, width, channels) or (height, width, channels), likewise, in the layer's dtype.

    Raises ValueError: a size that is no positive integer.

    Example:

    >>> images = np.arange(16.0).reshape(1, 4, 4, 1)
    >>> part = keras.layers.RandomCrop(2, 2, seed=3)(images, training=True)
    >>> keras.ops.shape(part)[1:]
    (2, 2, 1)
    """

    def __init__(
        self,
        height: int,
        width: int,
        seed: int | None = None,
        data_format: str | None = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(data_format=data_format, name=name, **kwargs)
        self._set_size(height, width)
        self.set_seed(make_default_seed() if seed is None else seed)

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        """(top, left), where the part begins, 0 where images are resized; and (height, width) of the images."""
        sizes = self.sizes_known(data)
        if not training or not self._holds(sizes):
            return 0, 0, sizes
        seed = self.generator if seed is None else seed
        room = zip(sizes, (self.height, self.width), strict=True)
        top, left = (random.randint((), 0, size - part + 1, seed=seed) for size, part in room)
        return top, left, sizes

    def transform_images(self, images: Any, transformation: Any, training: bool = True) -> Any:
        return self._placed(ops.cast(images, self.compute_dtype), transformation, training, "bilinear")

    def transform_segmentation_masks(self, segmentation_masks: Any, transformation: Any, training: bool = True) -> Any:
        def transform(masks: Any) -> Any:
            return self._placed(masks, transformation, training, "nearest")

        return as_images(segmentation_masks, self.channel_axis, transform)

    def _placed(self, images: Any, transformation: Any, training: bool, interpolation: str) -> Any:
        if training and self._holds(self.sizes_known(images)):
            return self._part(images, *transformation[:2])
        return self._resized(images, interpolation=interpolation, crop_to_aspect_ratio=True)

    def transform_bounding_boxes(self, bounding_boxes: Any, transformation: Any, training: bool = True) -> Any:
        *start, sizes = transformation
        if training and self._holds(sizes):
            return self._part_of_boxes(bounding_boxes, sizes, *start)
        return self._resized_boxes(bounding_boxes, sizes, crop=True)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "seed": self.seed}
