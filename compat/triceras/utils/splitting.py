"""Data divided in two."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import optree

from triceras.utils.datasets import PyDataset
from triceras.utils.pipelines import Dataset
from triceras_backends.active import backend as B

Share = float | int | None


def split_dataset(
    dataset: Any,
    left_size: Share = None,
    right_size: Share = None,
    shuffle: bool = False,
    seed: int | None = None,
    preferred_backend: str | None = None,
) -> tuple[Dataset, Dataset]:
    """The first samples of the data and the last ones, as two datasets.

    Args:
        dataset: an array, a tuple or list of arrays of equal length, a torch Dataset, or a dataset, whose elements are
            the samples: this one's own kind, a tf.data.Dataset or a PyDataset. It is read whole.
        left_size, right_size: how many samples each part gets, as a number or as a share between 0 and 1; None is what
            the other leaves.
        shuffle: whether the samples are put in an order by chance before.
        seed: of that order.
        preferred_backend: without effect: the datasets are `Dataset` of `triceras.utils` on every backend.

    Returns: two datasets of samples; `left.batch(32)` makes batches of them.

    Raises ValueError: neither size, sizes that do not fit, a part without samples, arrays of unequal lengths. Raises
    TypeError: another kind of data or size.

    Example:

    >>> left, right = keras.utils.split_dataset(np.arange(10), left_size=0.8)
    >>> len(left), [int(sample) for sample in right]
    (8, [8, 9])
    """
    sample, count = _samples(dataset)
    left, right = _sizes(left_size, right_size, count)
    order = list(range(count))
    if shuffle:
        random.Random(seed).shuffle(order)
    return _part(sample, order[:left]), _part(sample, order[count - right :])


def _part(sample: Callable[[int], Any], order: list[int]) -> Dataset:
    return Dataset(lambda: map(sample, order), len(order))


def _samples(dataset: Any) -> tuple[Callable[[int], Any], int]:
    """A function that gives a sample by its number, and how many there are."""
    if isinstance(dataset, np.ndarray) or B.is_tensor(dataset):
        array = dataset if isinstance(dataset, np.ndarray) else B.convert_to_numpy(dataset)
        return array.__getitem__, len(array)
    if isinstance(dataset, (tuple, list)):
        return _rows(dataset)
    if isinstance(dataset, PyDataset) or (hasattr(dataset, "__getitem__") and hasattr(dataset, "__len__")):
        if isinstance(dataset, (dict, str, bytes)):
            raise TypeError(f"split_dataset cannot split data of type {type(dataset).__name__}.")
        found = [dataset[i] for i in range(len(dataset))]
    elif isinstance(dataset, Iterable) and not hasattr(dataset, "__next__"):
        found = [optree.tree_map(np.asarray, element) for element in dataset]
    else:
        raise TypeError(
            f"split_dataset takes arrays, tuples and lists of them, and datasets; got: {type(dataset).__name__}"
        )
    return found.__getitem__, len(found)


def _rows(arrays: Any) -> tuple[Callable[[int], Any], int]:
    kind = type(arrays)
    for i, array in enumerate(arrays):
        if not isinstance(array, np.ndarray) and not B.is_tensor(array):
            raise ValueError(f"A {kind.__name__} to split must be one of arrays; number {i} is {type(array).__name__}")
        if len(array) != len(arrays[0]):
            raise ValueError(f"The arrays must have one length; number {i} has {len(array)}, not {len(arrays[0])}.")
    if not len(arrays):
        raise ValueError("There are no arrays to split.")
    found = [array if isinstance(array, np.ndarray) else B.convert_to_numpy(array) for array in arrays]
    return lambda i: tuple(array[i] for array in found), len(found[0])


def _sizes(left: Share, right: Share, count: int) -> tuple[int, int]:
    """How many samples each part gets."""
    if left is None and right is None:
        raise ValueError("split_dataset needs left_size or right_size.")
    shares = isinstance(left, float) and isinstance(right, float)
    if shares and left + right > 1:  # type: ignore[operator]
        raise ValueError(f"left_size and right_size must not make more than 1; got {left} and {right}")
    a, b = (_count(name, size, count) for name, size in (("left_size", left), ("right_size", right)))
    a, b = (count - b if a is None else a), (count - a if b is None else b)  # type: ignore[operator]
    if a + b > count:
        raise ValueError(f"left_size and right_size must not exceed the {count} samples; got {left} and {right}")
    if a == 0 or b == 0:
        empty = "left" if a == 0 else "right"
        raise ValueError(f"left_size={left} and right_size={right} of {count} samples leave the {empty} part empty.")
    return a, b


def _count(name: str, size: Share, count: int) -> int | None:
    if size is None:
        return None
    if isinstance(size, bool) or not isinstance(size, (int, float)):
        raise TypeError(f"{name} must be an int or a float; got: {size!r}")
    if not 0 <= size < 1 and not (isinstance(size, int) and 0 < size < count):
        raise ValueError(f"{name} must be a number of samples less than {count}, or a share in [0, 1); got: {size!r}")
    return round(size * count) if isinstance(size, float) else size
