"""vectorize: a function of elements or blocks over what its arguments broadcast to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import triceras
from tests.conformance.cases.base import floats
from tests.conformance.native import native
from triceras import ops
from triceras.autodiff import GradientTape
from triceras_backends.active import backend as B

M, V, S = floats((2, 3)), floats((3,)), floats(())
STACK = floats((4, 2, 3))


def _row(label: str, fn: Callable[..., Any], args: tuple[Any, ...], want: Any, **how: Any) -> Any:
    return pytest.param(fn, args, want, how, id=label)


ROWS = [
    _row("elements", lambda a, b: a * b, (M, V), M * V),
    _row("a column and a row", lambda a, b: a + b, (M[:, :1], V), M[:, :1] + V),
    _row("sizes of 1", lambda a, b: a + b, (M[:1, :1], M[:1, :1]), 2 * M[:1, :1]),
    _row("a scalar", lambda a: ops.exp(a), (S,), np.exp(S)),
    _row("several results", lambda a: (a, a * 2), (M,), [M, 2 * M]),
    _row("vectors", lambda a: ops.sum(a), (STACK,), STACK.sum(-1), signature="(n)->()"),
    _row("matrix and vector", ops.matmul, (STACK, V), STACK @ V, signature="(m,n),(n)->(m)"),
    _row("two loops", ops.dot, (STACK, STACK[:1]), (STACK * STACK[:1]).sum(-1), signature="(n), (n) -> ()"),
    _row("no loop", ops.matmul, (M, V), M @ V, signature="(m,n),(n)->(m)"),
    _row("a new axis", lambda a, b: ops.outer(a, b), (M, V), np.einsum("ai,j->aij", M, V), signature="(i),(j)->(i,j)"),
    _row("excluded by position", lambda a, n: a * n[1], (M, [1, 3]), M * 3, excluded={1}),
    _row("excluded by name", lambda a, power: a**power, (M, 2), M**2, excluded=["power"]),
]  # fmt: skip


@pytest.mark.aspect("value", op="vectorize")
@pytest.mark.parametrize(("fn", "args", "want", "how"), ROWS)
def test_values(fn: Any, args: Any, want: Any, how: Any) -> None:
    given = [native.tensor(a) if isinstance(a, np.ndarray) else a for a in args]
    result = ops.vectorize(fn, **how)(*given)
    for got, expected in zip(*((x if isinstance(x, (list, tuple)) else [x]) for x in (result, want)), strict=True):
        assert native.is_tensor(got)
        np.testing.assert_allclose(native.array(got), expected, 1e-5, 1e-6)


@pytest.mark.aspect("value", op="vectorize")
def test_keywords_are_passed_as_they_are() -> None:
    found = ops.vectorize(lambda a, *, scale: a * scale[0])(native.tensor(M), scale=[2.0])
    np.testing.assert_allclose(native.array(found), 2 * M, 1e-6)


@pytest.mark.aspect("jit", op="vectorize")
def test_inside_jit() -> None:
    made = B.jit(ops.vectorize(ops.matmul, signature="(m,n),(n)->(m)"))
    np.testing.assert_allclose(native.array(made(native.tensor(STACK), native.tensor(V))), STACK @ V, 1e-5)


@pytest.mark.aspect("symbolic", op="vectorize")
def test_symbolic() -> None:
    x = triceras.Input((2, 3))
    weights = native.tensor(V)
    y = ops.vectorize(ops.matmul, signature="(m,n),(n)->(m)")(x, weights)
    assert (y.shape, y.dtype) == ((None, 2), "float32")
    np.testing.assert_allclose(native.array(triceras.Model(x, y)(native.tensor(STACK))), STACK @ V, 1e-5)


@pytest.mark.aspect("gradient", op="vectorize")
def test_gradients() -> None:
    x, v = native.tensor(STACK), native.tensor(V)
    with GradientTape() as tape:
        tape.watch([x, v])
        total = ops.sum(ops.square(ops.vectorize(ops.dot, signature="(n),(n)->()")(x, v)))
    by_x, by_v = tape.gradient(total, [x, v])
    products = 2 * (STACK @ V)
    np.testing.assert_allclose(native.array(by_x), products[..., None] * V, 1e-4)
    np.testing.assert_allclose(native.array(by_v), np.einsum("ab,abn->n", products, STACK), 1e-4)


@pytest.mark.parametrize(
    ("fn", "args", "how", "error", "text"),
    [
        (3, (), {}, ValueError, "vectorize: pyfunc .* 3"),
        (len, (), {"signature": "(a->()"}, ValueError, r"\(a->\(\)"),
        (ops.matmul, (M,), {"signature": "(m,n),(n)->(m)"}, TypeError, "2 arguments; got 1"),
        (ops.matmul, (M, M[0, :2]), {"signature": "(m,n),(n)->(m)"}, ValueError, "'n' has size 3 .* and 2"),
        (ops.sum, (S,), {"signature": "(n)->()"}, ValueError, r"shape \(\)"),
        (lambda a: a, (V,), {"signature": "(n)->()"}, ValueError, r"result of shape \(3,\)"),
        (lambda a: (a, a), (V,), {"signature": "()->()"}, TypeError, "1 results"),
        (lambda a, b: a + b, (M, M[0, :2]), {}, ValueError, r"\(2, 3\) and \(2,\) do not broadcast"),
        (lambda a: a, (M,), {"excluded": [None]}, TypeError, "excluded"),
    ],
)
def test_refused(fn: Any, args: Any, how: Any, error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        ops.vectorize(fn, **how)(*map(native.tensor, args))
