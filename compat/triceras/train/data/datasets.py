"""PyDataset as data for the training loop."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from triceras.seeds import draw_host_seed
from triceras.train.data.data import Batch, Cursor, Data
from triceras.train.data.streams import Converter
from triceras.train.data.workers import computed_ahead
from triceras_backends.hashing import host_generator


class PyDatasetData(Data):
    """The batches of a PyDataset, computed on its workers.

    Args:
        dataset: a PyDataset, ours or Keras's.
        steps: so many batches an epoch; a dataset without end needs it.
        shuffle: whether each pass takes the batches in an order of its own, the same on every backend.
            Without effect on a dataset without end.
        class_weight: a dict from class to weight, multiplied into the batches' sample weights.

    Raises ValueError: no batches; a dataset without end, but no steps.
    """

    def __init__(
        self, dataset: Any, steps: int | None = None, shuffle: Any = False, class_weight: dict[int, float] | None = None
    ) -> None:
        self.dataset = dataset
        self.shuffle = bool(shuffle)
        self._cursor = Cursor(steps)
        self._convert = Converter(f"{type(dataset).__name__}[index]", class_weight)
        self._order: Any = None
        length = self._length()
        if length is None and steps is None:
            raise ValueError(f"{type(dataset).__name__} has no end (num_batches is None): give the steps of an epoch.")
        if length == 0:
            raise ValueError(f"{type(dataset).__name__} has no batches.")

    def _length(self) -> int | None:
        return self.dataset.num_batches

    @property
    def steps(self) -> int | None:  # type: ignore[override]
        length, wanted = self._length(), self._cursor.steps
        return wanted if length is None else min(wanted or length, length)

    def first(self) -> Batch:
        return self._convert(self.dataset[0])

    def batches(self) -> Iterator[Batch]:
        items = self._items(self._indices())
        try:
            for item in items:
                yield self._convert(item)
        finally:
            items.close()

    def _indices(self) -> Iterable[int]:
        length = self._length()
        positions = self._cursor.take(length)
        if length is None or not self.shuffle:
            return positions
        if positions.start == 0:
            self._order = np.arange(length)
            host_generator(*draw_host_seed()).shuffle(self._order)
        return self._order[positions.start : positions.stop].tolist()

    def _items(self, indices: Iterable[int]) -> Any:
        dataset = self.dataset
        if dataset.workers > 1 or (dataset.workers > 0 and dataset.use_multiprocessing):
            return computed_ahead(
                dataset, indices, dataset.workers, dataset.use_multiprocessing, dataset.max_queue_size
            )
        return (dataset[index] for index in indices)

    def reset(self) -> None:
        self._cursor.used = 0

    def on_epoch_begin(self) -> None:
        self.dataset.on_epoch_begin()

    def on_epoch_end(self) -> None:
        self.dataset.on_epoch_end()
