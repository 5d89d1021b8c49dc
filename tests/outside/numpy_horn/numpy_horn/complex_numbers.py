"""Complex numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from numpy_horn.kernels import table


def _of_pairs(x: Any) -> Any:
    if x.dtype.kind == "c":
        raise TypeError("x is complex already")
    if not x.ndim or x.shape[-1] != 2:
        raise ValueError("the last axis must have size 2")
    return x[..., 0] + 1j * x[..., 1]


table(globals(), "float", angle=np.angle)
table(globals(), conj=np.conj, real=np.real, imag=np.imag)
table(
    globals(), "float", lambda dtype: "complex128" if dtype == "float64" else "complex64",
    view_as_complex=_of_pairs, polar=lambda size, angle: size * np.exp(1j * angle),
)  # fmt: skip
