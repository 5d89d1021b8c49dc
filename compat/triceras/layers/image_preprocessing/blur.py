"""Filters: RandomGaussianBlur and RandomSharpness."""

from __future__ import annotations

from typing import Any

import numpy as np

from triceras import ops
from triceras.layers.image_preprocessing.pixels import PixelLayer, chosen, each


class RandomGaussianBlur(PixelLayer):
    """In training, convolves images with a Gaussian window, each with a probability drawn for it.

    The window's two standard deviations, along the width and along the height, are drawn once for a batch.
    Outside an image there are zeros.

    Args:
        factor: the range of the probability, (lower, upper) between 0 and 1; a number x is (0, x).
        kernel_size: the window's height and width, odd; a number is both.
        sigma: the range of the standard deviations in pixels, (lower, upper), positive; a number x is (0, x).
        value_range: the range of the images' values, (low, high), at which results are cut off.
        data_format: "channels_last" or "channels_first"; None is `keras.config.image_data_format()`.
        seed: an integer, for the same draws each time.
        **kwargs: `name`, `dtype`, ...

    Input and output shape: (batch, height, width, channels), or without the batch.

    Raises ValueError: arguments outside their bounds, an even `kernel_size`, images of another rank.

    Example:

    >>> layer = keras.layers.RandomGaussianBlur(factor=(1.0, 1.0), kernel_size=(1, 3), sigma=(1.0, 1.0))
    >>> image = np.array([0.0, 0.0, 100.0, 0.0, 0.0], dtype="float32").reshape((1, 5, 1))
    >>> [round(float(x), 2) for x in keras.ops.convert_to_numpy(layer(image, training=True)).ravel()]
    [0.0, 27.41, 45.19, 27.41, 0.0]
    """

    SIGMA_BOUNDS = (0, 255)

    def __init__(
        self,
        factor: Any = 1.0,
        kernel_size: Any = 3,
        sigma: Any = 1.0,
        value_range: Any = (0, 255),
        data_format: str | None = None,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(factor=factor, data_format=data_format, **kwargs)
        self.kernel_size = self._kernel_size_of(kernel_size)
        if isinstance(sigma, (list, tuple)) and list(sigma) != sorted(sigma):
            raise ValueError(f"Layer {self.name!r}: sigma must be (lower, upper), ascending; got: sigma={sigma!r}")
        self.sigma = self.range_of("sigma", sigma, self.SIGMA_BOUNDS)
        self.value_range = tuple(self.value_range_of(value_range))
        self.set_seed(seed)

    def _kernel_size_of(self, value: Any) -> tuple[int, int]:
        sizes = (value, value) if isinstance(value, int) else value
        good = isinstance(sizes, (list, tuple)) and len(sizes) == 2
        if not good or not all(isinstance(size, int) and size > 0 and size % 2 for size in sizes):
            raise ValueError(
                f"Layer {self.name!r}: kernel_size must be a positive odd integer, or two of them; "
                f"got: kernel_size={value!r}"
            )
        return (sizes[0], sizes[1])

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        if not training:
            return None
        source = self.source_of(seed)
        low, high = map(float, self.sigma)
        return {
            "should_apply_blur": ops.reshape(self.draw_chance(data, self.factor, source), (-1,)),
            "blur_factor": self.draw((2,), low, high, source),
        }

    def change_images(self, images: Any, transformation: Any) -> Any:
        # A window of standard deviation 0 is that of one pixel.
        sigma = ops.maximum(ops.cast(transformation["blur_factor"], ops.dtype(images)), 1e-3)
        blurred = ops.image.gaussian_blur(images, self.kernel_size, (sigma[1], sigma[0]), self.data_format)
        return chosen(transformation["should_apply_blur"], self.clip(blurred), images)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "factor": self.factor,
            "kernel_size": self.kernel_size,
            "sigma": self.sigma,
            "value_range": self.value_range,
            "seed": self.seed,
        }


class RandomSharpness(PixelLayer):
    """In training, moves each image away from a smoothed one, or towards it: x + (2f - 1) * (x - smooth(x)).

    smooth(x) is the mean over 3 by 3 pixels in which that in the middle counts five times, with zeros outside; f is
    drawn for each image. f = 0.5 is the image, 0 the smoothed one, 1 twice the difference away from it.

    Args:
        factor: the range of f, (lower, upper) between 0 and 1; a number x is (0, x).
        value_range: the range of the images' values, (low, high), at which results are cut off.
        data_format: "channels_last" or "channels_first"; None is `keras.config.image_data_format()`.
        seed: an integer, for the same draws each time.
        **kwargs: `name`, `dtype`, ...

    Input and output shape: (batch, height, width, channels), or without the batch.

    Raises ValueError: a `factor` outside its bounds, a `value_range` that is not two ascending numbers,
    images of another rank.

    Example:

    >>> layer = keras.layers.RandomSharpness(factor=(0.0, 0.0))
    >>> image = np.array([0.0, 130.0, 0.0], dtype="float32").reshape((1, 3, 1))
    >>> [round(float(x)) for x in keras.ops.convert_to_numpy(layer(image, training=True)).ravel()]
    [10, 50, 10]
    """

    SMOOTH = np.array([[1, 1, 1], [1, 5, 1], [1, 1, 1]], dtype=np.float32) / 13

    def __init__(
        self,
        factor: Any,
        value_range: Any = (0, 255),
        data_format: str | None = None,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(factor=factor, data_format=data_format, **kwargs)
        self.value_range = list(self.value_range_of(value_range))
        self.set_seed(seed)

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        if not training:
            return None
        return {"factor": ops.reshape(self.draw_each(data, self.factor, self.source_of(seed)), (-1,))}

    def change_images(self, images: Any, transformation: Any) -> Any:
        images = self.to_range(images, 0, 255)
        channels = ops.shape(images)[self.channel_axis]
        kernel = ops.convert_to_tensor(np.tile(self.SMOOTH[..., None, None], (1, 1, channels, 1)), ops.dtype(images))
        smooth = ops.depthwise_conv(images, kernel, padding="same", data_format=self.data_format)
        weight = ops.subtract(ops.multiply(2.0, each(transformation["factor"], images)), 1.0)
        images = ops.add(images, ops.multiply(weight, ops.subtract(images, smooth)))
        return self.from_range(ops.clip(images, 0, 255), 0, 255)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "factor": self.factor, "value_range": self.value_range, "seed": self.seed}
