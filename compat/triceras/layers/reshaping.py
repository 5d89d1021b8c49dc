"""Layers that move, repeat, add and cut elements."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from triceras import ops
from triceras.layers import geometry
from triceras.layers.input_spec import InputSpec
from triceras.layers.layer import Layer
from triceras_backends.config import standardize_data_format

Shape = tuple[int | None, ...]


class Reshape(Layer):
    """Each example in another shape, its elements in the same order.

    Args:
        target_shape: a tuple of ints, without the batch axis; one may be -1, or None, for what remains.

    Shapes: (batch, ...) to (batch, *target_shape).

    Raises ValueError: sizes that are none, more than one -1, or a shape of another number of elements.

    Example:

    >>> keras.ops.shape(keras.layers.Reshape((3, -1))(np.zeros((2, 12))))
    (2, 3, 4)
    """

    DESCRIBES_SHAPES = False

    def __init__(self, target_shape: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        sizes = (target_shape,) if isinstance(target_shape, int) else tuple(target_shape)
        self.target_shape = tuple(-1 if size is None else size for size in sizes)
        if any(isinstance(size, bool) or not isinstance(size, int) or size < -1 for size in self.target_shape):
            raise ValueError(f"Reshape: target_shape must hold sizes and at most one -1; got: {target_shape!r}")
        if sum(size == -1 for size in self.target_shape) > 1:
            raise ValueError(f"Reshape: only one size may be -1; got target_shape={target_shape}.")

    def call(self, inputs: Any) -> Any:
        return ops.reshape(inputs, (ops.shape(inputs)[0], *self._target(inputs.shape[1:])))

    def _target(self, sizes: Any) -> tuple[int, ...]:
        """target_shape, -1 worked out if all of an example's sizes are known."""
        if None in sizes:
            return self.target_shape
        total, known = math.prod(sizes), math.prod(size for size in self.target_shape if size != -1)
        if total != known and (-1 not in self.target_shape or not known or total % known):
            raise ValueError(
                f"Layer {self.name!r} cannot give examples of shape {tuple(sizes)} the shape {self.target_shape}: "
                "the numbers of elements differ."
            )
        return tuple(total // known if size == -1 else size for size in self.target_shape)

    def compute_output_shape(self, input_shape: Any) -> Shape:
        sizes = self._target(tuple(input_shape[1:]))
        return (input_shape[0], *(None if size == -1 else size for size in sizes))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "target_shape": self.target_shape}


class Permute(Layer):
    """Each example's axes in another order.

    Args:
        dims: a tuple of ints: the axes in their new order, counted from 1 after the batch.

    Shapes: (batch, ...) to (batch, ...) with axis i of size input_shape[dims[i - 1]].

    Raises ValueError: dims that are not 1 to the number of axes, an input of another rank.

    Example:

    >>> keras.ops.shape(keras.layers.Permute((2, 1))(np.zeros((4, 10, 64))))
    (4, 64, 10)
    """

    def __init__(self, dims: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.dims = tuple(dims)
        if sorted(self.dims) != list(range(1, len(self.dims) + 1)):
            raise ValueError(f"Permute: dims must be 1 to the number of axes, in some order; got: {dims}")
        self.input_spec = InputSpec(ndim=len(self.dims) + 1)

    def call(self, inputs: Any) -> Any:
        return ops.transpose(inputs, (0, *self.dims))

    def compute_output_shape(self, input_shape: Any) -> Shape:
        return (input_shape[0], *(input_shape[axis] for axis in self.dims))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "dims": self.dims}


class RepeatVector(Layer):
    """Each example n times, along a new axis.

    Args:
        n: a positive int.

    Shapes: (batch, features) to (batch, n, features).

    Raises TypeError: an n that is no int. Raises ValueError: one that is not positive, an input that
    is not of rank 2.

    Example:

    >>> keras.ops.convert_to_numpy(keras.layers.RepeatVector(2)(np.array([[1.0, 3.0]]))).tolist()
    [[[1.0, 3.0], [1.0, 3.0]]]
    """

    def __init__(self, n: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if isinstance(n, bool) or not isinstance(n, int):
            raise TypeError(f"RepeatVector: n must be an integer; got: {n!r}")
        if n < 1:
            raise ValueError(f"RepeatVector: n must be positive; got: {n!r}")
        self.n = n
        self.input_spec = InputSpec(ndim=2)

    def call(self, inputs: Any) -> Any:
        return ops.repeat(ops.expand_dims(inputs, 1), self.n, axis=1)

    def compute_output_shape(self, input_shape: Any) -> Shape:
        return (input_shape[0], self.n, input_shape[1])

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "n": self.n}


def _pairs(layer: str, name: str, value: Any, rank: int) -> tuple[tuple[int, int], ...]:
    """(before, after) for each spatial dimension, of an int, one a dimension, or pairs."""
    values = (value,) * rank if isinstance(value, int) else tuple(value) if isinstance(value, (list, tuple)) else ()
    if rank == 1 and len(values) == 2:
        values = (values,)
    pairs = tuple((v, v) if isinstance(v, int) else tuple(v) for v in values)
    if len(pairs) != rank or any(len(p) != 2 or not all(isinstance(n, int) and n >= 0 for n in p) for p in pairs):
        raise ValueError(
            f"{layer}: {name} must be an int, or {rank} of them, or {rank} pairs (before, after), not negative; "
            f"got: {value!r}"
        )
    return pairs  # type: ignore[return-value]


class _Spatial(Layer):
    """What changes only the spatial dimensions."""

    RANK: int

    def __init__(self, data_format: str | None, kwargs: dict[str, Any]) -> None:
        super().__init__(**kwargs)
        self.data_format = standardize_data_format(data_format)
        self.input_spec = InputSpec(ndim=self.RANK + 2)

    def _everywhere(self, values: Any, other: Any) -> tuple[Any, ...]:
        """The spatial dimensions' values among those of every axis."""
        return geometry.assembled(other, tuple(values), other, self.data_format)

    def _resized(self, input_shape: Any, sizes: Any) -> Shape:
        return geometry.assembled(
            input_shape[0], tuple(sizes), geometry.channels(input_shape, self.data_format), self.data_format
        )


class _ZeroPadding(_Spatial):
    def __init__(self, padding: Any, data_format: str | None, kwargs: dict[str, Any]) -> None:
        super().__init__(data_format, kwargs)
        self.padding = _pairs(type(self).__name__, "padding", padding, self.RANK)

    def call(self, inputs: Any) -> Any:
        return ops.pad(inputs, self._everywhere(self.padding, (0, 0)))

    def compute_output_shape(self, input_shape: Any) -> Shape:
        sizes = geometry.spatial(input_shape, self.data_format)
        return self._resized(input_shape, (s and s + a + b for s, (a, b) in zip(sizes, self.padding, strict=True)))

    def get_config(self) -> dict[str, Any]:
        padding = self.padding[0] if self.RANK == 1 else self.padding
        return {**super().get_config(), "padding": padding, "data_format": self.data_format}


class ZeroPadding1D(_ZeroPadding):
    """Zeros around sequences.

    Args:
        padding: an int for both ends, or a pair (before, after).
        data_format: "channels_last" or "channels_first"; None is config.image_data_format().

    Shapes: (batch, steps, channels) to
    (batch, new steps, channels);
    the channels are second with channels_first.

    Raises ValueError: paddings of another form or negative, an input of another rank.

    Example:

    >>> layer = keras.layers.ZeroPadding1D(padding=(0, 2))
    >>> keras.ops.shape(layer(np.ones((1, 3, 2))))
    (1, 5, 2)
    """

    RANK = 1

    def __init__(self, padding: Any = 1, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(padding, data_format, kwargs)


class ZeroPadding2D(_ZeroPadding):
    """Zeros around images.

    Args:
        padding: an int for all sides, a pair (rows, columns) for both ends of each, or a pair of
            pairs (before, after).
        data_format: "channels_last" or "channels_first"; None is config.image_data_format().

    Shapes: (batch, rows, columns, channels) to
    (batch, new rows, new columns, channels);
    the channels are second with channels_first.

    Raises ValueError: paddings of another form or negative, an input of another rank.

    Example:

    >>> layer = keras.layers.ZeroPadding2D(padding=((0, 2), (1, 1)))
    >>> keras.ops.shape(layer(np.ones((1, 3, 4, 2))))
    (1, 5, 6, 2)
    """

    RANK = 2

    def __init__(self, padding: Any = (1, 1), data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(padding, data_format, kwargs)


class ZeroPadding3D(_ZeroPadding):
    """Zeros around volumes.

    Args:
        padding: an int for all sides, three for both ends of each dimension, or three pairs
            (before, after).
        data_format: "channels_last" or "channels_first"; None is config.image_data_format().

    Shapes: (batch, depth, rows, columns, channels) to
    (batch, new depth, new rows, new columns, channels);
    the channels are second with channels_first.

    Raises ValueError: paddings of another form or negative, an input of another rank.

    Example:

    >>> layer = keras.layers.ZeroPadding3D(padding=((0, 0), (0, 2), (1, 1)))
    >>> keras.ops.shape(layer(np.ones((1, 2, 3, 4, 2))))
    (1, 2, 5, 6, 2)
    """

    RANK = 3

    def __init__(self, padding: Any = ((1, 1), (1, 1), (1, 1)), data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(padding, data_format, kwargs)


class _Cropping(_Spatial):
    def __init__(self, cropping: Any, data_format: str | None, kwargs: dict[str, Any]) -> None:
        super().__init__(data_format, kwargs)
        self.cropping = _pairs(type(self).__name__, "cropping", cropping, self.RANK)

    def call(self, inputs: Any) -> Any:
        self.compute_output_shape(inputs.shape)
        return inputs[self._everywhere((slice(a, -b if b else None) for a, b in self.cropping), slice(None))]

    def compute_output_shape(self, input_shape: Any) -> Shape:
        sizes = geometry.spatial(input_shape, self.data_format)
        if any(s is not None and s <= a + b for s, (a, b) in zip(sizes, self.cropping, strict=True)):
            raise ValueError(f"Layer {self.name!r}: cropping {self.cropping} leaves nothing of sizes {tuple(sizes)}.")
        return self._resized(input_shape, (s and s - a - b for s, (a, b) in zip(sizes, self.cropping, strict=True)))

    def get_config(self) -> dict[str, Any]:
        cropping = self.cropping[0] if self.RANK == 1 else self.cropping
        return {**super().get_config(), "cropping": cropping, "data_format": self.data_format}


class Cropping1D(_Cropping):
    """The edges cut off sequences.

    Args:
        cropping: an int for both ends, or a pair (before, after).

    Shapes: (batch, steps, channels) to
    (batch, new steps, channels).

    Raises ValueError: croppings of another form or negative, or that leave nothing; an input of another rank.

    Example:

    >>> layer = keras.layers.Cropping1D(cropping=(0, 2))
    >>> keras.ops.shape(layer(np.ones((1, 5, 2))))
    (1, 3, 2)
    """

    RANK = 1

    def __init__(self, cropping: Any = (1, 1), **kwargs: Any) -> None:
        super().__init__(cropping, kwargs.pop("data_format", "channels_last"), kwargs)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        del config["data_format"]
        return config


class Cropping2D(_Cropping):
    """The edges cut off images.

    Args:
        cropping: an int for all sides, a pair (rows, columns) for both ends of each, or a pair of
            pairs (before, after).
        data_format: "channels_last" or "channels_first"; None is config.image_data_format().

    Shapes: (batch, rows, columns, channels) to
    (batch, new rows, new columns, channels);
    the channels are second with channels_first.

    Raises ValueError: croppings of another form or negative, or that leave nothing; an input of another rank.

    Example:

    >>> layer = keras.layers.Cropping2D(cropping=((0, 2), (1, 1)))
    >>> keras.ops.shape(layer(np.ones((1, 5, 6, 2))))
    (1, 3, 4, 2)
    """

    RANK = 2

    def __init__(self, cropping: Any = ((0, 0), (0, 0)), data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(cropping, data_format, kwargs)


class Cropping3D(_Cropping):
    """The edges cut off volumes.

    Args:
        cropping: an int for all sides, three for both ends of each dimension, or three pairs
            (before, after).
        data_format: "channels_last" or "channels_first"; None is config.image_data_format().

    Shapes: (batch, depth, rows, columns, channels) to
    (batch, new depth, new rows, new columns, channels);
    the channels are second with channels_first.

    Raises ValueError: croppings of another form or negative, or that leave nothing; an input of another rank.

    Example:

    >>> layer = keras.layers.Cropping3D(cropping=((0, 0), (0, 2), (1, 1)))
    >>> keras.ops.shape(layer(np.ones((1, 2, 5, 6, 2))))
    (1, 2, 3, 4, 2)
    """

    RANK = 3

    def __init__(self, cropping: Any = ((1, 1), (1, 1), (1, 1)), data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(cropping, data_format, kwargs)


class _UpSampling(_Spatial):
    def __init__(self, size: Any, data_format: str | None, kwargs: dict[str, Any]) -> None:
        super().__init__(data_format, kwargs)
        self.size = geometry.per_axis(type(self).__name__, "size", size, self.RANK)

    def _axes(self) -> range:
        start = 2 if self.data_format == "channels_first" else 1
        return range(start, start + self.RANK)

    def call(self, inputs: Any) -> Any:
        for axis, size in zip(self._axes(), self.size, strict=True):
            inputs = ops.repeat(inputs, size, axis=axis)
        return inputs

    def compute_output_shape(self, input_shape: Any) -> Shape:
        sizes = geometry.spatial(input_shape, self.data_format)
        return self._resized(input_shape, (s and s * n for s, n in zip(sizes, self.size, strict=True)))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "size": self.size, "data_format": self.data_format}


class UpSampling1D(_UpSampling):
    """Each step of a sequence several times.

    Args:
        size: a positive int, how many times.

    Shapes: (batch, steps, channels) to (batch, steps * size, channels).

    Raises TypeError: a size that is no int. Raises ValueError: one that is not positive, an input of
    another rank.

    Example:

    >>> y = keras.layers.UpSampling1D(size=2)(np.array([[[1.0], [2.0]]]))
    >>> keras.ops.convert_to_numpy(y).ravel().tolist()
    [1.0, 1.0, 2.0, 2.0]
    """

    RANK = 1

    def __init__(self, size: int = 2, **kwargs: Any) -> None:
        if isinstance(size, bool) or not isinstance(size, int):
            raise TypeError(f"UpSampling1D: size must be an integer; got: {size!r}")
        super().__init__(size, kwargs.pop("data_format", "channels_last"), kwargs)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        del config["data_format"]
        return config | {"size": self.size[0]}


class UpSampling3D(_UpSampling):
    """Each element of a volume several times along each dimension.

    Args:
        size: how many times: a positive int, or three.
        data_format: "channels_last" or "channels_first"; None is config.image_data_format().

    Shapes: (batch, depth, rows, columns, channels) to
    (batch, new depth, new rows, new columns, channels);
    the channels are second with channels_first.

    Raises ValueError: sizes that are no positive ints, an input of another rank.

    Example:

    >>> keras.ops.shape(keras.layers.UpSampling3D(size=(1, 2, 3))(np.ones((1, 2, 2, 2, 5))))
    (1, 2, 4, 6, 5)
    """

    RANK = 3

    def __init__(self, size: Any = (2, 2, 2), data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(size, data_format, kwargs)


# Weight of a sample by its distance, and how far it reaches.
_KERNELS = {
    "bilinear": (lambda d: 1 - d, 1),
    "bicubic": (lambda d: np.where(d < 1, (1.5 * d - 2.5) * d**2 + 1, ((2.5 - 0.5 * d) * d - 4) * d + 2), 2),
    "lanczos3": (lambda d: np.sinc(d) * np.sinc(d / 3), 3),
    "lanczos5": (lambda d: np.sinc(d) * np.sinc(d / 5), 5),
}


def _interpolation(name: str, size: int, factor: int) -> np.ndarray[Any, Any]:
    """The matrix (size * factor, size) that interpolates one dimension, pixels being areas;
    samples outside are left out and the rest made up to 1. The bicubic kernel is Keys's, a = -0.5."""
    kernel, reach = _KERNELS[name]
    places = (np.arange(size * factor) + 0.5) / factor - 0.5
    distance = np.abs(places[:, None] - np.arange(size))
    weights = np.where(distance < reach, kernel(np.minimum(distance, reach)), 0.0)
    return weights / weights.sum(1, keepdims=True)


class UpSampling2D(_UpSampling):
    """Images several times as large along each dimension.

    Args:
        size: how many times: a positive int, or two.
        data_format: "channels_last" or "channels_first"; None is config.image_data_format().
        interpolation: "nearest", "bilinear", "bicubic", "lanczos3" or "lanczos5".

    Shapes: (batch, rows, columns, channels) to
    (batch, new rows, new columns, channels);
    the channels are second with channels_first.

    Raises ValueError: sizes that are no positive ints, another interpolation, one that is not "nearest"
    of images of unknown size, an input of another rank.

    Example:

    >>> y = keras.layers.UpSampling2D(size=(1, 2))(np.array([[[[1.0], [2.0]]]]))
    >>> keras.ops.convert_to_numpy(y).ravel().tolist()
    [1.0, 1.0, 2.0, 2.0]
    """

    RANK = 2

    def __init__(
        self, size: Any = (2, 2), data_format: str | None = None, interpolation: str = "nearest", **kwargs: Any
    ) -> None:
        super().__init__(size, data_format, kwargs)
        self.interpolation = interpolation.lower()
        if self.interpolation not in ("nearest", *_KERNELS):
            known = ", ".join(("nearest", *_KERNELS))
            raise ValueError(f"UpSampling2D: interpolation must be one of {known}; got: {interpolation!r}")

    def call(self, inputs: Any) -> Any:
        if self.interpolation == "nearest":
            return super().call(inputs)
        x = inputs
        for axis, factor in zip(self._axes(), self.size, strict=True):
            if x.shape[axis] is None:
                raise ValueError(
                    f"Layer {self.name!r}: {self.interpolation} interpolation needs images of known size; "
                    f"got shape {tuple(x.shape)}."
                )
            matrix = ops.convert_to_tensor(_interpolation(self.interpolation, x.shape[axis], factor), ops.dtype(x))
            x = ops.moveaxis(ops.tensordot(x, matrix, axes=((axis,), (1,))), -1, axis)
        return x

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "interpolation": self.interpolation}
