"""MNIST: handwritten digits, 28 by 28 (LeCun, Cortes and Burges; Creative Commons Attribution-Share Alike 3.0)."""

from __future__ import annotations

from triceras.datasets.reading import read_npz
from triceras.datasets.tables import Split, published

_HASH = "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1"


def load_data(path: str = "mnist.npz") -> Split:
    """((x_train, y_train), (x_test, y_test)): x uint8 (rows, 28, 28), y the digits, uint8 (rows,).

    60000 rows for training, 10000 for tests. Raises as `utils.get_file` does.

    Args:
        path: the name in the cache.
    """
    arrays = read_npz(published("mnist.npz", path, _HASH))
    return (arrays["x_train"], arrays["y_train"]), (arrays["x_test"], arrays["y_test"])
