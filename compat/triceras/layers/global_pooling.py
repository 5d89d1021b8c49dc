"""Pooling layers: one number for each channel."""

from __future__ import annotations

from typing import Any

from triceras import ops
from triceras.layers import geometry
from triceras.layers.arguments import described
from triceras.layers.input_spec import InputSpec
from triceras.layers.layer import Layer


class _GlobalPooling(Layer):
    """What reduces all RANK spatial dimensions."""

    DESCRIBES_SHAPES = False
    RANK: int

    def __init__(self, data_format: str | None = None, keepdims: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.data_format = geometry.format_of(self.name, data_format)
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
        return {**super().get_config(), **described(self, "data_format", "keepdims")}


class _GlobalMaxPooling(_GlobalPooling):
    def call(self, inputs: Any) -> Any:
        return ops.max(inputs, self._places, self.keepdims)


class _GlobalAveragePooling(_GlobalPooling):
    def call(self, inputs: Any) -> Any:
        return ops.mean(inputs, self._places, self.keepdims)


_DOC = """The {what} of each channel, over {places}.
{more}
    Args:
        data_format: "channels_last", (batch, {sizes}, channels), or "channels_first",
            (batch, channels, {sizes}); None is `keras.config.image_data_format()`.
        keepdims: whether the spatial dimensions stay, with size 1.

    Input shape: (batch, {sizes}, channels). Output shape: (batch, channels), or with keepdims
    (batch, {ones}, channels).

    Raises ValueError: an unknown data_format, inputs of another rank{mask_error}.

    Example:

    >>> x = np.arange({count}, dtype="float32").reshape({shape})
    >>> y = keras.layers.{name}()(x)
    >>> np.round(keras.ops.convert_to_numpy(y), 1).tolist()
    {values}
    """

_SIZES: dict[int, dict[str, Any]] = {
    1: {"places": "all steps", "sizes": "steps", "ones": "1", "count": 6, "shape": (1, 3, 2)},
    2: {"places": "all places", "sizes": "height, width", "ones": "1, 1", "count": 12, "shape": (1, 3, 2, 2)},
    3: {
        "places": "all places",
        "sizes": "depth, height, width",
        "ones": "1, 1, 1",
        "count": 24,
        "shape": (1, 2, 3, 2, 2),
    },
}


def _doc(kind: str, rank: int, values: str, more: str = "", mask_error: str = "") -> str:
    what = "largest element" if kind == "Max" else "mean"
    name = f"Global{kind}Pooling{rank}D"
    return _DOC.format(what=what, name=name, values=values, more=more, mask_error=mask_error, **_SIZES[rank])


class GlobalMaxPooling1D(_GlobalMaxPooling):
    __doc__ = _doc("Max", 1, "[[4.0, 5.0]]")
    RANK = 1


class GlobalMaxPooling2D(_GlobalMaxPooling):
    __doc__ = _doc("Max", 2, "[[10.0, 11.0]]")
    RANK = 2


class GlobalMaxPooling3D(_GlobalMaxPooling):
    __doc__ = _doc("Max", 3, "[[22.0, 23.0]]")
    RANK = 3


class GlobalAveragePooling1D(_GlobalAveragePooling):
    __doc__ = _doc(
        "Average",
        1,
        "[[2.0, 3.0]]",
        more="\n    With a mask (batch, steps), given or of the inputs, only the steps that it keeps count.\n",
        mask_error=", a mask of another shape",
    )
    RANK = 1

    def __init__(self, data_format: str | None = None, keepdims: bool = False, **kwargs: Any) -> None:
        super().__init__(data_format, keepdims, **kwargs)
        self.supports_masking = True

    def call(self, inputs: Any, mask: Any = None) -> Any:
        if mask is None:
            return super().call(inputs)
        steps = self._places[0]
        geometry.check_mask(self.name, mask, (ops.shape(inputs)[0], ops.shape(inputs)[steps]))
        kept = ops.expand_dims(ops.cast(mask, ops.dtype(inputs)), 1 if steps == 2 else -1)
        total = ops.sum(ops.multiply(inputs, kept), steps, self.keepdims)
        return ops.divide(total, ops.sum(kept, steps, self.keepdims))

    def compute_mask(self, inputs: Any, mask: Any = None) -> None:
        """None: the steps are gone."""


class GlobalAveragePooling2D(_GlobalAveragePooling):
    __doc__ = _doc("Average", 2, "[[5.0, 6.0]]")
    RANK = 2


class GlobalAveragePooling3D(_GlobalAveragePooling):
    __doc__ = _doc("Average", 3, "[[11.0, 12.0]]")
    RANK = 3
