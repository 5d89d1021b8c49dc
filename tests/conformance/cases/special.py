"""Special functions, rounding modes, bits and further element-wise arithmetic."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.special

from tests.conformance.cases.base import Raw, Table, Var, floats, ints, np_dtype, some
from tests.conformance.cases.gradients_base import Gradients, spread
from triceras_backends.active import backend as B

CASES = Table()
NAN, INF = np.nan, np.inf
SPECIAL = np.array([NAN, INF, -INF, 0.0, -0.0, 1.0, -1.0], "float32")
SHAPES = [(2, 0), (2, 1, 3, 2)]

# -- functions of one float ----------------------------------------------------------------------

# name: oracle, low, high, tolerance factor
FLOAT_UNARY = {
    "cbrt": (np.cbrt, -4, 4, 2),
    "exp2": (np.exp2, -3, 3, 2),
    "deg2rad": (np.deg2rad, -90, 90, 1),
    "rad2deg": (np.rad2deg, -3, 3, 1),
    "sinc": (np.sinc, -3, 3, 2),
    "i0": (scipy.special.i0, -3, 3, 4),
    "erfc": (scipy.special.erfc, -2, 2, 4),
    "fabs": (np.fabs, -3, 3, 1),
}
for name, (oracle, low, high, tol) in FLOAT_UNARY.items():
    for shape in SHAPES:
        CASES.add(name, floats(shape, "float32", low, high), oracle=oracle, returns="float", tol=tol)
    for dtype in ("float16", "bfloat16", "float64", "int32", "bool"):
        CASES.add(name, some((2, 3), dtype, low, high), oracle=oracle, returns="float", tol=tol)
    CASES.add(name, 0.5, oracle=oracle, returns="float", tol=tol)
    if name != "sinc":  # NumPy's has an invalid value at infinity
        CASES.add(name, SPECIAL, oracle=oracle, returns="float", tol=tol, label="special")
CASES.add("sinc", np.array([0.0, -0.0, 1e-20, 1e-3, 0.03, 2.0, NAN], "float32"), oracle=np.sinc, label="near 0", tol=2)
CASES.add("cbrt", np.array([-8.0, 27, 1e-30, 1e30, -0.0], "float32"), oracle=np.cbrt, label="cubes", tol=4)
CASES.add("erfc", np.array([5.0, 9.0, -9.0], "float32"), oracle=scipy.special.erfc, label="tail", tol=4)

# -- tests of one number -------------------------------------------------------------------------

for name, oracle in {"signbit": np.signbit, "isneginf": np.isneginf, "isposinf": np.isposinf}.items():
    for x in (SPECIAL[1:], SPECIAL[1:].astype("float16"), SPECIAL[1:].astype("float64"), ints((2, 3)), np.zeros((0, 2)),
              ints((3,), "uint8"), floats((2, 2), "bfloat16")):  # fmt: skip
        CASES.add(name, x, oracle=oracle, returns="bool")
    CASES.add(name, np.array([True, False]), oracle=lambda x: np.zeros(x.shape, bool), returns="bool")
    CASES.add(name, -1.0, oracle=oracle, returns="bool")
    CASES.add(name, Var(SPECIAL[1:4]), oracle=oracle, returns="bool")

# -- functions of two ----------------------------------------------------------------------------

PAIRS = [((), ()), ((0, 3), (1, 3)), ((2, 3, 1, 2), (3, 4, 2))]
MIXED = [("int32", "float32"), ("float16", "bfloat16"), ("bool", "int32")]


def _heaviside(x1: Any, x2: Any) -> Any:
    return np.heaviside(np.asarray(x1, float), x2)


def _divide_no_nan(x1: Any, x2: Any) -> Any:
    return np.where(np.asarray(x2) == 0, 0.0, np.divide(x1, x2))


# name: oracle, rule, low and high of the second operand, tolerance factor
BINARY = {
    "hypot": (np.hypot, "float", -2, 2, 2),
    "logaddexp2": (np.logaddexp2, "float", -2, 2, 2),
    "heaviside": (_heaviside, "float", -2, 2, 1),
    "divide_no_nan": (_divide_no_nan, "float", -2, 2, 1),
    "fmax": (np.fmax, "promote", -2, 2, 1),
    "fmin": (np.fmin, "promote", -2, 2, 1),
    "fmod": (np.fmod, "promote", 1, 3, 2),
}
for name, (oracle, rule, low, high, tol) in BINARY.items():
    kw: dict[str, Any] = {"oracle": oracle, "returns": rule, "tol": tol}
    for a, b in PAIRS:
        CASES.add(name, floats(a), floats(b, "float32", low, high), **kw)
    for a, b in MIXED:
        CASES.add(name, some((2, 3), a), some((3,), b, low, high), **kw)
    for x1, x2 in (
        (floats((2, 2), "float16"), 2.0), (floats((2, 2), "bfloat16"), 2), (ints((2, 2), "int32", 1, 5), 2),
        (2, ints((2, 2), "uint8", 1, 5)), (ints((2, 2), "int32", 1, 5), 1.5), (2, 3),
        (Raw(floats((2, 2))), Var(floats((2, 2), "float32", low, high))),
        (floats((2, 2), "float64"), floats((2, 2), "float64", low, high)),
    ):  # fmt: skip
        CASES.add(name, x1, x2, **kw)
for name in ("hypot", "fmax", "fmin", "heaviside", "divide_no_nan"):
    pair = [x.ravel() for x in np.meshgrid(SPECIAL, SPECIAL)]
    CASES.add(name, *pair, oracle=BINARY[name][0], returns=BINARY[name][1], label="special")
BIG = np.array([3e30, 3e-30, 0, 1e-38], "float32")
CASES.add("hypot", BIG, BIG * np.float32(4 / 3), oracle=np.hypot, returns="float", label="no overflow", tol=2)
CASES.add("logaddexp2", np.array([1000.0, -INF, -1000, INF], "float32"), np.array([1000.0, -INF, 0, 1], "float32"),
          oracle=np.logaddexp2, returns="float", label="no overflow")  # fmt: skip
SIGNS = np.array([7.5, -7.5, 7.5, -7.5, INF, 1], "float32"), np.array([2, 2, -2, -2, 2, INF], "float32")
CASES.add("fmod", *SIGNS, oracle=np.fmod, label="signs")
CASES.add(
    "fmod",
    np.array([True, True]),
    np.array([True, False]),
    oracle=lambda x, y: np.zeros(np.broadcast_shapes(x.shape, y.shape)),
    returns="int32",
)
CASES.add("fmod", np.array([1.0, 0.0], "float32"), np.zeros(2, "float32"), oracle=np.fmod, label="by 0")
for dtype in ("int32", "int8", "uint8", "int64"):
    CASES.add("fmod", ints((4,), dtype, -9, 9), np.array([0, 2, 4, 3], dtype), oracle=np.fmod, label=f"{dtype} by 0")

# -- integers ------------------------------------------------------------------------------------

TWELVES = np.array([12, -8, 0, 0, 7], "int32"), np.array([-18, 0, 0, 5, 21], "int32")
for name, oracle in {"gcd": np.gcd, "lcm": np.lcm}.items():
    CASES.add(name, *TWELVES, oracle=oracle, label="signs and zeros")
    for dtype in ("int8", "uint8", "int64", "int16"):
        CASES.add(name, ints((2, 3), dtype, 0, 12), ints((3,), dtype, 1, 9), oracle=oracle)
    CASES.add(name, ints((2, 3), "int8", 0, 9), ints((3,), "uint8", 1, 9), oracle=oracle)
    CASES.add(name, ints((2, 1, 3)), ints((4, 1)), oracle=oracle)
    CASES.add(name, ints((3,)), 4, oracle=oracle)
    CASES.add(name, 12, 18, oracle=oracle)
    CASES.add(name, ints((0, 3)), ints((3,)), oracle=oracle)

for name, oracle in {"left_shift": np.left_shift, "right_shift": np.right_shift}.items():
    for dtype in ("int32", "uint8", "int8", "int64"):
        CASES.add(name, ints((2, 3), dtype, -20, 20), ints((3,), dtype, 0, 7), oracle=oracle)
    CASES.add(name, ints((2, 3), "int8"), ints((2, 3), "uint8", 0, 4), oracle=oracle)
    CASES.add(name, ints((2, 3), "int16"), 5, oracle=oracle)
    CASES.add(name, 3, ints((3,), "uint8", 0, 4), oracle=oracle)
    CASES.add(name, np.array([True, False]), np.array([True, True]), oracle=lambda x, y, f=oracle: f(x.astype("int32"), y),
              returns="int32")  # fmt: skip
    far = np.array([-8, 8, -8, 1, -1], "int32"), np.array([33, 40, -1, 31, 32], "int32")
    CASES.add(name, *far, oracle=oracle, label="beyond the bits")
    CASES.add(name, np.array([255, 1], "uint8"), np.array([9, 8], "uint8"), oracle=oracle, label="beyond 8 bits")

for x1, x2 in (
    (floats((2, 3)), ints((3,), "int32", -9, 9)), (floats((2, 3), "float16"), ints((2, 3), "int8")),
    (floats((2, 3), "bfloat16"), ints((2, 3))), (floats((2, 3), "float64"), ints((3,), "int64", -40, 40)),
    (ints((3,)), ints((3,), "uint8", 0, 9)), (1.5, 3), (floats((0, 2)), 3), (floats((2, 2)), ints((2, 2), "uint32")),
):  # fmt: skip
    CASES.add("ldexp", x1, x2, oracle=lambda x, n: np.asarray(x, float) * 2.0 ** np.asarray(n, float), returns="float")
CASES.add("ldexp", np.array([2.0**-100, 1.0, 3.0, 0, 1e-30, 1, INF, NAN], "float32"),
          np.array([200, 130, -100, 100000, -100000, -2000000000, 5, 1], "int32"), oracle=np.ldexp, returns="float32",
          label="extremes")  # fmt: skip

# -- neighbours ----------------------------------------------------------------------------------

ONES = np.array([1.0, 1.0, -1.0, -1.0, 2.0, 1.0, NAN, 1.0, INF, 3.0], "float32")
TOWARDS = np.array([2.0, 0.0, 0.0, -2.0, 0.0, 1.0, 1.0, NAN, 0.0, INF], "float32")


def _nextafter(dtype: str) -> Any:
    """NumPy's, in that dtype."""

    def oracle(x1: Any, x2: Any) -> Any:
        return np.nextafter(np.asarray(x1, np_dtype(dtype)), np.asarray(x2, np_dtype(dtype)))

    return oracle


for dtype in ("float32", "float64", "float16", "bfloat16"):
    CASES.add("nextafter", ONES.astype(np_dtype(dtype)), TOWARDS.astype(np_dtype(dtype)), oracle=_nextafter(dtype),
              returns="float", tol=0.0)  # fmt: skip
CASES.add("nextafter", np.array([1, 2], "int32"), 3, oracle=_nextafter("float32"), returns="float32", tol=0.0)
CASES.add("nextafter", floats((2, 1)), floats((3,)), oracle=_nextafter("float32"), returns="float32", tol=0.0)
CASES.add("nextafter", 1.0, 2, oracle=_nextafter("float32"), returns="float32", tol=0.0)

# -- closeness -----------------------------------------------------------------------------------

A = np.array([1.0, INF, INF, 1.0, NAN, 100.0, 1e-9], "float32")
Z = np.array([1.000001, INF, -INF, INF, NAN, 100.1, 0.0], "float32")
for name, oracle in {"isclose": np.isclose, "allclose": np.allclose}.items():
    kw = {"oracle": oracle, "returns": "bool"}
    CASES.add(name, A, Z, **kw)
    CASES.add(name, A, Z, kw={"equal_nan": True}, **kw)
    CASES.add(name, A, Z, kw={"rtol": 1e-2, "atol": 0.0}, **kw)
    CASES.add(name, A[:2], Z[:2], **kw)
    CASES.add(name, ints((2, 3)), ints((3,)), **kw)
    CASES.add(name, np.array([10**8, 2]), np.array([10**8 + 1, 2]), **kw)
    CASES.add(name, floats((2, 3), "float16"), floats((2, 3), "float16") + np.float16(1), **kw)
    CASES.add(name, floats((2, 3), "float64"), floats((2, 3)), **kw)
    CASES.add(name, floats((2, 1)), 1.5, **kw)
    CASES.add(name, np.array([True, False]), np.array([True, True]), **kw)
    CASES.add(name, np.array([1 + 1j, 1], "complex64"), np.array([1 + 1.000001j, 2], "complex64"), **kw)
    CASES.add(name, floats((0, 2)), floats((2,)), **kw)

# -- bits as another dtype -------------------------------------------------------------------------

EIGHT = floats((2, 8))
for x, dtype in (
    (EIGHT, "int32"), (EIGHT, "uint8"), (EIGHT, "float16"), (ints((3, 8), "uint8", 0, 60), "float32"),
    (ints((2, 4), "int16"), "int32"), (ints((2, 4), "int16"), "uint16"), (floats((), "float16"), "int16"),
    (floats((2, 2), "float64"), "int32"), (ints((2, 4)), "float64"), (np.array([True, False]), "uint8"),
    (np.array([0, 1, 1], "uint8"), "bool"), (np.array([1 + 2j], "complex64"), "float32"), (floats((0, 4)), "uint8"),
):  # fmt: skip
    CASES.add("view", x, kw={"dtype": dtype}, oracle=lambda a, dtype, x=x: x.view(dtype), returns=dtype, tol=0.0)
CASES.add("view", EIGHT, oracle=lambda a: EIGHT, returns="float32")

# -- repairing values ------------------------------------------------------------------------------


def _nan_to_num(dtype: str, **fixed: Any) -> Any:
    return lambda x, **kw: np.nan_to_num(np.asarray(x).astype(dtype), **kw)


for dtype in ("float32", "float16", "float64"):
    CASES.add("nan_to_num", SPECIAL.astype(dtype), oracle=_nan_to_num(dtype), returns=dtype)
    CASES.add("nan_to_num", SPECIAL.astype(dtype), kw={"nan": 1.0, "posinf": 2, "neginf": -3.5}, oracle=_nan_to_num(dtype),
              returns=dtype)  # fmt: skip
CASES.add("nan_to_num", SPECIAL.astype(np_dtype("bfloat16")), kw={"posinf": 7.0, "neginf": 5.0},
          oracle=_nan_to_num("float32"), returns="bfloat16")  # fmt: skip
CASES.add("nan_to_num", ints((2, 3)), oracle=np.nan_to_num)
CASES.add("nan_to_num", np.array([True, False]), oracle=np.nan_to_num)
CASES.add("nan_to_num", np.array([complex(NAN, INF), 1 + 2j], "complex64"), oracle=np.nan_to_num, returns="complex64")
CASES.add(
    "nan_to_num",
    np.array([NAN, 1.0], "float32"),
    np.array([5.0, 6.0], "float32"),
    oracle=lambda x, n: np.where(np.isnan(x), n, x),
)
CASES.add("nan_to_num", NAN, oracle=np.nan_to_num, returns="float32")
CASES.add("nan_to_num", floats((2, 0, 1)), oracle=np.nan_to_num)

WILD = np.array([300.7, -300.5, 1e20, NAN, INF, -INF, -0.5, 2.0**31], "float32")


def _saturated(x: Any, dtype: str) -> Any:
    if dtype == "bool":
        return np.asarray(x).astype(bool)
    if "float" in dtype:
        limit = {"float16": 65504.0, "bfloat16": 3.3895313892515355e38, "float32": 3.4028234663852886e38}[dtype]
        return np.clip(x, -limit, limit)
    ends = np.iinfo(dtype)
    whole = [ends.max if v >= ends.max else ends.min if v <= ends.min else 0 if v != v else int(v) for v in x.tolist()]
    return np.array(whole, dtype)


for dtype in ("uint8", "int8", "int16", "int32", "uint32", "int64", "uint64", "float16", "bfloat16", "bool"):
    CASES.add("saturate_cast", WILD, dtype, oracle=_saturated, returns=dtype)
CASES.add("saturate_cast", WILD.clip(-400, 400).astype("float16"), "int32", oracle=_saturated, returns="int32")
CASES.add("saturate_cast", WILD.astype("float64") * 1e250, "float32", oracle=_saturated, returns="float32")
for a, b in (("int32", "uint8"), ("int32", "int8"), ("int8", "uint32"), ("uint8", "int8"), ("int64", "int32")):
    CASES.add("saturate_cast", ints((5,), a, -90, 90) * np.asarray(3, a), b, oracle=_saturated, returns=b)
CASES.add("saturate_cast", ints((3,)), "float16", oracle=_saturated, returns="float16")
CASES.add("saturate_cast", np.array([True, False]), "int8", oracle=lambda x, d: x.astype(d), returns="int8")

# -- gradients -------------------------------------------------------------------------------------

GRADIENTS = Gradients()
V, M, N = spread(4), spread(2, 3), spread(2, 3, low=0.6, high=2.4)
for _op in ("cbrt", "exp2", "deg2rad", "rad2deg", "sinc", "i0", "erfc", "fabs", "nan_to_num"):
    GRADIENTS.add(_op, V)
for _op in ("sinc", "i0"):
    GRADIENTS.add(_op, np.array([0.0, 0.01, 1.0]), label="about 0")
for _op in ("hypot", "logaddexp2", "fmax", "fmin", "divide_no_nan"):
    GRADIENTS.add(_op, M, N)
    GRADIENTS.add(_op, N, spread(3, low=0.7, high=1.9))
    GRADIENTS.add(_op, 0.4, N)
GRADIENTS.add("hypot", np.array([0.0, 2.0]), np.array([3.0, 0.0]), label="on an axis")
GRADIENTS.add("fmod", np.array([7.3, -7.3, 5.1]), np.array([2.0, 1.7, -3.1]))
GRADIENTS.add("ldexp", V, fn=lambda x: B.ldexp(x, np.array([3, -2, 0, 70], "int32")))
GRADIENTS.add("heaviside", np.array([-1.0, 2.0]), np.array([0.3, 0.4]))
GRADIENTS.add("saturate_cast", V, fn=lambda x: B.square(B.saturate_cast(x, "float64")))

FLAT = {"gcd", "lcm", "nextafter", "signbit", "isneginf", "isposinf", "isclose", "allclose", "left_shift", "right_shift",
        "view"}  # fmt: skip

AWKWARD = [
    ("cbrt at 0", B.cbrt, ([0.0, -8.0],), [[INF, 1 / 12]]),
    ("hypot at (0, 0)", B.hypot, ([0.0, 3.0, 0.0], [0.0, 4.0, 2.0]), [[0, 0.6, 0], [0, 0.8, 1]]),
    ("sinc at 0", B.sinc, ([0.0, 1.0],), [[0, -1]]),
    ("i0 at 0", B.i0, ([0.0],), [[0]]),
    ("fabs at 0", B.fabs, ([0.0, -2.0],), [[0, -1]]),
    ("divide_no_nan at 0", B.divide_no_nan, ([1.0, 0.0, 6.0], [0.0, 0.0, 2.0]), [[0, 0, 0.5], [0, 0, -1.5]]),
    ("divide_no_nan of NaN", B.divide_no_nan, ([NAN], [0.0]), [[0], [0]]),
    ("nan_to_num", lambda x: B.nan_to_num(x) * 2.0, ([NAN, INF, -INF, 3.0],), [[0, 0, 0, 2]]),
    ("nan_to_num by a tensor", lambda x, y: B.nan_to_num(x, nan=y), ([NAN, 3.0], [1.0, 1.0]), [[0, 1], [1, 0]]),
    ("fmax ties", B.fmax, ([1.0, 2.0], [1.0, 3.0]), [[0.5, 0], [0.5, 1]]),
    ("fmin ties", B.fmin, ([1.0, 2.0], [1.0, 3.0]), [[0.5, 1], [0.5, 0]]),
    ("fmax and NaN", B.fmax, ([NAN, 2.0], [1.0, NAN]), [[0, 1], [1, 0]]),
    ("fmin and NaN", B.fmin, ([NAN, 2.0], [1.0, NAN]), [[0, 1], [1, 0]]),
    ("ldexp far", lambda x: B.ldexp(x, np.array([100, -100], "int32")), ([1.0, 0.0],), [[2.0**100, 2.0**-100]]),
    ("heaviside at 0", B.heaviside, ([0.0, 1.0, -1.0], [0.5, 0.5, 0.5]), [[0, 0, 0], [1, 0, 0]]),
    ("logaddexp2 with -inf", B.logaddexp2, ([-INF, 0.0], [0.0, 0.0]), [[0, 0.5], [1, 0.5]]),
    ("saturate_cast at the ends", lambda x: B.cast(B.saturate_cast(x, "float16"), "float32"),
     ([1e6, 65504.0, -65504.0, 5.0, -1e6],), [[0, 1, 1, 1, 0]]),
    ("fmod by its divisor", B.fmod, ([7.0, -7.0], [3.0, 3.0]), [[1, 1], [-2, 2]]),
]  # fmt: skip

# -- refusals --------------------------------------------------------------------------------------

X, Y = floats((2, 3)), floats((4,))
C = np.array([1j, 2.0], "complex64")
ERRORS = [
    *((op, (X, Y), {}, ValueError, (op, "(2, 3)", "(4,)")) for op in (*BINARY, "nextafter", "isclose")),
    *((op, (ints((2, 3)), ints((4,))), {}, ValueError, (op, "(2, 3)", "(4,)"))
      for op in ("gcd", "lcm", "left_shift", "right_shift")),
    *((op, (X, X), {}, TypeError, (op, "float32")) for op in ("gcd", "lcm", "left_shift", "right_shift", "ldexp")),
    *((op, (floats((3,), "float16"), floats((3,), "float16")), {}, TypeError, (op, "float16"))
      for op in ("gcd", "left_shift", "bitwise_and", "bitwise_or", "bitwise_xor")),
    ("gcd", (np.array([True]), np.array([True])), {}, TypeError, ("gcd", "bool")),
    ("bitwise_not", (X,), {}, TypeError, ("bitwise_not", "float32")),
    *((op, (C,), {}, TypeError, (op, "complex64")) for op in ("fabs", "signbit", "isneginf", "isposinf")),
    ("view", (ints((3, 3), "uint8"), "int32"), {}, ValueError, ("view", "(3, 3)", "int32")),
    ("view", (floats(()), "uint8"), {}, ValueError, ("view", "uint8")),
    ("view", (X, "float33"), {}, ValueError, ("float33",)),
    ("saturate_cast", (X, "int33"), {}, ValueError, ("int33",)),
]  # fmt: skip
