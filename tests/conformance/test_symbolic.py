"""Every operation without values: abstract evaluation gives the eager run's shape and dtype, unknown sizes too."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest

import triceras
from tests.conformance import checking
from tests.conformance.cases.all import CASES
from tests.conformance.cases.base import Case, bare, leaves
from tests.conformance.cases.dynamic import ALL_KNOWN, UNINFERRED
from tests.conformance.selecting import filled, first_of_each
from triceras import KerasTensor, ops
from triceras_backends import specs as abstract
from triceras_backends.active import backend as B
from triceras_backends.specs import Spec

# One case an operation and dtype: what a spec gets wrong, it gets wrong by rank and dtype.
SPECS = [case for case in CASES if case.spec]
SPECS = list({(c.op, str(c.dtypes), c.expected()[0].ndim, str(sorted(c.kw))): c for c in SPECS}.values())


def eager_specs(case: Case) -> list[Spec]:
    """Shape and dtype of what the case must give."""
    if not case.post:
        return [Spec(a.shape, a.dtype.name) for a in case.expected()]
    args, kw = checking.tensors(case)
    eager = checking.outputs(getattr(B, case.op)(*args, **kw))
    return [Spec(tuple(B.static_shape(a)), B.dtype_of(a)) for a in eager]


@pytest.mark.aspect("symbolic")
@pytest.mark.parametrize("case", SPECS, ids=lambda case: case.id)
def test_spec(case: Case) -> None:
    """Abstract evaluation gives the eager run's shape and dtype (which `test_value` holds to the oracle)."""
    with checking.precision(case):
        args, kw = checking.specs(case)
        got = checking.outputs(abstract.infer(B, getattr(B, case.op), *args, **kw))
        assert got == eager_specs(case)


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
    ("bincount", (Spec((5,), "int32"),), {"minlength": 3}, (None,)),
    ("unique", (X,), {}, (None,)),
    ("unique", (Spec((5, 3), "float32"),), {"axis": 0}, (None, 3)),
    ("segment_max", (X, Spec((None,), "int32")), {}, (None, 3)),
    ("median", (X,), {"axis": 0}, (3,)),
    ("quantile", (X, [0.2, 0.4]), {"axis": 1}, (2, None)),
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


# -- through the public operations, for every one ------------------------------------------------

PUBLIC: dict[str, Callable[..., Any]] = {
    name: function
    for namespace in (ops.image, ops)
    for name, function in vars(namespace).items()
    if getattr(function, "__module__", "") == "triceras.ops"
}
PUBLIC = {function.__name__: function for function in PUBLIC.values()}


def _arrays(case: Case) -> list[Any]:
    found: list[Any] = []
    filled(case, found.append, lambda array: array, bare)
    return found


INFERRED = [case for case in CASES if case.spec and case.op not in UNINFERRED and not case.wide and _arrays(case)]
FIRST = first_of_each(INFERRED)


def infer(case: Case, shapes: list[tuple[int | None, ...]]) -> list[Spec]:
    """The operation's specs on symbolic tensors of these shapes, by its public name where it has one."""
    remaining = iter(shapes)
    public = PUBLIC.get(case.op)

    def make(array: Any) -> Any:
        shape = next(remaining)
        return triceras.KerasTensor(shape, array.dtype.name) if public else Spec(shape, array.dtype.name)

    args, kw = filled(case, make, checking.tensor, checking.marked)
    if public is None:
        return checking.outputs(abstract.infer(B, getattr(B, case.op), *args, **kw))
    result = checking.outputs(public(*args, **kw))
    return [x.spec if isinstance(x, triceras.KerasTensor) else x for x in result]


@pytest.mark.aspect("symbolic")
@pytest.mark.parametrize("case", FIRST, ids=lambda case: case.id)
def test_on_symbolic_tensors(case: Case) -> None:
    assert infer(case, [array.shape for array in _arrays(case)]) == eager_specs(case)


def test_an_operation_is_inferred_or_says_why() -> None:
    without = {c.op for c in CASES if not any(hasattr(leaf, "shape") for leaf in leaves((c.args, c.kw)))}
    wanted = {case.op for case in CASES} - {case.op for case in INFERRED}
    assert wanted <= without | set(UNINFERRED)


Shapes = list[tuple[int | None, ...]]


def _unknown(shape: tuple[int | None, ...], axes: Iterable[int]) -> tuple[int | None, ...]:
    """None at these axes. Sizes of 1 stay: broadcasting and squeezing depend on them."""
    places = {axis % len(shape) for axis in axes} if shape else set()
    return tuple(None if axis in places and size != 1 else size for axis, size in enumerate(shape))


def leading(shapes: Shapes) -> list[Shapes]:
    """Ways in which the first size may be unknown: wherever it is the first tensor's, of that tensor alone, of all."""
    first = next(shape[0] for shape in shapes if shape)
    same = [_unknown(s, [0]) if s and s[0] == first else s for s in shapes]
    return [same, [_unknown(shapes[0], [0]), *shapes[1:]], [_unknown(s, [0]) for s in shapes]]


def everywhere(shapes: Shapes) -> list[Shapes]:
    """All sizes unknown: of the first tensor, of that but for its last or its second (its channels), of all."""
    rank = len(shapes[0])
    some = [range(rank), range(rank - 1), [axis for axis in range(rank) if axis != 1]]
    return [*([_unknown(shapes[0], axes), *shapes[1:]] for axes in some), [_unknown(s, range(len(s))) for s in shapes]]


def compatible(got: Spec, eager: Spec) -> bool:
    sizes = zip(got.shape, eager.shape, strict=False)
    return got.dtype == eager.dtype and len(got.shape) == len(eager.shape) and all(m in (None, n) for m, n in sizes)


TRIES = 12  # cases; an operation needs one in which unknown sizes can be right: no tensor reshaped to a given shape


@pytest.mark.aspect("symbolic")
@pytest.mark.parametrize("unknown", [leading, everywhere])
@pytest.mark.parametrize("op", sorted({case.op for case in FIRST}))
def test_with_unknown_sizes(op: str, unknown: Callable[[Shapes], list[Shapes]]) -> None:
    """The result is compatible with the eager one; there is a case in which the unknown is no error."""
    cases = [case for case in INFERRED if case.op == op and any(a.ndim and a.size for a in _arrays(case))]
    name, refused = f"{op}-{unknown.__name__}", list[str]()
    for case in cases[:TRIES]:
        shapes = [array.shape for array in _arrays(case)]
        for given in unknown(shapes):
            if not any(None in shape for shape in given):
                continue
            try:
                got = infer(case, given)
            except (ValueError, RuntimeError) as error:  # which of them, the tables of errors say
                refused.append(f"{case.id} with shapes {given}: {str(error)[:200]}")
                continue
            wrong = [(g, e) for g, e in zip(got, eager_specs(case), strict=True) if not compatible(g, e)]
            assert not wrong, f"{case.id} with shapes {given}: {wrong}"
            assert name not in ALL_KNOWN, f"cases/dynamic.py says that {name} cannot be, and it is"
            return
    assert name in ALL_KNOWN or not refused, "\n".join(refused)
