"""Variables: creation, assignment, snapshots, protocols, operators."""

from __future__ import annotations

import copy
import operator
import pickle
from typing import Any

import numpy as np
import pytest

from tests.conformance import checking
from tests.conformance.cases.base import floats, ints
from tests.conformance.native import native
from triceras_backends import variable as base
from triceras_backends.active import backend as B

V = B.Variable


def test_creation() -> None:
    x = floats((2, 3))
    for initial in (x, x.tolist(), native.tensor(x), V(x)):
        v = V(initial, dtype="float32")
        assert v.shape == (2, 3) and v.dtype == "float32" and v.ndim == 2 and v.size == 6
        assert native.is_tensor(v.value)
        np.testing.assert_array_equal(v.numpy(), x)
    assert V(1.5).shape == () and V(1.5).dtype == "float32" and V(3).dtype == "int32" and V([True]).dtype == "bool"


def test_creation_by_a_function() -> None:
    v = V(lambda shape, dtype: B.full(shape, 2.0, dtype), shape=(2, 3))
    np.testing.assert_array_equal(v.numpy(), np.full((2, 3), 2.0))
    assert V(lambda shape, dtype: B.ones(shape, dtype), shape=3, dtype="float16").dtype == "float16"
    assert V(lambda shape, dtype: B.ones(shape, dtype), shape=[2]).shape == (2,)


@pytest.mark.parametrize("dtype", ["bool", "int8", "uint8", "int32", "float16", "bfloat16", "float32"])
def test_dtypes(dtype: str) -> None:
    v = V([[1, 0]], dtype=dtype)
    assert v.dtype == dtype and B.dtype_of(v.value) == dtype
    v.assign([[0, 1]])
    assert v.dtype == dtype and v.numpy().astype("float32").tolist() == [[0, 1]]


def test_assignment_returns_the_variable_and_casts() -> None:
    v = V(floats((2,)))
    assert v.assign([1, 2]) is v and v.assign_add(1) is v and v.assign_sub(0.5) is v
    assert v.numpy().tolist() == [1.5, 2.5] and v.dtype == "float32"
    v.assign_add(np.array([1.0, 2.0]))
    v.assign_sub(V([0.5, 0.5]))
    v.assign_add(checking.tensor(np.array([[1.0]], "float32"))[0])
    assert v.numpy().tolist() == [3, 5]
    counter = V(0, dtype="int32")
    counter.assign_add(1)
    assert counter.dtype == "int32" and int(counter) == 1


def test_snapshots_keep_their_numbers() -> None:
    for trainable in (True, False):
        v = V(floats((3,)), trainable=trainable)
        before, snapshot = v.numpy(), v.value
        view = B.reshape(snapshot, (3, 1))
        v.assign(before + 1)
        v.assign_add(5)
        np.testing.assert_array_equal(B.convert_to_numpy(snapshot), before)
        np.testing.assert_array_equal(B.convert_to_numpy(view)[:, 0], before)
        np.testing.assert_allclose(v.numpy(), before + 6)


def test_the_user_s_own_objects_are_not_kept() -> None:
    array, tensor = floats((3,)), native.tensor(floats((3,)))
    v, w = V(array), V(tensor)
    u = V(w)
    w.assign(tensor)
    assert w.value is not tensor
    w.assign_add(1)
    array[:] = 9
    np.testing.assert_array_equal(v.numpy(), floats((3,)))
    np.testing.assert_array_equal(u.numpy(), floats((3,)))
    np.testing.assert_array_equal(native.array(tensor), floats((3,)))
    np.testing.assert_allclose(w.numpy(), floats((3,)) + 1)


def test_two_variables_assigned_one_tensor_stay_apart() -> None:
    a, b, tensor = V([0.0, 0.0]), V([0.0, 0.0]), native.tensor(floats((2,)))
    a.assign(tensor)
    b.assign(tensor)
    a.assign_add(1)
    b.assign(a)
    a.assign_add(1)
    np.testing.assert_allclose(b.numpy(), floats((2,)) + 1)
    np.testing.assert_array_equal(native.array(tensor), floats((2,)))


def test_names_and_paths() -> None:
    base.reset_names()
    assert [V(0.0).name for _ in range(3)] == ["variable", "variable_1", "variable_2"]
    with base.name_scope("block"), base.name_scope("dense"):
        v = V(0.0, name="kernel")
    assert v.name == "kernel" and v.path == "block/dense/kernel" and V(0.0, name="kernel").path == "kernel"


def test_trainable() -> None:
    v = V(1.0)
    assert v.trainable and not V(1.0, trainable=False).trainable
    v.trainable = False
    assert not v.trainable
    v.assign(2.0)
    v.trainable = True
    assert v.trainable and float(v) == 2.0


def test_repr() -> None:
    text = repr(V([1.0, 2.0], name="kernel"))
    assert "kernel" in text and "(2,)" in text and "float32" in text and "1." in text and "2." in text


OPERATORS = ["add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "eq", "ne", "lt", "le", "gt", "ge"]


@pytest.mark.parametrize("name", OPERATORS)
def test_operators(name: str) -> None:
    """Variable with Variable, tensor, NumPy array and Python number, on both sides."""
    fn = getattr(operator, name)
    x, y = floats((2, 3), low=1, high=3), floats((2, 3), low=1.5, high=2.5)
    v, want = V(x), fn(x, y)
    for other in (V(y), native.tensor(y), y):
        got = fn(v, other)
        assert native.is_tensor(got)
        np.testing.assert_allclose(native.array(got), want, 1e-5)
    for other in (native.tensor(x), x):
        got = fn(other, V(y))
        assert native.is_tensor(got), f"{type(other)} on the left gives {type(got)}"
        np.testing.assert_allclose(native.array(got), want, 1e-5)
    np.testing.assert_allclose(native.array(fn(v, 2)), fn(x, 2), 1e-5)
    np.testing.assert_allclose(native.array(fn(2.0, v)), fn(np.float32(2.0), x), 1e-5)
    assert B.dtype_of(B.convert_to_tensor(fn(v, 2))) == ("bool" if name in OPERATORS[7:] else "float32")


def test_matmul_operator() -> None:
    x, y = floats((2, 3)), floats((3, 2))
    for a, b in ((V(x), V(y)), (V(x), native.tensor(y)), (native.tensor(x), V(y)), (V(x), y), (x, V(y))):
        np.testing.assert_allclose(native.array(a @ b), x @ y, 1e-5)


def test_unary_operators_and_logic() -> None:
    x = floats((3,))
    v = V(x)
    for got, want in ((-v, -x), (+v, x), (abs(v), abs(x)), (round(v, 1), np.round(x, 1))):
        np.testing.assert_allclose(native.array(got), want, 1e-6)
    flags, other = V([True, False]), np.array([True, True])
    assert native.array(~flags).tolist() == [False, True]
    assert native.array(flags & other).tolist() == [True, False]
    assert native.array(flags | other).tolist() == [True, True]
    assert native.array(flags ^ other).tolist() == [False, True]
    assert native.array(V([5, 6]) & 3).tolist() == [1, 2] and native.array(~V([5])).tolist() == [-6]


def test_in_place_operators_make_tensors() -> None:
    """`v += 1` binds the name to a tensor and leaves the Variable alone, as Keras does."""
    v = kept = V([1.0, 2.0])
    v += 1
    assert native.is_tensor(v) and kept.numpy().tolist() == [1, 2]


@pytest.mark.parametrize("op", ["exp", "tanh", "sum", "matmul", "softmax"])
def test_native_functions_take_variables(op: str) -> None:
    x = floats((3, 3))
    arguments = (V(x), native.tensor(x))[: 2 if op == "matmul" else 1]
    want = native.OPS[op](*(native.tensor(x) for _ in arguments))
    np.testing.assert_allclose(native.array(native.OPS[op](*arguments)), native.array(want))


def test_python_protocols() -> None:
    v = V(floats((2, 3)))
    assert len(v) == 2 and [tuple(B.shape(row)) for row in v] == [(3,), (3,)]
    assert native.array(v[0, 1]) == floats((2, 3))[0, 1]
    np.testing.assert_array_equal(native.array(v[:, ::2]), floats((2, 3))[:, ::2])
    assert bool(V(1.0)) and not bool(V(0)) and float(V(2.5)) == 2.5 and int(V(3)) == 3 and [10, 20][V(1)] == 20
    assert f"{V(2.5):.2f}" == "2.50"
    with pytest.raises(TypeError):
        len(V(1.0))
    with pytest.raises(TypeError):
        [10, 20][V(1.0)]
    assert {v: 1}[v] == 1 and v in [v]


def test_numpy_protocols() -> None:
    x = floats((2, 3))
    v = V(x)
    np.testing.assert_array_equal(np.asarray(v), x)
    assert np.asarray(v, dtype="float64").dtype == np.float64
    np.testing.assert_allclose(np.sum(v), x.sum(), 1e-6)
    np.testing.assert_array_equal(np.from_dlpack(V(ints((3,)))), ints((3,)))


def test_every_operation_takes_variables() -> None:
    x = floats((2, 3), low=0.5)
    for op in ("sqrt", "sum", "transpose", "softmax", "sort", "argmax", "relu", "isnan", "ravel"):
        got, want = getattr(B, op)(V(x)), getattr(B, op)(x)
        np.testing.assert_array_equal(B.convert_to_numpy(got), B.convert_to_numpy(want))


def test_constraint_and_regularizer_start_empty() -> None:
    v = V(1.0)
    assert v.constraint is None and v.regularizer is None and v.overwrite_with_gradient is False


def test_deepcopy() -> None:
    v = V([1.0, 2.0], name="w")
    w = copy.deepcopy(v)
    w.assign_add(1)
    assert v.numpy().tolist() == [1, 2] and w.numpy().tolist() == [2, 3] and w.name == "w"


def test_module_registers_variables() -> None:
    """A subclass of Module works as a plain object whose Variables the framework may know."""

    class Layer(B.Module):  # type: ignore[misc,name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.kernel = V(floats((2, 2)), name="kernel")
            self.register_variable("kernel", self.kernel)
            self.items = {"a": 1}

    layer = Layer()
    layer.kernel.assign(np.eye(2))
    assert isinstance(layer.kernel, V) and layer.items == {"a": 1}
    np.testing.assert_array_equal(layer.kernel.numpy(), np.eye(2))


def test_variables_of_size_zero_and_scalars() -> None:
    v = V(np.zeros((0, 3), "float32"))
    v.assign(np.zeros((0, 3)))
    assert v.shape == (0, 3) and v.size == 0
    s = V(2.0)
    s.assign(s * 3)
    assert float(s) == 6.0 and s.size == 1


def test_assignment_within_jit() -> None:
    v: Any = V(1.0)
    step = B.jit(lambda x: v.assign_add(x).value * 2)
    assert [float(step(np.float32(2))) for _ in range(2)] == [6.0, 10.0] and float(v) == 5.0


def test_updates() -> None:
    """The optimizer kernels against their formulas, as lists."""
    x, y, g = floats((2, 3)), floats((3,)), [floats((2, 3), low=-1), floats((3,), low=-1)]
    a, b = V(x), V(y)
    B.sgd_update([a, b], [native.tensor(i) for i in g], [], 0.1, 0.0, False)
    np.testing.assert_allclose(a.numpy(), x - 0.1 * g[0], 1e-5)
    np.testing.assert_allclose(b.numpy(), y - 0.1 * g[1], 1e-5)
    for nesterov in (False, True):
        w, m = V(x), V(np.ones_like(x), trainable=False)
        B.sgd_update([w], [native.tensor(g[0])], [m], 0.1, 0.9, nesterov)
        velocity = 0.9 - 0.1 * g[0]
        np.testing.assert_allclose(m.numpy(), velocity, 1e-5)
        np.testing.assert_allclose(w.numpy(), x + (0.9 * velocity - 0.1 * g[0] if nesterov else velocity), 1e-5)


@pytest.mark.parametrize("rate", [0.01, np.float32(0.01)])
def test_adam_update(rate: Any) -> None:
    w64, m64, v64 = (floats((2, 3)).astype("float64"), np.zeros((2, 3)), np.zeros((2, 3)))
    w, m, v = (
        V(floats((2, 3))),
        V(np.zeros((2, 3), "float32"), trainable=False),
        V(np.zeros((2, 3), "float32"), trainable=False),
    )
    for step in (1, 2, 3):
        g = floats((2, 3), low=-step)
        given = rate if isinstance(rate, float) else checking.tensor(np.asarray(rate))
        B.adam_update([w], [native.tensor(g)], [m], [v], [], step - 1, given, 0.9, 0.999, 1e-7)
        m64, v64 = m64 + 0.1 * (g - m64), v64 + 0.001 * (g.astype("float64") ** 2 - v64)
        w64 = w64 - 0.01 * np.sqrt(1 - 0.999**step) / (1 - 0.9**step) * m64 / (np.sqrt(v64) + 1e-7)
    np.testing.assert_allclose(w.numpy(), w64, 1e-4, 1e-6)
    np.testing.assert_allclose(v.numpy(), v64, 1e-4, 1e-8)


def test_a_pickle_holds_the_value() -> None:
    v = B.Variable(floats((2, 3)), trainable=False, name="kept")
    again = pickle.loads(pickle.dumps(v))
    assert (again.name, again.shape, again.dtype, again.trainable) == ("kept", (2, 3), "float32", False)
    np.testing.assert_array_equal(again.numpy(), v.numpy())
    again.assign(floats((2, 3)) + 1)
    np.testing.assert_array_equal(v.numpy(), floats((2, 3)))
