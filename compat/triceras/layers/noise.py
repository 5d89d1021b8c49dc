"""Layers that disturb their inputs in training, and only then."""

from __future__ import annotations

import math
from typing import Any

from triceras import ops, random
from triceras.layers.core import Dropout
from triceras.layers.input_spec import InputSpec
from triceras.layers.layer import Layer
from triceras.seeds import SeedGenerator
from triceras_backends.config import standardize_data_format


class _Noise(Layer):
    def __init__(self, seed: Any, kwargs: dict[str, Any]) -> None:
        super().__init__(**kwargs)
        self.seed = seed
        self.seed_generator = SeedGenerator(seed)
        self.supports_masking = True

    def _normal(self, inputs: Any, mean: float, stddev: float) -> Any:
        return random.normal(ops.shape(inputs), mean, stddev, dtype=ops.dtype(inputs), seed=self.seed_generator)

    def compute_output_shape(self, input_shape: Any) -> tuple[int | None, ...]:
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "seed": self.seed}


class GaussianNoise(_Noise):
    """In training, adds normal noise of mean 0 and standard deviation `stddev`."""

    def __init__(self, stddev: float, seed: Any = None, **kwargs: Any) -> None:
        super().__init__(seed, kwargs)
        if not 0 <= stddev <= 1:
            raise ValueError(f"GaussianNoise: stddev must be between 0 and 1; got: {stddev!r}")
        self.stddev = stddev

    def call(self, inputs: Any, training: bool = False) -> Any:
        if not training or not self.stddev:
            return inputs
        return ops.add(inputs, self._normal(inputs, 0.0, self.stddev))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "stddev": self.stddev}


class GaussianDropout(_Noise):
    """In training, multiplies by normal noise of mean 1 and standard deviation sqrt(rate / (1 - rate)).

    Srivastava et al., 2014. Raises ValueError: a rate out of [0, 1).
    """

    def __init__(self, rate: float, seed: Any = None, **kwargs: Any) -> None:
        super().__init__(seed, kwargs)
        if not 0 <= rate < 1:
            raise ValueError(f"GaussianDropout: rate must be at least 0 and below 1; got: {rate!r}")
        self.rate = rate

    def call(self, inputs: Any, training: bool = False) -> Any:
        if not training or not self.rate:
            return inputs
        return ops.multiply(inputs, self._normal(inputs, 1.0, math.sqrt(self.rate / (1 - self.rate))))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "rate": self.rate}


class _SpatialDropout(Dropout):
    """Dropout of whole channels: a share `rate` of them is zeroed, the others divided by 1 - rate.

    Tompson et al., arXiv:1411.4280.
    """

    RANK: int

    def __init__(self, rate: float, data_format: str | None, seed: Any, kwargs: dict[str, Any]) -> None:
        super().__init__(rate, seed=seed, **kwargs)
        self.data_format = standardize_data_format(data_format)
        places = (1,) * self.RANK
        self.noise_shape = (None, None, *places) if self.data_format == "channels_first" else (None, *places, None)
        self.input_spec = InputSpec(ndim=self.RANK + 2)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        del config["noise_shape"]
        return config


class SpatialDropout1D(_SpatialDropout):
    __doc__ = f"(batch, steps, channels).\n\n    {_SpatialDropout.__doc__}"
    RANK = 1

    def __init__(self, rate: float, seed: Any = None, **kwargs: Any) -> None:
        super().__init__(rate, "channels_last", seed, kwargs)


class SpatialDropout2D(_SpatialDropout):
    __doc__ = f"Two spatial dimensions.\n\n    {_SpatialDropout.__doc__}"
    RANK = 2

    def __init__(self, rate: float, data_format: str | None = None, seed: Any = None, **kwargs: Any) -> None:
        super().__init__(rate, data_format, seed, kwargs)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "data_format": self.data_format}


class SpatialDropout3D(SpatialDropout2D):
    __doc__ = f"Three spatial dimensions.\n\n    {_SpatialDropout.__doc__}"
    RANK = 3
