"""Reductions: axes, keepdims, dtypes, empty input, NaN."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.special

from tests.conformance.cases.base import Raw, Table, Var, floats, ints, some

CASES = Table()
AXES = [None, -1, (0, 2), (-1, 0)]
NANS = np.array([[1.0, np.nan, 3.0], [np.inf, -np.inf, 0.0]], "float32")

# name: oracle, rule, dtypes besides float32, whether NumPy reduces nothing to a value
REDUCTIONS: dict[str, tuple[Any, str, list[str], bool]] = {
    "sum": (
        np.sum,
        "widen",
        ["bool", "int8", "uint8", "int16", "int32", "int64", "float16", "bfloat16", "float64"],
        True,
    ),
    "prod": (np.prod, "widen", ["bool", "int8", "uint16", "int32", "int64", "float16", "bfloat16", "float64"], True),
    "mean": (np.mean, "float", ["bool", "int8", "int32", "float16", "bfloat16", "float64"], True),
    "var": (np.var, "float", ["bool", "int8", "int32", "float16", "bfloat16", "float64"], False),
    "std": (np.std, "float", ["int32", "float16", "bfloat16", "float64"], False),
    "max": (np.max, "same", ["int8", "uint8", "int32", "int64", "float16", "bfloat16", "float64", "bool"], False),
    "min": (np.min, "same", ["int8", "uint8", "int32", "int64", "float16", "bfloat16", "float64", "bool"], False),
    "all": (np.all, "bool", ["bool", "int32", "float16"], True),
    "any": (np.any, "bool", ["bool", "int32", "float16"], True),
    "logsumexp": (scipy.special.logsumexp, "float", ["int32", "float16", "bfloat16", "float64"], False),
}
for name, (oracle, rule, dtypes, on_nothing) in REDUCTIONS.items():
    tol = 4 if name in ("prod", "var", "std", "logsumexp") else 2
    x = floats((2, 3, 4)).round() if name in ("all", "any") else floats((2, 3, 4))
    for axis in AXES:
        CASES.add(name, x, kw={"axis": axis}, oracle=oracle, returns=rule, tol=tol)
    for axis in (None, (0, 2)):
        CASES.add(name, x, kw={"axis": axis, "keepdims": True}, oracle=oracle, returns=rule, tol=tol)
    CASES.add(name, floats(()), oracle=oracle, returns=rule, tol=tol)
    CASES.add(name, floats((1,)), kw={"axis": -1}, oracle=oracle, returns=rule, tol=tol)
    for dtype in dtypes:
        CASES.add(name, some((3, 2), dtype, 1, 3), kw={"axis": 0}, oracle=oracle, returns=rule, tol=tol)
    for axis in (0, 1):
        special = np.nan_to_num(NANS, posinf=2, neginf=-2, nan=np.nan) if name == "logsumexp" else NANS
        CASES.add(name, special, kw={"axis": axis}, oracle=oracle, returns=rule, tol=tol, label=f"special,axis={axis}")
    CASES.add(name, np.zeros((0, 3), "float32"), kw={"axis": 1}, oracle=oracle, returns=rule)
    if on_nothing:
        CASES.add(name, np.zeros((0, 3), "float32"), kw={"axis": 0}, oracle=oracle, returns=rule)
        CASES.add(name, np.zeros((2, 0), "float32"), oracle=oracle, returns=rule)
    CASES.add(name, Var(floats((2, 3))), kw={"axis": 1}, oracle=oracle, returns=rule, tol=tol)
    CASES.add(name, Raw(floats((2, 3))), kw={"axis": 1}, oracle=oracle, returns=rule, tol=tol)

CASES.add("prod", floats((3,)), kw={"dtype": "float16"}, oracle=lambda x, dtype: np.prod(x), returns="float16")
CASES.add("prod", ints((3,), "int8", 2, 5), kw={"dtype": "int32"}, oracle=lambda x, dtype: np.prod(x), returns="int32")
CASES.add("sum", np.full((300,), 120, "int8"), oracle=np.sum, returns="int32", label="no int8 overflow")
CASES.add("mean", np.full((300,), 120, "int8"), oracle=np.mean, returns="float32", label="no int8 overflow")
CASES.add(
    "var",
    np.array([300.0, -300.0, 280, 0], "float16"),
    oracle=np.var,
    returns="float16",
    label="float16 squares overflow",
)
CASES.add("var", floats((100,), low=1000, high=1001), oracle=np.var, returns="float", tol=500, label="large mean")
CASES.add(
    "logsumexp",
    np.array([1000.0, 1000.0, -1000], "float32"),
    oracle=scipy.special.logsumexp,
    returns="float",
    label="large",
)
CASES.add(
    "logsumexp",
    np.array([-np.inf, -np.inf], "float32"),
    oracle=scipy.special.logsumexp,
    returns="float",
    label="log of 0",
)
CASES.add("logsumexp", np.array([np.inf, 1], "float32"), oracle=scipy.special.logsumexp, returns="float", label="inf")
for name, fn in (("max", np.max), ("min", np.min)):
    CASES.add(name, floats((2, 3)), kw={"axis": 1, "initial": 0.5}, oracle=fn, returns="same")
    CASES.add(name, np.zeros((0, 3), "float32"), kw={"axis": 0, "initial": 1.0}, oracle=fn, returns="same")
    CASES.add(name, ints((2, 3)), kw={"initial": 2}, oracle=fn, returns="same")

for name, fn in (("argmax", np.argmax), ("argmin", np.argmin)):
    for axis in (None, 0, 1, -1):
        CASES.add(name, floats((2, 3, 4)), kw={"axis": axis}, oracle=fn, returns="int32")
        CASES.add(name, ints((3, 5), "int32", 0, 3), kw={"axis": axis and min(axis, 1)}, oracle=fn, returns="int32")
    CASES.add(name, floats((2, 3)), kw={"axis": 1, "keepdims": True}, oracle=fn, returns="int32")
    CASES.add(name, floats((2, 3)), kw={"keepdims": True}, oracle=fn, returns="int32")
    CASES.add(name, np.ones((2, 4), "float32"), kw={"axis": 1}, oracle=fn, returns="int32", label="ties")
    CASES.add(name, floats(()), oracle=fn, returns="int32")
    for dtype in ("int8", "uint8", "float16", "bfloat16", "int64", "float64", "bool"):
        CASES.add(name, some((2, 6), dtype), kw={"axis": 1}, oracle=fn, returns="int32")
    CASES.add(name, np.zeros((0, 3), "float32"), kw={"axis": 1}, oracle=fn, returns="int32")
    CASES.add(name, NANS[:1], kw={"axis": 1}, oracle=fn, returns="int32", label="NaN wins")

for axis in (None, 0, (0, 1), -1):
    CASES.add(
        "count_nonzero", ints((2, 3, 2), "int32", 0, 2), kw={"axis": axis}, oracle=np.count_nonzero, returns="int32"
    )
for x in (np.array([0.0, -0.0, np.nan, 1], "float32"), np.array(3), np.zeros((0,), "float32"), ints((2, 3), "bool")):
    CASES.add("count_nonzero", x, oracle=np.count_nonzero, returns="int32")

for name, fn in (("cumsum", np.cumsum), ("cumprod", np.cumprod)):
    for axis in (None, 0, 1, -1):
        CASES.add(name, floats((2, 3, 4)), kw={"axis": axis}, oracle=fn, returns="same", tol=4)
    for dtype in ("int32", "int64", "uint8", "int8", "float16", "bfloat16", "float64"):
        CASES.add(name, some((4,), dtype, 1, 3), kw={"axis": 0}, oracle=fn, returns="same", tol=4)
    CASES.add(
        name, ints((5,), "bool"), kw={"axis": 0}, oracle=lambda x, axis, fn=fn: fn(x.astype(int)), returns="int32"
    )
    CASES.add(name, ints((4,), "int8", 1, 3), kw={"dtype": "float32"}, oracle=fn, returns="float32")
    CASES.add(name, np.zeros((0, 2), "float32"), kw={"axis": 0}, oracle=fn, returns="same")
    CASES.add(name, floats((1,)), kw={"axis": 0}, oracle=fn, returns="same")
    CASES.add(name, np.array([1.0, np.nan, 2.0], "float32"), kw={"axis": 0}, oracle=fn, returns="same", label="NaN")
