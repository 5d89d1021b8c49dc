"""From what `fit`, `evaluate` and `predict` are given to the Data they run on."""

from __future__ import annotations

from typing import Any

from triceras.train.data import foreign
from triceras.train.data.arrays import ArrayData, positive
from triceras.train.data.convert import is_arrays
from triceras.train.data.data import Data
from triceras.train.data.datasets import PyDatasetData
from triceras.train.data.streams import StreamData
from triceras.utils.datasets import PyDataset


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
    """The data as batches, epoch by epoch.

    Args:
        x: arrays, or structures of them; or what gives batches: a PyDataset, torch DataLoader, tf.data.Dataset,
            grain dataset, generator, or any other iterable of (x,), (x, y) or (x, y, sample_weight).
        y, sample_weight: for arrays alone.
        batch_size: rows a batch of arrays, 32 by default.
        steps: batches an epoch. The next goes on where the last one ended, until the data ends.
        shuffle: for arrays, True or "batch"; for a PyDataset, the order of its batches. Others shuffle themselves.
        class_weight: a dict from class to weight, for the integer or one-hot labels of a single output;
            multiplied into sample weights.

    Raises ValueError: arguments that do not go with x, data without end and without steps, or data of no known kind.
    """
    if is_arrays(x):
        return ArrayData(
            x, y, sample_weight, batch_size=batch_size, steps=steps, shuffle=shuffle, class_weight=class_weight
        )
    py_dataset = isinstance(x, PyDataset) or foreign.is_kind(x, foreign.PY_DATASET)
    title = "PyDataset" if py_dataset else foreign.title(x)
    if not py_dataset and (not hasattr(x, "__iter__") or isinstance(x, (str, bytes, set, frozenset))):
        raise ValueError(_unknown(x))
    _refuse(title, y=y, sample_weight=sample_weight, batch_size=batch_size)
    steps = None if steps is None else positive("steps", steps)
    if py_dataset:
        return PyDatasetData(x, steps, shuffle, class_weight)
    if steps is None and foreign.endless(x):
        raise ValueError(f"The {title} has no end: give the steps of an epoch (steps_per_epoch, or steps).")
    return StreamData(
        x, title, length=foreign.length(x), batch_size=foreign.batch_size(x), steps=steps, class_weight=class_weight
    )


def _refuse(title: str, **arguments: Any) -> None:
    """Raises ValueError: an argument that such a source brings itself."""
    for name, value in arguments.items():
        if value is not None:
            raise ValueError(
                f"{name} is for arrays; the {title} given as x yields it itself, in batches (x, y, sample_weight)."
            )


def _unknown(x: Any) -> str:
    advice = (
        "a map-style dataset goes into a torch DataLoader or becomes a PyDataset"
        if hasattr(x, "__getitem__")
        else "give arrays, or an iterable of batches"
    )
    return f"x of type {type(x).__name__} is no data that can be used: {advice}."
