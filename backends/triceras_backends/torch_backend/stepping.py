"""The inner loop on PyTorch: plain Python, since eager PyTorch loses little to a compiled step on a CPU."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from triceras_backends import stepping
from triceras_backends.torch_backend.compile import jit
from triceras_backends.torch_backend.variables import Variable


def stepper(
    step: Callable[[Any], Any], variables: Any = None, jit_compile: bool | None = None, collect: bool = False
) -> Any:
    compiled = bool(jit_compile)
    return stepping.Stepper(Variable.primitives, jit(step, variables, True) if compiled else step, collect, compiled)
