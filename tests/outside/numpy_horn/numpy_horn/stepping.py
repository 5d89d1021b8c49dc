"""The inner loop, in Python."""

from __future__ import annotations

from typing import Any

from numpy_horn.variables import Variable
from triceras_backends import stepping


def stepper(step: Any, variables: Any = None, jit_compile: bool | None = None, collect: bool = False) -> Any:
    return stepping.Stepper(Variable.primitives, step, collect)
