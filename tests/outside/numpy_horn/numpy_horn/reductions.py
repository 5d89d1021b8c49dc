"""Reductions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from numpy_horn.kernels import table
from triceras_backends import dtypes


def _along(fn: Callable[..., Any]) -> Callable[..., Any]:
    return lambda x, axis, keepdims: fn(x, axis=axis, keepdims=keepdims)


def _extreme(fn: Callable[..., Any]) -> Callable[..., Any]:
    def call(x: Any, axis: Any, keepdims: bool, initial: Any) -> Any:
        start = {} if initial is None else {"initial": initial.astype(x.dtype)}
        return fn(x, axis=axis, keepdims=keepdims, **start)

    return call


def _logsumexp(x: Any, axis: Any, keepdims: bool) -> Any:
    top = np.max(x, axis=axis, keepdims=True, initial=-np.inf)
    top = np.where(np.isfinite(top), top, 0)
    total = np.log(np.sum(np.exp(x - top), axis=axis, keepdims=True)) + top
    return total if keepdims else np.squeeze(total, axis)


table(globals(), gives=dtypes.accumulator, sum=_along(np.sum), prod=lambda x, axis, keepdims, dtype: np.prod(
    x, axis=axis, keepdims=keepdims, dtype=dtype
))  # fmt: skip
table(globals(), "float", mean=_along(np.mean), var=_along(np.var), std=_along(np.std), logsumexp=_logsumexp)
table(globals(), gives="bool", all=_along(np.all), any=_along(np.any))
table(globals(), gives="int32", argmax=_along(np.argmax), argmin=_along(np.argmin), count_nonzero=np.count_nonzero)
table(globals(), apart=["initial"], max=_extreme(np.max), min=_extreme(np.min))
table(globals(), "number", cumsum=np.cumsum, cumprod=np.cumprod)
