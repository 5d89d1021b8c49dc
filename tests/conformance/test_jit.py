"""jit: the same results as without it, no needless traces, state written back."""

from __future__ import annotations

import enum
from typing import Any

import numpy as np
import pytest

from tests.conformance.native import native
from tests.conformance.support import f32, same
from triceras import autodiff as T
from triceras.autodiff import GradientTape, jit
from triceras_backends.active import backend as B

pytestmark = pytest.mark.optimized

VEC = [1.0, 2.0, 3.0]


class Retraced:
    """`with Retraced(f, 1):` f is traced that often in the block, or never where it is never traced."""

    def __init__(self, compiled: Any, times: int) -> None:
        self.compiled, self.times = compiled, times

    def __enter__(self) -> None:
        self.before = self.compiled.traces
        assert isinstance(self.before, int)

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        if kind is None and self.compiled.traces:
            assert self.compiled.traces - self.before == self.times


# -- results ---------------------------------------------------------------------------------


def test_dicts_keep_their_order() -> None:
    @jit
    def f(x: Any) -> Any:
        return {"z": x, "a": [{"y": x + 1.0, "b": x}]}

    for _ in range(2):
        result = f(native.tensor(f32(VEC)))
        assert list(result) == ["z", "a"]
        assert list(result["a"][0]) == ["y", "b"]


def test_values_and_structures() -> None:
    @jit
    def f(x: Any, pair: Any, *, k: Any) -> Any:
        return {"a": x + pair[0], "b": (pair[1] * k, [None, x])}

    for _ in range(3):
        found = f(f32(VEC), (f32(1.0), f32(2.0)), k=f32(5.0))
        assert isinstance(found["b"], tuple)
        same(found, {"a": [2.0, 3.0, 4.0], "b": [10.0, [None, VEC]]})


def test_decorator_forms() -> None:
    @jit
    def plain(x: Any) -> Any:
        return x + 1.0

    @jit(jit_compile=False)
    def configured(x: Any) -> Any:
        return x + 2.0

    same([plain(f32(1.0)), configured(f32(1.0)), jit(lambda x: x * 3.0)(f32(1.0))], [2.0, 3.0, 3.0])
    with pytest.raises(TypeError, match="function"):
        jit(3.0)


def test_methods() -> None:
    class Model:
        def __init__(self, start: float) -> None:
            self.v = B.Variable(start)

        @jit
        def step(self, x: Any) -> Any:
            self.v.assign_add(x)
            return self.v * 1.0

    one, two = Model(1.0), Model(10.0)
    same([one.step(f32(1.0)), two.step(f32(1.0)), one.step(f32(2.0)), two.v.value], [2.0, 11.0, 4.0, 11.0])


def test_numpy_and_python_arguments() -> None:
    f = jit(lambda x, k: x * k)
    same([f(np.float32(VEC), 2.0), f(f32(VEC), 3)], [[2, 4, 6], [3, 6, 9]])


def test_python_floats_stay_weak() -> None:
    half = B.cast(f32(VEC), "float16")
    f = jit(lambda x, k: B.multiply(x, k))
    assert B.dtype_of(f(half, 2.0)) == "float16"


def test_no_arguments_and_no_result() -> None:
    v = B.Variable(1.0)

    @jit
    def f() -> None:
        v.assign(v * 2.0)

    assert f() is None
    assert jit(lambda: None)() is None
    same(v.value, 2.0)


def test_a_variable_as_result() -> None:
    v = B.Variable(1.0)
    f = jit(lambda x: [v.assign_add(x), v])
    f(f32(1.0))
    same([float(one) for one in f(f32(2.0))], [4.0, 4.0])


def test_arguments_survive() -> None:
    x = f32(VEC)
    f = jit(lambda a: a * 2.0)
    f(x)
    same([f(x), x], [[2, 4, 6], VEC])


def test_the_framework_compiler() -> None:
    v = B.Variable(2.0)
    f = jit(lambda x: B.sum(x * v), jit_compile=True)
    same(f(f32(VEC)), 12.0)
    v.assign(3.0)
    same(f(f32(VEC)), 18.0)


# -- traces ----------------------------------------------------------------------------------


def test_repeated_shapes_are_not_traced_again() -> None:
    v, seen = B.Variable(1.0), []

    @jit
    def f(x: Any) -> Any:
        seen.append(x)
        v.assign_add(B.sum(x))
        return x * v

    f(f32(VEC))
    with Retraced(f, 0):
        for k in range(5):
            f(f32(VEC) * float(k))
        v.assign(10.0)
        f(f32(VEC))
    if f.traces:
        assert len(seen) <= f.traces + 1  # looking for Variables takes one run at most


@pytest.mark.parametrize(
    ("change", "times"),
    [
        (lambda: {"x": f32([1.0, 2.0])}, 1),
        (lambda: {"x": native.tensor(np.int32([1, 2, 3]))}, 1),
        (lambda: {"k": 2.5}, 0),
        (lambda: {"n": 2}, 1),
        (lambda: {"flag": True}, 1),
        (lambda: {"mode": "b"}, 1),
        (lambda: {"mode": None}, 1),
        (lambda: {"tree": [f32(1.0)]}, 1),
    ],
    ids=["shape", "dtype", "float", "int", "bool", "str", "None", "structure"],
)
def test_what_is_traced_again(change: Any, times: int) -> None:
    @jit
    def f(x: Any, k: Any, n: int, flag: bool, mode: Any, tree: Any) -> Any:
        return B.multiply(x, k) + n if flag or mode == "a" else x * n

    first = {"x": f32(VEC), "k": 1.5, "n": 1, "flag": False, "mode": "a", "tree": (f32(1.0),)}
    second = first | change()
    f(**first)
    with Retraced(f, times):
        f(**second)
    with Retraced(f, 0):
        f(**first)
        f(**second)


def test_python_floats_take_effect() -> None:
    f = jit(lambda x, k: x * k)
    same([f(f32(2.0), k) for k in (1.0, 2.5, -1.0)], [2.0, 5.0, -2.0])


# -- static arguments ---------------------------------------------------------------------------


class Mode(enum.Enum):
    ADD = 1
    SUBTRACT = 2


def test_static_arguments_choose_code() -> None:
    @jit
    def f(x: Any, mode: Any, times: int = 1) -> Any:
        for _ in range(times):
            x = x + 1.0 if mode is Mode.ADD or mode == "add" else x - 1.0
        return x

    calls = [(Mode.ADD,), (Mode.SUBTRACT,), ("add", 3), (None, 2), (Mode.ADD,)]
    same([f(f32(0.0), *args) for args in calls], [1.0, -1.0, 3.0, -2.0, 1.0])


def test_true_and_1_are_different_static_values() -> None:
    f = jit(lambda x, flag: x if flag is True else x * 10.0)
    same([f(f32(1.0), True), f(f32(1.0), 1), f(f32(1.0), True)], [1.0, 10.0, 1.0])


def test_unhashable_static_arguments() -> None:
    f = jit(lambda x, things: x)
    if jit_traces(f):
        with pytest.raises(TypeError, match="hash"):
            f(f32(1.0), {1, 2})
    same(f(f32(1.0), frozenset({1})), 1.0)


def jit_traces(f: Any) -> bool:
    """Whether this backend traces at all: where it runs eagerly nothing needs to be hashed."""
    f(f32(1.0), None)
    return bool(f.traces)


def test_variables_as_arguments() -> None:
    v, w = B.Variable(1.0), B.Variable(5.0)

    @jit
    def f(variable: Any, x: Any) -> Any:
        variable.assign_add(x)
        return variable * 2.0

    same([f(v, f32(1.0)), f(w, f32(1.0)), f(v, f32(1.0)), v.value, w.value], [4.0, 12.0, 6.0, 3.0, 6.0])


# -- state ---------------------------------------------------------------------------------------


def test_state_is_written_back() -> None:
    total, count = B.Variable([0.0, 0.0]), B.Variable(0, trainable=False)

    @jit
    def f(x: Any) -> Any:
        total.assign_add(x)
        count.assign_add(1)
        return total * 1.0, count + 0

    for k in range(1, 4):
        same(list(f(f32([1.0, 2.0]))), [[k, 2 * k], k])
        same([total.value, count.value], [[k, 2 * k], k])
    assert count.dtype == "int32"


def test_a_value_assigned_is_read_back_in_the_call() -> None:
    v = B.Variable(1.0)

    @jit
    def f(x: Any) -> Any:
        before = v * 1.0
        v.assign(x)
        middle = v * 1.0
        v.assign_sub(1.0)
        return [before, middle, v.value * 1.0]

    same([f(f32(5.0)), f(f32(7.0)), v.value], [[1.0, 5.0, 4.0], [4.0, 7.0, 6.0], 6.0])


def test_assignments_between_calls_count() -> None:
    v = B.Variable(1.0)
    f = jit(lambda x: x * v)
    same(f(f32(2.0)), 2.0)
    v.assign(10.0)
    same(f(f32(2.0)), 20.0)


def test_swapping() -> None:
    v, w = B.Variable(VEC), B.Variable([4.0, 5.0, 6.0])

    @jit
    def swap() -> None:
        one, two = v.value, w.value
        v.assign(two)
        w.assign(one)

    for _ in range(3):
        swap()
    same([v.value, w.value], [[4.0, 5.0, 6.0], VEC])


def test_two_variables_assigned_the_same_tensor() -> None:
    v, w = B.Variable(0.0), B.Variable(0.0)

    @jit
    def f(x: Any) -> Any:
        v.assign(x)
        w.assign(x)
        return x

    for k in (1.0, 2.0, 3.0):
        same([f(f32(k)), v.value, w.value], [k, k, k])
    v.assign_add(1.0)
    same([v.value, w.value], [4.0, 3.0])


def test_writes_depend_on_static_arguments() -> None:
    v, w = B.Variable(0.0), B.Variable(0.0)

    @jit
    def f(which: str) -> None:
        (v if which == "v" else w).assign_add(1.0)

    for which in ("v", "w", "v", "v"):
        f(which)
    same([v.value, w.value], [3.0, 1.0])


def test_the_user_may_hold_a_value() -> None:
    v, kept = B.Variable(np.zeros(1000, "float32")), []

    @jit
    def step() -> None:
        v.assign_add(1.0)

    for _ in range(4):
        kept.append(v.value)
        step()
    same([k[0] for k in kept], [0.0, 1.0, 2.0, 3.0])
    same(v[0], 4.0)


def test_the_user_may_hold_it_elsewhere() -> None:
    v = B.Variable(np.zeros(1000, "float32"))
    other = B.Variable(v.value)
    state = {"deep": [v.value]}
    array = B.convert_to_numpy(v.value)

    @jit
    def step(x: Any) -> Any:
        v.assign_add(1.0)
        return v.value, x

    returned, same_one = step(v.value)
    step(returned)
    same([other[0], state["deep"][0][0], array[0], returned[0], same_one[0], v[0]], [0.0, 0.0, 0.0, 1.0, 0.0, 2.0])


def test_a_value_returned_stays() -> None:
    v = B.Variable(np.zeros(1000, "float32"))

    @jit
    def step() -> Any:
        v.assign_add(1.0)
        return v.value

    values = [step() for _ in range(4)]
    same([value[0] for value in values], [1.0, 2.0, 3.0, 4.0])


def test_hints() -> None:
    v, w, unused = B.Variable(1.0), B.Variable(2.0), B.Variable(3.0)

    def f(x: Any) -> Any:
        v.assign_add(x)
        return v * w

    for hint in ([v, w], [v, w, unused], [w], []):
        v.assign(1.0)
        f_jit = jit(f, variables=hint)
        same([f_jit(f32(1.0)), f_jit(f32(1.0)), v.value, unused.value], [4.0, 6.0, 3.0, 3.0])


def test_new_variables_on_the_first_call() -> None:
    class Lazy:
        w: Any = None

        def __call__(self, x: Any) -> Any:
            if self.w is None:
                self.w = B.Variable(lambda shape, dtype: B.ones(shape, dtype=dtype), shape=(3,), name="lazy")
            self.w.assign_add(x)
            return B.sum(self.w)

    lazy = Lazy()
    f = jit(lazy)
    same([f(f32(VEC)), f(f32(VEC)), lazy.w.value], [9.0, 15.0, [3.0, 5.0, 7.0]])
    kept = lazy.w
    f(f32(VEC))
    assert lazy.w is kept


def test_new_variables_on_a_later_call() -> None:
    slots: dict[str, Any] = {}

    @jit
    def f(name: str) -> Any:
        if name not in slots:
            slots[name] = B.Variable(10.0)
        slots[name].assign_add(1.0)
        return slots[name] * 1.0

    same([f("a"), f("a"), f("b"), f("a"), f("b")], [11.0, 12.0, 11.0, 13.0, 12.0])


def test_new_variables_are_trained_at_once() -> None:
    made: list[Any] = []

    @jit
    def step(x: Any) -> Any:
        if not made:
            made.append(B.Variable(3.0))
        with GradientTape() as tape:
            z = made[0] * made[0] * x
        made[0].assign_sub(tape.gradient(z, made[0]) * 0.1)
        return z

    same([step(f32(1.0)), step(f32(1.0)), made[0].value], [9.0, 5.76, 1.92])


# -- exceptions -------------------------------------------------------------------------------------


def test_exception_leaves_variables_usable() -> None:
    v = B.Variable(1.0)

    @jit
    def f(x: Any, fail: bool) -> Any:
        v.assign_add(x)
        if fail:
            raise KeyError("stop")
        return v * 1.0

    with pytest.raises(KeyError):
        f(f32(1.0), True)
    before = float(v)
    assert before == (1.0 if jit_traces(jit(lambda x, _: x)) else 2.0)
    same([f(f32(1.0), False), v.value], [before + 1.0, before + 1.0])
    with pytest.raises(KeyError):
        f(f32(1.0), True)
    assert native.is_tensor(v.value)
    same(f(f32(1.0), False), float(v))


def test_a_shape_error_inside() -> None:
    v = B.Variable(VEC)
    f = jit(lambda x: v.assign(B.matmul(x, x)))
    with pytest.raises(ValueError, match=r"\(2, 3\)"):
        f(f32(np.ones((2, 3))))
    with pytest.raises(ValueError, match="does not broadcast"):
        f(f32(np.ones((2, 2))))
    same(v.value, VEC)


def test_exception_when_creating() -> None:
    made: list[Any] = []

    @jit
    def f(fail: bool) -> Any:
        if fail:
            B.Variable(1.0)
            raise KeyError("stop")
        if not made:
            made.append(B.Variable(2.0))
        return made[0] * 2.0

    with pytest.raises(KeyError):
        f(True)
    same([f(False), f(False)], [4.0, 4.0])


# -- with each other ---------------------------------------------------------------------------------


def test_nested() -> None:
    v = B.Variable(1.0)

    @jit
    def inner(x: Any) -> Any:
        v.assign_add(x)
        return v * 2.0

    @jit
    def outer(x: Any) -> Any:
        first = inner(x)
        return first, inner(x), v.value * 1.0

    same([list(outer(f32(1.0))), list(outer(f32(1.0))), v.value], [[4.0, 6.0, 3.0], [8.0, 10.0, 5.0], 5.0])
    same([inner(f32(1.0)), v.value], [12.0, 6.0])


def test_jit_inside_stop_recording_and_persistent_tapes() -> None:
    v = B.Variable(3.0)
    f = jit(lambda x: x * v)
    x = f32(2.0)
    with GradientTape(persistent=True) as tape:
        tape.watch(x)
        a = f(x)
        b = f(a)
        with tape.stop_recording():
            c = f(x)
    same([tape.gradient(a, [x, v]), tape.gradient(b, [x, v]), tape.gradient(c, x)], [[3.0, 2.0], [9.0, 12.0], None])


def test_assignment_by_jit_inside_a_tape() -> None:
    v = B.Variable(3.0)

    @jit
    def step() -> None:
        v.assign(5.0)

    with GradientTape() as tape:
        a = v * v
        step()
        z = a + v * v
    same([tape.gradient(z, v), v.value], [16.0, 5.0])


def train(wrap: Any, steps: int = 6) -> list[float]:
    """The losses of a small network with momentum, its step made by `wrap`."""
    rng = np.random.default_rng(0)
    w1 = B.Variable(rng.normal(size=(4, 5)).astype("float32"))
    w2 = B.Variable(rng.normal(size=(5, 1)).astype("float32"))
    slots = [B.Variable(np.zeros(w.shape, "float32"), trainable=False) for w in (w1, w2)]
    x, y = f32(rng.normal(size=(8, 4))), f32(rng.normal(size=(8, 1)))

    @wrap
    def step(x: Any, y: Any) -> Any:
        with GradientTape() as tape:
            loss = B.mean(B.square(B.matmul(B.tanh(B.matmul(x, w1)), w2) - y))
        for w, slot, gradient in zip((w1, w2), slots, tape.gradient(loss, [w1, w2]), strict=True):
            slot.assign(slot * 0.9 - gradient * 0.05)
            w.assign_add(slot)
        return loss

    return [float(step(x, y)) for _ in range(steps)]


def test_training_as_without_jit() -> None:
    eager, compiled = train(lambda f: f), train(jit)
    np.testing.assert_allclose(compiled, eager, rtol=1e-4)
    assert compiled[-1] < compiled[0]
    np.testing.assert_allclose(train(jit(jit_compile=False)), eager, rtol=1e-4)


def test_many_variables() -> None:
    variables = [B.Variable(float(k)) for k in range(60)]

    @jit
    def f(x: Any) -> Any:
        for v in variables:
            v.assign_add(x)
        return sum(v * 1.0 for v in variables)

    same([f(f32(1.0)), f(f32(1.0))], [1830.0, 1890.0])
    same([v.value for v in variables], [k + 2.0 for k in range(60)])


def test_dtypes_of_state() -> None:
    flags, ints = B.Variable([True, False], trainable=False), B.Variable([1, 2], trainable=False)

    @jit
    def f() -> Any:
        flags.assign(B.logical_not(flags))
        ints.assign(ints * 2)
        return B.where(flags, ints, 0)

    same([f(), f(), flags.numpy(), ints.numpy()], [[0, 4], [4, 0], np.array([True, False]), [4, 8]])


def test_vmap_and_grad_inside() -> None:
    v = B.Variable(2.0)
    f = jit(lambda x: T.vmap(T.grad(lambda a: a * a * v))(x))
    same(f(f32(VEC)), [4.0, 8.0, 12.0])
