"""Products and linear algebra."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from numpy_horn.kernels import primitive, table
from triceras_backends import dtypes


def _products(dtype: str) -> str:
    return "int32" if dtype == "int8" else dtype


def _wide(x: Any) -> Any:
    return x.astype("int32") if x.dtype == "int8" else x


def _einsum(subscripts: str, *operands: Any, **kwargs: Any) -> Any:
    return np.einsum(subscripts, *map(_wide, operands))


table(
    globals(), gives=_products,
    matmul=lambda a, b: np.matmul(_wide(a), _wide(b)), einsum=_einsum,
)  # fmt: skip
table(globals(), dot=np.dot, tensordot=np.tensordot, outer=np.outer)
table(globals(), gives=dtypes.accumulator, trace=np.trace)


def _or_nan(fn: Callable[..., Any]) -> Callable[..., Any]:
    """fn of square matrices, NaN where it has no result."""

    def call(x: Any, *args: Any) -> Any:
        if x.ndim < 2 or x.shape[-1] != x.shape[-2]:
            raise ValueError("square matrices are needed")
        try:
            return fn(x, *args)
        except np.linalg.LinAlgError:
            return fn(np.broadcast_to(np.eye(x.shape[-1], dtype=x.dtype), x.shape), *args) * np.nan

    return call


def _solve(a: Any, b: Any) -> Any:
    return np.linalg.solve(a, b[..., None])[..., 0] if b.ndim == a.ndim - 1 else np.linalg.solve(a, b)


def _qr(x: Any, mode: str) -> Any:
    if mode not in ("reduced", "complete"):
        raise ValueError('mode must be "reduced" or "complete"')
    return tuple(np.linalg.qr(x, mode))


def _svd(x: Any, full_matrices: bool, compute_uv: bool) -> Any:
    found = np.linalg.svd(x, full_matrices, compute_uv)
    return tuple(found) if compute_uv else found


table(
    globals(), "float",
    norm=np.linalg.norm, det=_or_nan(np.linalg.det), inv=_or_nan(np.linalg.inv), solve=_or_nan(_solve),
    cholesky=_or_nan(lambda x, upper: np.linalg.cholesky(x, upper=upper)),
    solve_triangular=_or_nan(lambda a, b, lower: _solve(np.tril(a) if lower else np.triu(a), b)),
    qr=_qr, svd=_svd,
)  # fmt: skip
eigh = primitive("eigh", lambda x: tuple(np.linalg.eigh(x)), "float")
