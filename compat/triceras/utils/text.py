"""Text on the host: what users hold, as NumPy arrays of str."""

from __future__ import annotations

from typing import Any

import numpy as np


def is_text(x: Any) -> bool:
    """Whether x is a NumPy array of strings or other objects, or another library's array of that kind."""
    kind = getattr(getattr(x, "dtype", None), "kind", None)
    if isinstance(x, (np.ndarray, np.generic)) or kind is not None:
        return kind in ("O", "U", "S", "T")
    return getattr(getattr(x, "dtype", None), "name", "") == "string"  # TensorFlow's


def as_text(x: Any, encoding: str = "utf-8", where: str = "The input") -> np.ndarray[Any, Any]:
    """Strings, nested lists or arrays of them as a NumPy array of objects, each a str; bytes are decoded.

    Raises ValueError: lists of different lengths. TypeError: something that is no text.
    """
    try:
        array = np.array(x, dtype=object)
    except ValueError:
        raise ValueError(f"{where} must be a rectangular array of strings; got lists of different lengths.") from None
    flat = [_decoded(item, encoding, where) for item in array.ravel().tolist()]
    texts = np.empty(len(flat), dtype=object)
    texts[:] = flat
    return texts.reshape(array.shape)


def _decoded(item: Any, encoding: str, where: str) -> str:
    if isinstance(item, str):
        return item
    if isinstance(item, bytes):
        return item.decode(encoding)
    if isinstance(item, list):
        raise ValueError(f"{where} must be a rectangular array of strings; got lists of different lengths.")
    raise TypeError(f"{where} must hold strings; got {item!r} of type {type(item).__name__}.")
