"""Rotation, translation, zoom and shear by chance: affine maps."""

from __future__ import annotations

import math
from typing import Any

from triceras import ops
from triceras.layers.image_preprocessing.base import pair_of
from triceras.layers.image_preprocessing.warping import RandomWarp, coefficients, middle
from triceras.utils import bounding_boxes as boxes

_ARGUMENTS = """        fill_mode: what lies outside the image: "reflect" (d c b a | a b c d | d c b a), "wrap"
            (a b c d | a b c d | a b c d), "nearest" (a a a a | a b c d | d d d d) or "constant", which is `fill_value`.
        interpolation: "bilinear" or "nearest"; segmentation masks always take the nearest.
        seed: an integer; None takes one that `keras.utils.set_random_seed` determines, or else chance.
        fill_value: for the fill_mode "constant".
        data_format: "channels_last" or "channels_first"; None is `keras.config.image_data_format()`.
        **kwargs: `bounding_box_format`, `name`, `dtype`, ...

    Input shape: (batch, height, width, channels) or (height, width, channels), channels before the height for
    "channels_first"; or a dict with "images".

    Output shape: the same, in the layer's dtype.
"""


class _AffineWarp(RandomWarp):
    """A map of one matrix an image."""

    def warp(self, images: Any, transformation: Any, interpolation: str) -> Any:
        return ops.image.affine_transform(
            images,
            self.matrix(transformation),
            interpolation=interpolation,
            fill_mode=self.fill_mode,
            fill_value=self.fill_value,
            data_format=self.data_format,
        )

    def matrix(self, transformation: Any) -> Any:
        """(batch, 8), as `keras.ops.image.affine_transform` takes it: where in the image a point comes from."""
        raise self._undefined("matrix")

    def _interval(self, name: str, value: Any, exclusive: bool = False) -> tuple[float, float]:
        """The range of an argument between -1 and 1, of which -1 is allowed unless `exclusive`."""
        low, high = self.range_of(name, value, (-1.0, 1.0))
        if exclusive and low <= -1:
            raise ValueError(
                f"Layer {self.name!r}: {name} must be above -1, at which nothing is left; got: {name}={value!r}"
            )
        return low, high


class RandomRotation(_AffineWarp):
    __doc__ = f"""In training, turns each image about its middle by an angle of its own.

    Args:
        factor: the range of angles as fractions of a full turn: `x` for (-x, x), or (lower, upper), between -1 and 1.
            Positive angles turn counterclockwise as one looks at the image.
{_ARGUMENTS}
    Raises ValueError: a factor outside its bounds. NotImplementedError: an unknown fill_mode or interpolation.

    Example:

    >>> images = np.arange(9.0).reshape(1, 3, 3, 1)
    >>> quarter = keras.layers.RandomRotation((0.25, 0.25))
    >>> np.round(keras.ops.convert_to_numpy(quarter(images, training=True))[0, ..., 0], 3).tolist()
    [[2.0, 5.0, 8.0], [1.0, 4.0, 7.0], [0.0, 3.0, 6.0]]
    """

    def __init__(
        self,
        factor: Any,
        fill_mode: str = "reflect",
        interpolation: str = "bilinear",
        seed: int | None = None,
        fill_value: float = 0.0,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(factor=factor, data_format=data_format, **kwargs)
        self._set_sampling(interpolation, fill_mode, fill_value)
        self.set_seed(seed)

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        """The "angle" in degrees (batch,) and what follows from it."""
        if not training:
            return None
        batch, height, width = self.image_sizes(data)
        angle = self.draw((batch,), self.factor[0] * 360.0, self.factor[1] * 360.0, seed)
        turn = ops.multiply(angle, math.pi / 180)
        cos, sin = ops.cos(turn), ops.sin(turn)
        x, y = middle(width), middle(height)
        from_x = ops.add(ops.subtract(x, ops.multiply(cos, x)), ops.multiply(sin, y))
        from_y = ops.subtract(ops.subtract(y, ops.multiply(sin, x)), ops.multiply(cos, y))
        return {
            "angle": angle,
            "rotation_matrix": coefficients(cos, ops.negative(sin), from_x, sin, cos, from_y),
            "image_height": height,
            "image_width": width,
            "batch_size": batch,
        }

    def matrix(self, transformation: Any) -> Any:
        return transformation["rotation_matrix"]

    def sizes_of(self, transformation: Any) -> tuple[Any, Any]:
        return transformation["image_height"], transformation["image_width"]

    def move(self, corners: Any, transformation: Any) -> Any:
        height, width = self.sizes_of(transformation)
        return boxes.affine_transform(corners, transformation["angle"], 0.0, 0.0, 1.0, 0.0, 0.0, height, width)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "factor": self.factor, "fill_mode": self.fill_mode}


class RandomTranslation(_AffineWarp):
    __doc__ = f"""In training, moves each image by a distance of its own.

    Args:
        height_factor: the range of distances down as fractions of the height: `x` for (-x, x), or (lower, upper),
            between -1 and 1.
        width_factor: the range of distances to the right as fractions of the width, likewise.
{_ARGUMENTS}
    Raises ValueError: a factor outside its bounds. NotImplementedError: an unknown fill_mode or interpolation.

    Example:

    >>> images = np.arange(4.0).reshape(1, 1, 4, 1)
    >>> right = keras.layers.RandomTranslation(0.0, (0.25, 0.25), fill_mode="constant")
    >>> np.round(keras.ops.convert_to_numpy(right(images, training=True)).ravel(), 3).tolist()
    [0.0, 0.0, 1.0, 2.0]
    """

    USES_FACTOR = False

    def __init__(
        self,
        height_factor: Any,
        width_factor: Any,
        fill_mode: str = "reflect",
        interpolation: str = "bilinear",
        seed: int | None = None,
        fill_value: float = 0.0,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(data_format=data_format, **kwargs)
        self.height_factor, self.width_factor = height_factor, width_factor
        self.height_lower, self.height_upper = self._interval("height_factor", height_factor)
        self.width_lower, self.width_upper = self._interval("width_factor", width_factor)
        self._set_sampling(interpolation, fill_mode, fill_value)
        self.set_seed(seed)

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        """The distances to the right and down in pixels, as "translations" (batch, 2), and the "input_shape"."""
        if not training:
            return None
        batch, height, width = self.image_sizes(data)
        right = self.draw((batch,), self.width_lower, self.width_upper, seed)
        down = self.draw((batch,), self.height_lower, self.height_upper, seed)
        moves = [ops.multiply(share, ops.cast(size, "float32")) for share, size in ((right, width), (down, height))]
        return {"translations": ops.stack(moves, axis=-1), "input_shape": self.image_shape(data)}

    def matrix(self, transformation: Any) -> Any:
        right, down = ops.unstack(ops.negative(transformation["translations"]), axis=-1)
        one, zero = ops.ones_like(right), ops.zeros_like(right)
        return coefficients(one, zero, right, zero, one, down)

    def move(self, corners: Any, transformation: Any) -> Any:
        moves = transformation["translations"]
        return ops.add(corners, ops.expand_dims(ops.concatenate([moves, moves], axis=-1), 1))

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "height_factor": self.height_factor,
            "width_factor": self.width_factor,
            "fill_mode": self.fill_mode,
        }


class RandomZoom(_AffineWarp):
    __doc__ = f"""In training, enlarges or reduces each image about its middle by factors of its own.

    An image of which the drawn share is f shows 1 + f times what it showed: positive shares reduce it.

    Args:
        height_factor: the range of shares: `x` for (-x, x), or (lower, upper), above -1 and up to 1.
        width_factor: the range for the width, likewise; None takes the height's share, which keeps the aspect ratio.
{_ARGUMENTS}
    Raises ValueError: a factor outside its bounds. NotImplementedError: an unknown fill_mode or interpolation.

    Example:

    >>> images = np.arange(3.0).reshape(1, 1, 3, 1)
    >>> twice = keras.layers.RandomZoom((-0.5, -0.5))
    >>> np.round(keras.ops.convert_to_numpy(twice(images, training=True)).ravel(), 3).tolist()
    [0.5, 1.0, 1.5]
    """

    USES_FACTOR = False

    def __init__(
        self,
        height_factor: Any,
        width_factor: Any = None,
        fill_mode: str = "reflect",
        interpolation: str = "bilinear",
        seed: int | None = None,
        fill_value: float = 0.0,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(data_format=data_format, **kwargs)
        self.height_factor, self.width_factor = height_factor, width_factor
        self.height_lower, self.height_upper = self._interval("height_factor", height_factor, exclusive=True)
        if width_factor is not None:
            self.width_lower, self.width_upper = self._interval("width_factor", width_factor, exclusive=True)
        self._set_sampling(interpolation, fill_mode, fill_value)
        self.set_seed(seed)

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        """How much more an image shows, as "height_zoom" and "width_zoom" (batch, 1), and the "input_shape"."""
        if not training:
            return None
        batch = self.image_sizes(data)[0]
        rows = columns = self.draw((batch, 1), 1 + self.height_lower, 1 + self.height_upper, seed)
        if self.width_factor is not None:
            columns = self.draw((batch, 1), 1 + self.width_lower, 1 + self.width_upper, seed)
        return {"height_zoom": rows, "width_zoom": columns, "input_shape": self.image_shape(data)}

    def matrix(self, transformation: Any) -> Any:
        height, width = self.sizes_of(transformation)
        down, across = (ops.reshape(transformation[key], (-1,)) for key in ("height_zoom", "width_zoom"))
        zero = ops.zeros_like(down)
        from_x, from_y = (
            ops.multiply(middle(size), ops.subtract(1.0, zoom)) for size, zoom in ((width, across), (height, down))
        )
        return coefficients(across, zero, from_x, zero, down, from_y)

    def move(self, corners: Any, transformation: Any) -> Any:
        height, width = self.sizes_of(transformation)
        across, down = (ops.reshape(transformation[key], (-1, 1)) for key in ("width_zoom", "height_zoom"))
        centre = ops.stack([middle(width), middle(height)] * 2)
        zoom = ops.stack([across, down, across, down], axis=-1)
        return ops.add(ops.divide(ops.subtract(corners, centre), zoom), centre)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "height_factor": self.height_factor,
            "width_factor": self.width_factor,
            "fill_mode": self.fill_mode,
        }


class RandomShear(_AffineWarp):
    __doc__ = f"""In training, shears each image by shares of its own: a pixel (x, y) comes from (x + a y, y + b x).

    Args:
        x_factor: the range of a: `x` for (-x, x), or (lower, upper) for a number between these, of either sign;
            between 0 and 1.
        y_factor: the range of b, likewise.
{_ARGUMENTS}
    Raises ValueError: a factor outside its bounds. NotImplementedError: an unknown fill_mode or interpolation.

    Example:

    >>> images = np.arange(9.0).reshape(1, 3, 3, 1)
    >>> layer = keras.layers.RandomShear(x_factor=0.0, y_factor=0.0)
    >>> bool(np.all(keras.ops.convert_to_numpy(layer(images, training=True)) == images))
    True
    """

    USES_FACTOR = False

    def __init__(
        self,
        x_factor: Any = 0.0,
        y_factor: Any = 0.0,
        interpolation: str = "bilinear",
        fill_mode: str = "reflect",
        fill_value: float = 0.0,
        data_format: str | None = None,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(data_format=data_format, **kwargs)
        self.x_factor, self.y_factor = self._shares("x_factor", x_factor), self._shares("y_factor", y_factor)
        self._set_sampling(interpolation, fill_mode, fill_value)
        self.set_seed(seed)

    def _shares(self, name: str, value: Any) -> tuple[float, float]:
        """The range (lower, upper); (-x, x), as configurations have it, is one too."""
        given = pair_of(value)
        if given is not None and given[0] == -given[1]:
            return self.range_of(name, value, (-1.0, 1.0))
        self.range_of(name, value, (0.0, 1.0))
        return self.range_of(name, value, (-1.0, 1.0))

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        """a and b as "shear_factor" (batch, 2), and the "input_shape"."""
        if not training:
            return None
        batch = self.image_sizes(data)[0]
        sizes = ops.stack([self.draw((batch,), *factor, seed) for factor in (self.x_factor, self.y_factor)], axis=-1)
        negative = ops.less(self.draw((batch, 2), 0.0, 1.0, seed), 0.5)
        shears = ops.where(negative, ops.negative(sizes), sizes)
        return {"shear_factor": shears, "input_shape": self.image_shape(data)}

    def matrix(self, transformation: Any) -> Any:
        across, down = ops.unstack(transformation["shear_factor"], axis=-1)
        one, zero = ops.ones_like(across), ops.zeros_like(across)
        return coefficients(one, across, zero, down, one, zero)

    def move(self, corners: Any, transformation: Any) -> Any:
        # The inverse of what is done to the pixels, so that boxes stay around the same things.
        across, down = (ops.reshape(x, (-1, 1, 1)) for x in ops.unstack(transformation["shear_factor"], axis=-1))
        x, y = boxes.corner_points(corners)
        determinant = ops.subtract(1.0, ops.multiply(across, down))
        new_x = ops.divide(ops.subtract(x, ops.multiply(across, y)), determinant)
        new_y = ops.divide(ops.subtract(y, ops.multiply(down, x)), determinant)
        return boxes.enclosing(new_x, new_y)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "x_factor": self.x_factor,
            "y_factor": self.y_factor,
            "fill_mode": self.fill_mode,
        }
