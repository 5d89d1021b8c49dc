"""Configurations compared: ours must be the one that the real Keras writes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np


def normal(x: Any) -> Any:
    """A configuration without what JSON does not tell apart: tuples are lists, NumPy's numbers numbers."""
    if isinstance(x, Mapping):
        return {key: normal(value) for key, value in x.items()}
    if isinstance(x, (list, tuple)):
        return [normal(item) for item in x]
    if isinstance(x, (np.ndarray, np.generic)):
        return x.tolist()
    return x


def differences(ours: Any, theirs: Any, place: str = "config") -> list[str]:
    """Where two configurations differ, in words; floats may differ by float32's rounding."""
    ours, theirs = normal(ours), normal(theirs)
    if isinstance(ours, dict) and isinstance(theirs, dict):
        keys = [f"{place}: {key!r} is missing" for key in theirs if key not in ours]
        keys += [f"{place}: {key!r} is too much" for key in ours if key not in theirs]
        both = [key for key in ours if key in theirs]
        return keys + [line for key in both for line in differences(ours[key], theirs[key], f"{place}[{key!r}]")]
    if isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        pairs = enumerate(zip(ours, theirs, strict=True))
        return [line for i, (a, b) in pairs for line in differences(a, b, f"{place}[{i}]")]
    if ours == theirs or _close(ours, theirs):
        return []
    return [f"{place}: {ours!r}, Keras has {theirs!r}"]


def _close(a: Any, b: Any) -> bool:
    numbers = all(isinstance(x, (int, float)) and not isinstance(x, bool) for x in (a, b))
    return numbers and math.isclose(a, b, rel_tol=1e-6)
