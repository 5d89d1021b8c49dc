"""CIFAR-10: colour photographs in ten classes, 32 by 32 (Krizhevsky, "Learning Multiple Layers of Features from Tiny
Images", 2009). The classes 0 to 9: airplane, automobile, bird, cat, deer, dog, frog, horse, ship, truck."""

from __future__ import annotations

from triceras.datasets import cifar
from triceras.datasets.tables import Split

_HASH = "6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce"


def load_data() -> Split:
    """((x_train, y_train), (x_test, y_test)): x uint8 (rows, 32, 32, 3), y the classes, uint8 (rows, 1).

    50000 rows for training, 10000 for tests. With `image_data_format()` "channels_first", x is (rows, 3, 32, 32).
    Raises as `utils.get_file` does.
    """
    train = [f"data_batch_{i}" for i in range(1, 6)]
    return cifar.load("cifar-10-python.tar.gz", "cifar-10-batches-py", _HASH, train, "test_batch", b"labels")
