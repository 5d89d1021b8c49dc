"""The contract itself, and that what stands on it matches, read without importing any framework."""

from __future__ import annotations

import ast
import importlib
import inspect
from types import SimpleNamespace

import pytest

from tests.null.conftest import ROOT
from triceras_backends import contract, derived, selection

PRIMITIVES = selection.contract_functions()
BACKENDS = tuple(selection.BUILT_IN)


def parameters(function) -> list[tuple[str, str, str]]:
    """Name, kind and default of each parameter."""
    found = inspect.signature(function).parameters.values()
    return [(parameter.name, parameter.kind.name, repr(parameter.default)) for parameter in found]


def top_level(backend: str, family: str) -> dict[str, ast.AST]:
    """What a backend's module defines by `def` or `class`, without importing it."""
    path = ROOT / "backends" / "triceras_backends" / f"{backend}_backend" / f"{family}.py"
    if not path.exists():
        return {}
    nodes = ast.parse(path.read_text(encoding="utf-8")).body
    return {node.name: node for node in nodes if isinstance(node, (ast.FunctionDef, ast.ClassDef))}


def test_a_hundred_primitives_and_no_two_of_a_name():
    assert len(PRIMITIVES) > 100
    names = [
        name
        for family in contract.FAMILIES
        for name, value in vars(importlib.import_module(f"triceras_backends.contract.{family}")).items()
        if inspect.isfunction(value)
    ]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("family", contract.FAMILIES)
def test_every_family_says_what_it_is(family):
    assert importlib.import_module(f"triceras_backends.contract.{family}").__doc__


@pytest.mark.parametrize("name", PRIMITIVES)
def test_every_primitive_is_documented_and_typed(name):
    function = PRIMITIVES[name][1]
    assert inspect.getdoc(function), f"{name} has no docstring"
    if inspect.isclass(function):
        methods = [value for key, value in vars(function).items() if inspect.isfunction(value) and key[0] != "_"]
        assert all(inspect.getdoc(method) for method in methods)
        return
    signature = inspect.signature(function)
    assert signature.return_annotation is not inspect.Signature.empty
    untyped = [p.name for p in signature.parameters.values() if p.annotation is inspect.Parameter.empty]
    assert not untyped, f"{name} has parameters without types: {untyped}"


@pytest.mark.parametrize("name", [name for name, (family, _) in PRIMITIVES.items() if derived.find(family, name)])
def test_derived_primitives_have_the_contracts_signature(name):
    backend, *own = parameters(derived.find(PRIMITIVES[name][0], name))
    taken = any(parameter[0] == "b" for parameter in own)
    assert backend[0] == ("backend" if taken else "b")
    assert own == parameters(PRIMITIVES[name][1])


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("family", contract.FAMILIES)
def test_backends_written_out_have_the_contracts_parameters(backend, family):
    """Functions that a factory makes are held by conformance, which calls them by keyword."""
    for name, node in top_level(backend, family).items():
        if not isinstance(node, ast.FunctionDef) or PRIMITIVES.get(name, ("",))[0] != family:
            continue
        expected = [parameter[0] for parameter in parameters(PRIMITIVES[name][1])]
        arguments = node.args
        found = [argument.arg for argument in (*arguments.posonlyargs, *arguments.args)]
        found += [argument.arg for argument in (arguments.vararg, *arguments.kwonlyargs, arguments.kwarg) if argument]
        assert sorted(found) == sorted(expected), f"{backend}.{family}.{name}"


def test_what_nobody_wrote_is_a_gap_that_says_so(monkeypatch):
    package = "triceras_backends.contract"  # any package with the families' names serves
    module = SimpleNamespace(Variable=type("Variable", (), {}))
    monkeypatch.setattr(selection.importlib, "import_module", _with_empty_families(package, module))
    backend = selection.assemble("empty", package)
    assert "matmul" in backend.gaps
    assert "softsign" not in backend.gaps
    with pytest.raises(NotImplementedError, match="matmul is a declared gap of the empty backend"):
        backend.matmul(1, 2)


def _with_empty_families(package: str, module: SimpleNamespace):
    """import_module, with `module` for each family the second time it is asked for (the first reads the contract)."""
    real = importlib.import_module
    seen: set[str] = set()

    def load(name: str):
        first = name.startswith(f"{package}.") and name not in seen
        seen.add(name)
        return module if first else real(name)

    return load
