"""Mixing images of a batch, and erasing parts of them: MixUp, CutMix and RandomErasing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from triceras import ops, random
from triceras.layers.image_preprocessing.base import is_number
from triceras.layers.image_preprocessing.pixels import PixelLayer, chosen


class _Mixing(PixelLayer):
    """A layer whose every image is mixed with that which `permutation_order` puts in its place, as are the labels."""

    def transform_labels(self, labels: Any, transformation: Any, training: bool = True) -> Any:
        """mix_weight times the label, plus 1 - mix_weight times that of the other image: floats."""
        if not training or transformation is None:
            return labels
        return self._mixed(labels, transformation)

    def _mixed(self, values: Any, transformation: Any) -> Any:
        values = ops.cast(values, self.float_dtype)
        weight = ops.cast(ops.reshape(transformation["mix_weight"], (-1,)), self.float_dtype)
        weight = ops.reshape(weight, (-1,) + (1,) * (len(ops.shape(values)) - 1))
        others = ops.take(values, transformation["permutation_order"], axis=0)
        return ops.add(ops.multiply(weight, values), ops.multiply(ops.subtract(1.0, weight), others))

    def _draw_order(self, data: Any, seed: Any) -> Any:
        return random.shuffle(ops.arange(self.image_sizes(data)[0], dtype="int32"), seed=seed)


class MixUp(_Mixing):
    """In training, mixes each image with another of the batch: w * x + (1 - w) * other, and their labels alike.

    w is drawn for each image from the Beta distribution (alpha, alpha). Segmentation masks are mixed by the same
    weights; the bounding boxes of an image are followed by those of the other.

    Args:
        alpha: the parameter of the distribution, positive: the greater, the more often w is near 1/2.
        data_format: "channels_last" or "channels_first"; None is `keras.config.image_data_format()`.
        seed: an integer, for the same draws each time.
        **kwargs: `bounding_box_format`, `name`, `dtype`, ...

    Input and output shape: (batch, height, width, channels), or without the batch, where an image stays as it is.
    Labels, one-hot or otherwise numbers that can be mixed: (batch, ...). Bounding boxes (batch, boxes, 4) become
    (batch, 2 * boxes, 4).

    Raises ValueError: `alpha` is not a positive number; images of another rank.

    Reference: Zhang et al., mixup: Beyond Empirical Risk Minimization, arXiv:1710.09412.

    Example:

    >>> layer = keras.layers.MixUp(alpha=0.4, seed=1)
    >>> batch = {"images": np.ones((2, 4, 4, 3), "float32"), "labels": np.eye(2, dtype="float32")}
    >>> mixed = layer(batch, training=True)
    >>> np.round(keras.ops.convert_to_numpy(mixed["labels"]).sum(axis=-1), 4).tolist()
    [1.0, 1.0]
    """

    USES_FACTOR = False

    def __init__(
        self, alpha: float = 0.2, data_format: str | None = None, seed: int | None = None, **kwargs: Any
    ) -> None:
        super().__init__(data_format=data_format, **kwargs)
        if not is_number(alpha) or alpha <= 0:
            raise ValueError(f"Layer {self.name!r}: alpha must be a positive number; got: alpha={alpha!r}")
        self.alpha = alpha
        self.set_seed(seed)

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        if not training:
            return None
        source = self.source_of(seed)
        shape = (self.image_sizes(data)[0],)
        weight = random.beta(shape, self.alpha, self.alpha, dtype="float32", seed=source)
        return {"mix_weight": weight, "permutation_order": self._draw_order(data, source)}

    def change_images(self, images: Any, transformation: Any) -> Any:
        return self._mixed(images, transformation)

    def transform_segmentation_masks(self, segmentation_masks: Any, transformation: Any, training: bool = True) -> Any:
        return self.transform_labels(segmentation_masks, transformation, training)

    def transform_bounding_boxes(self, bounding_boxes: Any, transformation: Any, training: bool = True) -> Any:
        if not training or transformation is None:
            return bounding_boxes
        order = transformation["permutation_order"]
        return {
            key: ops.concatenate([value, ops.take(value, order, axis=0)], axis=1)
            for key, value in bounding_boxes.items()
        }

    def compute_output_shape(self, input_shape: Any) -> Any:
        if not isinstance(input_shape, Mapping) or input_shape.get("bounding_boxes") is None:
            return input_shape
        boxes = {key: (shape[0], _twice(shape[1]), *shape[2:]) for key, shape in input_shape["bounding_boxes"].items()}
        return {**input_shape, "bounding_boxes": boxes}

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "alpha": self.alpha, "seed": self.seed}


class _Rectangles(PixelLayer):
    """A layer that draws one rectangle for each image."""

    def draw_masks(self, data: Any, height: Any, width: Any, seed: Any) -> Any:
        """True inside rectangles that lie anywhere in the images, (batch, height, width, 1) or channels first.

        Their height and width, (batch, 1, 1, 1), are shares of the image's.
        """
        _, rows, columns = self.image_sizes(data)
        inside_height = self._draw_span(data, height, rows, self.height_axis, seed)
        return ops.logical_and(inside_height, self._draw_span(data, width, columns, self.width_axis, seed))

    def _draw_span(self, data: Any, share: Any, size: Any, axis: int, seed: Any) -> Any:
        shape = [1, 1, 1, 1]
        shape[axis] = -1
        centres = ops.reshape(ops.add(ops.arange(size, dtype="float32"), 0.5), shape)
        length = ops.multiply(share, ops.cast(size, "float32"))
        start = ops.multiply(self.draw_each(data, (0, 1), seed), ops.subtract(ops.cast(size, "float32"), length))
        after = ops.greater_equal(centres, start)
        return ops.logical_and(after, ops.less(centres, ops.add(start, length)))


class CutMix(_Rectangles, _Mixing):
    """In training, puts a rectangle of another image of the batch into each image, and mixes their labels.

    1 - w of an image's area are replaced, w of its label are kept. w is drawn for each image from the Beta
    distribution (a, a), of which a is drawn from `factor`; the rectangle has the image's aspect ratio and lies
    anywhere in it. Segmentation masks are cut alike.

    Args:
        factor: the range of a, (lower, upper) between 0 and 1; a number x is (0, x).
        seed: an integer, for the same draws each time.
        data_format: "channels_last" or "channels_first"; None is `keras.config.image_data_format()`.
        **kwargs: `name`, `dtype`, ...

    Input and output shape: (batch, height, width, channels), or without the batch, where an image stays as it is.
    Labels, one-hot or otherwise numbers that can be mixed: (batch, ...).

    Raises ValueError: a `factor` outside its bounds, images of another rank.
    Raises NotImplementedError: bounding boxes, which are cut in no sensible way.

    Reference: Yun et al., CutMix, arXiv:1905.04899.

    Example:

    >>> layer = keras.layers.CutMix(seed=1)
    >>> batch = {"images": np.ones((2, 4, 4, 3), "float32"), "labels": np.eye(2, dtype="float32")}
    >>> mixed = layer(batch, training=True)
    >>> np.round(keras.ops.convert_to_numpy(mixed["labels"]).sum(axis=-1), 4).tolist()
    [1.0, 1.0]
    """

    # Below it a sample of the Beta distribution is 0 or 1, to float32's precision.
    LEAST_ALPHA = 1e-2

    def __init__(
        self, factor: Any = 1.0, seed: int | None = None, data_format: str | None = None, **kwargs: Any
    ) -> None:
        super().__init__(factor=factor, data_format=data_format, **kwargs)
        self.set_seed(seed)

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        if not training:
            return None
        source = self.source_of(seed)
        alpha = ops.maximum(self.draw_each(data, self.factor, source), self.LEAST_ALPHA)
        weight = random.beta(ops.shape(alpha), alpha, alpha, dtype="float32", seed=source)
        side = ops.sqrt(ops.subtract(1.0, weight))
        masks = self.draw_masks(data, side, side, source)
        return {
            "permutation_order": self._draw_order(data, source),
            "batch_masks": masks,
            # What is left of the image, to the pixel.
            "mix_weight": ops.subtract(1.0, ops.mean(ops.cast(masks, "float32"), axis=(1, 2, 3), keepdims=True)),
        }

    def change_images(self, images: Any, transformation: Any) -> Any:
        return _replaced(images, transformation, transformation["batch_masks"])

    def transform_segmentation_masks(self, segmentation_masks: Any, transformation: Any, training: bool = True) -> Any:
        if not training or transformation is None:
            return segmentation_masks
        cuts = ops.take(transformation["batch_masks"], [0], axis=self.channel_axis)  # whatever the masks' channels
        if len(ops.shape(segmentation_masks)) == 3:
            cuts = ops.squeeze(cuts, self.channel_axis)
        return _replaced(segmentation_masks, transformation, cuts)

    def transform_bounding_boxes(self, bounding_boxes: Any, transformation: Any, training: bool = True) -> Any:
        raise self._undefined("transform_bounding_boxes")

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "factor": self.factor, "seed": self.seed}


class RandomErasing(_Rectangles):
    """In training, fills a rectangle of each image, with a probability drawn for it.

    The rectangle's height and width are drawn independently: the square roots of two numbers drawn from `scale`, as
    shares of the image's. It lies anywhere in the image.

    Args:
        factor: the range of the probability, (lower, upper) between 0 and 1; a number x is (0, x).
        scale: the range of the share of the image's area, (lower, upper) between 0 and 1.
        fill_value: what to fill with, a number or one for each channel; None for normal noise with the deviation
            of the range's upper end, cut off at the range.
        value_range: the range of the images' values, (low, high).
        seed: an integer, for the same draws each time.
        data_format: "channels_last" or "channels_first"; None is `keras.config.image_data_format()`.
        **kwargs: `name`, `dtype`, ...

    Input and output shape: (batch, height, width, channels), or without the batch.

    Raises ValueError: arguments outside their bounds, images of another rank.

    Reference: Zhong et al., Random Erasing Data Augmentation, arXiv:1708.04896.

    Example:

    >>> layer = keras.layers.RandomErasing(factor=(1.0, 1.0), scale=(0.25, 0.25), fill_value=9.0)
    >>> image = keras.ops.convert_to_numpy(layer(np.zeros((8, 8, 1)), training=True))
    >>> float(image.max()), int((image == 9).sum())
    (9.0, 16)
    """

    def __init__(
        self,
        factor: Any = 1.0,
        scale: Any = (0.02, 0.33),
        fill_value: Any = None,
        value_range: Any = (0, 255),
        seed: int | None = None,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(factor=factor, data_format=data_format, **kwargs)
        self.scale = self.range_of("scale", scale, (0, 1))
        fills = fill_value if isinstance(fill_value, (list, tuple)) else [fill_value]
        if fill_value is not None and not all(map(is_number, fills)):
            raise ValueError(
                f"Layer {self.name!r}: fill_value must be a number, or one for each channel; "
                f"got: fill_value={fill_value!r}"
            )
        self.fill_value = fill_value
        self.value_range = tuple(self.value_range_of(value_range))
        self.set_seed(seed)

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        if not training:
            return None
        source = self.source_of(seed)
        height, width = (ops.sqrt(self.draw_each(data, self.scale, source)) for _ in range(2))
        return {
            "apply_erasing": ops.reshape(self.draw_chance(data, self.factor, source), (-1,)),
            "batch_masks": self.draw_masks(data, height, width, source),
            "fill_value": self._draw_fill(data, source),
        }

    def _draw_fill(self, data: Any, seed: Any) -> Any:
        shape = self.image_shape(data)
        if self.fill_value is None:
            return self.clip(random.normal(shape, 0.0, float(self.value_range[1]), dtype="float32", seed=seed))
        fill = np.asarray(self.fill_value, dtype=np.float32).reshape(-1)
        if fill.size not in (1, shape[self.channel_axis]):
            raise ValueError(
                f"Layer {self.name!r}: fill_value must be a number, or one for each channel; "
                f"got: fill_value={self.fill_value!r} for images of shape {shape}."
            )
        places = [1, 1, 1]
        places[self.channel_axis] = -1
        return fill.reshape(places)

    def change_images(self, images: Any, transformation: Any) -> Any:
        fill = ops.cast(transformation["fill_value"], ops.dtype(images))
        filled = ops.where(transformation["batch_masks"], fill, images)
        return chosen(transformation["apply_erasing"], filled, images)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "factor": self.factor,
            "scale": self.scale,
            "fill_value": self.fill_value,
            "value_range": self.value_range,
            "seed": self.seed,
        }


def _replaced(values: Any, transformation: Any, masks: Any) -> Any:
    """The values of the other image where the masks are True."""
    return ops.where(masks, ops.take(values, transformation["permutation_order"], axis=0), values)


def _twice(size: int | None) -> int | None:
    return None if size is None else 2 * size
