"""Configurations as plain data: what JSON can hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from triceras.utils.serialization import serialize_keras_object
from triceras_backends import dtypes


def plain(x: Any) -> Any:
    """x as numbers, strings, lists and dicts, in which objects that have a `get_config` stand described.

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
        return serialize_keras_object(x)
    try:
        return dtypes.standardize_dtype(x)
    except ValueError:
        raise TypeError(f"{x!r} of type {type(x).__name__} is no plain data") from None
