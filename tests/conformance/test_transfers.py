"""No operation fetches its tensors from the device to compute on the host.

Every way from a tensor to Python or NumPy raises while the operation runs, eagerly. Those that must know values
(how many elements are not 0) are in `cases/dynamic.py`, with the reason.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tests.conformance import checking
from tests.conformance.cases.all import CASES
from tests.conformance.cases.base import Case, floats
from tests.conformance.cases.dynamic import UNCOMPILED
from tests.conformance.native import native
from tests.conformance.selecting import first_of_each
from triceras_backends.active import backend as B

STAYING = first_of_each(case for case in CASES if case.op not in UNCOMPILED)


@pytest.mark.parametrize("case", STAYING, ids=lambda case: case.id)
def test_stays_on_the_device(case: Case) -> None:
    with checking.precision(case):
        args, kw = checking.tensors(case)
        operation = getattr(B, case.op)
        operation(*args, **kw)  # once before: the first call may compile, and frameworks read constants then
        with native.host_reads():
            operation(*args, **kw)


READS: dict[str, Callable[[Any], Any]] = {
    "convert_to_numpy": B.convert_to_numpy,
    "asarray": lambda x: np.asarray(x),
    "array": lambda x: np.array(x),
    "float": float,
    "bool": bool,
}


@pytest.mark.parametrize("read", READS)
def test_reading_is_noticed(read: str) -> None:
    x = checking.tensor(floats(()))
    READS[read](x)
    with native.host_reads(), pytest.raises(AssertionError, match="on the host"):
        READS[read](x)
    READS[read](x)
