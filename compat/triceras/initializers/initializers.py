"""Random initial values. They are drawn on the host, so every backend gets the same bits."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from triceras.initializers.initializer import Initializer
from triceras.seeds import SeedGenerator, draw_host_seed
from triceras.utils.serialization import deserialize_keras_object, serialize_keras_object
from triceras_backends import dtypes
from triceras_backends.hashing import host_generator


class RandomInitializer(Initializer):
    """Base of random initializers; subclasses define `draw(generator, shape)`.

    Args:
        seed: an int gives the same values at every call; a SeedGenerator's seed and counter count on; None takes
            the next numbers after `set_random_seed`.

    Raises ValueError: another kind of seed.

    Example:

    >>> class Coin(keras.initializers.RandomInitializer):
    ...     def draw(self, generator, shape):
    ...         return generator.integers(0, 2, shape)
    >>> bool(np.isin(Coin(seed=1)((5,)), [0, 1]).all())
    True
    """

    def __init__(self, seed: Any = None) -> None:
        if isinstance(seed, dict):
            seed = deserialize_keras_object(seed)
        if seed is not None and not isinstance(seed, (int, np.integer, SeedGenerator)):
            raise ValueError(f"{type(self).__name__}: seed must be an int, a SeedGenerator or None; got: {seed!r}")
        self.seed = seed

    def __call__(self, shape: Any, dtype: Any = None) -> Any:
        generator = host_generator(*draw_host_seed(self.seed))
        return self.draw(generator, tuple(shape)).astype(dtypes.numpy_dtype(dtype))

    def draw(self, generator: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray[Any, Any]:
        """An array of `shape`."""
        raise TypeError(f"{type(self).__name__} must define draw(self, generator, shape).")

    def get_config(self) -> dict[str, Any]:
        return {"seed": serialize_keras_object(self.seed)}


class RandomUniform(RandomInitializer):
    """Uniform in [minval, maxval).

    Args:
        minval, maxval: numbers.
        seed: an int, a SeedGenerator or None, as for `RandomInitializer`.

    Output: an array of the shape (any) that is asked for.

    Example:

    >>> w = keras.initializers.RandomUniform(-1.0, 1.0, seed=1)((100,))
    >>> bool(w.min() >= -1.0 and w.max() < 1.0)
    True
    """

    def __init__(self, minval: float = -0.05, maxval: float = 0.05, seed: Any = None) -> None:
        super().__init__(seed)
        self.minval, self.maxval = minval, maxval

    def draw(self, generator: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray[Any, Any]:
        return generator.uniform(self.minval, self.maxval, shape)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "minval": self.minval, "maxval": self.maxval}


class RandomNormal(RandomInitializer):
    """Normal with the given mean and standard deviation.

    Args:
        mean, stddev: numbers.
        seed: an int, a SeedGenerator or None, as for `RandomInitializer`.

    Output: an array of the shape (any) that is asked for.

    Example:

    >>> w = keras.initializers.RandomNormal(stddev=0.5, seed=1)((10000,))
    >>> round(float(w.std()), 1)
    0.5
    """

    def __init__(self, mean: float = 0.0, stddev: float = 0.05, seed: Any = None) -> None:
        super().__init__(seed)
        self.mean, self.stddev = mean, stddev

    def draw(self, generator: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray[Any, Any]:
        return generator.normal(self.mean, self.stddev, shape)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "mean": self.mean, "stddev": self.stddev}


def _truncated_normal(generator: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray[Any, Any]:
    """Standard normals redrawn until they lie within two standard deviations."""
    values = generator.standard_normal(shape)
    while (outside := np.abs(values) > 2).any():
        values = np.where(outside, generator.standard_normal(shape), values)
    return values


class TruncatedNormal(RandomNormal):
    """Normal, redrawn beyond two standard deviations from the mean.

    Args:
        mean, stddev: of the normal before it is cut.
        seed: an int, a SeedGenerator or None, as for `RandomInitializer`.

    Output: an array of the shape (any) that is asked for.

    Example:

    >>> bool(np.abs(keras.initializers.TruncatedNormal(stddev=0.5, seed=1)((1000,))).max() <= 1.0)
    True
    """

    def draw(self, generator: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray[Any, Any]:
        return self.mean + self.stddev * _truncated_normal(generator, shape)


# The standard deviation of a normal cut off at two: variance scaling divides by it.
_TRUNCATED_STDDEV = 0.87962566103423978


def fans(shape: tuple[int, ...], inputs: Any = None, outputs: Any = None) -> tuple[float, float]:
    """Inputs and outputs of a unit for a weight of this shape: (window sizes, inputs, outputs), or by these axes."""
    if inputs is not None and outputs is not None:
        return float(math.prod(shape[axis] for axis in inputs)), float(math.prod(shape[axis] for axis in outputs))
    if len(shape) < 2:
        size = float(shape[0]) if shape else 1.0
        return size, size
    window = math.prod(shape[:-2])
    return float(shape[-2] * window), float(shape[-1] * window)


class VarianceScaling(RandomInitializer):
    """Values of mean 0 and variance scale / n, where n counts a unit's inputs, outputs or both.

    Of a weight (window sizes, inputs, outputs), fan_in is windows * inputs and fan_out windows * outputs.
    Glorot and Bengio, 2010; He et al., arXiv:1502.01852.

    Args:
        scale: a positive number.
        mode: n is "fan_in", "fan_out", or "fan_avg", their mean.
        distribution: "truncated_normal" (cut off at two standard deviations), "untruncated_normal" or "uniform".
        seed: an int, a SeedGenerator or None, as for `RandomInitializer`.
        input_axes, output_axes: the axes whose product fan_in and fan_out are, where a weight has another layout.

    Output: an array of the shape (any) that is asked for.
    Raises ValueError: another mode or distribution, a scale that is not positive.

    Example:

    >>> w = keras.initializers.VarianceScaling(scale=2.0, mode="fan_out", seed=1)((50, 200))
    >>> round(float(w.var() * 200), 1)
    2.0
    """

    MODES = ("fan_in", "fan_out", "fan_avg")
    DISTRIBUTIONS = ("truncated_normal", "untruncated_normal", "uniform")

    def __init__(
        self,
        scale: float = 1.0,
        mode: str = "fan_in",
        distribution: str = "truncated_normal",
        seed: Any = None,
        input_axes: Any = None,
        output_axes: Any = None,
    ) -> None:
        super().__init__(seed)
        distribution = "truncated_normal" if distribution == "normal" else distribution
        if scale <= 0:
            raise ValueError(f"scale must be positive; got: {scale}")
        if mode not in self.MODES:
            raise ValueError(f"mode must be one of {self.MODES}; got: {mode!r}")
        if distribution not in self.DISTRIBUTIONS:
            raise ValueError(f"distribution must be one of {self.DISTRIBUTIONS}; got: {distribution!r}")
        self.scale, self.mode, self.distribution = scale, mode, distribution
        self.input_axes, self.output_axes = input_axes, output_axes

    def draw(self, generator: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray[Any, Any]:
        fan_in, fan_out = fans(shape, self.input_axes, self.output_axes)
        count = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}[self.mode]
        variance = self.scale / max(1.0, count)
        if self.distribution == "uniform":
            limit = math.sqrt(3 * variance)
            return generator.uniform(-limit, limit, shape)
        if self.distribution == "truncated_normal":
            return _truncated_normal(generator, shape) * (math.sqrt(variance) / _TRUNCATED_STDDEV)
        return generator.normal(0.0, math.sqrt(variance), shape)

    def get_config(self) -> dict[str, Any]:
        own = {"scale": self.scale, "mode": self.mode, "distribution": self.distribution}
        return {**super().get_config(), **own, **self._axes()}

    def _axes(self) -> dict[str, Any]:
        return {"input_axes": self.input_axes, "output_axes": self.output_axes}


class _Fixed(VarianceScaling):
    """A VarianceScaling whose scale, mode and distribution are the class's own."""

    SETTINGS: tuple[float, str, str]

    def __init__(self, seed: Any = None, input_axes: Any = None, output_axes: Any = None) -> None:
        super().__init__(*self.SETTINGS, seed, input_axes, output_axes)

    def get_config(self) -> dict[str, Any]:
        return {**RandomInitializer.get_config(self), **self._axes()}


class GlorotUniform(_Fixed):
    """Uniform with variance 2 / (fan_in + fan_out). Glorot and Bengio, 2010.

    Args:
        seed: an int, a SeedGenerator or None, as for `RandomInitializer`.
        input_axes, output_axes: as for `VarianceScaling`, which also says what the fans are.

    Output: an array of the shape (any) that is asked for.

    Example:

    >>> round(float(keras.initializers.GlorotUniform(seed=1)((100, 100)).var()), 3)
    0.01
    """

    SETTINGS = (1.0, "fan_avg", "uniform")


class GlorotNormal(_Fixed):
    """Truncated normal with variance 2 / (fan_in + fan_out). Glorot and Bengio, 2010.

    Args:
        seed: an int, a SeedGenerator or None, as for `RandomInitializer`.
        input_axes, output_axes: as for `VarianceScaling`, which also says what the fans are.

    Output: an array of the shape (any) that is asked for.

    Example:

    >>> round(float(keras.initializers.GlorotNormal(seed=1)((100, 100)).var()), 3)
    0.01
    """

    SETTINGS = (1.0, "fan_avg", "truncated_normal")


class HeUniform(_Fixed):
    """Uniform with variance 2 / fan_in. He et al., arXiv:1502.01852.

    Args:
        seed: an int, a SeedGenerator or None, as for `RandomInitializer`.
        input_axes, output_axes: as for `VarianceScaling`, which also says what the fans are.

    Output: an array of the shape (any) that is asked for.

    Example:

    >>> round(float(keras.initializers.HeUniform(seed=1)((100, 100)).var()), 3)
    0.02
    """

    SETTINGS = (2.0, "fan_in", "uniform")


class HeNormal(_Fixed):
    """Truncated normal with variance 2 / fan_in. He et al., arXiv:1502.01852.

    Args:
        seed: an int, a SeedGenerator or None, as for `RandomInitializer`.
        input_axes, output_axes: as for `VarianceScaling`, which also says what the fans are.

    Output: an array of the shape (any) that is asked for.

    Example:

    >>> round(float(keras.initializers.HeNormal(seed=1)((100, 100)).var()), 3)
    0.02
    """

    SETTINGS = (2.0, "fan_in", "truncated_normal")


class LecunUniform(_Fixed):
    """Uniform with variance 1 / fan_in. LeCun et al., 1998, Efficient BackProp.

    Args:
        seed: an int, a SeedGenerator or None, as for `RandomInitializer`.
        input_axes, output_axes: as for `VarianceScaling`, which also says what the fans are.

    Output: an array of the shape (any) that is asked for.

    Example:

    >>> round(float(keras.initializers.LecunUniform(seed=1)((100, 100)).var()), 3)
    0.01
    """

    SETTINGS = (1.0, "fan_in", "uniform")


class LecunNormal(_Fixed):
    """Truncated normal with variance 1 / fan_in. Klambauer et al., arXiv:1706.02515.

    Args:
        seed: an int, a SeedGenerator or None, as for `RandomInitializer`.
        input_axes, output_axes: as for `VarianceScaling`, which also says what the fans are.

    Output: an array of the shape (any) that is asked for.

    Example:

    >>> round(float(keras.initializers.LecunNormal(seed=1)((100, 100)).var()), 3)
    0.01
    """

    SETTINGS = (1.0, "fan_in", "truncated_normal")


class Orthogonal(RandomInitializer):
    """A matrix with orthonormal rows or columns, times `gain`; leading axes count as one.

    Saxe et al., arXiv:1312.6120.

    Args:
        gain: a number.
        seed: an int, a SeedGenerator or None, as for `RandomInitializer`.

    Output: an array (leading axes, columns). Raises ValueError: a shape of fewer than two axes.

    Example:

    >>> w = keras.initializers.Orthogonal(gain=2.0, seed=1)((4, 2))
    >>> np.round(w.T @ w, 3) + 0.0
    array([[4., 0.],
           [0., 4.]], dtype=float32)
    """

    def __init__(self, gain: float = 1.0, seed: Any = None) -> None:
        super().__init__(seed)
        self.gain = gain

    def draw(self, generator: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray[Any, Any]:
        if len(shape) < 2:
            raise ValueError(f"Orthogonal needs a shape of at least two axes; got: {shape}")
        rows, columns = math.prod(shape[:-1]), shape[-1]
        q, r = np.linalg.qr(generator.standard_normal((max(rows, columns), min(rows, columns))))
        q = q * np.sign(np.diag(r))  # makes the distribution uniform
        return self.gain * (q.T if rows < columns else q).reshape(shape)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "gain": self.gain}
