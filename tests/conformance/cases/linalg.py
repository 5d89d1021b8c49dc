"""Products and decompositions."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.conformance.cases.base import Table, Var, floats, ints, some

CASES = Table()
MIXED = [
    ("int32", "float32"),
    ("int8", "uint8"),
    ("float16", "bfloat16"),
    ("int64", "float16"),
    ("bool", "int32"),
    ("float32", "float64"),
]


def _matmul(x1: Any, x2: Any) -> Any:
    return np.matmul(
        x1.astype("int64") if x1.dtype.kind in "iub" else x1, x2.astype("int64") if x2.dtype.kind in "iub" else x2
    )


for a, b in (
    ((3,), (3,)), ((2, 3), (3,)), ((3,), (3, 2)), ((2, 3), (3, 4)), ((2, 3, 4), (4, 2)), ((2, 1, 3, 4), (5, 4, 2)), ((5, 3, 4), (5, 4, 2)),
    ((2, 0), (0, 3)), ((0, 3), (3, 2)), ((1, 1), (1, 1)), ((3,), (2, 3, 4)), ((2, 3, 4), (4,)),
):  # fmt: skip
    CASES.add("matmul", floats(a), floats(b), oracle=_matmul, tol=10)
for a, b in (((3,), (3,)), ((2, 3), (3, 4)), ((2, 3), ()), ((), ()), ((2, 3, 4), (4,)), ((2, 3, 4), (5, 4, 2))):
    CASES.add("dot", floats(a), floats(b), oracle=np.dot, tol=10)
for name, oracle in (("matmul", _matmul), ("dot", lambda x1, x2: np.dot(_wide(x1), _wide(x2)))):
    for dtype in ("float16", "bfloat16", "float64", "int32", "int64"):
        CASES.add(name, some((2, 3), dtype), some((3, 2), dtype), oracle=oracle, tol=4)
    for a, b in MIXED:
        CASES.add(name, some((2, 3), a), some((3, 2), b), oracle=oracle, tol=10)
    CASES.add(name, Var(floats((2, 3))), Var(floats((3, 2))), oracle=oracle, tol=10)
CASES.add(
    "matmul",
    ints((2, 8), "int8", -100, 100),
    ints((8, 2), "int8", -100, 100),
    oracle=_matmul,
    returns="int32",
    label="int8 adds up in int32",
)


def _wide(x: Any) -> Any:
    return x.astype("int64") if x.dtype.kind in "iub" else x


for axes in (2, 1, 0, ([1, 2], [0, 1]), ([2], [1]), ((0,), (2,))):
    b = (3, 4, 2) if axes in (2, ([1, 2], [0, 1]), ((0,), (2,)), ([2], [1])) else (4, 2)
    CASES.add("tensordot", floats((2, 3, 4)), floats(b), kw={"axes": axes}, oracle=np.tensordot, tol=20)
CASES.add("tensordot", ints((2, 3)), floats((3,)), kw={"axes": 1}, oracle=np.tensordot, tol=10)
CASES.add(
    "tensordot", floats((2, 3), "float64"), floats((3, 2), "float64"), kw={"axes": 1}, oracle=np.tensordot, tol=10
)

for subscripts, shapes in (
    ("ij,jk->ik", ((2, 3), (3, 4))), ("ij,jk", ((2, 3), (3, 4))), ("ij->ji", ((2, 3),)), ("ii", ((3, 3),)), ("ii->i", ((3, 3),)),
    ("bij,bjk->bik", ((2, 3, 4), (2, 4, 2))), ("...ij,...jk->...ik", ((2, 1, 3, 4), (5, 4, 2))), ("i,j->ij", ((2,), (3,))), ("ij->", ((2, 3),)),
    ("ij,jk,kl->il", ((2, 3), (3, 4), (4, 2))), ("bqhd,bkhd->bhqk", ((2, 3, 2, 4), (2, 5, 2, 4))), ("i,i", ((3,), (3,))), ("...i->...", ((2, 3, 4),)),
    ("ij,kj->ikj", ((2, 3), (4, 3))),
):  # fmt: skip
    arrays = [floats(shape, low=-2 - i) for i, shape in enumerate(shapes)]
    CASES.add(
        "einsum",
        subscripts,
        *arrays,
        oracle=lambda s, *a: np.einsum(s, *a),
        tol=20,
        label=f"{subscripts},{len(shapes)}",
    )
CASES.add("einsum", "ij,jk->ik", ints((2, 3)), floats((3, 2)), oracle=np.einsum, tol=10)
CASES.add("einsum", "ij,jk->ik", ints((2, 3)), ints((3, 2)), oracle=np.einsum)
CASES.add("einsum", "ij,jk->ik", floats((2, 3), "float16"), floats((3, 2), "float16"), oracle=np.einsum, tol=4)
for a, b in (((2,), (3,)), ((2, 2), (3,)), ((), (3,)), ((0,), (2,))):
    CASES.add("outer", floats(a), floats(b), oracle=np.outer)
CASES.add("outer", ints((2,)), floats((2,), "float16"), oracle=np.outer)
for kw in ({}, {"offset": 1}, {"offset": -1, "axis1": 1, "axis2": 2}, {"axis1": -1, "axis2": 0}):
    CASES.add("trace", floats((3, 2, 4)), kw=kw, oracle=np.trace, returns="widen", tol=4)
for dtype in ("int8", "uint8", "bool", "int32", "float16"):
    CASES.add("trace", some((3, 3), dtype, 1, 3), oracle=np.trace, returns="widen")

for kw in (
    {}, {"axis": 0}, {"axis": -1, "keepdims": True}, {"axis": 1, "ord": 1}, {"axis": 1, "ord": 2}, {"axis": 1, "ord": 3}, {"axis": 1, "ord": np.inf},
    {"axis": 1, "ord": -np.inf}, {"axis": 1, "ord": 0}, {"axis": (0, 2)}, {"axis": (0, 2), "ord": "fro"}, {"axis": (1, 2), "ord": 1},
    {"axis": (1, 2), "ord": -1}, {"axis": (-2, -1), "ord": np.inf}, {"axis": (0, 2), "ord": -np.inf}, {"axis": (1, 2), "ord": 2}, {"axis": (1, 2), "ord": -2},
    {"axis": (2, 1), "ord": "nuc"}, {"axis": (0, 1), "ord": "fro", "keepdims": True}, {"keepdims": True}, {"axis": (0, 2), "ord": 2, "keepdims": True},
):  # fmt: skip
    CASES.add("norm", floats((2, 3, 4)), kw=kw, oracle=np.linalg.norm, returns="float", tol=20)
CASES.add("norm", floats((3,)), oracle=np.linalg.norm, returns="float", tol=4)
CASES.add("norm", floats((3,)), kw={"ord": 1}, oracle=np.linalg.norm, returns="float", tol=4)
CASES.add("norm", floats((3, 2)), kw={"ord": "nuc"}, oracle=np.linalg.norm, returns="float", tol=20)
CASES.add("norm", ints((3, 2)), oracle=np.linalg.norm, returns="float", tol=4)
CASES.add("norm", np.zeros((3,), "float32"), oracle=np.linalg.norm, returns="float")
CASES.add("norm", floats((3,), "float64"), oracle=np.linalg.norm, returns="float", tol=4)

# -- decompositions ------------------------------------------------------------------------


def positive(shape: tuple[int, ...], dtype: str = "float32") -> Any:
    """Well-conditioned positive definite matrices."""
    x = floats(shape, "float64", -1, 1)
    return (x @ np.swapaxes(x, -1, -2) + shape[-1] * np.eye(shape[-1])).astype(dtype)


def square(shape: tuple[int, ...], dtype: str = "float32") -> Any:
    """Well-conditioned square matrices."""
    return (floats(shape, "float64", -1, 1) + shape[-1] * np.eye(shape[-1])).astype(dtype)


def _t(x: Any) -> Any:
    return np.swapaxes(x, -1, -2)


for shape, dtype in (
    ((3, 3), "float32"),
    ((2, 3, 3), "float32"),
    ((2, 1, 2, 2), "float32"),
    ((1, 1), "float32"),
    ((3, 3), "float64"),
):
    P, A = positive(shape, dtype), square(shape, dtype)
    CASES.add("cholesky", P, oracle=np.linalg.cholesky, tol=20)
    CASES.add("cholesky", P, kw={"upper": True}, oracle=lambda x, upper: _t(np.linalg.cholesky(x)), tol=20)
    CASES.add("det", A, oracle=np.linalg.det, tol=50)
    CASES.add("inv", A, oracle=np.linalg.inv, tol=20)
    CASES.add("solve", A, floats((*shape[:-1], 2), dtype), oracle=np.linalg.solve, tol=20)
    CASES.add(
        "solve", A, floats(shape[:-1], dtype), oracle=lambda a, b: np.linalg.solve(a, b[..., None])[..., 0], tol=20
    )
    for lower in (False, True):
        CASES.add("solve_triangular", A, floats((*shape[:-1], 2), dtype), kw={"lower": lower}, tol=20,
                  oracle=lambda a, b, lower: np.linalg.solve(np.tril(a) if lower else np.triu(a), b))  # fmt: skip
    CASES.add("solve_triangular", A, floats(shape[:-1], dtype), kw={"lower": True}, tol=20,
              oracle=lambda a, b, lower: np.linalg.solve(np.tril(a), b[..., None])[..., 0])  # fmt: skip
    CASES.add("eigh", P, oracle=lambda x: [np.linalg.eigvalsh(x), x], returns=(dtype, dtype), tol=20,
              post=lambda out: [out[0], (out[1] * out[0][..., None, :]) @ _t(out[1])])  # fmt: skip
    # Outputs are unique up to signs: compare the product, and that the factors are orthogonal.
    CASES.add("svd", A, oracle=lambda x: [x, np.linalg.svd(x, compute_uv=False), x], returns=(dtype,) * 3, tol=20,
              post=lambda o: [(o[0] * o[1][..., None, :]) @ o[2], o[1], o[0] @ _t(o[0]) @ (o[0] * o[1][..., None, :]) @ o[2]])  # fmt: skip
    CASES.add("svd", A, kw={"compute_uv": False}, oracle=np.linalg.svd, tol=20)
    CASES.add("qr", A, oracle=lambda x: [x, np.broadcast_to(np.eye(x.shape[-1]), x.shape)], returns=(dtype, dtype), tol=20,
              post=lambda o: [o[0] @ o[1], _t(o[0]) @ o[0]])  # fmt: skip
for shape in ((4, 2), (2, 4), (2, 4, 2)):
    m, n = shape[-2:]
    for mode in ("reduced", "complete"):
        k = min(m, n) if mode == "reduced" else m
        CASES.add("qr", floats(shape), kw={"mode": mode}, returns=("float32",) * 2, tol=20,
                  oracle=lambda x, mode, k=k: [x, np.broadcast_to(np.eye(k), (*x.shape[:-2], k, k))],
                  post=lambda o: [o[0] @ o[1], _t(o[0]) @ o[0]])  # fmt: skip
    for full in (True, False):
        CASES.add("svd", floats(shape), kw={"full_matrices": full}, returns="float32", tol=20,
                  oracle=lambda x, full_matrices: [x, *(o.shape for o in np.linalg.svd(x, full_matrices))],
                  post=lambda o: [(o[0][..., : o[1].shape[-1]] * o[1][..., None, :]) @ o[2][..., : o[1].shape[-1], :], o[0].shape, o[1].shape, o[2].shape],
                  spec=False)  # fmt: skip
