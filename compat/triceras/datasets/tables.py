"""What the datasets of tables share: rows shuffled by a seed and split."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from triceras.datasets.reading import read_npz
from triceras.utils.downloads import get_file

STORAGE = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"

Array = np.ndarray[Any, Any]
Split = tuple[tuple[Array, Array], tuple[Array, Array]]


def published(name: str, path: Any, file_hash: str) -> str:
    """Where the published file `name` is kept, under the name that `path` ends in."""
    return get_file(fname=os.path.basename(os.fspath(path)), origin=STORAGE + name, file_hash=file_hash)


def check_share(test_split: Any) -> None:
    """Raises ValueError: a share not in [0, 1)."""
    if not 0 <= test_split < 1:
        raise ValueError(f"test_split must be at least 0 and less than 1; got: {test_split!r}")


def shuffled_rows(path: str, test_split: float, seed: int, rows: int | None = None) -> Split:
    """The arrays x and y of a file, or their first rows, in the order of the seed; the last share for tests."""
    arrays = read_npz(path)
    x, y = arrays["x"][:rows], arrays["y"][:rows]
    # NumPy's older generator: the order is that of the published experiments.
    order = np.arange(len(x))
    np.random.RandomState(seed).shuffle(order)
    cut = int(len(x) * (1 - test_split))
    return (x[order[:cut]], y[order[:cut]]), (x[order[cut:]], y[order[cut:]])
