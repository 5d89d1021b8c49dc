"""How the property tests call operations on shapes and indices: arguments that fit a drawn array, and NumPy's answer.

`draw` takes a strategy of hypothesis and gives a value; x has at least one dimension, and none of size 0.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tests.conformance.selecting import CONTRACT

Draw = Callable[[st.SearchStrategy[Any]], Any]
Property = Callable[[Draw, Any], tuple[tuple[Any, ...], Any]]


def _axis(draw: Draw, x: Any) -> int:
    return int(draw(st.integers(-x.ndim, x.ndim - 1)))


def _indices(draw: Draw, shape: tuple[int, ...], size: int) -> Any:
    generator = np.random.default_rng(draw(st.integers(0, 99)))
    return generator.integers(-size, size, shape).astype("int32")


def _shape(draw: Draw, size: int) -> tuple[int, ...]:
    """A shape of that size, one entry of it perhaps -1."""
    first = draw(st.sampled_from([n for n in range(1, size + 1) if size % n == 0]))
    return tuple(draw(st.sampled_from([(first, size // first), (-1, first), (size // first, 1, -1)])))


def _by_axis(function: Callable[..., Any]) -> Property:
    def made(draw: Draw, x: Any) -> tuple[tuple[Any, ...], Any]:
        axis = _axis(draw, x)
        return (x, axis), function(x, axis)

    return made


def _numpys(function: Callable[..., Any], low: int = 1) -> Property:
    """One that NumPy calls the same, of an array of at least `low` dimensions."""

    def made(draw: Draw, x: Any) -> tuple[tuple[Any, ...], Any]:
        x = x.reshape((1,) * (low - x.ndim) + x.shape)
        return (x,), function(x)

    return made


def _transpose(draw: Draw, x: Any) -> Any:
    axes = tuple(draw(st.permutations(range(x.ndim))))
    return (x, axes), x.transpose(axes)


def _reshape(draw: Draw, x: Any) -> Any:
    shape = _shape(draw, x.size)
    return (x, shape), x.reshape(shape)


def _squeeze(draw: Draw, x: Any) -> Any:
    axis = draw(st.integers(0, x.ndim))
    return (np.expand_dims(x, axis), axis), x


def _two_axes(function: Callable[..., Any]) -> Property:
    def made(draw: Draw, x: Any) -> Any:
        axes = _axis(draw, x), _axis(draw, x)
        return (x, *axes), function(x, *axes)

    return made


def _broadcast_to(draw: Draw, x: Any) -> Any:
    shape = (*draw(st.sampled_from([(), (2,), (2, 1)])), *x.shape)
    return (x, shape), np.broadcast_to(x, shape)


def _joined(function: Callable[..., Any]) -> Property:
    def made(draw: Draw, x: Any) -> Any:
        axis, parts = _axis(draw, x), [x] * draw(st.integers(1, 3))
        return (parts, axis), function(parts, axis)

    return made


def _split(draw: Draw, x: Any) -> Any:
    axis = _axis(draw, x)
    places = sorted(draw(st.lists(st.integers(0, x.shape[axis]), min_size=1, max_size=3)))
    return (x, places, axis), np.split(x, places, axis)


def _array_split(draw: Draw, x: Any) -> Any:
    axis, parts = _axis(draw, x), draw(st.integers(1, 5))
    return (x, parts, axis), np.array_split(x, parts, axis)


def _vsplit(draw: Draw, x: Any) -> Any:
    x = np.atleast_2d(x)
    return (x, x.shape[0]), np.vsplit(x, x.shape[0])


def _unstack(draw: Draw, x: Any) -> Any:
    axis = _axis(draw, x)
    return (x, None, axis), list(np.moveaxis(x, axis, 0))


def _tile(draw: Draw, x: Any) -> Any:
    repeats = tuple(draw(st.lists(st.integers(0, 3), min_size=1, max_size=x.ndim + 1)))
    return (x, repeats), np.tile(x, repeats)


def _repeat(draw: Draw, x: Any) -> Any:
    axis, times = _axis(draw, x), draw(st.integers(0, 3))
    return (x, times, axis), np.repeat(x, times, axis)


def _roll(draw: Draw, x: Any) -> Any:
    axis, shift = _axis(draw, x), draw(st.integers(-5, 5))
    return (x, shift, axis), np.roll(x, shift, axis)


def _pad(draw: Draw, x: Any) -> Any:
    widths = tuple((draw(st.integers(0, 2)), draw(st.integers(0, 2))) for _ in x.shape)
    return (x, widths), np.pad(x, widths)


def _diagonals(function: Callable[..., Any]) -> Property:
    def made(draw: Draw, x: Any) -> Any:
        x = np.atleast_2d(x)
        k = draw(st.integers(-3, 3))
        return (x, k), function(x, k)

    return made


def _diag(draw: Draw, x: Any) -> Any:
    x, k = x.reshape(-1)[:4], draw(st.integers(-2, 2))
    return (x, k), np.diag(x, k)


def _take(draw: Draw, x: Any) -> Any:
    axis = _axis(draw, x)
    indices = _indices(draw, draw(st.sampled_from([(3,), (2, 2)])), x.shape[axis])
    return (x, indices, axis), np.take(x, indices, axis)


def _take_along_axis(draw: Draw, x: Any) -> Any:
    axis = _axis(draw, x)
    indices = _indices(draw, x.shape, x.shape[axis])
    return (x, indices, axis), np.take_along_axis(x, indices, axis)


def _window(draw: Draw, x: Any) -> tuple[tuple[int, ...], tuple[int, ...]]:
    starts = tuple(draw(st.integers(0, n - 1)) for n in x.shape)
    return starts, tuple(draw(st.integers(1, n - start)) for n, start in zip(x.shape, starts, strict=True))


def _places(starts: tuple[int, ...], sizes: tuple[int, ...]) -> tuple[slice, ...]:
    return tuple(slice(start, start + size) for start, size in zip(starts, sizes, strict=True))


def _slice(draw: Draw, x: Any) -> Any:
    starts, sizes = _window(draw, x)
    return (x, starts, sizes), x[_places(starts, sizes)]


def _slice_update(draw: Draw, x: Any) -> Any:
    starts, sizes = _window(draw, x)
    update, want = np.ones(sizes, x.dtype), x.copy()
    want[_places(starts, sizes)] = update
    return (x, starts, update), want


def _scatter(draw: Draw, x: Any) -> Any:
    rows = draw(st.integers(1, 4))
    indices = np.abs(_indices(draw, (x.shape[0], 1), rows)) % rows
    x = x.astype("float32")
    want = np.zeros((rows, *x.shape[1:]), "float32")
    np.add.at(want, indices[:, 0], x)
    return (indices.astype("int32"), x, want.shape), want


def _scatter_update(draw: Draw, x: Any) -> Any:
    row, want = draw(st.integers(0, x.shape[0] - 1)), x.copy()
    want[row] = 1
    return (x, np.array([[row]], "int32"), np.ones((1, *x.shape[1:]), x.dtype)), want


def _getitem(draw: Draw, x: Any) -> Any:
    basic = hnp.basic_indices(x.shape, allow_newaxis=True, allow_ellipsis=True)
    arrays = st.tuples(*[st.just(_indices(draw, (2,), n)) for n in x.shape[:2]])
    key = draw(st.one_of(basic, arrays))
    return (x, key), np.asarray(x[key])


def _top_k(draw: Draw, x: Any) -> Any:
    x, k = x.astype("float32"), draw(st.integers(1, x.shape[-1]))
    order = np.argsort(-x, -1, kind="stable")[..., :k]
    return (x, k), [np.take_along_axis(x, order, -1), order.astype("int32")]


def _searchsorted(draw: Draw, x: Any) -> Any:
    rows, values = np.sort(x.reshape(-1).astype("float32")), x.astype("float32")
    side = draw(st.sampled_from(["left", "right"]))
    return (rows, values, side), np.searchsorted(rows, values, side).astype("int32")


def _flip(draw: Draw, x: Any) -> Any:
    axis = draw(st.one_of(st.none(), hnp.valid_tuple_axes(x.ndim, min_size=1)))
    return (x, axis), np.flip(x, axis)


def _argsort(x: Any, axis: int) -> Any:
    return np.argsort(x, axis, kind="stable").astype("int32")


_ALL: dict[str, Property] = {
    "reshape": _reshape, "transpose": _transpose, "ravel": _numpys(np.ravel), "expand_dims": _by_axis(np.expand_dims),
    "squeeze": _squeeze, "moveaxis": _two_axes(np.moveaxis), "swapaxes": _two_axes(np.swapaxes),
    "broadcast_to": _broadcast_to, "concatenate": _joined(np.concatenate), "stack": _joined(np.stack),
    "unstack": _unstack, "split": _split, "tile": _tile, "repeat": _repeat, "flip": _flip, "roll": _roll, "pad": _pad,
    "tril": _diagonals(np.tril), "triu": _diagonals(np.triu), "diag": _diag, "diagonal": _diagonals(np.diagonal),
    "take": _take, "take_along_axis": _take_along_axis, "slice": _slice, "slice_update": _slice_update,
    "scatter": _scatter, "scatter_update": _scatter_update, "getitem": _getitem, "sort": _by_axis(np.sort),
    "argsort": _by_axis(_argsort), "top_k": _top_k, "searchsorted": _searchsorted,
    "zeros_like": _numpys(np.zeros_like), "ones_like": _numpys(np.ones_like),
    "rot90": _numpys(np.rot90, 2), "fliplr": _numpys(np.fliplr, 2), "flipud": _numpys(np.flipud),
    "atleast_1d": _numpys(np.atleast_1d), "atleast_2d": _numpys(np.atleast_2d), "atleast_3d": _numpys(np.atleast_3d),
    "hstack": lambda draw, x: (([x, x],), np.hstack([x, x])), "vstack": lambda draw, x: (([x, x],), np.vstack([x, x])),
    "dstack": lambda draw, x: (([x, x],), np.dstack([x, x])),
    "column_stack": lambda draw, x: (([x, x],), np.column_stack([x, x])),
    "hsplit": lambda draw, x: ((x, [1]), np.hsplit(x, [1])), "array_split": _array_split,
    "nonzero": lambda draw, x: ((x,), [found.astype("int32") for found in np.nonzero(x)]), "vsplit": _vsplit,
    "append": lambda draw, x: ((x, x), np.append(x, x)),
    "diagflat": lambda draw, x: ((x.reshape(-1)[:4],), np.diagflat(x.reshape(-1)[:4])),
}  # fmt: skip

# Those of the contract's.
SHAPING = {name: made for name, made in _ALL.items() if name in CONTRACT}

# Of the families "arrays" and "shaping", those that take no array to be drawn, or whose arguments are as intricate
# as the operation: for them the rows of the tables must do.
UNSHAPED = {
    "zeros", "ones", "full", "full_like", "arange", "linspace", "eye", "identity", "meshgrid", "rows",
    "dsplit", "isin", "ndim", "rearrange", "select", "size", "unravel_index", "view", "get_item", "block",
}  # fmt: skip
