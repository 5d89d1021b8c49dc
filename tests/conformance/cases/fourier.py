"""Fourier transforms, of whole tensors and of short overlapping frames."""

from __future__ import annotations

from tests.conformance.cases.base import Table

CASES = Table()
