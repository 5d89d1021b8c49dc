"""Images: colours, geometry, filters and comparison."""

from __future__ import annotations

from tests.conformance.cases.base import Table

CASES = Table()
