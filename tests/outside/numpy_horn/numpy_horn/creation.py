"""Copies and windows."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import special

from numpy_horn.kernels import table


def _kaiser(x: int, beta: Any) -> Any:
    if x < 0:
        raise ValueError("a window has no negative number of points")
    beta = abs(beta)
    inside = beta * np.sqrt(np.clip(1 - np.linspace(-1, 1, x) ** 2, 0, None)) if x > 1 else beta * np.ones(x)
    return special.i0e(inside) * np.exp(inside - beta) / special.i0e(beta)


table(globals(), copy=np.copy)
table(globals(), "float", kaiser=_kaiser)
