"""Reductions over segments, on TensorFlow: its kernel for sums, which leaves out negative ids."""

from __future__ import annotations

from triceras_backends.contract.types import Tensor
from triceras_backends.derived import segments as composite
from triceras_backends.tensorflow_backend.native import math
from triceras_backends.tensorflow_backend.tensors import BOOL, DTYPES, cast, scalar, tensor
from triceras_backends.tensorflow_backend.variables import Variable

_IDS = (DTYPES["int32"], DTYPES["int64"])


def segment_sum(data: Tensor, segment_ids: Tensor, num_segments: int | None = None, sorted: bool = False) -> Tensor:
    b = Variable.primitives
    data, ids = tensor(data), tensor(segment_ids)
    if data.dtype is BOOL:
        return composite.segment_sum(b, data, ids, num_segments, sorted)
    composite.check(b, "segment_sum", data, ids)
    ids = ids if ids.dtype in _IDS else cast(ids, "int64")
    number = cast(tensor(composite.count(b, "segment_sum", ids, num_segments)), ids.dtype)
    ids = math.select_v2(math.less(ids, number), ids, scalar(-1, ids.dtype))
    return math.unsorted_segment_sum(data, ids, number)
