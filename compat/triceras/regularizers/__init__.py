"""Penalties on weights, as classes and by name."""

from __future__ import annotations

from typing import Any

from triceras import ops
from triceras.utils import lookup
from triceras.utils.lookup import resolve, table
from triceras.utils.registry import publish
from triceras.utils.serialization import serialize_keras_object


class Regularizer:
    """A function of a weight that gives a scalar to add to the loss.

    Example:

    >>> class Largest(keras.Regularizer):
    ...     def __call__(self, x):
    ...         return 0.5 * keras.ops.max(keras.ops.abs(x))
    >>> float(Largest()(keras.ops.convert_to_tensor([1.0, -4.0])))
    2.0
    """

    def __call__(self, x: Any) -> Any:
        raise TypeError(f"{type(self).__name__} must define __call__(self, x).")

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments. Raises NotImplementedError: a subclass with some does not say them."""
        raise NotImplementedError(f"{type(self).__name__} must define get_config(self).")

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Regularizer:
        """A regularizer from what `get_config` gave."""
        return cls(**config)


def _strength(argument: str, value: Any) -> float:
    """A factor as a float. Raises ValueError: a negative or infinite one, or no number."""
    if value is None:
        return 0.0
    if isinstance(value, (int, float)) and 0 <= value < float("inf"):
        return value
    raise ValueError(f"{argument} must be a finite number that is not negative; got: {value!r}")


class L1L2(Regularizer):
    """l1 * sum(|w|) + l2 * sum(w^2).

    Args:
        l1: the factor of the absolute values.
        l2: the factor of the squares.

    Input: a weight of any shape; output: a scalar. Zou and Hastie, 2005, "Regularization and variable
    selection via the elastic net". Raises ValueError: a negative factor.

    Example:

    >>> float(keras.regularizers.L1L2(l1=0.5, l2=0.25)(keras.ops.convert_to_tensor([1.0, -2.0])))
    2.75
    """

    def __init__(self, l1: float = 0.0, l2: float = 0.0) -> None:
        self.l1, self.l2 = _strength("l1", l1), _strength("l2", l2)

    def __call__(self, x: Any) -> Any:
        penalty = 0.0
        if self.l1:
            penalty = penalty + self.l1 * ops.sum(ops.abs(x))
        if self.l2:
            penalty = penalty + self.l2 * ops.sum(ops.square(x))
        return penalty

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {"l1": self.l1, "l2": self.l2}


class L1(L1L2):
    """l1 * sum(|w|). Tibshirani, 1996, "Regression Shrinkage and Selection via the Lasso".

    Args:
        l1: the factor.

    Input: a weight of any shape; output: a scalar. Raises ValueError: a negative factor.

    Example:

    >>> float(keras.regularizers.L1(0.5)(keras.ops.convert_to_tensor([1.0, -2.0])))
    1.5
    """

    def __init__(self, l1: float = 0.01) -> None:
        super().__init__(l1=l1)

    def get_config(self) -> dict[str, Any]:
        return {"l1": self.l1}


class L2(L1L2):
    """l2 * sum(w^2). Hoerl and Kennard, 1970, "Ridge Regression".

    Args:
        l2: the factor.

    Input: a weight of any shape; output: a scalar. Raises ValueError: a negative factor.

    Example:

    >>> float(keras.regularizers.L2(0.5)(keras.ops.convert_to_tensor([1.0, -2.0])))
    2.5
    """

    def __init__(self, l2: float = 0.01) -> None:
        super().__init__(l2=l2)

    def get_config(self) -> dict[str, Any]:
        return {"l2": self.l2}


class OrthogonalRegularizer(Regularizer):
    """factor times the mean |cosine| between different rows (or columns) of a matrix: 0 where they are orthogonal.

    Args:
        factor: of the penalty.
        mode: "rows" or "columns": which vectors are to be orthogonal to each other.

    Input: (rows, columns); output: a scalar. Raises ValueError: another mode, a weight that is no matrix.

    Example:

    >>> float(keras.regularizers.OrthogonalRegularizer(0.5)(keras.ops.eye(3)))
    0.0
    """

    def __init__(self, factor: float = 0.01, mode: str = "rows") -> None:
        if mode not in ("rows", "columns"):
            raise ValueError(f"mode must be 'rows' or 'columns'; got: {mode!r}")
        self.factor, self.mode = _strength("factor", factor), mode

    def __call__(self, inputs: Any) -> Any:
        shape = tuple(inputs.shape)
        if len(shape) != 2:
            raise ValueError(f"OrthogonalRegularizer takes a matrix; got a weight of shape {shape}")
        vectors = inputs if self.mode == "rows" else ops.transpose(inputs)
        vectors = ops.normalize(vectors, axis=-1)
        count = tuple(vectors.shape)[0]
        cosines = ops.abs(ops.matmul(vectors, ops.transpose(vectors)))
        others = ops.sum(cosines * (1.0 - ops.eye(count, dtype=cosines.dtype)))
        return self.factor * others / max(count * (count - 1), 1)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {"factor": self.factor, "mode": self.mode}


l1, l2, l1_l2, orthogonal_regularizer = L1, L2, L1L2, OrthogonalRegularizer

_KNOWN = table(L1, L2, L1L2, OrthogonalRegularizer, l1=L1, l2=L2, l1_l2=L1L2, l1l2=L1L2)


def get(identifier: Any) -> Any:
    """A regularizer by name or configuration; a function as it is; None as None. ValueError: unknown name."""
    return resolve(identifier, _KNOWN, "regularizer")


def serialize(regularizer: Any) -> Any:
    """A regularizer as plain data: {"module", "class_name", "config", "registered_name"}."""
    return serialize_keras_object(regularizer)


def deserialize(config: Any, custom_objects: Any = None) -> Any:
    """A regularizer from what `serialize` gave; custom_objects: further classes by name. TypeError: unknown class."""
    return lookup.deserialize(config, _KNOWN, "regularizer", custom_objects)


publish("keras.regularizers", globals())
