"""Every table in one list."""

from __future__ import annotations

from tests.conformance.cases import arrays, elementwise, linalg, nn, reductions

TABLED = ("elementwise", "reductions", "arrays", "linalg", "nn")
CASES = [*elementwise.CASES, *reductions.CASES, *arrays.CASES, *linalg.CASES, *nn.CASES]
