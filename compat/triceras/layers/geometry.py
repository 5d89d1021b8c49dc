"""Sizes of windows and of what they give, for convolution and pooling layers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from triceras_backends.active import backend as B
from triceras_backends.config import standardize_data_format
from triceras_backends.transposed import transposed_crops

Sizes = tuple[int | None, ...]


def per_axis(layer: str, name: str, value: Any, rank: int, least: int = 1) -> tuple[int, ...]:
    """An int for each of `rank` dimensions. Raises ValueError: too few, too many, no ints, or below `least`."""
    single = isinstance(value, (int, np.integer))
    values = (value,) * rank if single else tuple(value) if isinstance(value, (list, tuple)) else ()
    right = len(values) == rank and all(isinstance(v, (int, np.integer)) and not isinstance(v, bool) for v in values)
    if not right or min(values) < least:
        raise ValueError(
            f"Layer {layer!r}: {name} must be an int{f' or {rank} of them' if rank > 1 else ''}, "
            f"{'positive' if least else 'not negative'}; got: {value!r}"
        )
    return tuple(map(int, values))


def count_of(layer: str, name: str, value: Any) -> int:
    """A positive int. Raises ValueError: something else."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value <= 0:
        raise ValueError(f"Layer {layer!r}: {name} must be a positive integer; got: {value!r}")
    return int(value)


def padding_of(layer: str, padding: Any, allowed: tuple[str, ...] = ("valid", "same")) -> str:
    """The padding in lower case. Raises ValueError: another than those allowed."""
    name = padding.lower() if isinstance(padding, str) else padding
    if name not in allowed:
        raise ValueError(f"Layer {layer!r}: padding must be one of {', '.join(map(repr, allowed))}; got: {padding!r}")
    return name


def format_of(layer: str, data_format: Any) -> str:
    """The data format, None as the configured one. Raises ValueError: an unknown one."""
    try:
        return standardize_data_format(data_format)
    except ValueError as error:
        raise ValueError(f"Layer {layer!r}: {error}") from None


def spatial(shape: Sequence[int | None], data_format: str) -> Sizes:
    """The spatial sizes of a batch's shape."""
    return tuple(shape[2:] if data_format == "channels_first" else shape[1:-1])


def channels(shape: Sequence[int | None], data_format: str) -> int | None:
    """The number of channels of a batch's shape."""
    return shape[1 if data_format == "channels_first" else -1]


def assembled(batch: int | None, sizes: Sizes, count: int | None, data_format: str) -> Sizes:
    """The shape of a batch with these spatial sizes and this many channels."""
    return (batch, count, *sizes) if data_format == "channels_first" else (batch, *sizes, count)


def window_counts(
    layer: str, sizes: Sizes, windows: Sequence[int], strides: Sequence[int], padding: str, dilation: Sequence[int]
) -> Sizes:
    """How many windows fit along each dimension. Raises ValueError: none does."""
    found: list[int | None] = []
    for size, window, stride, step in zip(sizes, windows, strides, dilation, strict=True):
        reach = (window - 1) * step if padding == "valid" else 0
        found.append(None if size is None else (size - reach - 1) // stride + 1)
    if any(count is not None and count <= 0 for count in found):
        raise ValueError(
            f"Layer {layer!r}: a window of size {tuple(windows)} does not fit inputs of spatial sizes {tuple(sizes)}."
        )
    return tuple(found)


def transposed_sizes(
    sizes: Sizes, windows: Sequence[int], strides: Sequence[int], padding: str, dilation: Sequence[int], extra: Any
) -> Sizes:
    """The spatial sizes of a transposed convolution's result."""
    crops = transposed_crops(windows, strides, dilation, padding, extra)
    return tuple(
        None if size is None else (size - 1) * stride + (window - 1) * step + 1 - before - after
        for size, window, stride, step, (before, after) in zip(sizes, windows, strides, dilation, crops, strict=True)
    )


def check_mask(layer: str, mask: Any, wanted: tuple[Any, Any]) -> None:
    """Raises ValueError: a mask whose shape is not `wanted`, (batch, time), as far as sizes are known."""
    found = tuple(B.static_shape(mask)) if B.is_tensor(mask) else tuple(np.shape(mask))
    known = [(a, b) for a, b in zip(found, wanted, strict=False) if isinstance(a, int) and isinstance(b, int)]
    if len(found) != len(wanted) or any(a != b for a, b in known):
        raise ValueError(
            f"Layer {layer!r}: the mask must have the shape (batch, time) of the inputs, {tuple(wanted)}; "
            f"got a mask of shape {found}."
        )
