"""What layers share whose data are strings, or whose sums are the host's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from triceras.layers.layer import Layer
from triceras.ops.symbolic import KerasTensor, is_symbolic
from triceras.utils.text import as_text
from triceras_backends import dtypes
from triceras_backends.active import backend as B

Shape = tuple[int | None, ...]


class HostLayer(Layer):
    """A layer that computes with NumPy. Strings, lists and arrays of them are given to `call` as they are.

    A subclass says the shape and dtype of its output: `compute_output_shape` and `_output_dtype`.
    """

    _takes_text = True

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("autocast", False)
        super().__init__(**kwargs)

    def build(self, input_shape: Any = None) -> None:
        """Nothing is to be made."""

    def get_build_config(self) -> dict[str, Any] | None:
        """What Keras writes: the shape of numbers, none of text."""
        return super().get_build_config() or ({"input_shape": None} if self.built else None)

    @property
    def _output_dtype(self) -> str:
        return self.compute_dtype

    def _output_spec(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """The output for a symbolic input: nothing is evaluated, as strings cannot be."""
        inputs = args[0] if args else kwargs["inputs"]
        shapes = [x.shape for x in inputs] if isinstance(inputs, (list, tuple)) else inputs.shape
        return KerasTensor(self.compute_output_shape(shapes), self._output_dtype)

    def _on_host(self, function: Callable[..., Any], inputs: list[Any], shape: Any, dtype: str | None = None) -> Any:
        """function of the inputs as NumPy arrays, as a tensor of this shape and dtype."""
        return B.host_call(function, inputs, shape, dtype or self._output_dtype)

    def _where(self) -> str:
        return f"The input of layer {self.name!r}"

    def _text(self, x: Any, encoding: str = "utf-8") -> np.ndarray[Any, Any]:
        return as_text(x, encoding, self._where())


def held(x: Any) -> Any:
    """An input as something with a shape: tensors as they are, all else as a NumPy array."""
    if B.is_tensor(x):
        return x
    if isinstance(x, np.ndarray):
        return x
    try:
        array = np.asarray(x)
    except ValueError as error:
        raise ValueError(f"Inputs must be rectangular arrays; got lists of different lengths: {error}") from None
    return array.astype(object) if array.dtype.kind in "US" else array


def shape_of(x: Any) -> Shape:
    """The static shape of what `held` gives."""
    return tuple(B.static_shape(x)) if B.is_tensor(x) else tuple(x.shape)


def dtype_kind(x: Any) -> str:
    """Of what `held` gives: "i" for integers and booleans, "f" for floats, "s" for all else."""
    if not B.is_tensor(x):
        return "i" if x.dtype.kind in "biu" else "f" if x.dtype.kind == "f" else "s"
    dtype = B.dtype_of(x)
    return "s" if dtype == "string" else "f" if dtypes.is_float(dtype) else "i"


def batches_of(data: Any, steps: int | None, layer: str) -> Iterator[Any]:
    """What `adapt` was given, piece by piece: an array or list is one, a dataset gives its batches.

    At most `steps` of them. Raises ValueError: batches that are tuples, as of inputs and targets; a symbolic tensor.
    """
    if is_symbolic(data):
        raise ValueError(f"{layer}: adapt() needs values; got a symbolic tensor: {data!r}")
    if isinstance(data, (str, bytes, list, tuple, np.ndarray)) or B.is_tensor(data) or hasattr(data, "__array__"):
        yield data
        return
    if not hasattr(data, "__iter__"):
        raise ValueError(f"{layer}: adapt() takes arrays, lists or datasets; got: {data!r}")
    for number, batch in enumerate(data):
        if steps is not None and number >= steps:
            return
        if isinstance(batch, tuple):
            raise ValueError(
                f"{layer}: adapt() takes a dataset of inputs alone; its batches are tuples of {len(batch)}. Map it to "
                "the part to adapt to."
            )
        yield batch


def to_numpy(x: Any) -> Any:
    """An array or tensor, of this or another framework, as a NumPy array."""
    return B.convert_to_numpy(x) if B.is_tensor(x) else np.asarray(x)
