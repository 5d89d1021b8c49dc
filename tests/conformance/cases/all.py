"""Every table in one list.

A family's module has `CASES`. It may have rows of the other tables too: `GRADIENTS` (see gradients_base),
`FLAT` (names of its primitives that have no derivative), `AWKWARD` (see test_gradients) and `ERRORS`
(see cases/errors).
"""

from __future__ import annotations

import importlib
from typing import Any

from tests.conformance.cases import errors, gradients
from tests.conformance.cases.base import Case
from tests.conformance.cases.gradients_base import Gradient

TABLED = (
    "elementwise", "special", "complex_numbers", "reductions", "statistical", "arrays", "creation", "shaping",
    "segments", "linalg", "fourier", "nn", "activations", "convolution", "pooling", "normalization", "attention", "ctc", "patches", "images",
)  # fmt: skip
_MODULES = [importlib.import_module(f"tests.conformance.cases.{family}") for family in (*TABLED, "array_traps")]


def _rows(table: str) -> list[Any]:
    return [row for module in _MODULES for row in getattr(module, table, ())]


CASES: list[Case] = _rows("CASES")
GRADIENTS: list[Gradient] = gradients.CASES + _rows("GRADIENTS")
NOT_DIFFERENTIABLE: set[str] = gradients.NOT_DIFFERENTIABLE | set(_rows("FLAT"))
AWKWARD: list[tuple[Any, ...]] = _rows("AWKWARD")
ERRORS: list[tuple[Any, ...]] = errors.ERRORS + _rows("ERRORS")
