"""Configurations as plain data: what JSON can hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from triceras_backends import dtypes


def serialize(x: Any) -> Any:
    """An initializer, regularizer, constraint, policy or the like as {"class_name", "config"}; a function by
    its name; None as None."""
    if x is None or isinstance(x, (str, Mapping)):
        return x
    if hasattr(x, "get_config"):
        return {"class_name": type(x).__name__, "config": plain(x.get_config())}
    return getattr(x, "__name__", type(x).__name__)


def plain(x: Any) -> Any:
    """x as numbers, strings, lists and dicts, in which objects that have a `get_config` stand as `serialize` says.

    Raises TypeError: something that is none of these.
    """
    if x is None or isinstance(x, (bool, int, float, str)):
        return x
    if isinstance(x, np.generic):
        return x.item()
    if isinstance(x, (list, tuple)):
        return type(x)(plain(item) for item in x) if type(x) in (list, tuple) else list(map(plain, x))
    if isinstance(x, Mapping):
        return {key: plain(value) for key, value in x.items()}
    if hasattr(x, "get_config") and not isinstance(x, type):
        return serialize(x)
    try:
        return dtypes.standardize_dtype(x)
    except ValueError:
        raise TypeError(f"{x!r} of type {type(x).__name__} is no plain data") from None
