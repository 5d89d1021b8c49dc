"""The tape: its semantics table, what it refuses, and what it leaves behind."""

from __future__ import annotations

import gc
import inspect
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conformance.cases import tape_jacobians, tape_orders, tape_sources
from tests.conformance.cases.tape_base import Row
from tests.conformance.native import native
from tests.conformance.support import calls, f32, same
from triceras import autodiff as T
from triceras.autodiff import GradientTape
from triceras_backends.active import backend as B

ROWS: list[Row] = [*tape_sources.row, *tape_orders.row, *tape_jacobians.row]


TENSORS: dict[str, Callable[[], Any]] = {
    "x": lambda: f32(3.0),
    "y": lambda: f32(2.0),
    "vec": lambda: f32([1, 2, 3]),
    "mat": lambda: f32([[1, 2], [3, 4]]),
    "n": lambda: native.tensor(np.int32(4)),
}
VARIABLES: dict[str, Callable[[], Any]] = {
    "v": lambda: B.Variable(3.0),
    "w": lambda: B.Variable(2.0),
    "wv": lambda: B.Variable([1.0, 2.0, 3.0]),
}


def in_contract(row: Row) -> Any:
    return _call(row, B, TENSORS | VARIABLES)


def in_framework(row: Row) -> Any:
    return _call(row, calls, TENSORS | VARIABLES)


def in_jit(row: Row) -> Any:
    names = list(inspect.signature(row.body).parameters)[1:]
    made = {name: VARIABLES[name]() for name in names if name in VARIABLES}
    free = [name for name in names if name in TENSORS]
    compiled = T.jit(lambda *tensors: row.body(B, **made, **dict(zip(free, tensors, strict=True))))
    return compiled(*(TENSORS[name]() for name in free))


def _call(row: Row, functions: Any, makers: dict[str, Callable[[], Any]]) -> Any:
    names = list(inspect.signature(row.body).parameters)[1:]
    return row.body(functions, **{name: makers[name]() for name in names})


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.rule)
@pytest.mark.parametrize("how", [in_contract, in_framework, in_jit], ids=lambda how: how.__name__)
def test_semantics(how: Callable[[Row], Any], row: Row) -> None:
    if how is in_jit and not row.jit:
        how = in_contract
    same(how(row), row.expect)


# -- what it refuses ---------------------------------------------------------------------------


def test_used_up() -> None:
    x = f32(3.0)
    with GradientTape() as tape:
        tape.watch(x)
        z = x * x
    tape.gradient(z, x)
    for again in (tape.gradient, tape.jacobian, tape.batch_jacobian):
        with pytest.raises((RuntimeError, ValueError), match="persistent=True|first size"):
            again(z, x)
    with pytest.raises(RuntimeError, match="persistent=True"):
        tape.gradient(z, x)


def test_used_up_by_a_jacobian() -> None:
    x = f32([1, 2])
    with GradientTape() as tape:
        tape.watch(x)
        z = x * x
    tape.batch_jacobian(z, x)
    with pytest.raises(RuntimeError, match="persistent=True"):
        tape.jacobian(z, x)


def test_never_entered() -> None:
    x = f32(3.0)
    with pytest.raises(RuntimeError, match="block"):
        GradientTape().gradient(x, x)
    with pytest.raises(RuntimeError, match="not recording"):
        GradientTape().watch(x)
    with pytest.raises(RuntimeError, match="not recording"), GradientTape().stop_recording():
        pass
    with pytest.raises(ValueError, match="not recording"):
        GradientTape().reset()


def test_entered_twice() -> None:
    x = f32(3.0)
    with GradientTape() as tape:
        with pytest.raises(ValueError, match="already records"), tape:
            pass
        tape.watch(x)
        z = x * x
    same(tape.gradient(z, x), 6.0)


@pytest.mark.parametrize("dtype", ["int32", "bool", "uint8"])
def test_watch_of_what_has_no_gradient(dtype: str) -> None:
    x = native.tensor(np.ones(2, dtype))
    with GradientTape() as tape, pytest.raises(TypeError, match=dtype):
        tape.watch([f32(1.0), x])


@pytest.mark.parametrize("thing", [3.0, "x", None, np.float32(1)], ids=repr)
def test_watch_of_what_is_no_tensor(thing: Any) -> None:
    with GradientTape() as tape, pytest.raises(ValueError, match="watch"):
        tape.watch(thing)


@pytest.mark.parametrize("dtype", ["int32", "bool"])
def test_target_without_gradient(dtype: str) -> None:
    x = f32(3.0)
    with GradientTape() as tape:
        tape.watch(x)
        z = B.cast(x, dtype)
        ok = x * x
    with pytest.raises(TypeError, match=dtype):
        tape.gradient(z, x)
    with pytest.raises(TypeError, match="NoneType"):
        tape.gradient(None, x)
    same(tape.gradient(ok, x), 6.0)  # a refused question uses nothing up


def test_source_that_is_no_tensor() -> None:
    x = f32(3.0)
    with GradientTape() as tape:
        tape.watch(x)
        z = x * x
    for source in (3.0, None, [x, "x"]):
        with pytest.raises(ValueError, match="gradient"):
            tape.gradient(z, source)
    same(tape.gradient(z, x), 6.0)


def test_output_gradients_that_do_not_fit() -> None:
    x = f32([1, 2])
    with GradientTape() as tape:
        tape.watch(x)
        z = x * x
    with pytest.raises(ValueError, match=r"\(3,\).*\(2,\)"):
        tape.gradient(z, x, output_gradients=native.tensor(np.ones(3, "float32")))
    with pytest.raises(ValueError, match="1 tensors for 2"):
        tape.gradient([z, z], x, output_gradients=[z])
    with pytest.raises(ValueError, match="unconnected_gradients"):
        tape.gradient(z, x, unconnected_gradients="zeros")
    same(tape.gradient(z, x, output_gradients=np.float32([1, 10])), [2.0, 40.0])


def test_batch_jacobian_of_unequal_batches() -> None:
    x = native.tensor(np.ones((2, 3), "float32"))
    with GradientTape() as tape:
        tape.watch(x)
        z = B.sum(x, axis=0)
    with pytest.raises(ValueError, match=r"\(3,\).*\(2, 3\)"):
        tape.batch_jacobian(z, x)


# -- what it leaves behind ---------------------------------------------------------------------


def test_tuples_stay_tuples() -> None:
    x = f32(3.0)
    with GradientTape() as tape:
        tape.watch(x)
        z = x * x
    gradients = tape.gradient(z, (x, {"k": [x]}))
    assert isinstance(gradients, tuple)
    assert isinstance(gradients[1]["k"], list)


@pytest.mark.parametrize("persistent", [False, True])
def test_exception_in_the_block(persistent: bool) -> None:
    x, v = f32(3.0), B.Variable(3.0)
    tape = GradientTape(persistent=persistent)
    with pytest.raises(KeyError), tape:
        tape.watch(x)
        z = x * v
        raise KeyError("stop")
    assert calls.untouched(x)
    with pytest.raises(RuntimeError, match="exception"):
        tape.gradient(z, v)
    with GradientTape() as after:
        u = v * v * x
    same(after.gradient(u, [v, x]), [18.0, None])


def test_exception_in_nested_blocks() -> None:
    x = f32(3.0)
    with GradientTape() as outer:
        outer.watch(x)
        with pytest.raises(KeyError), GradientTape() as inner, inner.stop_recording():
            raise KeyError("stop")
        z = x * x
    same(outer.gradient(z, x), 6.0)


def test_exception_in_an_operation() -> None:
    x = native.tensor(np.ones((2, 3), "float32"))
    with GradientTape() as tape:
        tape.watch(x)
        with pytest.raises(ValueError, match="matmul"):
            B.matmul(x, x)
        z = B.sum(x * 2.0)
    same(tape.gradient(z, x), [[2.0] * 3] * 2)


def test_watched_tensors_are_as_before() -> None:
    x = f32(3.0)
    with GradientTape() as tape:
        tape.watch(x)
        z = x * x
    tape.gradient(z, x)
    assert calls.untouched(x)
    with GradientTape(persistent=True) as tape:
        tape.watch(x)
        z = x * x
    del tape, z
    gc.collect()
    assert calls.untouched(x)


def test_gradients_are_plain() -> None:
    v = B.Variable([1.0, 2.0])
    with GradientTape() as tape:
        z = B.sum(v * v)
    gradient = tape.gradient(z, v)
    assert native.is_tensor(gradient)
    assert calls.untouched(gradient)
    assert isinstance(B.convert_to_numpy(z), np.ndarray)
    assert float(z) == 5.0


def test_values_may_be_looked_at_while_recording() -> None:
    x = f32(3.0)
    with GradientTape() as tape:
        tape.watch(x)
        z = x * x
        assert float(z) == 9.0
        assert B.convert_to_numpy(z) == 9.0
        z = z * 2.0 if z > 1.0 else z
    same(tape.gradient(z, x), 12.0)


def test_empty_tensors() -> None:
    x = native.tensor(np.zeros((0, 3), "float32"))
    with GradientTape() as tape:
        tape.watch(x)
        z = B.sum(x * x)
    assert tuple(tape.gradient(z, x).shape) == (0, 3)


def test_a_tape_belongs_to_its_thread() -> None:
    v, wrong = B.Variable(3.0), []

    def work(power: int) -> None:
        for _ in range(20):
            with GradientTape() as tape:
                z = v * 1.0
                for _ in range(power - 1):
                    z = z * v
            gradient = float(tape.gradient(z, v))
            if abs(gradient - power * 3.0 ** (power - 1)) > 1e-3:
                wrong.append((power, gradient))

    threads = [threading.Thread(target=work, args=(power,)) for power in (1, 2, 3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_many_tapes_leave_no_memory() -> None:
    v = B.Variable(np.ones((10, 10), "float32"))

    def once() -> None:
        with GradientTape() as tape:
            z = B.sum(B.matmul(v, v))
        tape.gradient(z, v)

    once()
    gc.collect()
    before = len(gc.get_objects())
    for _ in range(30):
        once()
    gc.collect()
    assert len(gc.get_objects()) - before < 60


# -- with the functional forms -------------------------------------------------------------------


def cube(z: Any) -> Any:
    with GradientTape() as tape:
        tape.watch(z)
        u = z * z * z
    return tape.gradient(u, z)


def test_tape_inside_vmap() -> None:
    same(T.vmap(cube)(f32([1, 2, 3])), [3.0, 12.0, 27.0])


def test_tape_around_vmap() -> None:
    x = f32([1, 2, 3])
    with GradientTape() as tape:
        tape.watch(x)
        z = B.sum(T.vmap(lambda row: row * row)(x))
    same(tape.gradient(z, x), [2.0, 4.0, 6.0])


def test_tape_inside_grad() -> None:
    same(T.grad(cube)(f32(3.0)), 18.0)


def test_tape_inside_hessian() -> None:
    same(T.hessian(cube)(f32(3.0)), 6.0)


def test_tape_inside_jvp() -> None:
    same(T.jvp(cube, (f32(3.0),), (f32(1.0),)), [27.0, 18.0])


def test_grad_inside_a_tape() -> None:
    x, v = f32(3.0), B.Variable(2.0)
    with GradientTape() as tape:
        tape.watch(x)
        z = T.grad(lambda a: a * a * a * v)(x)
    same(tape.gradient(z, [x, v]), [36.0, 27.0])


def test_grad_by_variables_inside_a_tape() -> None:
    v = B.Variable(2.0)
    with GradientTape() as tape:
        z = T.grad(lambda: v * v * v, variables=[v])()[0]
    same(tape.gradient(z, v), 12.0)


def test_jit_inside_a_tape() -> None:
    v = B.Variable(3.0)
    square = T.jit(lambda a: a * a * v)
    x = f32(2.0)
    for _ in range(2):
        with GradientTape() as tape:
            tape.watch(x)
            z = square(x)
        same(tape.gradient(z, [x, v]), [12.0, 4.0])


def test_jit_inside_two_tapes() -> None:
    v = B.Variable(3.0)
    power = T.jit(lambda a: a * a * a * v)
    x = f32(2.0)
    with GradientTape() as outer:
        outer.watch(x)
        with GradientTape() as inner:
            inner.watch(x)
            z = power(x)
        gradient = inner.gradient(z, x)
    same([gradient, *outer.gradient(gradient, [x, v])], [36.0, 36.0, 12.0])


def test_tape_inside_jit_inside_a_tape() -> None:
    step = T.jit(cube)
    x = f32(3.0)
    with GradientTape() as tape:
        tape.watch(x)
        z = step(x) * 1.0
    same([z, tape.gradient(z, x)], [27.0, 18.0])


# -- random programs ---------------------------------------------------------------------------

UNARY = ["sin", "cos", "tanh", "negative", "square", "sigmoid", "softplus", "stop_gradient"]
BINARY = ["add", "subtract", "multiply"]
STEPS = st.lists(
    st.tuples(st.sampled_from(UNARY + BINARY), st.integers(0, 9), st.integers(0, 9)), min_size=3, max_size=9
)


def program(steps: list[tuple[str, int, int]], a: Any, b: Any, held: list[Any] | None = None) -> Any:
    """A graph of operations by indices into what was computed so far. `held` replaces, in
    order, what stop_gradient returns: so finite differences see it as constant too.
    """
    made, kept = [a, b], []
    for name, i, j in steps:
        first, second = made[i % len(made)], made[j % len(made)]
        value = getattr(B, name)(first, second) if name in BINARY else getattr(B, name)(first)
        if name == "stop_gradient":
            value = value if held is None else held[len(kept)]
            kept.append(value)
        made.append(B.tanh(value))
    return sum(made[2:], start=made[0] * 0.0), kept


@given(STEPS)
def test_random_programs(steps: list[tuple[str, int, int]]) -> None:
    with native.double():
        points = [0.3, -0.7]
        a, b = (native.tensor(np.float64(p)) for p in points)
        with GradientTape() as tape:
            tape.watch([a, b])
            z, held = program(steps, a, b)
        found = tape.gradient(z, [a, b], unconnected_gradients="zero")
        step = 1e-6
        for k, gradient in enumerate(found):
            ends = []
            for sign in (1, -1):
                moved = [native.tensor(np.float64(p + sign * step * (n == k))) for n, p in enumerate(points)]
                ends.append(float(program(steps, *moved, held=held)[0]))
            assert float(gradient) == pytest.approx((ends[0] - ends[1]) / (2 * step), rel=1e-5, abs=1e-7)
