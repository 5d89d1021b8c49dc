"""Structured control flow: values, gradients, Variables assigned in bodies; eagerly and in jit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tests.conformance.native import native
from tests.conformance.support import f32, same
from triceras import autodiff as T
from triceras.autodiff import GradientTape
from triceras_backends.active import backend as B

VEC = [1.0, 2.0, 3.0]
Run = Callable[..., Any]


def eager(fn: Run, *args: Any) -> Any:
    return fn(*args)


def jitted(fn: Run, *args: Any) -> Any:
    return T.jit(fn)(*args)


@pytest.fixture(params=[eager, jitted], ids=["eager", "jit"])
def run(request: pytest.FixtureRequest) -> Run:
    return request.param


def product(carry: Any, x: Any) -> Any:
    return carry * x, carry + x


# -- scan ------------------------------------------------------------------------------------------


def test_scan(run: Run) -> None:
    same(run(lambda c, xs: B.scan(product, c, xs), f32(2.0), f32(VEC)), [12.0, [3.0, 4.0, 7.0]])


def test_scan_reverse(run: Run) -> None:
    same(run(lambda c, xs: B.scan(product, c, xs, reverse=True), f32(2.0), f32(VEC)), [12.0, [13.0, 8.0, 5.0]])


def test_scan_of_structures(run: Run) -> None:
    def body(carry: Any, x: Any) -> Any:
        carry = {"sum": carry["sum"] + x["a"], "n": carry["n"] + 1}
        return carry, (carry["sum"] * 1.0, [x["b"] * 2.0])

    start = {"sum": f32(0.0), "n": native.tensor(np.int32(0))}
    xs = {"a": f32(VEC), "b": f32([[1, 2], [3, 4], [5, 6]])}
    carry, ys = run(lambda c, x: B.scan(body, c, x), start, xs)
    same([carry, list(ys)], [{"sum": 6.0, "n": 3}, [[1.0, 3.0, 6.0], [[[2, 4], [6, 8], [10, 12]]]]])


def test_scan_by_length(run: Run) -> None:
    carry, ys = run(lambda c: B.scan(lambda c, x: (c * 2.0, c), c, length=4), f32(1.0))
    same([carry, ys], [16.0, [1.0, 2.0, 4.0, 8.0]])


def test_scan_without_outputs(run: Run) -> None:
    carry, ys = run(lambda c, xs: B.scan(lambda c, x: (c + x, None), c, xs), f32(1.0), f32(VEC))
    assert ys is None
    same(carry, 7.0)


def test_scan_unrolled(run: Run) -> None:
    same(run(lambda c, xs: B.scan(product, c, xs, unroll=True), f32(2.0), f32(VEC)), [12.0, [3.0, 4.0, 7.0]])


def test_scan_gradient(run: Run) -> None:
    def f(c: Any, xs: Any) -> Any:
        carry, ys = B.scan(product, c, xs)
        return carry + B.sum(ys)

    # carry = c abc; ys = (c + a) + (ca + b) + (cab + c'), with c' the third element.
    same(run(T.grad(f, argnums=(0, 1)), f32(2.0), f32(VEC)), [6 + 1 + 1 + 2, [12 + 1 + 2 + 4, 6 + 1 + 2, 4 + 1]])


def test_scan_under_a_tape_to_second_order(run: Run) -> None:
    def f(x: Any) -> Any:
        with GradientTape() as outer:
            outer.watch(x)
            with GradientTape() as inner:
                inner.watch(x)
                z, _ = B.scan(lambda c, _: (c * x, None), x, length=2)
            first = inner.gradient(z, x)
        return first, outer.gradient(first, x)

    same(list(run(f, f32(3.0))), [27.0, 18.0])


def test_scan_closes_over_variables(run: Run) -> None:
    v, count = B.Variable(3.0), B.Variable(0, trainable=False)

    def body(carry: Any, x: Any) -> Any:
        count.assign_add(1)
        return carry + x * v, count + 0

    def f(xs: Any) -> Any:
        with GradientTape() as tape:
            carry, ys = B.scan(body, xs[0] * 0.0, xs)
        return carry, ys, tape.gradient(carry, v)

    same(list(run(f, f32(VEC))), [18.0, [1, 2, 3], 6.0])
    assert int(count) == 3


def test_scan_refuses() -> None:
    with pytest.raises(ValueError, match="length"):
        B.scan(product, f32(1.0))
    with pytest.raises(ValueError, match="length|size|axis"):
        B.scan(lambda c, x: (c, x[0]), f32(1.0), (f32(VEC), f32([1.0])))


# -- while_loop, fori_loop ------------------------------------------------------------------------


def test_while_loop(run: Run) -> None:
    def f(i: Any, x: Any) -> Any:
        return B.while_loop(lambda i, x: i < 5, lambda i, x: (i + 1, x * 2.0), (i, x))

    found = run(f, native.tensor(np.int32(0)), f32(1.0))
    assert isinstance(found, tuple)
    same(found, [5, 32.0])


def test_while_loop_of_one_tensor(run: Run) -> None:
    same(run(lambda x: B.while_loop(lambda x: x < 100.0, lambda x: x * 3.0, x), f32(1.0)), 243.0)


def test_while_loop_of_a_list_and_a_dict(run: Run) -> None:
    def f(x: Any) -> Any:
        return B.while_loop(lambda d, y: d["k"] < 3.0, lambda d, y: [{"k": d["k"] + 1.0}, y + d["k"]], [{"k": x}, x])

    found = run(f, f32(0.0))
    assert isinstance(found, list)
    same(found, [{"k": 3.0}, 3.0])


def test_while_loop_that_never_runs(run: Run) -> None:
    same(run(lambda x: B.while_loop(lambda x: x < 0.0, lambda x: x + 1.0, x), f32(1.0)), 1.0)


def test_while_loop_with_a_limit(run: Run) -> None:
    f = lambda x: B.while_loop(lambda x: x > 0.0, lambda x: x + 1.0, x, maximum_iterations=4)  # noqa: E731
    same(run(f, f32(1.0)), 5.0)


def test_while_loop_gradient(run: Run) -> None:
    def f(x: Any) -> Any:
        return B.while_loop(lambda y: y < 50.0, lambda y: y * x, x, maximum_iterations=10)

    same(run(T.value_and_grad(f), f32(3.0)), [81.0, 108.0])


def test_while_loop_assigns_variables(run: Run) -> None:
    v = B.Variable(1.0)

    def body(i: Any) -> Any:
        v.assign(v * 2.0)
        return (i + 1,)

    def f(i: Any) -> Any:
        B.while_loop(lambda i: i < 3, body, (i,))
        return v * 1.0

    same(run(f, native.tensor(np.int32(0))), 8.0)
    same(v.value, 8.0)


def test_while_loop_reads_variables_in_its_condition(run: Run) -> None:
    v = B.Variable(0.0)
    f = lambda x: B.while_loop(lambda x: v < 3.0, lambda x: (v.assign_add(1.0) * 0.0) + x + 1.0, x)  # noqa: E731
    same([run(f, f32(10.0)), v.value], [13.0, 3.0])


def test_fori_loop(run: Run) -> None:
    same(run(lambda x: B.fori_loop(0, 4, lambda i, x: x + B.cast(i, "float32"), x), f32(1.0)), 7.0)
    same(run(lambda x: B.fori_loop(2, 2, lambda i, x: x + 1.0, x), f32(1.0)), 1.0)


def test_fori_loop_with_a_tensor_as_bound(run: Run) -> None:
    same(run(lambda x, n: B.fori_loop(0, n, lambda i, x: x * 2.0, x), f32(1.0), native.tensor(np.int32(5))), 32.0)


def test_fori_loop_gradient(run: Run) -> None:
    f = lambda x: B.fori_loop(0, 3, lambda i, y: y * x, x)  # noqa: E731
    same(run(T.value_and_grad(f), f32(3.0)), [81.0, 108.0])
    same(run(T.grad(T.grad(f)), f32(3.0)), 108.0)


def test_fori_loop_assigns_variables(run: Run) -> None:
    v = B.Variable(VEC)

    def body(i: Any, x: Any) -> Any:
        v.assign_add(x)
        return x * 2.0

    same([run(lambda x: B.fori_loop(0, 3, body, x), f32(1.0)), v.value], [8.0, [8.0, 9.0, 10.0]])


# -- cond, switch ---------------------------------------------------------------------------------


@pytest.mark.parametrize("x", [2.0, -2.0])
def test_cond(run: Run, x: float) -> None:
    f = lambda x: B.cond(x > 0, lambda: {"r": x * 3.0}, lambda: {"r": x * x})  # noqa: E731
    same(run(f, f32(x)), {"r": x * 3.0 if x > 0 else x * x})


@pytest.mark.parametrize("flag", [True, False])
def test_cond_with_a_python_bool(run: Run, flag: bool) -> None:
    same(run(lambda x: B.cond(flag, lambda: x + 1.0, lambda: x - 1.0), f32(0.0)), 1.0 if flag else -1.0)


@pytest.mark.parametrize(("x", "expect"), [(2.0, [3.0, 0.0]), (-2.0, [-4.0, 2.0])])
def test_cond_gradient(run: Run, x: float, expect: Any) -> None:
    def f(x: Any) -> Any:
        with GradientTape() as outer:
            outer.watch(x)
            with GradientTape() as inner:
                inner.watch(x)
                z = B.cond(x > 0, lambda: x * 3.0, lambda: x * x)
            first = inner.gradient(z, x)
        return [first, outer.gradient(first, x, unconnected_gradients="zero")]

    same(run(f, f32(x)), expect)


@pytest.mark.parametrize(("flag", "expect"), [(1.0, [5.0, 2.0, 5.0]), (-1.0, [1.0, 7.0, 1.0])])
def test_cond_assigns_variables(run: Run, flag: float, expect: Any) -> None:
    v, w = B.Variable(1.0), B.Variable(2.0)

    def f(x: Any) -> Any:
        return B.cond(x > 0, lambda: v.assign(5.0) * 1.0, lambda: w.assign_add(5.0) * 0.0 + v)

    out = run(f, f32(flag))
    same([v.value, w.value, out], expect)


def test_cond_and_variables_gradient(run: Run) -> None:
    v, w = B.Variable(3.0), B.Variable(2.0)

    def f(x: Any) -> Any:
        with GradientTape() as tape:
            z = B.cond(x > 0, lambda: v * x, lambda: w * x)
        return tape.gradient(z, [v, w], unconnected_gradients="zero")

    same([run(f, f32(5.0)), run(f, f32(-5.0))], [[5.0, 0.0], [0.0, -5.0]])


@pytest.mark.parametrize(("index", "expect"), [(0, 6.0), (1, 5.0), (2, 9.0), (7, 9.0), (-3, 6.0)])
def test_switch(run: Run, index: int, expect: float) -> None:
    branches = [lambda a, b: a * b, lambda a, b: a + b, lambda a, b: a * a]
    f = lambda i, a, b: B.switch(i, branches, a, b)  # noqa: E731
    same(run(f, native.tensor(np.int32(index)), f32(3.0), f32(2.0)), expect)


def test_switch_gradient(run: Run) -> None:
    f = lambda a, i: B.switch(i, [lambda a: a * 2.0, lambda a: a * a, lambda a: a * a * a], a)  # noqa: E731
    found = [run(T.grad(f), f32(3.0), native.tensor(np.int32(k))) for k in range(3)]
    same(found, [2.0, 6.0, 27.0])


# -- map, associative_scan, vectorized_map ----------------------------------------------------------


@pytest.mark.parametrize("name", ["map", "vectorized_map"])
def test_map(run: Run, name: str) -> None:
    f = lambda xs: getattr(B, name)(lambda x: {"s": B.sum(x["a"]) * x["b"]}, xs)  # noqa: E731
    same(run(f, {"a": f32([[1, 2], [3, 4]]), "b": f32([1.0, 10.0])}), {"s": [3.0, 70.0]})


@pytest.mark.parametrize("name", ["map", "vectorized_map"])
def test_map_gradient(run: Run, name: str) -> None:
    v = B.Variable(2.0)
    f = lambda xs: B.sum(getattr(B, name)(lambda x: x * x * v, xs))  # noqa: E731
    same(run(T.grad(f), f32(VEC)), [4.0, 8.0, 12.0])
    same(run(T.grad(f, variables=v), f32(VEC)), 14.0)


def test_map_assigns_variables(run: Run) -> None:
    v = B.Variable(0.0)
    same([run(lambda xs: B.map(lambda x: v.assign_add(x) * 1.0, xs), f32(VEC)), v.value], [[1.0, 3.0, 6.0], 6.0])


@pytest.mark.parametrize("size", [1, 2, 5, 8])
@pytest.mark.parametrize("reverse", [False, True])
def test_associative_scan(run: Run, size: int, reverse: bool) -> None:
    values = np.arange(1.0, size + 1.0, dtype="float32")
    expect = np.cumsum(values[::-1])[::-1] if reverse else np.cumsum(values)
    same(run(lambda x: B.associative_scan(B.add, x, reverse=reverse), f32(values)), expect)


def test_associative_scan_of_matrices(run: Run) -> None:
    m = np.cos(np.arange(20.0, dtype="float32")).reshape(5, 2, 2)
    expect = [m[0]]
    for one in m[1:]:
        expect.append(expect[-1] @ one)
    same(run(lambda x: B.associative_scan(B.matmul, x), f32(m)), np.stack(expect))


def test_associative_scan_of_structures_along_an_axis(run: Run) -> None:
    """The recurrence h = a h + b along axis 1, as a scan of pairs."""
    a, b = np.float32([[0.5, 2.0, 1.0], [1.0, 1.0, 3.0]]), np.float32([[1, 2, 3], [4, 5, 6]])
    f = lambda pair: B.associative_scan(  # noqa: E731
        lambda x, y: {"a": x["a"] * y["a"], "b": x["b"] * y["a"] + y["b"]}, pair, axis=1
    )
    found = run(f, {"a": f32(a), "b": f32(b)})
    same(found["b"], [[1, 4, 7], [4, 9, 33]])


def test_associative_scan_gradient(run: Run) -> None:
    f = lambda x: B.sum(B.associative_scan(B.multiply, x))  # noqa: E731
    same(run(T.grad(f), f32(VEC)), [1 + 2 + 6, 1 + 3, 2])


# -- inside one another -----------------------------------------------------------------------------


def test_loops_in_loops(run: Run) -> None:
    v = B.Variable(0.0)

    def inner(i: Any, x: Any) -> Any:
        v.assign_add(1.0)
        return x + 1.0

    def outer(carry: Any, x: Any) -> Any:
        carry = B.fori_loop(0, 2, inner, carry)
        return B.cond(x > 1.5, lambda: carry * x, lambda: carry), carry

    same(run(lambda xs: B.scan(outer, xs[0] * 0.0, xs), f32(VEC)), [30.0, [2.0, 4.0, 10.0]])
    same(v.value, 6.0)


def test_exception_in_a_body(run: Run) -> None:
    v = B.Variable(1.0)

    def body(carry: Any, x: Any) -> Any:
        v.assign_add(0.0)
        raise KeyError("stop")

    with pytest.raises(KeyError):
        run(lambda xs: B.scan(body, xs[0], xs), f32(VEC))
    same([v.value, v * 2.0], [1.0, 2.0])


def test_vmap_of_loops() -> None:
    same(T.vmap(lambda x: B.fori_loop(0, 3, lambda i, y: y * x, x))(f32(VEC)), [1.0, 16.0, 81.0])
    same(T.vmap(lambda row: B.scan(product, row[0] * 0.0 + 1.0, row)[0])(f32([[1, 2], [3, 4]])), [2.0, 12.0])
    same(T.vmap(lambda x: B.cond(x > 1.5, lambda: x * 10.0, lambda: x))(f32(VEC)), [1.0, 20.0, 30.0])
