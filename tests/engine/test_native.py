"""Layers as citizens of their framework: each backend's own table of cases."""

from __future__ import annotations

import pytest

from tests.engine.native_tables import table


@pytest.mark.parametrize("case", table.CASES, ids=lambda case: case.__name__)
def test_native(case):
    case()
