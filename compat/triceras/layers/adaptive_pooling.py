"""Pooling layers: a chosen number of windows, whatever the size of the inputs."""

from __future__ import annotations

from typing import Any

import numpy as np

from triceras import ops
from triceras.layers import geometry
from triceras.layers.arguments import described
from triceras.layers.input_spec import InputSpec
from triceras.layers.layer import Layer


class _AdaptivePooling(Layer):
    """What reduces output_size windows of RANK dimensions to one number each."""

    RANK: int

    def __init__(self, output_size: Any, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.output_size = self._counts(output_size)
        self.data_format = geometry.format_of(self.name, data_format)
        self.input_spec = InputSpec(ndim=self.RANK + 2)

    def _counts(self, given: Any) -> tuple[int, ...]:
        counts = (given,) * self.RANK if isinstance(given, (int, np.integer)) else given
        if not isinstance(counts, (list, tuple)) or len(counts) != self.RANK:
            raise TypeError(
                f"Layer {self.name!r}: output_size must be an int or a tuple of {self.RANK}; got: {given!r}"
            )
        return geometry.per_axis(self.name, "output_size", tuple(counts), self.RANK)

    def build(self, input_shape: Any) -> None:
        if len(input_shape) != self.RANK + 2:
            raise ValueError(
                f"Layer {self.name!r}: inputs of rank {self.RANK + 2} are needed; got the shape {tuple(input_shape)}."
            )

    def compute_output_shape(self, input_shape: Any) -> tuple[int | None, ...]:
        channels = geometry.channels(input_shape, self.data_format)
        return geometry.assembled(input_shape[0], self.output_size, channels, self.data_format)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), **described(self, "output_size", "data_format")}


class _AdaptiveMaxPooling(_AdaptivePooling):
    def call(self, inputs: Any) -> Any:
        return ops.adaptive_max_pool(inputs, self.output_size, self.data_format)


class _AdaptiveAveragePooling(_AdaptivePooling):
    def call(self, inputs: Any) -> Any:
        return ops.adaptive_average_pool(inputs, self.output_size, self.data_format)


_DOC = """The {what} of each of output_size windows of each channel, over {dimensions}.

    Window i of n along a dimension has the elements from floor(i * size / n) up to, and without, ceil((i + 1) *
    size / n): windows may overlap, and all elements are in one.

    Args:
        output_size: number of windows: {counts}.
        data_format: "channels_last", (batch, {sizes}, channels), or "channels_first",
            (batch, channels, {sizes}); None is `keras.config.image_data_format()`.

    Input shape: (batch, {sizes}, channels). Output shape: (batch, {new_sizes}, channels), with output_size as
    {new_sizes}.

    Raises TypeError: output_size has another length, or is no int. Raises ValueError: it is not positive, an
    unknown data_format, inputs of another rank.

    Example:

    >>> x = np.arange({count}, dtype="float32").reshape({shape})
    >>> y = keras.layers.{name}(2)(x)
    >>> np.round(keras.ops.convert_to_numpy(y), 1).ravel().tolist()
    {values}
    """

_DIMENSIONS: dict[int, dict[str, Any]] = {
    1: {
        "dimensions": "one dimension, such as time",
        "counts": "an int, or a tuple of one",
        "sizes": "steps",
        "new_sizes": "new_steps",
        "count": 5,
        "shape": (1, 5, 1),
    },
    2: {
        "dimensions": "two dimensions, such as those of images",
        "counts": "an int, or one a spatial dimension",
        "sizes": "height, width",
        "new_sizes": "new_height, new_width",
        "count": 15,
        "shape": (1, 3, 5, 1),
    },
    3: {
        "dimensions": "three dimensions, such as those of volumes",
        "counts": "an int, or one a spatial dimension",
        "sizes": "depth, height, width",
        "new_sizes": "new_depth, new_height, new_width",
        "count": 12,
        "shape": (1, 2, 3, 2, 1),
    },
}


def _doc(kind: str, rank: int, values: list[float]) -> str:
    what = "largest element" if kind == "Max" else "mean"
    return _DOC.format(what=what, name=f"Adaptive{kind}Pooling{rank}D", values=values, **_DIMENSIONS[rank])


class AdaptiveMaxPooling1D(_AdaptiveMaxPooling):
    __doc__ = _doc("Max", 1, [2.0, 4.0])
    RANK = 1


class AdaptiveMaxPooling2D(_AdaptiveMaxPooling):
    __doc__ = _doc("Max", 2, [7.0, 9.0, 12.0, 14.0])
    RANK = 2


class AdaptiveMaxPooling3D(_AdaptiveMaxPooling):
    __doc__ = _doc("Max", 3, [2.0, 3.0, 4.0, 5.0, 8.0, 9.0, 10.0, 11.0])
    RANK = 3


class AdaptiveAveragePooling1D(_AdaptiveAveragePooling):
    __doc__ = _doc("Average", 1, [1.0, 3.0])
    RANK = 1


class AdaptiveAveragePooling2D(_AdaptiveAveragePooling):
    __doc__ = _doc("Average", 2, [3.5, 5.5, 8.5, 10.5])
    RANK = 2


class AdaptiveAveragePooling3D(_AdaptiveAveragePooling):
    __doc__ = _doc("Average", 3, [1.0, 2.0, 3.0, 4.0, 7.0, 8.0, 9.0, 10.0])
    RANK = 3
