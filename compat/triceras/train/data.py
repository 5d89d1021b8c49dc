"""In-memory data for the training loop: kept on the device, gathered by index batch by batch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import optree

from triceras.random.seeds import draw_host_seed
from triceras_backends import config, dtypes
from triceras_backends.active import backend as B
from triceras_backends.hashing import host_generator

Batch = tuple[Any, ...]


def unpack_x_y_sample_weight(data: Any) -> tuple[Any, Any, Any]:
    """(x, y, sample_weight) of a batch, missing ones None. Raises ValueError: a longer tuple."""
    if not isinstance(data, tuple):
        return data, None, None
    if not 1 <= len(data) <= 3:
        raise ValueError(f"Data must be x, (x, y) or (x, y, sample_weight); got a tuple of {len(data)}.")
    return (*data, None, None)[:3]


def pack(x: Any, y: Any = None, sample_weight: Any = None) -> Batch:
    """The shortest tuple that holds what is not None."""
    if sample_weight is not None:
        return x, y, sample_weight
    return (x,) if y is None else (x, y)


def as_arrays(name: str, value: Any) -> Any:
    """A structure of arrays as tensors, floats in config.floatx(). Raises ValueError: not numbers, or rank 0."""

    def convert(leaf: Any) -> Any:
        if not (B.is_tensor(leaf) or isinstance(leaf, B.Variable)):
            leaf = np.asarray(leaf)
            if leaf.dtype.kind not in "biufV":  # V: bfloat16 and its like
                raise ValueError(f"{name} must hold numbers; got an array of dtype {leaf.dtype}.")
        dtype = B.dtype_of(leaf)
        leaf = B.convert_to_tensor(leaf, config.floatx() if dtype in dtypes.FLOATS else None)
        if not B.static_shape(leaf):
            raise ValueError(f"{name} must have a batch axis; got a scalar.")
        return leaf

    is_leaf = _list_of_numbers
    return optree.tree_map(convert, value, is_leaf=is_leaf)


def _list_of_numbers(value: Any) -> bool:
    """Whether a nested list stands for one array, as [[1, 2], [3, 4]] does, not for several inputs."""
    while isinstance(value, (list, tuple)) and value:
        value = value[0]
        if isinstance(value, (bool, int, float, np.number)):
            return True
    return False


class ArrayData:
    """Batches of arrays of equal length.

    Args:
        x, y, sample_weight: structures of arrays (NumPy, native tensors, lists of numbers).
        batch_size: rows a batch; the last may have fewer.
        shuffle: whether each epoch has an order of its own, the same on every backend.
        steps: at most so many batches an epoch; None is all.

    Raises ValueError: no rows, lengths that differ, a batch size that is not positive.
    """

    def __init__(
        self, x: Any, y: Any = None, sample_weight: Any = None, batch_size: int | None = None,
        shuffle: bool = False, steps: int | None = None,
    ) -> None:  # fmt: skip
        self.batch_size = 32 if batch_size is None else batch_size
        if isinstance(self.batch_size, bool) or not isinstance(self.batch_size, int) or self.batch_size <= 0:
            raise ValueError(f"batch_size must be a positive integer; got: {batch_size!r}")
        named = {"x": x, "y": y, "sample_weight": sample_weight}
        arrays = {name: as_arrays(name, value) for name, value in named.items() if value is not None}
        self.rows = _common_length(arrays)
        self.arrays = pack(*(arrays.get(name) for name in named))
        self.shuffle = shuffle
        batches = -(-self.rows // self.batch_size)
        self.steps = batches if steps is None else min(steps, batches)

    def epoch(self) -> Iterator[np.ndarray[Any, Any]]:
        """Index arrays (int32), one a batch. Their lengths are all the batch size but for the last."""
        order = np.arange(self.rows, dtype=np.int32)
        if self.shuffle:
            host_generator(*draw_host_seed()).shuffle(order)
        for step in range(self.steps):
            yield order[step * self.batch_size : (step + 1) * self.batch_size]

    def first(self) -> Batch:
        """The first batch, for building models and metrics."""
        return gather(self.arrays, np.arange(min(self.batch_size, self.rows), dtype=np.int32))

    def split(self, share: float) -> tuple[dict[str, Any], dict[str, Any]]:
        """The first rows and the last `share` of them, as arguments for two ArrayData."""
        if not 0 < share < 1:
            raise ValueError(f"validation_split must be between 0 and 1; got: {share!r}")
        cut = int(self.rows * (1 - share))
        if cut == 0 or cut == self.rows:
            raise ValueError(f"validation_split={share} of {self.rows} rows leaves one part empty.")
        parts = (np.arange(cut, dtype=np.int32), np.arange(cut, self.rows, dtype=np.int32))
        names = ("x", "y", "sample_weight")
        first, last = (dict(zip(names, gather(self.arrays, part), strict=False)) for part in parts)
        return first, last


def gather(arrays: Batch, indices: Any) -> Batch:
    """The rows of each array at `indices`."""
    return optree.tree_map(lambda array: B.rows(array, indices), arrays)


def _common_length(arrays: dict[str, Any]) -> int:
    lengths = {name: [B.static_shape(leaf)[0] for leaf in optree.tree_leaves(tree)] for name, tree in arrays.items()}
    found = {length for several in lengths.values() for length in several}
    if len(found) > 1:
        listing = ", ".join(f"{name}: {', '.join(map(str, several))}" for name, several in lengths.items())
        raise ValueError(f"All arrays must have the same number of rows; got {listing}.")
    if not found or found == {0}:
        raise ValueError("The data has no rows.")
    return found.pop()


def class_weights(y: Any, class_weight: dict[int, float]) -> np.ndarray[Any, Any]:
    """A weight a row from integer labels, or one-hot ones, by class; 1 for classes not named."""
    labels = np.asarray(B.convert_to_numpy(y))
    if labels.ndim > 1:
        labels = labels.argmax(-1) if labels.shape[-1] > 1 else labels[..., 0]
    return np.vectorize(lambda label: class_weight.get(int(label), 1.0), otypes=["float32"])(labels)
