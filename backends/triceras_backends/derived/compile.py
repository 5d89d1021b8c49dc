"""Compilation: what a backend that runs eagerly need not bring."""

from __future__ import annotations

from typing import Any

from triceras_backends.contract.types import DType, Function, Tensors


def host_call(b: Any, fn: Function, xs: Tensors, shape: Any, dtype: DType) -> Any:
    result = fn(*[b.convert_to_numpy(x) if b.is_tensor(x) else x for x in xs])
    return result if dtype == "string" else b.convert_to_tensor(result, dtype)
