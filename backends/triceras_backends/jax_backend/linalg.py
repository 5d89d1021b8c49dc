"""Products and linear algebra on JAX."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import lax

from triceras_backends import dtypes
from triceras_backends.contract.types import Axis, Tensor
from triceras_backends.jax_backend.elementwise import absolute
from triceras_backends.jax_backend.kernels import INEXACT, axes, binary, checked, tensor, tensors, unary


def _matmul(x1: Any, x2: Any) -> Any:
    return jnp.matmul(x1, x2, preferred_element_type="int32" if x1.dtype == "int8" else None)


matmul = binary("matmul", _matmul)
dot = binary("dot", jnp.dot)
outer = binary("outer", jnp.outer)
_tensordot = checked("tensordot", jnp.tensordot, static=2)


def tensordot(x1: Tensor, x2: Tensor, axes: Any = 2) -> Tensor:
    return _tensordot(*tensors((x1, x2)), _pairs(axes))


def _pairs(axes: Any) -> Any:
    if np.ndim(axes) == 0 and not isinstance(axes, (list, tuple)):
        return int(axes)
    return tuple(
        tuple(map(int, part)) if isinstance(part, (list, tuple, np.ndarray)) else (int(part),) for part in axes
    )


def _summed(subscripts: str, *operands: Any) -> Any:
    whole = operands[0].dtype == "int8"
    return jnp.einsum(subscripts, *operands, preferred_element_type="int32" if whole else None)


_einsum = checked("einsum", _summed, static=0)


def einsum(subscripts: str, *operands: Tensor, **kwargs: Any) -> Tensor:
    return _einsum(subscripts, *tensors(operands))


def _traced(x: Any, offset: int, axis1: int, axis2: int) -> Any:
    return jnp.trace(x, offset, axis1, axis2, dtype=dtypes.accumulator(x.dtype.name))


_trace = checked("trace", _traced, static=(1, 2, 3))


def trace(x: Tensor, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Tensor:
    return _trace(tensor(x), offset, axis1, axis2)


def _normed(x: Any, ord: Any, axis: Any, keepdims: bool) -> Any:
    count = x.ndim if axis is None else 1 if axis.__class__ is int else len(axis)
    if ord is None or (ord == 2 and count == 1) or (ord == "fro" and count == 2):
        squares = jnp.sum(jnp.real(x * jnp.conj(x)), axis, keepdims=keepdims)
        # The root's infinite derivative at 0 is kept out of both directions of the gradient.
        return jnp.where(squares == 0, 0, jnp.sqrt(jnp.where(squares == 0, 1, squares)))
    if ord == 1 and count == 1:
        return jnp.sum(absolute(x), axis, keepdims=keepdims)
    return jnp.linalg.norm(x, ord, axis, keepdims)


_norm = checked("norm", _normed, static=(1, 2, 3))


def norm(x: Tensor, ord: Any = None, axis: Axis = None, keepdims: bool = False) -> Tensor:
    return _norm(tensor(x, INEXACT), ord, axes(axis), keepdims)


_cholesky = checked("cholesky", lambda x, upper: jnp.linalg.cholesky(x, upper=upper), static=1)
_qr = checked("qr", lambda x, mode: tuple(jnp.linalg.qr(x, mode)), static=1)
_svd = checked("svd", lambda x, full, both: _parts(jnp.linalg.svd(x, full_matrices=full, compute_uv=both)), (1, 2))


def _parts(x: Any) -> Any:
    return tuple(x) if isinstance(x, tuple) else x


def cholesky(x: Tensor, upper: bool = False) -> Tensor:
    return _cholesky(tensor(x, INEXACT), upper)


det = unary("det", jnp.linalg.det, INEXACT)
inv = unary("inv", jnp.linalg.inv, INEXACT)
eigh = unary("eigh", lambda x: tuple(jnp.linalg.eigh(x)), INEXACT)


def _columns(fn: Any) -> Any:
    """fn(a, b) for matrices b, taking vectors too."""

    def call(a: Any, b: Any, *args: Any) -> Any:
        if a.ndim < 2 or a.shape[-1] != a.shape[-2]:
            raise ValueError("the matrices must be square")
        return fn(a, b[..., None], *args)[..., 0] if b.ndim == a.ndim - 1 else fn(a, b, *args)

    return call


def _triangular(a: Any, b: Any, lower: bool) -> Any:
    batch = jnp.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    a, b = (jnp.broadcast_to(x, batch + x.shape[-2:]) for x in (a, b))
    return lax.linalg.triangular_solve(a, b, left_side=True, lower=lower)


_solve = binary("solve", _columns(jnp.linalg.solve), INEXACT)
_solve_triangular = checked("solve_triangular", _columns(_triangular), static=2)


def solve(a: Tensor, b: Tensor) -> Tensor:
    return _solve(a, b)


def solve_triangular(a: Tensor, b: Tensor, lower: bool = False) -> Tensor:
    return _solve_triangular(*tensors((a, b), INEXACT), bool(lower))


def qr(x: Tensor, mode: str = "reduced") -> Any:
    if mode not in ("reduced", "complete"):
        raise ValueError(f'qr: mode must be "reduced" or "complete"; got: {mode!r}')
    return _qr(tensor(x, INEXACT), mode)


def svd(x: Tensor, full_matrices: bool = True, compute_uv: bool = True) -> Any:
    return _svd(tensor(x, INEXACT), bool(full_matrices), bool(compute_uv))
