"""TorchModuleWrapper: a torch.nn.Module as a layer."""

from __future__ import annotations

from typing import Any

from triceras.layers.layer import Layer
from triceras_backends.active import backend as B


class TorchModuleWrapper(Layer):
    """A `torch.nn.Module` as a layer: its parameters are the layer's weights, shared with the module.

    Args:
        module: the module; its parameters must exist (no lazy ones).
        name: the layer's name.
        output_shape: the output's shape with the batch axis, where it cannot be found by running
            the module on abstract tensors.

    Input and output: what the module takes and gives, as (batch, ...).
    Raises TypeError: not a torch.nn.Module, or a backend other than torch.

    Example:

    >>> try:
    ...     import torch
    ...     y = keras.layers.TorchModuleWrapper(torch.nn.Linear(3, 2))(torch.ones(4, 3))
    ... except (ImportError, TypeError):  # another backend
    ...     y = np.ones((4, 2))
    >>> keras.ops.shape(y)
    (4, 2)
    """

    def __init__(self, module: Any, name: str | None = None, output_shape: Any = None, **kwargs: Any) -> None:
        super().__init__(name=name, **kwargs)
        variables = B.native_module_variables(module)
        # Not by plain assignment: the module's parameters are entered as the layer's own.
        object.__setattr__(self, "module", module)
        self._variables_of_module = variables
        for key, variable in variables.items():
            self.register_variable(key, variable)
        self._output_shape = None if output_shape is None else tuple(output_shape)

    UNTRACKED = Layer.UNTRACKED | {"module"}

    def parameters(self, recurse: bool = True) -> Any:
        """An iterator over the wrapped module's parameters."""
        return self.module.parameters(recurse=recurse)

    def call(self, *args: Any, training: bool | None = None, **kwargs: Any) -> Any:
        return B.native_module_call(self.module, self._variables_of_module, bool(training), args, kwargs)

    def compute_output_shape(self, *args: Any, **kwargs: Any) -> Any:
        if self._output_shape is not None:
            return self._output_shape
        return super().compute_output_shape(*args, **kwargs)
