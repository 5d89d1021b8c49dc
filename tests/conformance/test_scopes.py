"""What changes how Variables are read: autocast, substituted; checkpoint; the framework's own modules."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.conformance.cases.base import floats
from tests.conformance.native import native
from triceras_backends.active import backend as B

V = B.Variable


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
@pytest.mark.parametrize("compiled", [False, True])
def test_autocast(dtype: str, compiled: bool) -> None:
    v, exact, count = V(floats((2, 3))), V(floats((2,)), autocast=False), V(3)
    seen: list[str] = []

    def gradient() -> Any:
        tape = B.Tape(False, True)
        tape.start()
        with B.autocast(dtype):
            seen[:] = [B.dtype_of(x.value) for x in (v, exact, count)]
            assert (v.dtype, exact.dtype, count.dtype) == (dtype, "float32", "int32")
            y = B.sum(B.multiply(v.value, 2))
            with B.autocast(None):
                assert B.dtype_of(v.value) == "float32"
        tape.stop()
        return B.cast(y, "float32"), tape.gradient([y], [v], [None])[0]

    y, found = (B.jit(gradient) if compiled else gradient)()
    assert seen == [dtype, "float32", "int32"] and B.dtype_of(v.value) == "float32"
    np.testing.assert_array_equal(native.array(found), np.full((2, 3), 2, "float32"))
    np.testing.assert_allclose(native.array(y), 2 * floats((2, 3)).sum(), rtol=0.03, atol=0.03)


def test_assignment_under_autocast_keeps_the_precision() -> None:
    v = V([1.0])
    with B.autocast("float16"):
        v.assign_add([1e-4])
        v.assign_sub([3e-5])
    np.testing.assert_allclose(v.numpy(), [1 + 7e-5], rtol=1e-6)


def test_substituted() -> None:
    v, w = V(floats((3,))), V(0.0)
    x = native.tensor(floats((3,)) * 2)
    with B.substituted([v], [x]) as scope:
        np.testing.assert_array_equal(native.array(v.value), floats((3,)) * 2)
        v.assign_add(1)
        w.assign(5.0)
        with B.substituted([w], [native.tensor(np.float32(9))]) as inner:
            w.assign_add(1.0)
            v.assign_add(1)
        assert float(inner.value(w)) == 10 and float(w.value) == 5
    np.testing.assert_array_equal(v.numpy(), floats((3,)))
    assert float(w) == 0 and float(scope.value(w)) == 5
    np.testing.assert_allclose(native.array(scope.value(v)), floats((3,)) * 2 + 1, rtol=1e-6)


def test_substitutes_are_differentiated() -> None:
    v = V(floats((3,)))

    def loss(x: Any) -> Any:
        with B.substituted([v], [x]) as scope:
            v.assign(B.square(v.value))
        return B.sum(scope.value(v))

    _, found = B.value_and_grad(loss)(native.tensor(floats((3,))))
    np.testing.assert_allclose(native.array(found), 2 * floats((3,)), rtol=1e-6)


@pytest.mark.parametrize("compiled", [False, True])
def test_checkpoint(compiled: bool) -> None:
    v, count = V(floats((3,))), V(0.0, trainable=False)

    def run(x: Any) -> Any:
        count.assign_add(1.0)
        return B.sum(B.multiply(B.sin(B.multiply(x, v.value)), count.value))

    def gradients(x: Any) -> Any:
        tape = B.Tape(False, True)
        tape.start()
        tape.watch(x)
        y = B.checkpoint(run, x)
        tape.stop()
        return y, *tape.gradient([y], [x, v], [None])

    x = floats((3,))
    _, by_x, by_v = (B.jit(gradients) if compiled else gradients)(native.tensor(x))
    assert float(count) == 1
    np.testing.assert_allclose(native.array(by_x), x * np.cos(x * x), rtol=1e-5)
    np.testing.assert_allclose(native.array(by_v), x * np.cos(x * x), rtol=1e-5)


def test_other_modules_are_refused() -> None:
    with pytest.raises(TypeError):
        B.native_module_variables(object())
    with pytest.raises((TypeError, AttributeError)):
        B.native_module_call(object(), {}, False, (), {})
