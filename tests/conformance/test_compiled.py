"""Every operation inside jit: its tensors are the compiled function's arguments, everything else is constant."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conformance import checking
from tests.conformance.cases.all import CASES
from tests.conformance.cases.base import Case, bare
from tests.conformance.cases.dynamic import UNCOMPILED
from tests.conformance.native import native
from tests.conformance.selecting import filled, first_of_each
from triceras_backends.active import backend as B

JITTED = first_of_each(case for case in CASES if case.op not in UNCOMPILED)


@pytest.mark.aspect("jit")
@pytest.mark.parametrize("case", JITTED, ids=lambda case: case.id)
def test_jitted(case: Case) -> None:
    """Compiled, an operation gives what it gives eagerly."""

    def call(*tensors: Any) -> Any:
        remaining = iter(tensors)
        args, kw = filled(case, lambda array: next(remaining), checking.tensor, checking.marked)
        return getattr(B, case.op)(*args, **kw)

    arrays: list[Any] = []
    filled(case, arrays.append, bare_array, bare)
    with checking.precision(case), native.traced():
        compiled = B.jit(call, **native.COMPILE or {})
        checking.check(case, compiled(*map(checking.tensor, arrays)))
        assert compiled.traces == (0 if native.COMPILE is None else 1)


def bare_array(array: Any) -> Any:
    return array
