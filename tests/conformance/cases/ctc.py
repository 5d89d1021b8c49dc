"""Connectionist temporal classification."""

from __future__ import annotations

from tests.conformance.cases.base import Table

CASES = Table()
