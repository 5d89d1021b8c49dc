"""Dtypes as TensorFlow names them: strings that also equal a framework's own dtype objects."""

from __future__ import annotations

from typing import Any

import numpy as np

from triceras_backends import dtypes


class DType(str):
    """A dtype's name, equal to any framework's dtype of that name."""

    __hash__ = str.__hash__

    def __eq__(self, other: object) -> bool:
        try:
            return str(self) == dtypes.standardize_dtype(other)
        except ValueError:
            return False

    def __ne__(self, other: object) -> bool:
        return not self == other

    @property
    def name(self) -> str:
        return str(self)

    @property
    def as_numpy_dtype(self) -> Any:
        return dtypes.numpy_dtype(str(self)).type

    @property
    def is_floating(self) -> bool:
        return dtypes.is_float(str(self))

    @property
    def is_integer(self) -> bool:
        return str(self) in dtypes.INTEGERS

    @property
    def min(self) -> Any:
        return _limits(self).min

    @property
    def max(self) -> Any:
        return _limits(self).max

    def __repr__(self) -> str:
        return f"tf.{self}"


def _limits(dtype: DType) -> Any:
    numpy = dtypes.numpy_dtype(str(dtype))
    return np.iinfo(numpy) if dtype.is_integer else np.finfo(numpy)


def as_dtype(dtype: Any) -> DType:
    """Any way of naming a dtype, as a DType."""
    return DType(dtypes.standardize_dtype(dtype))


bfloat16 = DType("bfloat16")
bool_ = DType("bool")
complex64 = DType("complex64")
complex128 = DType("complex128")
float16 = DType("float16")
float32 = DType("float32")
float64 = DType("float64")
int8 = DType("int8")
int16 = DType("int16")
int32 = DType("int32")
int64 = DType("int64")
uint8 = DType("uint8")
uint16 = DType("uint16")
uint32 = DType("uint32")
uint64 = DType("uint64")
