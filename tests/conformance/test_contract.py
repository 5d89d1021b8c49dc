"""Each backend's functions are the contract's: names, order and defaults of parameters; each has a test."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.cases.all import CASES, TABLED
from triceras_backends.active import backend as B
from triceras_backends.selection import contract_functions

CONTRACT = contract_functions()
CLASSES = sorted(name for name, (_, value) in CONTRACT.items() if inspect.isclass(value))
FUNCTIONS = sorted(set(CONTRACT) - set(CLASSES))
HERE = Path(__file__).parent


def _parameters(fn: Any, skip: int = 0) -> list[tuple[str, Any, Any]]:
    parameters = list(inspect.signature(fn).parameters.values())[skip:]
    return [(p.name, p.kind, p.default) for p in parameters]


def _own(name: str) -> Any:
    """The backend's function or class; one that it leaves out raises the Gap that calling it raises."""
    value = getattr(B, name)
    return value() if name in B.gaps else value


@pytest.mark.parametrize("name", sorted(set(CONTRACT) - {"Compiled"}))
def test_primitive(name: str) -> None:
    """It exists; what a backend leaves out is a declared gap."""
    assert callable(_own(name))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_signature(name: str) -> None:
    assert _parameters(_own(name)) == _parameters(CONTRACT[name][1])


METHODS = [
    (name, method)
    for name in CLASSES
    if name != "Compiled"
    for method, value in vars(CONTRACT[name][1]).items()
    if inspect.isfunction(value) and not (method.startswith("_") and method != "__init__")
]


@pytest.mark.parametrize(("name", "method"), [m for m in METHODS if m[0] != "Module" or m[1] != "__init__"])
def test_method(name: str, method: str) -> None:
    contract, own = CONTRACT[name][1], _own(name)
    if method == "__init__" and "__init__" not in vars(contract):
        return
    if getattr(contract.__init__, "__qualname__", "").startswith("_no_init") or not inspect.isfunction(
        getattr(own, method)
    ):
        pytest.fail(f"{name}.{method} is no method")
    assert _parameters(getattr(own, method), skip=1) == _parameters(getattr(contract, method), skip=1)


def test_compiled_counts_traces() -> None:
    assert isinstance(B.jit(lambda: None).traces, int)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_docstring(name: str) -> None:
    """The contract says what each primitive does."""
    assert (inspect.getdoc(CONTRACT[name][1]) or "").strip()


TABLED_FUNCTIONS = sorted(name for name, (family, _) in CONTRACT.items() if family in TABLED)
OTHERS = sorted(set(CONTRACT) - set(TABLED_FUNCTIONS))


@pytest.mark.parametrize("name", TABLED_FUNCTIONS)
def test_has_a_case(name: str) -> None:
    assert any(case.op == name for case in CASES), f"{name} has no case in tests/conformance/cases"


SOURCES = "\n".join(
    path.read_text(encoding="utf-8") for path in sorted(HERE.rglob("*.py")) if path.name != Path(__file__).name
)


@pytest.mark.parametrize("name", OTHERS)
def test_has_a_test(name: str) -> None:
    """What is no table's matter is named in some test of this suite."""
    assert re.search(rf"\b{name}\b", SOURCES), f"{name} is named in no conformance test"
