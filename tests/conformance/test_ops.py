"""Every operation against NumPy and SciPy: values, dtypes, specs, inside jit, and as properties."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tests.conformance import checking
from tests.conformance.cases.all import CASES
from tests.conformance.cases.base import Case, floats, ints
from tests.conformance.cases.elementwise import ALL_BINARY
from tests.conformance.native import native
from triceras import KerasTensor, ops
from triceras_backends import specs as abstract
from triceras_backends.active import backend as B
from triceras_backends.specs import Spec


def _ids(cases: list[Case]) -> list[str]:
    return [case.id for case in cases]


@pytest.mark.parametrize("case", CASES, ids=_ids(CASES))
def test_value(case: Case) -> None:
    with checking.precision(case):
        args, kw = checking.tensors(case)
        checking.check(case, getattr(B, case.op)(*args, **kw))


# One case an operation and dtype: what a spec gets wrong, it gets wrong by rank and dtype.
SPECS = [case for case in CASES if case.spec]
SPECS = list({(c.op, str(c.dtypes), c.expected()[0].ndim, str(sorted(c.kw))): c for c in SPECS}.values())


@pytest.mark.parametrize("case", SPECS, ids=_ids(SPECS))
def test_spec(case: Case) -> None:
    """Abstract evaluation gives the eager run's shape and dtype (which `test_value` holds to the oracle)."""
    with checking.precision(case):
        args, kw = checking.specs(case)
        got = checking.outputs(abstract.infer(B, getattr(B, case.op), *args, **kw))
        want = [Spec(a.shape, a.dtype.name) for a in case.expected()]
        if case.post:
            args, kw = checking.tensors(case)
            eager = checking.outputs(getattr(B, case.op)(*args, **kw))
            want = [Spec(tuple(B.static_shape(a)), B.dtype_of(a)) for a in eager]
    assert got == want


# (operation, arguments, keyword arguments, shape): None stands for an unknown size.
X = Spec((None, 3), "float32")
UNKNOWN: list[tuple[str, tuple[Any, ...], dict[str, Any], tuple[int | None, ...]]] = [
    ("add", (X, X), {}, (None, 3)),
    ("add", (X, Spec((3,), "float32")), {}, (None, 3)),
    ("relu", (Spec((None, None, 3), "float32"),), {}, (None, None, 3)),
    ("sum", (X,), {"axis": 0}, (3,)),
    ("sum", (X,), {"axis": 1, "keepdims": True}, (None, 1)),
    ("mean", (X,), {}, ()),
    ("matmul", (X, Spec((3, 4), "float32")), {}, (None, 4)),
    ("reshape", (Spec((None, 2, 3), "float32"), (-1, 6)), {}, (None, 6)),
    ("transpose", (X,), {}, (3, None)),
    ("expand_dims", (X,), {"axis": 0}, (1, None, 3)),
    ("concatenate", ([X, X],), {"axis": 1}, (None, 6)),
    ("concatenate", ([X, X],), {"axis": 0}, (None, 3)),
    ("stack", ([X, X],), {"axis": 1}, (None, 2, 3)),
    ("softmax", (X,), {}, (None, 3)),
    ("getitem", (X, (slice(None), 0)), {}, (None,)),
    ("take", (X, 1), {"axis": 1}, (None,)),
    ("einsum", ("bi,ij->bj", X, Spec((3, 4), "float32")), {}, (None, 4)),
    ("conv", (Spec((None, 8, 8, 3), "float32"), Spec((3, 3, 3, 4), "float32")), {"padding": "same"}, (None, 8, 8, 4)),
    ("conv", (Spec((None, None, 8, 3), "float32"), Spec((3, 3, 3, 4), "float32")), {}, (None, None, 6, 4)),
    ("one_hot", (Spec((None,), "int32"), 4), {}, (None, 4)),
    ("sparse_categorical_crossentropy", (Spec((None,), "int32"), X), {}, (None,)),
    ("geomspace", (X, Spec((3,), "float32"), 4), {"axis": 1}, (None, 4, 3)),
    ("logspace", (X, Spec((3,), "float32"), 4), {}, (4, None, 3)),
    ("vander", (Spec((None,), "float32"), 2), {}, (None, 2)),
    ("diagflat", (X,), {}, (None, None)),
    ("append", (X, X), {}, (None,)),
    ("append", (X, X), {"axis": 1}, (None, 6)),
    ("hstack", ([X, X],), {}, (None, 6)),
    ("vstack", ([X, X],), {}, (None, 3)),
    ("dstack", ([X, X],), {}, (None, 3, 2)),
    ("fliplr", (X,), {}, (None, 3)),
    ("rot90", (X,), {}, (3, None)),
    ("rearrange", (Spec((None, 3, 4), "float32"), "b h (w c) -> (b h) (c w)"), {"c": 2}, (None, 4)),
    ("rearrange", (X, "(b n) c -> b (n c)"), {"n": 5}, (None, 15)),
    ("view", (X, "int8"), {}, (None, 12)),
    ("isin", (X, [1.0]), {}, (None, 3)),
    ("select", ([Spec((None, 3), "bool")], [X]), {}, (None, 3)),
    ("pad", (X, 1), {}, (None, 5)),
    ("pad", (X, ((1, 1), (0, 2))), {"mode": "edge"}, (None, 5)),
    ("repeat", (X, [1, 2, 0]), {"axis": 1}, (None, 3)),
    ("tile", (X, (2, 1, 1)), {}, (2, None, 3)),
    ("take_along_axis", (X, Spec((None, 1), "int32")), {"axis": 1}, (None, 1)),
    ("slice_update", (X, (0, 0), Spec((1, 2), "float32")), {}, (None, 3)),
    ("scatter_update", (X, Spec((None, 1), "int32"), X, "mul"), {}, (None, 3)),
    ("linspace", (X, Spec((3,), "float32"), 4), {"axis": -1}, (None, 3, 4)),
    ("searchsorted", (Spec((None,), "float32"), X), {}, (None, 3)),
    ("reshape", (X, (-1, 6)), {}, (None, 6)),
]


@pytest.mark.parametrize(("op", "args", "kw", "shape"), UNKNOWN, ids=[f"{row[0]}-{i}" for i, row in enumerate(UNKNOWN)])
def test_unknown_sizes(op: str, args: tuple[Any, ...], kw: dict[str, Any], shape: tuple[int | None, ...]) -> None:
    assert abstract.infer(B, getattr(B, op), *args, **kw).shape == shape


PARTS: list[tuple[str, tuple[Any, ...], list[tuple[int | None, ...]]]] = [
    ("split", (X, 2), [(None, 3), (None, 3)]),
    ("split", (X, [1]), [(1, 3), (None, 3)]),
    ("array_split", (X, 2), [(None, 3), (None, 3)]),
    ("array_split", (X, 2, 1), [(None, 2), (None, 1)]),
    ("hsplit", (X, 3), [(None, 1)] * 3),
    ("vsplit", (X, 3), [(None, 3)] * 3),
    ("meshgrid", (Spec((None,), "float32"), Spec((2,), "float32")), [(2, None), (2, None)]),
    ("top_k", (X, 2), [(None, 2), (None, 2)]),
    ("unravel_index", (Spec((None,), "int32"), (2, 3)), [(None,), (None,)]),
    ("nonzero", (X,), [(None,), (None,)]),
    ("where", (Spec((None, 3), "bool"),), [(None,), (None,)]),
]


@pytest.mark.parametrize(("op", "args", "shapes"), PARTS, ids=[f"{row[0]}-{i}" for i, row in enumerate(PARTS)])
def test_unknown_sizes_of_parts(op: str, args: tuple[Any, ...], shapes: list[tuple[int | None, ...]]) -> None:
    symbolic = [KerasTensor(x.shape, x.dtype) if isinstance(x, Spec) else x for x in args]
    assert [part.shape for part in getattr(ops, op)(*symbolic)] == shapes


def _jitted() -> list[Case]:
    """The first case of each operation that takes nothing but arrays."""
    plain = [case for case in CASES if case.spec and not case.wide and case.args]
    plain = [case for case in plain if all(isinstance(arg, np.ndarray) for arg in case.args)]
    return list({case.op: case for case in reversed(plain)}.values())


@pytest.mark.parametrize("case", _jitted(), ids=_ids(_jitted()))
def test_jitted(case: Case) -> None:
    """Compiled, an operation gives what it gives eagerly."""
    _, kw = checking.tensors(case)
    compiled = B.jit(lambda *args: getattr(B, case.op)(*args, **kw))
    checking.check(case, compiled(*checking.tensors(case)[0]))


NATIVE_INPUTS = {
    "matmul": (floats((3, 4)), floats((4, 5))),
    "conv": (floats((2, 6, 6, 3)), floats((3, 3, 3, 4))),
}


@pytest.mark.parametrize("op", native.OPS)
def test_native_agrees(op: str) -> None:
    """The framework's own function on the same input gives the same numbers."""
    arrays = NATIVE_INPUTS.get(op, (floats((3, 4)),))
    want = native.array(native.OPS[op](*(native.tensor(a) for a in arrays)))
    got = B.convert_to_numpy(getattr(B, op)(*(native.tensor(a) for a in arrays)))
    checking.assert_close(got, want, 1e-6)


# -- properties ------------------------------------------------------------------------------


def _array(shape: tuple[int, ...], seed: int) -> np.ndarray[Any, Any]:
    return np.asarray(np.random.default_rng(seed).uniform(-3, 3, shape)).astype("float32")


SHAPE = hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4)
PLAIN_BINARY = [name for name in ("add", "subtract", "multiply", "maximum", "minimum", "less", "equal", "arctan2")]


@given(
    st.sampled_from(PLAIN_BINARY),
    hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=4, max_side=4, min_side=0),
    st.integers(0, 99),
)
def test_broadcasting(op: str, shapes: Any, seed: int) -> None:
    x1, x2 = (_array(shape, seed + i) for i, shape in enumerate(shapes.input_shapes))
    got = B.convert_to_numpy(getattr(B, op)(checking.tensor(x1), checking.tensor(x2)))
    checking.assert_close(got, ALL_BINARY[op][0](x1, x2), 1e-5)


@given(st.sampled_from(["sum", "mean", "max", "min", "var", "any"]), st.data(), st.booleans(), st.integers(0, 99))
def test_reducing(op: str, data: st.DataObject, keepdims: bool, seed: int) -> None:
    shape = data.draw(hnp.array_shapes(min_dims=1, max_dims=4, min_side=1, max_side=4))
    axis = data.draw(
        st.one_of(st.none(), hnp.valid_tuple_axes(len(shape), min_size=1), st.integers(-len(shape), len(shape) - 1))
    )
    x = _array(shape, seed)
    got = B.convert_to_numpy(getattr(B, op)(checking.tensor(x), axis=axis, keepdims=keepdims))
    checking.assert_close(got, getattr(np, op)(x.astype("float64"), axis=axis, keepdims=keepdims), 1e-5)


@given(SHAPE, st.data(), st.integers(0, 99))
def test_reshape_and_transpose(shape: tuple[int, ...], data: st.DataObject, seed: int) -> None:
    x = _array(shape, seed)
    axes = data.draw(st.permutations(range(len(shape))))
    turned = B.transpose(checking.tensor(x), axes)
    checking.assert_close(B.convert_to_numpy(turned), x.transpose(axes), 0)
    flat = B.reshape(turned, (math.prod(shape),))
    checking.assert_close(B.convert_to_numpy(flat), x.transpose(axes).reshape(-1), 0)
    back = B.transpose(B.reshape(flat, tuple(shape[a] for a in axes)), np.argsort(axes).tolist())
    checking.assert_close(B.convert_to_numpy(back), x, 0)


@given(hnp.array_shapes(min_dims=1, max_dims=4, min_side=1, max_side=5), st.data(), st.integers(0, 99))
def test_basic_indexing(shape: tuple[int, ...], data: st.DataObject, seed: int) -> None:
    x = _array(shape, seed)
    key = data.draw(hnp.basic_indices(shape, allow_newaxis=True, allow_ellipsis=True))
    checking.assert_close(B.convert_to_numpy(B.getitem(checking.tensor(x), key)), x[key], 0)


@given(hnp.array_shapes(min_dims=1, max_dims=3, min_side=1, max_side=5), st.data(), st.integers(0, 99))
def test_integer_indexing(shape: tuple[int, ...], data: st.DataObject, seed: int) -> None:
    x = _array(shape, seed)
    key = data.draw(
        hnp.integer_array_indices(shape, result_shape=hnp.array_shapes(max_dims=2, max_side=3), dtype=np.dtype("int32"))
    )
    key = tuple(np.array(k) for k in key)
    checking.assert_close(B.convert_to_numpy(B.getitem(checking.tensor(x), key)), x[key], 0)


@given(SHAPE.filter(len), st.data(), st.integers(0, 99))
def test_sorting(shape: tuple[int, ...], data: st.DataObject, seed: int) -> None:
    x = np.round(_array(shape, seed))  # rounded, so that there are ties
    axis = data.draw(st.integers(-len(shape), len(shape) - 1))
    checking.assert_close(B.convert_to_numpy(B.sort(checking.tensor(x), axis)), np.sort(x, axis), 0)
    want = np.argsort(x, axis, kind="stable").astype("int32")
    checking.assert_close(B.convert_to_numpy(B.argsort(checking.tensor(x), axis)), want, 0)


@given(st.integers(1, 3), st.integers(0, 4), st.integers(0, 99))
def test_matrix_products(rank: int, inner: int, seed: int) -> None:
    lead = (2, 3)[: rank - 1]
    x1, x2 = _array((*lead, 2, inner), seed), _array((inner, 3), seed + 1)
    got = B.convert_to_numpy(B.matmul(checking.tensor(x1), checking.tensor(x2)))
    checking.assert_close(got, x1 @ x2, 1e-4)


def test_arguments_are_left_alone() -> None:
    """No operation writes into what it was given."""
    x = ints((3, 3)).astype("float32")
    before, given_tensor = x.copy(), checking.tensor(x)
    for op, args in (("clip", (0, 1)), ("sort", ()), ("add", (1,)), ("relu", ()), ("cumsum", ()), ("round", ())):
        getattr(B, op)(given_tensor, *args)
        getattr(B, op)(x, *args)
    update = B.scatter_update(
        given_tensor, checking.tensor(np.array([[0, 0]], "int32")), checking.tensor(np.array([9.0], "float32"))
    )
    assert B.convert_to_numpy(update)[0, 0] == 9
    np.testing.assert_array_equal(x, before)
    np.testing.assert_array_equal(B.convert_to_numpy(given_tensor), before)
