"""Reductions over segments: ids out of range, segments without rows, dtypes, ties."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.conformance.cases.base import Table, floats, ints, some
from tests.conformance.cases.gradients_base import Gradients, spread
from triceras_backends.active import backend as B

CASES = Table()
REDUCE = {"sum": np.add, "max": np.maximum, "min": np.minimum, "prod": np.multiply}


def _identity(name: str, dtype: Any) -> Any:
    if name in ("sum", "prod"):
        return int(name == "prod")
    if dtype.kind == "b":
        return name == "min"
    limits = (-np.inf, np.inf) if dtype.kind not in "iu" else (np.iinfo(dtype).min, np.iinfo(dtype).max)
    return limits[name == "min"]


def _oracle(name: str) -> Any:
    def reduced(data: Any, ids: Any, num_segments: int | None = None, sorted: bool = False) -> Any:
        number = int(ids.max(initial=-1)) + 1 if num_segments is None else num_segments
        out = np.full((number, *data.shape[1:]), _identity(name, data.dtype), data.dtype)
        for row, segment in zip(data, ids, strict=True):
            if 0 <= segment < number:
                out[segment] = REDUCE[name](out[segment], row)
        return out

    return reduced


IDS = np.array([0, 2, 0, 3, 2, 0], "int32")
for name in REDUCE:
    op, oracle = f"segment_{name}", _oracle(name)
    for shape in ((6,), (6, 2), (6, 2, 3)):
        CASES.add(op, floats(shape), IDS, oracle=oracle, returns="same", tol=2, spec=False)
        CASES.add(op, floats(shape), IDS, kw={"num_segments": 5}, oracle=oracle, returns="same", tol=2)
    CASES.add(op, floats((6, 2)), np.sort(IDS), kw={"sorted": True}, oracle=oracle, returns="same", tol=2, spec=False)
    CASES.add(op, floats((6, 2)), np.sort(IDS), 7, True, oracle=oracle, returns="same", tol=2)
    CASES.add(op, floats((6, 2)), np.array([0, -1, 1, 9, 2, 1], "int32"), 2, oracle=oracle, returns="same", label="out of range")  # fmt: skip
    CASES.add(op, floats((6,)), np.array([-1, -1, 1, -7, 3, 1], "int32"), oracle=oracle, returns="same", label="negative", spec=False)  # fmt: skip
    for dtype in ("bool", "int8", "float16", "bfloat16", *(() if name == "prod" else ("uint8", "int64", "float64"))):
        CASES.add(op, some((6,), dtype, 0, 3), IDS, 5, oracle=oracle, returns="same", tol=2)
    for dtype in ("int64", "uint8") if name == "max" else ("int16",):
        CASES.add(op, floats((6, 2)), IDS.astype(dtype), 4, oracle=oracle, returns="same", tol=2)
    CASES.add(op, np.zeros((0, 2), "float32"), np.zeros((0,), "int32"), oracle=oracle, returns="same", spec=False)
    CASES.add(op, np.zeros((0, 2), "float32"), np.zeros((0,), "int32"), 3, oracle=oracle, returns="same")
    CASES.add(op, np.zeros((6, 0), "float32"), IDS, 4, oracle=oracle, returns="same")
    CASES.add(op, np.array([1, np.nan, 2], "float32"), np.array([0, 0, 1], "int32"), 3, oracle=oracle, returns="same", label="NaN")  # fmt: skip
    CASES.add(op, np.array([np.inf, -np.inf, 2], "float32"), np.array([0, 1, 1], "int32"), 2, oracle=oracle, returns="same", label="infinite")  # fmt: skip

GRADIENTS = Gradients()
for name in REDUCE:
    for shape in ((6,), (6, 2)):
        GRADIENTS.add(
            f"segment_{name}", spread(*shape), segment_ids=np.array([0, 2, 0, 1, 2, 0], "int32"), num_segments=3
        )
    ids = np.array([0, -1, 1, 9, 0, 1], "int32")
    GRADIENTS.add(f"segment_{name}", spread(6), segment_ids=ids, num_segments=2, label="out of range")

PAIRS = np.array([0, 0, 1, 0], "int32")
AWKWARD: list[tuple[str, Any, tuple[Any, ...], Any]] = [
    ("segment_max: ties share", lambda x: B.segment_max(x, PAIRS), ([2.0, 2.0, 5.0, 1.0],), [[0.5, 0.5, 1, 0]]),
    ("segment_min: ties share", lambda x: B.segment_min(x, PAIRS), ([2.0, 2.0, 5.0, 2.0],), [[1 / 3, 1 / 3, 1, 1 / 3]]),
    ("segment_prod with a zero", lambda x: B.segment_prod(x, PAIRS), ([0.0, 2.0, 5.0, 3.0],), [[6, 0, 1, 0]]),
    ("segment_prod with two zeros", lambda x: B.segment_prod(x, PAIRS), ([0.0, 0.0, 5.0, 3.0],), [[0, 0, 1, 0]]),
    ("segment_sum leaves rows out", lambda x: B.segment_sum(x, np.array([0, -1, 7, 1], "int32"), 2),
     ([1.0, 2.0, 3.0, 4.0],), [[1, 0, 0, 1]]),
]  # fmt: skip

OPS = [f"segment_{name}" for name in REDUCE]
ERRORS: list[tuple[str, tuple[Any, ...], dict[str, Any], Any, tuple[str, ...]]] = [
    *((op, (floats((3, 2)), ints((3, 2), "int32", 0, 3)), {}, ValueError, (op, "(3, 2)")) for op in OPS),
    *((op, (floats((3, 2)), ints((2,), "int32", 0, 3)), {"num_segments": 2}, ValueError, (op, "(2,)", "(3, 2)")) for op in OPS),
    *((op, (floats((3,)), floats((3,))), {}, TypeError, (op, "float32")) for op in OPS),
    *((op, (floats(()), ints((1,), "int32", 0, 3)), {}, ValueError, (op, "()")) for op in OPS),
]  # fmt: skip
