"""Perspective and elastic distortion by chance."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from triceras import ops, random
from triceras.layers.image_preprocessing.base import is_number
from triceras.layers.image_preprocessing.warping import RandomWarp
from triceras.utils import bounding_boxes as boxes


class _SometimesWarp(RandomWarp):
    """A warp that each image undergoes with a probability drawn from `factor`."""

    USES_FACTOR = True
    FACTOR_BOUNDS = (0, 1)

    def _chosen(self, batch: Any, seed: Any) -> Any:
        """Which images to warp, (batch,)."""
        low, high = self.factor
        first, second = ops.unstack(self.draw((2, batch), 0.0, 1.0, seed))
        return ops.less(first, ops.add(ops.multiply(second, high - low), low))


class RandomPerspective(_SometimesWarp):
    """In training, views images from another side: their corners are moved, and the pixels follow projectively.

    The corner (x, y), counted from the top left, goes to ((1 + u) x, (1 + v) y) with u and v drawn from
    (-scale / 2, scale / 2).

    Args:
        factor: the range from which an image's probability of being changed is drawn: `x` for (0, x), or
            (lower, upper), between 0 and 1.
        scale: how far corners move, between 0 and 1.
        interpolation: "bilinear" or "nearest"; segmentation masks always take the nearest.
        fill_value: of what lies outside the image.
        seed: an integer; None takes one that `keras.utils.set_random_seed` determines, or else chance.
        data_format: "channels_last" or "channels_first"; None is `keras.config.image_data_format()`.
        **kwargs: `bounding_box_format`, `name`, `dtype`, ...

    Input shape: (batch, height, width, channels) or (height, width, channels), channels before the height for
    "channels_first"; or a dict with "images".

    Output shape: the same, in the layer's dtype.

    Raises ValueError: a factor or scale outside its bounds. NotImplementedError: an unknown interpolation.

    Example:

    >>> keras.ops.shape(keras.layers.RandomPerspective(seed=1)(np.ones((2, 8, 9, 3)), training=True))[1:]
    (8, 9, 3)
    """

    def __init__(
        self,
        factor: Any = 1.0,
        scale: float = 1.0,
        interpolation: str = "bilinear",
        fill_value: float = 0.0,
        seed: int | None = None,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(factor=factor, data_format=data_format, **kwargs)
        if not is_number(scale) or not 0 <= scale <= 1:
            raise ValueError(f"Layer {self.name!r}: scale must be a number between 0 and 1; got: scale={scale!r}")
        self.scale = scale
        self._set_sampling(interpolation, "constant", fill_value)
        self.set_seed(seed)

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        """Whom to change, "apply_perspective" (batch,); the corners "start_points" (batch, 4, 2), and where they
        go, "end_points"; and the "input_shape"."""
        if not training:
            return None
        batch, height, width = self.image_sizes(data)
        last = ops.stack([ops.cast(ops.subtract(size, 1), "float32") for size in (width, height)])
        corners = ops.multiply(last, np.array([[0, 0], [1, 0], [0, 1], [1, 1]], "float32"))
        start = ops.broadcast_to(corners, (batch, 4, 2))
        chosen = self._chosen(batch, seed)
        across, down = (self.draw((batch, 4), 1 - self.scale / 2, 1 + self.scale / 2, seed) for _ in range(2))
        return {
            "apply_perspective": chosen,
            "start_points": start,
            "end_points": ops.multiply(start, ops.stack([across, down], axis=-1)),
            "input_shape": self.image_shape(data),
        }

    def _ends(self, transformation: Any) -> Any:
        chosen = ops.reshape(transformation["apply_perspective"], (-1, 1, 1))
        return ops.where(chosen, transformation["end_points"], transformation["start_points"])

    def warp(self, images: Any, transformation: Any, interpolation: str) -> Any:
        return ops.image.perspective_transform(
            images,
            transformation["start_points"],
            self._ends(transformation),
            interpolation=interpolation,
            fill_value=self.fill_value,
            data_format=self.data_format,
        )

    def move(self, corners: Any, transformation: Any) -> Any:
        x, y = boxes.corner_points(corners)
        moved = projected(x, y, homography(transformation["start_points"], self._ends(transformation)))
        return boxes.enclosing(*moved)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "factor": self.factor, "scale": self.scale}


def homography(start: Any, end: Any) -> Any:
    """(batch, 8): a, b, c, d, e, f, g, h such that each (x, y) of `start` goes to that of `end`, both (batch, 4, 2),
    by ((a x + b y + c) / k, (d x + e y + f) / k) with k = g x + h y + 1."""
    x, y = start[..., :1], start[..., 1:]
    to_x, to_y = end[..., :1], end[..., 1:]
    one, none = ops.ones_like(start[..., :1]), ops.zeros_like(start)
    plane = ops.concatenate([x, y, one], axis=-1)
    nothing = ops.concatenate([none, none[..., :1]], axis=-1)
    first = ops.concatenate([plane, nothing, ops.negative(ops.multiply(start, to_x))], axis=-1)
    second = ops.concatenate([nothing, plane, ops.negative(ops.multiply(start, to_y))], axis=-1)
    rows = ops.concatenate([first, second], axis=-2)
    return ops.squeeze(ops.linalg.solve(rows, ops.concatenate([to_x, to_y], axis=-2)), -1)


def projected(x: Any, y: Any, maps: Any) -> tuple[Any, Any]:
    """Points (batch, ...) under homographies (batch, 8)."""
    a, b, c, d, e, f, g, h = (ops.reshape(n, (-1, 1, 1)) for n in ops.unstack(maps, axis=-1))

    def plane(p: Any, q: Any, r: Any) -> Any:
        return ops.add(ops.add(ops.multiply(p, x), ops.multiply(q, y)), r)

    below = plane(g, h, 1.0)
    return ops.divide(plane(a, b, c), below), ops.divide(plane(d, e, f), below)


class RandomElasticTransform(_SometimesWarp):
    """In training, moves every pixel of an image by a smooth random field. Simard et al., ICDAR 2003.

    With a strength s drawn from `scale` for the batch, the field is normal noise of standard deviation sigma, blurred
    by a Gaussian of standard deviation sigma, times alpha, where alpha = 0.1 s max(height, width) and
    sigma = 0.05 s min(height, width), in pixels. Bounding boxes are not supported, as they would not stay upright.

    Args:
        factor: the range from which an image's probability of being changed is drawn: `x` for (0, x), or
            (lower, upper), between 0 and 1.
        scale: the range of s, likewise.
        interpolation: "bilinear" or "nearest"; segmentation masks always take the nearest.
        fill_mode: what lies outside the image: "reflect" (d c b a | a b c d | d c b a), "wrap" (a b c d | a b c d),
            "nearest" (a a a a | a b c d | d d d d), "mirror" (d c b | a b c d | c b a) or "constant".
        fill_value: for the fill_mode "constant".
        value_range: the lowest and the highest value of images; results are cut off there.
        seed: an integer; None takes one that `keras.utils.set_random_seed` determines, or else chance.
        data_format: "channels_last" or "channels_first"; None is `keras.config.image_data_format()`.
        **kwargs: `name`, `dtype`, ...

    Input shape: (batch, height, width, channels) or (height, width, channels), channels before the height for
    "channels_first"; or a dict with "images".

    Output shape: the same, in the layer's dtype.

    Raises ValueError: a factor, scale or value_range outside its bounds. NotImplementedError: an unknown fill_mode or
    interpolation; bounding boxes.

    Example:

    >>> keras.ops.shape(keras.layers.RandomElasticTransform(seed=1)(np.ones((2, 8, 9, 3)), training=True))[1:]
    (8, 9, 3)
    """

    FILL_MODES = ("reflect", "wrap", "constant", "nearest", "mirror")

    def __init__(
        self,
        factor: Any = 1.0,
        scale: Any = 1.0,
        interpolation: str = "bilinear",
        fill_mode: str = "reflect",
        fill_value: float = 0.0,
        value_range: Any = (0, 255),
        seed: int | None = None,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(factor=factor, data_format=data_format, **kwargs)
        self.scale = self.range_of("scale", scale, (0, 1))
        self.value_range_of(value_range)
        self.value_range = value_range
        self._set_sampling(interpolation, fill_mode, fill_value)
        self.set_seed(seed)

    def get_elastic_transform_params(self, height: int, width: int, factor: Any) -> tuple[Any, Any]:
        """alpha and sigma for images of that size and a strength `factor`."""
        return ops.multiply(factor, 0.1 * max(height, width)), ops.multiply(factor, 0.05 * min(height, width))

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        """Whom to change, "apply_transform" (batch,); the strength "distortion_factor"; and how far each pixel is
        moved, "moves" (batch, height, width, 2): down and to the right."""
        if not training:
            return None
        height, width = self.sizes_known(data)
        batch = self.image_sizes(data)[0]
        chosen = self._chosen(batch, seed)
        strength = self.draw((), *self.scale, seed)
        alpha, sigma = self.get_elastic_transform_params(height, width, strength)
        noise = random.normal((batch, height, width, 2), dtype="float32", seed=self.generator if seed is None else seed)
        # The window must have a size that is known: three standard deviations of the strongest blur.
        reach = 2 * math.ceil(3 * 0.05 * min(height, width) * self.scale[1]) + 1
        smooth = ops.image.gaussian_blur(
            ops.multiply(noise, sigma), reach, ops.maximum(sigma, 1e-3), data_format="channels_last"
        )
        amount = ops.multiply(ops.cast(chosen, "float32"), alpha)
        moves = ops.multiply(smooth, ops.reshape(amount, (-1, 1, 1, 1)))
        return {"apply_transform": chosen, "distortion_factor": strength, "moves": moves}

    def transform_images(self, images: Any, transformation: Any, training: bool = True) -> Any:
        images = super().transform_images(images, transformation, training)
        if transformation is None or not training:
            return images
        return ops.clip(images, *self.value_range)

    def warp(self, images: Any, transformation: Any, interpolation: str) -> Any:
        first = self.data_format == "channels_first"
        planes = images if first else ops.transpose(images, (0, 3, 1, 2))
        batch, channels, height, width = ops.shape(planes)
        planes = ops.reshape(planes, (batch * channels, height, width))
        moves = ops.repeat(transformation["moves"], channels, axis=0)
        rows = ops.reshape(ops.arange(height, dtype="float32"), (-1, 1))
        columns = ops.arange(width, dtype="float32")
        down, right = ops.add(moves[..., 0], rows), ops.add(moves[..., 1], columns)
        plane = ops.reshape(ops.arange(batch * channels, dtype="float32"), (-1, 1, 1))
        places = ops.stack([ops.broadcast_to(plane, ops.shape(down)), down, right])
        order = 0 if interpolation == "nearest" else 1
        found = ops.image.map_coordinates(planes, places, order, self.fill_mode, self.fill_value)
        found = ops.reshape(found, (batch, channels, height, width))
        return found if first else ops.transpose(found, (0, 2, 3, 1))

    def transform_bounding_boxes(self, bounding_boxes: Any, transformation: Any, training: bool = True) -> Any:
        raise self._undefined("transform_bounding_boxes")

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "factor": self.factor,
            "scale": self.scale,
            "fill_mode": self.fill_mode,
            "value_range": self.value_range,
        }
