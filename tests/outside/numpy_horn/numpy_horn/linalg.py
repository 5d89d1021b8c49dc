"""Products and linear algebra."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.linalg

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
table(globals(), dot=np.dot, tensordot=np.tensordot, outer=np.outer, inner=np.inner, vdot=np.vdot)
table(globals(), gives=dtypes.accumulator, trace=np.trace)


def _complex(dtype: str) -> str:
    return dtypes.result_type(dtype, complex)


def _check_matrices(x: Any) -> None:
    if x.ndim < 2:
        raise ValueError("matrices are needed")


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


def _logdet(x: Any) -> Any:
    sign, size = np.linalg.slogdet(x)
    return np.where(sign < 0, np.nan, size)


def _cholesky_inverse(x: Any, upper: bool) -> Any:
    lower = np.conj(np.swapaxes(np.triu(x), -1, -2)) if upper else np.tril(x)
    return np.linalg.inv(lower @ np.conj(np.swapaxes(lower, -1, -2)))


def _rank(x: Any, tol: Any) -> Any:
    _check_matrices(x)
    return np.linalg.matrix_rank(x, tol)


def _lu_factor(x: Any) -> Any:
    _check_matrices(x)
    found = [scipy.linalg.lu_factor(matrix) for matrix in x.reshape(-1, *x.shape[-2:])]
    factors, pivots = (np.array([part[i] for part in found]) for i in (0, 1))
    return factors.reshape(x.shape), pivots.reshape(*x.shape[:-2], -1)


def _pinv(x: Any, rcond: Any) -> Any:
    return np.linalg.pinv(x, max(x.shape[-2:]) * np.finfo(x.dtype).eps if rcond is None else rcond)


def _lstsq(a: Any, b: Any, rcond: Any) -> Any:
    inverse = _pinv(a, rcond)
    return (inverse @ b[..., None])[..., 0] if b.ndim == a.ndim - 1 else inverse @ b


table(
    globals(), "float",
    cholesky_inverse=_or_nan(_cholesky_inverse), slogdet=_or_nan(lambda x: tuple(np.linalg.slogdet(x))),
    logdet=_or_nan(_logdet), pinv=_pinv, lstsq=_lstsq,
)  # fmt: skip
table(globals(), "float", ("", "int32"), lu_factor=_lu_factor)
table(globals(), "float", "int32", matrix_rank=_rank)
eig = primitive("eig", _or_nan(lambda x: tuple(y + 0j for y in np.linalg.eig(x))), "float", _complex)
eigh = primitive("eigh", lambda x: tuple(np.linalg.eigh(x)), "float")
