"""Products and linear algebra."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.autograd import forward_ad

from triceras_backends.torch_backend import scopes
from triceras_backends.torch_backend.elementwise import multiply
from triceras_backends.torch_backend.reductions import sum as _sum
from triceras_backends.torch_backend.tensors import (
    INEXACT,
    PLAIN,
    convert_to_tensor,
    guarded,
    is_eager,
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
        result = guarded("einsum", lambda *xs: torch.einsum(subscripts, *xs), *tensors)
        return result if result.dtype is tensors[0].dtype else result.to(tensors[0].dtype)  # sums of integers widen
    except (RuntimeError, ValueError) as error:
        raise ValueError(f"einsum({subscripts!r}): {error}") from None


def outer(x1: Any, x2: Any) -> Tensor:
    x1, x2 = promote(x1, x2)
    return multiply(x1.reshape(-1, 1), x2.reshape(1, -1))


def inner(x1: Any, x2: Any) -> Tensor:
    x1, x2 = promote(x1, x2)
    return guarded("inner", torch.inner, x1, x2)


def vdot(x1: Any, x2: Any) -> Tensor:
    x1, x2 = promote(x1, x2)
    if x1.numel() != x2.numel():
        raise ValueError(f"vdot: sizes of shapes {tuple(x1.shape)} and {tuple(x2.shape)} differ.")
    return guarded("vdot", torch.vdot, x1.reshape(-1), x2.reshape(-1))


def kron(x1: Any, x2: Any) -> Tensor:
    return guarded("kron", torch.kron, *promote(x1, x2))


def cross(x1: Any, x2: Any, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None) -> Tensor:
    x1, x2 = promote(x1, x2)
    if x1.dtype is torch.bool:
        x1, x2 = x1.to(torch.int32), x2.to(torch.int32)
    if axis is not None:
        axisa = axisb = axisc = axis
    if axisa == axisb == axisc and x1.shape == x2.shape and -x1.ndim <= axisa < x1.ndim and x1.shape[axisa] == 3:
        return guarded("cross", torch.linalg.cross, x1, x2, dim=axisa)
    first, second = guarded("cross", _vectors, x1, x2, axisa, axisb)
    result = guarded("cross", torch.linalg.cross, _padded(first), _padded(second))
    if first.shape[-1] == second.shape[-1] == 2:
        return result[..., 2]
    return guarded("cross", torch.movedim, result, -1, axisc)


def _vectors(x1: Tensor, x2: Tensor, axisa: int, axisb: int) -> tuple[Tensor, Tensor]:
    first, second = torch.movedim(x1, axisa, -1), torch.movedim(x2, axisb, -1)
    if first.shape[-1] not in (2, 3) or second.shape[-1] not in (2, 3):
        raise ValueError(f"cross: vectors need 2 or 3 components; got shapes {tuple(x1.shape)} and {tuple(x2.shape)}.")
    lead = torch.broadcast_shapes(first.shape[:-1], second.shape[:-1])
    return first.expand(*lead, -1), second.expand(*lead, -1)


def _padded(x: Tensor) -> Tensor:
    return x if x.shape[-1] == 3 else torch.nn.functional.pad(x, (0, 1))


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


# -- decompositions --------------------------------------------------------------------------

_HALVES = frozenset({torch.float16, torch.bfloat16})


def _matrices(name: str, x: Any, square: bool = False) -> Tensor:
    x = x if x.__class__ in PLAIN and x.dtype in INEXACT else to_float(x)
    if x.ndim < 2 or (square and x.shape[-1] != x.shape[-2]):
        raise ValueError(f"{name}: {'square ' if square else ''}matrices are needed; got shape {tuple(x.shape)}.")
    return x


def single(name: str, fn: Callable[..., Any], *xs: Tensor, **kwargs: Any) -> Any:
    """fn(*xs, **kwargs), of half precision by way of float32, for which alone PyTorch has these kernels.

    Raises ValueError: shapes that do not fit, a matrix that has no result.
    """
    dtype = xs[0].dtype
    try:
        if dtype not in _HALVES:
            return fn(*xs, **kwargs)
        result = fn(*(x.float() for x in xs), **kwargs)
    except torch.linalg.LinAlgError as error:
        raise ValueError(f"{name} of shape {tuple(xs[0].shape)}: {error}") from None
    except (RuntimeError, IndexError) as error:
        return recover(name, fn, xs, error, kwargs)
    parts = result if isinstance(result, tuple) else (result,)
    parts = tuple(part.to(dtype) if part.dtype is torch.float32 else part for part in parts)
    return parts if isinstance(result, tuple) else parts[0]


def cholesky(x: Any, upper: bool = False) -> Tensor:
    return single("cholesky", torch.linalg.cholesky, _matrices("cholesky", x, square=True), upper=bool(upper))


def cholesky_inverse(x: Any, upper: bool = False) -> Tensor:
    x = _matrices("cholesky_inverse", x, square=True)
    x = torch.triu(x) if upper else torch.tril(x)  # PyTorch reads no more, but gives all a gradient
    return single("cholesky_inverse", torch.cholesky_inverse, x, upper=bool(upper))


def det(x: Any) -> Tensor:
    x = _matrices("det", x, square=True)
    value = single("det", torch.linalg.det, x)
    recorded = x.requires_grad or scopes.in_transform() or forward_ad._current_level >= 0
    if not recorded or x.is_complex() or (is_eager(x) and value.all()):
        return value
    # PyTorch says 0 for the gradient of singular matrices: a term of value 0 has the right one.
    cofactors = torch.where((value == 0)[..., None, None], single("det", _cofactors, x.detach()), 0)
    return value + ((x - x.detach()) * cofactors).sum((-2, -1))


def _cofactors(x: Tensor) -> Tensor:
    """The derivative of the determinant, by products of all singular values but one."""
    u, s, vh = torch.linalg.svd(x)
    one = s.new_ones((*s.shape[:-1], 1))
    below = torch.cat([one, s[..., :-1]], -1).cumprod(-1)
    above = torch.cat([one, s[..., 1:].flip(-1)], -1).cumprod(-1).flip(-1)
    sign = torch.linalg.det(u) * torch.linalg.det(vh)
    return sign[..., None, None] * ((u * (below * above)[..., None, :]) @ vh)


def slogdet(x: Any) -> Any:
    return tuple(single("slogdet", torch.linalg.slogdet, _matrices("slogdet", x, square=True)))


def logdet(x: Any) -> Tensor:
    x = _matrices("logdet", x, square=True)
    if x.is_complex():
        return torch.linalg.slogdet(x)[1]
    return single("logdet", torch.logdet, x)


def inv(x: Any) -> Tensor:
    return single("inv", torch.linalg.inv, _matrices("inv", x, square=True))


def _of_columns(name: str, fn: Callable[..., Tensor], a: Any, b: Any, square: bool, **kwargs: Any) -> Tensor:
    """fn(a, b) for matrices b, taking vectors too."""
    if not (a.__class__ in PLAIN and b.__class__ in PLAIN and a.dtype is b.dtype):
        a, b = promote(a, b)
    a = _matrices(name, a, square)
    b = b if b.dtype is a.dtype else b.to(a.dtype)
    if b.ndim == a.ndim - 1:
        return single(name, fn, a, b.unsqueeze(-1), **kwargs).squeeze(-1)
    return single(name, fn, a, b, **kwargs)


def solve(a: Any, b: Any) -> Tensor:
    return _of_columns("solve", torch.linalg.solve, a, b, square=True)


def solve_triangular(a: Any, b: Any, lower: bool = False) -> Tensor:
    return _of_columns("solve_triangular", torch.linalg.solve_triangular, a, b, square=True, upper=not lower)


def lu_factor(x: Any) -> Any:
    factors, pivots = single("lu_factor", torch.linalg.lu_factor, _matrices("lu_factor", x))
    return factors, pivots - 1  # counted from 1 by LAPACK


def eig(x: Any) -> Any:
    return tuple(single("eig", torch.linalg.eig, _matrices("eig", x, square=True)))


def eigh(x: Any) -> Any:
    return tuple(single("eigh", torch.linalg.eigh, _matrices("eigh", x, square=True)))


def qr(x: Any, mode: str = "reduced") -> Any:
    if mode not in ("reduced", "complete"):
        raise ValueError(f'qr: mode must be "reduced" or "complete"; got {mode!r}.')
    return tuple(single("qr", torch.linalg.qr, _matrices("qr", x), mode=mode))


def svd(x: Any, full_matrices: bool = True, compute_uv: bool = True) -> Any:
    x = _matrices("svd", x)
    if not compute_uv:
        return single("svd", torch.linalg.svdvals, x)
    return tuple(single("svd", torch.linalg.svd, x, full_matrices=bool(full_matrices)))


# -- by singular values ----------------------------------------------------------------------


def pinv(x: Any, rcond: Any = None) -> Tensor:
    return single("pinv", torch.linalg.pinv, _matrices("pinv", x), rtol=rcond)


def _least_squares(a: Tensor, b: Tensor, rcond: Any) -> Tensor:
    fits = a.shape[:-2] == b.shape[:-2] and b.ndim == a.ndim and a.numel()
    if rcond is None and fits and a.is_cpu and is_eager(a) and not torch.compiler.is_compiling():
        return torch.linalg.lstsq(a, b, driver="gelsd").solution
    # The only other driver, of a GPU, needs full rank; a trace cannot hold either.
    return torch.linalg.pinv(a, rtol=rcond) @ b


def lstsq(a: Any, b: Any, rcond: Any = None) -> Tensor:
    return _of_columns("lstsq", _least_squares, a, b, square=False, rcond=rcond)


def matrix_rank(x: Any, tol: Any = None) -> Tensor:
    x = _matrices("matrix_rank", x)
    if tol is not None and tol.__class__ not in (float, int):
        tol = convert_to_tensor(tol).to(dtype=torch.float32 if x.dtype in _HALVES else x.real.dtype)
    rank = single("matrix_rank", lambda x: torch.linalg.matrix_rank(x, atol=tol), x)
    return rank.to(torch.int32)
