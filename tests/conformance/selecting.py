"""Which of an operation's cases stands for it where one is enough, and its tensors apart from its constants."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from tests.conformance.cases.base import Case, Raw, Var, convert, leaves
from triceras_backends.selection import contract_functions

CONTRACT = contract_functions()


def _annotations(op: str) -> dict[str, str]:
    return {p.name: str(p.annotation) for p in inspect.signature(CONTRACT[op][1]).parameters.values()}


def _bound(case: Case) -> dict[str, Any]:
    return dict(inspect.signature(CONTRACT[case.op][1]).bind(*case.args, **case.kw).arguments)


def _has_array(x: Any) -> bool:
    return any(isinstance(leaf, np.ndarray) for leaf in leaves(x))


def takes_tensors(op: str) -> set[str]:
    """The parameters that take tensors, by the contract's annotations."""
    return {
        name
        for name, annotation in _annotations(op).items()
        if annotation.split("[")[0] in ("Tensor", "Tensors", "Tree")
    }


def _rank(case: Case) -> tuple[bool, ...]:
    """Smaller is plainer."""
    arrays = [leaf for leaf in leaves((case.args, case.kw)) if isinstance(leaf, np.ndarray)]
    static = {name: value for name, value in _bound(case).items() if name not in takes_tensors(case.op)}
    return (
        not case.spec,
        _has_array(list(static.values())),
        case.wide,
        any(isinstance(leaf, (Raw, Var)) for leaf in case.args),
        not arrays,
        any(array.size == 0 for array in arrays),
        all(array.ndim == 0 for array in arrays),
    )


def first_of_each(cases: Iterable[Case]) -> list[Case]:
    """A case an operation, the plainest."""
    found: dict[str, tuple[tuple[bool, ...], Case]] = {}
    for case in cases:
        rank = _rank(case)
        if case.op not in found or rank < found[case.op][0]:
            found[case.op] = (rank, case)
    return [case for _, case in found.values()]


def filled(case: Case, make: Callable[[Any], Any], static: Callable[[Any], Any], marked: Callable[[Any], Any]) -> Any:
    """The case's args and kw, with `make` of arrays where tensors are taken, and `static` of the others."""
    taken = takes_tensors(case.op)
    parameters = list(inspect.signature(CONTRACT[case.op][1]).parameters.values())
    variadic = next((i for i, p in enumerate(parameters) if p.kind is p.VAR_POSITIONAL), len(parameters))

    def one(name: str, value: Any) -> Any:
        return convert(value, make if name in taken else static, marked)

    args = [one(parameters[min(i, variadic)].name, value) for i, value in enumerate(case.args)]
    return args, {name: one(name, value) for name, value in case.kw.items()}
