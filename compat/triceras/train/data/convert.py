"""From what users hold to trees of native tensors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import optree

from triceras_backends import config, dtypes
from triceras_backends.active import backend as B

_NUMBERS = (bool, int, float, np.number, np.bool_)
_ARRAY_PROTOCOLS = ("__array__", "__array_interface__", "__dlpack__")


def to_tensors(name: str, value: Any, copy: bool = False) -> Any:
    """A structure of arrays as tensors with a batch axis; floats in config.floatx(), the rest as they are.

    Args:
        name: what errors call it.
        value: arrays, tensors of any framework, pandas objects, lists of numbers, or dicts, lists and tuples of
            them. None within a structure stays None.
        copy: False: tensors may share memory with NumPy arrays, which must not change while they are in use.

    Raises ValueError: what is not numbers, or has rank 0; naming where in the structure it is.
    """
    if value.__class__ is np.ndarray:
        return _from_numpy(_checked(name, value), copy)
    return _map(lambda where, leaf: _to_tensor(where, leaf, copy), name, value)


def to_arrays(name: str, value: Any) -> Any:
    """A structure of arrays as NumPy arrays or, where it has them, native tensors. Raises as `to_tensors`."""
    return _map(_to_array, name, value)


def to_numpy(name: str, value: Any) -> np.ndarray[Any, Any]:
    """One array, of any kind, as a NumPy array. Raises as `to_tensors`."""
    array = _to_array(name, value)
    return array if isinstance(array, np.ndarray) else B.convert_to_numpy(array)


def is_arrays(value: Any) -> bool:
    """Whether value is an array, or a structure of them, rather than a source of batches or something else."""
    if isinstance(value, (np.ndarray, dict, list, tuple, range, B.Variable)) or B.is_tensor(value):
        return True
    return _is_pandas(value) or any(hasattr(value, protocol) for protocol in _ARRAY_PROTOCOLS)


def is_nested(value: Any) -> bool:
    """Whether value is a structure of several arrays rather than one."""
    return isinstance(value, (dict, list, tuple)) and not _is_list_of_numbers(value)


def _is_leaf(value: Any) -> bool:
    return value is not None and not is_nested(value)


def _is_list_of_numbers(value: Any) -> bool:
    """Whether a nested list stands for one array, as [[1, 2], [3, 4]] does, not for several inputs."""
    if not isinstance(value, (list, tuple)):
        return False
    while isinstance(value, (list, tuple)) and value:
        value = value[0]
    return isinstance(value, (*_NUMBERS, str, bytes))


def _map(function: Callable[[str, Any], Any], name: str, value: Any) -> Any:
    if not is_nested(value):
        return function(name, value)

    def at(path: tuple[Any, ...], leaf: Any) -> Any:
        return function(name + "".join(f"[{key!r}]" for key in path), leaf)

    return optree.tree_map_with_path(at, value, is_leaf=_is_leaf)


def _to_tensor(name: str, leaf: Any, copy: bool) -> Any:
    array = _to_array(name, leaf)
    if isinstance(array, np.ndarray):
        return _from_numpy(array, copy)
    return B.cast(array, config.floatx()) if B.dtype_of(array) in dtypes.FLOATS else array


def _from_numpy(array: np.ndarray[Any, Any], copy: bool) -> Any:
    dtype = config.floatx() if array.dtype.kind == "f" or array.dtype.name == "bfloat16" else None
    return B.convert_to_tensor(array, dtype) if copy else B.from_numpy(array, dtype)


def _to_array(name: str, leaf: Any) -> Any:
    if B.is_tensor(leaf) or isinstance(leaf, B.Variable):
        return _checked(name, B.convert_to_tensor(leaf))
    if isinstance(leaf, np.ndarray):
        return _checked(name, np.asarray(leaf))
    if _is_pandas(leaf):
        return _from_pandas(name, leaf)
    return _checked(name, _from_foreign(name, leaf))


def _from_foreign(name: str, leaf: Any) -> Any:
    """Another framework's tensor, or whatever NumPy makes an array of; without a copy where that can be had."""
    if hasattr(leaf, "requires_grad") and hasattr(leaf, "detach"):
        leaf = leaf.detach()  # else it would not give its memory away
    try:
        return np.asarray(leaf)
    except (TypeError, RuntimeError, ValueError) as error:
        if hasattr(leaf, "__dlpack__"):  # on an accelerator, or of a dtype that NumPy does not know
            return B.from_dlpack(leaf)
        raise ValueError(f"{name} cannot be made an array: {error}") from None


def _checked(name: str, array: Any) -> Any:
    if isinstance(array, np.ndarray) and array.dtype.kind not in "biufc" and array.dtype.name not in dtypes.ALL:
        what = f"a {type(array.item()).__name__}" if array.ndim == 0 else f"an array of dtype {array.dtype}"
        raise ValueError(
            f"{name} must hold numbers; got {what}. "
            "Encode text and categories as numbers first, and make ragged rows equally long."
        )
    if len(array.shape) == 0:
        raise ValueError(f"{name} must have a batch axis; got a scalar.")
    return array


def _is_pandas(value: Any) -> bool:
    return type(value).__module__.partition(".")[0] == "pandas" and hasattr(value, "to_numpy")


def _from_pandas(name: str, value: Any) -> np.ndarray[Any, Any]:
    """A DataFrame as rows and columns; a Series as one column, (rows, 1)."""
    frame = value if hasattr(value, "columns") else value.to_frame()
    wrong = [str(column) for column, dtype in frame.dtypes.items() if getattr(dtype, "kind", "O") not in "biuf"]
    if wrong:
        raise ValueError(
            f"{name} must hold numbers; these columns of the {type(value).__name__} do not: {', '.join(wrong)}. "
            "Encode text, categories and dates as numbers first."
        )
    array = frame.to_numpy()  # of objects where bools stand beside numbers, or values are missing
    return array if array.dtype.kind != "O" else frame.to_numpy(dtype="float64", na_value=np.nan)
