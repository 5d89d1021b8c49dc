"""Dtype names and promotion, against a table made from JAX."""

from __future__ import annotations

import csv
import itertools
from pathlib import Path
from types import SimpleNamespace

import ml_dtypes
import numpy as np
import pytest

from triceras_backends import config, dtypes

with (Path(__file__).parent / "data" / "promotion.csv").open(encoding="utf-8", newline="") as file:
    PROMOTION = [tuple(row.values()) for row in csv.DictReader(file)]

PROMOTED = [name for name in dtypes.ALL if name not in dtypes.FLOAT8]


def test_the_table_has_every_pair():
    names = {*PROMOTED, "int", "float"}
    assert {frozenset(row[:2]) for row in PROMOTION} == {
        frozenset(pair) for pair in itertools.combinations_with_replacement(names, 2)
    }


@pytest.mark.parametrize(("first", "second", "expected"), PROMOTION)
def test_promotion(first, second, expected):
    assert dtypes.result_type(first, second) == expected
    assert dtypes.result_type(second, first) == expected


def test_python_types_are_weak():
    assert dtypes.result_type("bfloat16", float) == "bfloat16"
    assert dtypes.result_type("int8", int) == "int8"
    assert dtypes.result_type("int8", float) == "float32"
    assert dtypes.result_type("float16", complex) == dtypes.result_type("float32", complex) == "complex64"
    assert dtypes.result_type("float64", float) == "float64"


def test_promotion_is_associative():
    for triple in itertools.combinations(PROMOTED, 3):
        assert len({dtypes.result_type(*order) for order in itertools.permutations(triple)}) == 1


def test_result_type_of_nothing_is_floatx(monkeypatch):
    assert dtypes.result_type() == "float32"
    monkeypatch.setitem(config._settings, "floatx", "float16")
    assert dtypes.result_type() == "float16"
    assert dtypes.result_type("int32", float) == "float16"
    assert dtypes.float_type("int32") == "float16"


@pytest.mark.parametrize("name", dtypes.FLOAT8)
def test_float8_is_never_promoted(name):
    assert dtypes.result_type(name) == name
    assert dtypes.result_type(name, name) == name
    with pytest.raises(TypeError, match="cast"):
        dtypes.result_type(name, "float32")


@pytest.mark.parametrize("name", dtypes.ALL)
def test_standard_names(name):
    assert dtypes.standardize_dtype(name) == name
    assert dtypes.standardize_dtype(dtypes.numpy_dtype(name)) == name
    assert dtypes.standardize_dtype(dtypes.numpy_dtype(name).type) == name


def test_other_spellings():
    class TorchDtype:
        def __repr__(self):
            return "torch.bfloat16"

    assert dtypes.standardize_dtype(TorchDtype()) == "bfloat16"
    assert dtypes.standardize_dtype(SimpleNamespace(name="float64")) == "float64"
    assert dtypes.standardize_dtype(None) == "float32"
    assert [dtypes.standardize_dtype(kind) for kind in (bool, int, float)] == ["bool", "int32", "float32"]
    assert dtypes.standardize_dtype(np.float32) == "float32"
    assert dtypes.numpy_dtype("bfloat16") == np.dtype(ml_dtypes.bfloat16)


@pytest.mark.parametrize("dtype", ["float", "flaot32", "", "FLOAT32", str, object(), "torch.float32x"])
def test_unknown_dtypes(dtype):
    with pytest.raises(ValueError, match=r"Unknown dtype .* Known dtypes: .*float32"):
        dtypes.standardize_dtype(dtype)


@pytest.mark.parametrize(
    ("value", "expected"),
    [(True, "bool"), (3, "int32"), (-(2**31), "int32"), (2**31, "int64"), (-(2**31) - 1, "int64"), (1.5, "float32"),
     (1j, "complex64")],
)  # fmt: skip
def test_dtype_of_a_python_scalar(value, expected):
    assert dtypes.python_scalar_dtype(value) == expected


def test_accumulators_widen_small_integers():
    assert [dtypes.accumulator(name) for name in ("bool", "int8", "uint8", "uint16", "int64", "float16")] == [
        "int32", "int32", "uint32", "uint32", "int64", "float16",
    ]  # fmt: skip
