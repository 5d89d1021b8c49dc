"""A step applied to batch after batch, in Python: for backends that gain nothing from a compiled loop."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import optree

# Rows are gathered for several batches at once, up to so many bytes: fewer calls, still in the cache.
_GATHERED = 1 << 20


@functools.lru_cache(maxsize=8)
def in_place(rows: int) -> np.ndarray[Any, Any]:
    """The order of rows as they come; the same object each time, so that it is known again."""
    return np.arange(rows, dtype=np.int32)


class Stepper:
    """See `contract.stepping`."""

    def __init__(self, backend: Any, step: Callable[[Any], Any], collect: bool = False, compiled: bool = False) -> None:
        self.step = step
        self.compiled = compiled
        self._backend = backend
        self._collect = collect
        # What was gathered last, since calls go on where the one before ended: (arrays, order, size, first, parts)
        self._kept: Any = None

    @property
    def traces(self) -> int:
        """How often the step was traced."""
        return getattr(self.step, "traces", 0)

    def __call__(self, arrays: Any, order: Any, size: int, start: int, stop: int) -> Any:
        results = []
        result = None
        for batch in self._batches(arrays, order, size, start, stop):
            result = self.step(batch)
            if self._collect:
                results.append(result)
        return results if self._collect else result

    def _batches(self, arrays: Any, order: Any, size: int, start: int, stop: int) -> Iterator[Any]:
        leaves, structure = optree.tree_flatten(arrays)
        rows = len(leaves[0]) if order is None else len(order)
        together = 1 if order is None else max(1, _GATHERED // max(1, size * sum(map(_row_bytes, leaves))))
        for i in range(start, stop):
            low, high = i * size, min((i + 1) * size, rows)
            if order is None:
                parts = [leaf[low:high] for leaf in leaves]
            else:
                first = i - i % together
                gathered = self._gathered(leaves, order, first * size, (first + together) * size)
                low, high = low - first * size, high - first * size
                parts = [part[low:high] for part in gathered]
            yield optree.tree_unflatten(structure, parts)

    def _gathered(self, leaves: list[Any], order: Any, low: int, high: int) -> list[Any]:
        kept = self._kept
        if kept is None or kept[0] is not order or kept[1] != low or kept[2][0] is not leaves[0]:
            indices = order[low:high]
            self._kept = kept = order, low, leaves, [self._backend.rows(leaf, indices) for leaf in leaves]
        return kept[3]


def _row_bytes(leaf: Any) -> int:
    count = 4  # nearly every dtype of data has four bytes or fewer
    for size in leaf.shape[1:]:
        count *= size
    return count
