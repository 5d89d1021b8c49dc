"""Brightness and contrast: AutoContrast, RandomBrightness, RandomContrast, RandomPosterization, Solarization."""

from __future__ import annotations

import numbers
from typing import Any

from triceras import ops, random
from triceras.layers.image_preprocessing.base import Pair
from triceras.layers.image_preprocessing.pixels import PixelLayer, each


class AutoContrast(PixelLayer):
    """Stretches each channel of each image to the whole range of values, in training and in inference.

    With the range (low, high) and a channel's least and greatest value: (x - min) / (max - min) * (high - low) + low.
    A channel of one value stays as it is.

    Args:
        value_range: the range of the images' values, (low, high).
        **kwargs: `data_format`, `name`, `dtype`, ...

    Input and output shape: (batch, height, width, channels), or without the batch.

    Raises ValueError: `value_range` is not two ascending numbers; images of another rank.

    Example:

    >>> images = np.array([50.0, 100.0, 150.0], dtype="float32").reshape((1, 1, 3, 1))
    >>> keras.ops.convert_to_numpy(keras.layers.AutoContrast()(images)).ravel().tolist()
    [0.0, 127.5, 255.0]
    """

    USES_FACTOR = False
    IN_INFERENCE = True

    def __init__(self, value_range: Any = (0, 255), **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.value_range = list(self.value_range_of(value_range))

    def change_images(self, images: Any, transformation: Any) -> Any:
        images = self.to_range(images, 0, 255)
        axes = (self.height_axis, self.width_axis)
        least, greatest = ops.min(images, axes, keepdims=True), ops.max(images, axes, keepdims=True)
        width = ops.subtract(greatest, least)
        flat = ops.equal(width, 0)
        scale = ops.divide(255.0, ops.where(flat, ops.ones_like(width), width))
        stretched = ops.clip(ops.multiply(ops.subtract(images, least), scale), 0, 255)
        return self.from_range(ops.where(flat, images, stretched), 0, 255)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "value_range": self.value_range}


class RandomBrightness(PixelLayer):
    """In training, adds to each image a number of its own: the same for all pixels and channels.

    The number is drawn evenly from `factor` times the width of `value_range`; results are cut off at that range.
    Images of integers keep their dtype.

    Args:
        factor: the range of the share, (lower, upper) between -1 and 1; a number x is (-x, x). 0 changes nothing.
        value_range: the range of the images' values, (low, high).
        seed: an integer, for the same draws each time.
        **kwargs: `data_format`, `name`, `dtype`, ...

    Input and output shape: (batch, height, width, channels), or without the batch.

    Raises ValueError: a `factor` outside its bounds, a `value_range` that is not two ascending numbers,
    images of another rank.

    Example:

    >>> layer = keras.layers.RandomBrightness(factor=(0.2, 0.2))
    >>> keras.ops.convert_to_numpy(layer(np.zeros((1, 1, 2, 1)), training=True)).ravel().tolist()
    [51.0, 51.0]
    """

    FACTOR_BOUNDS = (-1, 1)
    KEEPS_INTEGERS = True

    def __init__(self, factor: Any, value_range: Any = (0, 255), seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(factor=factor, **kwargs)
        self.value_range = list(self.value_range_of(value_range))
        self.set_seed(seed)

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        if not training:
            return None
        width = self.value_range[1] - self.value_range[0]
        return {"rgb_delta": ops.multiply(self.draw_each(data, self.factor, self.source_of(seed)), width)}

    def change_images(self, images: Any, transformation: Any) -> Any:
        return self.clip(ops.add(images, each(transformation["rgb_delta"], images)))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "factor": self.factor, "value_range": self.value_range, "seed": self.seed}


class RandomContrast(PixelLayer):
    """In training, moves the values of each image away from their mean, or towards it, by a factor of its own.

    (x - mean) * f + mean, with the mean of each channel over the image, and f drawn evenly from
    [1 - lower, 1 + upper]; results are cut off at `value_range`.

    Args:
        factor: (lower, upper), both between 0 and 1; a number x is (0, x). 0 changes nothing.
        value_range: the range of the images' values, (low, high).
        seed: an integer, for the same draws each time.
        **kwargs: `data_format`, `name`, `dtype`, ...

    Input and output shape: (batch, height, width, channels), or without the batch.

    Raises ValueError: a `factor` outside its bounds, a `value_range` that is not two ascending numbers,
    images of another rank.

    Example:

    >>> layer = keras.layers.RandomContrast(factor=0.5)
    >>> images = np.array([100.0, 150.0], dtype="float32").reshape((1, 1, 2, 1))
    >>> keras.ops.convert_to_numpy(layer.transform_images(images, {"contrast_factor": 2.0})).ravel().tolist()
    [75.0, 175.0]
    """

    def __init__(self, factor: Any, value_range: Any = (0, 255), seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(factor=factor, **kwargs)
        self.value_range = tuple(self.value_range_of(value_range))
        self.set_seed(seed)

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        if not training:
            return None
        lower, upper = self.factor
        return {"contrast_factor": self.draw_each(data, (1 - lower, 1 + upper), self.source_of(seed))}

    def change_images(self, images: Any, transformation: Any) -> Any:
        mean = ops.mean(images, (self.height_axis, self.width_axis), keepdims=True)
        factor = each(transformation["contrast_factor"], images)
        return self.clip(ops.add(ops.multiply(ops.subtract(images, mean), factor), mean))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "factor": self.factor, "value_range": self.value_range, "seed": self.seed}


class RandomPosterization(PixelLayer):
    """In training, keeps only the highest bits of the values of each image, as many as are drawn for it.

    Values are taken as whole numbers from 0 to 255, of which the lowest 8 - bits bits are set to 0.

    Args:
        factor: the range of the number of bits, (lower, upper) between 1 and 8, both of which may be drawn;
            a number x is (1, x). 8 bits keep whole numbers as they are.
        value_range: the range of the images' values, (low, high), which stands for 0 to 255.
        data_format: "channels_last" or "channels_first"; None is `keras.config.image_data_format()`.
        seed: an integer, for the same draws each time.
        **kwargs: `name`, `dtype`, ...

    Input and output shape: (batch, height, width, channels), or without the batch.

    Raises ValueError: a `factor` that is not whole numbers from 1 to 8, a `value_range` that is not two ascending
    numbers, images of another rank.

    Reference: Cubuk et al., AutoAugment, arXiv:1805.09501.

    Example:

    >>> layer = keras.layers.RandomPosterization(factor=(2, 2))
    >>> images = np.array([10.0, 100.0, 200.0], dtype="float32").reshape((1, 1, 3, 1))
    >>> keras.ops.convert_to_numpy(layer(images, training=True)).ravel().tolist()
    [0.0, 64.0, 192.0]
    """

    FACTOR_BOUNDS = (1, 8)

    def __init__(
        self,
        factor: Any,
        value_range: Any = (0, 255),
        data_format: str | None = None,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(factor=factor, data_format=data_format, **kwargs)
        if not all(isinstance(bits, numbers.Integral) for bits in self.factor):
            raise ValueError(f"Layer {self.name!r}: factor counts bits, a whole number; got: factor={factor!r}")
        self.value_range = list(self.value_range_of(value_range))
        self.set_seed(seed)

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        if not training:
            return None
        least, most = self.factor
        shape = (self.image_sizes(data)[0],)
        shift = random.randint(shape, 8 - int(most), 9 - int(least), seed=self.source_of(seed))
        return {"shift_factor": ops.cast(shift, "uint8")}

    def change_images(self, images: Any, transformation: Any) -> Any:
        levels = ops.cast(ops.clip(self.to_range(images, 0, 255), 0, 255), "int32")
        shift = each(transformation["shift_factor"], levels)
        levels = ops.left_shift(ops.right_shift(levels, shift), shift)
        return self.from_range(ops.cast(levels, self.float_dtype), 0, 255)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "factor": self.factor, "value_range": self.value_range, "seed": self.seed}


class Solarization(PixelLayer):
    """In training, adds a number to each image, and then turns the values around that are not below a threshold.

    With values from 0 to 255: y = clip(x + addition, 0, 255), and y where y < threshold, else 255 - y.

    Args:
        addition_factor: the range of the addition as a share of 255, (lower, upper) between 0 and 1; a number x
            is (0, x). One is drawn for each image.
        threshold_factor: the range of the threshold, likewise. 0 turns all values around.
        value_range: the range of the images' values, (low, high), which stands for 0 to 255.
        seed: an integer, for the same draws each time.
        **kwargs: `data_format`, `name`, `dtype`, ...

    Input and output shape: (batch, height, width, channels), or without the batch.

    Raises ValueError: a factor outside its bounds, a `value_range` that is not two ascending numbers,
    images of another rank.

    Reference: Cubuk et al., AutoAugment, arXiv:1805.09501.

    Example:

    >>> images = np.array([10.0, 100.0, 200.0], dtype="float32").reshape((1, 1, 3, 1))
    >>> keras.ops.convert_to_numpy(keras.layers.Solarization()(images, training=True)).ravel().tolist()
    [245.0, 155.0, 55.0]
    """

    USES_FACTOR = False

    def __init__(
        self,
        addition_factor: Any = 0.0,
        threshold_factor: Any = 0.0,
        value_range: Any = (0, 255),
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.addition_factor = self.range_of("addition_factor", addition_factor)
        self.threshold_factor = self.range_of("threshold_factor", threshold_factor)
        self.value_range = list(self.value_range_of(value_range))
        self.set_seed(seed)

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        if not training:
            return None
        source = self.source_of(seed)
        return {
            "additions": self._draw_level(data, self.addition_factor, source),
            "thresholds": self._draw_level(data, self.threshold_factor, source),
        }

    def _draw_level(self, data: Any, limits: Pair, source: Any) -> Any:
        return ops.multiply(self.draw_each(data, limits, source), 255.0)

    def change_images(self, images: Any, transformation: Any) -> Any:
        images = self.to_range(images, 0, 255)
        images = ops.clip(ops.add(images, each(transformation["additions"], images)), 0, 255)
        below = ops.less(images, each(transformation["thresholds"], images))
        return self.from_range(ops.where(below, images, ops.subtract(255.0, images)), 0, 255)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "value_range": self.value_range,
            "addition_factor": self.addition_factor,
            "threshold_factor": self.threshold_factor,
            "seed": self.seed,
        }
