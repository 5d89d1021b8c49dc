"""Initial values of weights. Random ones are drawn on the host, so every backend gets the same bits."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from triceras.seeds import draw_host_seed
from triceras_backends import dtypes
from triceras_backends.hashing import host_generator


class Initializer:
    """A function of (shape, dtype) that gives a NumPy array; subclasses define `__call__`."""

    def __call__(self, shape: Any, dtype: Any = None) -> Any:
        raise TypeError(f"{type(self).__name__} must define __call__(self, shape, dtype=None).")

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Initializer:
        """An initializer from what `get_config` gave."""
        return cls(**config)


class Constant(Initializer):
    """Every element is `value` (a number, or an array that broadcasts to the shape)."""

    def __init__(self, value: Any = 0.0) -> None:
        self.value = value

    def __call__(self, shape: Any, dtype: Any = None) -> Any:
        return np.array(np.broadcast_to(self.value, shape), dtype=dtypes.numpy_dtype(dtype))

    def get_config(self) -> dict[str, Any]:
        return {"value": self.value}


class Zeros(Initializer):
    """Every element is 0."""

    def __call__(self, shape: Any, dtype: Any = None) -> Any:
        return np.zeros(shape, dtype=dtypes.numpy_dtype(dtype))


class Ones(Initializer):
    """Every element is 1."""

    def __call__(self, shape: Any, dtype: Any = None) -> Any:
        return np.ones(shape, dtype=dtypes.numpy_dtype(dtype))


class RandomInitializer(Initializer):
    """Base of random initializers.

    seed: an int gives the same values at every call; a SeedGenerator's seed and counter count
    on; None takes the next numbers after `set_random_seed`.
    """

    def __init__(self, seed: Any = None) -> None:
        self.seed = seed

    def __call__(self, shape: Any, dtype: Any = None) -> Any:
        generator = host_generator(*draw_host_seed(self.seed))
        return self.draw(generator, tuple(shape)).astype(dtypes.numpy_dtype(dtype))

    def draw(self, generator: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray[Any, Any]:
        """An array of `shape`."""
        raise TypeError(f"{type(self).__name__} must define draw(self, generator, shape).")

    def get_config(self) -> dict[str, Any]:
        return {"seed": self.seed if isinstance(self.seed, int) else None}


class RandomUniform(RandomInitializer):
    """Uniform in [minval, maxval)."""

    def __init__(self, minval: float = -0.05, maxval: float = 0.05, seed: Any = None) -> None:
        super().__init__(seed)
        self.minval, self.maxval = minval, maxval

    def draw(self, generator: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray[Any, Any]:
        return generator.uniform(self.minval, self.maxval, shape)

    def get_config(self) -> dict[str, Any]:
        return {"minval": self.minval, "maxval": self.maxval, **super().get_config()}


class RandomNormal(RandomInitializer):
    """Normal with the given mean and standard deviation."""

    def __init__(self, mean: float = 0.0, stddev: float = 0.05, seed: Any = None) -> None:
        super().__init__(seed)
        self.mean, self.stddev = mean, stddev

    def draw(self, generator: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray[Any, Any]:
        return generator.normal(self.mean, self.stddev, shape)

    def get_config(self) -> dict[str, Any]:
        return {"mean": self.mean, "stddev": self.stddev, **super().get_config()}


def _truncated_normal(generator: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray[Any, Any]:
    """Standard normals redrawn until they lie within two standard deviations."""
    values = generator.standard_normal(shape)
    while (outside := np.abs(values) > 2).any():
        values = np.where(outside, generator.standard_normal(shape), values)
    return values


class TruncatedNormal(RandomNormal):
    """Normal, redrawn beyond two standard deviations from the mean."""

    def draw(self, generator: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray[Any, Any]:
        return self.mean + self.stddev * _truncated_normal(generator, shape)


# The standard deviation of a normal cut off at two: variance scaling divides by it.
_TRUNCATED_STDDEV = 0.87962566103423978


def fans(shape: tuple[int, ...]) -> tuple[float, float]:
    """Inputs and outputs of a unit for a weight of this shape (window sizes, inputs, outputs)."""
    if len(shape) < 2:
        size = float(shape[0]) if shape else 1.0
        return size, size
    window = math.prod(shape[:-2])
    return float(shape[-2] * window), float(shape[-1] * window)


class VarianceScaling(RandomInitializer):
    """Values whose variance is scale / n, n by `mode`: "fan_in", "fan_out" or "fan_avg".

    distribution: "truncated_normal", "untruncated_normal" or "uniform". Glorot and Bengio, 2010;
    He et al., arXiv:1502.01852. Raises ValueError: another mode or distribution, scale not positive.
    """

    MODES = ("fan_in", "fan_out", "fan_avg")
    DISTRIBUTIONS = ("truncated_normal", "untruncated_normal", "uniform")

    def __init__(
        self, scale: float = 1.0, mode: str = "fan_in", distribution: str = "truncated_normal", seed: Any = None
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

    def draw(self, generator: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray[Any, Any]:
        fan_in, fan_out = fans(shape)
        count = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}[self.mode]
        variance = self.scale / max(1.0, count)
        if self.distribution == "uniform":
            limit = math.sqrt(3 * variance)
            return generator.uniform(-limit, limit, shape)
        if self.distribution == "truncated_normal":
            return _truncated_normal(generator, shape) * (math.sqrt(variance) / _TRUNCATED_STDDEV)
        return generator.normal(0.0, math.sqrt(variance), shape)

    def get_config(self) -> dict[str, Any]:
        return {"scale": self.scale, "mode": self.mode, "distribution": self.distribution, **super().get_config()}


class _Fixed(VarianceScaling):
    """A VarianceScaling whose scale, mode and distribution are the class's own."""

    SETTINGS: tuple[float, str, str]

    def __init__(self, seed: Any = None) -> None:
        super().__init__(*self.SETTINGS, seed=seed)

    def get_config(self) -> dict[str, Any]:
        return RandomInitializer.get_config(self)


class GlorotUniform(_Fixed):
    """Uniform with variance 2 / (fan_in + fan_out). Glorot and Bengio, 2010."""

    SETTINGS = (1.0, "fan_avg", "uniform")


class GlorotNormal(_Fixed):
    """Truncated normal with variance 2 / (fan_in + fan_out). Glorot and Bengio, 2010."""

    SETTINGS = (1.0, "fan_avg", "truncated_normal")


class HeUniform(_Fixed):
    """Uniform with variance 2 / fan_in. He et al., arXiv:1502.01852."""

    SETTINGS = (2.0, "fan_in", "uniform")


class HeNormal(_Fixed):
    """Truncated normal with variance 2 / fan_in. He et al., arXiv:1502.01852."""

    SETTINGS = (2.0, "fan_in", "truncated_normal")


class LecunUniform(_Fixed):
    """Uniform with variance 1 / fan_in. LeCun et al., 1998, Efficient BackProp."""

    SETTINGS = (1.0, "fan_in", "uniform")


class LecunNormal(_Fixed):
    """Truncated normal with variance 1 / fan_in. Klambauer et al., arXiv:1706.02515."""

    SETTINGS = (1.0, "fan_in", "truncated_normal")


class Orthogonal(RandomInitializer):
    """A matrix with orthonormal rows or columns, times `gain`; leading axes count as one.

    Saxe et al., arXiv:1312.6120. Raises ValueError: a shape of fewer than two axes.
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
        return {"gain": self.gain, **super().get_config()}
