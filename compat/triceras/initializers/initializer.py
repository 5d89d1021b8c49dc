"""The base class of initializers."""

from __future__ import annotations

from typing import Any


class Initializer:
    """A function of (shape, dtype) that gives initial values; subclasses define `__call__`.

    Example:

    >>> class Ramp(keras.initializers.Initializer):
    ...     def __call__(self, shape, dtype=None):
    ...         return keras.ops.reshape(keras.ops.arange(np.prod(shape), dtype=dtype), shape)
    >>> np.round(keras.ops.convert_to_numpy(Ramp()((2, 2), "float32")), 3)
    array([[0., 1.],
           [2., 3.]], dtype=float32)
    """

    def __call__(self, shape: Any, dtype: Any = None) -> Any:
        raise TypeError(f"{type(self).__name__} must define __call__(self, shape, dtype=None).")

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Initializer:
        """An initializer from what `get_config` gave."""
        return cls(**config)

    def clone(self) -> Initializer:
        """Another of the same configuration."""
        return type(self).from_config(self.get_config())
