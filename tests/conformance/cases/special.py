"""Special functions, rounding modes, bits and further element-wise arithmetic."""

from __future__ import annotations

from tests.conformance.cases.base import Table

CASES = Table()
