"""Element-wise cases: every function over ranks 0 to 4, dtypes, scalars, special values."""

from __future__ import annotations

import numpy as np
import scipy.special

from tests.conformance.cases.base import Raw, Table, Var, floats, ints, some

CASES = Table()
# Few shapes and many functions: JAX compiles each anew. Ranks are the property tests' matter.
SHAPES = [(), (2, 0), (2, 1, 3, 2)]
SPECIAL = np.array([np.nan, np.inf, -np.inf, 0.0, -0.0, 1.0, -1.0], "float32")

# name: oracle, low, high, tolerance factor
FLOAT_UNARY = {
    "reciprocal": (np.reciprocal, 0.5, 3, 1),
    "sqrt": (np.sqrt, 0, 4, 1),
    "rsqrt": (lambda x: 1 / np.sqrt(x), 0.5, 4, 1),
    "exp": (np.exp, -3, 3, 2),
    "expm1": (np.expm1, -2, 2, 2),
    "log": (np.log, 0.5, 4, 2),
    "log1p": (np.log1p, -0.5, 3, 2),
    "log2": (np.log2, 0.5, 4, 2),
    "log10": (np.log10, 0.5, 4, 2),
    "sin": (np.sin, -3, 3, 2),
    "cos": (np.cos, -3, 3, 2),
    "tan": (np.tan, -1, 1, 3),
    "arcsin": (np.arcsin, -0.9, 0.9, 3),
    "arccos": (np.arccos, -0.9, 0.9, 3),
    "arctan": (np.arctan, -3, 3, 2),
    "sinh": (np.sinh, -2, 2, 4),
    "cosh": (np.cosh, -2, 2, 4),
    "tanh": (np.tanh, -2, 2, 4),
    "arcsinh": (np.arcsinh, -3, 3, 4),
    "arccosh": (np.arccosh, 1.5, 4, 4),
    "arctanh": (np.arctanh, -0.8, 0.8, 4),
    "erf": (scipy.special.erf, -2, 2, 4),
    "erfinv": (scipy.special.erfinv, -0.9, 0.9, 4),
    "floor": (np.floor, -3, 3, 1),
    "ceil": (np.ceil, -3, 3, 1),
}
FLOAT_DTYPES = ["float16", "bfloat16", "float64", "int32", "bool"]

for name, (oracle, low, high, tol) in FLOAT_UNARY.items():
    for shape in SHAPES:
        CASES.add(name, floats(shape, "float32", low, high), oracle=oracle, returns="float", tol=tol)
    for dtype in FLOAT_DTYPES:
        CASES.add(name, some((2, 3), dtype, low, high), oracle=oracle, returns="float", tol=tol)
    CASES.add(name, SPECIAL, oracle=oracle, returns="float", tol=tol, label="special")
    CASES.add(name, 0.5 if name != "arccosh" else 1.5, oracle=oracle, returns="float", tol=tol)
    CASES.add(name, Var(floats((2, 1, 3, 2), "float32", low, high)), oracle=oracle, returns="float", tol=tol)

# Oracle, dtypes besides float32.
SAME_UNARY = {
    "negative": (np.negative, ["float16", "bfloat16", "float64", "int32", "int8", "int64"]),
    "abs": (np.abs, ["float16", "bfloat16", "float64", "int32", "int8", "int64", "uint8"]),
    "sign": (np.sign, ["float16", "bfloat16", "float64", "int32", "int8", "int64"]),
    "square": (np.square, ["float16", "bfloat16", "float64", "int32", "uint8", "int64"]),
    "trunc": (np.trunc, ["float16", "bfloat16", "float64", "int32", "int8"]),
    "round": (np.round, ["float16", "bfloat16", "float64", "int32", "int64"]),
}
for name, (oracle, dtypes) in SAME_UNARY.items():
    for shape in SHAPES:
        CASES.add(name, floats(shape, "float32", -3, 3), oracle=oracle)
    for dtype in dtypes:
        CASES.add(name, some((2, 3), dtype, -3, 3), oracle=oracle)
    CASES.add(name, SPECIAL, oracle=oracle, label="special")
    CASES.add(name, -1.5, oracle=oracle)
    CASES.add(name, Raw(floats((3,))), oracle=oracle)
CASES.add("square", np.array([True, False]), oracle=lambda x: x.astype(int), returns="int32")
CASES.add("abs", np.array([3 + 4j, -1j], "complex64"), oracle=np.abs, returns="float32")
CASES.add("round", np.array([0.5, 1.5, 2.5, -0.5, -1.5], "float32"), oracle=np.round, label="halves to even")
CASES.add("round", floats((5,)), kw={"decimals": 2}, oracle=np.round, tol=2)
CASES.add("round", ints((5,), "int32", -500, 500), kw={"decimals": -2}, oracle=np.round)

PREDICATES = {"isnan": np.isnan, "isinf": np.isinf, "isfinite": np.isfinite}
for name, oracle in PREDICATES.items():
    for x in (
        SPECIAL,
        SPECIAL.astype("float16"),
        SPECIAL.astype("float64"),
        ints((2, 3)),
        np.array(True),
        np.zeros((0, 2)),
    ):
        CASES.add(name, x, oracle=oracle, returns="bool")
    CASES.add(name, floats((2, 2), "bfloat16"), oracle=oracle, returns="bool")
    CASES.add(name, 1.0, oracle=oracle, returns="bool")

# -- two operands --------------------------------------------------------------------------

BROADCASTS = [((), ()), ((3,), ()), ((0, 3), (1, 3)), ((2, 3, 1, 2), (3, 4, 2))]
MIXED = [
    ("int32", "float32"), ("int8", "uint8"), ("float16", "bfloat16"), ("int64", "float16"), ("bfloat16", "float32"),
    ("bool", "int32"), ("int32", "int64"), ("float32", "float64"),
]  # fmt: skip

# name: oracle, rule, low and high of the second operand
BINARY = {
    "add": (np.add, "promote", -2, 2),
    "subtract": (np.subtract, "promote", -2, 2),
    "multiply": (np.multiply, "promote", -2, 2),
    "divide": (np.divide, "float", 1, 3),
    "true_divide": (np.divide, "float", 1, 3),
    "floor_divide": (np.floor_divide, "promote", 1, 3),
    "mod": (np.mod, "promote", 1, 3),
    "power": (np.power, "promote", 1, 3),
    "maximum": (np.maximum, "promote", -2, 2),
    "minimum": (np.minimum, "promote", -2, 2),
    "arctan2": (np.arctan2, "float", -2, 2),
    "logaddexp": (np.logaddexp, "float", -2, 2),
}
COMPARISONS = {
    "equal": np.equal, "not_equal": np.not_equal, "greater": np.greater,
    "greater_equal": np.greater_equal, "less": np.less, "less_equal": np.less_equal,
}  # fmt: skip
BINARY |= {name: (oracle, "bool", -2, 2) for name, oracle in COMPARISONS.items()}
ALL_BINARY = dict(BINARY)

for name, (oracle, rule, low, high) in BINARY.items():
    left_low = 0.5 if name == "power" else -2
    tol = 4 if name in ("power", "arctan2", "logaddexp", "mod") else 1
    for a, b in BROADCASTS:
        CASES.add(
            name, floats(a, "float32", left_low), floats(b, "float32", low, high), oracle=oracle, returns=rule, tol=tol
        )
    for a, b in MIXED if name in ("add", "divide", "power") else MIXED[:4]:
        x1, x2 = some((2, 3), a, left_low, 3), some((3,), b, low, high)
        CASES.add(name, x1, x2, oracle=oracle, returns=rule, tol=tol)
    for x1, x2 in (
        (floats((2, 2), "float16", left_low), 2.0),
        (floats((2, 2), "bfloat16", left_low), 2),
        (ints((2, 2), "int32", 1, 5), 2),
        (2, ints((2, 2), "uint8", 1, 5)),
        (ints((2, 2), "int32", 1, 5), 1.5),
        (1.5, floats((3,), "float32", low, high)),
        (2, 3),
        (Raw(floats((2, 2), "float32", left_low)), floats((2, 2), "float32", low, high)),
        (Var(floats((2, 2), "float32", left_low)), Var(floats((2, 2), "float32", low, high))),
        (floats((2, 2), "float64", left_low), floats((2, 2), "float64", low, high)),
    ):
        CASES.add(name, x1, x2, oracle=oracle, returns=rule, tol=tol)

for name in ("add", "subtract", "multiply", "maximum", "minimum", *COMPARISONS):
    special, rule = np.meshgrid(SPECIAL, SPECIAL), BINARY[name][1]
    CASES.add(name, special[0], special[1], oracle=BINARY[name][0], returns=rule, label="special")
for name in ("add", "multiply", "maximum", "minimum", "equal", "less"):
    bools = np.array([[True, True], [False, False]]), np.array([True, False])
    CASES.add(name, *bools, oracle=BINARY[name][0], returns=BINARY[name][1])
for name in ("divide", "floor_divide", "mod"):
    signs = np.array([7.5, -7.5, 7.5, -7.5], "float32"), np.array([2, 2, -2, -2], "float32")
    CASES.add(name, *signs, oracle=BINARY[name][0], returns=BINARY[name][1], label="float signs")
    CASES.add(
        name, *(s.astype("int32") for s in signs), oracle=BINARY[name][0], returns=BINARY[name][1], label="int signs"
    )
CASES.add(
    "divide",
    np.array([1, -1, 0], "float32"),
    np.zeros(3, "float32"),
    oracle=np.divide,
    returns="float",
    label="by zero",
)
CASES.add("divide", np.array([1, -1, 0]), np.zeros(3, int), oracle=np.divide, returns="float", label="int by zero")
for name in ("floor_divide", "mod"):
    for dtype in ("int32", "int8", "uint8", "int64"):
        x1, x2 = ints((4,), dtype, -3, 9), np.array([0, 2, 0, 3], dtype)
        CASES.add(name, x1, x2, oracle=BINARY[name][0], label=f"{dtype} by zero")
CASES.add(
    "power",
    np.array([0.0, 0.0, -2.0, -2.0], "float32"),
    np.array([0, 2, 3, 0.5], "float32"),
    oracle=np.power,
    label="edges",
)
CASES.add("logaddexp", np.array([1000.0, -np.inf, -1000], "float32"), np.array([1000.0, -np.inf, 0], "float32"),
          oracle=np.logaddexp, returns="float", label="no overflow")  # fmt: skip
TENTHS = np.array([1.0, -1.0, 7.0, np.inf, -1.0, 3.0, 0.0, -0.0, 1.0], "float32")
BY = np.array([0.1, 0.1, 0.7, 2.0, np.inf, -np.inf, -2.0, 0.0, np.nan], "float32")


def _with_remainder(x1: object, x2: object) -> object:
    return np.floor_divide(np.asarray(x1, "float32"), np.asarray(x2, "float32"))


CASES.add("floor_divide", TENTHS, BY, oracle=_with_remainder, label="goes with mod")
CASES.add("floor_divide", np.array([1.0, -1.0, 0.0], "float32"), np.zeros(3, "float32"), oracle=np.floor_divide,
          label="floats by 0")  # fmt: skip
CASES.add("power", np.array([2, -1, 1, -1, 3, 0], "int32"), np.array([-1, -3, -2, -2, 3, 0], "int32"),
          oracle=lambda x, n: np.trunc(x.astype(float) ** n), label="negative powers of integers")  # fmt: skip
for name in ("subtract", "floor_divide", "mod", "power"):
    bools = np.array([True, True, False, False]), np.array([True, False, True, False])
    whole = {"subtract": np.subtract, "floor_divide": np.floor_divide, "mod": np.mod, "power": np.power}[name]
    CASES.add(name, *bools, oracle=lambda x1, x2, f=whole: f(x1.astype("int32"), x2), returns="int32")
CASES.add("negative", np.array([True, False]), oracle=lambda x: -x.astype("int32"), returns="int32")
for name in ("sign", "round", "trunc", "abs"):
    CASES.add(name, np.array([True, False]), oracle=lambda x: x, returns="bool")
CASES.add("negative", ints((3,), "uint8", 0, 9), oracle=np.negative)
CASES.add("arctan2", np.array([0.0, 0.0, 1, -1], "float32"), np.array([1.0, -1, 0, 0], "float32"),
          oracle=np.arctan2, returns="float", label="axes")  # fmt: skip

# -- logic -----------------------------------------------------------------------------

LOGICAL = {"logical_and": np.logical_and, "logical_or": np.logical_or, "logical_xor": np.logical_xor}
for name, oracle in LOGICAL.items():
    for a, b in BROADCASTS:
        CASES.add(name, ints(a, "bool"), ints(b, "bool"), oracle=oracle, returns="bool")
    CASES.add(name, ints((2, 3), "int32", 0, 2), floats((3,)).round(), oracle=oracle, returns="bool")
    CASES.add(name, SPECIAL, True, oracle=oracle, returns="bool", label="special")
    CASES.add(name, ints((3,), "bool"), Var(ints((3,), "bool")), oracle=oracle, returns="bool")
for x in (
    ints((2, 3), "bool"),
    np.array(False),
    ints((2, 3)),
    floats((2, 3, 1)).round(),
    SPECIAL,
    np.zeros((0,), "bool"),
    0,
):
    CASES.add("logical_not", x, oracle=np.logical_not, returns="bool")
for name, oracle in LOGICAL.items():
    CASES.add(name, ints((3,), "uint16", 0, 2), ints((3,), "bool"), oracle=oracle, returns="bool")

BITWISE = {"bitwise_and": np.bitwise_and, "bitwise_or": np.bitwise_or, "bitwise_xor": np.bitwise_xor}
for name, oracle in BITWISE.items():
    for dtype in ("int32", "uint8", "int8", "int64", "bool"):
        CASES.add(name, ints((2, 3), dtype, -20, 20), ints((3,), dtype, -9, 30), oracle=oracle)
    CASES.add(name, ints((2, 3), "int8"), ints((2, 3), "uint8"), oracle=oracle)
    CASES.add(name, ints((2, 3), "int16"), 5, oracle=oracle)
for dtype in ("int32", "uint8", "int8", "int64", "bool"):
    CASES.add("bitwise_not", ints((2, 3), dtype, -20, 20), oracle=np.bitwise_not)

# -- three operands --------------------------------------------------------------------

CASES.add("clip", floats((2, 3)), -0.5, 0.5, oracle=np.clip)
CASES.add("clip", floats((2, 3, 2)), floats((2,), low=-1, high=0), floats((3, 1), low=0, high=1), oracle=np.clip)
CASES.add("clip", floats((2, 3), "float16"), -0.5, 1, oracle=np.clip)
CASES.add("clip", floats((2, 3), "bfloat16"), -0.5, 1, oracle=np.clip)
CASES.add("clip", ints((2, 3)), -1, 2, oracle=np.clip)
CASES.add("clip", ints((2, 3), "int64"), -1, 2, oracle=np.clip)
CASES.add("clip", floats(()), 0.0, 1.0, oracle=np.clip)
CASES.add("clip", floats((0, 2)), 0.0, 1.0, oracle=np.clip)
CASES.add("clip", SPECIAL, -2.0, 2.0, oracle=np.clip, label="special")
CASES.add("clip", floats((3,), "float64"), -1.0, 1.0, oracle=np.clip)
CASES.add("clip", ints((4,)), 0.5, 2.5, oracle=np.clip)
CASES.add("clip", floats((2, 2), "float16"), floats((2,)), 2.0, oracle=np.clip)
CASES.add("clip", ints((4,)), None, 2, oracle=np.clip)
CASES.add("clip", floats((4,)), -0.5, None, oracle=np.clip)
CASES.add("clip", ints((4,)), 3, 1, oracle=np.clip, label="crossed")
CASES.add("clip", np.array([True, False]), 0, 1, oracle=lambda x, low, high: x, returns="int32")


def _where(condition: object, x1: object, x2: object, returns: str) -> None:
    CASES.add("where", condition, x1, x2, oracle=np.where, returns=returns)


MASK = ints((2, 3), "bool")
_where(MASK, floats((2, 3)), floats((3,)), "float32")
_where(MASK[0], floats((2, 1)), 0.0, "float32")
_where(MASK, 1, 0, "int32")
_where(MASK, 1.0, 0, "float32")
_where(MASK, ints((3,)), 0.5, "float32")
_where(MASK, ints((3,), "int8"), ints((2, 1), "uint8"), "int16")
_where(MASK, floats((3,), "float16"), 1, "float16")
_where(MASK, floats((3,), "bfloat16"), floats((3,), "float16"), "float32")
_where(MASK, np.array([np.nan, np.inf, 1], "float32"), floats((2, 3)), "float32")
_where(ints((2, 3), "int32", 0, 2), floats((2, 3)), floats((2, 3)), "float32")
_where(np.array(True), floats((3,)), floats((2, 3)), "float32")
_where(np.zeros((0, 3), "bool"), floats((3,)), 1.0, "float32")
_where(MASK, ints((3,), "bool"), True, "bool")
_where(MASK, floats((3,), "float64"), 0, "float64")
_where(Var(MASK), Var(floats((2, 3))), 0.0, "float32")
for mask in (MASK, np.array([0.0, 2.0, 0.0, 3.0], "float32"), np.zeros((2, 2), "bool")):
    CASES.add("where", mask, oracle=lambda c: [i.astype("int32") for i in np.nonzero(c)], returns="int32", spec=False)
