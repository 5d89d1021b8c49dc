"""From what users hold to trees of native tensors."""

from __future__ import annotations

from typing import Any

import numpy as np
import optree

from triceras_backends import config, dtypes
from triceras_backends.active import backend as B

_NUMBERS = (bool, int, float, np.number, np.bool_)


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
        return _from_numpy(name, value, copy)
    if is_nested(value):
        return optree.tree_map_with_path(
            lambda path, leaf: _to_tensor(name + "".join(f"[{key!r}]" for key in path), leaf, copy),
            value,
            is_leaf=_is_leaf,
        )
    return _to_tensor(name, value, copy)


def is_nested(value: Any) -> bool:
    """Whether value is a structure of several arrays rather than one."""
    return isinstance(value, (dict, list, tuple)) and not _is_list_of_numbers(value)


def _is_leaf(value: Any) -> bool:
    return not is_nested(value) and value is not None


def _is_list_of_numbers(value: Any) -> bool:
    """Whether a nested list stands for one array, as [[1, 2], [3, 4]] does, not for several inputs."""
    while isinstance(value, (list, tuple)) and value:
        value = value[0]
    return isinstance(value, (*_NUMBERS, str, bytes))


def _to_tensor(name: str, leaf: Any, copy: bool) -> Any:
    if B.is_tensor(leaf) or isinstance(leaf, B.Variable):
        tensor = B.convert_to_tensor(leaf)
        return _checked(name, tensor, config.floatx() if B.dtype_of(tensor) in dtypes.FLOATS else None)
    if isinstance(leaf, np.ndarray):
        return _from_numpy(name, np.asarray(leaf), copy)
    array = _host_array(name, leaf)
    if array is not None:
        return _from_numpy(name, array, copy)
    return _to_tensor(name, B.from_dlpack(leaf), copy)


def _checked(name: str, tensor: Any, dtype: str | None) -> Any:
    if len(tensor.shape) == 0:
        raise ValueError(f"{name} must have a batch axis; got a scalar.")
    return tensor if dtype is None else B.cast(tensor, dtype)


def _from_numpy(name: str, array: np.ndarray[Any, Any], copy: bool) -> Any:
    if array.ndim == 0:
        raise ValueError(f"{name} must have a batch axis; got a scalar{_of_what(array)}.")
    kind = array.dtype.kind
    if kind not in "biufc" and array.dtype.name not in dtypes.ALL:
        raise ValueError(
            f"{name} must hold numbers; got an array of dtype {array.dtype}. "
            "Encode text and categories as numbers first, and make ragged rows equally long."
        )
    dtype = config.floatx() if kind == "f" or array.dtype.name == "bfloat16" else None
    return B.convert_to_tensor(array, dtype) if copy else B.from_numpy(array, dtype)


def _of_what(array: np.ndarray[Any, Any]) -> str:
    return f" of type {type(array.item()).__name__}" if array.dtype.kind == "O" else ""


def _host_array(name: str, leaf: Any) -> np.ndarray[Any, Any] | None:
    """The leaf as a NumPy array, without a copy where its framework allows; None: only dlpack can take it over."""
    if type(leaf).__module__.partition(".")[0] == "pandas":
        return _from_pandas(name, leaf)
    if hasattr(leaf, "requires_grad") and hasattr(leaf, "detach"):
        leaf = leaf.detach()
    try:
        array = np.asarray(leaf)
    except (TypeError, RuntimeError, ValueError) as error:
        if hasattr(leaf, "__dlpack__"):
            return None  # on an accelerator, or of a dtype that NumPy does not know
        raise ValueError(f"{name} cannot be made an array: {error}") from None
    return array


def _from_pandas(name: str, value: Any) -> np.ndarray[Any, Any]:
    """A DataFrame as rows and columns; a Series as one column, (rows, 1)."""
    frame = value.to_frame() if value.ndim == 1 else value
    wrong = [str(column) for column, dtype in frame.dtypes.items() if getattr(dtype, "kind", "O") not in "biuf"]
    if wrong:
        raise ValueError(f"{name} must hold numbers; these columns of the {type(value).__name__} do not: {wrong}.")
    array = frame.to_numpy()
    return array if array.dtype.kind != "O" else frame.to_numpy(dtype="float64", na_value=np.nan)
