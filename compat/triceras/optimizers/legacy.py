"""What earlier versions of Keras had under `optimizers.legacy`: names that say where to go."""

from __future__ import annotations

from typing import Any


class _Gone:
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        name = type(self).__name__
        raise ImportError(f"keras.optimizers.legacy.{name} is no more in Keras 3: use keras.optimizers.{name}.")


class Adagrad(_Gone):
    """Was in Keras 2. Raises ImportError."""


class Adam(_Gone):
    """Was in Keras 2. Raises ImportError."""


class Ftrl(_Gone):
    """Was in Keras 2. Raises ImportError."""


class Optimizer(_Gone):
    """Was in Keras 2. Raises ImportError."""


class RMSprop(_Gone):
    """Was in Keras 2. Raises ImportError."""


class SGD(_Gone):
    """Was in Keras 2. Raises ImportError."""
