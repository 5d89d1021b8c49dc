"""What convolution and pooling share: steps, layouts, checks."""

from __future__ import annotations

from typing import Any

import numpy as np

from triceras_backends import config


def each(name: str, rank: int, value: Any) -> tuple[int, ...]:
    """One int for each spatial dimension."""
    value = (int(value),) * rank if np.ndim(value) == 0 else tuple(map(int, value))
    if len(value) != rank or min(value) < 1:
        raise ValueError(f"{name}: needs a positive int or {rank} of them, one a spatial dimension; got: {value}")
    return value


def is_first(data_format: str | None) -> bool:
    return config.standardize_data_format(data_format) == "channels_first"


def spatial(x: Any, first: bool) -> tuple[int, ...]:
    """The spatial sizes."""
    return x.shape[2:] if first else x.shape[1:-1]


def check_padding(name: str, padding: str) -> None:
    if padding not in ("valid", "same"):
        raise ValueError(f'{name}: padding must be "valid" or "same"; got: {padding!r}')


def check_steps(name: str, strides: tuple[int, ...], dilation: tuple[int, ...]) -> None:
    if max(strides) > 1 and max(dilation) > 1:
        raise ValueError(f"{name}: strides {strides} and dilation_rate {dilation} cannot both be above 1.")
