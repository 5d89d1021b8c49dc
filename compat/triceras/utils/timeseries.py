"""Windows that slide over a series."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from triceras.utils.pipelines import Dataset, check_batch_size, fresh_seed, orders
from triceras_backends.active import backend as B


def timeseries_dataset_from_array(
    data: Any,
    targets: Any,
    sequence_length: int,
    sequence_stride: int = 1,
    sampling_rate: int = 1,
    batch_size: int | None = 128,
    shuffle: bool = False,
    seed: int | None = None,
    start_index: int | None = None,
    end_index: int | None = None,
    format: str = "tf",
) -> Any:
    """A dataset of the windows of a series: batches windows, or (windows, targets).

    Window i has the steps i * sequence_stride + [0, sampling_rate, ..., (sequence_length - 1) * sampling_rate],
    counted from start_index, and the target at its first step: to predict what comes k steps after a window, give the
    targets shifted by that.

    Args:
        data: an array (steps, ...).
        targets: an array (steps, ...); None gives windows alone. Shorter ones end the windows earlier.
        sequence_length: steps a window.
        sequence_stride: steps from a window's begin to the next one's.
        sampling_rate: steps from one step in a window to the next.
        batch_size: windows a batch; None gives them one by one.
        shuffle: whether the windows come in an order by chance, another one at each pass.
        seed: of that order.
        start_index, end_index: only the steps from the one and before the other are used.
        format: "tf" or "grain", without effect: the dataset is `Dataset` of `triceras.utils` on every backend.

    Returns: a dataset of arrays (batch, sequence_length, ...) and (batch, ...).

    Raises ValueError: numbers that are not positive, or beyond the series.

    Example:

    >>> series = np.arange(6)
    >>> dataset = keras.utils.timeseries_dataset_from_array(series[:-2], series[2:], sequence_length=2)
    >>> [(windows.tolist(), targets.tolist()) for windows, targets in dataset]
    [([[0, 1], [1, 2], [2, 3]], [2, 3, 4])]
    """
    series = _array(data)
    wanted = None if targets is None else _array(targets)
    start, end = _bounds(len(series), start_index, end_index)
    _check_steps(len(series), sequence_length, sequence_stride, sampling_rate)
    check_batch_size(batch_size)
    if format not in ("tf", "grain"):
        raise ValueError(f'format must be "tf" or "grain"; got: {format!r}')
    last = end - (sequence_length - 1) * sampling_rate
    first = np.arange(start, max(last if wanted is None else min(last, start + len(wanted)), start), sequence_stride)
    steps = np.arange(sequence_length) * sampling_rate

    def windows(begin: Any) -> Any:
        taken = series[begin[..., None] + steps]
        return taken if wanted is None else (taken, wanted[begin])

    key = fresh_seed(seed)
    if shuffle:
        first = np.random.RandomState(key).permutation(first)
    passes = orders(len(first), shuffle, key)
    size = batch_size or 1

    def make() -> Iterator[Any]:
        order = first[np.asarray(next(passes), dtype=int)]
        if batch_size is None:
            yield from map(windows, order)
            return
        for begin in range(0, len(order), size):
            yield windows(order[begin : begin + size])

    return Dataset(make, -(-len(first) // size))


def _array(x: Any) -> Any:
    return B.convert_to_numpy(x) if B.is_tensor(x) else np.asarray(x)


def _bounds(length: int, start_index: int | None, end_index: int | None) -> tuple[int, int]:
    start = 0 if start_index is None else start_index
    end = length if end_index is None else end_index
    if not 0 <= start < max(length, 1):
        raise ValueError(f"start_index must be at least 0 and less than the length of the data, {length}; got: {start}")
    if not start < end <= length and length:
        raise ValueError(f"end_index must be more than start_index={start} and at most {length}; got: {end}")
    return start, end


def _check_steps(length: int, sequence_length: int, sequence_stride: int, sampling_rate: int) -> None:
    given = {"sequence_length": sequence_length, "sequence_stride": sequence_stride, "sampling_rate": sampling_rate}
    for name, value in given.items():
        if not isinstance(value, (int, np.integer)) or isinstance(value, bool) or value < 1:
            raise ValueError(f"{name} must be a positive integer; got: {value!r}")
        if name != "sequence_length" and value >= length:
            raise ValueError(f"{name} must be less than the length of the data, {length}; got: {value}")
