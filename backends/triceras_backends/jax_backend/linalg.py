"""Products and linear algebra on JAX."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from triceras_backends import dtypes
from triceras_backends.contract.types import Axis, Tensor
from triceras_backends.jax_backend.elementwise import absolute
from triceras_backends.jax_backend.kernels import INEXACT, NUMERIC, axes, binary, checked, tensor, tensors, unary

# -- products --------------------------------------------------------------------------------


def _matmul(x1: Any, x2: Any) -> Any:
    return jnp.matmul(x1, x2, preferred_element_type="int32" if x1.dtype == "int8" else None)


matmul = binary("matmul", _matmul)
dot = binary("dot", jnp.dot)
outer = binary("outer", jnp.outer)
inner = binary("inner", jnp.inner)
vdot = binary("vdot", jnp.vdot)
_tensordot = checked("tensordot", jnp.tensordot, static=2)


def tensordot(x1: Tensor, x2: Tensor, axes: Any = 2) -> Tensor:
    return _tensordot(*tensors((x1, x2)), _pairs(axes))


def _kroned(x1: Any, x2: Any) -> Any:
    rank = max(x1.ndim, x2.ndim)
    first, second = ((1,) * (rank - x.ndim) + x.shape for x in (x1, x2))
    blocks = jnp.multiply(
        x1.reshape([n for size in first for n in (size, 1)]), x2.reshape([n for size in second for n in (1, size)])
    )
    return blocks.reshape([m * n for m, n in zip(first, second, strict=True)])


kron = binary("kron", _kroned)
_cross = checked("cross", jnp.cross, static=(2, 3, 4, 5))


def cross(x1: Tensor, x2: Tensor, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None) -> Tensor:
    return _cross(*tensors((x1, x2), NUMERIC), axisa, axisb, axisc, axis)


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


# -- norms -----------------------------------------------------------------------------------


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
    return single(jnp.linalg.norm)(x, ord, axis, keepdims)


_norm = checked("norm", _normed, static=(1, 2, 3))


def norm(x: Tensor, ord: Any = None, axis: Axis = None, keepdims: bool = False) -> Tensor:
    return _norm(tensor(x, INEXACT), ord, axes(axis), keepdims)


# -- decompositions --------------------------------------------------------------------------

_HALVES = (np.dtype("float16"), dtypes.numpy_dtype("bfloat16"))


def single(fn: Callable[..., Any]) -> Callable[..., Any]:
    """fn of floats, by way of float32 for half precision, which JAX's linear algebra lacks."""

    def call(x: Any, *args: Any) -> Any:
        dtype = x.dtype
        if dtype not in _HALVES:
            return fn(x, *args)
        args = tuple(y.astype("float32") if getattr(y, "dtype", None) == dtype else y for y in args)
        return jax.tree.map(lambda y: y.astype(dtype) if y.dtype == "float32" else y, fn(x.astype("float32"), *args))

    return call


def _matrices(fn: Callable[..., Any], square: bool = False) -> Callable[..., Any]:
    def call(x: Any, *args: Any) -> Any:
        if x.ndim < 2 or (square and x.shape[-1] != x.shape[-2]):
            raise ValueError(f"{'square ' if square else ''}matrices are needed")
        return fn(x, *args)

    return single(call)


def _plain(fn: Callable[..., Any]) -> Callable[..., Any]:
    """fn, its named tuple as a plain one."""

    def call(*args: Any) -> Any:
        result = fn(*args)
        return tuple(result) if isinstance(result, tuple) else result

    return call


def _square(name: str, fn: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return unary(name, _matrices(_plain(fn), square=True), INEXACT)


def _log_of_determinant(x: Any) -> Any:
    sign, size = jnp.linalg.slogdet(x)
    return size if jnp.iscomplexobj(x) else jnp.where(sign < 0, jnp.nan, size)


det = _square("det", jnp.linalg.det)
slogdet = _square("slogdet", jnp.linalg.slogdet)
logdet = _square("logdet", _log_of_determinant)
inv = _square("inv", jnp.linalg.inv)


def _factored(x: Any, upper: bool) -> Any:
    return jnp.linalg.cholesky(x, upper=upper)


def _inverse_of_factored(x: Any, upper: bool) -> Any:
    one = jnp.broadcast_to(jnp.eye(x.shape[-1], dtype=x.dtype), x.shape)
    inverse = lax.linalg.triangular_solve(x, one, left_side=True, lower=not upper)
    adjoint = jnp.conj(inverse.mT)
    return inverse @ adjoint if upper else adjoint @ inverse


_cholesky = checked("cholesky", _matrices(_factored, square=True), static=1)
_cholesky_inverse = checked("cholesky_inverse", _matrices(_inverse_of_factored, square=True), static=1)


def cholesky(x: Tensor, upper: bool = False) -> Tensor:
    return _cholesky(tensor(x, INEXACT), bool(upper))


def cholesky_inverse(x: Tensor, upper: bool = False) -> Tensor:
    return _cholesky_inverse(tensor(x, INEXACT), bool(upper))


@jax.custom_jvp
def _eig(x: Any) -> Any:
    return tuple(jnp.linalg.eig(x))


@_eig.defjvp
def _eig_jvp(primals: Any, tangents: Any) -> Any:
    """JAX has the values' derivative only, and only the first. This is of unit vectors of a fixed phase."""
    values, vectors = _eig(*primals)
    change = jnp.linalg.solve(vectors, tangents[0].astype(vectors.dtype) @ vectors)
    own = jnp.eye(values.shape[-1], dtype=bool)
    gaps = jnp.where(own, 1, values[..., None, :] - values[..., :, None])
    turned = vectors @ jnp.where(own, 0, change / gaps)
    along = jnp.sum(jnp.conj(vectors) * turned, -2, keepdims=True).real
    return (values, vectors), (jnp.diagonal(change, axis1=-2, axis2=-1), turned - vectors * along)


@jax.custom_jvp
def _eigh(x: Any) -> Any:
    return tuple(jnp.linalg.eigh(x))


@_eigh.defjvp
def _eigh_jvp(primals: Any, tangents: Any) -> Any:
    """JAX's own is NaN for the values too where they repeat, because their vectors' is infinite."""
    values, vectors = _eigh(*primals)
    change = jnp.conj(vectors.mT) @ ((tangents[0] + jnp.conj(tangents[0].mT)) / 2) @ vectors
    gaps = values[..., None, :] - values[..., :, None]
    turned = vectors @ jnp.where(gaps == 0, 0, change / jnp.where(gaps == 0, 1, gaps))
    return (values, vectors), (jnp.diagonal(change, axis1=-2, axis2=-1).real, turned)


eig = _square("eig", _eig)
eigh = _square("eigh", _eigh)


def _lu_factored(x: Any) -> Any:
    factors, pivots, _ = lax.linalg.lu(x)
    return factors, pivots


lu_factor = unary("lu_factor", _matrices(_lu_factored), INEXACT)


def _columns(fn: Any) -> Any:
    """fn(a, b) for matrices b, taking vectors too."""

    def call(a: Any, b: Any, *args: Any) -> Any:
        return fn(a, b[..., None], *args)[..., 0] if b.ndim == a.ndim - 1 else fn(a, b, *args)

    return call


def _triangular(a: Any, b: Any, lower: bool) -> Any:
    batch = jnp.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    a, b = (jnp.broadcast_to(x, batch + x.shape[-2:]) for x in (a, b))
    return lax.linalg.triangular_solve(a, b, left_side=True, lower=lower)


_solve = binary("solve", _matrices(_columns(jnp.linalg.solve), square=True), INEXACT)
_solve_triangular = checked("solve_triangular", _matrices(_columns(_triangular), square=True), static=2)


def solve(a: Tensor, b: Tensor) -> Tensor:
    return _solve(a, b)


def solve_triangular(a: Tensor, b: Tensor, lower: bool = False) -> Tensor:
    return _solve_triangular(*tensors((a, b), INEXACT), bool(lower))


def _qr_factored(x: Any, mode: str) -> Any:
    rows, columns = x.shape[-2:]
    if rows >= columns:
        return tuple(jnp.linalg.qr(x, mode))
    q, r = jnp.linalg.qr(x[..., :rows])  # JAX has no derivative of a wide matrix's
    return q, jnp.concatenate([r, jnp.conj(q.mT) @ x[..., rows:]], -1)


_qr = checked("qr", _matrices(_qr_factored), static=1)


def qr(x: Tensor, mode: str = "reduced") -> Any:
    if mode not in ("reduced", "complete"):
        raise ValueError(f'qr: mode must be "reduced" or "complete"; got: {mode!r}')
    return _qr(tensor(x, INEXACT), mode)


_svd = checked(
    "svd",
    _matrices(_plain(lambda x, full, both: jnp.linalg.svd(x, full_matrices=full, compute_uv=both))),
    (1, 2),
)


def svd(x: Tensor, full_matrices: bool = True, compute_uv: bool = True) -> Any:
    return _svd(tensor(x, INEXACT), bool(full_matrices), bool(compute_uv))


# -- by singular values ----------------------------------------------------------------------


def _cutoff(x: Any, rcond: Any) -> Any:
    return max(x.shape[-2:]) * jnp.finfo(x.dtype).eps if rcond is None else rcond


@jax.custom_jvp
def _pseudo_inverse(x: Any, rcond: Any) -> Any:
    u, s, vh = jnp.linalg.svd(x, full_matrices=False)
    kept = s > jnp.max(s, -1, keepdims=True, initial=0) * _cutoff(x, rcond)
    inverse = jnp.where(kept, 1 / jnp.where(kept, s, 1), 0)
    return jnp.conj(vh.mT) @ (inverse[..., None] * jnp.conj(u.mT))


@_pseudo_inverse.defjvp
def _pseudo_inverse_jvp(primals: Any, tangents: Any) -> Any:
    """Golub and Pereyra (1973), which is finite where singular values repeat, as that of the svd is not."""
    (x, _), change = primals, tangents[0]
    inverse = _pseudo_inverse(*primals)
    across, adjoint = jnp.conj(change.mT), jnp.conj(inverse.mT)
    first = inverse @ (adjoint @ across)
    second = (across @ adjoint) @ inverse
    return inverse, first - (first @ x) @ inverse + second - inverse @ (x @ second) - inverse @ change @ inverse


def _least_squares(a: Any, b: Any, rcond: Any) -> Any:
    return _columns(lambda a, b: _pseudo_inverse(a, rcond) @ b)(a, b)


def _rank(x: Any, tol: Any) -> Any:
    values = jnp.linalg.svd(x, compute_uv=False)
    largest = jnp.max(values, -1, keepdims=True, initial=0)
    limit = largest * _cutoff(x, None) if tol is None else jnp.expand_dims(tol, -1)
    return jnp.sum(values > limit, -1, dtype="int32")


_pinv = checked("pinv", _matrices(_pseudo_inverse))
_lstsq = checked("lstsq", _matrices(_least_squares))
_matrix_rank = checked("matrix_rank", _matrices(_rank))


def pinv(x: Tensor, rcond: Any = None) -> Tensor:
    return _pinv(tensor(x, INEXACT), rcond)


def lstsq(a: Tensor, b: Tensor, rcond: Any = None) -> Tensor:
    return _lstsq(*tensors((a, b), INEXACT), rcond)


def matrix_rank(x: Tensor, tol: Any = None) -> Tensor:
    return _matrix_rank(tensor(x, INEXACT), tol)
