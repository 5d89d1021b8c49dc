"""What convolution and pooling share: layouts, strides, padding, windows as axes of their own."""

from __future__ import annotations

from typing import Any

import numpy as np


def each(what: str, value: Any, n: int) -> tuple[int, ...]:
    """One positive int for each of n dimensions."""
    values = (value,) * n if isinstance(value, int) else tuple(value)
    if len(values) != n or any(v < 1 for v in values):
        raise ValueError(f"{what} must be a positive int or {n} of them; got {value!r}.")
    return values


def channels_last(x: Any, first: bool) -> Any:
    if x.ndim not in (3, 4, 5):
        raise ValueError(f"inputs of rank 3, 4 or 5 are needed; got shape {x.shape}.")
    return np.moveaxis(x, 1, -1) if first else x


def restored(x: Any, first: bool) -> Any:
    return np.moveaxis(x, -1, 1) if first else x


def padded(x: Any, widths: Any, strides: Any, padding: str, value: Any = 0) -> Any:
    """x, channels last, with what "same" adds around its spatial axes, for windows that reach that wide."""
    if padding not in ("valid", "same"):
        raise ValueError(f'padding must be "valid" or "same"; got {padding!r}.')
    sizes = x.shape[1:-1]
    if padding == "same":
        pairs = zip(sizes, widths, strides, strict=True)
        totals = [max((-(-size // stride) - 1) * stride + width - size, 0) for size, width, stride in pairs]
        x = np.pad(x, [(0, 0), *((t // 2, t - t // 2) for t in totals), (0, 0)], constant_values=value)
    elif any(size < width for size, width in zip(sizes, widths, strict=True)):
        raise ValueError(f"the window {tuple(widths)} is larger than the inputs, of spatial sizes {sizes}.")
    return x


def view(x: Any, windows: Any, strides: Any, dilations: Any) -> Any:
    """(batch, *outputs, channels, *window) of x (batch, *spatial, channels)."""
    n = len(windows)
    reach = [(width - 1) * dilation + 1 for width, dilation in zip(windows, dilations, strict=True)]
    found = np.lib.stride_tricks.sliding_window_view(x, reach, tuple(range(1, n + 1)))
    steps = [slice(None, None, step) for step in strides]
    return found[(slice(None), *steps, slice(None), *(slice(None, None, step) for step in dilations))]
