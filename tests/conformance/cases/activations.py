"""The rarer activations, multi_hot and psnr; the oracles are written from the formulas."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.special

from tests.conformance.cases.base import Table, floats, ints
from tests.conformance.cases.gradients_base import Gradients, spread
from tests.conformance.support import f32
from triceras_backends.active import backend as B

CASES = Table()
GRADIENTS = Gradients()
FLAT = {"multi_hot"}


def _glu(x: Any, axis: int = -1) -> Any:
    first, second = np.split(x, 2, axis)
    return first * scipy.special.expit(second)


def _sparsemax(x: Any, axis: int = -1) -> Any:
    """By bisection for the threshold at which the positive parts sum to 1."""
    low, high = x.max(axis, keepdims=True) - 1, x.max(axis, keepdims=True)
    for _ in range(80):
        middle = (low + high) / 2
        more = np.maximum(x - middle, 0).sum(axis, keepdims=True) > 1
        low, high = np.where(more, middle, low), np.where(more, high, middle)
    return np.maximum(x - low, 0)


def _squareplus(x: Any, b: float = 4) -> Any:
    # A large x loses itself in the sum below zero; in extended precision less so.
    x = np.asarray(x, "longdouble")
    return np.where(x < 0, b / (np.hypot(x, np.sqrt(b)) - x), x + np.hypot(x, np.sqrt(b))) / 2


def _hard_sigmoid(x: Any) -> Any:
    return np.clip(x / 6 + 0.5, 0, 1)


def _hard_silu(x: Any) -> Any:
    return np.where(np.isneginf(x), 0, x * _hard_sigmoid(x))


def _sparse_plus(x: Any) -> Any:
    return np.where(x <= -1, 0, np.where(x < 1, (x + 1) ** 2 / 4, x))


def _soft_shrink(x: Any, threshold: float = 0.5) -> Any:
    return np.sign(x) * np.maximum(np.abs(x) - threshold, 0)


ORACLES: dict[str, Any] = {
    "celu": lambda x, alpha=1.0: np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0) / alpha)),
    "hard_shrink": lambda x, threshold=0.5: np.where(np.abs(x) <= threshold, 0, x),
    "hard_sigmoid": _hard_sigmoid,
    "hard_silu": _hard_silu,
    "hard_tanh": lambda x: np.clip(x, -1, 1),
    "log_sigmoid": lambda x: -np.logaddexp(0, -x),
    "soft_shrink": _soft_shrink,
    "sparse_plus": _sparse_plus,
    "sparse_sigmoid": lambda x: np.clip((x + 1) / 2, 0, 1),
    "squareplus": _squareplus,
    "tanh_shrink": lambda x: x - np.tanh(x),
}
KINKS = np.array([-3.0, -1.0, -0.5, -0.0, 0.0, 0.5, 1.0, 3.0, 200.0, -200.0, np.inf, -np.inf, np.nan], "float32")
for name, oracle in ORACLES.items():
    for shape in [(), (2, 0), (2, 3, 4), (2, 1, 3, 2)]:
        CASES.add(name, floats(shape, low=-4, high=4), oracle=oracle, returns="float", tol=4)
    for dtype in ("float16", "bfloat16", "float64"):
        CASES.add(name, floats((2, 5), dtype, -4, 4), oracle=oracle, returns="float", tol=4)
    kinks = KINKS[:-3] if name in ("tanh_shrink", "squareplus", "hard_silu") else KINKS
    CASES.add(name, kinks, oracle=oracle, returns="float", tol=4, label="kinks and ends")
    if name != "hard_tanh":
        CASES.add(name, ints((2, 3)), oracle=oracle, returns="float32", tol=4)
        CASES.add(name, ints((2, 3), "bool"), oracle=lambda x, fn=oracle: fn(x.astype("float32")), returns="float32",
                  tol=4)  # fmt: skip
for dtype in ("int32", "int8", "bool"):
    CASES.add("hard_tanh", ints((2, 3), dtype), oracle=lambda x: np.clip(x.astype("int32"), -1, 1),
              returns="int32" if dtype == "bool" else dtype)  # fmt: skip
CASES.add("celu", floats((5,)), kw={"alpha": 2.0}, oracle=ORACLES["celu"], tol=4)
CASES.add("celu", floats((5,)), kw={"alpha": -0.5}, oracle=ORACLES["celu"], tol=4)
CASES.add("hard_shrink", floats((5,)), kw={"threshold": 1.0}, oracle=ORACLES["hard_shrink"])
CASES.add("soft_shrink", floats((5,)), kw={"threshold": 0}, oracle=ORACLES["soft_shrink"])
CASES.add("squareplus", floats((5,)), kw={"b": 0.5}, oracle=_squareplus, tol=4)
CASES.add("squareplus", np.array([1e30, -1e30, np.inf, -np.inf, -1e4], "float32"), oracle=_squareplus, tol=4,
          label="huge")  # fmt: skip
CASES.add("squareplus", np.array([300.0, -300.0], "float16"), oracle=_squareplus, tol=4, label="huge halves")

for kw in ({"threshold": 1.0, "default_value": 7.0}, {"threshold": 0, "default_value": -1}):
    for x in (floats((2, 3)), floats((4,), "bfloat16"), np.array([1.0, 0.0, np.nan, np.inf], "float32")):
        CASES.add("threshold", x, kw=kw, oracle=lambda x, threshold, default_value: np.where(
            x <= threshold, default_value, x), returns="same")  # fmt: skip
CASES.add("threshold", ints((2, 3)), 1, 7, oracle=lambda x, t, d: np.where(x <= t, d, x), returns="int32")
CASES.add("threshold", ints((2, 3)), 1, 7.5, oracle=lambda x, t, d: np.where(x <= t, d, x), returns="float32")

for shape, axis in (((4,), -1), ((2, 6), 1), ((4, 3), 0), ((2, 4, 3), -2), ((0, 2), 1)):
    CASES.add("glu", floats(shape), kw={"axis": axis}, oracle=_glu, returns="float", tol=4)
for dtype in ("float16", "bfloat16", "float64"):
    CASES.add("glu", floats((2, 4), dtype), oracle=_glu, returns="float", tol=4)
CASES.add("glu", ints((2, 4)), oracle=_glu, returns="float32", tol=4)

for shape, axis in (((5,), -1), ((3, 4), -1), ((3, 4), 0), ((2, 3, 4), 1), ((3, 1), -1)):
    CASES.add("sparsemax", floats(shape), kw={"axis": axis}, oracle=_sparsemax, returns="float", tol=8)
for dtype in ("float16", "bfloat16", "float64"):
    CASES.add("sparsemax", floats((2, 5), dtype, -1, 1), oracle=_sparsemax, returns="float", tol=8)
CASES.add("sparsemax", ints((2, 3)), oracle=_sparsemax, returns="float32", tol=4)
CASES.add("sparsemax", np.array([[1.0, 1.0, 0.0], [2.0, 2.0, 2.0]], "float32"), oracle=_sparsemax, tol=4, label="ties")
CASES.add("sparsemax", np.array([-np.inf, 0.5, 1.0], "float32"), tol=4, label="masked",
          oracle=lambda x: np.array([0, 0.25, 0.75]))  # fmt: skip
CASES.add("sparsemax", np.array([1e4, 1e4 - 0.5, -1e30], "float32"), oracle=lambda x: np.array([0.75, 0.25, 0.0]),
          tol=4, label="large")  # fmt: skip
CASES.add("sparsemax", np.array([np.nan, 1.0], "float32"), oracle=lambda x: x * np.nan, label="NaN")


def _multi_hot(inputs: Any, num_classes: int = 0, axis: int = -1, num_tokens: int = 0, **unused: Any) -> Any:
    size = num_classes or num_tokens
    hot = np.asarray(inputs)[..., None] == np.arange(size)
    return np.moveaxis(hot.any(min(inputs.ndim - 1, 1)), -1, axis)


SETS = np.array([[0, 2], [1, 1], [-1, 9]], "int32")
for x, kw in (
    (SETS, {"num_classes": 4}), (SETS[0], {"num_classes": 3}), (ints((2, 3, 2), "int64", 0, 4), {"num_classes": 4}),
    (SETS, {"num_classes": 4, "axis": 0}), (ints((2, 3, 2), "uint8", 0, 4), {"num_classes": 4, "axis": 1}),
    (SETS, {"num_classes": 4, "dtype": "int32"}), (SETS, {"num_classes": 4, "dtype": "bool"}),
    (SETS, {"num_tokens": 3}), (np.zeros((0, 2), "int32"), {"num_classes": 2}),
):  # fmt: skip
    CASES.add("multi_hot", x, kw=kw, oracle=_multi_hot, returns=kw.get("dtype", "float32"))


def _psnr(x1: Any, x2: Any, max_val: float) -> Any:
    return 20 * np.log10(max_val) - 10 * np.log10(np.mean((np.asarray(x1, "float64") - x2) ** 2))


for shape in [(), (3,), (2, 4, 4, 3)]:
    CASES.add("psnr", floats(shape), floats(shape, low=0, high=1), 2.0, oracle=_psnr, returns="float32", tol=8)
for dtype in ("float16", "bfloat16", "float64"):
    CASES.add("psnr", floats((3, 4), dtype), floats((3, 4), dtype, 0, 1), 1, oracle=_psnr, returns=dtype, tol=8)
CASES.add("psnr", np.array([0, 255, 3], "uint8"), np.array([255, 0, 3], "uint8"), 255, oracle=_psnr, returns="float32",
          tol=8, label="uint8")  # fmt: skip
CASES.add("psnr", floats((3,)), floats((3,)), 1.0, oracle=_psnr, returns="float32", label="equals")

V = spread(6) * 2.0
for name in ORACLES:
    GRADIENTS.add(name, V)
GRADIENTS.add("celu", V, alpha=0.7)
GRADIENTS.add("squareplus", V, b=0.5)
GRADIENTS.add("threshold", V, threshold=0.2, default_value=3.0)
GRADIENTS.add("glu", spread(2, 4))
GRADIENTS.add("glu", spread(4, 2), axis=0)
GRADIENTS.add("sparsemax", spread(2, 4) * 0.7)
GRADIENTS.add("sparsemax", spread(3, 2) * 0.4, axis=0)
GRADIENTS.add("psnr", spread(2, 3), spread(2, 3, low=0.5, high=2.0), label="pair", fn=lambda x, y: B.psnr(x, y, 2.0))

AWKWARD: list[Any] = [
    ("celu at 0", B.celu, ([0.0, -1e3, 1e3],), [[1, 0, 1]]),
    ("hard_shrink at its ends", B.hard_shrink, ([-0.5, 0.5, 0.0, 2.0, -2.0],), [[0, 0, 0, 1, 1]]),
    ("soft_shrink at its ends", B.soft_shrink, ([-0.5, 0.5, 0.0, 2.0, -2.0],), [[0, 0, 0, 1, 1]]),
    ("hard_sigmoid at its ends", lambda x: B.hard_sigmoid(x) * 6.0, ([-3.0, 3.0, 0.0, 9.0],), [[0, 0, 1, 0]]),
    ("hard_silu at its ends", B.hard_silu, ([-3.0, 3.0, 0.0, 9.0, -9.0],), [[0, 1, 0.5, 1, 0]]),
    ("hard_silu at infinities", B.hard_silu, ([-np.inf, np.inf],), [[0, 1]]),
    ("hard_tanh at its ends", B.hard_tanh, ([-1.0, 1.0, 0.0, 9.0],), [[0, 0, 1, 0]]),
    ("sparse_sigmoid at its ends", B.sparse_sigmoid, ([-1.0, 1.0, 0.0],), [[0, 0, 0.5]]),
    ("sparse_plus at its ends", B.sparse_plus, ([-1.0, 1.0, 0.0, np.inf, -np.inf],), [[0, 1, 0.5, 1, 0]]),
    ("log_sigmoid saturated", B.log_sigmoid, ([-1e3, 1e3, 0.0],), [[1, 0, 0.5]]),
    ("squareplus far away", B.squareplus, ([1e30, -1e30, 0.0],), [[1, 0, 0.5]]),
    ("threshold at the threshold", lambda x: B.threshold(x, 1.0, 7.0), ([1.0, 2.0, 0.0],), [[0, 1, 0]]),
    ("sparsemax with ties", lambda x: B.sparsemax(x) * f32([1, 3, 5]), ([1.0, 1.0, -1.0],), [[-1, 1, 0]]),
    ("sparsemax on the boundary", lambda x: B.sparsemax(x) * f32([1, 3, 5]), ([1.0, 0.0, -1.0],), [[0, 0, 0]]),
    ("sparsemax with -inf", lambda x: B.sparsemax(x) * f32([1, 3, 5]), ([0.0, 0.0, -np.inf],), [[-1, 1, 0]]),
]

A = floats((2, 3))
ERRORS: list[Any] = [
    ("celu", (A, 0), {}, ValueError, ("celu", "alpha")),
    ("glu", (A,), {}, ValueError, ("glu", "(2, 3)")),
    ("glu", (A,), {"axis": 2}, ValueError, ("glu", "2", "(2, 3)")),
    ("soft_shrink", (A, -1.0), {}, ValueError, ("soft_shrink", "-1.0")),
    ("sparsemax", (A,), {"axis": -3}, ValueError, ("sparsemax", "-3")),
    ("multi_hot", (SETS,), {}, ValueError, ("multi_hot", "num_classes")),
    ("multi_hot", (SETS, 3), {"axis": 2}, ValueError, ("multi_hot", "2")),
    ("multi_hot", (SETS, 3), {"sparse": True}, ValueError, ("sparse",)),
    ("multi_hot", (SETS, 3), {"classes": 2}, TypeError, ("classes",)),
    ("multi_hot", (np.array(2), 3), {}, ValueError, ("multi_hot", "()")),
    ("psnr", (A, floats((1, 3)), 1.0), {}, ValueError, ("psnr", "(2, 3)", "(1, 3)")),
]
