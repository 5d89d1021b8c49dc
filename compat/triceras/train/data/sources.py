"""From what `fit`, `evaluate` and `predict` are given to the Data they run on."""

from __future__ import annotations

from typing import Any

from triceras.train.data.arrays import ArrayData
from triceras.train.data.data import Data


def as_data(
    x: Any,
    y: Any = None,
    sample_weight: Any = None,
    *,
    batch_size: int | None = None,
    steps: int | None = None,
    shuffle: bool | str = False,
    class_weight: dict[int, float] | None = None,
) -> Data:
    """The data as batches."""
    return ArrayData(
        x, y, sample_weight, batch_size=batch_size, steps=steps, shuffle=shuffle, class_weight=class_weight
    )
