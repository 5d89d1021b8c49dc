"""Order statistics, averages that skip NaN, histograms, correlation, from other primitives."""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np

from triceras_backends import dtypes
from triceras_backends.contract.types import Tensor
from triceras_backends.derived.operands import floated

METHODS = ("linear", "lower", "higher", "midpoint", "nearest")
MODES = ("full", "same", "valid")
_HALVES = ("float16", "bfloat16")


def _wide(b: Any, x: Tensor) -> tuple[Tensor, str]:
    """x as floats, at least 32 bits wide, and the dtype to give results in."""
    (x,) = floated(b, x)
    dtype = b.dtype_of(x)
    return (b.cast(x, "float32") if dtype in _HALVES else x), dtype


def _axis(b: Any, name: str, x: Tensor, axis: int) -> int:
    """A non-negative axis. ValueError: out of range."""
    shape = b.static_shape(x)
    if not -len(shape) <= axis < len(shape):
        raise ValueError(f"{name}: axis {axis} is out of range for a tensor of shape {shape}.")
    return axis % len(shape)


def _axes(b: Any, name: str, x: Tensor, axis: Any) -> tuple[int, ...]:
    """Non-negative axes; all for None. ValueError: out of range, or one named twice."""
    if axis is None:
        return tuple(range(len(b.static_shape(x))))
    axes = tuple(_axis(b, name, x, operator.index(a)) for a in (axis if isinstance(axis, (list, tuple)) else (axis,)))
    if len(set(axes)) < len(axes):
        raise ValueError(f"{name}: axis {axis} names an axis of a tensor of shape {b.static_shape(x)} twice.")
    return axes


# -- averages and spreads ------------------------------------------------------------------


def average(b: Any, x: Tensor, axis: Any = None, weights: Tensor = None) -> Tensor:
    if weights is None:
        return b.mean(x, axis)
    x, weights = floated(b, x, weights)
    shape, given = b.static_shape(x), b.static_shape(weights)
    if len(given) != len(shape):
        if len(given) != 1 or not isinstance(axis, int):
            raise ValueError(
                f"average: weights of shape {given} with x of shape {shape} must have x's shape, "
                f"or be 1-D along an axis that is an int; got axis {axis}."
            )
        place = _axis(b, "average", x, axis)
        given = (1,) * place + given + (1,) * (len(shape) - 1 - place)
        wanted = tuple(n if i == place else 1 for i, n in enumerate(shape))
        weights = b.reshape(weights, (-1, *given[place + 1 :]))
    else:
        wanted = shape
    if any(m != n for m, n in zip(given, wanted, strict=True) if m is not None and n is not None):
        raise ValueError(f"average: weights of shape {b.static_shape(weights)} do not fit x of shape {shape}.")
    (x, dtype), (weights, _) = _wide(b, x), _wide(b, weights)
    weights = b.broadcast_to(weights, b.shape(x)) if wanted != shape else weights
    return b.cast(b.divide(b.sum(b.multiply(x, weights), axis), b.sum(weights, axis)), dtype)


def ptp(b: Any, x: Tensor, axis: Any = None, keepdims: bool = False) -> Tensor:
    return b.subtract(b.max(x, axis, keepdims), b.min(x, axis, keepdims))


def _together(b: Any, x: Tensor, axes: tuple[int, ...]) -> Tensor:
    """x with those axes made into one, the last."""
    shape, sizes = b.static_shape(x), b.shape(x)
    kept = [i for i in range(len(shape)) if i not in axes]
    order = [*kept, *axes]
    x = x if order == list(range(len(shape))) else b.transpose(x, order)
    if len(axes) == 1:
        return x
    known = None not in [shape[i] for i in axes]
    return b.reshape(x, (*(sizes[i] for i in kept), math.prod(shape[i] for i in axes) if known else -1))  # type: ignore[misc]


def check_quantile(name: str, q: Any, method: str, largest: float = 1.0) -> None:
    """ValueError: a method that is none, or numbers out of range; values of tensors are not looked at."""
    if method not in METHODS:
        raise ValueError(f"{name}: method must be one of {', '.join(METHODS)}; got {method!r}.")
    if isinstance(q, (int, float, list, tuple)) or type(q) is np.ndarray:  # a tensor may be a kind of array
        values = np.asarray(q)
        if values.dtype.kind in "biuf" and not np.all((values >= 0) & (values <= largest)):
            raise ValueError(f"{name}: q must be between 0 and {largest:g}; got {q}.")


def _between(b: Any, ordered: Tensor, position: Tensor, method: str, pick: Any) -> Tensor:
    """The elements at fractional positions; `pick` takes them at whole ones."""
    if method in ("lower", "higher", "nearest"):
        whole = {"lower": b.floor, "higher": b.ceil, "nearest": b.round}[method](position)
        return pick(ordered, b.cast(whole, "int32"))
    below = b.floor(position)
    low, high = pick(ordered, b.cast(below, "int32")), pick(ordered, b.cast(b.ceil(position), "int32"))
    return _mixed(b, low, high, 0.5 if method == "midpoint" else b.subtract(position, below))


def _mixed(b: Any, low: Tensor, high: Tensor, part: Any) -> Tensor:
    # Equal infinities have no difference.
    step = b.where(b.logical_and(b.equal(low, high), b.isinf(low)), 0.0, b.subtract(high, low))
    return b.add(low, b.multiply(step, part))


def _at(b: Any, ordered: Tensor, position: float, method: str) -> Tensor:
    """The element at a fractional position along the last axis."""
    if method in ("lower", "higher", "nearest"):
        whole = (
            round(position) if method == "nearest" else math.floor(position) + (method == "higher" and position % 1 > 0)
        )
        return b.getitem(ordered, (Ellipsis, whole))
    below = math.floor(position)
    low, part = b.getitem(ordered, (Ellipsis, below)), position - below
    if not part:
        return low
    return _mixed(b, low, b.getitem(ordered, (Ellipsis, below + 1)), 0.5 if method == "midpoint" else part)


def _quantiles(
    b: Any, name: str, x: Tensor, q: Tensor, axis: Any, method: str, keepdims: bool, skip: bool, largest: float = 1.0
) -> Tensor:
    check_quantile(name, q, method, largest)
    x, dtype = _wide(b, x)
    axes = _axes(b, name, x, axis)
    if any(b.static_shape(x)[i] == 0 for i in axes):
        raise ValueError(f"{name}: nothing to reduce in a tensor of shape {b.static_shape(x)} along axis {axis}.")
    sizes = b.shape(x)
    out = [1 if i in axes else n for i, n in enumerate(sizes) if keepdims or i not in axes]
    x = _together(b, x, axes) if sizes else b.reshape(x, (1,))
    ordered, n = b.sort(x, -1), b.static_shape(x)[-1]
    last = b.getitem(ordered, (Ellipsis, slice(-1, None)))  # NaN is sorted to the end
    if isinstance(q, (int, float)) and not skip and n is not None:
        result = _at(b, ordered, q / largest * (n - 1), method)
        result = b.where(b.isnan(b.squeeze(last, -1)), math.nan, result)
        return b.cast(b.reshape(result, tuple(out)) if keepdims else result, dtype)
    q = b.convert_to_tensor(q, b.dtype_of(x))
    q = b.clip(q if largest == 1 else b.divide(q, largest), 0.0, 1.0)
    q_shape, rank = b.shape(q), len(b.static_shape(x))
    q = b.reshape(q, (-1,))
    if skip:
        number = b.sum(b.cast(b.logical_not(b.isnan(ordered)), b.dtype_of(x)), -1, keepdims=True)
        position = b.multiply(q, b.maximum(b.subtract(number, 1), 0))
        result = _between(b, ordered, position, method, lambda x, i: b.take_along_axis(x, i, -1))
    else:
        position = b.multiply(q, b.cast(b.shape(x)[-1], b.dtype_of(x)) - 1 if n is None else n - 1)
        result = _between(b, ordered, position, method, lambda x, i: b.take(x, i, axis=-1))
        result = b.where(b.isnan(last), math.nan, result)
    result = b.transpose(result, (rank - 1, *range(rank - 1))) if rank > 1 and q_shape != () else result
    return b.cast(b.reshape(result, (*q_shape, *out)), dtype)


def median(b: Any, x: Tensor, axis: Any = None, keepdims: bool = False) -> Tensor:
    return _quantiles(b, "median", x, 0.5, axis, "linear", keepdims, False)


def quantile(b: Any, x: Tensor, q: Tensor, axis: Any = None, method: str = "linear", keepdims: bool = False) -> Tensor:
    return _quantiles(b, "quantile", x, q, axis, method, keepdims, False)


def percentile(
    b: Any, x: Tensor, q: Tensor, axis: Any = None, method: str = "linear", keepdims: bool = False
) -> Tensor:  # fmt: skip
    return _quantiles(b, "percentile", x, q, axis, method, keepdims, False, 100.0)


# -- reductions that skip NaN ----------------------------------------------------------------


def _replaced(b: Any, x: Tensor, value: float) -> Tensor:
    """x with another number for NaN."""
    x = b.convert_to_tensor(x)
    return b.where(b.isnan(x), value, x) if dtypes.is_differentiable(b.dtype_of(x)) else x


def nansum(b: Any, x: Tensor, axis: Any = None, keepdims: bool = False) -> Tensor:
    return b.sum(_replaced(b, x, 0.0), axis, keepdims)


def nanprod(b: Any, x: Tensor, axis: Any = None, keepdims: bool = False) -> Tensor:
    return b.prod(_replaced(b, x, 1.0), axis, keepdims)


def nancumsum(b: Any, x: Tensor, axis: int | None = None, dtype: Any = None) -> Tensor:
    return b.cumsum(_replaced(b, x, 0.0), axis, dtype)


def nancumprod(b: Any, x: Tensor, axis: int | None = None, dtype: Any = None) -> Tensor:
    return b.cumprod(_replaced(b, x, 1.0), axis, dtype)


def _unless_all_nan(b: Any, x: Tensor, result: Tensor, axis: Any, keepdims: bool, otherwise: Any) -> Tensor:
    if not dtypes.is_differentiable(b.dtype_of(x)):
        return result
    return b.where(b.all(b.isnan(x), axis, keepdims), otherwise, result)


def nanmax(b: Any, x: Tensor, axis: Any = None, keepdims: bool = False) -> Tensor:
    x = b.convert_to_tensor(x)
    return _unless_all_nan(b, x, b.max(_replaced(b, x, -math.inf), axis, keepdims), axis, keepdims, math.nan)


def nanmin(b: Any, x: Tensor, axis: Any = None, keepdims: bool = False) -> Tensor:
    x = b.convert_to_tensor(x)
    return _unless_all_nan(b, x, b.min(_replaced(b, x, math.inf), axis, keepdims), axis, keepdims, math.nan)


def nanargmax(b: Any, x: Tensor, axis: int | None = None, keepdims: bool = False) -> Tensor:
    x = b.convert_to_tensor(x)
    return _unless_all_nan(b, x, b.argmax(_replaced(b, x, -math.inf), axis, keepdims), axis, keepdims, -1)


def nanargmin(b: Any, x: Tensor, axis: int | None = None, keepdims: bool = False) -> Tensor:
    x = b.convert_to_tensor(x)
    return _unless_all_nan(b, x, b.argmin(_replaced(b, x, math.inf), axis, keepdims), axis, keepdims, -1)


def _valid(b: Any, x: Tensor, axis: Any, keepdims: bool) -> Tensor:
    """How many are not NaN, as floats."""
    return b.sum(b.cast(b.logical_not(b.isnan(x)), b.dtype_of(x)), axis, keepdims)


def nanmean(b: Any, x: Tensor, axis: Any = None, keepdims: bool = False) -> Tensor:
    x, dtype = _wide(b, x)
    return b.cast(b.divide(b.sum(_replaced(b, x, 0.0), axis, keepdims), _valid(b, x, axis, keepdims)), dtype)


def nanvar(b: Any, x: Tensor, axis: Any = None, keepdims: bool = False) -> Tensor:
    x, dtype = _wide(b, x)
    distance = b.where(b.isnan(x), 0.0, b.subtract(x, nanmean(b, x, axis, True)))
    return b.cast(b.divide(b.sum(b.square(distance), axis, keepdims), _valid(b, x, axis, keepdims)), dtype)


def nanstd(b: Any, x: Tensor, axis: Any = None, keepdims: bool = False) -> Tensor:
    return b.sqrt(nanvar(b, x, axis, keepdims))


def nanmedian(b: Any, x: Tensor, axis: Any = None, keepdims: bool = False) -> Tensor:
    return _quantiles(b, "nanmedian", x, 0.5, axis, "linear", keepdims, True)


def nanquantile(
    b: Any, x: Tensor, q: Tensor, axis: Any = None, method: str = "linear", keepdims: bool = False
) -> Tensor:  # fmt: skip
    return _quantiles(b, "nanquantile", x, q, axis, method, keepdims, True)


def nanpercentile(
    b: Any, x: Tensor, q: Tensor, axis: Any = None, method: str = "linear", keepdims: bool = False
) -> Tensor:  # fmt: skip
    return _quantiles(b, "nanpercentile", x, q, axis, method, keepdims, True, 100.0)


# -- correlation and distance ------------------------------------------------------------------


def corrcoef(b: Any, x: Tensor) -> Tensor:
    x, dtype = _wide(b, x)
    rank = len(b.static_shape(x))
    if rank > 2:
        raise ValueError(f"corrcoef: x must be a vector or a matrix; got shape {b.static_shape(x)}.")
    rows = x if rank == 2 else b.reshape(x, (1, -1))
    distance = b.subtract(rows, b.mean(rows, 1, keepdims=True))
    unit = b.divide(distance, b.sqrt(b.sum(b.square(distance), 1, keepdims=True)))
    result = b.clip(b.matmul(unit, b.transpose(unit)), -1.0, 1.0)
    return b.cast(b.reshape(result, ()) if b.static_shape(rows)[0] == 1 else result, dtype)


def correlate(b: Any, x1: Tensor, x2: Tensor, mode: str = "valid") -> Tensor:
    if mode not in MODES:
        raise ValueError(f"correlate: mode must be one of {', '.join(MODES)}; got {mode!r}.")
    x1, x2 = floated(b, x1, x2)
    shapes = b.static_shape(x1), b.static_shape(x2)
    if any(len(shape) != 1 or 0 in shape for shape in shapes):
        raise ValueError(
            f"correlate: x1 and x2 must be vectors that are not empty; got shapes {shapes[0]} and {shapes[1]}."
        )
    if None in (*shapes[0], *shapes[1]):
        raise ValueError("correlate: the sizes of x1 and x2 must be known.")
    n1, n2 = shapes[0][0], shapes[1][0]
    if n1 < n2:
        return b.flip(correlate(b, x2, x1, mode))
    before, after = {"full": (n2 - 1, n2 - 1), "same": (n2 // 2, (n2 - 1) // 2), "valid": (0, 0)}[mode]
    padded = b.pad(x1, (before, after))
    return b.reshape(b.conv(b.reshape(padded, (1, -1, 1)), b.reshape(x2, (-1, 1, 1)), padding="valid"), (-1,))


def cdist(b: Any, x: Tensor, y: Tensor) -> Tensor:
    x, y = floated(b, x, y)
    shapes = b.static_shape(x), b.static_shape(y)
    if min(map(len, shapes)) < 2 or (shapes[0][-1] != shapes[1][-1] and None not in (shapes[0][-1], shapes[1][-1])):
        raise ValueError(
            "cdist: x and y must be of rank 2 or more, with the same last size; "
            f"got shapes {shapes[0]} and {shapes[1]}."
        )
    (x, dtype), (y, _) = _wide(b, x), _wide(b, y)
    squares = b.sum(b.square(b.subtract(b.expand_dims(x, -2), b.expand_dims(y, -3))), -1)
    same = b.equal(squares, 0)  # where the root has no derivative
    return b.cast(b.where(same, 0.0, b.sqrt(b.where(same, 1.0, squares))), dtype)


# -- counting ----------------------------------------------------------------------------------


def _integers(b: Any, name: str, x: Tensor, argument: str) -> Tensor:
    x = b.convert_to_tensor(x)
    dtype = b.dtype_of(x)
    if dtypes.is_differentiable(dtype):
        raise TypeError(f"{name}: {argument} must be integers; got dtype {dtype}.")
    return b.cast(x, "int64" if dtype in ("int64", "uint32", "uint64") else "int32")


def bincount(b: Any, x: Tensor, weights: Tensor = None, minlength: int = 0, sparse: bool = False) -> Tensor:
    if sparse:
        raise ValueError("bincount: sparse tensors are not supported; sparse must be False.")
    x, weights = check_counted(b, x, weights)
    length = minlength
    if 0 not in b.static_shape(x):
        length = b.size_from(counted_length(b, x, minlength), "bincount: the length", -1)
    if isinstance(length, int) and length < 0:
        raise ValueError(f"bincount: x must not be negative; got {b.convert_to_numpy(b.min(x))}.")
    return counted(b, x, weights, length)


def check_counted(b: Any, x: Tensor, weights: Tensor = None) -> tuple[Tensor, Tensor]:
    """bincount's x and weights as tensors. ValueError, TypeError: what cannot be counted."""
    x = _integers(b, "bincount", x, "x")
    shape = b.static_shape(x)
    if len(shape) not in (1, 2):
        raise ValueError(f"bincount: x must be of rank 1 or 2; got shape {shape}.")
    weights = b.ones_like(x, dtype="int32") if weights is None else b.convert_to_tensor(weights)
    weights = b.cast(weights, "int32") if b.dtype_of(weights) == "bool" else weights
    given = b.static_shape(weights)
    if len(given) != len(shape) or any(m != n for m, n in zip(given, shape, strict=True) if None not in (m, n)):
        raise ValueError(f"bincount: weights of shape {given} do not have x's shape {shape}.")
    return x, weights


def counted_length(b: Any, x: Tensor, minlength: int) -> Tensor:
    """How long bincount's result is; -1 where x has negative elements."""
    return b.where(b.less(b.min(x), 0), -1, b.maximum(b.add(b.max(x), 1), minlength))


def counted(b: Any, x: Tensor, weights: Tensor, length: Any) -> Tensor:
    """bincount of a known length."""
    if len(b.static_shape(x)) == 1:
        return b.segment_sum(weights, x, length)
    inside = b.logical_and(b.greater_equal(x, 0), b.less(x, length))
    rows = b.shape(x)[0]
    places = b.add(x, b.expand_dims(b.multiply(b.arange(rows), length), -1))
    places = b.where(inside, places, -1)
    flat = b.segment_sum(b.reshape(weights, (-1,)), b.reshape(places, (-1,)), rows * length)
    return b.reshape(flat, (rows, length))


def histogram(b: Any, x: Tensor, bins: int = 10, range: Any = None) -> Any:
    if not isinstance(bins, (int, np.integer)) or isinstance(bins, bool):
        raise TypeError(f"histogram: bins must be an int; got {bins!r}.")
    if bins < 1:
        raise ValueError(f"histogram: bins must be at least 1; got {bins}.")
    if range is not None and (len(range) != 2 or range[0] > range[1]):
        raise ValueError(f"histogram: range must be (low, high) that do not descend; got {range}.")
    x, dtype = _wide(b, x)
    if len(b.static_shape(x)) != 1:
        raise ValueError(f"histogram: x must be a vector; got shape {b.static_shape(x)}.")
    if range is None:
        range = (0.0, 1.0) if 0 in b.static_shape(x) else (b.min(x), b.max(x))
    low, high = (b.cast(b.convert_to_tensor(end), b.dtype_of(x)) for end in range)
    margin = b.where(b.equal(low, high), b.full_like(low, 0.5), b.zeros_like(low))
    low, high = b.subtract(low, margin), b.add(high, margin)
    steps = b.arange(bins + 1, dtype=b.dtype_of(x))
    edges = b.add(low, b.multiply(b.subtract(high, low), b.divide(steps, bins)))
    place = b.subtract(b.searchsorted(edges, x, side="right"), 1)
    place = b.where(b.equal(x, high), bins - 1, b.where(b.less(x, high), place, -1))
    counts = b.segment_sum(b.ones_like(x), place, int(bins))
    return b.cast(counts, dtype), b.cast(edges, dtype)


def digitize(b: Any, x: Tensor, bins: Tensor) -> Tensor:
    bins = b.convert_to_tensor(bins)
    if len(b.static_shape(bins)) != 1:
        raise ValueError(f"digitize: bins must be a vector; got shape {b.static_shape(bins)}.")
    return b.searchsorted(bins, x, side="right")


def _order(b: Any, rows: Tensor) -> Tensor:
    """Indices that sort rows (n, ...) by their first elements, then the next; stable."""
    if len(b.static_shape(rows)) == 1:
        return b.argsort(rows)
    columns = b.unstack(rows, axis=1)
    order = b.argsort(columns[-1]) if columns else b.arange(b.shape(rows)[0])
    for column in reversed(columns[:-1]):
        order = b.take(order, b.argsort(b.take(column, order, axis=0)), axis=0)
    return order


def unique(
    b: Any, x: Tensor, sorted: bool = True, return_index: bool = False, return_inverse: bool = False,
    return_counts: bool = False, axis: int | None = None, size: int | None = None, fill_value: Tensor = None,
) -> Any:  # fmt: skip
    if size is not None and size < 0:
        raise ValueError(f"unique: size must not be negative; got {size}.")
    x = b.convert_to_tensor(x)
    slices, rows, place = _slices(b, x, axis)
    sizes = b.shape(slices)
    if b.static_shape(slices)[0] == 0:
        outputs = _unique_of_nothing(b, slices, size or 0, fill_value)
    else:
        outputs = _unique_rows(b, rows, size, fill_value)
    values, index, inverse, counts = outputs
    if place is not None:
        values = b.moveaxis(b.reshape(values, (b.shape(values)[0], *sizes[1:])), 0, place)
    else:
        inverse = b.reshape(inverse, b.shape(x))
    wanted = ((index, return_index), (inverse, return_inverse), (counts, return_counts))
    chosen = [output for output, asked in wanted if asked]
    return (values, *chosen) if chosen else values


def _slices(b: Any, x: Tensor, axis: int | None) -> tuple[Tensor, Tensor, int | None]:
    """x's elements or its slices, first; the same as rows; and the axis that was moved there."""
    place = None if axis is None else _axis(b, "unique", x, axis)
    slices = b.reshape(x, (-1,)) if place is None else b.moveaxis(x, place, 0)
    sizes = b.shape(slices)
    wide = len(sizes) > 1
    rows = b.reshape(slices, (sizes[0], math.prod(b.static_shape(slices)[1:]))) if wide else slices  # type: ignore[misc]
    return slices, rows, place


def number_of_unique(b: Any, x: Tensor, axis: int | None = None) -> Tensor:
    """How many different elements or slices x has."""
    rows = _slices(b, x, axis)[1]
    if b.static_shape(rows)[0] == 0:
        return b.zeros((), dtype="int32")
    return b.add(b.getitem(_numbered(b, rows)[1], -1), 1)


def _numbered(b: Any, rows: Tensor) -> tuple[Tensor, Tensor]:
    """The order that sorts rows, and in that order the number of each among the different ones."""
    order = _order(b, rows)
    ordered = b.take(rows, order, axis=0)
    changed = b.not_equal(b.getitem(ordered, slice(1, None)), b.getitem(ordered, slice(None, -1)))
    changed = changed if len(b.static_shape(rows)) == 1 else b.any(changed, 1)
    return order, b.concatenate([b.zeros((1,), dtype="int32"), b.cumsum(b.cast(changed, "int32"))])


def _unique_of_nothing(b: Any, slices: Tensor, size: int, fill_value: Any) -> tuple[Tensor, ...]:
    none = b.zeros((size,), dtype="int32")
    shape = (size, *b.shape(slices)[1:])
    values = b.full(shape, 0 if fill_value is None else fill_value, dtype=b.dtype_of(slices))
    return values, none, b.zeros((0,), dtype="int32"), none


def _unique_rows(b: Any, rows: Tensor, size: int | None, fill_value: Any) -> tuple[Tensor, ...]:
    """The different rows, where each stands first, which one each row is, and how many there are of each."""
    order, number = _numbered(b, rows)
    last = b.getitem(number, -1)
    size = b.size_from(b.add(last, 1), "unique: size") if size is None else size
    index = b.segment_min(order, number, size)
    inverse = b.scatter_update(b.zeros_like(order), b.expand_dims(order, -1), number)
    there = b.less_equal(b.arange(size), last)
    index = b.where(there, index, b.getitem(order, 0))
    values = b.take(rows, index, axis=0)
    inside = there if len(b.static_shape(rows)) == 1 else b.expand_dims(there, -1)
    filler = b.cast(b.convert_to_tensor(0 if fill_value is None else fill_value), b.dtype_of(rows))
    values = b.where(inside, values, filler)
    return values, index, inverse, b.segment_sum(b.ones_like(number), number, size)


def argpartition(b: Any, x: Tensor, kth: int, axis: int = -1) -> Tensor:
    x = b.convert_to_tensor(x)
    x, axis = (b.reshape(x, (-1,)), 0) if axis is None else (x, _axis(b, "argpartition", x, axis))
    size = b.static_shape(x)[axis]
    if size is not None and not -size <= kth < size:
        raise ValueError(f"argpartition: kth={kth} is out of range for axis {axis} of shape {b.static_shape(x)}.")
    return b.argsort(x, axis)


def in_top_k(b: Any, targets: Tensor, predictions: Tensor, k: int) -> Tensor:
    targets, predictions = _integers(b, "in_top_k", targets, "targets"), b.convert_to_tensor(predictions)
    shape, given = b.static_shape(predictions), b.static_shape(targets)
    if len(shape) != len(given) + 1 or any(m != n for m, n in zip(given, shape, strict=False) if None not in (m, n)):
        raise ValueError(f"in_top_k: targets of shape {given} do not fit predictions of shape {shape}.")
    classes = b.shape(predictions)[-1]
    inside = b.logical_and(b.greater_equal(targets, 0), b.less(targets, classes))
    index = b.expand_dims(b.where(inside, targets, 0), -1)
    chosen = b.take_along_axis(predictions, index, -1)
    larger = b.count_nonzero(b.greater(predictions, chosen), -1)
    sound = b.logical_and(inside, b.squeeze(b.isfinite(chosen), -1))
    return b.logical_and(sound, b.less(larger, k))


# -- differences -----------------------------------------------------------------------------


def _ends(b: Any, x: Tensor, axis: int) -> tuple[Tensor, Tensor]:
    """x without the last, and without the first, along an axis."""
    whole = (slice(None),) * axis
    return b.getitem(x, (*whole, slice(None, -1))), b.getitem(x, (*whole, slice(1, None)))


def diff(b: Any, a: Tensor, n: int = 1, axis: int = -1) -> Tensor:
    if n < 0:
        raise ValueError(f"diff: n must not be negative; got {n}.")
    a = b.convert_to_tensor(a)
    axis = _axis(b, "diff", a, axis)
    for _ in range(n):
        before, after = _ends(b, a, axis)
        a = b.not_equal(after, before) if b.dtype_of(a) == "bool" else b.subtract(after, before)
    return a


def trapezoid(b: Any, y: Tensor, x: Tensor = None, dx: Tensor = 1.0, axis: int = -1) -> Tensor:
    if x is None:
        y, step = floated(b, y, dx)
        axis = _axis(b, "trapezoid", y, axis)
    else:
        y, x = floated(b, y, x)
        axis = _axis(b, "trapezoid", y, axis)
        shape, given = b.static_shape(y), b.static_shape(x)
        if len(given) == 1:
            x = b.reshape(x, (-1,) + (1,) * (len(shape) - 1 - axis))
            given = (1,) * axis + given + (1,) * (len(shape) - 1 - axis)
        if len(given) != len(shape) or (given[axis] != shape[axis] and None not in (given[axis], shape[axis])):
            raise ValueError(f"trapezoid: x of shape {b.static_shape(x)} does not fit y of shape {shape}.")
        before, after = _ends(b, x, axis - len(shape) + len(b.static_shape(x)))
        step = b.subtract(after, before)
    dtype = b.dtype_of(y)
    before, after = _ends(b, y, axis)
    return b.cast(b.sum(b.multiply(b.multiply(b.add(before, after), 0.5), step), axis), dtype)
