"""What the tests of gradients, jit and loops share."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.conformance import brought
from tests.conformance.native import native

# Plain calls of the framework, under the same names for each.
calls: Any = brought.module("calls")


def f32(value: Any) -> Any:
    """The framework's own float32 tensor."""
    return native.tensor(np.asarray(value, "float32"))


def same(got: Any, expect: Any, rtol: float = 1e-5, atol: float = 1e-6) -> None:
    """Asserts that a structure of tensors equals one of numbers, nested lists and None.

    A list of numbers in `expect` may stand for a tensor or for a list of scalars.
    """
    if isinstance(expect, dict):
        assert set(got) == set(expect)
        for key, value in expect.items():
            same(got[key], value, rtol, atol)
    elif isinstance(expect, (list, tuple)) and isinstance(got, (list, tuple)):
        assert len(got) == len(expect), f"{len(got)} results for {len(expect)} expected ones"
        for one, value in zip(got, expect, strict=True):
            same(one, value, rtol, atol)
    elif expect is None or isinstance(expect, (str, bool)):
        assert got is expect or (expect is not None and got == expect), f"{got!r} where {expect!r} was expected"
    else:
        assert got is not None, f"None where {expect!r} was expected"
        array = native.array(got) if native.is_tensor(got) else np.asarray(got)
        expected = np.asarray(expect)
        assert array.shape == expected.shape, f"shape {array.shape} where {expected.shape} was expected"
        np.testing.assert_allclose(array, expected, rtol=rtol, atol=atol)
