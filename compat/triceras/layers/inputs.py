"""Input: where a symbolic graph begins."""

from __future__ import annotations

from typing import Any

from triceras.layers.layer import Layer
from triceras.ops.nodes import Node
from triceras.ops.symbolic import KerasTensor, symbol_dtype


class InputLayer(Layer):
    """A model's input, as a layer: its `output` is the symbolic tensor. `Input` makes one and gives that tensor.

    Args:
        shape: a tuple of ints, without the batch axis; None in it for unknown sizes.
        batch_size: the batch axis' size; None for unknown.
        dtype: of the tensor; None is config.floatx(), "string" is text, for layers that take it.
        sparse: must be None or False: all tensors are dense.
        ragged: must be None or False.
        batch_shape: the whole shape, instead of shape and batch_size.
        input_tensor: a KerasTensor whose shape and dtype to take.
        optional: whether None may be given to the model for it.

    Raises ValueError: no shape or two of them, a size that is no integer, a dtype other than the
    input_tensor's, sparse or ragged.

    Example:

    >>> layer = keras.layers.InputLayer(shape=(None, 8), dtype="int32")
    >>> layer.output.shape, layer.output.dtype
    ((None, None, 8), 'int32')
    """

    def __init__(
        self,
        shape: Any = None,
        batch_size: int | None = None,
        dtype: Any = None,
        sparse: bool | None = None,
        ragged: bool | None = None,
        batch_shape: Any = None,
        input_tensor: Any = None,
        optional: bool = False,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        batch_shape = kwargs.pop("batch_input_shape", batch_shape)
        super().__init__(name=name, **kwargs)
        if sparse or ragged:
            raise ValueError(f"Input {self.name!r}: Triceras has dense tensors only; got sparse or ragged.")
        if input_tensor is not None:
            if not isinstance(input_tensor, KerasTensor):
                raise ValueError(f"Input {self.name!r}: input_tensor must be a KerasTensor; got: {input_tensor!r}")
            batch_shape = input_tensor.shape if batch_shape is None and shape is None else batch_shape
            if dtype is not None and symbol_dtype(dtype) != input_tensor.dtype:
                raise ValueError(f"Input {self.name!r}: dtype is {dtype!r}, input_tensor's is {input_tensor.dtype!r}.")
            dtype = input_tensor.dtype
        self.batch_shape = self._whole_shape(shape, batch_size, batch_shape)
        self._input_dtype = symbol_dtype(dtype)
        self.optional, self.sparse, self.ragged = bool(optional), False, False
        self.built = True
        Node(self, (), {}, [], KerasTensor(self.batch_shape, self._input_dtype, name=self.name))

    def _whole_shape(self, shape: Any, batch_size: Any, batch_shape: Any) -> tuple[int | None, ...]:
        if (shape is None) == (batch_shape is None):
            raise ValueError(
                f"Input {self.name!r} needs a shape, without the batch axis (Input(shape=(784,))), or a batch_shape "
                f"with it, and not both; got shape={shape!r}, batch_shape={batch_shape!r}."
            )
        if batch_shape is not None and batch_size is not None:
            raise ValueError(f"Input {self.name!r}: batch_shape holds the batch size; do not give batch_size too.")
        try:
            sizes = (batch_size, *((shape,) if isinstance(shape, int) else shape)) if shape is not None else batch_shape
            whole = tuple(None if size is None else int(size) for size in sizes)
        except (TypeError, ValueError):
            raise ValueError(
                f"Input {self.name!r}: a shape is a tuple of integers and None; got: "
                f"{batch_shape if shape is None else shape!r}"
            ) from None
        if any(size is not None and size < 0 for size in whole):
            raise ValueError(f"Input {self.name!r}: sizes cannot be negative; got: {whole}")
        return whole

    @property
    def dtype(self) -> str:
        return vars(self).get("_input_dtype", "float32")

    @dtype.setter
    def dtype(self, value: Any) -> None:
        """The base class's dtype of computation: an input has only that of its tensor."""

    def call(self, inputs: Any = None) -> Any:
        return inputs

    def get_config(self) -> dict[str, Any]:
        return {
            "batch_shape": self.batch_shape,
            "dtype": self.dtype,
            "sparse": False,
            "ragged": False,
            "name": self.name,
            "optional": self.optional,
        }


def Input(
    shape: Any = None,
    batch_size: int | None = None,
    dtype: Any = None,
    sparse: bool | None = None,
    ragged: bool | None = None,
    batch_shape: Any = None,
    name: str | None = None,
    tensor: Any = None,
    optional: bool = False,
) -> KerasTensor:
    """A symbolic input of shape (batch_size, *shape): where a functional model begins.

    Args:
        shape: a tuple of ints, without the batch axis; None in it for unknown sizes.
        batch_size: the batch axis' size; None for unknown.
        dtype: of the tensor; None is config.floatx().
        sparse: must be None or False: all tensors are dense.
        ragged: must be None or False.
        batch_shape: the whole shape, instead of shape and batch_size.
        name: of the input; None makes one.
        tensor: a KerasTensor whose shape and dtype to take.
        optional: whether None may be given to the model for it.

    Raises ValueError: no shape or two of them, one that is no tuple of integers and None, a dtype other
    than the tensor's, sparse or ragged.

    Example:

    >>> x = keras.Input(shape=(32,))
    >>> y = keras.layers.Dense(16, activation="softmax")(x)
    >>> keras.Model(x, y).count_params()
    528
    """
    layer = InputLayer(
        shape, batch_size, dtype, sparse, ragged, batch_shape, input_tensor=tensor, optional=optional, name=name
    )
    return layer.output
