"""Conversion, dtype and shape queries, devices, exchange, abstract evaluation."""

from __future__ import annotations

from typing import Any

import ml_dtypes
import numpy as np
import pytest

from tests.conformance import checking
from tests.conformance.cases.base import floats, ints, some
from tests.conformance.native import native
from triceras_backends.active import backend as B
from triceras_backends.specs import Spec, infer

DTYPES = [
    "bool",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "int8",
    "int16",
    "int32",
    "int64",
    "float16",
    "bfloat16",
    "float32",
    "float64",
    "complex64",
]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(), (3,), (2, 0), (2, 3, 1, 2)])
def test_round_trip(dtype: str, shape: tuple[int, ...]) -> None:
    with native.double():
        x = some(shape, dtype) if dtype != "complex64" else (floats(shape) + 1j * floats(shape, low=0)).astype(dtype)
        tensor = B.convert_to_tensor(x)
        assert native.is_tensor(tensor) and B.is_tensor(tensor)
        assert B.dtype_of(tensor) == dtype and tuple(B.shape(tensor)) == shape
        back = B.convert_to_numpy(tensor)
        assert isinstance(back, np.ndarray) and back.dtype == x.dtype
        np.testing.assert_array_equal(back, x)


def test_a_tensor_of_the_right_dtype_is_returned_as_it_is() -> None:
    x = native.tensor(floats((2,)))
    assert B.convert_to_tensor(x) is x
    assert B.convert_to_tensor(x, dtype="float32") is x
    assert B.dtype_of(B.convert_to_tensor(x, dtype="float16")) == "float16"


VALUES: list[tuple[Any, Any]] = [
    (3, 3),
    (2.5, 2.5),
    (True, True),
    ([1, 2], [1, 2]),
    ([[1.0, 2.0], [3.0, 4.0]], [[1, 2], [3, 4]]),
    ((1, (2, 3)[0]), [1, 2]),
    ([], []),
    (np.float32(2), 2),
    (range(3), [0, 1, 2]),
    ([np.float32(1), 2], [1, 2]),
    ([np.ones(2), np.zeros(2)], [[1, 1], [0, 0]]),
]


@pytest.mark.parametrize(("x", "want"), VALUES, ids=[f"{type(x).__name__}-{i}" for i, (x, _) in enumerate(VALUES)])
def test_convert(x: Any, want: Any) -> None:
    np.testing.assert_array_equal(B.convert_to_numpy(B.convert_to_tensor(x)), np.array(want))


def test_convert_a_list_of_tensors_and_variables() -> None:
    x = [native.tensor(floats((2,))), B.Variable(floats((2,))), floats((2,))]
    np.testing.assert_array_equal(B.convert_to_numpy(B.convert_to_tensor(x)), np.stack([floats((2,))] * 3))


def test_large_integers() -> None:
    with native.double():
        assert B.dtype_of(B.convert_to_tensor(2**40)) == "int64"
        assert int(B.convert_to_tensor(2**40)) == 2**40


@pytest.mark.parametrize(
    "make", [np.asfortranarray, lambda x: x[::-1], lambda x: x[:, ::2], lambda x: x.T, np.broadcast_arrays]
)
def test_strided_and_read_only_arrays(make: Any) -> None:
    x = make(floats((4, 6)))
    x = x[0] if isinstance(x, (tuple, list)) else x
    x.setflags(write=False)
    np.testing.assert_array_equal(B.convert_to_numpy(B.convert_to_tensor(x)), x)


@pytest.mark.parametrize("dtype", ["bool", "uint8", "int32", "float16", "bfloat16", "float32", ">f4"])
@pytest.mark.parametrize("make", [np.asfortranarray, lambda x: x[::-1], lambda x: x[:, ::2]])
def test_arrays_for_reading(make: Any, dtype: str) -> None:
    x = make(floats((4, 6)).astype(dtype))
    for writeable in (True, False):
        x.setflags(write=writeable)
        tensor = B.from_numpy(x)
        assert native.is_tensor(tensor) and B.dtype_of(tensor) == x.dtype.name
        np.testing.assert_array_equal(B.convert_to_numpy(tensor), x)
        assert B.dtype_of(B.from_numpy(x, "float32")) == "float32"
        np.testing.assert_array_equal(B.convert_to_numpy(B.from_numpy(x, "float32")), x.astype("float32"))


def test_arrays_for_reading_must_have_a_tensors_dtype() -> None:
    with pytest.raises(ValueError, match="U4"):
        B.from_numpy(np.array(["text"]))


def test_big_endian_arrays() -> None:
    np.testing.assert_array_equal(B.convert_to_numpy(B.convert_to_tensor(np.arange(3, dtype=">f4"))), [0, 1, 2])


def test_numpy_copies_are_safe() -> None:
    """What is written into an array changes no tensor or Variable, and the other way round."""
    source = floats((3,))
    v = B.Variable(source)
    kept = B.convert_to_numpy(v)
    before = kept.copy()
    v.assign(before + 1)
    np.testing.assert_array_equal(kept, before)
    v.numpy()[:] = 0
    np.testing.assert_array_equal(v.numpy(), before + 1)
    source[:] = 7
    np.testing.assert_array_equal(v.numpy(), before + 1)


def test_is_tensor() -> None:
    assert B.is_tensor(native.tensor(floats((2,))))
    for x in (1, 1.0, [1.0], np.ones(2), None, "x", Spec((2,), "float32")):
        assert not B.is_tensor(x)


def test_shapes() -> None:
    x = native.tensor(floats((2, 3)))
    assert tuple(B.shape(x)) == (2, 3) and isinstance(B.shape(x), tuple)
    assert B.static_shape(x) == (2, 3) and all(type(n) is int for n in B.static_shape(x))
    assert B.static_shape(native.tensor(floats(()))) == ()
    assert B.static_shape(B.Variable(floats((2, 0)))) == (2, 0)


def test_devices() -> None:
    names = B.list_devices()
    assert "cpu:0" in names and len(set(names)) == len(names)
    for name in ("cpu", "cpu:0"):
        with B.device_scope(name):
            x = B.ones((2,))
            v = B.Variable(floats((2,)))
        assert B.device_of(x) == B.device_of(v.value) == "cpu:0"
    assert B.device_of(B.add(x, 1)) == "cpu:0"


@pytest.mark.parametrize("name", ["gpu:99", "cpu:77", "tpux", "", "cpu:x"])
def test_unknown_devices(name: str) -> None:
    with pytest.raises(ValueError, match="cpu:0"), B.device_scope(name):
        pass
    assert B.device_of(B.ones((1,))) in B.list_devices()


@pytest.mark.parametrize("dtype", ["float32", "int32", "uint8", "float16", "int64"])
def test_dlpack(dtype: str) -> None:
    with native.double():
        x = some((2, 3), dtype)
        exported = B.to_dlpack(checking.tensor(x))
        assert hasattr(exported, "__dlpack__") and hasattr(exported, "__dlpack_device__")
        np.testing.assert_array_equal(np.from_dlpack(exported), x)
        back = B.from_dlpack(B.to_dlpack(checking.tensor(x)))
        assert native.is_tensor(back) and B.dtype_of(back) == dtype
        np.testing.assert_array_equal(B.convert_to_numpy(back), x)
        np.testing.assert_array_equal(B.convert_to_numpy(B.from_dlpack(x)), x)


class Foreign:
    """Another framework's tensor, as far as its protocol shows."""

    def __init__(self, array: Any) -> None:
        self.array = array

    def __dlpack__(self, **kwargs: Any) -> Any:
        return self.array.__dlpack__(**kwargs)

    def __dlpack_device__(self) -> Any:
        return self.array.__dlpack_device__()


def test_tensors_of_other_frameworks_are_taken_over() -> None:
    x = floats((2, 3))
    got = B.convert_to_tensor(Foreign(x))
    assert native.is_tensor(got)
    np.testing.assert_array_equal(B.convert_to_numpy(got), x)
    np.testing.assert_array_equal(np.from_dlpack(B.Variable(x)), x)


def test_eval_shape() -> None:
    def fn(x: Any, pair: Any, scale: float = 1.0) -> Any:
        return {"a": B.matmul(x, pair[0]), "b": [B.sum(x), B.cast(pair[1], "bfloat16")], "c": None, "d": scale}

    x, w, n = Spec((2, 3), "float32"), Spec((3, 4), "float32"), Spec((5,), "int32")
    got = B.eval_shape(fn, x, (w, n), scale=2.0)
    assert got["a"] == Spec((2, 4), "float32") and got["b"] == [Spec((), "float32"), Spec((5,), "bfloat16")]
    assert got["c"] is None


def test_eval_shape_leaves_variables_alone() -> None:
    v = B.Variable(floats((3,)))
    before = v.numpy()

    def fn(x: Any) -> Any:
        v.assign(B.add(v, 1))
        return B.add(x, v)

    assert B.eval_shape(fn, Spec((2, 3), "float32")) == Spec((2, 3), "float32")
    np.testing.assert_array_equal(v.numpy(), before)
    assert native.is_tensor(v.value)
    np.testing.assert_allclose(B.convert_to_numpy(B.add(v, 1)), before + 1)


def test_eval_shape_takes_native_functions_and_constants() -> None:
    constant = native.tensor(floats((3,)))
    got = B.eval_shape(lambda x: native.OPS["exp"](x) + constant, Spec((2, 3), "float32"))
    assert got == Spec((2, 3), "float32")


def test_eval_shape_reports_errors() -> None:
    with pytest.raises(ValueError):
        B.eval_shape(B.add, Spec((2, 3), "float32"), Spec((4,), "float32"))
    with pytest.raises(ZeroDivisionError):
        B.eval_shape(lambda x: 1 / 0, Spec((2,), "float32"))


def test_infer_unknown_sizes() -> None:
    x = Spec((None, 3), "float32")
    assert infer(B, lambda a: (B.sum(a, axis=0), B.exp(a)), x) == (Spec((3,), "float32"), Spec((None, 3), "float32"))
    assert infer(B, lambda a: B.shape(a)[1], x) == 3


def test_is_tensor_of_traced_ones() -> None:
    seen = []
    B.eval_shape(
        lambda x: seen.append((B.is_tensor(x), B.dtype_of(x), B.static_shape(x))) or x, Spec((2, 3), "float16")
    )
    B.jit(lambda x: seen.append((B.is_tensor(x), B.dtype_of(x), B.static_shape(x))) or x)(
        native.tensor(floats((2, 3)).astype("float16"))
    )
    assert seen and set(seen) == {(True, "float16", (2, 3))}


def test_native_operators_and_functions_take_results() -> None:
    """What operations return is the framework's own."""
    x = B.convert_to_tensor(floats((2, 3)))
    total = native.OPS["sum"](native.OPS["exp"](x * 2 + 1) - x / 2)
    np.testing.assert_allclose(native.array(total), np.sum(np.exp(floats((2, 3)) * 2 + 1) - floats((2, 3)) / 2), 1e-5)


def test_numpy_takes_tensors() -> None:
    np.testing.assert_array_equal(np.asarray(B.convert_to_tensor(ints((2, 3)))), ints((2, 3)))


def test_bfloat16_in_numpy() -> None:
    x = B.convert_to_numpy(B.cast(native.tensor(floats((3,))), "bfloat16"))
    assert x.dtype == ml_dtypes.bfloat16


def test_synchronize_and_seed_native() -> None:
    B.ones((2,))
    assert B.synchronize() is None
    assert B.seed_native(3) is None


def test_tensor_methods() -> None:
    """`enable_tensor_methods` gives tensors `.numpy()`, and can be called again."""
    B.enable_tensor_methods()
    B.enable_tensor_methods()
    x = B.multiply(B.Variable(floats((2,))), 2)
    got = x.numpy()
    assert isinstance(got, np.ndarray)
    np.testing.assert_allclose(got, 2 * floats((2,)))


def test_a_size_that_depends_on_values() -> None:
    x = checking.tensor(ints((5,), "int32", 2, 9))
    assert B.size_from(B.max(x), "the size") == int(B.convert_to_numpy(x).max())
    assert B.size_from(B.min(x), "the size", least=20) == 20
    assert infer(B, lambda x: B.zeros((B.size_from(B.max(x), "the size"), 2)), Spec((5,), "int32")).shape == (None, 2)
