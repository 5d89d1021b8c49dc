"""The files of CIFAR-10 and CIFAR-100: batches of images in rows of 3072 bytes, pickled by Python 2."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import numpy as np

from triceras.datasets.reading import read_pickle
from triceras.datasets.tables import Split
from triceras.utils.downloads import get_file
from triceras_backends.config import image_data_format

_ORIGIN = "https://www.cs.toronto.edu/~kriz/"

Array = np.ndarray[Any, Any]


def load(archive: str, folder: str, file_hash: str, train: Sequence[str], test: str, label: bytes) -> Split:
    """Both parts of an archive, the files `train` and `test` in its folder; the labels are under the key `label`."""
    unpacked = get_file(f"{folder}-target", origin=_ORIGIN + archive, extract=True, file_hash=file_hash)
    batches = [_batch(os.path.join(unpacked, folder, file), label) for file in train]
    x, y = (np.concatenate(parts) for parts in zip(*batches, strict=True))
    return (x, y), _batch(os.path.join(unpacked, folder, test), label)


def _batch(path: str, label: bytes) -> tuple[Array, Array]:
    content = read_pickle(path)
    x = np.asarray(content[b"data"], np.uint8).reshape(-1, 3, 32, 32)
    if image_data_format() == "channels_last":
        x = x.transpose(0, 2, 3, 1)
    return x, np.asarray(content[label], np.uint8).reshape(-1, 1)
