"""Element-wise operations."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import special

from numpy_horn.kernels import primitive, table

table(
    globals(), "any",
    add=np.add, multiply=np.multiply, maximum=np.maximum, minimum=np.minimum, abs=np.abs,
    bitwise_and=np.bitwise_and, bitwise_or=np.bitwise_or, bitwise_xor=np.bitwise_xor, bitwise_not=np.bitwise_not,
    clip=np.clip, sign=lambda x: x if x.dtype == "bool" else np.sign(x), trunc=np.trunc, round=np.round,
)  # fmt: skip
table(
    globals(), "number",
    subtract=np.subtract, floor_divide=np.floor_divide, mod=np.mod, negative=np.negative,
    square=np.square,
)  # fmt: skip
table(
    globals(), "float",
    divide=np.divide, arctan2=np.arctan2, logaddexp=np.logaddexp, reciprocal=np.reciprocal, sqrt=np.sqrt,
    rsqrt=lambda x: 1 / np.sqrt(x), exp=np.exp, expm1=np.expm1, log=np.log, log1p=np.log1p, log2=np.log2,
    log10=np.log10, sin=np.sin, cos=np.cos, tan=np.tan, arcsin=np.arcsin, arccos=np.arccos, arctan=np.arctan,
    sinh=np.sinh, cosh=np.cosh, tanh=np.tanh, arcsinh=np.arcsinh, arccosh=np.arccosh, arctanh=np.arctanh,
    erf=special.erf, erfinv=special.erfinv, floor=np.floor, ceil=np.ceil,
)  # fmt: skip
table(
    globals(), "any", "bool",
    equal=np.equal, not_equal=np.not_equal, greater=np.greater, greater_equal=np.greater_equal, less=np.less,
    less_equal=np.less_equal, isnan=np.isnan, isinf=np.isinf, isfinite=np.isfinite, logical_and=np.logical_and,
    logical_or=np.logical_or, logical_xor=np.logical_xor, logical_not=np.logical_not,
)  # fmt: skip


def _power(x1: Any, x2: Any) -> Any:
    """NumPy refuses negative powers of integers, which are 0 but for those of 1 and -1."""
    if x1.dtype.kind != "i":
        return np.power(x1, x2)
    whole = np.power(x1, np.maximum(x2, 0))
    return np.where(x2 >= 0, whole, np.where(abs(x1) == 1, np.power(x1, abs(x2)), 0))


power = primitive("power", _power, "number")


def _where(condition: Any, x1: Any, x2: Any) -> Any:
    if (x1 is None) != (x2 is None):
        raise ValueError(f"x1 and x2 go together; got only {'x2' if x1 is None else 'x1'}, so give x1 and x2.")
    return tuple(i.astype("int32") for i in np.nonzero(condition)) if x1 is None else np.where(condition, x1, x2)


_choose = primitive("where", _where, apart=["condition"])
_indices = primitive("where", _where, gives="int32", apart=["condition"])


def where(condition: Any, x1: Any = None, x2: Any = None) -> Any:
    return _indices(condition) if x1 is None and x2 is None else _choose(condition, x1, x2)
