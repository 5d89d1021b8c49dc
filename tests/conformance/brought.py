"""What each backend brings to the suite: modules and gaps, by its name here, or in a package of its own.

A backend from outside this repository has a package `conformance` in its own, with the modules
`native`, `calls` and `native_cases`, and the file `gaps.txt`.
"""

from __future__ import annotations

import importlib
import importlib.resources
import importlib.util
import os
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from tests import oracle
from triceras_backends.selection import BUILT_IN, registered

NAME = os.environ["KERAS_BACKEND"]
HERE = Path(__file__).parent
_OURS = {
    "native": f"tests.conformance.native.{NAME}",
    "calls": f"tests.conformance.native.calls_{NAME}",
    "native_cases": f"tests.conformance.native_cases.{NAME}",
}


def _package() -> str:
    return f"{registered()[NAME]}.conformance"


def module(kind: str) -> Any:
    """The active backend's module of that kind: "native", "calls" or "native_cases"."""
    return importlib.import_module(_OURS[kind] if NAME in BUILT_IN else f"{_package()}.{kind}")


def import_keras() -> None:
    """Imports Keras, the oracle, where it does not know the active backend: beside ours, it computes with NumPy."""
    if NAME not in BUILT_IN and importlib.util.find_spec("keras") is not None:
        oracle.import_keras("numpy")


def gaps_file() -> Traversable:
    """The file of the active backend's declared gaps, which need not exist."""
    if NAME in BUILT_IN:
        return HERE / "gaps" / f"{NAME}.txt"
    return importlib.resources.files(_package()) / "gaps.txt"
