"""What reading a tensor's memory as another dtype does to its shape."""

from __future__ import annotations

from typing import Any

from triceras_backends import dtypes


def itemsize(dtype: str) -> int:
    """Bytes of one element."""
    return dtypes.numpy_dtype(dtype).itemsize


def last_size(shape: tuple[Any, ...], old: str, new: str) -> Any:
    """The size of the last axis of a view in the dtype `new`; None where it is not known.

    Raises ValueError: a scalar cannot change its size, or the axis does not divide.
    """
    before, after = itemsize(old), itemsize(new)
    if not shape:
        raise ValueError(f"view: a scalar of shape () and dtype {old} cannot be {new}: {before} bytes are not {after}.")
    if shape[-1] is None:
        return None
    if shape[-1] * before % after:
        raise ValueError(
            f"view: the last axis of shape {tuple(shape)} has {shape[-1] * before} bytes in {old}, "
            f"which {new} with {after} bytes each does not divide."
        )
    return shape[-1] * before // after
