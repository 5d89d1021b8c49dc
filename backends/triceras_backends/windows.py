"""What convolution and pooling of every backend check: windows, steps, padding, channels. Shapes may hold None."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any

from triceras_backends import config

Steps = tuple[int, ...]


def is_first(data_format: str | None) -> bool:
    """Whether the channels come before the spatial dimensions; None asks the configuration."""
    return config.standardize_data_format(data_format) == "channels_first"


def each(name: str, what: str, value: Any, count: int) -> Steps:
    """One positive int for each of `count` dimensions."""
    try:
        values = tuple(map(operator.index, value if hasattr(value, "__len__") else (value,) * count))
    except TypeError:
        values = ()
    if len(values) != count or min(values) < 1:
        raise ValueError(f"{name}: {what} must be a positive int or {count} of them; got {value!r}.")
    return values


def check_padding(name: str, padding: str) -> None:
    if padding not in ("valid", "same"):
        raise ValueError(f'{name}: padding must be "valid" or "same"; got {padding!r}.')


def convolution_steps(
    name: str, inputs: Sequence[Any], kernel: Sequence[Any], strides: Any, dilation_rate: Any, padding: str
) -> tuple[Steps, Steps]:
    """Strides and dilation of each spatial dimension, these arguments and the ranks checked."""
    if len(inputs) not in (3, 4, 5) or len(kernel) != len(inputs):
        raise ValueError(
            f"{name}: inputs of rank 3, 4 or 5 and a kernel of the same rank are needed; "
            f"got shapes {tuple(inputs)} and {tuple(kernel)}."
        )
    count = len(inputs) - 2
    stride, dilation = each(name, "strides", strides, count), each(name, "dilation_rate", dilation_rate, count)
    if max(stride) > 1 and max(dilation) > 1:
        raise ValueError(f"{name}: strides {strides} and dilation_rate {dilation_rate} cannot both be above 1.")
    check_padding(name, padding)
    return stride, dilation


def check_groups(channels: int | None, kernel: Sequence[Any]) -> int:
    """The groups of a convolution: a kernel (*window, channels / groups, filters) held to its inputs' channels."""
    depth, filters = kernel[-2:]
    if None in (channels, depth, filters):
        return 1
    groups, rest = divmod(channels, depth) if depth else (0, 0)  # type: ignore[arg-type]
    if rest or not groups or filters % groups:
        raise ValueError(
            f"conv: {channels} input channels do not fit a kernel of shape {tuple(kernel)}: its second to last size "
            "must divide them, and the number of groups the filters."
        )
    return groups


def check_reach(sizes: Sequence[Any], kernel: Sequence[Any], dilation: Steps) -> None:
    """Holds the windows of a convolution without padding to the spatial sizes of its inputs."""
    for size, window, step in zip(sizes, kernel, dilation, strict=False):
        if None not in (size, window) and size < (window - 1) * step + 1:
            raise ValueError(
                f"conv: the window of a kernel {tuple(kernel)} with dilation {dilation} is larger than "
                f"the inputs, of spatial sizes {tuple(sizes)}."
            )


def check_transposed(channels: int | None, kernel: Sequence[Any]) -> None:
    """Holds a kernel (*window, filters, channels) of a transposed convolution to its inputs' channels."""
    if None not in (channels, kernel[-1]) and channels != kernel[-1]:
        raise ValueError(
            f"conv_transpose: {channels} input channels do not fit a kernel of shape {tuple(kernel)}, "
            "whose last size they must be."
        )
