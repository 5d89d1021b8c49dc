"""Masks: which steps of a tensor count, carried from layer to layer beside the tensor.

A mask is an attribute of its tensor where the framework's tensors take attributes (symbolic
tensors do), else it is kept in a table for as long as the tensor lives.
"""

from __future__ import annotations

import weakref
from typing import Any

ATTRIBUTE = "_keras_mask"

# Whether any mask has ever been set: until then nobody needs to look for one.
in_use = False

# For tensors that refuse attributes: by identity, a weak reference to the tensor, and its mask.
_table: dict[int, tuple[weakref.ref[Any], Any]] = {}


def get_mask(x: Any) -> Any:
    """The mask of a tensor, None if it has none."""
    if not in_use:
        return None
    mask = getattr(x, ATTRIBUTE, None)
    if mask is None and _table:
        entry = _table.get(id(x))
        return entry[1] if entry is not None and entry[0]() is x else None
    return mask


def set_mask(x: Any, mask: Any) -> None:
    """Gives a tensor a mask (a bool tensor over its leading axes), or takes it away: None."""
    global in_use
    if mask is None:
        if get_mask(x) is not None:
            _remove(x)
        return
    in_use = True
    try:
        setattr(x, ATTRIBUTE, mask)
    except AttributeError:
        key = id(x)
        _table[key] = (weakref.ref(x, lambda _: _table.pop(key, None)), mask)


def _remove(x: Any) -> None:
    if _table.pop(id(x), None) is None:
        setattr(x, ATTRIBUTE, None)
