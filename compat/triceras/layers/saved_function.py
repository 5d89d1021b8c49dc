"""TFSMLayer: a saved TensorFlow program as a layer."""

from __future__ import annotations

from typing import Any

from triceras.layers.layer import Layer
from triceras_backends.active import backend as B


class TFSMLayer(Layer):
    """A SavedModel of TensorFlow as a layer, for inference: its variables stay the program's own and fixed.

    Args:
        filepath: the folder of the SavedModel.
        call_endpoint: the name of its function or signature that is called.
        call_training_endpoint: the one that is called in training; None is call_endpoint.
        trainable, name, dtype: those of `Layer`.

    Input and output: what the program takes and gives, as (batch, ...).
    Raises NotImplementedError: a backend other than TensorFlow. Raises OSError: no such file. Raises ValueError: no
    such endpoint.

    Example:

    >>> try:
    ...     layer = keras.layers.TFSMLayer("no/such/folder")
    ... except (NotImplementedError, OSError):
    ...     print("not here")
    not here
    """

    def __init__(
        self,
        filepath: Any,
        call_endpoint: str = "serve",
        call_training_endpoint: str | None = None,
        trainable: bool = True,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(trainable=trainable, name=name, dtype=dtype)
        self.filepath = str(filepath)
        self.call_endpoint, self.call_training_endpoint = call_endpoint, call_training_endpoint
        try:
            self._function = B.native_saved_function(self.filepath, call_endpoint)
            training = call_training_endpoint
            self._training_function = B.native_saved_function(self.filepath, training) if training else self._function
        except TypeError as error:
            raise NotImplementedError(f"TFSMLayer needs the TensorFlow backend: {error}") from error

    def call(self, inputs: Any, training: bool = False, **kwargs: Any) -> Any:
        return (self._training_function if training else self._function)(inputs, **kwargs)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "filepath": self.filepath,
            "call_endpoint": self.call_endpoint,
            "call_training_endpoint": self.call_training_endpoint,
        }
