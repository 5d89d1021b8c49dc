"""What convolution and pooling share: layouts."""

from __future__ import annotations

from typing import Any

from triceras_backends import config


def is_first(data_format: str | None) -> bool:
    return config.standardize_data_format(data_format) == "channels_first"


def spatial(x: Any, first: bool) -> tuple[int, ...]:
    """The spatial sizes."""
    return x.shape[2:] if first else x.shape[1:-1]
