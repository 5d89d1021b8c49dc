"""Primitives that the public layer wraps, called as it calls them."""

from __future__ import annotations

import numpy as np
import pytest

from tests.conformance.cases.base import floats
from tests.conformance.native import native
from triceras_backends.active import backend as B
from triceras_backends.specs import Spec


def test_the_core_tape() -> None:
    x, w = native.tensor(floats((3,))), B.Variable(floats((3,), low=0))
    tape = B.Tape(True, True)
    tape.start()
    tape.watch(x)
    y = B.multiply(B.square(x), w)
    tape.stop()
    ignored = B.square(x)
    by_x, by_w, none = tape.gradient([y], [x, w, native.tensor(floats((2,)))], [None])
    np.testing.assert_allclose(native.array(by_x), 2 * floats((3,)) * w.numpy(), 1e-5)
    np.testing.assert_allclose(native.array(by_w), floats((3,)) ** 2, 1e-5)
    assert none is None and tape.gradient([ignored], [x], [None]) == [None]
    assert [id(v) for v in tape.watched_variables()] == [id(w)]
    weighted = tape.gradient([y], [w], [native.tensor(np.array([1, 0, 2], "float32"))])[0]
    np.testing.assert_allclose(native.array(weighted), floats((3,)) ** 2 * [1, 0, 2], 1e-5)
    tape.release()


def test_variables_value_and_grad() -> None:
    used, unused = B.Variable(floats((3,))), B.Variable(1.0)

    def loss(scale: float, shift: float = 0.0) -> object:
        return B.sum(B.square(used)) * scale + shift, "kept"

    result, gradients = B.variables_value_and_grad(loss, [used, unused], (2.0,), {"shift": 1.0})
    assert result[1] == "kept"
    np.testing.assert_allclose(native.array(result[0]), 2 * np.sum(floats((3,)) ** 2) + 1, 1e-5)
    np.testing.assert_allclose(native.array(gradients[0]), 4 * floats((3,)), 1e-5)
    assert gradients[1] is None


@pytest.mark.parametrize("counter", [0, 7, 2**31 - 1])
def test_random_next_seed(counter: int) -> None:
    seed = native.tensor(np.array([5, counter], "int32"))
    got = B.convert_to_numpy(B.random_next_seed(seed))
    assert got.dtype == np.int32 and got[0] == 5
    assert got[1] == np.int64(counter + 1).astype("int32")


def test_random_seed_scope() -> None:
    with B.random_seed_scope():
        v = B.Variable(np.array([1, 2], "int32"), trainable=False)
    v.assign(B.random_next_seed(v.value))
    assert v.numpy().tolist() == [1, 3]


def test_moving_average() -> None:
    variable = B.Variable(np.array([1.0, 2.0], "float32"), trainable=False)
    before = variable.value
    B.moving_average(variable, native.tensor(np.array([3.0, 0.0], "float32")), 0.75)
    np.testing.assert_allclose(variable.numpy(), [1.5, 1.5])
    np.testing.assert_array_equal(native.array(before), [1.0, 2.0])
    B.jit(lambda value: B.moving_average(variable, value, 0.5))(native.tensor(np.array([0.5, 0.5], "float32")))
    np.testing.assert_allclose(variable.numpy(), [1.0, 1.0])


def test_host_call() -> None:
    def doubled(x: np.ndarray, by: int) -> np.ndarray:
        assert isinstance(x, np.ndarray)
        return x * by

    x = native.tensor(np.array([[1, 2], [3, 4]], "int32"))

    def call(x: object) -> object:
        return B.add(B.host_call(lambda x: doubled(x, 2), [x], (2, 2), "float32"), 1.0)

    for found in (call(x), B.jit(call)(x)):
        assert native.array(found).dtype == np.float32
        np.testing.assert_array_equal(native.array(found), [[3, 5], [7, 9]])
    spec = B.eval_shape(call, Spec((2, 2), "int32"))
    assert (spec.shape, spec.dtype) == ((2, 2), "float32")
    text = B.host_call(lambda: np.array(["a", "é"], dtype=object), [], (2,), "string")
    found = text.numpy().tolist() if B.is_tensor(text) else text.tolist()
    assert [x.decode() if isinstance(x, bytes) else x for x in found] == ["a", "é"]


@pytest.mark.parametrize(
    ("name", "arguments"),
    [("native_key", (np.array([7, 1], "int32"),)), ("native_saved_function", ("nowhere", "serve"))],
)
def test_what_one_framework_has_others_refuse_by_name(name: str, arguments: tuple[object, ...]) -> None:
    """Each is one framework's own: where it is not, the error says whose it is."""
    try:
        found = getattr(B, name)(*arguments)
    except TypeError as error:
        assert "JAX has" in str(error) or "TensorFlow does" in str(error)
    except OSError as error:
        assert "nowhere" in str(error)
    else:
        assert name == "native_key" and found is not None
