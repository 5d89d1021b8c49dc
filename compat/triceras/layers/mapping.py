"""Layers without weights that map tensors by a function."""

from __future__ import annotations

import base64
import inspect
import marshal
from collections.abc import Mapping
from typing import Any

from triceras import ops
from triceras.layers.layer import Layer
from triceras.utils.serialization import deserialize_keras_object
from triceras.utils.serialization import serialize_keras_object as serialize
from triceras_backends.config import image_data_format

Shape = tuple[int | None, ...]


class Identity(Layer):
    """Gives back its inputs as they are; a place holder where a layer is wanted.

    Shapes: any, or a structure of tensors, which the output has too.

    Example:

    >>> keras.ops.convert_to_numpy(keras.layers.Identity()(np.array([1.0, 2.0]))).tolist()
    [1.0, 2.0]
    """

    DESCRIBES_SHAPES = False

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True

    def call(self, inputs: Any) -> Any:
        return inputs

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape


class Rescaling(Layer):
    """inputs * scale + offset, in training and out of it.

    Args:
        scale: a number, or a sequence of one for each channel.
        offset: the same.

    Shapes: any, which the output has too. With config.image_data_format() "channels_first" a
    sequence belongs to the third axis from the end.

    Raises the backend's error where a sequence does not fit the channels.

    Example:

    >>> pixels = np.array([[0, 128, 255]], dtype="uint8")
    >>> np.round(keras.ops.convert_to_numpy(keras.layers.Rescaling(1 / 127.5, offset=-1)(pixels)), 2).tolist()
    [[-1.0, 0.0, 1.0]]
    """

    def __init__(self, scale: Any, offset: Any = 0.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.scale, self.offset = scale, offset
        self.supports_masking = True

    def call(self, inputs: Any) -> Any:
        dtype = self.compute_dtype
        scale, offset = (self._along_channels(value, len(inputs.shape), dtype) for value in (self.scale, self.offset))
        return ops.add(ops.multiply(ops.cast(inputs, dtype), scale), offset)

    def _along_channels(self, value: Any, rank: int, dtype: str) -> Any:
        value = ops.convert_to_tensor(value, dtype)
        if len(value.shape) == 1 and rank > 2 and image_data_format() == "channels_first":
            return ops.reshape(value, (-1, 1, 1))
        return value

    def compute_output_shape(self, input_shape: Any) -> Shape:
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "scale": self.scale, "offset": self.offset}


class Lambda(Layer):
    """A function as a layer; for anything with weights or state, write a subclass of Layer.

    Args:
        function: called with the inputs, `arguments`, and `mask` and `training` if it takes them.
        output_shape: that of an example, a tuple, or a function of the inputs' shape; None finds it out.
        mask: the output's mask, or a function of the inputs and their mask that gives it.
        arguments: further keyword arguments of the function.

    Shapes: as the function has them.

    Raises TypeError: something that is no function.

    Example:

    >>> layer = keras.layers.Lambda(lambda x, power: x**power, arguments={"power": 2})
    >>> keras.ops.convert_to_numpy(layer(np.array([1.0, 2.0, 3.0]))).tolist()
    [1.0, 4.0, 9.0]
    """

    def __init__(
        self, function: Any, output_shape: Any = None, mask: Any = None, arguments: Any = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        if not callable(function):
            raise TypeError(f"Lambda: function must be callable; got: {function!r}")
        self.function = function
        self.arguments = dict(arguments or {})
        self.mask = mask
        self.supports_masking = mask is not None
        self._output_shape = output_shape
        self._declares_shape = output_shape is not None  # otherwise symbolic calls evaluate the function
        self._takes = set(inspect.signature(function).parameters) & {"mask", "training"}

    def call(self, inputs: Any, mask: Any = None, training: bool | None = None) -> Any:
        given = {"mask": mask, "training": training}
        return self.function(inputs, **{**self.arguments, **{name: given[name] for name in self._takes}})

    def compute_output_shape(self, input_shape: Any) -> Any:
        if self._output_shape is None:
            return super().compute_output_shape(input_shape)
        if callable(self._output_shape):
            return self._output_shape(input_shape)
        return (input_shape[0], *self._output_shape)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """The mask given to the constructor, or what its function gives."""
        return self.mask(inputs, mask) if callable(self.mask) else self.mask

    def get_config(self) -> dict[str, Any]:
        config = _LambdaConfig(super().get_config())
        config.keep("function", self.function)
        if self._output_shape is not None:
            config.keep("output_shape", self._output_shape)
        if self.mask is not None:
            config.keep("mask", self.mask)
        config["arguments"] = serialize(self.arguments)
        return config

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None, safe_mode: bool | None = None) -> Any:
        """A layer from what `get_config` gave. Functions are found by their names, among `custom_objects` and what
        is registered, and nowhere else: code in a configuration is never run. Raises TypeError: nobody knows the
        function. Raises ValueError: it is a lambda (unless the configuration comes from this very process)."""
        made = dict(config)
        for name in ("function", "output_shape", "mask"):
            if isinstance(config, _LambdaConfig) and config.kept(name):
                made[name] = config.functions[name][1]
            elif isinstance(made.get(name), Mapping):
                made[name] = deserialize_keras_object(made[name], custom_objects)
        return super().from_config(made)


class _LambdaConfig(dict[str, Any]):
    """A configuration that also holds the functions it describes, so that a copy of a layer has the same ones."""

    def __init__(self, config: dict[str, Any]) -> None:
        super().__init__(config)
        self.functions: dict[str, tuple[Any, Any]] = {}

    def keep(self, name: str, value: Any) -> None:
        self[name] = _described(value)
        if callable(value):
            self.functions[name] = self[name], value

    def kept(self, name: str) -> bool:
        return name in self.functions and self.functions[name][0] is self.get(name)


def _described(value: Any) -> Any:
    """A function, or other value, as plain data. A lambda has no name: its code stands for it, as Keras writes it."""
    if getattr(value, "__name__", None) != "<lambda>":
        return serialize(value)
    code = base64.encodebytes(marshal.dumps(value.__code__)).decode("ascii")
    closure = tuple(cell.cell_contents for cell in value.__closure__) if value.__closure__ else None
    return {
        "class_name": "__lambda__",
        "config": {"code": code, "defaults": value.__defaults__, "closure": closure},
    }
