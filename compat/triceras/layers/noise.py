"""Layers that disturb their inputs in training, and only then."""

from __future__ import annotations

import math
from typing import Any

from triceras import ops, random
from triceras.layers.core import Dropout, checked_noise_shape, share
from triceras.layers.input_spec import InputSpec
from triceras.layers.layer import Layer
from triceras.seeds import SeedGenerator
from triceras_backends.config import standardize_data_format


class _Noise(Layer):
    """Random in training, in the amount `strength`; 0 leaves the inputs as they are and needs no generator."""

    DESCRIBES_SHAPES = False

    def __init__(self, strength: float, seed: Any, kwargs: dict[str, Any]) -> None:
        super().__init__(**kwargs)
        self.seed = seed
        if strength > 0:
            self.seed_generator = SeedGenerator(seed)
        self.supports_masking = True

    def _normal(self, inputs: Any, mean: float, stddev: float) -> Any:
        return random.normal(ops.shape(inputs), mean, stddev, dtype=ops.dtype(inputs), seed=self.seed_generator)

    def compute_output_shape(self, input_shape: Any) -> tuple[int | None, ...]:
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "seed": self.seed}


def _below_one(layer: str, rate: Any) -> Any:
    """A rate in [0, 1) as it is. Raises ValueError: anything else."""
    if share(layer, "rate", rate) == 1:
        raise ValueError(f"{layer}: rate must be at least 0 and below 1; got: {rate!r}")
    return rate


class GaussianNoise(_Noise):
    """In training, adds normal noise of mean 0 and standard deviation `stddev`.

    Args:
        stddev: between 0 and 1.
        seed: an int, for the same noise each time the program runs; None draws one.

    Call arguments:
        training: whether noise is added.

    Shapes: any, which the output has too.

    Raises ValueError: a standard deviation out of range.

    Example:

    >>> layer = keras.layers.GaussianNoise(0.1, seed=1)
    >>> keras.ops.convert_to_numpy(layer(np.ones((1, 3)))).tolist()
    [[1.0, 1.0, 1.0]]
    >>> y = keras.ops.convert_to_numpy(layer(np.ones(1000), training=True))
    >>> bool(abs(y.mean() - 1) < 0.02 and abs(y.std() - 0.1) < 0.02)
    True
    """

    def __init__(self, stddev: float, seed: Any = None, **kwargs: Any) -> None:
        super().__init__(share("GaussianNoise", "stddev", stddev), seed, kwargs)
        self.stddev = stddev

    def call(self, inputs: Any, training: bool = False) -> Any:
        if not training or not self.stddev:
            return inputs
        return ops.add(inputs, self._normal(inputs, 0.0, self.stddev))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "stddev": self.stddev}


class GaussianDropout(_Noise):
    """In training, multiplies by normal noise of mean 1 and standard deviation sqrt(rate / (1 - rate)).

    Args:
        rate: at least 0 and below 1; the noise has the deviation that Dropout of this rate has.
        seed: an int, for the same noise each time the program runs; None draws one.

    Call arguments:
        training: whether there is noise.

    Shapes: any, which the output has too.

    Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting", 2014.
    Raises ValueError: a rate out of range.

    Example:

    >>> layer = keras.layers.GaussianDropout(0.2, seed=1)
    >>> y = keras.ops.convert_to_numpy(layer(np.ones(1000), training=True))
    >>> bool(abs(y.mean() - 1) < 0.05 and abs(y.std() - 0.5) < 0.05)
    True
    """

    def __init__(self, rate: float, seed: Any = None, **kwargs: Any) -> None:
        super().__init__(_below_one("GaussianDropout", rate), seed, kwargs)
        self.rate = rate

    def call(self, inputs: Any, training: bool = False) -> Any:
        if not training or not self.rate:
            return inputs
        return ops.multiply(inputs, self._normal(inputs, 1.0, math.sqrt(self.rate / (1 - self.rate))))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "rate": self.rate}


# SELU's negative limit: scale times alpha of `ops.selu`.
_SELU_LIMIT = -1.0507009873554805 * 1.6732632423543772


class AlphaDropout(_Noise):
    """Dropout that keeps the mean 0 and the variance 1 of its inputs; for networks with SELU.

    In training a share `rate` of the elements, drawn at random, becomes the value l = -1.7581
    that SELU approaches, and all are then mapped by a x + b with a = ((1 - rate)(1 + rate l^2))^(-1/2)
    and b = -a l rate.

    Args:
        rate: at least 0 and below 1.
        noise_shape: the shape of the random mask, a tuple of ints and None, which stands for the
            input's size; 1 shares the mask along an axis. None is the input's shape.
        seed: an int, for the same masks each time the program runs; None draws one.

    Call arguments:
        training: whether elements are dropped.

    Shapes: any, which the output has too.

    Klambauer et al., arXiv:1706.02515. Raises ValueError: a rate out of range, a noise_shape
    that is no sequence of ints and None.

    Example:

    >>> layer = keras.layers.AlphaDropout(0.5, seed=1)
    >>> y = keras.ops.convert_to_numpy(layer(np.ones(100), training=True))
    >>> sorted({round(float(x), 3) for x in y})
    [-0.779, 1.666]
    """

    def __init__(self, rate: float, noise_shape: Any = None, seed: Any = None, **kwargs: Any) -> None:
        super().__init__(_below_one("AlphaDropout", rate), seed, kwargs)
        self.rate = rate
        self.noise_shape = checked_noise_shape("AlphaDropout", noise_shape)

    def call(self, inputs: Any, training: bool = False) -> Any:
        if not training or not self.rate:
            return inputs
        sizes = ops.shape(inputs)
        if self.noise_shape is not None:
            sizes = tuple(
                size if given is None else given for given, size in zip(self.noise_shape, sizes, strict=True)
            )  # fmt: skip
        kept = ops.greater_equal(random.uniform(sizes, seed=self.seed_generator), self.rate)
        factor = ((1 - self.rate) * (1 + self.rate * _SELU_LIMIT**2)) ** -0.5
        offset = -factor * _SELU_LIMIT * self.rate
        return ops.add(ops.multiply(ops.where(kept, inputs, _SELU_LIMIT), factor), offset)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "rate": self.rate, "noise_shape": self.noise_shape}


class _SpatialDropout(Dropout):
    RANK: int

    def __init__(self, rate: float, data_format: str | None, seed: Any, name: str | None, dtype: Any) -> None:
        super().__init__(rate, seed=seed, name=name, dtype=dtype)
        self.data_format = standardize_data_format(data_format)
        places = (1,) * self.RANK
        self.noise_shape = (None, None, *places) if self.data_format == "channels_first" else (None, *places, None)
        self.input_spec = InputSpec(ndim=self.RANK + 2)

    def get_config(self) -> dict[str, Any]:
        return {"rate": self.rate, "seed": self.seed, "name": self.name, "dtype": self.dtype}


_ABOUT = """In training, zeroes a share `rate` of the channels, drawn at random, and divides the others by 1 - rate.

    Neighbours in a feature map resemble each other, so dropping single elements would change little.

    Args:
        rate: between 0 and 1.
{more}        seed: an int, for the same masks each time the program runs; None draws one.

    Call arguments:
        training: whether channels are dropped.

    Shapes: {shapes}, which the output has too.

    Tompson et al., arXiv:1411.4280. Raises ValueError: a rate out of range, an input of another rank.

    Example:

    >>> layer = keras.layers.{name}(0.5, seed=1)
    >>> y = keras.ops.convert_to_numpy(layer(np.ones({sizes}), training=True))
    >>> all(len(set(y[0, ..., channel].ravel().tolist())) == 1 for channel in range(4))
    True
    """

_FORMAT = """        data_format: "channels_last" or "channels_first"; None is config.image_data_format().
"""


class SpatialDropout1D(_SpatialDropout):
    __doc__ = _ABOUT.format(more="", shapes="(batch, steps, channels)", name="SpatialDropout1D", sizes=(2, 5, 4))
    RANK = 1

    def __init__(self, rate: float, seed: Any = None, name: str | None = None, dtype: Any = None) -> None:
        super().__init__(rate, "channels_last", seed, name, dtype)


class SpatialDropout2D(_SpatialDropout):
    __doc__ = _ABOUT.format(
        more=_FORMAT,
        shapes="(batch, rows, columns, channels), channels second with channels_first",
        name="SpatialDropout2D",
        sizes=(2, 5, 3, 4),
    )
    RANK = 2

    def __init__(
        self, rate: float, data_format: str | None = None, seed: Any = None, name: str | None = None, dtype: Any = None
    ) -> None:
        super().__init__(rate, data_format, seed, name, dtype)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "data_format": self.data_format}


class SpatialDropout3D(SpatialDropout2D):
    __doc__ = _ABOUT.format(
        more=_FORMAT,
        shapes="(batch, depth, rows, columns, channels), channels second with channels_first",
        name="SpatialDropout3D",
        sizes=(2, 2, 5, 3, 4),
    )
    RANK = 3
