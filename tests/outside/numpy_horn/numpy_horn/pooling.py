"""Pooling: reductions over a view of the inputs' windows."""

from __future__ import annotations

from typing import Any

import numpy as np

from numpy_horn.kernels import table
from numpy_horn.windows import channels_last, each, padded, restored, view
from triceras_backends.windows import is_first


def _windows(x: Any, pool_size: Any, strides: Any, padding: str, value: Any) -> Any:
    n = x.ndim - 2
    windows = each("pool_size", pool_size, n)
    strides = windows if strides is None else each("strides", strides, n)
    return view(padded(x, windows, strides, padding, value), windows, strides, (1,) * n)


def _max_pool(x: Any, pool_size: Any, strides: Any, padding: str, data_format: str | None) -> Any:
    first = is_first(data_format)
    x = channels_last(x, first)
    lowest = -np.inf if x.dtype.kind == "f" else np.iinfo(x.dtype).min
    found = _windows(x, pool_size, strides, padding, lowest)
    return restored(found.max(tuple(range(x.ndim, found.ndim))), first)


def _average_pool(x: Any, pool_size: Any, strides: Any, padding: str, data_format: str | None) -> Any:
    first = is_first(data_format)
    x = channels_last(x, first)
    sums, counts = (
        found.sum(tuple(range(x.ndim, found.ndim)))
        for found in (_windows(part, pool_size, strides, padding, 0) for part in (x, np.ones_like(x[:1, ..., :1])))
    )
    return restored(sums / counts, first)


table(globals(), max_pool=_max_pool)
table(globals(), "float", average_pool=_average_pool)
