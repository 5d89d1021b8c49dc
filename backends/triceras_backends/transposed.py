"""The sizes of transposed convolutions, for every backend."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def transposed_crops(
    windows: Sequence[int],
    strides: Sequence[int],
    dilations: Sequence[int],
    padding: str,
    output_padding: Any,
) -> list[tuple[int, int]]:
    """What to cut (before, after) off the whole transposed convolution, of (n - 1) * stride + window
    elements, to get the contract's result; negative is to be filled with zeros.

    Raises ValueError: output_padding not below the stride, or not one for each dimension.
    """
    count = len(strides)
    extra = (output_padding,) * count if output_padding is None or isinstance(output_padding, int) else output_padding
    if len(extra) != count:
        raise ValueError(f"conv_transpose: output_padding must be an int or {count} of them; got {output_padding!r}.")
    crops = []
    for window, stride, dilation, more in zip(windows, strides, dilations, extra, strict=False):
        if more is not None and not 0 <= more < stride:
            raise ValueError(
                f"conv_transpose: output_padding must be less than the strides; got {output_padding} "
                f"and strides {tuple(strides)}."
            )
        window = (window - 1) * dilation + 1
        total = _surplus(window, stride, padding, more)
        before = max(total, 0) // 2 if padding == "same" else 0
        crops.append((before, total - before))
    return crops


def _surplus(window: int, stride: int, padding: str, more: int | None) -> int:
    """By how much the whole transposed convolution is longer than the result."""
    if padding == "same":
        return window - stride if more is None else 2 * (window // 2) - more
    return -max(stride - window, 0) if more is None else -more
