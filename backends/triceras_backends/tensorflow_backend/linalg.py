"""Products and linear algebra."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf

from triceras_backends.contract.types import Axis, Tensor
from triceras_backends.tensorflow_backend import reductions
from triceras_backends.tensorflow_backend.arrays import diagonal, moveaxis
from triceras_backends.tensorflow_backend.custom import with_gradient
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
        return _widened(lambda *xs: tf.einsum(_explicit(subscripts), *xs), *operands)
    except ERRORS as error:
        raise failed(f"einsum {subscripts!r}", error, *operands) from None


def _explicit(subscripts: str) -> str:
    """An einsum's subscripts with their output, which TensorFlow takes to have no broadcast axes."""
    subscripts = subscripts.replace(" ", "")
    if "->" in subscripts:
        return subscripts
    letters = subscripts.replace("...", "").replace(",", "")
    once = "".join(sorted(letter for letter in set(letters) if letters.count(letter) == 1))
    return f"{subscripts}->{'...' if '...' in subscripts else ''}{once}"


def outer(x1: Tensor, x2: Tensor) -> Tensor:
    a, b = promote(x1, x2)
    a, b = tf.reshape(a, (-1, 1)), tf.reshape(b, (1, -1))
    return math.logical_and(a, b) if a.dtype is BOOL else math.mul(a, b)


def inner(x1: Tensor, x2: Tensor) -> Tensor:
    a, b = promote(x1, x2)
    try:
        if not rank_of(a) or not rank_of(b):
            return math.logical_and(a, b) if a.dtype is BOOL else math.mul(a, b)
        return _own_dtype(lambda p, q: tf.tensordot(p, q, [[-1], [-1]]), a, b)
    except ERRORS as error:
        raise failed("inner", error, a, b) from None


def vdot(x1: Tensor, x2: Tensor) -> Tensor:
    a, b = promote(x1, x2)
    try:
        first = tf.math.conj(a) if a.dtype.is_complex else a
        return _own_dtype(lambda p, q: tf.tensordot(tf.reshape(p, [-1]), tf.reshape(q, [-1]), 1), first, b)
    except ERRORS as error:
        raise failed("vdot", error, a, b) from None


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
        values = svd(moveaxis(x, axes, (-2, -1)), compute_uv=False)
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

_HALVES = (tf.float16, tf.bfloat16)


def _matrix(x: Tensor, name: str, square: bool = False) -> Tensor:
    x = float_tensor(x)
    rows_columns = x.shape[-2:]
    if rank_of(x) < 2 or (square and not rows_columns[:1].is_compatible_with(rows_columns[1:])):
        kind = "square matrices" if square else "matrices"
        raise ValueError(f"{name}: needs {kind} in the last two axes; got shape {static_shape(x)}")
    return x


def single(name: str, fn: Callable[..., Any], *xs: Tensor) -> Any:
    """fn(*xs), of half precision by way of float32, for which alone TensorFlow has all kernels.

    Raises ValueError: shapes that do not fit, a matrix that has no result.
    """
    dtype = xs[0].dtype
    try:
        if dtype not in _HALVES:
            return fn(*xs)
        result = fn(*(cast(x, tf.float32) for x in xs))
    except ERRORS as error:
        raise failed(name, error, *xs) from None
    if isinstance(result, tuple):
        return tuple(cast(part, dtype) if part.dtype is tf.float32 else part for part in result)
    return cast(result, dtype) if result.dtype is tf.float32 else result


def _square(name: str, fn: Callable[[Tensor], Any]) -> Callable[[Tensor], Any]:
    def call(x: Tensor) -> Any:
        return single(name, fn, _matrix(x, name, square=True))

    call.__name__ = name
    return call


def _each(numbers: Tensor) -> Tensor:
    """One number a matrix, to be multiplied with matrices."""
    return numbers[..., None, None]


def _regular(x: Tensor, singular: Tensor) -> Tensor:
    """x with the identity where it is singular: TensorFlow stops at a matrix without an inverse."""
    return tf.where(_each(singular), tf.eye(tf.shape(x)[-1], dtype=x.dtype), x)


def _cofactors(x: Tensor) -> Tensor:
    """Those of singular matrices, by products of all singular values but one."""
    s, u, v = tf.linalg.svd(x)
    others = tf.math.cumprod(s, -1, exclusive=True) * tf.math.cumprod(s, -1, exclusive=True, reverse=True)
    sign = tf.linalg.det(u) * tf.linalg.det(v)
    return _each(sign) * tf.matmul(u * others[..., None, :], v, transpose_b=True)


def _det_gradient(upstream: Tensor, result: Tensor, x: Tensor) -> Tensor:
    singular = math.equal(result, scalar(0, result.dtype))
    regular = _each(result) * tf.linalg.inv(_regular(x, singular), adjoint=True)
    cofactors = tf.cond(
        tf.reduce_any(singular), lambda: tf.where(_each(singular), _cofactors(x), regular), lambda: regular
    )
    return _each(upstream) * cofactors


_real_det = with_gradient(lambda x: tf.linalg.det(x), _det_gradient)


def _slogdet_gradient(upstream: Tensor, result: Tensor, x: Tensor) -> Tensor:
    singular = math.equal(result[0], scalar(0, result.dtype))
    gradient = _each(upstream[1]) * tf.linalg.inv(_regular(x, singular), adjoint=True)
    return tf.where(_each(singular), scalar(float("nan"), x.dtype), gradient)


_sign_and_log = with_gradient(lambda x: tf.stack(tf.linalg.slogdet(x)), _slogdet_gradient)


def _slogdet(x: Tensor) -> Any:
    return tuple(tf.linalg.slogdet(x)) if x.dtype.is_complex else tuple(tf.unstack(_sign_and_log(x), 2))


def _logdet(x: Tensor) -> Tensor:
    sign, size = _slogdet(x)
    if x.dtype.is_complex:
        return size
    return tf.where(sign < scalar(0, sign.dtype), scalar(float("nan"), size.dtype), size)


det = _square("det", lambda x: tf.linalg.det(x) if x.dtype.is_complex else _real_det(x))
slogdet = _square("slogdet", _slogdet)
logdet = _square("logdet", _logdet)
inv = _square("inv", tf.linalg.inv)
eig = _square("eig", lambda x: tuple(tf.linalg.eig(x)))
eigh = _square("eigh", lambda x: tuple(tf.linalg.eigh(x)))
_lower_cholesky = _square("cholesky", tf.linalg.cholesky)


def cholesky(x: Tensor, upper: bool = False) -> Tensor:
    lower = _lower_cholesky(x)
    return tf.linalg.adjoint(lower) if upper else lower


def _inverse_of_lower(x: Tensor) -> Tensor:
    return tf.linalg.cholesky_solve(x, tf.broadcast_to(tf.eye(tf.shape(x)[-1], dtype=x.dtype), tf.shape(x)))


def cholesky_inverse(x: Tensor, upper: bool = False) -> Tensor:
    x = _matrix(x, "cholesky_inverse", square=True)
    return single("cholesky_inverse", _inverse_of_lower, tf.linalg.adjoint(x) if upper else x)


def _of_columns(name: str, fn: Callable[[Tensor, Tensor], Tensor], a: Tensor, b: Tensor, square: bool = True) -> Tensor:
    """fn(a, b) for matrices b, taking vectors too."""
    a, b = promote_float(a, b)
    a = _matrix(a, name, square)
    if rank_of(b) == rank_of(a) - 1:
        return single(name, fn, a, b[..., None])[..., 0]
    return single(name, fn, a, b)


def _solved(a: Tensor, b: Tensor) -> Tensor:
    if a.shape[:-2].is_fully_defined() and a.shape[:-2] == b.shape[:-2]:
        return tf.linalg.solve(a, b)
    batch = tf.broadcast_dynamic_shape(tf.shape(a)[:-2], tf.shape(b)[:-2])  # TensorFlow broadcasts none
    a, b = (tf.broadcast_to(x, tf.concat([batch, tf.shape(x)[-2:]], 0)) for x in (a, b))
    return tf.linalg.solve(a, b)


def solve(a: Tensor, b: Tensor) -> Tensor:
    return _of_columns("solve", _solved, a, b)


def solve_triangular(a: Tensor, b: Tensor, lower: bool = False) -> Tensor:
    return _of_columns("solve_triangular", lambda p, q: tf.linalg.triangular_solve(p, q, lower=lower), a, b)


def qr(x: Tensor, mode: str = "reduced") -> Any:
    if mode not in ("reduced", "complete"):
        raise ValueError(f'qr: mode must be "reduced" or "complete"; got: {mode!r}')
    x = _matrix(x, "qr")
    rows, columns = x.shape[-2:]
    # Of a wide matrix both are the same, but only one has a derivative.
    complete = mode == "complete" and not (rows and columns and rows <= columns)
    return single("qr", lambda x: tuple(tf.linalg.qr(x, full_matrices=complete)), x)


def svd(x: Tensor, full_matrices: bool = True, compute_uv: bool = True) -> Any:
    x = _matrix(x, "svd")
    if not compute_uv:
        return single("svd", lambda x: tf.linalg.svd(x, compute_uv=False), x)
    s, u, v = single("svd", lambda x: tuple(tf.linalg.svd(x, full_matrices=full_matrices)), x)
    return u, s, tf.linalg.adjoint(v)


# -- LU: TensorFlow has it for square matrices, as a permutation and without a derivative -------


def _lu_gradient(upstream: Tensor, factors: Tensor, order: Tensor) -> Tensor:
    lower = tf.linalg.set_diag(tf.linalg.band_part(factors, -1, 0), tf.ones_like(factors[..., 0]))
    upper = tf.linalg.band_part(factors, 0, -1)
    of_upper = tf.linalg.band_part(upstream, 0, -1)
    middle = _strictly_lower(tf.matmul(lower, upstream - of_upper, adjoint_a=True))
    middle += tf.linalg.band_part(tf.matmul(of_upper, upper, adjoint_b=True), 0, -1)
    left = tf.linalg.triangular_solve(lower, middle, lower=True, adjoint=True)
    right = tf.linalg.triangular_solve(upper, tf.linalg.adjoint(left), lower=False)  # the adjoint of left upper^-H
    return _rows(tf.linalg.adjoint(right), tf.argsort(order, -1))


def _strictly_lower(x: Tensor) -> Tensor:
    return x - tf.linalg.band_part(x, 0, -1)


def _rows(x: Tensor, order: Tensor) -> Tensor:
    return tf.gather(x, order, axis=-2, batch_dims=rank_of(x) - 2)


def _square_lu(x: Tensor) -> tuple[Tensor, Tensor]:
    """The factors, and the rows of x in the order in which they stand there."""
    order = tf.linalg.lu(tf.stop_gradient(x))[1]

    def gradient(upstream: Tensor, factors: Tensor, x: Tensor) -> Tensor:
        return _lu_gradient(upstream, _tracked(factors, factored, x), order)

    factored = with_gradient(lambda x: tf.linalg.lu(x)[0], gradient)
    return factored(x), order


def _tracked(result: Tensor, fn: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    """fn(x) for fn's gradient, through which it can be differentiated again: in a graph, `result` is not."""
    return result if tf.executing_eagerly() else fn(x)


def _exchanges(order: Tensor, size: int) -> Tensor:
    """The row exchanges that make an order: exchange i is with the first element after i's on its cycle
    that is not below i, because what stood below has been moved along. Found by steps of halved length."""

    def at(values: Tensor, places: Tensor) -> Tensor:
        return tf.gather(values, places, axis=-1, batch_dims=rank_of(order) - 1)

    steps = [(order, order)]  # where so many steps lead, and the largest element on the way
    while 2 ** len(steps) < size:
        jump, largest = steps[-1]
        steps.append((at(jump, jump), tf.maximum(largest, at(largest, jump))))
    index = tf.broadcast_to(tf.range(size), tf.shape(order))
    last = index
    for jump, largest in reversed(steps):
        last = tf.where(at(largest, last) < index, at(jump, last), last)
    return at(order, last)


def _lu_factored(x: Tensor) -> tuple[Tensor, Tensor]:
    rows, columns = x.shape[-2:]
    if rows is None or columns is None:
        raise ValueError("the sizes of the matrices must be known")
    if rows > columns:  # its first columns are those of any square matrix that begins with x
        rest = np.random.default_rng(0).uniform(-1, 1, (rows, rows - columns))
        rest = tf.broadcast_to(tf.constant(rest, x.dtype), tf.concat([tf.shape(x)[:-1], [rows - columns]], 0))
        factors, order = _square_lu(tf.concat([x, rest], -1))
        return factors[..., :columns], _exchanges(order, rows)[..., :columns]
    factors, order = _square_lu(x[..., :rows])
    if rows < columns:
        lower = tf.linalg.set_diag(factors, tf.ones_like(factors[..., 0]))
        rest = tf.linalg.triangular_solve(lower, _rows(x[..., rows:], order), lower=True)
        factors = tf.concat([factors, rest], -1)
    return factors, _exchanges(order, rows)


def lu_factor(x: Tensor) -> Any:
    return single("lu_factor", _lu_factored, _matrix(x, "lu_factor"))


# -- by singular values ------------------------------------------------------------------------


def _cutoff(x: Tensor, rcond: Any) -> Tensor:
    dtype = x.dtype.real_dtype
    if rcond is not None:
        return cast(rcond, dtype)
    epsilon = np.finfo(dtype.as_numpy_dtype).eps
    return cast(tf.reduce_max(tf.shape(x)[-2:]), dtype) * scalar(float(epsilon), dtype)


def _inverse_gradient(upstream: Tensor, inverse: Tensor, x: Tensor) -> Tensor:
    """Golub and Pereyra (1973): the adjoint of
    dP = -P dA P + P P^H dA^H (1 - A P) + (1 - P A) dA^H P^H P."""
    adjoint, back = tf.linalg.adjoint(inverse), tf.linalg.adjoint(upstream)
    first = tf.matmul(tf.matmul(back, inverse), adjoint)
    second = tf.matmul(adjoint, tf.matmul(inverse, back))
    within = tf.matmul(adjoint, tf.matmul(upstream, adjoint))
    return first - tf.matmul(x, tf.matmul(inverse, first)) + second - tf.matmul(tf.matmul(second, inverse), x) - within


def _pinv(rcond: Any) -> Callable[[Tensor], Tensor]:
    def forward(x: Tensor) -> Tensor:
        s, u, v = tf.linalg.svd(x, full_matrices=False)
        kept = s > tf.reduce_max(s, -1, keepdims=True) * _cutoff(x, rcond)
        inverse = tf.where(kept, 1 / tf.where(kept, s, tf.ones_like(s)), tf.zeros_like(s))
        return tf.matmul(v * cast(inverse, x.dtype)[..., None, :], u, adjoint_b=True)

    def gradient(upstream: Tensor, inverse: Tensor, x: Tensor) -> Tensor:
        return _inverse_gradient(upstream, _tracked(inverse, pseudo_inverse, x), x)

    pseudo_inverse = with_gradient(forward, gradient)
    return pseudo_inverse


def pinv(x: Tensor, rcond: Any = None) -> Tensor:
    return single("pinv", _pinv(rcond), _matrix(x, "pinv"))


def lstsq(a: Tensor, b: Tensor, rcond: Any = None) -> Tensor:
    return _of_columns("lstsq", lambda p, q: tf.matmul(_pinv(rcond)(p), q), a, b, square=False)


def matrix_rank(x: Tensor, tol: Any = None) -> Tensor:
    def rank(x: Tensor) -> Tensor:
        s = tf.linalg.svd(x, compute_uv=False)
        limit = tf.reduce_max(s, -1, keepdims=True) * _cutoff(x, None) if tol is None else cast(tol, s.dtype)[..., None]
        return tf.math.count_nonzero(s > limit, -1, dtype=tf.int32)

    return single("matrix_rank", rank, _matrix(x, "matrix_rank"))
