"""Complex numbers, and the functions of real ones that take them as NumPy's do."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.conformance.cases.base import Raw, Table, Var, floats, ints
from tests.conformance.cases.gradients_base import Gradients, spread
from triceras_backends.active import backend as B

CASES = Table()


def complexes(shape: Any, dtype: str = "complex64") -> Any:
    """Complex numbers in the square from -2-2i to 2+2i."""
    parts = floats((2, *shape))
    return (parts[0] + 1j * parts[1]).astype(dtype)


PLANE = np.array([1, -1, 1j, -1j, 3 - 4j, 0], "complex64")
REAL = {"complex64": "float32", "complex128": "float64"}
REALS = np.array([np.nan, 0.0, -0.0, 2.0, -2.0, np.inf, -np.inf], "float32")

for name, oracle, rule in (("conj", np.conj, None), ("real", np.real, REAL), ("imag", np.imag, REAL),
                           ("isreal", np.isreal, "bool"), ("angle", np.angle, REAL)):  # fmt: skip
    for x in (PLANE, complexes((2, 1, 3)), complexes((0, 2)), complexes((3,), "complex128")):
        returns = rule if isinstance(rule, str) else x.dtype.name if rule is None else rule[x.dtype.name]
        CASES.add(name, x, oracle=oracle, returns=returns, tol=2)
    CASES.add(name, Var(PLANE), oracle=oracle, returns=returns.replace("64", "32") if rule is REAL else
              "bool" if rule else "complex64", tol=2)  # fmt: skip
    own = "bool" if name == "isreal" else "float" if name == "angle" else "promote"
    for x in (REALS, floats((2, 3), "float16"), floats((2, 3), "bfloat16"), floats((), "float64"), ints((2, 3)),
              np.array([True, False]), 1.5):  # fmt: skip
        CASES.add(name, x, oracle=lambda x, f=oracle: f(np.asarray(x, float)), returns=own)

for a, b in (((2, 3), (3,)), ((), ()), ((0, 2), (2,))):
    CASES.add("polar", floats(a), floats(b), oracle=lambda r, t: r * np.exp(1j * t), returns="complex64")
CASES.add("polar", floats((2,), "float64"), floats((2,)), oracle=lambda r, t: r * np.exp(1j * t), returns="complex128")
CASES.add("polar", floats((2,), "float16"), floats((2,), "float16"), oracle=lambda r, t: r * np.exp(1j * t),
          returns="complex64")  # fmt: skip
CASES.add("polar", ints((2,)), 0.5, oracle=lambda r, t: r * np.exp(1j * t), returns="complex64")
CASES.add("polar", 2, 1, oracle=lambda r, t: r * np.exp(1j * t), returns="complex64")

for x in (
    floats((3, 2)),
    floats((2,)),
    floats((2, 0, 2)),
    floats((2, 2), "float16"),
    ints((2, 2)),
    Raw(floats((3, 2))),
):
    CASES.add("view_as_complex", x, oracle=lambda x: x[..., 0] + 1j * x[..., 1], returns="complex64")
CASES.add(
    "view_as_complex", floats((2, 2), "float64"), oracle=lambda x: x[..., 0] + 1j * x[..., 1], returns="complex128"
)
for x in (complexes((2, 3)), complexes(()), complexes((0,)), complexes((2,), "complex128")):
    CASES.add("view_as_real", x, oracle=lambda x: np.stack([x.real, x.imag], -1), returns=REAL[x.dtype.name])
for x in (floats((2, 3)), ints((3,)), floats((2,), "bfloat16"), 1.5):
    CASES.add("view_as_real", x, oracle=lambda x: np.stack([x, np.zeros(np.shape(x))], -1), returns="promote")

# -- functions that NumPy defines for complex numbers too ----------------------------------------

UNARY = ("negative", "square", "reciprocal", "sqrt", "exp", "expm1", "log", "log1p", "log2", "log10", "sin", "cos", "tan",
         "arcsin", "arccos", "arctan", "sinh", "cosh", "tanh", "arcsinh", "arccosh", "arctanh", "sign", "exp2")  # fmt: skip
INSIDE = np.array([0.5 + 0.3j, -0.4 + 0.6j, 0.2 - 0.7j], "complex64")
for name in UNARY:
    CASES.add(name, INSIDE, oracle=getattr(np, name), returns="complex64", tol=8)
CASES.add("rsqrt", INSIDE, oracle=lambda x: 1 / np.sqrt(x), returns="complex64", tol=4)
for name in ("isnan", "isinf", "isfinite", "logical_not"):
    CASES.add(
        name, np.array([np.nan + 1j, 1 + np.inf * 1j, 1j, 0], "complex64"), oracle=getattr(np, name), returns="bool"
    )
CASES.add("abs", complexes((2, 3), "complex128"), oracle=np.abs, returns="float64")
for name in ("add", "subtract", "multiply", "divide", "power"):
    CASES.add(name, INSIDE, complexes((2, 3)), oracle=getattr(np, name), returns="complex64", tol=8)
    CASES.add(name, INSIDE, floats((3,)), oracle=getattr(np, name), returns="complex64", tol=8)
for name in ("equal", "not_equal"):
    CASES.add(name, PLANE, PLANE[::-1].copy(), oracle=getattr(np, name), returns="bool")
CASES.add("where", np.array([True, False, True]), INSIDE, floats((3,)), oracle=np.where, returns="complex64")

# -- gradients: by the real and imaginary parts, where every convention agrees ---------------------

GRADIENTS = Gradients()
PAIRS = spread(3, 2)


def _of_parts(fn: Any) -> Any:
    return lambda x: fn(B.view_as_complex(x))


GRADIENTS.add("abs", PAIRS, label="complex", fn=_of_parts(B.abs))
GRADIENTS.add("angle", PAIRS, label="complex", fn=_of_parts(B.angle))
GRADIENTS.add("angle", spread(3))
GRADIENTS.add("conj", PAIRS, fn=_of_parts(lambda z: B.imag(B.conj(z)) * B.real(B.conj(z))))
GRADIENTS.add("real", PAIRS, fn=_of_parts(lambda z: B.square(B.real(z))))
GRADIENTS.add("imag", PAIRS, fn=_of_parts(lambda z: B.square(B.imag(z))))
GRADIENTS.add("view_as_real", PAIRS, fn=_of_parts(lambda z: B.square(B.view_as_real(z))))
GRADIENTS.add("view_as_complex", PAIRS, fn=_of_parts(lambda z: B.real(z) * B.imag(z)))
GRADIENTS.add("polar", spread(3, low=0.5, high=2.0), spread(3), fn=lambda r, t: B.square(B.view_as_real(B.polar(r, t))))
FLAT = {"isreal"}
AWKWARD = [
    ("abs of complex 0", _of_parts(B.abs), ([[0.0, 0.0], [3.0, -4.0]],), [[[0, 0], [0.6, -0.8]]]),
    ("angle of a real number", B.angle, ([0.0, -1.0],), [[0, 0]]),
]
ERRORS = [
    ("view_as_complex", (floats((2, 3)),), {}, ValueError, ("view_as_complex", "(2, 3)")),
    ("view_as_complex", (floats(()),), {}, ValueError, ("view_as_complex", "()")),
    ("view_as_complex", (INSIDE,), {}, TypeError, ("view_as_complex", "complex")),
    ("polar", (floats((2, 3)), floats((4,))), {}, ValueError, ("polar", "(2, 3)", "(4,)")),
]
