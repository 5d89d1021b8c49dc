"""Products and linear algebra."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from triceras_backends.torch_backend.elementwise import multiply
from triceras_backends.torch_backend.reductions import sum as _sum
from triceras_backends.torch_backend.tensors import (
    INEXACT,
    PLAIN,
    convert_to_tensor,
    guarded,
    promote,
    recover,
    to_float,
)


def _product(x1: Tensor, x2: Tensor) -> Tensor:
    if x1.dtype is torch.int8:
        x1, x2 = x1.to(torch.int32), x2.to(torch.int32)
    if x1.is_cuda and x1.dtype not in INEXACT:  # no integer kernels there; float64 is exact to 2^53
        return torch.matmul(x1.double(), x2.double()).to(x1.dtype)
    return torch.matmul(x1, x2)


def matmul(x1: Any, x2: Any) -> Tensor:
    try:
        if x1.__class__ in PLAIN and x2.__class__ in PLAIN and x1.dtype is x2.dtype and x1.dtype in INEXACT:
            return torch.matmul(x1, x2)
        return _product(*promote(x1, x2))
    except RuntimeError as error:
        return recover("matmul", torch.matmul, promote(x1, x2), error)


def dot(x1: Any, x2: Any) -> Tensor:
    x1, x2 = promote(x1, x2)
    if not x1.ndim or not x2.ndim:
        return multiply(x1, x2)
    if x1.ndim <= 2 and x2.ndim <= 2:
        return matmul(x1, x2)
    return tensordot(x1, x2, ([-1], [max(x2.ndim - 2, 0)]))


def tensordot(x1: Any, x2: Any, axes: Any = 2) -> Tensor:
    if not isinstance(axes, int):
        axes = [[a] if isinstance(a, int) else list(a) for a in axes]
    x1, x2 = promote(x1, x2)
    return guarded("tensordot", torch.tensordot, x1, x2, dims=axes)


def einsum(subscripts: str, *operands: Any, **kwargs: Any) -> Tensor:
    tensors = promote(*operands)
    tensors = [x.to(torch.int32) for x in tensors] if tensors[0].dtype is torch.int8 else tensors
    try:
        return guarded("einsum", lambda *xs: torch.einsum(subscripts, *xs), *tensors)
    except (RuntimeError, ValueError) as error:
        raise ValueError(f"einsum({subscripts!r}): {error}") from None


def outer(x1: Any, x2: Any) -> Tensor:
    x1, x2 = promote(x1, x2)
    return multiply(x1.reshape(-1, 1), x2.reshape(1, -1))


def trace(x: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Tensor:
    return _sum(guarded("trace", torch.diagonal, convert_to_tensor(x), offset, axis1, axis2), -1)


def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Tensor:
    x = to_float(x)
    axis = tuple(axis) if isinstance(axis, list) else axis
    rank = x.ndim if axis is None else 1 if isinstance(axis, int) else len(axis)
    if ord is not None and (rank > 2 or rank == 0 or (rank == 1 and isinstance(ord, str))):
        raise ValueError(f"norm: ord={ord!r} is not defined over {rank} axes of shape {tuple(x.shape)}.")
    if rank == 2 and ord not in (None, "fro", "nuc", 1, -1, 2, -2, float("inf"), float("-inf")):
        raise ValueError(f"norm: ord={ord!r} is not defined for matrices.")
    if ord is None:
        return guarded("norm", torch.linalg.vector_norm, x, 2, axis, keepdims)
    return guarded("norm", torch.linalg.norm, x, ord, axis, keepdims)


def _matrices(name: str, x: Any, square: bool = False) -> Tensor:
    x = to_float(x)
    if x.ndim < 2 or (square and x.shape[-1] != x.shape[-2]):
        raise ValueError(f"{name}: {'square ' if square else ''}matrices are needed; got shape {tuple(x.shape)}.")
    return x


def cholesky(x: Any, upper: bool = False) -> Tensor:
    return torch.linalg.cholesky(_matrices("cholesky", x, square=True), upper=upper)


def det(x: Any) -> Tensor:
    return torch.linalg.det(_matrices("det", x, square=True))


def inv(x: Any) -> Tensor:
    return torch.linalg.inv(_matrices("inv", x, square=True))


def solve(a: Any, b: Any) -> Tensor:
    a, b = promote(_matrices("solve", a, square=True), b)
    if b.ndim == a.ndim - 1:
        return guarded("solve", torch.linalg.solve, a, b.unsqueeze(-1)).squeeze(-1)
    return guarded("solve", torch.linalg.solve, a, b)


def solve_triangular(a: Any, b: Any, lower: bool = False) -> Tensor:
    a, b = promote(_matrices("solve_triangular", a, square=True), b)
    if b.ndim == a.ndim - 1:
        return solve_triangular(a, b.unsqueeze(-1), lower).squeeze(-1)
    return guarded("solve_triangular", torch.linalg.solve_triangular, a, b, upper=not lower)


def eigh(x: Any) -> Any:
    return tuple(torch.linalg.eigh(_matrices("eigh", x, square=True)))


def qr(x: Any, mode: str = "reduced") -> Any:
    if mode not in ("reduced", "complete"):
        raise ValueError(f'qr: mode must be "reduced" or "complete"; got {mode!r}.')
    return tuple(torch.linalg.qr(_matrices("qr", x), mode=mode))


def svd(x: Any, full_matrices: bool = True, compute_uv: bool = True) -> Any:
    x = _matrices("svd", x)
    return tuple(torch.linalg.svd(x, full_matrices=full_matrices)) if compute_uv else torch.linalg.svdvals(x)
