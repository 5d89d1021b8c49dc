"""Dtype names, and the one rule by which mixed dtypes are promoted.

The lattice is JAX's (https://docs.jax.dev/en/latest/type_promotion.html): Python scalars are
weak and take the other operand's dtype where its kind allows; integers give way to floats of
any width; bfloat16 and float16 meet at float32.
"""

from __future__ import annotations

import functools
from typing import Any

import ml_dtypes
import numpy as np

from triceras_backends import config

BOOL = ("bool",)
UNSIGNED = ("uint8", "uint16", "uint32", "uint64")
SIGNED = ("int8", "int16", "int32", "int64")
INTEGERS = UNSIGNED + SIGNED
FLOATS = ("float16", "bfloat16", "float32", "float64")
FLOAT8 = ("float8_e4m3fn", "float8_e5m2")
COMPLEX = ("complex64", "complex128")
ALL = BOOL + INTEGERS + FLOATS + FLOAT8 + COMPLEX

WEAK_INT, WEAK_FLOAT, WEAK_COMPLEX = "int", "float", "complex"

# Each dtype's direct successors in the lattice; a join is the least common one above both.
_SUCCESSORS: dict[str, tuple[str, ...]] = {
    "bool": ("int",),
    "int": ("uint8", "int8"),
    "uint8": ("uint16", "int16"),
    "uint16": ("uint32", "int32"),
    "uint32": ("uint64", "int64"),
    "uint64": ("float",),
    "int8": ("int16",),
    "int16": ("int32",),
    "int32": ("int64",),
    "int64": ("float",),
    "float": ("float8_e4m3fn", "float8_e5m2", "float16", "bfloat16", "complex"),
    "float8_e4m3fn": (),
    "float8_e5m2": (),
    "float16": ("float32",),
    "bfloat16": ("float32",),
    "float32": ("float64", "complex64"),
    "float64": ("complex128",),
    "complex": ("complex64",),
    "complex64": ("complex128",),
    "complex128": (),
}


@functools.cache
def _above(name: str) -> frozenset[str]:
    return frozenset({name}).union(*(_above(successor) for successor in _SUCCESSORS[name]))


@functools.cache
def _join(names: frozenset[str]) -> str:
    common = frozenset.intersection(*(_above(name) for name in names))
    for name in common:
        if common == _above(name):
            return name
    raise TypeError(f"No dtype holds all of {', '.join(sorted(names))}; cast one of them first.")


@functools.cache
def _from_string(name: str) -> str:
    return name if name in ALL else ""


def standardize_dtype(dtype: Any) -> str:
    """The name of a dtype given as a name, a NumPy, torch, JAX or TensorFlow dtype or a Python type.

    None is config.floatx(). Raises ValueError: an unknown dtype, listing the known ones.
    """
    if dtype is None:
        return config.floatx()
    if isinstance(dtype, str):
        name = _from_string(dtype)
    elif dtype is bool:
        name = "bool"
    elif dtype is int:
        name = "int32"
    elif dtype is float:
        name = config.floatx()
    elif dtype is str:
        name = ""
    elif str(dtype).startswith("torch."):
        name = _from_string(str(dtype).removeprefix("torch."))
    else:
        name = _from_string(getattr(dtype, "name", None) or getattr(dtype, "__name__", ""))
    if not name:
        known = ", ".join(ALL)
        raise ValueError(f"Unknown dtype {dtype!r}. Known dtypes: {known}.")
    return name


def numpy_dtype(dtype: Any) -> np.dtype[Any]:
    """The NumPy dtype of that name; bfloat16 and float8 by ml_dtypes."""
    name = standardize_dtype(dtype)
    return np.dtype(getattr(ml_dtypes, name) if name in FLOAT8 or name == "bfloat16" else name)


def weak_kind(x: Any) -> str | None:
    """For a Python scalar its weak dtype ("bool", "int", "float", "complex"), else None."""
    kind = type(x)
    if kind is float:
        return WEAK_FLOAT
    if kind is int:
        return WEAK_INT
    if kind is bool:
        return "bool"
    return WEAK_COMPLEX if kind is complex else None


def _strengthen(name: str) -> str:
    if name == WEAK_INT:
        return "int32"
    if name == WEAK_FLOAT:
        return config.floatx()
    if name == WEAK_COMPLEX:
        return "complex128" if config.floatx() == "float64" else "complex64"
    return name


def result_type(*dtypes: Any) -> str:
    """The dtype that operands of these dtypes are promoted to.

    Each is a dtype, or int, float or complex (the Python types, or the names "int", "float",
    "complex") for a weak Python scalar. Without arguments, config.floatx(). Raises TypeError:
    float8 with another dtype, which must be cast first.
    """
    names = set()
    for dtype in dtypes:
        weak = dtype is int or dtype is float or dtype is complex  # `==` would take NumPy's int64 for int
        name = dtype.__name__ if weak else dtype
        names.add(name if name in _SUCCESSORS else standardize_dtype(dtype))
    if not names:
        return config.floatx()
    if len(names) > 1 and names & set(FLOAT8):
        raise TypeError(f"float8 is not promoted by itself; cast one of {', '.join(sorted(names))} first.")
    return _strengthen(_join(frozenset(names)))


def float_type(dtype: str) -> str:
    """The dtype in which a "float" operation computes input of this dtype: itself, or config.floatx()."""
    return dtype if dtype in FLOATS or dtype in COMPLEX else config.floatx()


def accumulator(dtype: str) -> str:
    """The dtype in which `sum`, `prod` and `trace` add up: small integers widened to 32 bits."""
    if dtype in ("bool", "int8", "int16"):
        return "int32"
    return "uint32" if dtype in ("uint8", "uint16") else dtype


def is_float(dtype: str) -> bool:
    """Whether a dtype is a real floating one."""
    return dtype in FLOATS or dtype in FLOAT8


def is_differentiable(dtype: str) -> bool:
    """Whether gradients exist for a dtype: floats and complex numbers."""
    return dtype in FLOATS or dtype in COMPLEX


def python_scalar_dtype(x: Any) -> str:
    """The dtype a lone Python scalar becomes: bool, int32 (int64 where it does not fit) or config.floatx()."""
    kind = weak_kind(x)
    if kind is None:
        raise TypeError(f"Not a Python scalar: {x!r}")
    if kind == WEAK_INT and not -(2**31) <= x < 2**31:
        return "int64"
    return _strengthen(kind)
