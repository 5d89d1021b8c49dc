"""Runs a case on the active backend and compares what it gives with the oracle."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Any

import numpy as np

from tests.conformance.cases.base import TOLERANCE, Case, Raw, Var, convert
from tests.conformance.native import native
from triceras_backends.active import backend as B
from triceras_backends.specs import Spec


def precision(case: Case) -> AbstractContextManager[Any]:
    """The context a case needs: 64-bit dtypes where it uses them."""
    return native.double() if case.wide else nullcontext()


def tensor(array: Any) -> Any:
    """The backend's tensor of an array, with exactly its dtype."""
    return B.convert_to_tensor(array, dtype=array.dtype.name)


def marked(marked: Raw | Var) -> Any:
    """What a Raw or Var stands for."""
    return B.Variable(marked.value) if isinstance(marked, Var) else marked.value


def tensors(case: Case) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """The case's arguments as the backend takes them."""
    return convert(case.args, tensor, marked), convert(case.kw, tensor, marked)


def specs(case: Case) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """The case's arguments with Specs for its arrays."""

    def spec(array: Any) -> Spec:
        return Spec(array.shape, array.dtype.name)

    return convert(case.args, spec, marked), convert(case.kw, spec, marked)


def outputs(result: Any) -> list[Any]:
    """The result as a list, for operations of one and of several outputs."""
    return list(result) if isinstance(result, (list, tuple)) else [result]


def assert_close(got: Any, expected: Any, tolerance: float, name: str = "") -> None:
    """Equal shapes and equal values: exactly for integers and booleans, NaN where NaN is expected."""
    got, expected = np.asarray(got), np.asarray(expected)
    assert got.shape == expected.shape, f"{name} shape {got.shape}, expected {expected.shape}"
    if expected.dtype.kind in "biu":
        np.testing.assert_array_equal(got, expected, err_msg=name)
        return
    wide = np.complex128 if expected.dtype.kind == "c" else np.float64
    np.testing.assert_allclose(got.astype(wide), expected.astype(wide), tolerance, tolerance, err_msg=name)


class Wrong(AssertionError):
    """A result that differs from the oracle's, and in what: "value", "dtype" or both."""

    def __init__(self, faults: dict[str, str]) -> None:
        super().__init__("; ".join(faults.values()))
        self.aspects = tuple(faults)


def check(case: Case, result: Any) -> None:
    """Raises Wrong where the result differs from the oracle's in dtype, shape or value."""
    given = outputs(result)
    names = case.dtypes if len(case.dtypes) == len(given) else case.dtypes * len(given)
    assert case.post or all(native.is_tensor(x) for x in given), (
        f"{list(map(type, given))}: no tensors of the framework"
    )
    dtypes = [B.dtype_of(output) for output in given]
    faults = {} if dtypes == names else {"dtype": f"dtype {', '.join(dtypes)}, expected {', '.join(names)}"}
    arrays = [np.asarray(B.convert_to_numpy(output)) for output in given]
    expected = case.expected()
    try:
        for got, want in zip(case.post(arrays) if case.post else arrays, expected, strict=True):
            assert_close(got, want, case.tol * TOLERANCE.get(want.dtype.name, 0.0), case.id)
    except AssertionError as error:
        faults["value"] = str(error)
    if faults:
        raise Wrong(faults)
