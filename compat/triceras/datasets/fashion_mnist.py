"""Fashion-MNIST: clothes in ten classes, 28 by 28 (Xiao, Rasul and Vollgraf, arXiv:1708.07747; MIT license).

The classes 0 to 9: T-shirt, trouser, pullover, dress, coat, sandal, shirt, sneaker, bag, ankle boot.
"""

from __future__ import annotations

import gzip
import struct
from typing import Any

import numpy as np

from triceras.datasets.tables import STORAGE, Split
from triceras.utils.downloads import get_file


def load_data() -> Split:
    """((x_train, y_train), (x_test, y_test)): x uint8 (rows, 28, 28), y the classes, uint8 (rows,).

    60000 rows for training, 10000 for tests. Raises ValueError: a file that is damaged; and as `utils.get_file` does.
    No hashes are published for these files; their lengths are checked.
    """
    train, test = ((_read(part, "images-idx3"), _read(part, "labels-idx1")) for part in ("train", "t10k"))
    return train, test


def _read(part: str, kind: str) -> np.ndarray[Any, Any]:
    """A file in the IDX format: two zeros, the dtype, the rank, the sizes, the bytes."""
    name = f"{part}-{kind}-ubyte.gz"
    with gzip.open(get_file(name, origin=STORAGE + name, cache_subdir="datasets/fashion-mnist")) as file:
        content = file.read()
    rank = int(kind[-1])
    shape = struct.unpack_from(f">{rank}I", content, 4)
    if content[:4] != bytes((0, 0, 8, rank)) or len(content) != 4 + 4 * rank + int(np.prod(shape)):
        raise ValueError(f"{name} in the cache is damaged: delete it, and it is downloaded again.")
    return np.frombuffer(content, np.uint8, offset=4 + 4 * rank).reshape(shape).copy()
