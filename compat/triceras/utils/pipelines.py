"""Datasets that are read as they are used: what `image_dataset_from_directory` and its kin return."""

from __future__ import annotations

import itertools
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import numpy as np
import optree

from triceras_backends.hashing import host_generator

_END = object()


class Dataset:
    """Elements that are made anew at every pass: batches (x,), (x, y), x alone, or single samples.

    `fit`, `evaluate` and `predict` take it; `for x, y in dataset` gives NumPy arrays. Its methods make datasets of
    this one, as those of the same names do in tf.data.

    Args:
        make: a function that begins a pass: it returns an iterator.
        length: how many elements a pass has; None where that is not known.

    Attributes:
        class_names: the classes' names in the order of their numbers, where labels come from folders.
        file_paths: the files, where elements come from files.

    Example:

    >>> dataset = keras.utils.timeseries_dataset_from_array(np.arange(6), None, sequence_length=3, batch_size=2)
    >>> len(dataset)
    2
    >>> [batch.sum() for batch in dataset.map(lambda x: 10 * x)]
    [90, 210]
    """

    class_names: list[str] | None = None
    file_paths: list[str] | None = None

    def __init__(self, make: Callable[[], Iterable[Any]], length: int | None = None) -> None:
        self._make = make
        self._length = length

    def __iter__(self) -> Iterator[Any]:
        return iter(self._make())

    def __len__(self) -> int:
        if self._length is None:
            raise TypeError("How many elements this dataset has is not known beforehand, or it has no end.")
        return self._length

    def _derived(self, make: Callable[[], Iterable[Any]], length: int | None) -> Dataset:
        dataset = Dataset(make, length)
        dataset.class_names, dataset.file_paths = self.class_names, self.file_paths
        return dataset

    def cardinality(self) -> int:
        """How many elements a pass has; -2 where that is not known."""
        return -2 if self._length is None else self._length

    def as_numpy_iterator(self) -> Iterator[Any]:
        """A pass over the elements, which are NumPy arrays anyway."""
        return iter(self)

    def map(self, function: Callable[..., Any], num_parallel_calls: Any = None, deterministic: Any = None) -> Dataset:
        """function of each element, called with the entries of one that is a tuple.

        num_parallel_calls and deterministic are without effect: elements are computed in order; see `prefetch`.
        """
        return self._derived(lambda: (_called(function, element) for element in self), self._length)

    def filter(self, predicate: Callable[..., Any]) -> Dataset:
        """The elements of which predicate is true."""
        return self._derived(lambda: (element for element in self if _called(predicate, element)), None)

    def take(self, count: int) -> Dataset:
        """The first `count` elements; all for -1."""
        if count < 0:
            return self
        length = None if self._length is None else min(count, self._length)
        return self._derived(lambda: itertools.islice(self, count), length)

    def skip(self, count: int) -> Dataset:
        """The elements after the first `count`."""
        length = None if self._length is None else max(self._length - count, 0)
        return self._derived(lambda: itertools.islice(self, count, None), length)

    def repeat(self, count: int | None = None) -> Dataset:
        """`count` passes one after the other; without end for None and -1."""
        endless = count is None or count < 0
        times: Iterable[int] = itertools.count() if count is None or count < 0 else range(count)
        length = None if endless or self._length is None else self._length * (count or 0)
        return self._derived(lambda: (element for _ in times for element in self), length)

    def cache(self, filename: str = "") -> Dataset:
        """The elements of the first pass, kept in memory for the others. filename is without effect."""
        kept: list[Any] = []

        def make() -> Iterator[Any]:
            if kept:
                yield from kept
                return
            found = []
            for element in self:
                found.append(element)
                yield element
            kept[:] = found

        return self._derived(make, self._length)

    def prefetch(self, buffer_size: int | None = None) -> Dataset:
        """The same elements, made in a thread while others are in use: at most so many ahead, 2 for None and -1."""
        size = 2 if buffer_size is None or buffer_size < 0 else buffer_size
        return self if size == 0 else self._derived(lambda: _ahead(self, size), self._length)

    def shuffle(self, buffer_size: int, seed: int | None = None, reshuffle_each_iteration: bool = True) -> Dataset:
        """The elements in an order by chance: each is drawn from a buffer of the next `buffer_size`."""
        passes = itertools.count()
        key = fresh_seed(seed)

        def make() -> Iterator[Any]:
            generator = host_generator(key, next(passes) if reshuffle_each_iteration else 0)
            buffer: list[Any] = []
            for element in self:
                buffer.append(element)
                if len(buffer) > buffer_size:
                    yield _drawn(buffer, generator)
            while buffer:
                yield _drawn(buffer, generator)

        return self._derived(make, self._length)

    def batch(self, batch_size: int, drop_remainder: bool = False) -> Dataset:
        """Samples stacked into batches; the last may have fewer."""
        check_batch_size(batch_size)

        def make() -> Iterator[Any]:
            source = iter(self)
            while samples := list(itertools.islice(source, batch_size)):
                if len(samples) == batch_size or not drop_remainder:
                    yield stacked(samples)

        whole = None if self._length is None else self._length // batch_size
        length = whole if drop_remainder or self._length is None else -(-self._length // batch_size)
        return self._derived(make, length)

    def unbatch(self) -> Dataset:
        """The samples of the batches."""

        def make() -> Iterator[Any]:
            for batch in self:
                leaves, structure = optree.tree_flatten(batch)
                for sample in zip(*leaves, strict=True):
                    yield structure.unflatten(sample)

        return self._derived(make, None)


def _called(function: Callable[..., Any], element: Any) -> Any:
    return function(*element) if isinstance(element, tuple) else function(element)


def _drawn(buffer: list[Any], generator: Any) -> Any:
    place = int(generator.integers(len(buffer)))
    buffer[place], buffer[-1] = buffer[-1], buffer[place]
    return buffer.pop()


def _ahead(source: Iterable[Any], size: int) -> Iterator[Any]:
    iterator = iter(source)
    with ThreadPoolExecutor(1) as pool:
        waiting = deque(pool.submit(next, iterator, _END) for _ in range(size))
        while (element := waiting.popleft().result()) is not _END:
            waiting.append(pool.submit(next, iterator, _END))
            yield element


def stacked(samples: Sequence[Any]) -> Any:
    """Samples of one structure as a batch. Raises ValueError: their shapes differ."""
    return optree.tree_map(lambda *leaves: np.stack([np.asarray(leaf) for leaf in leaves]), *samples)


def loaded(load: Callable[[int], Any], order: Iterable[int], ahead: int) -> Iterator[Any]:
    """load(i) for each i in order, computed by threads, at most so many ahead."""
    with ThreadPoolExecutor(min(8, os.cpu_count() or 1)) as pool:
        waiting: deque[Future[Any]] = deque()
        for index in order:
            waiting.append(pool.submit(load, index))
            if len(waiting) > ahead:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def fresh_seed(seed: int | None) -> int:
    """`seed`, or one by NumPy's own generator, which `set_random_seed` determines, for None."""
    return int(np.random.randint(2**31 - 1)) if seed is None else int(seed)


def check_batch_size(batch_size: Any) -> None:
    """Raises ValueError: neither None nor a positive integer."""
    if batch_size is not None and (not isinstance(batch_size, int) or isinstance(batch_size, bool) or batch_size < 1):
        raise ValueError(f"batch_size must be a positive integer, or None for samples; got: {batch_size!r}")


def orders(rows: int, shuffle: bool, seed: int) -> Iterator[Sequence[int]]:
    """The order of each pass: as they are at first, and so always unless they are shuffled."""
    yield range(rows)
    for count in itertools.count(1):
        yield host_generator(seed, count).permutation(rows).tolist() if shuffle else range(rows)


def from_samples(
    load: Callable[[int], Any],
    rows: int,
    batch_size: int | None,
    shuffle: bool = False,
    seed: int = 0,
    collate: Callable[[list[Any]], Any] = stacked,
) -> Dataset:
    """The samples load(0), load(1), ..., computed by threads, in batches.

    Args:
        load: the sample of a number.
        rows: how many there are.
        batch_size: None gives them one by one.
        shuffle: whether each pass after the first has an order of its own, by the seed.
        collate: makes a batch of a list of samples.
    """
    check_batch_size(batch_size)
    passes = orders(rows, shuffle, seed)

    def make() -> Iterator[Any]:
        samples = loaded(load, next(passes), 2 * (batch_size or 16))
        if batch_size is None:
            yield from samples
            return
        while batch := list(itertools.islice(samples, batch_size)):
            yield collate(batch)

    return Dataset(make, rows if batch_size is None else -(-rows // batch_size))
