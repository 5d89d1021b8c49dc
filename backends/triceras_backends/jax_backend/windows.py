"""What convolution and pooling share: layouts."""

from __future__ import annotations

from typing import Any


def spatial(x: Any, first: bool) -> tuple[int, ...]:
    """The spatial sizes."""
    return x.shape[2:] if first else x.shape[1:-1]
