"""Pooling layers: one number for each window."""

from __future__ import annotations

from typing import Any

from triceras import ops
from triceras.layers import geometry
from triceras.layers.arguments import described, with_defaults
from triceras.layers.input_spec import InputSpec
from triceras.layers.layer import Layer


class _Pooling(Layer):
    """What reduces windows of RANK dimensions to one number each."""

    DESCRIBES_SHAPES = False
    RANK: int

    def __init__(
        self,
        pool_size: Any = 2,
        strides: Any = None,
        padding: str = "valid",
        data_format: str | None = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(name=name, **kwargs)
        self.pool_size = geometry.per_axis(self.name, "pool_size", pool_size, self.RANK)
        self.strides = (
            self.pool_size if strides is None else geometry.per_axis(self.name, "strides", strides, self.RANK)
        )
        self.padding = geometry.padding_of(self.name, padding)
        self.data_format = geometry.format_of(self.name, data_format)
        self.input_spec = InputSpec(ndim=self.RANK + 2)

    def build(self, input_shape: Any) -> None:
        self.compute_output_shape(input_shape)  # does a window fit?

    def compute_output_shape(self, input_shape: Any) -> tuple[int | None, ...]:
        sizes = geometry.spatial(input_shape, self.data_format)
        counts = geometry.window_counts(
            self.name, sizes, self.pool_size, self.strides, self.padding, (1,) * self.RANK
        )  # fmt: skip
        channels = geometry.channels(input_shape, self.data_format)
        return geometry.assembled(input_shape[0], counts, channels, self.data_format)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), **described(self, "pool_size", "padding", "strides", "data_format")}


class _MaxPooling(_Pooling):
    def call(self, inputs: Any) -> Any:
        return ops.max_pool(inputs, self.pool_size, self.strides, self.padding, self.data_format)


class _AveragePooling(_Pooling):
    def __init__(
        self,
        pool_size: Any,
        strides: Any = None,
        padding: str = "valid",
        data_format: str | None = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(pool_size, strides, padding, data_format, name, **kwargs)

    def call(self, inputs: Any) -> Any:
        return ops.average_pool(inputs, self.pool_size, self.strides, self.padding, self.data_format)


_DOC = """The {what} of each window of each channel, over {dimensions}.

    Args:
        pool_size: size of the window: an int, or one a spatial dimension.
        strides: steps between windows, likewise; None is pool_size.
        padding: "valid" (no window leaves the inputs) or "same" (ceil(size / stride) windows; what is padded
            never counts).
        data_format: "channels_last", (batch, {sizes}, channels), or "channels_first",
            (batch, channels, {sizes}); None is `keras.config.image_data_format()`.
        name: the layer's name.

    Input shape: (batch, {sizes}, channels). Output shape: (batch, {new_sizes}, channels), by "valid" with
    (size - pool_size) // strides + 1 along each dimension.

    Raises ValueError: arguments out of range, inputs of another rank, a window that does not fit.

    Example:

    >>> x = np.arange({count}, dtype="float32").reshape({shape})
    >>> y = keras.layers.{name}(pool_size=2)(x)
    >>> keras.ops.shape(y)
    {new_shape}
    >>> [float(v) for v in keras.ops.reshape(y, (-1,))[:2]]
    {values}
    """

_DIMENSIONS = {
    1: {
        "dimensions": "one dimension, such as time",
        "sizes": "steps",
        "new_sizes": "new_steps",
        "count": 8,
        "shape": (1, 4, 2),
        "new_shape": (1, 2, 2),
    },
    2: {
        "dimensions": "two dimensions, such as those of images",
        "sizes": "height, width",
        "new_sizes": "new_height, new_width",
        "count": 32,
        "shape": (1, 4, 4, 2),
        "new_shape": (1, 2, 2, 2),
    },
    3: {
        "dimensions": "three dimensions, such as those of volumes",
        "sizes": "depth, height, width",
        "new_sizes": "new_depth, new_height, new_width",
        "count": 128,
        "shape": (1, 4, 4, 4, 2),
        "new_shape": (1, 2, 2, 2, 2),
    },
}
_MAXIMA = {1: [2.0, 3.0], 2: [10.0, 11.0], 3: [42.0, 43.0]}
_MEANS = {1: [1.0, 2.0], 2: [5.0, 6.0], 3: [21.0, 22.0]}


def _max_doc(rank: int) -> str:
    return _DOC.format(what="largest element", name=f"MaxPooling{rank}D", values=_MAXIMA[rank], **_DIMENSIONS[rank])


def _mean_doc(rank: int) -> str:
    return _DOC.format(what="mean", name=f"AveragePooling{rank}D", values=_MEANS[rank], **_DIMENSIONS[rank])


class MaxPooling1D(_MaxPooling):
    __doc__ = _max_doc(1)
    RANK = 1


class MaxPooling2D(_MaxPooling):
    __doc__ = _max_doc(2)
    RANK = 2
    __init__ = with_defaults(_Pooling.__init__, pool_size=(2, 2))


class MaxPooling3D(_MaxPooling):
    __doc__ = _max_doc(3)
    RANK = 3
    __init__ = with_defaults(_Pooling.__init__, pool_size=(2, 2, 2))


class AveragePooling1D(_AveragePooling):
    __doc__ = _mean_doc(1)
    RANK = 1


class AveragePooling2D(_AveragePooling):
    __doc__ = _mean_doc(2)
    RANK = 2


class AveragePooling3D(_AveragePooling):
    __doc__ = _mean_doc(3)
    RANK = 3
