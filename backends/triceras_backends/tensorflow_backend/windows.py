"""What convolution and pooling share: steps, layouts, checks."""

from __future__ import annotations

from typing import Any

from triceras_backends import config
from triceras_backends.contract.types import Tensor
from triceras_backends.tensorflow_backend.native import array
from triceras_backends.tensorflow_backend.tensors import ints


def each(name: str, what: str, value: Any, count: int) -> tuple[int, ...]:
    """One positive int for each spatial dimension."""
    values = (value,) * count if isinstance(value, int) else tuple(value)
    if len(values) != count or any(not isinstance(v, int) or v < 1 for v in values):
        raise ValueError(f"{name}: {what} must be a positive int or {count} of them; got: {value!r}")
    return values


def check_padding(name: str, padding: str) -> None:
    if padding not in ("valid", "same"):
        raise ValueError(f'{name}: padding must be "valid" or "same"; got: {padding!r}')


def is_first(data_format: str | None) -> bool:
    return config.standardize_data_format(data_format) == "channels_first"


# Channels last is the layout that has kernels on every device; XLA and grappler undo the copies on GPUs.


def channels_last(x: Tensor, count: int, first: bool) -> Tensor:
    return array.transpose(x, ints((0, *range(2, count + 2), 1))) if first else x


def restored(x: Tensor, count: int, first: bool) -> Tensor:
    return array.transpose(x, ints((0, count + 1, *range(1, count + 1)))) if first else x
