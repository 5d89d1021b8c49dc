"""What the layers that change the values of pixels, and not their places, have in common."""

from __future__ import annotations

from typing import Any

from triceras import ops
from triceras.layers.image_preprocessing.base import BaseImagePreprocessingLayer, Pair, is_number
from triceras.seeds import SeedGenerator
from triceras_backends import dtypes


class PixelLayer(BaseImagePreprocessingLayer):
    """A layer that changes the values of pixels. Labels, bounding boxes and segmentation masks stay as they are.

    Subclasses define `change_images`, which takes images as floats. The result has the layer's dtype.
    """

    # Whether images are changed in inference too, and whether those of integers keep their dtype.
    IN_INFERENCE = False
    KEEPS_INTEGERS = False
    FACTOR_BOUNDS: Pair = (0, 1)

    def change_images(self, images: Any, transformation: Any) -> Any:
        """The images of a batch, floats, changed by what `get_random_transformation` gave."""
        raise self._undefined("change_images")

    def transform_images(self, images: Any, transformation: Any, training: bool = True) -> Any:
        dtype = self._result_dtype(ops.dtype(images))
        if training or self.IN_INFERENCE:
            images = self.change_images(ops.cast(images, self.float_dtype), transformation)
        return images if ops.dtype(images) == dtype else ops.saturate_cast(images, dtype)

    def transform_bounding_boxes(self, bounding_boxes: Any, transformation: Any, training: bool = True) -> Any:
        return bounding_boxes

    def transform_segmentation_masks(self, segmentation_masks: Any, transformation: Any, training: bool = True) -> Any:
        return segmentation_masks

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape

    @property
    def float_dtype(self) -> str:
        """The dtype that images are changed in: the computation's, or float32 where that is one of integers."""
        return self.compute_dtype if self.compute_dtype in dtypes.FLOATS else "float32"

    def _result_dtype(self, dtype: str) -> str:
        return dtype if self.KEEPS_INTEGERS and dtype not in dtypes.FLOATS else self.compute_dtype

    # -- arguments ----------------------------------------------------------------------------

    def range_of(self, name: str, value: Any, bounds: Pair | None = None) -> Pair:
        low, _ = self.FACTOR_BOUNDS if bounds is None else bounds
        # A negative number stands for no range that begins at 0.
        return super().range_of(name, (value, value) if is_number(value) and value < low else value, bounds)

    # -- draws --------------------------------------------------------------------------------

    def source_of(self, seed: Any) -> SeedGenerator:
        """What to draw from: the layer's generator where no seed is given; of an integer, more than one draw."""
        if seed is None:
            return self.generator
        return seed if isinstance(seed, SeedGenerator) else SeedGenerator(seed)

    def draw_each(self, data: Any, limits: Pair, seed: SeedGenerator) -> Any:
        """A number between the limits for each image, of shape (batch, 1, 1, 1)."""
        return self.draw((self.image_sizes(data)[0], 1, 1, 1), float(limits[0]), float(limits[1]), seed)

    def draw_chance(self, data: Any, limits: Pair, seed: SeedGenerator) -> Any:
        """Whether, for each image: True with a probability drawn for it between the limits; (batch, 1, 1, 1)."""
        return ops.less(self.draw_each(data, (0, 1), seed), self.draw_each(data, limits, seed))

    # -- values -------------------------------------------------------------------------------

    def clip(self, images: Any) -> Any:
        """The images with what is outside `value_range` at its ends."""
        return ops.clip(images, *self.value_range)

    def to_range(self, images: Any, low: float, high: float) -> Any:
        """Images of `value_range` in the range from low to high."""
        return rescale(images, self.value_range, (low, high))

    def from_range(self, images: Any, low: float, high: float) -> Any:
        """Images of the range from low to high in `value_range`."""
        return rescale(images, (low, high), self.value_range)


def rescale(images: Any, old: Pair, new: Pair) -> Any:
    """Images whose values lie in the range `old`, brought to the range `new`."""
    if tuple(old) == tuple(new):
        return images
    unit = ops.divide(ops.subtract(images, old[0]), old[1] - old[0])
    return ops.add(ops.multiply(unit, new[1] - new[0]), new[0])


def each(values: Any, like: Any) -> Any:
    """One number an image, in the dtype of the images `like`, to be broadcast: (batch, 1, 1, 1)."""
    return ops.reshape(ops.cast(values, ops.dtype(like)), (-1, 1, 1, 1))


def chosen(flags: Any, changed: Any, images: Any) -> Any:
    """The changed images where `flags`, one an image, are True, and the images elsewhere."""
    return ops.where(ops.reshape(flags, (-1, 1, 1, 1)), changed, images)
