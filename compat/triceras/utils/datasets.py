"""Datasets that users write: batches by their position."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any


class PyDataset:
    """A dataset whose batches are computed by their position, on several workers if wished.

    Subclasses define `__getitem__(index)`, which returns a batch (x,), (x, y) or (x, y, sample_weight), and
    `__len__()`, the number of batches, or the property `num_batches`, which may be None: without end.
    `on_epoch_begin` and `on_epoch_end` may change the dataset between epochs.

    Args:
        workers: how many batches `fit` computes at a time; 0 or 1 computes them in the training's own thread.
        use_multiprocessing: whether the workers are processes rather than threads. Each has a copy of the dataset,
            made anew every epoch.
        max_queue_size: at most so many batches are computed ahead.

    Raises ValueError: a negative number of workers, a queue without room.

    Example:

    >>> class Squares(keras.utils.PyDataset):
    ...     def __len__(self):
    ...         return 2
    ...     def __getitem__(self, index):
    ...         x = np.full((4, 1), index, "float32")
    ...         return x, x**2
    >>> [x.shape for x, _ in (Squares()[0], Squares()[1])]
    [(4, 1), (4, 1)]
    """

    # For subclasses that do not call super().__init__().
    workers: int = 1
    use_multiprocessing: bool = False
    max_queue_size: int = 10

    def __init__(self, workers: int = 1, use_multiprocessing: bool = False, max_queue_size: int = 10) -> None:
        if workers < 0 or max_queue_size < 1:
            raise ValueError(
                "A PyDataset needs workers >= 0 and max_queue_size >= 1; "
                f"got workers={workers}, max_queue_size={max_queue_size}."
            )
        self.workers = workers
        self.use_multiprocessing = use_multiprocessing
        self.max_queue_size = max_queue_size

    def __getitem__(self, index: int) -> Any:
        """The batch at position `index`."""
        raise NotImplementedError(f"{type(self).__name__} must define __getitem__(index), which returns a batch.")

    @property
    def num_batches(self) -> int | None:
        """How many batches there are; None: without end."""
        if hasattr(self, "__len__"):
            return len(self)
        raise NotImplementedError(f"{type(self).__name__} must define __len__() or the property num_batches.")

    def __iter__(self) -> Iterator[Any]:
        length = self.num_batches
        return (self[index] for index in (itertools.count() if length is None else range(length)))

    def on_epoch_begin(self) -> None:
        """Called before each epoch."""

    def on_epoch_end(self) -> None:
        """Called after each epoch."""


Sequence = PyDataset
