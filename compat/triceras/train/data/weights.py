"""Weights of rows by their class."""

from __future__ import annotations

from typing import Any

import numpy as np

from triceras.train.data.convert import is_nested, to_numpy


class ClassWeights:
    """Weights for the rows of a batch, from their labels; a class that is not named weighs 1.

    Args:
        weights: a dict from class, an integer, to weight.

    Raises ValueError: keys that are not integers, values that are not numbers.
    """

    def __init__(self, weights: dict[int, float]) -> None:
        try:
            table = sorted((int(label), float(weight)) for label, weight in dict(weights).items())
        except (TypeError, ValueError):
            raise ValueError(
                f"class_weight must be a dict from class (an integer) to weight (a number); got: {weights!r}"
            ) from None
        self._classes = np.array([label for label, _ in table], np.int64)
        self._weights = np.array([weight for _, weight in table], np.float32)

    def of(self, y: Any) -> np.ndarray[Any, Any]:
        """A float32 weight a row: y holds integers, (rows, ...) or (rows, ..., 1), or is one-hot along its last axis.

        Raises ValueError: no labels, or those of several outputs.
        """
        if y is None or is_nested(y):
            what = "got no labels" if y is None else f"the labels are a {type(y).__name__}, of several outputs"
            raise ValueError(f"class_weight needs the labels of a single output; {what}.")
        labels = to_numpy("y", y)
        if labels.ndim > 1:
            labels = labels[..., 0] if labels.shape[-1] == 1 else labels.argmax(-1)
        labels = np.rint(labels).astype(np.int64)
        if not self._classes.size:
            return np.ones(labels.shape, np.float32)
        place = np.searchsorted(self._classes, labels).clip(max=self._classes.size - 1)
        return np.where(self._classes[place] == labels, self._weights[place], np.float32(1))

    def times(self, y: Any, sample_weight: Any) -> Any:
        """The weights of the classes in y, times `sample_weight` where there is one."""
        weights = self.of(y)
        if sample_weight is None:
            return weights
        given = to_numpy("sample_weight", sample_weight)
        ndim = max(given.ndim, weights.ndim)
        return _columns(given, ndim) * _columns(weights, ndim)


def _columns(array: np.ndarray[Any, Any], ndim: int) -> np.ndarray[Any, Any]:
    return array.reshape(array.shape + (1,) * (ndim - array.ndim))
