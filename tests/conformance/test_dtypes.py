"""Dtype names and promotion: the rule itself, and what operations do with it."""

from __future__ import annotations

from typing import Any

import ml_dtypes
import numpy as np
import pytest

from tests.conformance import checking
from tests.conformance.cases.base import Case, some
from tests.conformance.cases.promotion import DTYPES, TABLE, promote
from tests.conformance.native import native
from triceras_backends import config, dtypes
from triceras_backends.active import backend as B

PYTHON = {"int": 2, "float": 0.5}
STRONG = tuple(d for d in DTYPES if d not in PYTHON)
PAIRS = [(a, b) for a in DTYPES for b in DTYPES]


def _operand(kind: str) -> Any:
    return PYTHON[kind] if kind in PYTHON else np.ones((2,), checking_dtype(kind))


def checking_dtype(name: str) -> Any:
    return ml_dtypes.bfloat16 if name == "bfloat16" else name


@pytest.mark.parametrize(("a", "b"), PAIRS)
def test_result_type(a: str, b: str) -> None:
    assert dtypes.result_type(a, b) == promote(a, b)


def test_the_table_is_that_of_keras() -> None:
    """The table these tests go by says what Keras 3 says, which on some backends narrows 64 bits to 32 in it."""
    import keras

    python = {"int": int, "float": float}
    for a, b in PAIRS:
        said = keras.backend.result_type(python.get(a, a), python.get(b, b))
        assert said.replace("64", "32") == promote(a, b).replace("64", "32"), (a, b)


def test_result_type_of_many_is_a_join() -> None:
    assert dtypes.result_type() == "float32"
    assert dtypes.result_type("int8", "uint8", "float16") == "float16"
    assert dtypes.result_type("uint8", "int8", int) == "int16"
    for a, b in PAIRS:
        assert TABLE[a, b] == TABLE[b, a]


@pytest.mark.aspect("dtype")
@pytest.mark.parametrize("op", ["add", "maximum"])
@pytest.mark.parametrize(("a", "b"), PAIRS)
def test_operations_promote(op: str, a: str, b: str) -> None:
    case = Case(op, (_operand(a), _operand(b)), {}, getattr(np, op), "promote", f"{a},{b}")
    if a in PYTHON and b in PYTHON:
        return  # Python's own types: their lone conversion is tested below
    with native.double():
        args, kw = checking.tensors(case)
        assert B.dtype_of(getattr(B, op)(*args, **kw)) == promote(a, b)


NARROW = [("int64", "int32"), ("int64", "int8"), ("float64", "float32"), ("uint64", "uint8"), ("float64", "int64")]


@pytest.mark.parametrize(("a", "b"), NARROW)
def test_by_default_wide_dtypes_are_the_framework_s(a: str, b: str) -> None:
    """Outside `double()` a 64-bit dtype may be the framework's 32-bit one, quietly, and `dtype_of` says which."""
    x1, x2 = B.convert_to_tensor(some((2,), a), dtype=a), B.convert_to_tensor(some((2,), b), dtype=b)
    assert B.dtype_of(x1) == native.canonical(a)
    assert B.dtype_of(B.add(x1, x2)) == native.canonical(promote(native.canonical(a), native.canonical(b)))
    assert B.dtype_of(B.cast(x2, a)) == native.canonical(a)


CONVERTED: list[tuple[Any, str]] = [
    (True, "bool"),
    (3, "int32"),
    (2.5, "float32"),
    ([1, 2], "int32"),
    ([1.0, 2], "float32"),
    ([True, False], "bool"),
    (np.float32(1), "float32"),
    (np.int8(1), "int8"),
    (np.ones(2, "float16"), "float16"),
    (np.ones(2, ml_dtypes.bfloat16), "bfloat16"),
    (np.ones(2, "uint16"), "uint16"),
    (np.ones(2, "uint32"), "uint32"),
    (np.ones(2, bool), "bool"),
    (np.ones(2, "complex64"), "complex64"),
    ([], "float32"),
    ([[]], "float32"),
    ((1, 2), "int32"),
    ([[1.5], [2]], "float32"),
]


@pytest.mark.parametrize(
    ("x", "name"), CONVERTED, ids=[f"{type(x).__name__}-{name}-{i}" for i, (x, name) in enumerate(CONVERTED)]
)
def test_dtype_of_conversions(x: Any, name: str) -> None:
    assert B.dtype_of(B.convert_to_tensor(x)) == name


@pytest.mark.parametrize("wanted", STRONG)
def test_names(wanted: str) -> None:
    with native.double():
        x = B.zeros((2,), dtype=wanted)
        assert B.dtype_of(x) == wanted
        assert dtypes.standardize_dtype(x.dtype) == wanted
        assert dtypes.standardize_dtype(np.dtype(checking_dtype(wanted))) == wanted
        assert np.asarray(B.convert_to_numpy(x)).dtype.name == wanted
        assert B.dtype_of(B.ones((2,), dtype=x.dtype)) == wanted


@pytest.mark.parametrize(("python", "name"), [(bool, "bool"), (int, "int32"), (float, "float32")])
def test_python_types_are_dtypes(python: type, name: str) -> None:
    assert dtypes.standardize_dtype(python) == name
    assert B.dtype_of(B.zeros((2,), dtype=python)) == name


def test_dtype_of_what_is_no_tensor() -> None:
    assert [B.dtype_of(x) for x in (True, 1, 1.5, np.int8(1), np.ones(1, "uint8"))] == [
        "bool",
        "int32",
        "float32",
        "int8",
        "uint8",
    ]
    assert B.dtype_of(B.Variable(np.ones(2, "float16"))) == "float16"


CASTS = [(a, b) for a in ("bool", "uint8", "int8", "int32", "float16", "bfloat16", "float32") for b in STRONG]


@pytest.mark.parametrize(("a", "b"), CASTS)
def test_cast(a: str, b: str) -> None:
    with native.double():
        x = np.array([0, 1, 3, 2.75]).astype(checking_dtype(a))
        got = B.cast(checking.tensor(x), b)
        assert B.dtype_of(got) == b
        np.testing.assert_array_equal(
            np.asarray(B.convert_to_numpy(got)).astype("float64"), x.astype(checking_dtype(b)).astype("float64")
        )


def test_cast_drops_the_fraction() -> None:
    x = checking.tensor(np.array([1.9, -1.9, 0.5, -0.5], "float32"))
    assert B.convert_to_numpy(B.cast(x, "int32")).tolist() == [1, -1, 0, 0]
    assert B.convert_to_numpy(B.cast(x, "bool")).tolist() == [True] * 4


@pytest.mark.parametrize("bad", ["float33", "string", "", "Float32", object(), str, "int"])
def test_unknown(bad: Any) -> None:
    for use in (dtypes.standardize_dtype, lambda d: B.zeros((2,), dtype=d), lambda d: B.cast(B.ones((2,)), d)):
        with pytest.raises(ValueError, match="dtype"):
            use(bad)


def test_floatx() -> None:
    """The default float of what has no dtype of its own; Python scalars stay weak."""
    try:
        config.set_floatx("float16")
        made = [
            B.zeros((2,)),
            B.ones(()),
            B.eye(2),
            B.linspace(0.0, 1.0, 3),
            B.convert_to_tensor(1.5),
            B.divide(np.int32([1]), np.int32([2])),
            B.exp(1),
        ]
        assert [B.dtype_of(x) for x in made] == ["float16"] * len(made)
        assert B.dtype_of(B.add(B.ones((2,), dtype="float32"), 1.5)) == "float32"
        assert B.dtype_of(B.multiply(B.ones((2,), dtype="int32"), 1.5)) == "float16"
        assert B.Variable(lambda shape, dtype: B.ones(shape, dtype), shape=(2,)).dtype == "float16"
    finally:
        config.set_floatx("float32")


WEAK = [
    (dtype, scalar)
    for dtype in ("int8", "uint8", "int32", "float16", "bfloat16", "float32")
    for scalar in (2, 1.5, True)
]


@pytest.mark.parametrize(("dtype", "scalar"), WEAK)
def test_scalars_are_weak(dtype: str, scalar: Any) -> None:
    """On either side, in values too: the scalar is taken into the tensor's dtype, not the other way round."""
    x = some((3,), dtype, 1, 4)
    want = promote(dtype, type(scalar).__name__)
    for got in (
        B.multiply(checking.tensor(x), scalar),
        B.multiply(scalar, checking.tensor(x)),
        B.multiply(B.Variable(x), scalar),
    ):
        assert B.dtype_of(got) == want
        np.testing.assert_allclose(
            np.asarray(B.convert_to_numpy(got)).astype("float64"), x.astype("float64") * scalar, 2e-2
        )
