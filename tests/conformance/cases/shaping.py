"""Joining, dividing, turning and selecting."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.conformance.cases.base import Raw, Table, Var, floats, ints, some
from tests.conformance.cases.gradients_base import Gradients, spread
from triceras_backends.active import backend as B

CASES = Table()
X = floats((2, 3, 4))

# -- joining and dividing ----------------------------------------------------------------

CASES.add("append", floats((2, 3)), floats((2,)), oracle=np.append)
for axis in (0, 1, -1):
    CASES.add("append", floats((2, 3)), floats((2, 3), low=0), kw={"axis": axis}, oracle=np.append)
for a, b in (("int32", "float16"), ("bool", "int8"), ("float16", "bfloat16"), ("uint8", "int8")):
    CASES.add("append", some((2,), a), some((3,), b), oracle=np.append)
    for name, fn in (("hstack", np.hstack), ("vstack", np.vstack), ("dstack", np.dstack)):
        CASES.add(name, [some((2,), a), some((2,), b)], oracle=fn)
CASES.add("append", floats(()), np.zeros((0,), "float32"), oracle=np.append)
CASES.add("append", [1, 2], [3.5], oracle=np.append, returns="float32")
for name, fn in (("hstack", np.hstack), ("vstack", np.vstack), ("dstack", np.dstack)):
    for shape in ((), (3,), (2, 3), (2, 3, 1), (2, 1, 3, 2)):
        CASES.add(name, [floats(shape), floats(shape, low=0)], oracle=fn)
    CASES.add(name, (floats((0,)),), oracle=fn)
    CASES.add(name, [Var(floats((2,))), Raw(floats((2,)))], oracle=fn)
    CASES.add(name, X, oracle=fn)


def _parts(fn: Any) -> Any:
    return lambda *args, **kw: list(fn(*args, **kw))


for sections, axis in ((2, 0), (3, 1), (3, 2), (5, 1), ([1], 1), ([1, 3], -1), (1, 0), ([], 0)):
    kw = {"indices_or_sections": sections, "axis": axis}
    CASES.add("array_split", X, kw=kw, oracle=_parts(np.array_split), returns="same")
for x in (ints((7,), "int8"), floats((5,), "bfloat16"), np.zeros((0,), "float32")):
    CASES.add("array_split", x, 3, oracle=_parts(np.array_split), returns="same")
FOUR = floats((4, 2, 6))
for name, fn, sections in (
    ("hsplit", np.hsplit, (2, [1], [1, 2])), ("vsplit", np.vsplit, (2, [1, 3], 4)), ("dsplit", np.dsplit, (3, [2], 1)),
):  # fmt: skip
    for part in sections:
        CASES.add(name, FOUR, part, oracle=_parts(fn), returns="same")
    CASES.add(name, ints((2, 2, 2), "int8"), 2, oracle=_parts(fn), returns="same")
CASES.add("hsplit", floats((4,)), 2, oracle=_parts(np.hsplit), returns="same")
CASES.add("vsplit", floats((2, 3)), 2, oracle=_parts(np.vsplit), returns="same")

# -- turning -----------------------------------------------------------------------------

for x in (floats((2, 3)), X, ints((2, 2), "bool"), np.zeros((0, 2), "float32"), floats((2, 1), "bfloat16")):
    CASES.add("fliplr", x, oracle=np.fliplr)
    CASES.add("flipud", x, oracle=np.flipud)
CASES.add("flipud", ints((3,)), oracle=np.flipud)
for k in (0, 1, 2, 3, -1, 6):
    CASES.add("rot90", floats((2, 3)), kw={"k": k}, oracle=np.rot90)
for axes in ((0, 2), (2, 0), (-1, 1), (1, -1)):
    CASES.add("rot90", X, kw={"axes": axes}, oracle=np.rot90)
CASES.add("rot90", ints((2, 2), "int8"), 3, (1, 0), oracle=np.rot90)


def _merged(x: Any, *shape: int) -> Any:
    return lambda *_, **__: x.reshape(shape)


R = floats((2, 6, 4))
for pattern, lengths, want in (
    ("b h w -> w b h", {}, R.transpose(2, 0, 1)),
    ("b h w -> b h w", {}, R),
    ("b h w->b (h w)", {}, R.reshape(2, 24)),
    ("b h w -> b (w h)", {}, R.transpose(0, 2, 1).reshape(2, 24)),
    ("b (h n) w -> b h n w", {"n": 3}, R.reshape(2, 2, 3, 4)),
    ("b (h n) w -> b h n w", {"h": 3}, R.reshape(2, 3, 2, 4)),
    ("b (h n) w -> b h n w", {"h": 3, "n": 2}, R.reshape(2, 3, 2, 4)),
    ("b (h n) (w m) -> b h w (n m)", {"n": 2, "m": 2}, R.reshape(2, 3, 2, 2, 2).transpose(0, 1, 3, 2, 4).reshape(2, 3, 2, 4)),
    ("b h w -> (b h w)", {}, R.reshape(-1)),
    ("b h w -> b 1 h () w", {}, R[:, None, :, None]),
    ("b ... -> ... b", {}, R.transpose(1, 2, 0)),
    ("... w -> (...) w", {}, R.reshape(12, 4)),
    ("b ... w -> w (b ...)", {}, R.transpose(2, 0, 1).reshape(4, 12)),
    ("b h w ... -> b ... h w", {}, R),
    ("...->...", {}, R),
):  # fmt: skip
    CASES.add("rearrange", R, pattern, kw=dict(lengths), oracle=lambda *_, want=want, **__: want)
for x, pattern, y in (
    (floats((3, 1)), "a 1 -> a", floats((3, 1))[:, 0]),
    (floats((3, 1)), "a () -> 1 a", floats((3, 1)).T),
    (floats(()), "-> 1 1", np.reshape(floats(()), (1, 1))),
    (ints((4,), "int8"), "(a b) -> b a", ints((4,), "int8").reshape(2, 2).T),
    (np.zeros((0, 3), "float32"), "a b -> (b a)", np.zeros((0,))),
):
    lengths = {"a": 2} if "(a b)" in pattern else {}
    CASES.add("rearrange", x, pattern, kw=dict(lengths), oracle=lambda *_, y=y, **__: y)

# -- what a tensor is --------------------------------------------------------------------

for x in (floats(()), X, ints((3,), "bool"), np.zeros((0, 2), "float32")):
    CASES.add("ndim", x, oracle=np.ndim, returns="int32", post=lambda out: out, spec=False)
    CASES.add("size", x, oracle=np.size, returns="int32")
for value in (3.5, [[1, 2], [3, 4]], Var(X), Raw(X)):
    CASES.add("ndim", value, oracle=np.ndim, returns="int32", post=lambda out: out, spec=False)
    CASES.add("size", value, oracle=np.size, returns="int32")

# -- selecting ---------------------------------------------------------------------------

NUMBERS = np.array([[1, 2, 5], [-3, 2, 0]], "int32")
for x, y in (
    (NUMBERS, np.array([2, 0, 7], "int32")), (NUMBERS, [1, 5]), (NUMBERS, 2), (3, [3, 4]), (NUMBERS, np.array([2.0, -3.5], "float32")),
    (NUMBERS.astype("int8"), np.array([[2], [5]], "uint8")), (NUMBERS > 0, np.array([True])), (NUMBERS, np.zeros((0,), "int32")),
    (NUMBERS.astype("float16"), np.array([2, 5], "float16")), (np.zeros((0,), "float32"), np.array([1.0], "float32")),
    (np.array([np.nan, 1, np.inf, -0.0], "float32"), np.array([np.nan, np.inf, 0.0], "float32")),
):  # fmt: skip
    CASES.add("isin", x, y, oracle=np.isin, returns="bool")
CASES.add("isin", NUMBERS, np.array([2, 0, 7], "int32"), kw={"invert": True}, oracle=np.isin, returns="bool")
CASES.add(
    "isin",
    np.array([np.nan, 1.0], "float32"),
    np.array([np.nan], "float32"),
    kw={"invert": True},
    oracle=np.isin,
    returns="bool",
)
CASES.add("isin", np.array([1, 2, 3]), np.array([3, 1]), kw={"assume_unique": True}, oracle=np.isin, returns="bool")

for x in (
    NUMBERS - 2, NUMBERS > 0, np.zeros((2, 2), "float32"), np.array([np.nan, 0, -0.0, np.inf], "float32"), np.ones((2, 1, 2, 2), "int8"),
    np.zeros((0, 3), "float32"), np.array([0, 2], "float16"),
):  # fmt: skip
    CASES.add("nonzero", x, oracle=lambda x: list(np.nonzero(x)), returns=("int32",) * x.ndim, spec=False)


def _unravelled(indices: Any, shape: Any) -> Any:
    shape = (shape,) if isinstance(shape, int) else shape
    count = int(np.prod(shape))
    flat = np.asarray(indices).astype(int)
    return list(np.unravel_index(np.clip(np.where(flat < 0, flat + count, flat), 0, count - 1), shape))


for indices, shape in (
    (np.array([1, 5, 0]), (2, 3)), (np.array(4), (2, 3)), (np.array([[1, 23], [7, 2]], "int32"), (2, 3, 4)), (np.array([2, 0], "int8"), 5),
    (np.array([5, 1], "uint8"), (2, 3)), (np.array([-1, -6], "int32"), (2, 3)), (np.array([6, 99, -7], "int32"), (2, 3)),
    (np.array([100, -1], "int8"), (20, 20)), (np.array([3, 5], "int64"), (2, 3)), (4, (2, 3)), ([1, 2], [3, 3]),
):  # fmt: skip
    name = "int32" if isinstance(indices, (int, list)) else indices.dtype.name
    outputs = len(shape) if not isinstance(shape, int) else 1
    CASES.add("unravel_index", indices, shape, oracle=_unravelled, returns=(name,) * outputs)
CASES.add("unravel_index", np.zeros((0,), "int32"), (2, 3), oracle=_unravelled, returns=("int32",) * 2)


def _select(condlist: Any, choicelist: Any, default: Any = 0) -> Any:
    return np.select([np.asarray(c, bool) for c in condlist], choicelist, default)


M, N = floats((2, 3)), floats((3,), low=3, high=4)
CASES.add("select", [M > 1, M > 0], [M, M * 10], 5, oracle=_select, returns="float32")
CASES.add("select", [M > 1, M[:, :1] > 0], [N, M], oracle=_select, returns="float32", label="broadcast")
CASES.add("select", [M > 1], [M], N, oracle=_select, returns="float32", label="default")
CASES.add(
    "select", [np.array([1, 0, 2])], [ints((3,), "int8")], oracle=_select, returns="int8", label="numbers as conditions"
)
CASES.add("select", [N > 3.5], [ints((3,), "int8")], 0.5, oracle=_select, returns="float32", label="weak default")
CASES.add(
    "select",
    [N > 3.5],
    [ints((3,), "int8")],
    floats((), "float16"),
    oracle=_select,
    returns="float16",
    label="float16 default",
)
CASES.add(
    "select",
    [N > 3.5, N > 0],
    [ints((3,)), floats((3,), "bfloat16")],
    oracle=_select,
    returns="bfloat16",
    label="mixed",
)
CASES.add(
    "select", [M > 0], [np.where(M > 0, M, np.nan)], 1.0, oracle=_select, returns="float32", label="NaN not chosen"
)
CASES.add(
    "select", (np.zeros((0,), "bool"),), (np.zeros((0,), "float32"),), oracle=_select, returns="float32", label="empty"
)


# -- gradients ---------------------------------------------------------------------------

GRADIENTS = Gradients()
P, Q = spread(2, 3), spread(2, 3, low=0.6, high=2.4)
CUBE = spread(2, 3, 2)
GRADIENTS.add("append", P, Q)
GRADIENTS.add("append", P, Q, axis=1)
for _op in ("hstack", "vstack", "dstack"):
    GRADIENTS.add(_op, P, Q, fn=lambda x, y, op=_op: B.square(getattr(B, op)([x, y])))
GRADIENTS.add("array_split", spread(5), fn=lambda x: B.square(B.array_split(x, 2)[0]))
GRADIENTS.add("hsplit", spread(2, 4), fn=lambda x: B.multiply(*B.hsplit(x, 2)))
GRADIENTS.add("vsplit", spread(2, 4), fn=lambda x: B.multiply(*B.vsplit(x, 2)))
GRADIENTS.add("dsplit", CUBE, fn=lambda x: B.multiply(*B.dsplit(x, 2)))
for _op in ("fliplr", "flipud", "rot90"):
    GRADIENTS.add(_op, P)
GRADIENTS.add("rot90", CUBE, k=-1, axes=(0, 2))
GRADIENTS.add("rearrange", spread(2, 4), fn=lambda x: B.square(B.rearrange(x, "a (b c) -> c (b a)", b=2)))
GRADIENTS.add("select", P, Q, fn=lambda x, y: B.select([P > 0.5, P > 0], [x, x * y], y))

FLAT = {"ndim", "size", "isin", "nonzero", "unravel_index"}

AWKWARD: list[Any] = [
    (
        "select guards NaN",
        lambda x: B.select([x > 0], [B.log(B.where(x > 0, x, 1.0))], 0.0),
        ([-1.0, 2.0],),
        [[0, 0.5]],
    ),
]

# -- bad input ---------------------------------------------------------------------------

A, V, C = floats((2, 3)), floats((4,)), floats((4, 5))
ERRORS: list[Any] = [
    ("append", (A, V), {"axis": 0}, ValueError, ("append", "(2, 3)", "(4,)")),
    ("append", (A, A), {"axis": 2}, ValueError, ("2",)),
    *((name, ([],), {}, ValueError, (name,)) for name in ("hstack", "vstack", "dstack")),
    *((name, ([A, C],), {}, ValueError, ("(2, 3)", "(4, 5)")) for name in ("hstack", "vstack")),
    ("array_split", (A, 0), {}, ValueError, ("array_split", "0")),
    ("array_split", (A, 2), {"axis": 2}, ValueError, ("array_split", "2")),
    ("hsplit", (floats(()), 2), {}, ValueError, ("hsplit",)),
    ("vsplit", (V, 2), {}, ValueError, ("vsplit",)),
    ("dsplit", (A, 3), {}, ValueError, ("dsplit",)),
    ("hsplit", (A, 2), {}, ValueError, ("2",)),
    ("fliplr", (V,), {}, ValueError, ("fliplr",)),
    ("flipud", (floats(()),), {}, ValueError, ("flipud",)),
    ("rot90", (V,), {}, ValueError, ("rot90",)),
    *(("rot90", (A,), {"axes": axes}, ValueError, ("rot90", str(axes))) for axes in ((0, 0), (0, 5), (0, 1, 2), (1, -1))),
    *(("rearrange", (A, pattern), lengths, ValueError, ("rearrange", pattern, *said)) for pattern, lengths, said in (
        ("a b", {}, ("->",)), ("a b -> b -> a", {}, ("->",)), ("a (b -> a b", {}, ('"("',)), ("a b) -> a b", {}, ('")"',)),
        ("a ((b)) -> a b", {}, ("nested",)), ("a a -> a", {}, ("'a'", "twice")), ("a b -> a", {}, ("'b'", "left")),
        ("a b -> a b c", {}, ("'c'", "right")), ("a b c -> c b a", {}, ("3", "(2, 3)")), ("a -> a", {}, ("1", "(2, 3)")),
        ("(a c) b -> a b c", {}, ("'a'", "'c'")), ("a (b c) -> a b c", {"c": 2}, ("divisible", "2")),
        ("a b -> b a", {"c": 2}, ("'c'",)), ("a b -> b a", {"b": 4}, ("4", "(2, 3)")), ("(a ...) -> a ...", {}, ("parentheses",)),
        ("a 2 -> a 2", {}, ("'2'",)), ("a b? -> a b?", {}, ("'b?'",)), ("1 b -> b", {}, ("axis 0",)),
    )),
    ("nonzero", (floats(()),), {}, ValueError, ("nonzero",)),
    ("unravel_index", (V, (2, 3)), {}, ValueError, ("unravel_index", "float32")),
    ("select", ([], []), {}, ValueError, ("select", "0")),
    ("select", ([A > 0], [A, A]), {}, ValueError, ("select", "1 and 2")),
    ("select", (A > 0, [A]), {}, ValueError, ("select", "list")),
    ("select", ([A > 0], [V]), {}, ValueError, ("(2, 3)", "(4,)")),
]  # fmt: skip
