"""Order statistics, averages that skip NaN, histograms, correlation."""

from __future__ import annotations

from tests.conformance.cases.base import Table

CASES = Table()
