"""CIFAR-100: colour photographs in a hundred classes, which make twenty coarser ones, 32 by 32 (Krizhevsky, 2009)."""

from __future__ import annotations

from triceras.datasets import cifar
from triceras.datasets.tables import Split

_HASH = "85cd44d02ba6437773c5bbd22e183051d648de2e7d6b014e1ef29b855ba677a7"


def load_data(label_mode: str = "fine") -> Split:
    """((x_train, y_train), (x_test, y_test)): x uint8 (rows, 32, 32, 3), y the classes, uint8 (rows, 1).

    50000 rows for training, 10000 for tests. With `image_data_format()` "channels_first", x is (rows, 3, 32, 32).

    Args:
        label_mode: "fine" for the hundred classes, "coarse" for the twenty.

    Raises ValueError: another label_mode. Raises as `utils.get_file` does.
    """
    if label_mode not in ("fine", "coarse"):
        raise ValueError(f'label_mode must be "fine" or "coarse"; got: {label_mode!r}')
    label = f"{label_mode}_labels".encode()
    return cifar.load("cifar-100-python.tar.gz", "cifar-100-python", _HASH, ["train"], "test", label)
