"""The tape and jit among the framework's own transformations: each module is of one framework.

`cases` are the functions `case_*` of the module with the backend's name, each a test.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.conformance import brought

_module: Any = brought.module("native_cases")
cases: dict[str, Callable[[], None]] = {
    name.removeprefix("case_"): value for name, value in vars(_module).items() if name.startswith("case_")
}
