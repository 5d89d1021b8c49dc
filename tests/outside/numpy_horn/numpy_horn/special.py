"""Further elementary, special and bit functions."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import special

from numpy_horn.kernels import table
from numpy_horn.tensors import convert_to_tensor, wrap
from triceras_backends import dtypes

table(
    globals(), "float",
    logaddexp2=np.logaddexp2, i0=special.i0, erfc=special.erfc, hypot=np.hypot, heaviside=np.heaviside,
    divide_no_nan=lambda x1, x2: np.where(x2 == 0, 0, x1 / np.where(x2 == 0, 1, x2)),
)  # fmt: skip
table(globals(), "number", fmod=np.fmod, left_shift=np.left_shift, right_shift=np.right_shift)
table(globals(), gcd=np.gcd, lcm=np.lcm, fmax=np.fmax, fmin=np.fmin)
table(globals(), gives="bool", isclose=np.isclose)


def view(x: Any, dtype: Any = None) -> Any:
    x = convert_to_tensor(x)
    if dtype is None:
        return x
    try:
        return wrap(np.ascontiguousarray(x).reshape(x.shape).view(dtypes.numpy_dtype(dtype)))
    except ValueError as error:
        raise ValueError(f"view: {x.dtype} {x.shape} cannot be read as {dtype}: {error}") from error
