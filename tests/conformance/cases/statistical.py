"""Order statistics, averages that skip NaN, histograms, correlation."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import scipy.spatial.distance

from tests.conformance.cases.base import Raw, Table, Var, distinct, floats, ints, some
from tests.conformance.cases.gradients_base import Gradients, spread
from triceras_backends.active import backend as B

CASES = Table()
add = CASES.add
X = floats((2, 3, 4))
NAN = float("nan")
HOLES = np.array([[1, NAN, 3, -2], [NAN, NAN, NAN, NAN], [0.5, -1, NAN, 4]], "float32")
NOTHING = np.zeros((0, 3), "float32")

# -- averages and spreads ----------------------------------------------------------------------

for axis in (None, 1, -1, (0, 2)):
    add("average", X, kw={"axis": axis}, oracle=np.average, returns="float", tol=4)
add("average", X, kw={"weights": floats((2, 3, 4), low=0.5)}, oracle=np.average, returns="float", tol=8)
add("average", X, kw={"axis": -1, "weights": floats((4,), low=0.5)}, oracle=np.average, returns="float", tol=8)
add("average", X, kw={"axis": 0, "weights": floats((2,), low=0.5)}, oracle=np.average, returns="float", tol=8)
add("average", ints((3, 2), "int8"), kw={"axis": 0, "weights": ints((3,), "int8", 1, 4)}, oracle=np.average, returns="float32", tol=4)  # fmt: skip
add("average", ints((3,), "bool"), oracle=np.average, returns="float", label="bool")
add("average", floats((3,), "float16"), kw={"weights": floats((3,), "bfloat16", 0.5)}, oracle=np.average, returns="float32", tol=8)  # fmt: skip
add("average", floats((3,), "float64"), kw={"weights": floats((3,), "float64", 0.5)}, oracle=np.average, returns="float", tol=8)  # fmt: skip
add("average", floats((2,)), kw={"weights": np.array([0.0, 0.0], "float32")}, oracle=lambda x, weights: NAN, returns="float32", label="of no weight")  # fmt: skip
add("average", np.full((300,), 300.0, "float16"), kw={"weights": np.full((300,), 300.0, "float16")}, oracle=np.average, returns="float16", label="float16 sums")  # fmt: skip

REDUCED: dict[str, tuple[Any, str, list[str]]] = {
    "ptp": (np.ptp, "same", ["uint8", "int32", "int64", "float16", "bfloat16", "float64"]),
    "median": (np.median, "float", ["bool", "int8", "int32", "float16", "bfloat16", "float64"]),
    "amax": (np.amax, "same", ["bool", "int8", "float16"]),
    "amin": (np.amin, "same", ["bool", "int8", "float16"]),
}
for name, (oracle, rule, dtypes) in REDUCED.items():
    for kw in ({}, {"axis": -2}, {"axis": (-1, 0)}, {"axis": (0, -1), "keepdims": True}, {"keepdims": True}):
        add(name, X, kw=kw, oracle=oracle, returns=rule, tol=2)
    for dtype in dtypes:
        add(name, some((4, 3), dtype, 0, 9), kw={"axis": 0}, oracle=lambda x, axis, f=oracle: f(x.astype(float), axis), returns=rule, tol=2)  # fmt: skip
    add(name, HOLES, kw={"axis": 1}, oracle=oracle, returns=rule, label="NaN wins")
    add(name, floats(()), oracle=oracle, returns=rule)
    add(name, NOTHING, kw={"axis": 1}, oracle=oracle, returns=rule)
add("ptp", np.array([-np.inf, 3, np.inf], "float32"), oracle=np.ptp, returns="same", label="infinite")
add("median", np.array([1, np.inf, np.inf, 2], "float32"), oracle=lambda x: np.inf, returns="float", label="infinite")
add("median", Var(floats((4,))), oracle=np.median, returns="float")

SORTABLE = distinct((3, 5, 4))
for method in ("linear", "lower", "higher", "midpoint", "nearest"):
    for q in (np.array([0.0, 0.13, 0.5, 1.0], "float32"), np.array(0.375, "float32")):
        add("quantile", SORTABLE, q, kw={"axis": 1, "method": method}, oracle=np.quantile, returns="float32", tol=4)
    add("nanquantile", HOLES, np.array([0.2, 0.9], "float32"), kw={"axis": 1, "method": method}, oracle=np.nanquantile, returns="float32", tol=4)  # fmt: skip
    add("quantile", ints((6,), "int8"), 0.5, kw={"method": method}, oracle=np.quantile, returns="float32")
for axis, keepdims in ((None, False), (None, True), ((0, -1), True), ((2, 0), False), (-1, True)):
    kw: dict[str, Any] = {"axis": axis, "keepdims": keepdims}
    add("quantile", SORTABLE, np.array([[0.25, 0.5], [0.1, 0.9]], "float32"), kw=kw, oracle=np.quantile, returns="float32", tol=4)  # fmt: skip
    add("quantile", SORTABLE, 0.3, kw=kw, oracle=np.quantile, returns="float32", tol=4)
    add("percentile", SORTABLE, [30.0, 75.0], kw=kw, oracle=np.percentile, returns="float32", tol=4)
    add("nanpercentile", SORTABLE, 40, kw=kw, oracle=np.nanpercentile, returns="float32", tol=4)
for dtype in ("float16", "bfloat16", "float64", "bool", "int64"):
    returns = dtype if "float" in dtype else "float32"
    add("quantile", some((5,), dtype, 0, 4), 0.4, oracle=lambda x, q: np.quantile(x.astype(float), q), returns=returns)
add("percentile", floats((4,), "float16"), 37.5, oracle=np.percentile, returns="float16")
add("quantile", HOLES, 0.5, kw={"axis": 1}, oracle=np.quantile, returns="float32", label="NaN wins")
add("quantile", np.array([np.inf, np.inf, -np.inf], "float32"), np.array([0, 0.5, 1], "float32"),
    oracle=lambda x, q: np.array([-np.inf, np.inf, np.inf]), returns="float32", label="infinite")  # fmt: skip
add("quantile", floats(()), 0.5, oracle=np.quantile, returns="float32")
add("quantile", Raw(floats((3,))), 0.5, oracle=np.quantile, returns="float32")
add("quantile", NOTHING, 0.5, kw={"axis": 1}, oracle=np.quantile, returns="float32")
add("quantile", floats((4,)), np.array([-0.5, 1.5], "float32"), oracle=lambda x, q: np.array([x.min(), x.max()]), returns="float32",
    label="a tensor out of range is clipped")  # fmt: skip

# -- reductions that skip NaN --------------------------------------------------------------------


def _without_nan(name: str) -> Any:
    return lambda x, **kw: getattr(np, name)(x.astype(float), **kw)


for name, rule in (
    ("nansum", "widen"), ("nanprod", "widen"), ("nanmax", "same"), ("nanmin", "same"), ("nanmean", "float"),
    ("nanvar", "float"), ("nanstd", "float"), ("nanmedian", "float"),
):  # fmt: skip
    oracle = _without_nan(name)
    for kw in ({}, {"axis": 1}, {"axis": -2, "keepdims": True}, {"axis": (0, -1)}, {"axis": (-1, 0), "keepdims": True}):
        add(name, HOLES, kw=kw, oracle=oracle, returns=rule, tol=4)
    for dtype in ("bool", "int8", "float16", "bfloat16", "float64"):
        add(name, some((4, 2), dtype, 1, 3), kw={"axis": 0}, oracle=oracle, returns=rule, tol=4)
    add(name, np.array(NAN, "float32"), oracle=oracle, returns=rule, label="one NaN")
    add(name, np.array([np.inf, NAN, 1, 2], "float32"), oracle=oracle, returns=rule, label="infinite")
    add(name, NOTHING, kw={"axis": 1}, oracle=oracle, returns=rule)
for name in ("nansum", "nanprod", "nanmean", "nanvar"):
    add(name, NOTHING, kw={"axis": 0}, oracle=getattr(np, name), returns="same")
for name, fn in (("nanargmax", np.nanargmax), ("nanargmin", np.nanargmin)):
    add(name, HOLES, oracle=fn, returns="int32")
    add(name, HOLES[::2], kw={"axis": 1}, oracle=fn, returns="int32")
    add(name, HOLES[::2], kw={"axis": -1, "keepdims": True}, oracle=fn, returns="int32")
    add(name, HOLES, kw={"axis": 1}, oracle=lambda x, axis, fn=fn: np.array([fn(x[0]), -1, fn(x[2])]), returns="int32", label="-1 for only NaN")  # fmt: skip
    for dtype in ("bool", "int8", "float16", "bfloat16"):
        add(name, some((2, 6), dtype), kw={"axis": 1}, oracle=lambda x, axis, fn=fn: fn(x.astype(float), axis), returns="int32")  # fmt: skip
    add(name, np.array([2, NAN, 2, NAN], "float32"), oracle=fn, returns="int32", label="the first of ties")
for name, fn in (("nancumsum", np.nancumsum), ("nancumprod", np.nancumprod)):
    for axis in (None, 0, -1):
        add(name, HOLES, kw={"axis": axis}, oracle=fn, returns="same", tol=4)
    for dtype in ("int32", "int8", "float16", "bfloat16", "float64"):
        add(name, some((4,), dtype, 1, 3), oracle=fn, returns="same", tol=4)
    add(name, ints((5,), "bool"), oracle=lambda x, fn=fn: fn(x.astype(int)), returns="int32")
    add(name, np.array([1.0, NAN, 2.0], "float32"), kw={"dtype": "int32"}, oracle=lambda x, dtype, fn=fn: fn(x), returns="int32")  # fmt: skip

# -- correlation and distance ----------------------------------------------------------------------

add("corrcoef", floats((3, 6)), oracle=np.corrcoef, returns="float", tol=8)
add("corrcoef", floats((5,)), oracle=np.corrcoef, returns="float", tol=8)
add("corrcoef", floats((1, 5)), oracle=np.corrcoef, returns="float", tol=8)
for dtype in ("int8", "float16", "bfloat16", "float64"):
    add("corrcoef", some((2, 6), dtype), oracle=np.corrcoef, returns="float", tol=8)
add("corrcoef", np.array([[1, 1, 1], [1, 0, 5]], "float32"), oracle=np.corrcoef, returns="float", label="constant row")
add("corrcoef", 1e4 + floats((2, 50), low=0, high=1), oracle=np.corrcoef, returns="float", tol=200, label="large mean")

for mode in ("valid", "same", "full"):
    for n1, n2 in ((7, 3), (3, 7), (6, 4), (4, 6), (5, 1), (4, 4)):
        add("correlate", floats((n1,)), floats((n2,)), mode, oracle=np.correlate, returns="float", tol=8)
for d1, d2 in (
    ("int8", "int8"),
    ("bool", "bool"),
    ("int32", "float16"),
    ("float16", "float16"),
    ("float64", "float64"),
):
    add("correlate", some((4,), d1), some((2,), d2), oracle=lambda x, y: np.correlate(x.astype(float), y), returns="float", tol=8)  # fmt: skip

for shapes in (((4, 3), (5, 3)), ((2, 4, 3), (2, 5, 3)), ((2, 4, 3), (5, 3)), ((4, 1), (2, 1)), ((0, 3), (2, 3))):
    oracle = np.vectorize(scipy.spatial.distance.cdist, signature="(n,d),(m,d)->(n,m)")
    add("cdist", floats(shapes[0]), floats(shapes[1]), oracle=oracle, returns="float", tol=4)
for d1, d2 in (("int8", "int8"), ("float16", "float16"), ("bfloat16", "float16"), ("float64", "float64")):
    add("cdist", some((3, 2), d1), some((2, 2), d2), oracle=lambda x, y: scipy.spatial.distance.cdist(x, y), returns="float", tol=4)  # fmt: skip
add("cdist", 1e4 + floats((3, 30)), 1e4 + floats((3, 30)), oracle=scipy.spatial.distance.cdist, returns="float", tol=4, label="far from 0")  # fmt: skip

# -- counting --------------------------------------------------------------------------------------


def count(*args: Any, **kw: Any) -> None:
    add("bincount", *args, spec=False, **kw)  # a size that depends on values


COUNTED = np.array([3, 1, 1, 0, 5, 1], "int32")
count(COUNTED, oracle=np.bincount, returns="int32")
for length in (0, 3, 9):
    count(COUNTED, kw={"minlength": length}, oracle=np.bincount, returns="int32")
for dtype in ("float32", "float16", "int8", "int32", "float64"):
    count(COUNTED, kw={"weights": some((6,), dtype)}, oracle=np.bincount, returns=dtype, tol=2)
count(COUNTED, kw={"weights": ints((6,), "bool")}, oracle=np.bincount, returns="int32")
for dtype in ("bool", "uint8", "int64"):
    count(ints((5,), dtype, 0, 4), oracle=lambda x: np.bincount(x.astype(int)), returns="int32")
count(np.zeros((0,), "int32"), oracle=np.bincount, returns="int32")
count(np.zeros((0,), "int32"), kw={"minlength": 2}, oracle=np.bincount, returns="int32")
count(np.array([[1, 2], [0, 0]]).astype("int32"), oracle=lambda x: np.array([[0, 1, 1], [2, 0, 0]]), returns="int32")
count(np.array([[1, 2], [0, 0]]).astype("int32"), kw={"weights": np.array([[1, 2], [0.5, 0.25]], "float32")},
    oracle=lambda x, weights: np.array([[0, 1, 2], [0.75, 0, 0]]), returns="float32")  # fmt: skip

for kw in ({}, {"bins": 4}, {"bins": 5, "range": (-1, 1.5)}, {"bins": 1}, {"bins": 3, "range": (5.0, 9.0)}, {"range": (0, 0)}):  # fmt: skip
    add("histogram", floats((30,)), kw=kw, oracle=lambda x, **kw: np.histogram(x, **kw), returns="float", tol=2)
for dtype in ("int8", "bool", "float16", "bfloat16", "float64"):
    add("histogram", some((20,), dtype, 0, 7), kw={"bins": 4}, oracle=lambda x, bins: np.histogram(x.astype(float), bins), returns="float", tol=2)  # fmt: skip
add("histogram", np.ones((3,), "float32"), kw={"bins": 2}, oracle=np.histogram, returns="float", label="one value")
add("histogram", np.zeros((0,), "float32"), kw={"bins": 2}, oracle=np.histogram, returns="float")
add("histogram", np.array([0, 1, 1, 2, 3], "float32"), kw={"bins": 3}, oracle=np.histogram, returns="float", label="on edges")  # fmt: skip
add("histogram", np.array([0, NAN, 9, -1, 3], "float32"), kw={"bins": 3, "range": (0, 3)}, oracle=np.histogram, returns="float", label="NaN is left out")  # fmt: skip

EDGES = np.array([-1, 0, 0.5, 2], "float32")
for x in (floats((3, 4)), floats(()), np.array([-1, 0, 2, 9, -9, np.inf, NAN], "float32"), ints((5,)), floats((0,))):
    add("digitize", x, EDGES, oracle=np.digitize, returns="int32")
add("digitize", floats((4,), "float16"), EDGES.astype("float16"), oracle=np.digitize, returns="int32")
add("digitize", floats((4,)), [-1.0, 0.0, 1.0], oracle=np.digitize, returns="int32")
add("digitize", ints((4,)), [-1, 2], oracle=np.digitize, returns="int32")
add("digitize", floats((4,)), np.zeros((0,), "float32"), oracle=lambda x, bins: np.zeros(4), returns="int32")


def _unique(x: Any, size: int | None = None, fill_value: Any = 0, axis: int | None = None, **kw: Any) -> Any:
    out = np.unique(x, return_index=True, return_inverse=True, return_counts=True, axis=axis, equal_nan=False)
    values, index, inverse, counts = out
    inverse = inverse.reshape(x.shape if axis is None else -1)
    if size is not None:
        place = axis or 0
        more = max(0, size - values.shape[place])
        values = np.delete(values, range(size, values.shape[place]), place)
        widths = [(0, more if i == place else 0) for i in range(values.ndim)]
        values = np.pad(values, widths, constant_values=fill_value)
        index = np.append(index, [index[0]] * more)[:size]
        counts = np.append(counts, [0] * more)[:size]
    asked = [o for o, name in ((index, "index"), (inverse, "inverse"), (counts, "counts")) if kw.get(f"return_{name}")]
    return (values, *asked) if asked else values


EVERY = {"return_index": True, "return_inverse": True, "return_counts": True}
FEW = np.array([3, 1, 1, 2, 3, 3], "int32")
for kw in ({}, {"return_index": True}, {"return_inverse": True, "return_counts": True}, EVERY, {"sorted": False}):
    returns = ("int32",) * (1 + sum(name.startswith("return") for name in kw))
    add("unique", FEW, kw=kw, spec=False, oracle=_unique, returns=returns)
    for size in (2, 5) if kw is EVERY else ():
        add("unique", FEW, kw={**kw, "size": size}, oracle=_unique, returns=returns)
add("unique", FEW, kw={"size": 5, "fill_value": -7}, oracle=_unique, returns="int32")
ROWS = np.array([[3, 1, 0], [1, 2, 5], [3, 1, 0], [1, 1, 9]], "float32")
for axis in (0, -1):
    add("unique", ROWS, kw={"axis": axis, **EVERY}, spec=False, oracle=_unique, returns=("float32", *("int32",) * 3))
add("unique", ROWS, kw={"axis": 0, "size": 5, **EVERY}, oracle=_unique, returns=("float32", *("int32",) * 3))
add(
    "unique",
    ints((2, 2, 2), "int32", 0, 2),
    kw={"axis": 1, **EVERY},
    spec=False,
    oracle=_unique,
    returns=("int32",) * 4,
)
add("unique", ROWS, kw=EVERY, spec=False, oracle=_unique, returns=("float32", *("int32",) * 3), label="flattened")
for dtype in ("bool", "uint8", "int64", "float16", "bfloat16", "float64"):
    add("unique", some((6,), dtype, 0, 3), spec=False, oracle=_unique, returns="same")
add("unique", np.array([2, NAN, 1, NAN, -0.0, 0.0, np.inf], "float32"), kw={"return_counts": True}, spec=False,
    oracle=lambda x, **kw: ([0, 1, 2, np.inf, NAN, NAN], [2, 1, 1, 1, 1, 1]), returns=("float32", "int32"), label="NaN")  # fmt: skip
add("unique", floats(()), spec=False, oracle=_unique, returns="same")
add(
    "unique",
    np.zeros((0,), "float32"),
    kw={"return_counts": True},
    spec=False,
    oracle=_unique,
    returns=("float32", "int32"),
)
add("unique", np.zeros((0,), "int32"), kw={"size": 2}, oracle=lambda x, size: np.zeros(2), returns="int32")

for kth, axis in ((2, -1), (0, 0), (-1, 1), (5, None)):
    add("argpartition", distinct((4, 5)), kth, kw={"axis": axis}, oracle=lambda x, kth, axis: np.argsort(x, axis), returns="int32")  # fmt: skip
add(
    "argpartition",
    np.array([2, NAN, 1, 1], "float16"),
    1,
    oracle=lambda x, kth: np.array([2, 3, 0, 1]),
    returns="int32",
)
add("argpartition", ints((6,)), 3, oracle=lambda x, kth: np.argsort(x, kind="stable"), returns="int32")

SCORES = np.array([[0.1, 0.5, 0.5], [0.5, 0.5, 0.5], [np.inf, 0.2, 0.9], [NAN, 0.5, 0.1], [0.3, 0.2, 0.1]], "float32")


def _in_top_k(targets: Any, predictions: Any, k: int) -> Any:
    out = []
    for target, scores in zip(targets.ravel(), predictions.reshape(-1, predictions.shape[-1]), strict=True):
        known = 0 <= target < len(scores) and np.isfinite(scores[target])
        out.append(known and np.sum(scores > scores[target]) < k)
    return np.reshape(out, targets.shape)


for k in (0, 1, 2, 9):
    for targets in ([1, 0, 2, 1, 0], [2, 2, 0, 0, 2], [0, -1, 1, 5, 1]):
        add("in_top_k", np.array(targets, "int32"), SCORES, k, oracle=_in_top_k, returns="bool")
add("in_top_k", np.array([[1, 0]], "int32"), np.array([[[0.2, 0.5, 0.5], [0.1, 0.5, 0.5]]], "float16"), 2, oracle=_in_top_k, returns="bool")  # fmt: skip
add("in_top_k", np.array(1, "int64"), np.array([1, 5, 2], "int32"), 1, oracle=_in_top_k, returns="bool")

# -- differences -----------------------------------------------------------------------------------

for kw in ({}, {"n": 2}, {"n": 0}, {"axis": 0}, {"n": 2, "axis": 1}, {"n": 5}):
    add("diff", X, kw=kw, oracle=np.diff, returns="same", tol=4)
for dtype in ("bool", "uint8", "int8", "int64", "float16", "bfloat16", "float64"):
    add("diff", some((5,), dtype), oracle=np.diff, returns="same")
add("diff", np.zeros((0,), "float32"), oracle=np.diff, returns="same")

for kw in ({}, {"axis": 0}, {"dx": 0.5}, {"dx": 2, "axis": -2}):
    add("trapezoid", X, kw=kw, oracle=np.trapezoid, returns="float", tol=4)
add("trapezoid", X, floats((4,)), oracle=np.trapezoid, returns="float", tol=4)
add("trapezoid", X, floats((3,)), kw={"axis": 1}, oracle=np.trapezoid, returns="float", tol=4)
add("trapezoid", X, floats((2, 3, 4)), kw={"axis": -2}, oracle=np.trapezoid, returns="float", tol=4)
add("trapezoid", floats((3,)), [0.0, 1.0, 3.0], oracle=np.trapezoid, returns="float32", tol=4)
for dtype in ("int8", "float16", "bfloat16", "float64"):
    add("trapezoid", some((4,), dtype), oracle=np.trapezoid, returns="float", tol=2)
add("trapezoid", ints((3,), "bool"), oracle=lambda y: np.trapezoid(y.astype(float)), returns="float")
add("trapezoid", floats((1,)), oracle=np.trapezoid, returns="float")

# -- gradients -------------------------------------------------------------------------------------

GRADIENTS = Gradients()
grad = GRADIENTS.add
CUBE, V, M = spread(2, 3, 2), spread(5), spread(3, 4)
WITH_NAN = np.array([1.0, 0, 1, 0, 0, 1], "float64").reshape(2, 3)


def _holes(name: str, **kw: Any) -> Any:
    return lambda x: getattr(B, name)(B.where(B.cast(WITH_NAN, "bool"), NAN, x), **kw)


for _name in (
    "average",
    "ptp",
    "median",
    "amax",
    "amin",
    "nansum",
    "nanmean",
    "nanvar",
    "nanstd",
    "nanmax",
    "nanmedian",
):
    grad(_name, CUBE)
    grad(_name, CUBE, axis=1)
grad("average", M, spread(4, low=0.4, high=1.4), label="weights", fn=lambda x, w: B.average(x, axis=1, weights=w))
for _method in ("linear", "lower", "midpoint", "nearest"):
    grad("quantile", CUBE, np.array([0.2, 0.77]), label=_method, fn=lambda x, q, m=_method: B.quantile(x, q, axis=1, method=m))  # fmt: skip
grad("quantile", M, q=0.3, axis=0, keepdims=True)
grad("percentile", M, q=[30.0, 60.0])
for _name in (
    "nansum",
    "nanprod",
    "nanmean",
    "nanvar",
    "nanstd",
    "nanmax",
    "nanmin",
    "nanmedian",
    "nancumsum",
    "nancumprod",
):
    grad(_name, spread(2, 3), label="holes", fn=_holes(_name, axis=0 if _name.startswith("nancum") else None))
grad("nanquantile", spread(2, 3), label="holes", fn=_holes("nanquantile", q=0.4))
grad("nanpercentile", spread(2, 3), label="holes", fn=_holes("nanpercentile", q=40.0))
grad("corrcoef", spread(2, 5))
for _mode in ("valid", "same", "full"):
    grad("correlate", spread(5), spread(3), mode=_mode)
grad("correlate", spread(2), spread(4))
grad("cdist", spread(3, 2), spread(2, 2, low=2.0, high=4.0))
grad(
    "bincount", V, label="weights", second=False, fn=lambda w: B.bincount(np.array([1, 0, 1, 3, 1], "int32"), weights=w)
)
grad("histogram", V, label="edges", fn=lambda x: B.histogram(x, bins=3)[1])
grad("unique", V, label="values", fn=lambda x: B.square(B.unique(x, size=5)))
grad("diff", M, n=2, axis=0)
grad("trapezoid", M, spread(4), label="points", fn=lambda y, x: B.trapezoid(y, x))
grad("trapezoid", M, axis=0, dx=0.5)
FLAT = {"nanargmax", "nanargmin", "digitize", "argpartition", "in_top_k"}

AWKWARD: list[tuple[str, Any, tuple[Any, ...], Any]] = [
    ("ptp: ties share", B.ptp, ([2.0, 1.0, 2.0, 1.0],), [[0.5, -0.5, 0.5, -0.5]]),
    ("ptp of equals", B.ptp, ([2.0, 2.0],), [[0, 0]]),
    ("median of an even number", B.median, ([3.0, 1.0, 2.0, 9.0],), [[0.5, 0, 0.5, 0]]),
    ("median of equals", B.median, ([1.0, 1.0, 1.0, 1.0],), [[0, 0.5, 0.5, 0]]),
    ("median with NaN", B.median, ([1.0, NAN],), [[0, 0]]),
    ("quantile at an element", lambda x: B.quantile(x, 0.5), ([3.0, 1.0, 2.0],), [[0, 0, 1]]),
    ("quantile between infinities", lambda x: B.quantile(x, 0.5), ([math.inf, math.inf],), [[1, 0]]),
    ("nanmean skips", B.nanmean, ([1.0, NAN, 3.0],), [[0.5, 0, 0.5]]),
    ("nanmean of only NaN", lambda x: B.nansum(B.nanmean(x, axis=1)), ([[NAN, NAN], [1.0, 2.0]],), [[[0, 0], [0.5, 0.5]]]),
    ("nanvar of only NaN", lambda x: B.nansum(B.nanvar(x, axis=1)), ([[NAN, NAN], [1.0, 3.0]],), [[[0, 0], [-1, 1]]]),
    ("nanmax: ties share", B.nanmax, ([NAN, 2.0, 2.0],), [[0, 0.5, 0.5]]),
    ("nanprod with a zero", B.nanprod, ([0.0, NAN, 3.0],), [[3, 0, 0]]),
    ("cdist of equal points", B.cdist, ([[1.0, 2.0]], [[1.0, 2.0], [4.0, 6.0]]), [[[-0.6, -0.8]], [[0, 0], [0.6, 0.8]]]),
    ("unique: the first of equals", B.unique, ([2.0, 1.0, 2.0],), [[1, 1, 0]]),
]  # fmt: skip

# -- errors ----------------------------------------------------------------------------------------

A = floats((2, 3))
ERRORS: list[tuple[str, tuple[Any, ...], dict[str, Any], Any, tuple[str, ...]]] = [
    *((op, (A,), {"axis": 2}, ValueError, ("2",)) for op in (
        "average", "ptp", "median", "amax", "amin", "nansum", "nanprod", "nanmax", "nanmin", "nanmean", "nanvar",
        "nanstd", "nanmedian", "nanargmax", "nanargmin", "nancumsum", "nancumprod", "diff", "trapezoid", "unique",
    )),
    *((op, (A, 0.5), {"axis": 2}, ValueError, (op, "2", "(2, 3)")) for op in ("quantile", "percentile", "nanquantile")),
    *((op, (A, 0.5), {"method": "cubic"}, ValueError, (op, "cubic")) for op in ("quantile", "nanpercentile")),
    *((op, (NOTHING,), {"axis": 0}, ValueError, ()) for op in ("ptp", "median", "amax", "nanmax", "nanargmin", "nanmedian")),
    ("quantile", (A, 1.5), {}, ValueError, ("quantile", "1.5")),
    ("quantile", (A, [0.5, -1.0]), {}, ValueError, ("quantile", "-1")),
    ("percentile", (A, 101), {}, ValueError, ("percentile", "101")),
    ("quantile", (A, 0.5), {"axis": (0, -2)}, ValueError, ("(0, -2)",)),
    ("average", (A,), {"weights": floats((3,))}, ValueError, ("average", "(3,)", "(2, 3)")),
    ("average", (A,), {"weights": floats((2,)), "axis": 1}, ValueError, ("average", "(2, 3)")),
    ("average", (A,), {"weights": floats((2, 2))}, ValueError, ("average", "(2, 2)", "(2, 3)")),
    ("corrcoef", (floats((2, 2, 2)),), {}, ValueError, ("corrcoef", "(2, 2, 2)")),
    ("correlate", (floats((3,)), floats((2,))), {"mode": "half"}, ValueError, ("correlate", "half")),
    ("correlate", (A, floats((2,))), {}, ValueError, ("correlate", "(2, 3)")),
    ("correlate", (floats((0,)), floats((2,))), {}, ValueError, ("correlate", "(0,)")),
    ("cdist", (A, floats((2, 4))), {}, ValueError, ("cdist", "(2, 3)", "(2, 4)")),
    ("cdist", (A, floats((3,))), {}, ValueError, ("cdist", "(3,)")),
    ("bincount", (floats((3,)),), {}, TypeError, ("bincount", "float32")),
    ("bincount", (ints((3,), "int32", -3, 0),), {}, ValueError, ("bincount", "-")),
    ("bincount", (ints((2, 2, 2)),), {}, ValueError, ("bincount", "(2, 2, 2)")),
    ("bincount", (ints((3,), "int32", 0, 3),), {"weights": floats((2,))}, ValueError, ("bincount", "(2,)", "(3,)")),
    ("bincount", (ints((3,), "int32", 0, 3),), {"sparse": True}, ValueError, ("sparse",)),
    ("histogram", (floats((3,)),), {"bins": 0}, ValueError, ("histogram", "0")),
    ("histogram", (floats((3,)),), {"bins": 1.5}, TypeError, ("histogram", "1.5")),
    ("histogram", (floats((3,)),), {"range": (4, 1)}, ValueError, ("histogram", "(4, 1)")),
    ("histogram", (A,), {}, ValueError, ("histogram", "(2, 3)")),
    ("digitize", (A, A), {}, ValueError, ("digitize", "(2, 3)")),
    ("unique", (A,), {"size": -1}, ValueError, ("unique", "-1")),
    ("argpartition", (A, 3), {}, ValueError, ("argpartition", "3")),
    ("argpartition", (A, 0), {"axis": 2}, ValueError, ("argpartition", "2")),
    ("in_top_k", (ints((3,), "int32", 0, 2), A, 1), {}, ValueError, ("in_top_k", "(3,)", "(2, 3)")),
    ("in_top_k", (floats((2,)), A, 1), {}, TypeError, ("in_top_k", "float32")),
    ("diff", (A,), {"n": -1}, ValueError, ("diff", "-1")),
    ("diff", (floats(()),), {}, ValueError, ("diff",)),
    ("trapezoid", (A, floats((4,))), {}, ValueError, ("trapezoid", "(2, 3)")),
]  # fmt: skip
