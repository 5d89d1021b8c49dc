"""Helpers on NumPy arrays."""

from __future__ import annotations

from typing import Any

import numpy as np


def to_categorical(x: Any, num_classes: int | None = None) -> np.ndarray[Any, Any]:
    """Integer labels as one-hot float32 rows: shape x.shape + (num_classes,), a last axis of size 1 dropped.

    num_classes None: the largest label plus one. Raises ValueError: a label out of range.
    """
    labels = np.asarray(x, dtype="int64")
    if labels.ndim > 1 and labels.shape[-1] == 1:
        labels = labels[..., 0]
    count = int(labels.max()) + 1 if num_classes is None else num_classes
    if labels.size and (labels.min() < 0 or labels.max() >= count):
        raise ValueError(f"Labels must lie in [0, {count}); got values from {labels.min()} to {labels.max()}.")
    return np.eye(count, dtype="float32")[labels]
