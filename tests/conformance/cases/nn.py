"""Activations, losses, one_hot and the affine map; the oracles are written from the formulas."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.special

from tests.conformance.cases.base import Table, floats, ints, rng

CASES = Table()
SPECIAL = np.array([np.inf, -np.inf, 0.0, -0.0, 30.0, -30.0, 100.0, -100.0], "float32")


def _gelu(x: Any, approximate: bool = True) -> Any:
    if approximate:
        return 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)))
    return 0.5 * x * (1 + scipy.special.erf(x / np.sqrt(2)))


def _selu(x: Any) -> Any:
    return 1.0507009873554805 * np.where(x > 0, x, 1.6732632423543772 * np.expm1(np.minimum(x, 0)))


ACTIVATIONS = {
    "relu": lambda x: np.maximum(x, 0),
    "relu6": lambda x: np.clip(x, 0, 6),
    "leaky_relu": lambda x, negative_slope=0.2: np.where(x > 0, x, negative_slope * x),
    "elu": lambda x, alpha=1.0: np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0))),
    "selu": _selu,
    "gelu": _gelu,
    "silu": lambda x: x * scipy.special.expit(x),
    "sigmoid": scipy.special.expit,
    "softplus": lambda x: np.logaddexp(x, 0),
    "softsign": lambda x: x / (1 + np.abs(x)),
}
for name, oracle in ACTIVATIONS.items():
    for shape in [(), (1,), (2, 0), (2, 3, 4), (2, 1, 3, 2)]:
        CASES.add(name, floats(shape, "float32", -8, 8), oracle=oracle, returns="float", tol=4)
    for dtype in ("float16", "bfloat16", "float64"):
        CASES.add(name, floats((2, 5), dtype, -4, 4), oracle=oracle, returns="float", tol=4)
    finite = SPECIAL[2:] if name in ("silu", "softsign", "gelu") else SPECIAL
    CASES.add(name, finite, oracle=oracle, returns="float", tol=4, label="large")
    CASES.add(name, np.array([np.nan], "float32"), oracle=oracle, returns="float", label="NaN")
for name in ("sigmoid", "softplus", "softsign"):
    CASES.add(name, ints((2, 3)), oracle=ACTIVATIONS[name], returns="float32", tol=4)
for name in ("relu", "relu6"):
    CASES.add(name, ints((2, 3)), oracle=ACTIVATIONS[name], returns="int32")
CASES.add("leaky_relu", floats((5,)), kw={"negative_slope": 0.01}, oracle=ACTIVATIONS["leaky_relu"])
CASES.add("elu", floats((5,)), kw={"alpha": 0.5}, oracle=ACTIVATIONS["elu"], tol=4)
CASES.add("gelu", floats((2, 5), low=-4, high=4), kw={"approximate": False}, oracle=_gelu, tol=4)

for name, oracle in (("softmax", scipy.special.softmax), ("log_softmax", scipy.special.log_softmax)):
    for axis in (-1, 0, 1, (1, 2), None):
        CASES.add(name, floats((2, 3, 4)), kw={"axis": axis}, oracle=oracle, returns="float", tol=4)
    CASES.add(name, floats((5,)), oracle=oracle, returns="float", tol=4)
    CASES.add(name, floats((2, 1, 3, 2)), kw={"axis": -2}, oracle=oracle, returns="float", tol=4)
    for dtype in ("float16", "bfloat16", "float64"):
        CASES.add(name, floats((5,), dtype), oracle=oracle, returns="float", tol=4)
    CASES.add(
        name,
        np.array([[1e4, 1e4 - 1, -1e4], [-1e4] * 3], "float32"),
        kw={"axis": 1},
        oracle=oracle,
        tol=4,
        label="large",
    )
    CASES.add(name, np.array([0.0, -np.inf, 1.0], "float32"), kw={"axis": 0}, oracle=oracle, tol=4, label="masked")
    CASES.add(name, np.zeros((0, 3), "float32"), kw={"axis": -1}, oracle=oracle)


def _one_hot(x: Any, num_classes: int, axis: int = -1, **unused: Any) -> Any:
    hot = (np.asarray(x)[..., None] == np.arange(num_classes)).astype("float64")
    return np.moveaxis(hot, -1, axis)


for kw in ({}, {"axis": 0}, {"axis": 1}, {"dtype": "int32"}, {"dtype": "bool"}, {"dtype": "float16"}):
    x = np.array([[0, 3, 1], [-1, 4, 2]], "int32")
    CASES.add("one_hot", x, kw={"num_classes": 4} | kw, oracle=_one_hot, returns=kw.get("dtype", "float32"))
for x in (np.array(2), ints((3,), "uint8", 0, 4), ints((2, 1, 2), "int64", 0, 4), np.zeros((0,), "int32")):
    CASES.add("one_hot", x, kw={"num_classes": 4}, oracle=_one_hot, returns="float32")

# -- losses ----------------------------------------------------------------------------

EPS = 1e-7


def _bce(target: Any, output: Any, from_logits: bool = False) -> Any:
    if from_logits:
        return np.maximum(output, 0) - output * target + np.log1p(np.exp(-np.abs(output)))
    p = np.clip(output, EPS, 1 - EPS)
    return -(target * np.log(p) + (1 - target) * np.log(1 - p))


def _log_probabilities(output: Any, from_logits: bool, axis: int) -> Any:
    if from_logits:
        return scipy.special.log_softmax(output, axis=axis)
    p = output / output.sum(axis=axis, keepdims=True)
    return np.log(np.clip(p, EPS, 1 - EPS))


def _cce(target: Any, output: Any, from_logits: bool = False, axis: int = -1) -> Any:
    return -(target * _log_probabilities(output, from_logits, axis)).sum(axis=axis)


def _scce(target: Any, output: Any, from_logits: bool = False, axis: int = -1) -> Any:
    log_p = _log_probabilities(output, from_logits, axis)
    if target.ndim == output.ndim:
        target = np.squeeze(target, axis)
    picked = np.take_along_axis(log_p, np.expand_dims(target, axis), axis)
    return -np.squeeze(picked, axis)


def probabilities(shape: tuple[int, ...], axis: int = -1, dtype: str = "float32") -> Any:
    """Positive numbers that sum to 1 over `axis`."""
    values = rng("probabilities", shape).uniform(0.05, 1, shape)
    return (values / values.sum(axis, keepdims=True)).astype(dtype)


for shape in [(), (3,), (2, 3), (2, 1, 3, 2), (0, 2)]:
    target, output = floats(shape, low=0, high=1), floats(shape, low=0.1, high=0.9)
    CASES.add("binary_crossentropy", target, output, oracle=_bce, tol=5)
    CASES.add(
        "binary_crossentropy", target, floats(shape, low=-5, high=5), kw={"from_logits": True}, oracle=_bce, tol=5
    )
ends = np.array([0.0, 1, 0, 1], "float32"), np.array([0.0, 1, 1, 0], "float32")
# 1 - 1e-7 is rounded in float32, hence the tolerance where the clipped end is hit from above.
CASES.add("binary_crossentropy", ends[0][[0, 1, 3]], ends[1][[0, 1, 3]], oracle=_bce, tol=5, label="clipped")
CASES.add(
    "binary_crossentropy",
    ends[0],
    np.array([-100.0, 100, 100, -100], "float32"),
    kw={"from_logits": True},
    oracle=_bce,
    tol=5,
)
CASES.add("binary_crossentropy", floats((3,), "float64", 0, 1), floats((3,), "float64", 0.1, 0.9), oracle=_bce, tol=5)

for axis in (-1, 1, 0):
    target, output = probabilities((2, 3, 4), axis), floats((2, 3, 4), low=0.1, high=2)
    CASES.add("categorical_crossentropy", target, output, kw={"axis": axis}, oracle=_cce, tol=5)
    CASES.add(
        "categorical_crossentropy", target, output * 3, kw={"axis": axis, "from_logits": True}, oracle=_cce, tol=5
    )
for shape in [(3,), (1, 3), (0, 3), (2, 1, 2, 3)]:
    CASES.add("categorical_crossentropy", probabilities(shape), floats(shape, low=0.1, high=2), oracle=_cce, tol=5)
CASES.add(
    "categorical_crossentropy",
    np.eye(3, dtype="float32"),
    np.eye(3, dtype="float32")[[0, 2, 1]],
    oracle=_cce,
    tol=5,
    label="clipped",
)
CASES.add(
    "categorical_crossentropy",
    probabilities((2, 3), dtype="float64"),
    floats((2, 3), "float64", 0.1, 2),
    oracle=_cce,
    tol=5,
)

for axis in (-1, 1):
    output = probabilities((2, 3, 4), axis)
    target = ints((2, 3) if axis == -1 else (2, 4), "int32", 0, 3)
    CASES.add(
        "sparse_categorical_crossentropy", target, output, kw={"axis": axis}, oracle=_scce, returns="float32", tol=5
    )
    kw = {"axis": axis, "from_logits": True}
    CASES.add("sparse_categorical_crossentropy", target, output * 5, kw=kw, oracle=_scce, returns="float32", tol=5)
for target, output in (
    (np.array(1, "int32"), probabilities((3,))),
    (np.array([[1], [0]], "int32"), probabilities((2, 3))),
    (np.array([1, 0], "int64"), probabilities((2, 3))),
    (np.array([1, 0], "uint8"), probabilities((2, 3))),
    (np.zeros((0,), "int32"), np.zeros((0, 3), "float32")),
    (np.array([0, 1], "int32"), np.array([[0.0, 1.0], [0.0, 1.0]], "float32")),
    (np.array([0, 2], "int32"), floats((2, 3), low=0.1, high=2)),  # that do not sum to 1
):
    CASES.add("sparse_categorical_crossentropy", target, output, oracle=_scce, returns="float32", tol=5)

# -- the affine map ------------------------------------------------------------------------

for shape, dtype in (
    ((2, 3), "float32"),
    ((2, 2, 3), "float32"),
    ((3,), "float32"),
    ((2, 3), "float16"),
    ((2, 3), "float64"),
):
    CASES.add("linear", floats(shape, dtype), floats((3, 4), dtype), floats((4,), dtype),
              oracle=lambda x, kernel, bias: x @ kernel + bias, tol=4)  # fmt: skip

for dtype in ("bool", "uint8"):  # relu of what cannot be negative
    for name in ("relu", "relu6"):
        CASES.add(name, ints((2, 3), dtype), oracle=lambda x: x, returns="int32" if dtype == "bool" else dtype)
ONES = np.array([[-np.inf, 0.0, -np.inf], [-np.inf] * 3], "float32")
CASES.add("softmax", ONES, oracle=scipy.special.softmax, kw={"axis": -1}, label="a row of -inf")
CASES.add("softmax", ONES[:1], oracle=scipy.special.softmax, kw={"axis": (0, 1)}, label="-inf over two axes")

ERRORS: list[Any] = [
    ("one_hot", (ints((3,), "int32", 0, 3), 3), {"axis": 3}, ValueError, ("one_hot", "3")),
    ("one_hot", (ints((3,), "int32", 0, 3), 3), {"axis": -4}, ValueError, ("one_hot", "-4")),
]
