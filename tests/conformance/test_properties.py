"""Operations against NumPy over shapes and values that hypothesis draws."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tests.conformance import checking
from tests.conformance.cases.elementwise import ALL_BINARY
from triceras_backends.active import backend as B


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
