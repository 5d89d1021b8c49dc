"""What a case is, and how its arguments become tensors, specs or the oracle's arrays."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import ml_dtypes
import numpy as np

from tests.conformance.cases.promotion import as_float, kind_of, promote, widened

BFLOAT16 = np.dtype(ml_dtypes.bfloat16)
WIDE = ("int64", "uint64", "float64", "complex128")
# Relative and absolute tolerance by the result's dtype; a case may multiply them by its `tol`.
TOLERANCE = {
    "float64": 1e-13,
    "float32": 2e-6,
    "float16": 2e-3,
    "bfloat16": 1.6e-2,
    "complex64": 2e-6,
    "complex128": 1e-13,
}


@dataclass(frozen=True)
class Raw:
    """An argument to be passed as it is, not as a tensor."""

    value: Any


@dataclass(frozen=True)
class Var:
    """An argument to be passed as a Variable with this initial value."""

    value: Any


@dataclass(frozen=True)
class Case:
    """One call of a primitive and what it must give.

    `args` and `kw`: NumPy arrays in them become tensors. `oracle` is called with the same
    arguments as NumPy arrays, floats widened to float64. `returns`: the rule or name of the
    result's dtype, or a tuple with one an output. `post` turns the results (as NumPy arrays)
    and the arguments into what is compared with the oracle's, for results that are not unique.
    """

    op: str
    args: tuple[Any, ...]
    kw: dict[str, Any]
    oracle: Callable[..., Any]
    returns: Any
    label: str
    tol: float = 1.0
    post: Callable[..., Any] | None = None
    spec: bool = True

    @property
    def id(self) -> str:
        return f"{self.op}-{self.label}"

    @property
    def dtypes(self) -> list[str]:
        """The expected dtype of each output."""
        rules = self.returns if isinstance(self.returns, tuple) else (self.returns,)
        return [resolve(rule, self.args) for rule in rules]

    @property
    def wide(self) -> bool:
        """Whether 64-bit dtypes take part."""
        arrays = [leaf for leaf in leaves((self.args, self.kw)) if isinstance(leaf, np.ndarray)]
        return any(name in WIDE for name in [*self.dtypes, *(a.dtype.name for a in arrays)])

    def expected(self) -> list[np.ndarray[Any, Any]]:
        """The oracle's outputs in the expected dtypes."""
        widen = _widen_all if self.returns in ("float", ("float",)) else _widen
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # the mean of nothing
            out = self.oracle(*convert(self.args, widen, bare), **convert(self.kw, widen, bare))
            out = list(out) if isinstance(out, (list, tuple)) else [out]
            names = self.dtypes if len(self.dtypes) == len(out) else self.dtypes * len(out)
            return [np.asarray(o).astype(np_dtype(n)) for o, n in zip(out, names, strict=True)]


def bare(marked: Any) -> Any:
    """The value in a Raw or Var."""
    return marked.value


def np_dtype(name: str) -> np.dtype[Any]:
    return BFLOAT16 if name == "bfloat16" else np.dtype(name)


def _widen(a: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    return a.astype(np.float64) if a.dtype == BFLOAT16 or a.dtype.kind == "f" else a


def _widen_all(a: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    return a if a.dtype.kind == "c" else a.astype(np.float64)


def convert(x: Any, array: Callable[[Any], Any], marked: Callable[[Any], Any]) -> Any:
    """The tree x of lists, tuples and dicts with `array` applied to arrays and `marked` to Raw and Var."""
    if isinstance(x, np.ndarray):
        return array(x)
    if isinstance(x, (Raw, Var)):
        value = marked(x)
        return convert(value, array, marked) if marked is bare and isinstance(value, np.ndarray) else value
    if type(x) in (list, tuple):
        return type(x)(convert(item, array, marked) for item in x)
    return {key: convert(item, array, marked) for key, item in x.items()} if isinstance(x, dict) else x


def leaves(x: Any) -> list[Any]:
    """Arrays, scalars and other leaves of a tree, with Raw and Var opened."""
    if isinstance(x, (Raw, Var)):
        return leaves(x.value)
    if isinstance(x, dict):
        x = list(x.values())
    return [leaf for item in x for leaf in leaves(item)] if isinstance(x, (list, tuple)) else [x]


def resolve(rule: str, args: tuple[Any, ...]) -> str:
    """The dtype a rule gives for these arguments: "promote", "float", "same", "widen", or a dtype itself."""
    if rule not in ("promote", "float", "same", "widen"):
        return rule
    operands = [leaf for leaf in leaves(args) if isinstance(leaf, (np.ndarray, bool, int, float))]
    if rule in ("same", "widen"):
        first = promote(kind_of(operands[0]))
        return first if rule == "same" else widened(first)
    dtype = promote(*(kind_of(x) for x in operands))
    return as_float(dtype) if rule == "float" else dtype


def describe(x: Any) -> str:
    """An argument as it stands in a case's id."""
    if isinstance(x, np.ndarray):
        return x.dtype.name + str(list(x.shape)).replace(" ", "")
    if isinstance(x, Raw):
        return f"numpy:{describe(x.value)}"
    if isinstance(x, Var):
        return f"variable:{describe(x.value)}"
    if type(x) in (list, tuple):
        inner = ",".join(describe(item) for item in x)
        return f"[{inner}]" if isinstance(x, list) else f"({inner})"
    return "..." if x is Ellipsis else str(x).replace(" ", "").replace(",None)", ")")


class Table(list[Case]):
    """Cases, with ids made from their arguments."""

    def __init__(self) -> None:
        super().__init__()
        self._seen: dict[str, int] = {}

    def add(
        self,
        op: str,
        *args: Any,
        oracle: Callable[..., Any],
        kw: dict[str, Any] | None = None,
        returns: Any = "promote",
        label: str = "",
        tol: float = 1.0,
        post: Callable[..., Any] | None = None,
        spec: bool = True,
    ) -> None:
        kw = kw or {}
        parts = [describe(x) for x in args] + [f"{key}={describe(value)}" for key, value in kw.items()]
        label = label or ",".join(parts)[:90]
        seen = self._seen[op + label] = self._seen.get(op + label, 0) + 1
        self.append(Case(op, args, kw, oracle, returns, label + (f"~{seen}" if seen > 1 else ""), tol, post, spec))


def rng(*key: Any) -> np.random.Generator:
    """A generator that depends on `key` only, so that adding a case changes no other."""
    return np.random.default_rng([ord(c) for c in repr(key)])


def floats(shape: Any, dtype: str = "float32", low: float = -2.0, high: float = 2.0) -> np.ndarray[Any, Any]:
    """Numbers in [low, high) that are already exact in `dtype`."""
    values = rng("floats", shape, low, high).uniform(low, high, shape)
    return np.asarray(values).astype(np_dtype(dtype))


def ints(shape: Any, dtype: str = "int32", low: int = -5, high: int = 6) -> np.ndarray[Any, Any]:
    """Integers in [low, high), or booleans."""
    low = 0 if dtype.startswith("uint") or dtype == "bool" else low
    values = rng("ints", shape, low, high).integers(low, 2 if dtype == "bool" else high, shape)
    return np.asarray(values).astype(dtype)


def some(shape: Any, dtype: str, low: float = -2.0, high: float = 2.0) -> np.ndarray[Any, Any]:
    """Floats or integers by the dtype's kind."""
    if "float" in dtype:
        return floats(shape, dtype, low, high)
    return ints(shape, dtype, int(np.ceil(low)), max(int(high) + 1, int(np.ceil(low)) + 1))


def distinct(shape: Any, dtype: str = "float32") -> np.ndarray[Any, Any]:
    """Numbers without ties, shuffled."""
    size = int(np.prod(shape))
    return rng("distinct", shape).permutation(size).reshape(shape).astype(np_dtype(dtype))
