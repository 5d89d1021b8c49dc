"""Every operation against NumPy and SciPy: values and dtypes."""

from __future__ import annotations

import numpy as np
import pytest

from tests.conformance import checking
from tests.conformance.cases.all import CASES
from tests.conformance.cases.base import Case, floats, ints
from tests.conformance.native import native
from triceras_backends.active import backend as B


@pytest.mark.aspect("value", "dtype")
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_value(case: Case) -> None:
    with checking.precision(case):
        args, kw = checking.tensors(case)
        checking.check(case, getattr(B, case.op)(*args, **kw))


NATIVE_INPUTS = {
    "matmul": (floats((3, 4)), floats((4, 5))),
    "conv": (floats((2, 6, 6, 3)), floats((3, 3, 3, 4))),
}


@pytest.mark.parametrize("op", native.OPS)
def test_native_agrees(op: str) -> None:
    """The framework's own function on the same input gives the same numbers."""
    arrays = NATIVE_INPUTS.get(op, (floats((3, 4)),))
    want = native.array(native.OPS[op](*(native.tensor(a) for a in arrays)))
    got = B.convert_to_numpy(getattr(B, op)(*(native.tensor(a) for a in arrays)))
    checking.assert_close(got, want, 1e-6)


def test_arguments_are_left_alone() -> None:
    """No operation writes into what it was given."""
    x = ints((3, 3)).astype("float32")
    before, given_tensor = x.copy(), checking.tensor(x)
    for op, args in (("clip", (0, 1)), ("sort", ()), ("add", (1,)), ("relu", ()), ("cumsum", ()), ("round", ())):
        getattr(B, op)(given_tensor, *args)
        getattr(B, op)(x, *args)
    update = B.scatter_update(
        given_tensor, checking.tensor(np.array([[0, 0]], "int32")), checking.tensor(np.array([9.0], "float32"))
    )
    assert B.convert_to_numpy(update)[0, 0] == 9
    np.testing.assert_array_equal(x, before)
    np.testing.assert_array_equal(B.convert_to_numpy(given_tensor), before)
