"""Which of an operation's cases stands for it where one is enough, and its tensors apart from its constants."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from tests.conformance.cases.base import Case, Raw, Var, convert, leaves
from triceras_backends.selection import contract_functions

CONTRACT = contract_functions()


# Every worker asks about every case when it collects the tests.
@functools.cache
def _signature(op: str) -> inspect.Signature:
    return inspect.signature(CONTRACT[op][1])


def _bound(case: Case) -> dict[str, Any]:
    return dict(_signature(case.op).bind(*case.args, **case.kw).arguments)


def _has_array(x: Any) -> bool:
    return any(isinstance(leaf, np.ndarray) for leaf in leaves(x))


@functools.cache
def takes_tensors(op: str) -> frozenset[str]:
    """The parameters that take tensors, by the contract's annotations."""
    return frozenset(
        p.name
        for p in _signature(op).parameters.values()
        if str(p.annotation).split("[")[0] in ("Tensor", "Tensors", "Tree")
    )


def _rank(case: Case) -> tuple[bool, ...]:
    """Smaller is plainer."""
    arrays = [leaf for leaf in leaves((case.args, case.kw)) if isinstance(leaf, np.ndarray)]
    taken = takes_tensors(case.op)
    static = {name: value for name, value in _bound(case).items() if name not in taken}
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
    parameters = list(_signature(case.op).parameters.values())
    variadic = next((i for i, p in enumerate(parameters) if p.kind is p.VAR_POSITIONAL), len(parameters))

    def one(name: str, value: Any) -> Any:
        return convert(value, make if name in taken else static, marked)

    args = [one(parameters[min(i, variadic)].name, value) for i, value in enumerate(case.args)]
    return args, {name: one(name, value) for name, value in case.kw.items()}
