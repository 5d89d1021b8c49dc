"""Products and decompositions."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.linalg

from tests.conformance.cases.base import Table, Var, floats, ints, np_dtype, some
from tests.conformance.cases.gradients_base import Gradients, spread
from triceras_backends.active import backend as B

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
for subscripts, shapes in (
    ("ii->", ((3, 3),)), ("ba", ((2, 3),)), ("...i,...i", ((2, 3), (3,))), ("i...->...", ((2, 3, 4),)), ("...", ((2, 3),)), ("ij, jk -> ik", ((2, 3), (3, 2))),
    ("Ab,bC->CA", ((2, 3), (3, 4))), ("i,->i", ((3,), ())), ("iij->ji", ((2, 2, 3),)), ("ij...,jk...->ik...", ((2, 3, 2), (3, 2, 2))), ("bii->bi", ((2, 3, 3),)),
    ("ij,ij->", ((2, 3), (2, 3))), ("ij,jk->ik", ((0, 3), (3, 2))), ("ij,jk->ik", ((2, 0), (0, 3))), ("a,b,c->cab", ((2,), (3,), (2,))),
):  # fmt: skip
    CASES.add("einsum", subscripts, *(floats(shape, low=-2 - i) for i, shape in enumerate(shapes)), oracle=np.einsum, tol=20,
              label=f"{subscripts} of {shapes}".replace(" ", ""))  # fmt: skip
for dtype in ("int8", "int16", "uint8", "int64", "bool"):
    CASES.add("einsum", "ij,jk->ik", some((2, 3), dtype, 1, 3), some((3, 2), dtype, 1, 3), returns="int32" if dtype == "int8" else "promote",
              oracle=lambda s, a, b: np.einsum(s, _wide(a), _wide(b)))  # fmt: skip
CASES.add("einsum", "ij->i", ints((2, 3), "int8", 50, 100), oracle=lambda s, a: np.einsum(s, _wide(a)), returns="int32")
CASES.add("einsum", "ij,jk->ik", ints((2, 3), "int8"), floats((3, 2), "bfloat16"), oracle=np.einsum, tol=4)
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

for a, b in (((3,), (3,)), ((2, 3), (3,)), ((2, 3), (4, 3)), ((), (3,)), ((2, 3, 4), (5, 4)), ((2, 0), (3, 0))):
    CASES.add("inner", floats(a), floats(b), oracle=np.inner, tol=10)
for a, b in (((3,), (3,)), ((2, 3), (3, 2)), ((), (1,)), ((0,), (0, 2))):
    CASES.add("vdot", floats(a), floats(b), oracle=lambda x, y: np.vdot(x, y), tol=10)
for a, b in (((2,), (3,)), ((2, 3), (3, 2)), ((2,), (2, 3, 2)), ((2, 1, 3), (2, 2)), ((), (3,)), ((0, 2), (2, 3))):
    CASES.add("kron", floats(a), floats(b), oracle=np.kron)
for name, oracle in (("inner", np.inner), ("vdot", np.vdot), ("kron", np.kron)):
    for dtype in ("int8", "uint8", "bool", "int32", "float16", "bfloat16", "float64"):
        CASES.add(name, some((3,), dtype, 0, 3), some((3,), dtype, 0, 3), tol=4,
                  oracle=lambda x, y, f=oracle: f(_wide(x), _wide(y)))  # fmt: skip
    for a, b in MIXED:
        CASES.add(name, some((3,), a), some((3,), b), oracle=lambda x, y, f=oracle: f(_wide(x), _wide(y)), tol=10)
_Z = (floats((3,)) + 1j * floats((3,), low=-3)).astype("complex64")
CASES.add("vdot", _Z, _Z[::-1].copy(), oracle=np.vdot, returns="complex64", tol=10)
CASES.add("inner", 2.0, floats((2, 3)), oracle=np.inner)
CASES.add("kron", floats((2, 2)), Var(floats((2,))), oracle=np.kron)


def _crossed(x1: Any, x2: Any, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: Any = None) -> Any:
    """numpy.cross, for vectors of 2 components too, which it is to lose."""
    if axis is not None:
        axisa = axisb = axisc = axis
    x1, x2 = np.moveaxis(_wide(x1), axisa, -1), np.moveaxis(_wide(x2), axisb, -1)
    flat = x1.shape[-1] == x2.shape[-1] == 2
    x1, x2 = (np.concatenate([x, np.zeros_like(x[..., :1])], -1) if x.shape[-1] == 2 else x for x in (x1, x2))
    result = np.cross(x1, x2)
    return result[..., 2] if flat else np.moveaxis(result, -1, axisc)


for a, b in (
    ((3,), (3,)),
    ((4, 3), (3,)),
    ((2, 1, 3), (4, 3)),
    ((2,), (3,)),
    ((4, 3), (4, 2)),
    ((4, 2), (2,)),
    ((0, 3), (3,)),
    ((2, 2, 1, 3), (2, 3)),
):
    CASES.add("cross", floats(a), floats(b, low=-1), oracle=_crossed, tol=10)
for kw, a, b in (({"axis": 0}, (3, 4), (3, 4)), ({"axisa": 0, "axisb": 1, "axisc": 0}, (3, 4), (4, 3)), ({"axis": 1}, (2, 3, 2), (2, 3, 2)),
                 ({"axisc": 0}, (2, 4, 3), (3,)), ({"axisa": 0}, (2, 4), (4, 3))):  # fmt: skip
    CASES.add("cross", floats(a), floats(b, low=-1), kw=kw, oracle=_crossed, tol=10)
for dtype in ("int8", "bool", "int32", "float16", "bfloat16", "float64"):
    CASES.add(
        "cross",
        some((2, 3), dtype, 0, 3),
        some((3,), dtype, 0, 3),
        oracle=_crossed,
        tol=20,
        returns="int32" if dtype == "bool" else "promote",
    )
for a, b in MIXED:
    CASES.add("cross", some((2, 3), a), some((2, 3), b), oracle=_crossed, tol=20)

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

CASES.add("norm", floats((2, 3, 2, 2)), kw={"axis": (1, 3), "ord": 2}, oracle=np.linalg.norm, returns="float", tol=20)
for kw in (
    {"axis": 0, "ord": -1},
    {"axis": 0, "ord": -2},
    {"axis": 0, "ord": 0.5},
    {"axis": -1, "ord": 1.5, "keepdims": True},
    {"ord": np.inf},
    {"ord": -2},
    {"ord": 1},
):
    CASES.add("norm", floats((3, 2), low=0.5), kw=kw, oracle=np.linalg.norm, returns="float", tol=20)
for dtype in ("float16", "bfloat16"):
    for kw in ({}, {"axis": 1, "ord": 1}, {"ord": "nuc"}, {"axis": 0, "ord": np.inf}):
        CASES.add("norm", floats((3, 2), dtype), kw=kw, oracle=np.linalg.norm, returns="float", tol=4)
CASES.add("norm", some((3, 2), "bool"), kw={"axis": 0}, oracle=np.linalg.norm, returns="float", tol=4)
CASES.add("norm", floats((0, 3)), kw={"axis": 0}, oracle=np.linalg.norm, returns="float")
CASES.add("norm", _Z, oracle=np.linalg.norm, returns="float32", tol=4)

# -- further decompositions ------------------------------------------------------------------

TALL, WIDE_ONE = floats((2, 4, 3)), floats((2, 3, 4))
DEFICIENT = np.array([[1.0, 2.0, 3.0], [2.0, 4.0, 6.0], [1.0, 0.0, 1.0]], "float32")


def _lu(x: Any) -> Any:
    """What L, U and the exchanges give back: x."""
    return [x, np.shape(x)]


def _unfactored(out: Any) -> Any:
    factors, pivots = out
    rows, columns = factors.shape[-2:]
    k = min(rows, columns)
    lower = np.tril(factors, -1)[..., :, :k] + np.eye(rows, k)
    product = lower @ np.triu(factors)[..., :k, :]
    flat = product.reshape(-1, rows, columns)
    for matrix, exchanges in zip(flat, pivots.reshape(-1, k), strict=True):
        for i in reversed(range(k)):
            matrix[[i, exchanges[i]]] = matrix[[exchanges[i], i]]
    return [flat.reshape(factors.shape), factors.shape]


def _decomposed(out: Any) -> Any:
    values, vectors = out
    return [
        np.sort_complex(values),
        (vectors * values[..., None, :]) @ np.linalg.inv(vectors),
        np.linalg.norm(vectors, axis=-2),
    ]


def _eig(x: Any) -> Any:
    return [np.sort_complex(np.linalg.eigvals(x)), x, np.ones(x.shape[:-1])]


for shape, dtype in (
    ((3, 3), "float32"),
    ((2, 3, 3), "float32"),
    ((2, 1, 2, 2), "float32"),
    ((1, 1), "float32"),
    ((3, 3), "float64"),
):
    P, A = positive(shape, dtype), floats(shape, dtype)
    complexes = "complex128" if dtype == "float64" else "complex64"
    CASES.add("cholesky_inverse", np.linalg.cholesky(P), oracle=lambda x: np.linalg.inv(x @ _t(x)), tol=50)
    CASES.add(
        "cholesky_inverse",
        _t(np.linalg.cholesky(P)).copy(),
        kw={"upper": True},
        tol=50,
        oracle=lambda x, upper: np.linalg.inv(_t(x) @ x),
    )
    CASES.add("slogdet", A, oracle=lambda x: list(np.linalg.slogdet(x)), returns=("same", "same"), tol=50)
    CASES.add("logdet", P, oracle=lambda x: np.linalg.slogdet(x)[1], tol=20)
    CASES.add("eig", square(shape, dtype), oracle=_eig, returns=complexes, tol=100, post=_decomposed)
    CASES.add("lu_factor", A, oracle=_lu, returns=("same", "int32"), tol=20, post=_unfactored)
    CASES.add("pinv", A, oracle=np.linalg.pinv, tol=200)
    CASES.add("matrix_rank", A, oracle=np.linalg.matrix_rank, returns="int32")
for x in (TALL, WIDE_ONE, TALL[0], WIDE_ONE[0]):
    CASES.add("lu_factor", x, oracle=_lu, returns=("float32", "int32"), tol=20, post=_unfactored)
    CASES.add("pinv", x, oracle=np.linalg.pinv, tol=50)
    CASES.add("matrix_rank", x, oracle=np.linalg.matrix_rank, returns="int32")
    CASES.add("lstsq", x, floats((*x.shape[:-1], 2)), tol=100, oracle=lambda a, b: np.linalg.pinv(a) @ b)
    CASES.add("lstsq", x, floats(x.shape[:-1]), tol=100, oracle=lambda a, b: (np.linalg.pinv(a) @ b[..., None])[..., 0])
CASES.add("lu_factor", floats((9, 9)), tol=20, returns=("float32", "int32"), label="pivots as LAPACK's",
          oracle=lambda x: list(scipy.linalg.lu_factor(x)))  # fmt: skip
_CONDITIONED = (
    np.array([[2.0, 1.0], [1.0, 2.0], [0.0, 0.0]]) @ np.diag([1.0, 0.05]) @ np.array([[0.6, 0.8], [-0.8, 0.6]])
).astype("float32")
for rcond in (0.2, 1e-3):
    CASES.add("pinv", _CONDITIONED, kw={"rcond": rcond}, oracle=lambda x, rcond: np.linalg.pinv(x, rcond), tol=100)
    CASES.add(
        "lstsq",
        _CONDITIONED,
        floats((3,)),
        kw={"rcond": rcond},
        tol=100,
        oracle=lambda a, b, rcond: np.linalg.lstsq(a, b, rcond)[0],
    )
CASES.add("pinv", DEFICIENT, oracle=lambda x: np.linalg.pinv(x, 1e-6), tol=50)
CASES.add("lstsq", DEFICIENT, floats((3,)), oracle=lambda a, b: np.linalg.lstsq(a, b, 1e-6)[0], tol=50)
CASES.add("matrix_rank", DEFICIENT, oracle=lambda x: np.array(2), returns="int32")
CASES.add(
    "matrix_rank",
    np.diag([10.0, 1.0, 0.05]).astype("float32"),
    kw={"tol": 0.2},
    oracle=np.linalg.matrix_rank,
    returns="int32",
)
CASES.add(
    "matrix_rank",
    np.stack([DEFICIENT, DEFICIENT / 9]),
    kw={"tol": np.array([0.5, 0.5], "float32")},
    oracle=np.linalg.matrix_rank,
    returns="int32",
)
CASES.add("matrix_rank", np.zeros((2, 3), "float32"), oracle=np.linalg.matrix_rank, returns="int32")
for x in (np.zeros((2, 2), "float32"), np.diag([-1.0, 2.0]).astype("float32"), np.diag([-1.0, -2.0]).astype("float32")):
    CASES.add("slogdet", x, oracle=lambda x: list(np.linalg.slogdet(x)), returns=("float32",) * 2, tol=4)
    CASES.add("logdet", x, oracle=lambda x: np.log(np.linalg.det(x)), tol=4)
CASES.add("solve", square((3, 3)), floats((2, 3, 2)), oracle=np.linalg.solve, tol=20)
CASES.add("solve", square((2, 3, 3)), floats((1, 3, 2)), oracle=np.linalg.solve, tol=20)

# Half precision comes from float32; integers become the default float.
for dtype in ("float16", "bfloat16", "int32"):
    P = np.array([[4, 1, 0], [1, 3, 1], [0, 1, 2]]).astype(np_dtype(dtype))
    for name, oracle in (("cholesky", np.linalg.cholesky), ("det", np.linalg.det), ("inv", np.linalg.inv), ("pinv", np.linalg.pinv),
                         ("logdet", lambda x: np.linalg.slogdet(x)[1]), ("cholesky_inverse", lambda x: np.linalg.inv(np.tril(x) @ np.tril(x).T))):  # fmt: skip
        CASES.add(name, P, oracle=oracle, returns="float", tol=20 if dtype == "int32" else 2)
    CASES.add(
        "slogdet",
        P,
        oracle=lambda x: list(np.linalg.slogdet(x)),
        returns=("float", "float"),
        tol=20 if dtype == "int32" else 2,
    )
    CASES.add("matrix_rank", P, oracle=lambda x: np.array(3), returns="int32")
    CASES.add("eig", P, oracle=_eig, returns="complex64", tol=100, post=_decomposed)
    CASES.add("lu_factor", P, oracle=lambda x: [x, x.shape], returns=("float", "int32"), tol=20 if dtype == "int32" else 1,
              post=lambda out: _unfactored([out[0].astype("float64"), out[1]]))  # fmt: skip
    b = np.array([1, 2, 3]).astype(np_dtype(dtype))
    for name in ("solve", "lstsq"):
        CASES.add(name, P, b, oracle=np.linalg.solve, returns="float", tol=20 if dtype == "int32" else 2)
    CASES.add("solve_triangular", P, b, kw={"lower": True}, returns="float", tol=20 if dtype == "int32" else 2,
              oracle=lambda a, b, lower: np.linalg.solve(np.tril(a), b))  # fmt: skip
    CASES.add("eigh", P, oracle=lambda x: [np.linalg.eigvalsh(x), x], returns=("float", "float"), tol=20 if dtype == "int32" else 4,
              post=lambda out: [out[0], (out[1].astype("float64") * out[0][..., None, :].astype("float64")) @ _t(out[1].astype("float64"))])  # fmt: skip
    CASES.add(
        "svd",
        P,
        kw={"compute_uv": False},
        returns="float",
        oracle=lambda x, compute_uv: np.linalg.svd(x, compute_uv=False),
        tol=20 if dtype == "int32" else 2,
    )

for name, oracle in (
    ("det", np.linalg.det),
    ("inv", np.linalg.inv),
    ("cholesky", np.linalg.cholesky),
    ("pinv", np.linalg.pinv),
):
    for shape in ((0, 2, 2), (0, 0)):
        CASES.add(name, floats(shape), oracle=oracle)
CASES.add("slogdet", floats((0, 0)), oracle=lambda x: list(np.linalg.slogdet(x)), returns=("float32",) * 2)
CASES.add("solve", floats((0, 2, 2)), floats((0, 2, 1)), oracle=np.linalg.solve)
CASES.add("svd", floats((0, 2, 3)), kw={"compute_uv": False}, oracle=lambda x, compute_uv: np.zeros((0, 2)))
CASES.add("pinv", floats((2, 0)), oracle=np.linalg.pinv)
CASES.add("matrix_rank", floats((0, 2, 2)), oracle=lambda x: np.zeros((0,)), returns="int32")

# -- gradients ---------------------------------------------------------------------------------

GRADIENTS = Gradients()
SQUARE = spread(3, 3) + 2.0 * np.eye(3)
BATCH = np.stack([SQUARE, SQUARE.T + 0.3])
V, W = spread(3), spread(3, low=0.3, high=2.0)
FACTOR = np.linalg.cholesky(SQUARE @ SQUARE.T + np.eye(3))

_add = GRADIENTS.add
_add("inner", spread(2, 3), V)
_add("vdot", spread(2, 3), spread(3, 2) + 0.1)
_add("kron", spread(2, 2), V)
_add("cross", spread(2, 3), V)
_add("cross", V[:2], W, label="2 and 3")
_add("cross", spread(2, 2), W[:2], label="2 and 2")
_add("cholesky_inverse", FACTOR, fn=lambda x: B.cholesky_inverse(B.tril(x)))
_add("cholesky_inverse", FACTOR.T.copy(), label="upper", fn=lambda x: B.cholesky_inverse(x, upper=True))
_add("slogdet", BATCH, fn=lambda x: B.slogdet(x)[1])
_add("logdet", FACTOR @ FACTOR.T)
_add("lu_factor", SQUARE, fn=lambda x: B.lu_factor(x)[0])
_add("lu_factor", spread(2, 4, 3), fn=lambda x: B.lu_factor(x)[0])
_add("lu_factor", spread(3, 4), fn=lambda x: B.lu_factor(x)[0])
_add("eig", SQUARE, label="values", fn=lambda x: B.abs(B.eig(x)[0]))
_add("eig", SQUARE, label="vectors", fn=lambda x: B.abs(B.eig(x)[1]))
for _x in (spread(4, 3), spread(2, 3), SQUARE, np.eye(3)[:, :2]):
    _add("pinv", _x)
    _add("lstsq", _x, spread(len(_x)))
_add("lstsq", spread(2, 3, 2), spread(2, 3, 2) + 0.2, label="batch")
_add("pinv", spread(4, 3), rcond=1e-4)
_add("solve", BATCH, spread(2, 3, 2))
_add("solve", SQUARE, spread(2, 3, 2), label="broadcast")
_add("qr", spread(2, 3), label="wide", fn=lambda x: B.square(B.qr(x)[1]))
_add("qr", spread(2, 3), label="wide, complete", fn=lambda x: B.square(B.qr(x, mode="complete")[1]))
_add("det", np.zeros((2, 2)) + [[1.0, 2.0], [2.0, 4.0]], label="singular", second=False)


def _from_svd(x: Any) -> Any:
    u, s, vh = B.svd(x, full_matrices=False)
    return B.matmul(u * B.tanh(s)[..., None, :], vh)


_add("svd", spread(2, 3), label="wide", fn=_from_svd)
_add("svd", BATCH, label="batch", fn=_from_svd)
FLAT = {"matrix_rank"}

_EYE = [[1.0, 0.0], [0.0, 1.0]]
AWKWARD = [
    ("det of a singular matrix", B.det, ([[1.0, 2.0], [2.0, 4.0]],), [[[4.0, -2.0], [-2.0, 1.0]]]),
    ("det of zeros", B.det, ([[0.0, 0.0], [0.0, 0.0]],), [[[0.0, 0.0], [0.0, 0.0]]]),
    ("det of rank 1", B.det, ([[1.0, 1.0, 1.0]] * 3,), [[[0.0] * 3] * 3]),
    ("eigh's values where they repeat", lambda x: B.eigh(x)[0], (_EYE,), [_EYE]),
    ("svd's values where they repeat", lambda x: B.svd(x, compute_uv=False), (_EYE,), [_EYE]),
    ("pinv where singular values repeat", B.pinv, (_EYE,), [[[-1.0, -1.0], [-1.0, -1.0]]]),
    ("norm nuc where singular values repeat", lambda x: B.norm(x, ord="nuc"), (_EYE,), [_EYE]),
]

# -- errors ------------------------------------------------------------------------------------

_M, _SQUARE3 = floats((2, 3)), floats((3, 3))
ERRORS = [
    *((op, (_M,), {}, ValueError, (op, "(2, 3)")) for op in ("cholesky_inverse", "slogdet", "logdet", "eig")),
    *((op, (floats((4,)),), {}, ValueError, (op, "(4,)")) for op in ("cholesky_inverse", "slogdet", "logdet", "eig", "lu_factor", "pinv", "matrix_rank")),
    ("lstsq", (floats((4,)), floats((4,))), {}, ValueError, ("lstsq", "(4,)")),
    ("lstsq", (_M, floats((3, 2))), {}, ValueError, ("lstsq", "(2, 3)", "(3, 2)")),
    ("cross", (floats((4,)), floats((3,))), {}, ValueError, ("cross", "(4,)")),
    ("cross", (_SQUARE3, _SQUARE3), {"axis": 2}, ValueError, ("cross",)),
    ("cross", (floats((2, 3)), floats((4, 3))), {}, ValueError, ("cross", "(2, 3)", "(4, 3)")),
    ("inner", (_M, floats((2,))), {}, ValueError, ("inner", "(2, 3)", "(2,)")),
    ("vdot", (_M, floats((3,))), {}, ValueError, ("vdot", "(2, 3)", "(3,)")),
    ("einsum", ("ij,jk->iz", _M, _M.T.copy()), {}, ValueError, ("ij,jk->iz",)),
    ("einsum", ("ijk->i", _M), {}, ValueError, ("ijk->i",)),
]  # fmt: skip
