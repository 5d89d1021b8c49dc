"""The tape and jit among the framework's own transformations."""

from __future__ import annotations

import pytest

from tests.conformance.native_cases import cases


@pytest.mark.parametrize("name", cases)
def test_native(name: str) -> None:
    cases[name]()
