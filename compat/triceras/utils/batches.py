"""Batches as users' steps take them: x, (x, y) or (x, y, sample_weight)."""

from __future__ import annotations

from typing import Any


def unpack_x_y_sample_weight(data: Any) -> tuple[Any, Any, Any]:
    """(x, y, sample_weight) of a batch, missing ones None.

    Args:
        data: a tuple or list (x,), (x, y) or (x, y, sample_weight); anything else is x.

    Raises ValueError: another number of entries.
    """
    if not isinstance(data, (tuple, list)):
        return data, None, None
    if not 1 <= len(data) <= 3:
        raise ValueError(
            f"Data must be x, or a tuple (x,), (x, y) or (x, y, sample_weight); got {len(data)} entries. "
            "Several inputs go into one structure: ((a, b), y)."
        )
    return (*data, None, None)[:3]


def pack_x_y_sample_weight(x: Any, y: Any = None, sample_weight: Any = None) -> Any:
    """The batch that `unpack_x_y_sample_weight` takes apart: the shortest tuple with all that is not None.

    x alone stays x, but for a tuple or list, which would be taken for (x, y): it becomes (x,).
    """
    if sample_weight is not None:
        return x, y, sample_weight
    if y is not None:
        return x, y
    return (x,) if isinstance(x, (tuple, list)) else x
