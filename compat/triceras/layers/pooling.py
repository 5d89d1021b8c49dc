"""Pooling layers: over windows, and over all places."""

from __future__ import annotations

from typing import Any

from triceras import ops
from triceras.layers import geometry
from triceras.layers.input_spec import InputSpec
from triceras.layers.layer import Layer
from triceras_backends.config import standardize_data_format


class _Pooling(Layer):
    """One number for each window of each channel.

    Args:
        pool_size: the window, an int or one a spatial dimension.
        strides: steps between windows, likewise; None is pool_size.
        padding: "valid" (no window leaves the inputs) or "same" (ceil(size / stride) windows;
            what is padded never counts).
        data_format: "channels_last", (batch, *spatial, channels), or "channels_first"; None is
            config.image_data_format().

    Raises ValueError: arguments out of range, a window that does not fit.
    """

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
        kind = type(self).__name__
        self.pool_size = geometry.per_axis(kind, "pool_size", pool_size, self.RANK)
        self.strides = self.pool_size if strides is None else geometry.per_axis(kind, "strides", strides, self.RANK)
        self.padding = geometry.padding_of(kind, padding)
        self.data_format = standardize_data_format(data_format)
        self.input_spec = InputSpec(ndim=self.RANK + 2)

    def compute_output_shape(self, input_shape: Any) -> tuple[int | None, ...]:
        sizes = geometry.spatial(input_shape, self.data_format)
        counts = geometry.window_counts(
            self.name, sizes, self.pool_size, self.strides, self.padding, (1,) * self.RANK
        )  # fmt: skip
        return geometry.assembled(
            input_shape[0], counts, geometry.channels(input_shape, self.data_format), self.data_format
        )

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "pool_size": self.pool_size,
            "strides": self.strides,
            "padding": self.padding,
            "data_format": self.data_format,
        }


class _MaxPooling(_Pooling):
    def call(self, inputs: Any) -> Any:
        return ops.max_pool(inputs, self.pool_size, self.strides, self.padding, self.data_format)


class _AveragePooling(_Pooling):
    def call(self, inputs: Any) -> Any:
        return ops.average_pool(inputs, self.pool_size, self.strides, self.padding, self.data_format)


class MaxPooling1D(_MaxPooling):
    __doc__ = f"The largest element of windows over one dimension.\n\n    {_Pooling.__doc__}"
    RANK = 1


class MaxPooling2D(_MaxPooling):
    __doc__ = f"The largest element of windows over two dimensions.\n\n    {_Pooling.__doc__}"
    RANK = 2


class MaxPooling3D(_MaxPooling):
    __doc__ = f"The largest element of windows over three dimensions.\n\n    {_Pooling.__doc__}"
    RANK = 3


class AveragePooling1D(_AveragePooling):
    __doc__ = f"The mean of windows over one dimension.\n\n    {_Pooling.__doc__}"
    RANK = 1


class AveragePooling2D(_AveragePooling):
    __doc__ = f"The mean of windows over two dimensions.\n\n    {_Pooling.__doc__}"
    RANK = 2


class AveragePooling3D(_AveragePooling):
    __doc__ = f"The mean of windows over three dimensions.\n\n    {_Pooling.__doc__}"
    RANK = 3


class _GlobalPooling(Layer):
    """One number for each channel, over all places: (batch, channels).

    Args:
        data_format: "channels_last", (batch, *spatial, channels), or "channels_first"; None is
            config.image_data_format().
        keepdims: whether the spatial dimensions stay, with size 1.
    """

    RANK: int

    def __init__(self, data_format: str | None = None, keepdims: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.data_format = standardize_data_format(data_format)
        self.keepdims = keepdims
        self.input_spec = InputSpec(ndim=self.RANK + 2)
        start = 2 if self.data_format == "channels_first" else 1
        self._places = tuple(range(start, start + self.RANK))

    def compute_output_shape(self, input_shape: Any) -> tuple[int | None, ...]:
        channels = geometry.channels(input_shape, self.data_format)
        if not self.keepdims:
            return (input_shape[0], channels)
        return geometry.assembled(input_shape[0], (1,) * self.RANK, channels, self.data_format)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "data_format": self.data_format, "keepdims": self.keepdims}


class _GlobalMaxPooling(_GlobalPooling):
    def call(self, inputs: Any) -> Any:
        return ops.max(inputs, self._places, self.keepdims)


class _GlobalAveragePooling(_GlobalPooling):
    def call(self, inputs: Any) -> Any:
        return ops.mean(inputs, self._places, self.keepdims)


class GlobalMaxPooling1D(_GlobalMaxPooling):
    __doc__ = f"The largest element of each channel, over one dimension.\n\n    {_GlobalPooling.__doc__}"
    RANK = 1


class GlobalMaxPooling2D(_GlobalMaxPooling):
    __doc__ = f"The largest element of each channel, over two dimensions.\n\n    {_GlobalPooling.__doc__}"
    RANK = 2


class GlobalMaxPooling3D(_GlobalMaxPooling):
    __doc__ = f"The largest element of each channel, over three dimensions.\n\n    {_GlobalPooling.__doc__}"
    RANK = 3


class GlobalAveragePooling1D(_GlobalAveragePooling):
    __doc__ = f"""The mean of each channel, over one dimension; of the steps that a mask keeps.

    {_GlobalPooling.__doc__}
    """
    RANK = 1

    def __init__(self, data_format: str | None = None, keepdims: bool = False, **kwargs: Any) -> None:
        super().__init__(data_format, keepdims, **kwargs)
        self.supports_masking = True

    def call(self, inputs: Any, mask: Any = None) -> Any:
        if mask is None:
            return super().call(inputs)
        kept = ops.expand_dims(ops.cast(mask, ops.dtype(inputs)), 1 if self.data_format == "channels_first" else -1)
        total = ops.sum(ops.multiply(inputs, kept), self._places, self.keepdims)
        return ops.divide(total, ops.sum(kept, self._places, self.keepdims))

    def compute_mask(self, inputs: Any, mask: Any = None) -> None:
        """None: the steps are gone."""


class GlobalAveragePooling2D(_GlobalAveragePooling):
    __doc__ = f"The mean of each channel, over two dimensions.\n\n    {_GlobalPooling.__doc__}"
    RANK = 2


class GlobalAveragePooling3D(_GlobalAveragePooling):
    __doc__ = f"The mean of each channel, over three dimensions.\n\n    {_GlobalPooling.__doc__}"
    RANK = 3
