"""Gradients of the primitives: against finite differences, the framework, and at awkward points."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tests.conformance.cases.all import AWKWARD as FAMILIES_AWKWARD
from tests.conformance.cases.all import GRADIENTS as CASES
from tests.conformance.cases.all import NOT_DIFFERENTIABLE
from tests.conformance.cases.gradients_base import Gradient
from tests.conformance.native import native
from tests.conformance.support import calls, f32, same
from triceras.autodiff import GradientTape, jit
from triceras_backends.active import backend as B
from triceras_backends.selection import contract_functions

ELSEWHERE = {
    "autodiff",
    "compile",
    "loops",
    "stepping",
    "recurrence",
    "modules",
}  # families with tests of their own


def test_every_primitive_has_a_row() -> None:
    wanted = {name for name, (family, _) in contract_functions().items() if family not in ELSEWHERE}
    rows = {case.op for case in CASES}
    assert rows <= wanted
    assert wanted - rows <= NOT_DIFFERENTIABLE


def weights(shape: tuple[int, ...]) -> np.ndarray[Any, Any]:
    """What the result's elements are weighted by, so that errors do not cancel in its sum."""
    size = int(np.prod(shape))
    return np.cos(np.arange(size) * 1.7 + 0.4).reshape(shape)


def scalar(fn: Callable[..., Any], tensors: list[Any]) -> Any:
    out = fn(*tensors)
    return B.sum(out * native.tensor(weights(tuple(out.shape))))


def gradients(fn: Callable[..., Any], arrays: list[Any]) -> list[np.ndarray[Any, Any]]:
    tensors = [native.tensor(a) for a in arrays]
    with GradientTape() as tape:
        tape.watch(tensors)
        target = scalar(fn, tensors)
    return [native.array(g) for g in tape.gradient(target, tensors, unconnected_gradients="zero")]


def products(fn: Callable[..., Any], arrays: list[Any], along: list[Any]) -> list[np.ndarray[Any, Any]]:
    """The Hessian of scalar(fn) times `along`, by two tapes inside jit."""

    @jit
    def both(tensors: list[Any], along: list[Any]) -> list[Any]:
        with GradientTape() as outer:
            outer.watch(tensors)
            with GradientTape() as inner:
                inner.watch(tensors)
                target = scalar(fn, tensors)
            first = inner.gradient(target, tensors, unconnected_gradients="zero")
            total = sum(B.sum(g * d) for g, d in zip(first, along, strict=True))
        return outer.gradient(total, tensors, unconnected_gradients="zero")

    return [native.array(g) for g in both(*([native.tensor(a) for a in x] for x in (arrays, along)))]


def differences(value: Callable[[list[Any]], Any], arrays: list[Any], along: list[Any], step: float) -> Any:
    """The central difference of `value` along a direction."""
    ends = [value([a + sign * step * d for a, d in zip(arrays, along, strict=True)]) for sign in (1, -1)]
    return (np.asarray(ends[0]) - np.asarray(ends[1])) / (2 * step)


def directions(arrays: tuple[Any, ...], count: int) -> list[list[np.ndarray[Any, Any]]]:
    generator = np.random.default_rng(len(arrays))
    return [[np.asarray(generator.normal(size=a.shape)) for a in arrays] for _ in range(count)]


@pytest.mark.aspect("gradient")
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_first_order(case: Gradient) -> None:
    with native.double():
        found = gradients(case.fn, list(case.args))
        for gradient, argument in zip(found, case.args, strict=True):
            assert (gradient.shape, gradient.dtype) == (argument.shape, np.float64)
        for along in directions(case.args, 3):
            expected = differences(
                lambda arrays: native.array(scalar(case.fn, [native.tensor(a) for a in arrays])),
                list(case.args), along, 1e-6,
            )  # fmt: skip
            got = sum(float(np.sum(g * d)) for g, d in zip(found, along, strict=True))
            assert got == pytest.approx(float(expected), rel=1e-6, abs=1e-7)


@pytest.mark.aspect("second gradient")
@pytest.mark.parametrize("case", [case for case in CASES if case.second], ids=lambda case: case.id)
def test_second_order(case: Gradient) -> None:
    with native.double():
        (along,) = directions(case.args, 1)
        found = products(case.fn, list(case.args), along)
        for k, product in enumerate(found):
            expected = differences(lambda arrays, k=k: gradients(case.fn, arrays)[k], list(case.args), along, 1e-5)
            np.testing.assert_allclose(product, expected, rtol=1e-5, atol=1e-6)


# -- against the framework's own ---------------------------------------------------------------

_M = np.cos(np.arange(12.0, dtype="float32")).reshape(3, 4)
_IMAGE = np.sin(np.arange(50.0, dtype="float32")).reshape(1, 5, 5, 2)
_KERNEL = np.cos(np.arange(24.0, dtype="float32")).reshape(2, 2, 2, 3)
OWN: dict[str, tuple[np.ndarray[Any, Any], ...]] = {
    "exp": (_M,), "tanh": (_M,), "matmul": (_M, _M.T), "sum": (_M,), "logsumexp": (_M,), "softmax": (_M,),
    "sort": (_M,), "conv": (_IMAGE, _KERNEL),
}  # fmt: skip


@pytest.mark.parametrize("op", OWN)
def test_against_the_framework(op: str) -> None:
    def total(fn: Callable[..., Any]) -> Callable[..., Any]:
        return lambda *xs: calls.sum(calls.sin(fn(*xs)))

    expected = native.gradients(total(native.OPS[op]), *OWN[op])
    for fn in (getattr(B, op), native.OPS[op]):
        tensors = [native.tensor(a) for a in OWN[op]]
        with GradientTape() as tape:
            tape.watch(tensors)
            target = total(fn)(*tensors)
        for got, wanted in zip(tape.gradient(target, tensors), expected, strict=True):
            np.testing.assert_allclose(native.array(got), wanted, rtol=1e-5, atol=1e-6)


def test_a_network_in_plain_calls() -> None:
    x, w1, w2 = (np.sin(np.arange(n, dtype="float32")).reshape(s) for n, s in ((8, (2, 4)), (12, (4, 3)), (6, (3, 2))))

    def loss(x: Any, *weights: Any) -> Any:
        w1, w2 = (w.value if isinstance(w, B.Variable) else w for w in weights)
        hidden = calls.relu(calls.matmul(x, w1))
        return -calls.sum(calls.log(calls.softmax(calls.matmul(hidden, w2))))

    expected = native.gradients(loss, x, w1, w2)
    for first, second in ((B.Variable(w1), B.Variable(w2)), (native.tensor(w1), native.tensor(w2))):
        data = native.tensor(x)
        with GradientTape() as tape:
            tape.watch([data, first, second])
            target = loss(data, first, second)
        for got, wanted in zip(tape.gradient(target, [data, first, second]), expected, strict=True):
            np.testing.assert_allclose(native.array(got), wanted, rtol=1e-5, atol=1e-6)


# -- awkward points ----------------------------------------------------------------------------

INF = math.inf
AWKWARD: list[tuple[str, Callable[..., Any], tuple[Any, ...], Any]] = [
    ("where guards NaN", lambda x: B.where(x > 0, B.log(B.where(x > 0, x, 1.0)), 0.0), ([-1.0, 0.0, 2.0],),
     [[0, 0, 0.5]]),
    ("where without a guard", lambda x: B.where(x > 0, B.log(x), 0.0), ([0.0, 4.0],), [[math.nan, 0.25]]),
    ("where: constant branches", lambda x: B.where(x > 0, x, math.nan) * 1.0, ([1.0, 2.0],), [[1, 1]]),
    ("sqrt at 0", B.sqrt, ([0.0, 4.0],), [[INF, 0.25]]),
    ("norm at 0", B.norm, ([0.0, 0.0],), [[0, 0]]),
    ("norm of a zero row", lambda x: B.norm(x, axis=-1), ([[0.0, 0.0], [3.0, 4.0]],), [[[0, 0], [0.6, 0.8]]]),
    ("norm 2 at 0", lambda x: B.norm(x, ord=2, axis=-1), ([[0.0, 0.0]],), [[[0, 0]]]),
    ("abs at 0", B.abs, ([0.0, -2.0],), [[0, -1]]),
    ("max ties", B.max, ([2.0, 1.0, 2.0],), [[0.5, 0, 0.5]]),
    ("max ties on an axis", lambda x: B.max(x, axis=1), ([[1.0, 1.0], [0.0, 3.0]],), [[[0.5, 0.5], [0, 1]]]),
    ("min ties", B.min, ([1.0, 1.0, 2.0, 1.0],), [[1 / 3, 1 / 3, 0, 1 / 3]]),
    ("maximum ties", B.maximum, ([1.0, 2.0], [1.0, 3.0]), [[0.5, 0], [0.5, 1]]),
    ("minimum ties", B.minimum, ([1.0, 2.0], [1.0, 3.0]), [[0.5, 1], [0.5, 0]]),
    ("relu at 0", B.relu, ([0.0, -1.0, 1.0],), [[0, 0, 1]]),
    ("relu6 at its ends", B.relu6, ([0.0, 6.0, 3.0, 7.0],), [[0, 0, 1, 0]]),
    ("clip at its ends", lambda x: B.clip(x, -1.0, 2.0), ([-1.0, 2.0, 0.0, 3.0, -2.0],), [[1, 1, 1, 0, 0]]),
    ("sort with ties", lambda x: B.sort(x) * f32([1, 2, 3]), ([1.0, 0.0, 1.0],), [[2, 1, 3]]),
    ("top_k with ties", lambda x: B.top_k(x, 2)[0] * f32([1, 2]), ([1.0, 3.0, 1.0, 1.0],), [[2, 1, 0, 0]]),
    ("scatter: repeated", lambda u: B.square(B.scatter(np.array([[1], [1]], "int32"), u, (2,))), ([2.0, 3.0],),
     [[10, 10]]),
    ("take: repeated", lambda x: B.take(x, np.array([0, 0, 1], "int32")), ([1.0, 2.0, 3.0],), [[2, 1, 0]]),
    ("logsumexp with -inf", B.logsumexp, ([-INF, 0.0, 0.0],), [[0, 0.5, 0.5]]),
    ("logsumexp of large numbers", B.logsumexp, ([1e4, 1e4],), [[0.5, 0.5]]),
    ("logaddexp with -inf", B.logaddexp, ([-INF, 0.0], [0.0, 0.0]), [[0, 0.5], [1, 0.5]]),
    ("softmax with -inf", lambda x: B.softmax(x) * f32([1, 2, 3]), ([-INF, 0.0, 0.0],), [[0, -0.25, 0.25]]),
    ("log_softmax with -inf", lambda x: B.log_softmax(x)[1:] * f32([1, 3]), ([-INF, 0.0, 0.0],), [[0, -1, 1]]),
    ("sigmoid saturated", B.sigmoid, ([-1e3, 1e3, 0.0],), [[0, 0, 0.25]]),
    ("softplus saturated", B.softplus, ([-1e3, 1e3, 0.0],), [[0, 1, 0.5]]),
    ("silu saturated", B.silu, ([-1e3, 1e3],), [[0, 1]]),
    ("gelu saturated", B.gelu, ([-1e3, 1e3],), [[0, 1]]),
    ("elu far below 0", B.elu, ([-1e3, 1e3],), [[0, 1]]),
    ("elu above exp's range", B.elu, ([200.0],), [[1]]),
    ("tanh saturated", B.tanh, ([-1e3, 1e3],), [[0, 0]]),
    ("prod with a zero", B.prod, ([0.0, 2.0, 3.0],), [[6, 0, 0]]),
    ("prod with two zeros", B.prod, ([0.0, 0.0, 3.0],), [[0, 0, 0]]),
    ("cumprod with a zero", B.cumprod, ([2.0, 0.0, 3.0],), [[1, 8, 0]]),
    ("square root of a square", lambda x: B.power(B.square(x), 0.5), ([3.0, -2.0],), [[1, -1]]),
    ("power: base 0", lambda x: B.power(x, 2.0), ([0.0, 3.0],), [[0, 6]]),
    ("power: exponent 0", lambda x: B.power(x, 0.0), ([2.0, 3.0],), [[0, 0]]),
    ("power: by its exponent at base 0", B.power, ([0.0], [2.0]), [[0], [0]]),
    ("power: negative base", lambda x: B.power(x, 3), ([-2.0],), [[12]]),
    ("var of equals", B.var, ([2.0, 2.0, 2.0],), [[0, 0, 0]]),
    ("crossentropy with huge logits", lambda x: B.binary_crossentropy(f32([1, 0]), x, from_logits=True),
     ([-1e3, -1e3],), [[-1, 0]]),
    ("crossentropy of certain probabilities", lambda p: B.binary_crossentropy(f32([1, 0]), p), ([1.0, 0.0],), [[0, 0]]),
    ("sparse crossentropy with huge logits", lambda x: B.sparse_categorical_crossentropy(
        np.array([1], "int32"), x, from_logits=True), ([[1e4, 0.0]],), [[[1, -1]]]),
    ("an empty sum", lambda x: B.sum(x, axis=0), (np.zeros((0, 2)),), [np.zeros((0, 2))]),
    *FAMILIES_AWKWARD,
    ("round, floor and sign are flat", lambda x: B.round(x) + B.floor(x) + B.sign(x) + x, ([0.4, -1.3],), [[1, 1]]),
]  # fmt: skip


@pytest.mark.parametrize(("fn", "args", "expect"), [row[1:] for row in AWKWARD], ids=[row[0] for row in AWKWARD])
def test_awkward_points(fn: Callable[..., Any], args: tuple[Any, ...], expect: Any) -> None:
    tensors = [f32(a) for a in args]
    with GradientTape() as tape:
        tape.watch(tensors)
        target = B.sum(fn(*tensors))
    same(tape.gradient(target, tensors), [np.asarray(e, "float32") for e in expect])


@pytest.mark.parametrize(
    ("fn", "point", "expect"),
    [
        (lambda x: B.power(x, 3), 0.0, 0.0),
        (lambda x: x * B.relu(x), 0.0, 0.0),
        (B.relu, 1.0, 0.0),
        (lambda x: B.abs(x) * x, -2.0, -2.0),
        (lambda x: B.square(B.clip(x, -1.0, 1.0)), 0.5, 2.0),
        (lambda x: B.logsumexp(B.stack([x, x])), 3.0, 0.0),
        (lambda x: B.sigmoid(x * 1e3), 1.0, 0.0),
        (lambda x: B.where(x > 0, x * x, -x), 2.0, 2.0),
        (lambda x: B.max(B.stack([x * x, x])), 3.0, 2.0),
    ],
)
def test_awkward_points_to_second_order(fn: Callable[..., Any], point: float, expect: float) -> None:
    x = f32(point)
    with GradientTape() as outer:
        outer.watch(x)
        with GradientTape() as inner:
            inner.watch(x)
            target = fn(x)
        first = inner.gradient(target, x)
    same(outer.gradient(first, x, unconnected_gradients="zero"), expect)
