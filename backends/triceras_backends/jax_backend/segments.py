"""Reductions over segments, on JAX: the composites, each jitted whole."""

from __future__ import annotations

from typing import Any

from triceras_backends.derived import segments as composites
from triceras_backends.jax_backend.composites import fused
from triceras_backends.jax_backend.tensors import convert_to_tensor


def _counted(name: str) -> Any:
    def prepare(b: Any, given: dict[str, Any]) -> None:
        data, ids = convert_to_tensor(given["data"]), convert_to_tensor(given["segment_ids"])
        composites.check(b, name, data, ids)
        given.update(data=data, segment_ids=ids, num_segments=composites.count(b, name, ids, given["num_segments"]))

    return prepare


segment_sum = fused(composites.segment_sum, "data", "segment_ids", prepare=_counted("segment_sum"))
segment_max = fused(composites.segment_max, "data", "segment_ids", prepare=_counted("segment_max"))
segment_min = fused(composites.segment_min, "data", "segment_ids", prepare=_counted("segment_min"))
segment_prod = fused(composites.segment_prod, "data", "segment_ids", prepare=_counted("segment_prod"))
