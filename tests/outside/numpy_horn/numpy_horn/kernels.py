"""How an operation is made of NumPy's: the contract says what it takes, one mechanism promotes its operands.

`table(namespace, takes, gives, name=function, ...)` makes primitives of functions of plain arrays.
The contract's signature is the primitive's, and its annotations say which parameters are tensors.
"""

from __future__ import annotations

import functools
import inspect
import warnings
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

import numpy as np

from numpy_horn.tensors import convert_to_tensor, wrap
from triceras_backends import dtypes
from triceras_backends.selection import contract_functions
from triceras_backends.variable import Variable

CONTRACT = {name: function for name, (_, function) in contract_functions().items()}
_TENSORS = ("Tensor", "Tensors", "Tensor | None")

# What becomes of the dtype that operands are promoted to, before the operation.
_TAKES: dict[str, Callable[[str], str]] = {
    "any": lambda dtype: dtype,
    "float": dtypes.float_type,
    "number": lambda dtype: "int32" if dtype == "bool" else dtype,
}


def table(
    namespace: dict[str, Any], takes: str = "any", gives: Any = "", apart: Sequence[str] = (), **fns: Any
) -> None:
    """Puts a primitive of each name, which computes by that function, into a module's namespace."""
    for name, fn in fns.items():
        namespace[name] = primitive(name, fn, takes, gives, apart)


def primitive(name: str, fn: Any, takes: str = "any", gives: Any = "", apart: Sequence[str] = ()) -> Any:
    """The primitive `name`: promotes, calls fn on arrays, gives tensors.

    takes: "any" dtype, "float" or "number" (no booleans). gives: "" for the dtype promoted to, another
    dtype's name, a function of it, None for whatever fn gives, or a tuple of these, one an output.
    apart: tensors that are not promoted with the others. 16-bit floats are computed in 32.
    """
    signature = inspect.signature(CONTRACT[name])
    tensors = {p.name: p for p in signature.parameters.values() if p.annotation in _TENSORS}
    lists = [key for key, p in tensors.items() if p.annotation == "Tensors" or p.kind == p.VAR_POSITIONAL]

    @functools.wraps(CONTRACT[name])
    def call(*args: Any, **kwargs: Any) -> Any:
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()
        given = bound.arguments
        for key in {"axis", "dtype"} & given.keys():
            given[key] = _axis(given[key]) if key == "axis" else _dtype(given[key])
        given |= {key: np.asarray(convert_to_tensor(given[key])) for key in apart if given[key] is not None}
        together = [key for key in tensors if key not in apart and given[key] is not None]
        dtype = promoted(given, together, lists, takes)
        try:
            with np.errstate(all="ignore"), warnings.catch_warnings():
                warnings.simplefilter("ignore", RuntimeWarning)
                result = fn(*bound.args, **bound.kwargs)
        except (ValueError, TypeError, IndexError, ZeroDivisionError) as error:
            rest = {key: value for key, value in given.items() if key not in tensors}
            fail(name, error, [x for key in tensors for x in sequence(given.get(key))], dtype, rest)
        return outputs(result, dtype, given["dtype"].name if given.get("dtype") is not None else gives)

    return call


def promoted(given: dict[str, Any], keys: list[str], lists: list[str], takes: str) -> str:
    """Replaces the tensors among the arguments by arrays of one dtype; its name."""
    lists = [key for key in lists if isinstance(given[key], (list, tuple))]
    each = {key: sequence(given[key]) if key in lists else [given[key]] for key in keys}
    found = [convert(x) for xs in each.values() for x in xs]
    dtype = _TAKES[takes](dtypes.result_type(*(kind for _, kind in found)))
    wide = dtypes.numpy_dtype("float32" if dtype in ("float16", "bfloat16") else dtype)
    arrays = iter(np.asarray(x).astype(wide, copy=False) for x, _ in found)
    for key, xs in each.items():
        new = [next(arrays) for _ in xs]
        given[key] = tuple(new) if key in lists else new[0]
    return dtype


def convert(x: Any) -> tuple[Any, Any]:
    """x as an array, and what it counts as in a promotion: a dtype's name, or a Python scalar's kind."""
    if isinstance(x, Variable):
        x = x.value
    weak = dtypes.weak_kind(x)
    array = np.asarray(x if weak else convert_to_tensor(x))
    return array, weak or array.dtype.name


def _axis(axis: Any) -> Any:
    return tuple(axis) if isinstance(axis, (list, np.ndarray)) and np.ndim(axis) else axis


def _dtype(dtype: Any) -> Any:
    return None if dtype is None else dtypes.numpy_dtype(dtype)


def outputs(result: Any, dtype: str, gives: Any) -> Any:
    """The arrays of a result as tensors of the dtypes that a rule gives."""
    if isinstance(result, (list, tuple)):
        rules = gives if isinstance(gives, tuple) else (gives,) * len(result)
        return type(result)(outputs(y, dtype, rule) for y, rule in zip(result, rules, strict=True))
    if gives is None:
        return wrap(result)
    name = gives(dtype) if callable(gives) else gives or dtype
    real = name in dtypes.COMPLEX and np.asarray(result).dtype.kind == "f"  # a modulus, say
    return wrap(result, None if real else name)


def sequence(x: Any) -> list[Any]:
    return list(x) if isinstance(x, (list, tuple)) else [x]


def fail(name: str, error: Exception, arrays: list[Any], dtype: str, rest: dict[str, Any]) -> NoReturn:
    """Raises TypeError or ValueError for NumPy's error, with the operation's name, shapes, dtype and parameters."""
    shapes = " and ".join(str(x.shape) for x in arrays if isinstance(x, np.ndarray))
    given = ", ".join(f"{key}={value!r}" for key, value in rest.items() if isinstance(value, (int, str, tuple, list)))
    kind = TypeError if isinstance(error, TypeError) else ValueError
    raise kind(f"{name} cannot take {dtype} {shapes or '()'} with {given or 'no parameters'}: {error}") from error
