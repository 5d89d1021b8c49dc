"""The limits on epochs and steps that `keras.config` sets, to try a script out."""

from __future__ import annotations

import warnings
from typing import overload


@overload
def limited(name: str, value: int, most: int | None, depth: int = 4) -> int: ...
@overload
def limited(name: str, value: int | None, most: int | None, depth: int = 4) -> int | None: ...
def limited(name: str, value: int | None, most: int | None, depth: int = 4) -> int | None:
    """value, at most `most`, with a warning where that makes a difference; None for value is any number.

    depth: how many calls the user's is away.
    """
    if most is None or (value is not None and value <= most):
        return value
    warnings.warn(f"{name} is limited to {most}, by keras.config.", stacklevel=depth)
    return most
