"""Further ways to make tensors: copies, spaced numbers, windows."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.conformance.cases.base import Raw, Table, Var, floats, ints, some
from tests.conformance.cases.gradients_base import Gradients, spread
from triceras_backends import config
from triceras_backends.active import backend as B

CASES = Table()

# -- copies ------------------------------------------------------------------------------

for x in (floats((2, 3)), ints((3,), "int8"), np.zeros((0, 2), "bool"), floats((), "bfloat16")):
    CASES.add("copy", x, oracle=np.array)
    CASES.add("array", x, oracle=np.array)
CASES.add("copy", Var(floats((2,))), oracle=np.array)
CASES.add("array", Var(floats((2,))), oracle=np.array)
CASES.add("array", [1, 2], oracle=np.array, returns="int32")
CASES.add("array", [[1.0], [2.5]], oracle=np.array, returns="float32")
CASES.add("array", 3, oracle=np.array, returns="int32")
CASES.add("array", Raw(floats((2, 3))), oracle=np.array, returns="float32")
CASES.add("array", [1, 2], kw={"dtype": "float16"}, oracle=lambda x, dtype: np.array(x), returns="float16")
CASES.add("array", floats((3,)), kw={"dtype": "bfloat16"}, oracle=lambda x, dtype: np.array(x), returns="bfloat16")


def _shapes(out: list[Any]) -> list[Any]:
    """Nothing but the shapes: the values are not defined."""
    return [np.zeros(x.shape) for x in out]


for shape in ((), 3, (2, 0), (2, 1, 3)):
    CASES.add("empty", kw={"shape": shape}, oracle=lambda shape: np.zeros(shape), returns="float32", post=_shapes)
for dtype in ("int8", "bool", "bfloat16"):
    CASES.add("empty", (2, 3), kw={"dtype": dtype}, oracle=lambda s, dtype: np.zeros(s), returns=dtype, post=_shapes)
    x = some((2, 3), dtype)
    CASES.add("empty_like", x, oracle=lambda x: np.zeros(x.shape), returns="same", post=_shapes)
    kw: dict[str, Any] = {"dtype": "float32"}
    CASES.add("empty_like", x, kw=kw, oracle=lambda x, dtype: np.zeros(x.shape), returns="float32", post=_shapes)

# -- spaced numbers ----------------------------------------------------------------------

SPACED = ({}, {"num": 5}, {"num": 5, "endpoint": False}, {"num": 1}, {"num": 0}, {"num": 3, "dtype": "float16"})
for kw in SPACED:
    CASES.add("logspace", 0.0, 2.0, kw=kw, oracle=np.logspace, returns=kw.get("dtype", "float32"), tol=4)
    CASES.add("geomspace", 1.0, 50.0, kw=kw, oracle=np.geomspace, returns=kw.get("dtype", "float32"), tol=4)
CASES.add(
    "logspace", 0, 3, kw={"num": 4, "dtype": "int32"}, oracle=lambda a, b, **kw: [[1, 10, 100, 1000]], returns="int32"
)
CASES.add("logspace", 0, 1, kw={"num": 4, "dtype": "int8"}, oracle=np.logspace, returns="int8")
CASES.add("logspace", 0, 10, kw={"num": 6, "base": 2}, oracle=np.logspace, returns="float32", tol=4)
CASES.add("logspace", floats((2, 3)), floats((3,)), kw={"num": 4}, oracle=np.logspace, tol=8)
CASES.add("logspace", floats((2, 3)), 1.0, kw={"num": 4, "axis": -1}, oracle=np.logspace, tol=8)
CASES.add(
    "logspace",
    floats((2,)),
    floats((2,), low=2, high=3),
    kw={"num": 3, "base": np.array([2.0, 3.0], "float32"), "axis": 1},
    oracle=np.logspace,
    tol=8,
)
CASES.add("logspace", floats((2,), "float16"), 1.0, kw={"num": 3}, oracle=np.logspace, tol=8)
CASES.add("logspace", floats((2,), "float64"), 1.0, kw={"num": 3}, oracle=np.logspace, returns="float64", tol=8)
CASES.add("geomspace", -1, -1000, kw={"num": 4}, oracle=np.geomspace, returns="float32", tol=8)
CASES.add(
    "geomspace", 1, 256, kw={"num": 9, "dtype": "int32"}, oracle=lambda a, b, **kw: [2 ** np.arange(9)], returns="int32"
)
CASES.add("geomspace", 1e-30, 1e30, kw={"num": 5}, oracle=np.geomspace, returns="float32", tol=20)
CASES.add("geomspace", -1.0, 4.0, kw={"num": 3}, oracle=lambda *a, **kw: np.array([-1, np.nan, 4]), returns="float32")
CASES.add("geomspace", 0.0, 4.0, kw={"num": 3}, oracle=lambda *a, **kw: np.array([0, np.nan, 4]), returns="float32")
LOW, HIGH = floats((2, 3), low=0.5, high=1), floats((3,), low=3, high=4)
for axis in (0, 1, -1):
    CASES.add("geomspace", LOW, HIGH, kw={"num": 4, "axis": axis}, oracle=np.geomspace, tol=8)
CASES.add("geomspace", floats((2,), "bfloat16", 1, 2), 4.0, kw={"num": 3}, oracle=np.geomspace)

# -- windows -----------------------------------------------------------------------------

for name, fn in (
    ("bartlett", np.bartlett),
    ("blackman", np.blackman),
    ("hamming", np.hamming),
    ("hanning", np.hanning),
):
    for n in (0, 1, 2, 5, 8):
        CASES.add(name, n, oracle=fn, returns="float32")
    CASES.add(name, np.array(6), oracle=lambda n, fn=fn: fn(int(n)), returns="float32", spec=False)
for n in (0, 1, 2, 5, 8):
    CASES.add("kaiser", n, 8.6, oracle=np.kaiser, returns="float32", tol=4)
for beta in (0, np.array(2.5, "float32"), -3.0, 300.0):
    CASES.add("kaiser", 7, beta, oracle=np.kaiser, returns="float32", tol=20)

# -- matrices ----------------------------------------------------------------------------

for kw in ({"N": 3}, {"N": 2, "M": 4}, {"N": 3, "k": 1}, {"N": 3, "M": 2, "k": -1}, {"N": 2, "k": -5}, {"N": 0},
           {"N": 2, "dtype": "int8"}, {"N": 2, "dtype": "bool"}, {"N": 2, "dtype": "bfloat16"}):  # fmt: skip
    oracle = lambda N, M=None, k=0, dtype=None: np.tri(N, M, k)  # noqa: E731
    CASES.add("tri", kw=kw, oracle=oracle, returns=kw.get("dtype", "float32"))
for kw in ({}, {"N": 2}, {"N": 5, "increasing": True}, {"N": 0}, {"N": 1}):
    CASES.add("vander", floats((3,)), kw=kw, oracle=np.vander, tol=2)
for x in (ints((3,)), ints((3,), "int8", 0, 3), floats((3,), "bfloat16"), np.zeros((2,), "float32")):
    CASES.add("vander", x, oracle=np.vander)
CASES.add("vander", ints((3,), "bool"), oracle=lambda x: np.vander(x.astype(int)), returns="int32")
CASES.add("vander", np.zeros((0,), "float32"), oracle=np.vander)
for k in (0, 2, -1):
    CASES.add("diagflat", floats((2, 2)), kw={"k": k}, oracle=np.diagflat)
for x in (ints((3,), "int8"), ints((2,), "bool"), floats((), "float16"), np.zeros((0,), "float32")):
    CASES.add("diagflat", x, oracle=np.diagflat)

# -- gradients ---------------------------------------------------------------------------

GRADIENTS = Gradients()
V = spread(4)
GRADIENTS.add("array", V, fn=lambda x: B.square(B.array(x)))
GRADIENTS.add("copy", V, fn=lambda x: B.square(B.copy(x)))
GRADIENTS.add(
    "logspace", spread(2), spread(2, low=2.0, high=3.0), label="ends", fn=lambda a, b: B.logspace(a, b, 4, base=2.0)
)
GRADIENTS.add("logspace", np.array(2.0), label="base", fn=lambda base: B.logspace(0.5, 2.0, 3, base=base))
GRADIENTS.add("geomspace", spread(2, low=0.5, high=1.0), spread(2, low=2.0, high=3.0), num=4)
GRADIENTS.add("geomspace", spread(2, low=-1.0, high=-0.5), label="negative", fn=lambda a: B.geomspace(a, -3.0, 4))


def _kaiser(beta: Any) -> Any:
    """In double precision, which the default float decides."""
    config.set_floatx("float64")
    try:
        return B.kaiser(5, beta)
    finally:
        config.set_floatx("float32")


GRADIENTS.add("kaiser", np.array(2.5), fn=_kaiser)
GRADIENTS.add("vander", V)
GRADIENTS.add("vander", np.array([0.0, 1.5]), label="at 0", fn=lambda x: B.vander(x, 3, True))
GRADIENTS.add("diagflat", spread(2, 2), k=1)

FLAT = {"empty", "empty_like", "bartlett", "blackman", "hamming", "hanning", "tri"}

# -- bad input ---------------------------------------------------------------------------

A = floats((2, 3))
WINDOWS = ("bartlett", "blackman", "hamming", "hanning")
ERRORS: list[Any] = [
    ("logspace", (0.0, 1.0), {"num": -1}, ValueError, ("logspace", "-1")),
    ("geomspace", (1.0, 2.0), {"num": -2}, ValueError, ("geomspace", "-2")),
    *((name, (-3,), {}, ValueError, (name, "-3")) for name in WINDOWS),
    *((name, (2.5,), {}, TypeError, (name, "2.5")) for name in WINDOWS),
    *((name, (ints((2,)),), {}, TypeError, (name,)) for name in WINDOWS),
    ("kaiser", (-3, 1.0), {}, ValueError, ("kaiser", "-3")),
    ("vander", (A,), {}, ValueError, ("vander", "(2, 3)")),
    ("vander", (floats((3,)), -1), {}, ValueError, ("vander", "-1")),
    ("array", ([[1.0], [1.0, 2.0]],), {}, ValueError, ()),
    ("array", ([1.0],), {"dtype": "flaot"}, ValueError, ("flaot",)),
    ("empty", ((2,),), {"dtype": "flaot"}, ValueError, ("flaot",)),
]
