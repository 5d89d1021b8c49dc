"""Normalization: features shifted and scaled to mean 0 and variance 1, as measured on data."""

from __future__ import annotations

from typing import Any

import numpy as np

from triceras import ops
from triceras.layers.input_spec import InputSpec
from triceras.layers.layer import Layer
from triceras.layers.preprocessing.host import batches_of, to_numpy
from triceras_backends import config

Shape = tuple[int | None, ...]


class Normalization(Layer):
    """(inputs - mean) / sqrt(variance), each feature by its own mean and variance.

    They are measured by `adapt` on data, once before training, and are weights that training leaves alone; or they
    are given. A standard deviation counts as at least keras.config.epsilon().

    Args:
        axis: the axis, or axes, whose every index has a mean and variance of its own; all others are averaged over.
            None: one for all. Usually the last, of features; the batch's is never one of them.
        mean, variance: numbers or arrays that broadcast to the kept axes' sizes; both or neither.
        invert: compute inputs * sqrt(variance) + mean instead, which undoes it.

    Input and output: any shape, of which the sizes of `axis` are known, such as (batch, features).

    Raises ValueError: only one of mean and variance or of different shapes; an axis that the input has not or of
    unknown size; an input of other sizes; `adapt` where mean and variance are given.

    Example:
        >>> layer = keras.layers.Normalization()
        >>> layer.adapt(np.array([[0.0, 7.0], [2.0, 9.0], [0.0, 7.0], [2.0, 9.0]], "float32"))
        >>> keras.ops.convert_to_numpy(layer(np.array([[0.0, 7.0], [3.0, 9.0]], "float32"))).tolist()
        [[-1.0, -1.0], [2.0, 1.0]]
    """

    def __init__(
        self, axis: Any = -1, mean: Any = None, variance: Any = None, invert: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.axis = () if axis is None else tuple(axis) if isinstance(axis, (tuple, list)) else (axis,)
        where = f"Normalization {self.name!r}"
        if (mean is None) != (variance is None):
            raise ValueError(f"{where} takes both mean and variance, or neither; got: mean={mean}, variance={variance}")
        if mean is not None and np.shape(mean) != np.shape(variance):
            raise ValueError(
                f"{where}: mean and variance must have one shape; got: {np.shape(mean)} and {np.shape(variance)}"
            )
        if np.ndim(mean) > len(self.axis):
            raise ValueError(
                f"{where}: mean and variance have at most one axis for each of axis={self.axis}; got the shape "
                f"{np.shape(mean)}"
            )
        self._given_mean: Any = None
        self._given_variance: Any = None
        self.input_mean, self.input_variance, self.invert = mean, variance, invert
        self.supports_masking = True
        self._broadcast_shape: tuple[int, ...] | None = None

    def build(self, input_shape: Any) -> None:
        rank = len(input_shape)
        where = f"Normalization {self.name!r}"
        if any(not -rank <= axis < rank for axis in self.axis):
            raise ValueError(f"{where}: axis must lie in [-{rank}, {rank}) for inputs of {rank} axes; got: {self.axis}")
        kept = sorted({axis % rank for axis in self.axis})
        if any(input_shape[axis] is None for axis in kept):
            raise ValueError(
                f"{where}: the sizes of axis {self.axis} must be known; the input's shape is {tuple(input_shape)}"
            )
        sizes = tuple(input_shape[axis] for axis in kept)
        self._reduced = tuple(axis for axis in range(rank) if axis not in kept)
        self._broadcast_shape = tuple(input_shape[axis] if axis in kept else 1 for axis in range(rank)) if kept else ()
        if self.input_mean is None:
            self.adapt_mean = self.add_weight(sizes, "zeros", trainable=False, name="mean")
            self.adapt_variance = self.add_weight(sizes, "ones", trainable=False, name="variance")
            # Kept for weight files: Keras counts batches in it while it adapts.
            self.count = self.add_weight((), "zeros", dtype="int32", trainable=False, name="count")
        else:
            self._given_mean, self._given_variance = (
                self._spread(value, sizes) for value in (self.input_mean, self.input_variance)
            )
        if kept:
            self.input_spec = InputSpec(ndim=rank, axes={axis: input_shape[axis] for axis in kept})

    def _spread(self, value: Any, sizes: tuple[int, ...]) -> Any:
        """A given mean or variance in a shape that broadcasts to inputs."""
        try:
            whole = np.broadcast_to(np.asarray(value, "float64"), sizes)
        except ValueError:
            raise ValueError(
                f"Normalization {self.name!r}: mean and variance must broadcast to the shape {sizes} of axis "
                f"{self.axis}; got the shape {np.shape(value)}."
            ) from None
        return whole.reshape(self._broadcast_shape or ())

    @property
    def mean(self) -> Any:
        """The mean, in a shape that broadcasts to inputs; None before `build`."""
        return None if self._broadcast_shape is None else self._statistic("adapt_mean", self._given_mean)

    @property
    def variance(self) -> Any:
        """The variance, in a shape that broadcasts to inputs; None before `build`."""
        return None if self._broadcast_shape is None else self._statistic("adapt_variance", self._given_variance)

    def _statistic(self, name: str, given: Any) -> Any:
        if given is not None:
            return ops.convert_to_tensor(given, self.compute_dtype)
        return ops.reshape(ops.cast(getattr(self, name).value, self.compute_dtype), self._broadcast_shape or ())

    def adapt(self, data: Any) -> None:
        """Measures mean and variance on data, an array or a dataset of batches; what was measured before is lost.

        Raises ValueError: mean and variance were given to the constructor, or there is no data.
        """
        where = f"Normalization {self.name!r}"
        if self.input_mean is not None:
            raise ValueError(f"{where} was given mean and variance, so it cannot adapt.")
        total = 0
        mean: Any = 0.0
        variance: Any = 0.0
        for batch in batches_of(data, None, where):
            x = to_numpy(batch).astype("float64")
            if batch is not data and x.ndim == 1:  # a row of a dataset without batches
                x = x[None]
            if not self.built:
                self.build(x.shape if batch is data else (None, *x.shape[1:]))
            self._check_inputs(x)
            count = x.size // max(int(np.prod(self.adapt_mean.shape)), 1)
            if not count:
                continue
            own_mean, own_variance = x.mean(self._reduced), x.var(self._reduced)
            share = count / (total + count)
            shift = own_mean - mean
            variance = (1 - share) * variance + share * own_variance + share * (1 - share) * shift**2
            mean, total = mean + share * shift, total + count
        if not total:
            raise ValueError(f"{where}: adapt() needs data; got none.")
        self.adapt_mean.assign(np.asarray(mean).astype("float32"))
        self.adapt_variance.assign(np.asarray(variance).astype("float32"))

    def finalize_state(self) -> None:
        """Nothing is left to do after `adapt`, or after weights were set: `call` reads the weights."""

    def call(self, inputs: Any) -> Any:
        x = ops.cast(ops.convert_to_tensor(inputs), self.compute_dtype)
        deviation = ops.maximum(ops.sqrt(self.variance), config.epsilon())
        return x * deviation + self.mean if self.invert else (x - self.mean) / deviation

    def compute_output_shape(self, input_shape: Any) -> Shape:
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        def listed(value: Any) -> Any:
            return np.asarray(value).tolist() if hasattr(value, "__array__") or isinstance(value, tuple) else value

        return {
            **super().get_config(),
            "axis": self.axis,
            "invert": self.invert,
            "mean": listed(self.input_mean),
            "variance": listed(self.input_variance),
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """A layer from what `get_config` gave: there no axis is an empty tuple."""
        axis = config.get("axis")
        return super().from_config({**config, "axis": None if axis is not None and not axis else axis})
