"""tf.linalg: products and decompositions."""

from __future__ import annotations

from typing import Any

from triceras import ops
from triceras.tf.adapt import adapt


def matmul(
    a: Any, b: Any, transpose_a: bool = False, transpose_b: bool = False, name: str | None = None, **options: Any
) -> Any:
    """Matrix product, either side transposed in its last two axes where asked."""
    a = matrix_transpose(a) if transpose_a else a
    b = matrix_transpose(b) if transpose_b else b
    return ops.matmul(a, b)


def matrix_transpose(a: Any, name: str | None = None) -> Any:
    """The last two axes exchanged."""
    return ops.swapaxes(a, -1, -2)


cholesky = adapt(ops.cholesky, input="x")
det = adapt(ops.det, input="x")
diag = adapt(ops.diag, diagonal="x")
einsum = adapt(ops.einsum)
eye = adapt(ops.eye, num_rows="N", num_columns="M")
inv = adapt(ops.inv, input="x")
norm = adapt(ops.norm, tensor="x")
solve = adapt(ops.solve, matrix="a", rhs="b")
tensordot = adapt(ops.tensordot, a="x1", b="x2")
trace = adapt(ops.trace)
