"""Operations against NumPy over shapes, dtypes and values that hypothesis draws.

By default a few examples an operation, with few different shapes, for which JAX compiles; with
HYPOTHESIS_PROFILE=nightly hundreds, with shapes of every kind.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tests.conformance import checking
from tests.conformance.cases.all import CASES
from tests.conformance.cases.base import Case, describe, leaves
from tests.conformance.cases.shaping_properties import SHAPING, UNSHAPED
from tests.conformance.selecting import CONTRACT
from triceras_backends.active import backend as B

NIGHTLY = settings.get_current_profile_name() == "nightly"
few = settings(max_examples=settings.default.max_examples if NIGHTLY else 3, suppress_health_check=list(HealthCheck))
Draw = Callable[[st.SearchStrategy[Any]], Any]

# -- templates: cases whose arrays are drawn anew ---------------------------------------------------

POOL = [(2, 3), (3,), (2, 1), ()]


def shapes(count: int) -> st.SearchStrategy[Any]:
    """Shapes that broadcast together."""
    if NIGHTLY:
        return hnp.mutually_broadcastable_shapes(num_shapes=count, max_dims=4, max_side=4, min_side=0).map(
            lambda found: found.input_shapes
        )
    return st.tuples(st.sampled_from(POOL[:2] if count == 1 else POOL), *[st.sampled_from(POOL)] * (count - 1))


def _arrays(case: Case) -> list[Any]:
    return [leaf for leaf in leaves((case.args, case.kw)) if isinstance(leaf, np.ndarray)]


def again(array: Any, shape: tuple[int, ...], seed: int) -> Any:
    """An array of the shape with the finite values of another."""
    pool = array.reshape(-1)
    finite = pool[np.isfinite(pool)] if pool.dtype.kind in "fcV" else pool
    pool = finite if finite.size else np.ones(1, array.dtype)
    return np.asarray(pool[np.random.default_rng(seed).integers(0, pool.size, shape)], array.dtype)


def plain(case: Case) -> bool:
    """Arrays and Python numbers only, with an oracle for any values: rows with a label of their own are special."""
    if not (case.args and case.label.startswith(describe(case.args[0])) and all(x.size for x in _arrays(case))):
        return False
    kinds = (np.ndarray, int, float, bool, str, type(None))
    return not case.post and bool(_arrays(case)) and all(isinstance(x, kinds) for x in (*case.args, *case.kw.values()))


def elementwise(case: Case) -> bool:
    return case.expected()[0].shape == np.broadcast_shapes(*(array.shape for array in _arrays(case)))


def by_operation(families: tuple[str, ...], fits: Callable[[Case], bool]) -> dict[str, list[Case]]:
    found: dict[str, list[Case]] = {}
    for case in CASES:
        if CONTRACT[case.op][0] in families and plain(case) and fits(case):
            found.setdefault(case.op, []).append(case)
    return found


def check(case: Case) -> None:
    with checking.precision(case):
        args, kw = checking.tensors(case)
        checking.check(dataclasses.replace(case, tol=case.tol * 4), getattr(B, case.op)(*args, **kw))


ELEMENTWISE = by_operation(("elementwise", "special", "complex_numbers"), elementwise)
for _name in ("saturate_cast", "view"):  # their rows' answers are written out for the rows' values
    ELEMENTWISE.pop(_name, None)


@pytest.mark.aspect("value", "dtype")
@pytest.mark.parametrize("op", ELEMENTWISE)
@few
@given(st.data(), st.integers(0, 99))
def test_elementwise(op: str, data: st.DataObject, seed: int) -> None:
    case = data.draw(st.sampled_from(ELEMENTWISE[op]))
    drawn = iter(data.draw(shapes(len(_arrays(case)))))
    one = lambda x: again(x, next(drawn), seed) if isinstance(x, np.ndarray) else x  # noqa: E731
    check(dataclasses.replace(case, args=tuple(map(one, case.args)), kw={k: one(v) for k, v in case.kw.items()}))


def reduces(case: Case) -> bool:
    parameters = set(_parameters(case.op))
    return len(case.args) == 1 and {"axis", "keepdims"} <= parameters and set(case.kw) <= {"axis", "keepdims"}


def _parameters(op: str) -> list[str]:
    code = CONTRACT[op][1].__code__
    return list(code.co_varnames[: code.co_argcount + code.co_kwonlyargcount])


REDUCTIONS = by_operation(("reductions", "statistical", "arrays"), reduces)


@pytest.mark.aspect("value", "dtype")
@pytest.mark.parametrize("op", REDUCTIONS)
@few
@given(st.data(), st.booleans(), st.integers(0, 99))
def test_reducing(op: str, data: st.DataObject, keepdims: bool, seed: int) -> None:
    case = data.draw(st.sampled_from(REDUCTIONS[op]))
    shape = data.draw(
        hnp.array_shapes(min_dims=1, max_dims=4, min_side=1, max_side=4) if NIGHTLY else st.just((2, 3, 4))
    )
    axes = st.one_of(st.none(), st.integers(-len(shape), len(shape) - 1))
    if any(isinstance(row.kw.get("axis"), tuple) for row in REDUCTIONS[op]):
        axes = st.one_of(axes, hnp.valid_tuple_axes(len(shape), min_size=1))
    drawn = {"axis": data.draw(axes), "keepdims": keepdims}
    kw = {name: drawn[name] for name in case.kw}  # those that the row's oracle takes
    check(dataclasses.replace(case, args=(again(case.args[0], shape, seed),), kw=kw))


# -- shapes and indices ----------------------------------------------------------------------------


@pytest.mark.aspect("value", "dtype")
@pytest.mark.parametrize("op", SHAPING)
@few
@given(st.data(), st.integers(0, 99))
def test_shaping(op: str, data: st.DataObject, seed: int) -> None:
    dims = hnp.array_shapes(min_dims=1, max_dims=4, min_side=1, max_side=4)
    shape = data.draw(dims if NIGHTLY else st.sampled_from([(2, 3), (3,), (2, 3, 4)]))
    dtype = data.draw(st.sampled_from(["float32", "int32", "bool", "float16"] if NIGHTLY else ["float32", "int32"]))
    x = np.asarray(np.random.default_rng(seed).integers(-4, 5, shape)).astype(dtype)
    args, expected = SHAPING[op](data.draw, x)
    results = checking.outputs(getattr(B, op)(*args))
    for got, want in zip(results, expected if isinstance(expected, (list, tuple)) else [expected], strict=True):
        assert want.dtype != x.dtype or B.dtype_of(got) == dtype
        checking.assert_close(B.convert_to_numpy(got), want, 0)


def test_every_operation_on_shapes_is_drawn() -> None:
    wanted = {name for name, (family, _) in CONTRACT.items() if family in ("arrays", "shaping")}
    assert wanted - set(SHAPING) - set(REDUCTIONS) <= UNSHAPED


@given(st.integers(1, 3), st.integers(0, 4), st.integers(0, 99))
def test_matrix_products(rank: int, inner: int, seed: int) -> None:
    generator = np.random.default_rng(seed)
    x1, x2 = (generator.uniform(-3, 3, s).astype("float32") for s in ((*(2, 3)[: rank - 1], 2, inner), (inner, 3)))
    got = B.convert_to_numpy(B.matmul(checking.tensor(x1), checking.tensor(x2)))
    checking.assert_close(got, x1 @ x2, 1e-4)
