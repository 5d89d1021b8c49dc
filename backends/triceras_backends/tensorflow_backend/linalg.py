"""Products and linear algebra."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf

from triceras_backends.contract.types import Axis, Tensor
from triceras_backends.tensorflow_backend import reductions
from triceras_backends.tensorflow_backend.arrays import diagonal, moveaxis
from triceras_backends.tensorflow_backend.elementwise import abs as absolute
from triceras_backends.tensorflow_backend.native import EagerTensor, array, math
from triceras_backends.tensorflow_backend.tensors import (
    BOOL,
    ERRORS,
    INEXACT,
    axes_of,
    cast,
    failed,
    float_tensor,
    promote,
    promote_float,
    rank_of,
    scalar,
    static_shape,
)

# -- products --------------------------------------------------------------------------------

_PRODUCTS = INEXACT | {tf.int32, tf.int64}


def _widened(fn: Callable[..., Tensor], *xs: Tensor) -> Tensor:
    """A product of integers that TensorFlow has no kernel for, by way of int64; of booleans a boolean."""
    dtype = xs[0].dtype
    if dtype in _PRODUCTS:
        return fn(*xs)
    wide = fn(*(cast(x, tf.int64) for x in xs))
    return cast(wide, tf.int32 if dtype is tf.int8 else dtype)


def matmul(x1: Tensor, x2: Tensor) -> Tensor:
    if x1.__class__ is EagerTensor and x2.__class__ is EagerTensor and x1.dtype in INEXACT:
        try:
            return math.mat_mul(x1, x2)
        except ERRORS:  # of another rank or dtype, or shapes that do not fit
            pass
    a, b = promote(x1, x2)
    try:
        return _widened(_matmul, a, b)
    except ERRORS as error:
        raise failed("matmul", error, a, b) from None


def _matmul(a: Tensor, b: Tensor) -> Tensor:
    first, second = rank_of(a), rank_of(b)
    if not first or not second:
        raise ValueError("A scalar has no matrix product; use multiply.")
    if first == 1 and second == 1:
        return tf.tensordot(a, b, 1)
    if first == 1:
        return tf.squeeze(_matmul(a[None, :], b), -2)
    if second == 1:
        return tf.squeeze(_matmul(a, b[:, None]), -1)
    return math.mat_mul(a, b) if first == second == 2 else math.batch_mat_mul_v2(a, b)


def dot(x1: Tensor, x2: Tensor) -> Tensor:
    a, b = promote(x1, x2)
    try:
        if not rank_of(a) or not rank_of(b):
            return math.logical_and(a, b) if a.dtype is BOOL else math.mul(a, b)
        axes = [[-1], [-1 if rank_of(b) == 1 else -2]]
        return _own_dtype(lambda p, q: tf.tensordot(p, q, axes), a, b)
    except ERRORS as error:
        raise failed("dot", error, a, b) from None


def _own_dtype(fn: Callable[..., Tensor], *xs: Tensor) -> Tensor:
    return cast(_widened(fn, *xs), xs[0].dtype)


def tensordot(x1: Tensor, x2: Tensor, axes: Any = 2) -> Tensor:
    a, b = promote(x1, x2)
    try:
        return _own_dtype(lambda p, q: tf.tensordot(p, q, axes), a, b)
    except (IndexError, *ERRORS) as error:
        raise failed("tensordot", ValueError(str(error)), a, b) from None


def einsum(subscripts: str, *operands: Tensor, **kwargs: Any) -> Tensor:
    operands = tuple(promote(*operands))
    try:
        return _widened(lambda *xs: tf.einsum(subscripts.replace(" ", ""), *xs), *operands)
    except ERRORS as error:
        raise failed(f"einsum {subscripts!r}", error, *operands) from None


def outer(x1: Tensor, x2: Tensor) -> Tensor:
    a, b = promote(x1, x2)
    a, b = tf.reshape(a, (-1, 1)), tf.reshape(b, (1, -1))
    return math.logical_and(a, b) if a.dtype is BOOL else math.mul(a, b)


def trace(x: Tensor, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Tensor:
    return reductions.sum(diagonal(x, offset, axis1, axis2), -1)


# -- norms -----------------------------------------------------------------------------------


def norm(x: Tensor, ord: Any = None, axis: Axis = None, keepdims: bool = False) -> Tensor:
    x = float_tensor(x)
    rank = rank_of(x)
    if axis is None and ord is None:
        return _euclidean(x, None, keepdims)
    if axis is None and rank not in (1, 2):
        raise ValueError(f"norm: ord={ord!r} without axis needs one or two dimensions; got shape {static_shape(x)}")
    axes = axes_of(axis, rank, "norm")
    if len(axes) == 1:
        return _vector_norm(x, ord, axes, keepdims)
    if len(axes) == 2:
        return _matrix_norm(x, ord, axes, keepdims)
    raise ValueError(f"norm: axis must name one or two axes; got: {axis!r}")


def _euclidean(x: Tensor, axes: Any, keepdims: bool) -> Tensor:
    magnitude = absolute(x) if x.dtype.is_complex else x
    total = reductions.sum(math.square(magnitude), axes, keepdims)
    # The root's slope at 0 is infinite: there the root of 1 is taken and not used.
    zero = math.equal(total, scalar(0, total.dtype))
    root = math.sqrt(math.select_v2(zero, scalar(1, total.dtype), total))
    return math.select_v2(zero, scalar(0, total.dtype), root)


def _vector_norm(x: Tensor, ord: Any, axes: tuple[int, ...], keepdims: bool) -> Tensor:
    if ord in (None, 2):
        return _euclidean(x, axes, keepdims)
    if isinstance(ord, str):
        raise ValueError(f"norm: ord={ord!r} is not a norm of vectors; it needs two axes.")
    size = absolute(x)
    if ord == np.inf:
        return reductions.max(size, axes, keepdims)
    if ord == -np.inf:
        return reductions.min(size, axes, keepdims)
    if ord == 0:
        return reductions.sum(cast(math.not_equal(size, scalar(0, size.dtype)), size.dtype), axes, keepdims)
    if ord == 1:
        return reductions.sum(size, axes, keepdims)
    power = scalar(float(ord), size.dtype)
    return math._pow(reductions.sum(math._pow(size, power), axes, keepdims), scalar(1.0 / ord, size.dtype))


def _matrix_norm(x: Tensor, ord: Any, axes: tuple[int, ...], keepdims: bool) -> Tensor:
    if ord in (None, "fro"):
        return _euclidean(x, axes, keepdims)
    rows, columns = axes
    if ord in ("nuc", 2, -2):
        values = tf.linalg.svd(moveaxis(x, axes, (-2, -1)), compute_uv=False)
        reduce = {"nuc": reductions.sum, 2: reductions.max, -2: reductions.min}[ord]
        return _kept(reduce(values, -1), axes, keepdims)
    if ord in (1, -1):
        summed, left = rows, columns
    elif ord in (np.inf, -np.inf):
        summed, left = columns, rows
    else:
        raise ValueError(f"norm: ord={ord!r} is not a norm of matrices.")
    extreme = reductions.max if ord > 0 else reductions.min
    return _kept(extreme(reductions.sum(absolute(x), summed, True), left, True), axes, keepdims, have=True)


def _kept(x: Tensor, axes: tuple[int, ...], keepdims: bool, have: bool = False) -> Tensor:
    if have == keepdims:
        return x
    if have:
        return array.squeeze(x, list(axes))
    for axis in sorted(axes):
        x = tf.expand_dims(x, axis)
    return x


# -- decompositions ----------------------------------------------------------------------------


def _matrix(x: Tensor, name: str, square: bool = True) -> Tensor:
    x = float_tensor(x)
    rows_columns = x.shape[-2:]
    if rank_of(x) < 2 or (square and not rows_columns[:1].is_compatible_with(rows_columns[1:])):
        kind = "square matrices" if square else "matrices"
        raise ValueError(f"{name}: needs {kind} in the last two axes; got shape {static_shape(x)}")
    return cast(x, tf.float32) if x.dtype in (tf.float16, tf.bfloat16) else x


def _decomposition(name: str, fn: Callable[[Tensor], Any]) -> Callable[[Tensor], Any]:
    def call(x: Tensor) -> Any:
        dtype = float_tensor(x).dtype
        result = fn(_matrix(x, name))
        return tuple(cast(part, dtype) for part in result) if isinstance(result, tuple) else cast(result, dtype)

    call.__name__ = name
    return call


def cholesky(x: Tensor, upper: bool = False) -> Tensor:
    try:
        lower = tf.linalg.cholesky(_matrix(x, "cholesky"))
    except tf.errors.InvalidArgumentError as error:
        raise ValueError(
            f"cholesky: a matrix of shape {static_shape(x)} is not positive definite. {error.message}"
        ) from None
    lower = cast(lower, float_tensor(x).dtype)
    return tf.linalg.adjoint(lower) if upper else lower


det = _decomposition("det", tf.linalg.det)
inv = _decomposition("inv", tf.linalg.inv)
eigh = _decomposition("eigh", lambda x: tuple(tf.linalg.eigh(x)))


def _solved(name: str, a: Tensor, b: Tensor, fn: Callable[[Tensor, Tensor], Tensor]) -> Tensor:
    a, b = promote_float(a, b)
    dtype = a.dtype
    a, b = _matrix(a, name), cast(b, tf.float32) if dtype in (tf.float16, tf.bfloat16) else b
    vector = rank_of(b) == rank_of(a) - 1
    try:
        result = fn(a, b[..., None] if vector else b)
    except ERRORS as error:
        raise failed(name, error, a, b) from None
    return cast(result[..., 0] if vector else result, dtype)


def solve(a: Tensor, b: Tensor) -> Tensor:
    return _solved("solve", a, b, tf.linalg.solve)


def solve_triangular(a: Tensor, b: Tensor, lower: bool = False) -> Tensor:
    return _solved("solve_triangular", a, b, lambda p, q: tf.linalg.triangular_solve(p, q, lower=lower))


def qr(x: Tensor, mode: str = "reduced") -> Any:
    if mode not in ("reduced", "complete"):
        raise ValueError(f'qr: mode must be "reduced" or "complete"; got: {mode!r}')
    dtype = float_tensor(x).dtype
    return tuple(
        cast(part, dtype) for part in tf.linalg.qr(_matrix(x, "qr", square=False), full_matrices=mode == "complete")
    )


def svd(x: Tensor, full_matrices: bool = True, compute_uv: bool = True) -> Any:
    dtype = float_tensor(x).dtype
    matrix = _matrix(x, "svd", square=False)
    if not compute_uv:
        return cast(tf.linalg.svd(matrix, compute_uv=False), dtype)
    s, u, v = tf.linalg.svd(matrix, full_matrices=full_matrices)
    return cast(u, dtype), cast(s, dtype), cast(tf.linalg.adjoint(v), dtype)
