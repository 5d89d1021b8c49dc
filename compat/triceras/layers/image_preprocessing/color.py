"""Colours: RandomColorDegeneration, RandomColorJitter, RandomGrayscale, RandomHue, RandomInvert, RandomSaturation."""

from __future__ import annotations

from typing import Any

from triceras import ops
from triceras.layers.image_preprocessing.base import is_number
from triceras.layers.image_preprocessing.brightness import RandomBrightness, RandomContrast
from triceras.layers.image_preprocessing.pixels import PixelLayer, chosen, each


class _Factored(PixelLayer):
    """The constructor and configuration of most layers of this module."""

    def __init__(
        self,
        factor: Any,
        value_range: Any = (0, 255),
        data_format: str | None = None,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(factor=factor, data_format=data_format, **kwargs)
        self.value_range: Any = tuple(self.value_range_of(value_range))
        self.set_seed(seed)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "factor": self.factor, "value_range": self.value_range, "seed": self.seed}


class RandomGrayscale(PixelLayer):
    """In training, makes an image grey with probability `factor`: 0.2989 red + 0.587 green + 0.114 blue.

    The number of channels stays; images of one channel stay as they are. Images of integers keep their dtype.

    Args:
        factor: the probability, from 0 to 1.
        data_format: "channels_last" or "channels_first"; None is `keras.config.image_data_format()`.
        seed: an integer, for the same draws each time.
        **kwargs: `name`, `dtype`, ...

    Input and output shape: (batch, height, width, channels) with 3 channels or 1, or without the batch.

    Raises ValueError: a `factor` outside its bounds, images of another rank or number of channels.
    Raises TypeError: a `factor` that is not one number.

    Example:

    >>> image = np.array([100.0, 0.0, 200.0], dtype="float32").reshape((1, 1, 3))
    >>> np.round(keras.ops.convert_to_numpy(keras.layers.RandomGrayscale(factor=1.0)(image)), 2).ravel().tolist()
    [52.689998626708984, 52.689998626708984, 52.689998626708984]
    """

    USES_FACTOR = False
    KEEPS_INTEGERS = True

    def __init__(
        self, factor: float = 0.5, data_format: str | None = None, seed: int | None = None, **kwargs: Any
    ) -> None:
        super().__init__(data_format=data_format, **kwargs)
        if not is_number(factor):
            raise TypeError(f"Layer {self.name!r}: factor is one number, a probability; got: factor={factor!r}")
        if not 0 <= factor <= 1:
            raise ValueError(f"Layer {self.name!r}: factor must be between 0 and 1; got: factor={factor!r}")
        self.factor: Any = factor
        self.set_seed(seed)

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        if not training:
            return None
        return self.draw_chance(data, (self.factor, self.factor), self.source_of(seed))

    def change_images(self, images: Any, transformation: Any) -> Any:
        return chosen(transformation, ops.image.rgb_to_grayscale(images, self.data_format), images)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "factor": self.factor}


class RandomColorDegeneration(_Factored):
    """In training, mixes each image with its grey one: x + f * (grey - x), with f drawn for each image.

    Grey is 0.2989 red + 0.587 green + 0.114 blue. f = 0 is the image, f = 1 the grey one; below 0 colours are stronger.

    Args:
        factor: the range of f, (lower, upper) between -1 and 1; a number x is (-x, x).
        value_range: the range of the images' values, (low, high), at which results are cut off.
        data_format: "channels_last" or "channels_first"; None is `keras.config.image_data_format()`.
        seed: an integer, for the same draws each time.
        **kwargs: `name`, `dtype`, ...

    Input and output shape: (batch, height, width, channels) with 3 channels or 1, or without the batch.

    Raises ValueError: a `factor` outside its bounds, a `value_range` that is not two ascending numbers,
    images of another rank or number of channels.

    Example:

    >>> layer = keras.layers.RandomColorDegeneration(factor=(1.0, 1.0))
    >>> image = np.array([100.0, 0.0, 200.0], dtype="float32").reshape((1, 1, 3))
    >>> [round(float(x), 2) for x in keras.ops.convert_to_numpy(layer(image, training=True)).ravel()]
    [52.69, 52.69, 52.69]
    """

    FACTOR_BOUNDS = (-1, 1)

    def __init__(
        self,
        factor: Any,
        value_range: Any = (0, 255),
        data_format: str | None = None,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(factor, value_range, data_format, seed, **kwargs)
        self.value_range = list(self.value_range)

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        return {"factor": self.draw_each(data, self.factor, self.source_of(seed))} if training else None

    def change_images(self, images: Any, transformation: Any) -> Any:
        grey = ops.image.rgb_to_grayscale(images, self.data_format)
        share = ops.multiply(each(transformation["factor"], images), ops.subtract(grey, images))
        return self.clip(ops.add(images, share))


class RandomHue(_Factored):
    """In training, turns the hue of each image by an angle of its own.

    The angle, as a share of a turn, is half a number drawn from `factor`, in either direction; saturation and value
    of a colour stay. See `keras.ops.image.rgb_to_hsv`.

    Args:
        factor: the range of that number, (lower, upper) between 0 and 1; a number x is (0, x). 0 changes nothing,
            1 is half a turn.
        value_range: the range of the images' values, (low, high).
        data_format: "channels_last" or "channels_first"; None is `keras.config.image_data_format()`.
        seed: an integer, for the same draws each time.
        **kwargs: `name`, `dtype`, ...

    Input and output shape: (batch, height, width, 3), or without the batch.

    Raises ValueError: a `factor` outside its bounds, a `value_range` that is not two ascending numbers,
    images of another rank or number of channels.

    Example:

    >>> layer = keras.layers.RandomHue(factor=(1.0, 1.0))
    >>> image = np.array([255.0, 0.0, 0.0], dtype="float32").reshape((1, 1, 3))
    >>> keras.ops.convert_to_numpy(layer(image, training=True)).ravel().tolist()
    [0.0, 255.0, 255.0]
    """

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        if not training:
            return None
        source = self.source_of(seed)
        size = ops.reshape(self.draw_each(data, self.factor, source), (-1,))
        side = ops.reshape(self.draw_each(data, (-1, 1), source), (-1,))
        return {"factor": ops.multiply(0.5, ops.where(ops.less(side, 0), ops.negative(size), size))}

    def change_images(self, images: Any, transformation: Any) -> Any:
        hsv = ops.image.rgb_to_hsv(self.to_range(images, 0, 1), self.data_format)
        hue, saturation, value = ops.split(hsv, 3, axis=self.channel_axis)
        hue = ops.mod(ops.add(hue, each(transformation["factor"], images)), 1.0)
        hsv = ops.concatenate([hue, saturation, value], axis=self.channel_axis)
        return self.from_range(ops.image.hsv_to_rgb(hsv, self.data_format), 0, 1)


class RandomSaturation(_Factored):
    """In training, multiplies the saturation of each image by a number of its own.

    The number is f / (1 - f), with f drawn evenly from `factor`; hue and value stay, and the saturation is cut off
    at 0 and 1. f = 0.5 changes nothing, 0 and below make the image grey, 1 gives the strongest colours.

    Args:
        factor: the range of f, (lower, upper) between -1 and 1; a number x is (-x, x).
        value_range: the range of the images' values, (low, high).
        data_format: "channels_last" or "channels_first"; None is `keras.config.image_data_format()`.
        seed: an integer, for the same draws each time.
        **kwargs: `name`, `dtype`, ...

    Input and output shape: (batch, height, width, 3), or without the batch.

    Raises ValueError: a `factor` outside its bounds, a `value_range` that is not two ascending numbers,
    images of another rank or number of channels.

    Example:

    >>> layer = keras.layers.RandomSaturation(factor=(0.0, 0.0))
    >>> image = np.array([200.0, 100.0, 0.0], dtype="float32").reshape((1, 1, 3))
    >>> [round(float(x)) for x in keras.ops.convert_to_numpy(layer(image, training=True)).ravel()]
    [200, 200, 200]
    """

    FACTOR_BOUNDS = (-1, 1)
    # Keeps f / (1 - f) finite.
    EPSILON = 1e-7

    def __init__(
        self,
        factor: Any,
        value_range: Any = (0, 255),
        data_format: str | None = None,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(factor, value_range, data_format, seed, **kwargs)
        self.value_range = list(self.value_range)

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        if not training:
            return None
        share = ops.reshape(self.draw_each(data, self.factor, self.source_of(seed)), (-1,))
        return {"factor": ops.divide(share, ops.add(ops.subtract(1.0, share), self.EPSILON))}

    def change_images(self, images: Any, transformation: Any) -> Any:
        hsv = ops.image.rgb_to_hsv(self.to_range(images, 0, 1), self.data_format)
        hue, saturation, value = ops.split(hsv, 3, axis=self.channel_axis)
        saturation = ops.clip(ops.multiply(saturation, each(transformation["factor"], images)), 0, 1)
        hsv = ops.concatenate([hue, saturation, value], axis=self.channel_axis)
        return self.from_range(ops.image.hsv_to_rgb(hsv, self.data_format), 0, 1)


class RandomInvert(PixelLayer):
    """In training, turns the values of an image around, high - x, with a probability drawn for it.

    Args:
        factor: the range of the probability, (lower, upper) between 0 and 1; a number x is (0, x).
        value_range: the range of the images' values, (low, high), of which low should be 0: results lie between 0 and
            high - low.
        seed: an integer, for the same draws each time.
        data_format: "channels_last" or "channels_first"; None is `keras.config.image_data_format()`.
        **kwargs: `name`, `dtype`, ...

    Input and output shape: (batch, height, width, channels), or without the batch.

    Raises ValueError: a `factor` outside its bounds, a `value_range` that is not two ascending numbers,
    images of another rank.

    Example:

    >>> layer = keras.layers.RandomInvert(factor=(1.0, 1.0))
    >>> keras.ops.convert_to_numpy(layer(np.array([[[55.0, 255.0]]]), training=True)).ravel().tolist()
    [200.0, 0.0]
    """

    def __init__(
        self,
        factor: Any = 1.0,
        value_range: Any = (0, 255),
        seed: int | None = None,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(factor=factor, data_format=data_format, **kwargs)
        self.value_range = tuple(self.value_range_of(value_range))
        self.set_seed(seed)

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        return {"apply_inversion": self.draw_chance(data, self.factor, self.source_of(seed))} if training else None

    def change_images(self, images: Any, transformation: Any) -> Any:
        inverted = ops.subtract(self.value_range[1], images)
        return chosen(transformation["apply_inversion"], inverted, images)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "factor": self.factor, "value_range": self.value_range, "seed": self.seed}


class RandomColorJitter(PixelLayer):
    """In training, changes brightness, contrast, saturation and hue at random, in this order.

    Args:
        value_range: the range of the images' values, (low, high).
        brightness_factor: as RandomBrightness takes it; None leaves the brightness alone.
        contrast_factor: as RandomContrast takes it, or None.
        saturation_factor: as RandomSaturation takes it, or None.
        hue_factor: as RandomHue takes it, or None.
        seed: an integer, for the same draws each time.
        data_format: "channels_last" or "channels_first"; None is `keras.config.image_data_format()`.
        **kwargs: `name`, `dtype`, ...

    Input and output shape: (batch, height, width, channels), or without the batch; 3 channels where saturation or
    hue are changed.

    Raises ValueError: a factor outside its bounds, a `value_range` that is not two ascending numbers,
    images of another rank or number of channels.

    Example:

    >>> layer = keras.layers.RandomColorJitter(brightness_factor=(0.2, 0.2), hue_factor=(1.0, 1.0))
    >>> [round(float(x)) for x in keras.ops.convert_to_numpy(layer(np.array([[[100.0, 0.0, 0.0]]]))).ravel()]
    [51, 151, 151]
    """

    USES_FACTOR = False

    def __init__(
        self,
        value_range: Any = (0, 255),
        brightness_factor: Any = None,
        contrast_factor: Any = None,
        saturation_factor: Any = None,
        hue_factor: Any = None,
        seed: int | None = None,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(data_format=data_format, **kwargs)
        self.value_range = tuple(self.value_range_of(value_range))
        self.brightness_factor = brightness_factor
        self.contrast_factor = contrast_factor
        self.saturation_factor = saturation_factor
        self.hue_factor = hue_factor
        self.set_seed(seed)
        self.random_brightness = self._part(RandomBrightness, brightness_factor)
        self.random_contrast = self._part(RandomContrast, contrast_factor)
        self.random_saturation = self._part(RandomSaturation, saturation_factor)
        self.random_hue = self._part(RandomHue, hue_factor)

    def _part(self, layer: Any, factor: Any) -> Any:
        if factor is None:
            return None
        shared = {"value_range": self.value_range, "data_format": self.data_format, "dtype": self.float_dtype}
        return layer(factor=factor, seed=self.seed, **shared)

    def _parts(self) -> dict[str, PixelLayer]:
        parts = {
            "random_brightness": self.random_brightness,
            "random_contrast": self.random_contrast,
            "random_saturation": self.random_saturation,
            "random_hue": self.random_hue,
        }
        return {name: layer for name, layer in parts.items() if layer is not None}

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        if not training:
            return None
        source = self.source_of(seed)  # one for all parts, whose draws are to be independent
        return {name: part.get_random_transformation(data, seed=source) for name, part in self._parts().items()}

    def change_images(self, images: Any, transformation: Any) -> Any:
        for name, part in self._parts().items():
            images = part.transform_images(images, transformation[name])
        return images

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "value_range": self.value_range,
            "brightness_factor": self.brightness_factor,
            "contrast_factor": self.contrast_factor,
            "saturation_factor": self.saturation_factor,
            "hue_factor": self.hue_factor,
            "seed": self.seed,
        }
