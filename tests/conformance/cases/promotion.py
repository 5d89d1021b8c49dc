"""The promotion lattice written out as a table, apart from the code under test.

Rows and columns in the order of DTYPES; the last two are Python's int and float. It is the
table of https://docs.jax.dev/en/latest/type_promotion.html without complex numbers.
"""

from __future__ import annotations

from typing import Any

import numpy as np

DTYPES = (
    "bool", "uint8", "uint16", "uint32", "uint64", "int8", "int16", "int32", "int64",
    "bfloat16", "float16", "float32", "float64", "int", "float",
)  # fmt: skip

_SHORT = {
    "b1": "bool", "u1": "uint8", "u2": "uint16", "u4": "uint32", "u8": "uint64", "i1": "int8", "i2": "int16",
    "i4": "int32", "i8": "int64", "bf": "bfloat16", "f2": "float16", "f4": "float32", "f8": "float64",
    "i*": "int", "f*": "float",
}  # fmt: skip

_ROWS = """
b1 u1 u2 u4 u8 i1 i2 i4 i8 bf f2 f4 f8 i* f*
u1 u1 u2 u4 u8 i2 i2 i4 i8 bf f2 f4 f8 u1 f*
u2 u2 u2 u4 u8 i4 i4 i4 i8 bf f2 f4 f8 u2 f*
u4 u4 u4 u4 u8 i8 i8 i8 i8 bf f2 f4 f8 u4 f*
u8 u8 u8 u8 u8 f* f* f* f* bf f2 f4 f8 u8 f*
i1 i2 i4 i8 f* i1 i2 i4 i8 bf f2 f4 f8 i1 f*
i2 i2 i4 i8 f* i2 i2 i4 i8 bf f2 f4 f8 i2 f*
i4 i4 i4 i8 f* i4 i4 i4 i8 bf f2 f4 f8 i4 f*
i8 i8 i8 i8 f* i8 i8 i8 i8 bf f2 f4 f8 i8 f*
bf bf bf bf bf bf bf bf bf bf f4 f4 f8 bf bf
f2 f2 f2 f2 f2 f2 f2 f2 f2 f4 f2 f4 f8 f2 f2
f4 f4 f4 f4 f4 f4 f4 f4 f4 f4 f4 f4 f8 f4 f4
f8 f8 f8 f8 f8 f8 f8 f8 f8 f8 f8 f8 f8 f8 f8
i* u1 u2 u4 u8 i1 i2 i4 i8 bf f2 f4 f8 i* f*
f* f* f* f* f* f* f* f* f* bf f2 f4 f8 f* f*
"""

TABLE = {
    (row, column): _SHORT[short]
    for row, line in zip(DTYPES, _ROWS.split("\n")[1:-1], strict=True)
    for column, short in zip(DTYPES, line.split(), strict=True)
}

_STRONG = {"int": "int32", "float": "float32"}


def kind_of(x: Any) -> str:
    """The row of a NumPy array or a Python scalar in the table."""
    return type(x).__name__ if isinstance(x, (bool, int, float)) else np.asarray(x).dtype.name


def promote(*kinds: str) -> str:
    """The dtype that operands of these kinds meet at, under the default floatx."""
    result = kinds[0]
    for kind in kinds[1:]:
        result = TABLE[result, kind]
    return _STRONG.get(result, result)


def as_float(dtype: str) -> str:
    """The dtype a "float" operation gives for input of this one."""
    return dtype if "float" in dtype or "complex" in dtype else "float32"


def widened(dtype: str) -> str:
    """The dtype a sum adds up in."""
    return {"bool": "int32", "int8": "int32", "int16": "int32", "uint8": "uint32", "uint16": "uint32"}.get(dtype, dtype)
