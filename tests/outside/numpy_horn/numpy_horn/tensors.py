"""Tensors on NumPy: arrays of a class of their own, so that a tensor can be told from what it was made of."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Any

import numpy as np
import optree

from triceras_backends import config, dtypes
from triceras_backends.variable import Variable

_NAMES = {dtypes.numpy_dtype(name): name for name in dtypes.ALL}
_HOST = (bool, int, float, complex, np.ndarray, np.generic)


class Array(np.ndarray):
    """NumPy's array, but that one element of it is an array too."""

    def __getitem__(self, key: Any) -> Any:
        return np.asarray(super().__getitem__(key)).view(Array)


def wrap(x: Any, dtype: str | None = None) -> Array:
    """A NumPy array as a tensor, in that dtype if it is not None."""
    x = np.asarray(x)
    return (x if dtype is None else x.astype(dtypes.numpy_dtype(dtype), copy=False)).view(Array)


def _checked(x: Any) -> Any:
    x = x if x.dtype.isnative else x.astype(x.dtype.newbyteorder("="))
    if x.dtype not in _NAMES:
        known = ", ".join(dtypes.ALL)
        raise ValueError(f"Cannot convert a NumPy array of dtype {x.dtype} to a tensor. Known: {known}.")
    return x


def convert_to_tensor(x: Any, dtype: Any = None, sparse: bool | None = None, ragged: bool | None = None) -> Array:
    if sparse or ragged:
        raise ValueError(f"Only dense tensors are supported; got: sparse={sparse}, ragged={ragged}")
    wanted = None if dtype is None else dtypes.standardize_dtype(dtype)
    if isinstance(x, Variable):
        x = x.value
    if isinstance(x, Array):
        return x if wanted in (None, _NAMES[x.dtype]) else wrap(x, wanted)
    if isinstance(x, (np.ndarray, np.generic)):
        return wrap(np.array(_checked(x)), wanted)  # a copy: the array is the user's own
    if dtypes.weak_kind(x) is not None:
        return wrap(np.array(x), wanted or dtypes.python_scalar_dtype(x))
    if isinstance(x, (list, tuple, range)):
        return _from_list(list(x), wanted)
    if hasattr(x, "__dlpack__"):
        return from_dlpack(x) if wanted is None else wrap(from_dlpack(x), wanted)
    if hasattr(x, "__array__"):
        return wrap(_checked(np.array(x)), wanted)
    raise ValueError(f"Cannot convert a {type(x).__name__} to a tensor: {x!r}")


def _from_list(x: list[Any], wanted: str | None) -> Array:
    leaves = optree.tree_leaves(x, none_is_leaf=True)
    if not all(isinstance(leaf, _HOST) for leaf in leaves):
        x = [convert_to_tensor(item) for item in x]
        wanted = wanted or dtypes.result_type(*(dtype_of(item) for item in x))
    try:
        array = _checked(np.array(x))
    except ValueError as error:
        raise ValueError(f"Cannot make a rectangular tensor of a nested list: {error}") from None
    if wanted is None and not any(isinstance(leaf, (np.ndarray, np.generic)) for leaf in leaves):
        wanted = _of_python(array)
    return wrap(array, wanted)


def _of_python(array: np.ndarray[Any, Any]) -> str:
    """The dtype that Python scalars in a list have by our rules."""
    if not array.size or array.dtype.kind == "f":
        return config.floatx()
    if array.dtype.kind == "c":
        return dtypes.result_type(complex)
    narrow = array.dtype.kind == "i" and array.min() >= -(2**31) and array.max() < 2**31
    return "int32" if narrow else _NAMES[array.dtype]


def from_numpy(x: Any, dtype: Any = None) -> Array:
    return wrap(_checked(x), dtype)


def convert_to_numpy(x: Any) -> Any:
    return np.array(convert_to_tensor(x), subok=False)


def is_tensor(x: Any) -> bool:
    return isinstance(x, Array)


def cast(x: Any, dtype: Any) -> Array:
    with np.errstate(all="ignore"):
        return convert_to_tensor(x, dtypes.standardize_dtype(dtype))


def dtype_of(x: Any) -> str:
    if isinstance(x, Variable):
        return x.dtype
    if dtypes.weak_kind(x) is not None:
        return dtypes.python_scalar_dtype(x)
    return dtypes.standardize_dtype(x.dtype if hasattr(x, "dtype") else convert_to_tensor(x).dtype)


def shape(x: Any) -> tuple[Any, ...]:
    return tuple(x.shape) if hasattr(x, "shape") else convert_to_tensor(x).shape


def static_shape(x: Any) -> tuple[int | None, ...]:
    return shape(x)


def size_from(x: Any, what: str, least: int = 0) -> int:
    return max(int(x), least)


def device_scope(name: str) -> AbstractContextManager[Any]:
    if str(name).lower() not in ("cpu", "cpu:0"):
        raise ValueError(f"Unknown device {name!r}. Devices of this machine: cpu:0.")
    return nullcontext()


def device_of(x: Any) -> str:
    return "cpu:0"


def list_devices() -> list[str]:
    return ["cpu:0"]


def to_dlpack(x: Any) -> Any:
    return convert_to_tensor(x)


def from_dlpack(x: Any) -> Array:
    if not hasattr(x, "__dlpack__"):
        raise TypeError(f"from_dlpack needs an object with __dlpack__; got {x!r} of type {type(x).__name__}.")
    return np.from_dlpack(x).view(Array)


def synchronize() -> None:
    """NumPy has done everything already."""


def seed_native(seed: int) -> None:
    np.random.seed(seed % 2**32)


def enable_tensor_methods() -> None:
    Array.numpy = convert_to_numpy  # type: ignore[attr-defined]
