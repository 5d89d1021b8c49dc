"""Data in memory: kept on the device, gathered by index batch by batch."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np
import optree

from triceras.seeds import draw_host_seed
from triceras.train.data.convert import is_arrays, is_nested, to_arrays, to_tensors
from triceras.train.data.data import Batch, Cursor, Data
from triceras.train.data.weights import ClassWeights
from triceras_backends.active import backend as B
from triceras_backends.hashing import host_generator

NAMES = ("x", "y", "sample_weight")


class ArrayData(Data):
    """Batches of arrays of equal length.

    Args:
        x, y, sample_weight: structures of arrays, as `to_tensors` takes them.
        batch_size: rows a batch, 32 by default; the last may have fewer.
        shuffle: True gives each epoch an order of its own, the same on every backend; "batch" leaves rows
            beside each other in their batch, and shuffles the batches.
        steps: so many batches an epoch: the next epoch goes on where this one ended, until the data ends.
        class_weight: a dict from class to weight, multiplied into sample_weight.

    Raises ValueError: no rows, lengths that differ, a batch size or steps that are not positive, values that are
    not numbers.
    """

    indexed = True

    def __init__(
        self,
        x: Any,
        y: Any = None,
        sample_weight: Any = None,
        *,
        batch_size: int | None = None,
        steps: int | None = None,
        shuffle: bool | str = False,
        class_weight: dict[int, float] | None = None,
    ) -> None:
        self.batch_size: int = 32 if batch_size is None else positive("batch_size", batch_size)
        if class_weight is not None:
            sample_weight = ClassWeights(class_weight).times(y, sample_weight)
        self.arrays = to_batch(x, y, sample_weight)
        self.rows = row_count(self.arrays)
        self.shuffle = shuffle
        self._available = -(-self.rows // self.batch_size)
        self._cursor = Cursor(None if steps is None else positive("steps", steps))
        self.steps: int = min(self._cursor.steps or self._available, self._available)
        self._order: np.ndarray[Any, Any]

    def first(self) -> Batch:
        if self.rows <= self.batch_size:
            return self.arrays
        return gather(self.arrays, np.arange(self.batch_size, dtype=np.int32))

    def order(self) -> np.ndarray[Any, Any]:
        batches = self._cursor.take(self._available)
        if batches.start == 0:
            self._order = self._new_order()
        return self._order[batches.start * self.batch_size : batches.stop * self.batch_size]

    def reset(self) -> None:
        self._cursor.used = 0

    def _new_order(self) -> np.ndarray[Any, Any]:
        order = np.arange(self.rows, dtype=np.int32)
        if not self.shuffle:
            return order
        generator = host_generator(*draw_host_seed())
        if self.shuffle != "batch":
            generator.shuffle(order)
            return order
        whole = self.rows - self.rows % self.batch_size
        blocks = order[:whole].reshape(-1, self.batch_size)
        return np.concatenate([generator.permutation(blocks).reshape(-1), order[whole:]])


def to_batch(x: Any, y: Any = None, sample_weight: Any = None, copy: bool = False) -> Batch:
    """(x,), (x, y) or (x, y, sample_weight) as trees of tensors.

    Raises ValueError: no x, weights whose structure is not y's, values that are not numbers.
    """
    if x is None:
        raise ValueError("x is missing: the data needs at least inputs.")
    tensors = to_tensors("x", x, copy)
    if sample_weight is not None:
        check_weight_structure(y, sample_weight)
        targets = None if y is None else to_tensors("y", y, copy)
        return tensors, targets, to_tensors("sample_weight", sample_weight, copy)
    return (tensors,) if y is None else (tensors, to_tensors("y", y, copy))


def check_weight_structure(y: Any, sample_weight: Any) -> None:
    """Raises ValueError: weights of several outputs that are not y's outputs."""
    if not is_nested(sample_weight):
        return
    if isinstance(sample_weight, dict) and isinstance(y, dict) and set(sample_weight) <= set(y):
        return
    sequences = isinstance(sample_weight, (list, tuple)) and isinstance(y, (list, tuple)) and is_nested(y)
    if sequences and len(sample_weight) == len(y):
        return
    raise ValueError(
        "sample_weight must be one array, or have the structure of y; "
        f"got sample_weight: {_outline(sample_weight)}, y: {_outline(y)}."
    )


def _outline(value: Any) -> str:
    if not is_nested(value):
        return "one array"
    if isinstance(value, dict):
        return f"a dict of {sorted(map(str, value))}"
    return f"a {type(value).__name__} of {len(value)}"


def row_count(batch: Batch) -> int:
    """How many rows all arrays of a batch have. Raises ValueError: they differ, with each one's rows; or none."""
    rows = None
    for part in batch:
        for leaf in [part] if hasattr(part, "shape") else optree.tree_leaves(part):
            length = leaf.shape[0]
            if rows is None:
                rows = length
            elif length != rows:
                raise ValueError(f"All arrays must have the same number of rows; got {_lengths(batch)}.")
    if not rows:
        raise ValueError("The data has no rows.")
    return int(rows)


def _lengths(batch: Batch) -> str:
    found = []
    for name, part in zip(NAMES, batch, strict=False):
        paths, leaves, _ = optree.tree_flatten_with_path(part)
        for path, leaf in zip(paths, leaves, strict=True):
            found.append(f"{name}{''.join(f'[{key!r}]' for key in path)}: {leaf.shape[0]}")
    return ", ".join(found)


def gather(arrays: Batch, indices: Any) -> Batch:
    """The rows of each array at `indices`."""
    return optree.tree_map(lambda array: B.rows(array, indices), arrays)


def split(
    x: Any, y: Any = None, sample_weight: Any = None, validation_split: float = 0.0
) -> tuple[tuple[Any, Any, Any], tuple[Any, Any, Any]]:
    """Arrays as (x, y, sample_weight) of their first rows and of the last share, `validation_split` of them.

    Raises ValueError: a share not in (0, 1), a part without rows, data that is not arrays.
    """
    if isinstance(validation_split, bool) or not 0 < validation_split < 1:
        raise ValueError(f"validation_split must be between 0 and 1; got: {validation_split!r}")
    if not is_arrays(x):
        raise ValueError(
            f"validation_split divides arrays; x is a {type(x).__name__}. Give validation_data with it instead."
        )
    named = zip(NAMES, (x, y, sample_weight), strict=True)
    parts = tuple(None if part is None else to_arrays(name, part) for name, part in named)
    rows = row_count(parts)
    cut = int(rows * (1 - validation_split))
    if cut in (0, rows):
        raise ValueError(f"validation_split={validation_split} of {rows} rows leaves one part empty.")
    return _slices(parts, slice(0, cut)), _slices(parts, slice(cut, rows))


def _slices(parts: tuple[Any, ...], rows: slice) -> Any:
    return optree.tree_map(lambda array: array[rows], parts)


def positive(name: str, value: Any) -> int:
    """`value`, an integer of at least 1. Raises ValueError: it is not."""
    try:
        number = operator.index(value)
    except TypeError:
        number = 0
    if number <= 0 or isinstance(value, bool):
        raise ValueError(f"{name} must be a positive integer; got: {value!r}")
    return number
