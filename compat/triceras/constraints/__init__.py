"""Constraints: what a weight's value is brought back to after each update, as classes and by name."""

from __future__ import annotations

from typing import Any

from triceras import ops
from triceras.utils import lookup
from triceras.utils.lookup import resolve, table
from triceras.utils.registry import publish
from triceras.utils.serialization import serialize_keras_object
from triceras_backends.config import epsilon


class Constraint:
    """A function of a weight's value that gives the value it is replaced by, of the same shape.

    Example:

    >>> class Capped(keras.constraints.Constraint):
    ...     def __call__(self, w):
    ...         return keras.ops.minimum(w, 1.0)
    >>> keras.ops.convert_to_numpy(Capped()(keras.ops.convert_to_tensor([0.5, 2.0]))).tolist()
    [0.5, 1.0]
    """

    def __call__(self, w: Any) -> Any:
        raise NotImplementedError(f"{type(self).__name__} must define __call__(self, w).")

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Constraint:
        """A constraint from what `get_config` gave."""
        return cls(**config)


def _norms(w: Any, axis: Any) -> Any:
    return ops.sqrt(ops.sum(ops.square(w), axis=axis, keepdims=True))


class MaxNorm(Constraint):
    """Norms along `axis` of at most `max_value`: w * min(|w|, max_value) / |w|.

    Args:
        max_value: the largest norm.
        axis: an int or several: of the vectors. For a Dense kernel (inputs, units) 0 makes each unit's a vector.

    Input and output: a weight of one shape. Srivastava et al., 2014, "Dropout".

    Example:

    >>> w = keras.ops.convert_to_tensor([[3.0], [4.0]])
    >>> print(np.round(keras.ops.convert_to_numpy(keras.constraints.MaxNorm(1.0)(w)), 3))
    [[0.6]
     [0.8]]
    """

    def __init__(self, max_value: float = 2, axis: Any = 0) -> None:
        self.max_value, self.axis = max_value, axis

    def __call__(self, w: Any) -> Any:
        norms = _norms(w, self.axis)
        return w * (ops.clip(norms, 0, self.max_value) / (epsilon() + norms))

    def get_config(self) -> dict[str, Any]:
        return {"max_value": self.max_value, "axis": self.axis}


class NonNeg(Constraint):
    """No negative element: those become 0. Input and output: a weight of one shape.

    Example:

    >>> keras.ops.convert_to_numpy(keras.constraints.NonNeg()(keras.ops.convert_to_tensor([1.0, 2.0]))).tolist()
    [1.0, 2.0]
    """

    def __call__(self, w: Any) -> Any:
        return w * ops.cast(ops.greater_equal(w, 0.0), w.dtype)


class UnitNorm(Constraint):
    """Norms of 1 along `axis`: w / |w|.

    Args:
        axis: an int or several: of the vectors. For a Dense kernel (inputs, units) 0 makes each unit's a vector.

    Input and output: a weight of one shape.

    Example:

    >>> w = keras.ops.convert_to_tensor([[3.0], [4.0]])
    >>> print(np.round(keras.ops.convert_to_numpy(keras.constraints.UnitNorm()(w)), 3))
    [[0.6]
     [0.8]]
    """

    def __init__(self, axis: Any = 0) -> None:
        self.axis = axis

    def __call__(self, w: Any) -> Any:
        return w / (epsilon() + _norms(w, self.axis))

    def get_config(self) -> dict[str, Any]:
        return {"axis": self.axis}


class MinMaxNorm(Constraint):
    """Norms along `axis` between `min_value` and `max_value`: w * (rate * clip(|w|) + (1 - rate) * |w|) / |w|.

    Args:
        min_value: the smallest norm.
        max_value: the largest norm.
        rate: the share of the way there that one application goes, in (0, 1].
        axis: an int or several: of the vectors. For a Dense kernel (inputs, units) 0 makes each unit's a vector.

    Input and output: a weight of one shape.

    Example:

    >>> w = keras.ops.convert_to_tensor([[3.0], [4.0]])
    >>> print(np.round(keras.ops.convert_to_numpy(keras.constraints.MinMaxNorm(0.0, 1.0)(w)), 3))
    [[0.6]
     [0.8]]
    """

    def __init__(self, min_value: float = 0.0, max_value: float = 1.0, rate: float = 1.0, axis: Any = 0) -> None:
        self.min_value, self.max_value, self.rate, self.axis = min_value, max_value, rate, axis

    def __call__(self, w: Any) -> Any:
        norms = _norms(w, self.axis)
        wanted = self.rate * ops.clip(norms, self.min_value, self.max_value) + (1 - self.rate) * norms
        return w * (wanted / (epsilon() + norms))

    def get_config(self) -> dict[str, Any]:
        return {"min_value": self.min_value, "max_value": self.max_value, "rate": self.rate, "axis": self.axis}


max_norm, min_max_norm, non_neg, unit_norm = MaxNorm, MinMaxNorm, NonNeg, UnitNorm

_KNOWN = table(MaxNorm, NonNeg, UnitNorm, MinMaxNorm, nonneg=NonNeg, unitnorm=UnitNorm, maxnorm=MaxNorm)


def get(identifier: Any) -> Any:
    """A constraint by name or configuration; a function as it is; None as None. ValueError: unknown name."""
    return resolve(identifier, _KNOWN, "constraint")


def serialize(constraint: Any) -> Any:
    """A constraint as plain data: {"module", "class_name", "config", "registered_name"}."""
    return serialize_keras_object(constraint)


def deserialize(config: Any, custom_objects: Any = None) -> Any:
    """A constraint from what `serialize` gave; custom_objects: further classes by name. TypeError: unknown class."""
    return lookup.deserialize(config, _KNOWN, "constraint", custom_objects)


publish("keras.constraints", globals())
