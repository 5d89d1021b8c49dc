"""Creation, shape and sorting of arrays; indexing is in `indexing`."""

from __future__ import annotations

import builtins
import functools
import operator
from math import ceil
from typing import Any

import numpy as np
import tensorflow as tf

from triceras_backends import checks, config
from triceras_backends.contract.types import Axis, DType, Shape, Tensor, Tensors
from triceras_backends.tensorflow_backend.indexing import getitem as getitem
from triceras_backends.tensorflow_backend.indexing import scatter as scatter
from triceras_backends.tensorflow_backend.indexing import scatter_update as scatter_update
from triceras_backends.tensorflow_backend.indexing import slice as slice
from triceras_backends.tensorflow_backend.indexing import slice_update as slice_update
from triceras_backends.tensorflow_backend.indexing import take as take
from triceras_backends.tensorflow_backend.indexing import take_along_axis as take_along_axis
from triceras_backends.tensorflow_backend.native import EagerTensor, array, math, nn
from triceras_backends.tensorflow_backend.tensors import (
    BOOL,
    DTYPES,
    ERRORS,
    FLOATING,
    INEXACT,
    axes_of,
    axis_of,
    cast,
    convert_to_tensor,
    dtype_of,
    failed,
    float_dtype,
    ints,
    joined,
    promote,
    rank_of,
    scalar,
    shape_tensor,
    static_shape,
    tensor,
    tf_dtype,
)

# -- creation --------------------------------------------------------------------------------


def _target(dtype: DType | None) -> tf.DType:
    return DTYPES[config.floatx()] if dtype is None else tf_dtype(dtype)


def zeros(shape: Shape, dtype: DType | None = None) -> Tensor:
    return array.fill(shape_tensor(shape), scalar(0, _target(dtype)))


def ones(shape: Shape, dtype: DType | None = None) -> Tensor:
    return array.fill(shape_tensor(shape), scalar(1, _target(dtype)))


def full(shape: Shape, fill_value: Tensor, dtype: DType | None = None) -> Tensor:
    value = convert_to_tensor(fill_value, _target(dtype))
    return array.fill(shape_tensor(shape), value) if value.shape.rank == 0 else broadcast_to(value, shape)


def _like(value: int) -> Any:
    def create(x: Tensor, dtype: DType | None = None) -> Tensor:
        x = tensor(x)
        target = x.dtype if dtype is None else tf_dtype(dtype)
        return array.fill(_shape_of(x), scalar(value, target))

    return create


zeros_like = _like(0)
ones_like = _like(1)


def full_like(x: Tensor, fill_value: Tensor, dtype: DType | None = None) -> Tensor:
    x = tensor(x)
    value = convert_to_tensor(fill_value, x.dtype if dtype is None else tf_dtype(dtype))
    return array.broadcast_to(value, _shape_of(x))


def _shape_of(x: Tensor) -> Tensor:
    return shape_tensor(x.shape.as_list()) if x.shape.is_fully_defined() else tf.shape(x)


def arange(start: Tensor, stop: Tensor = None, step: Tensor = None, dtype: DType | None = None) -> Tensor:
    if stop is None:
        start, stop = 0, start
    step = 1 if step is None else step
    if dtype is None and start.__class__ is stop.__class__ is int and step == 1 and -(2**31) <= start <= stop < 2**31:
        return math._range(ints(start), ints(stop), ints(1))
    target = joined(start, stop, step) if dtype is None else tf_dtype(dtype)
    parts = [part if isinstance(part, (int, float)) else convert_to_tensor(part) for part in (start, stop, step)]
    exact = tf.float64 if builtins.any(dtype_of(part).startswith(("float", "bfloat")) for part in parts) else tf.int64
    if builtins.all(isinstance(part, (int, float)) or part.__class__ is EagerTensor for part in parts):
        first, last, by = (part if isinstance(part, (int, float)) else part.numpy().item() for part in parts)
        checks.step(by)
        counts = tf.range(builtins.max(0, ceil((last - first) / by)), dtype=tf.int64)
        if (first, by) != (0, 1):
            counts = cast(counts, exact) * tf.constant(by, exact) + tf.constant(first, exact)
        return cast(counts, target)
    # tf.range refuses a step that leads away from `stop`, where the result is empty.
    first, last, by = (cast(convert_to_tensor(part), exact) for part in parts)
    last = tf.where((last - first) * by < 0, first, last)
    return cast(math._range(first, last, by), target)


def linspace(
    start: Tensor,
    stop: Tensor,
    num: int = 50,
    endpoint: bool = True,
    retstep: bool = False,
    dtype: DType | None = None,
    axis: int = 0,
) -> Any:
    num = operator.index(num)
    if num < 0:
        raise ValueError(f"linspace: num must not be negative; got: {num}")
    target = float_dtype(joined(start, stop)) if dtype is None else tf_dtype(dtype)
    within = float_dtype(target)
    start, stop = convert_to_tensor(start, within), convert_to_tensor(stop, within)
    start, stop = start + tf.zeros_like(stop), stop + tf.zeros_like(start)
    axis = axis_of(axis, rank_of(start) + 1, "linspace")
    parts = num - 1 if endpoint else num
    step = (stop - start) / parts if parts > 0 else tf.fill(tf.shape(start), tf.constant(float("nan"), within))
    index = tf.reshape(tf.cast(tf.range(num), within), (num,) + (1,) * rank_of(start))
    values = start + (index * step if parts > 0 else index)
    if endpoint and num > 1:
        # The end itself, which rounding would miss.
        values = tf.where(index == num - 1, stop, values)
    values = moveaxis(values, 0, axis)
    values = cast(tf.floor(values) if target.is_integer else values, target)
    return (values, step) if retstep else values


def eye(N: int, M: int | None = None, k: int = 0, dtype: DType | None = None) -> Tensor:
    rows, columns = tf.range(N)[:, None], tf.range(N if M is None else M)[None, :]
    return tf.cast(tf.equal(rows + k, columns), _target(dtype))


def identity(n: int, dtype: DType | None = None) -> Tensor:
    return eye(n, dtype=dtype)


def meshgrid(*x: Tensor, indexing: str = "xy") -> Any:
    if indexing not in ("xy", "ij"):
        raise ValueError(f'meshgrid: indexing must be "xy" or "ij"; got: {indexing!r}')
    vectors = [ravel(v) for v in x]
    order = list(range(len(vectors)))
    if indexing == "xy" and len(vectors) > 1:
        order[:2] = [1, 0]
    sizes = [_shape_of(vectors[i])[0] for i in order]
    shape = tf.stack(sizes) if None in [v.shape[0] for v in vectors] else [vectors[i].shape[0] for i in order]
    grids = []
    for position, vector in enumerate(vectors):
        place = [1] * len(vectors)
        place[order.index(position)] = -1
        grids.append(tf.broadcast_to(tf.reshape(vector, place), shape))
    return grids


def _triangle(x: Tensor, k: int, keep: Any, name: str) -> Tensor:
    x = tensor(x)
    if rank_of(x) < 2:
        raise ValueError(f"{name}: x must have at least two dimensions; got shape {static_shape(x)}")
    sizes = tf.shape(x)
    rows, columns = tf.range(sizes[-2])[:, None], tf.range(sizes[-1])[None, :]
    return math.select_v2(keep(columns - rows, k), x, scalar(0, x.dtype))


def _band(x: Tensor, below: int, above: int) -> Tensor | None:
    """The diagonals from `below` under the main one to `above` over it (-1: all), by the kernel where it can."""
    x = tensor(x)
    if x.__class__ is not EagerTensor or x.shape.rank < 2 or not -1 <= below <= x.shape[-2] or above > x.shape[-1]:
        return None
    return array.matrix_band_part(x, ints(below), ints(above)) if above >= -1 else None


def tril(x: Tensor, k: int = 0) -> Tensor:
    band = _band(x, -1, k) if k >= 0 else None
    if band is not None:
        return band
    return _triangle(x, k, math.less_equal, "tril")


def triu(x: Tensor, k: int = 0) -> Tensor:
    band = _band(x, -k, -1) if k <= 0 else None
    if band is not None:
        return band
    return _triangle(x, k, math.greater_equal, "triu")


def diag(x: Tensor, k: int = 0) -> Tensor:
    x = tensor(x)
    rank = rank_of(x)
    if rank == 1:
        return tf.linalg.diag(x, k=k)
    if rank == 2:
        return diagonal(x, k)
    raise ValueError(f"diag: x must have one or two dimensions; got shape {static_shape(x)}")


def diagonal(x: Tensor, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Tensor:
    x = tensor(x)
    rank = rank_of(x)
    if rank < 2:
        raise ValueError(f"diagonal: x must have at least two dimensions; got shape {static_shape(x)}")
    axis1, axis2 = axis_of(axis1, rank, "diagonal"), axis_of(axis2, rank, "diagonal")
    if axis1 == axis2:
        raise ValueError(f"diagonal: axis1 and axis2 are both {axis1}; they must differ.")
    x = moveaxis(x, (axis1, axis2), (-2, -1))
    rows, columns = x.shape[-2], x.shape[-1]
    if rows is not None and columns is not None and not -rows < offset < columns:
        return tf.zeros((*x.shape[:-2], 0), x.dtype)
    return tf.linalg.diag_part(x, k=offset)


# -- shape -----------------------------------------------------------------------------------


def reshape(x: Tensor, newshape: Shape) -> Tensor:
    x = tensor(x)
    try:
        return array.reshape(x, shape_tensor((newshape,) if isinstance(newshape, int) else newshape))
    except ERRORS as error:
        raise ValueError(f"reshape: a tensor of shape {static_shape(x)} has no shape {newshape}. {error}") from None


@functools.lru_cache(4096)
def _permutation(axes: tuple[int, ...] | None, rank: int) -> tuple[int, ...]:
    if axes is None:
        return tuple(reversed(range(rank)))
    order = axes_of(axes, rank, "transpose")
    if len(order) != rank:
        raise ValueError(f"transpose: axes {axes} must name each of the {rank} dimensions once.")
    return order


def transpose(x: Tensor, axes: Shape | None = None) -> Tensor:
    x = tensor(x)
    return array.transpose(x, ints(_permutation(None if axes is None else tuple(axes), rank_of(x))))


def ravel(x: Tensor) -> Tensor:
    return array.reshape(tensor(x), ints((-1,)))


def expand_dims(x: Tensor, axis: Axis) -> Tensor:
    x = tensor(x)
    if axis.__class__ is int:
        return array.expand_dims(x, axis_of(axis, rank_of(x) + 1, "expand_dims"))
    rank = rank_of(x) + len(axis)  # type: ignore[arg-type]
    for position in builtins.sorted(axes_of(axis, rank, "expand_dims")):
        x = array.expand_dims(x, position)
    return x


def squeeze(x: Tensor, axis: Axis = None) -> Tensor:
    x = tensor(x)
    axes = [] if axis is None else list(axes_of(axis, rank_of(x), "squeeze"))
    for position in axes:
        if x.shape[position] not in (1, None):
            raise ValueError(f"squeeze: axis {position} of shape {static_shape(x)} has not size 1.")
    if axis is not None and not axes:
        return x
    return array.squeeze(x, axes)


def moveaxis(x: Tensor, source: Axis, destination: Axis) -> Tensor:
    x = tensor(x)
    rank = rank_of(x)
    sources, destinations = axes_of(source, rank, "moveaxis"), axes_of(destination, rank, "moveaxis")
    if len(sources) != len(destinations):
        raise ValueError(f"moveaxis: source {source} and destination {destination} must be of the same length.")
    order = [axis for axis in range(rank) if axis not in sources]
    for place, axis in builtins.sorted(zip(destinations, sources, strict=True)):
        order.insert(place, axis)
    return x if order == list(range(rank)) else array.transpose(x, ints(tuple(order)))


def swapaxes(x: Tensor, axis1: int, axis2: int) -> Tensor:
    x = tensor(x)
    rank = rank_of(x)
    order = list(range(rank))
    axis1, axis2 = axis_of(axis1, rank, "swapaxes"), axis_of(axis2, rank, "swapaxes")
    order[axis1], order[axis2] = axis2, axis1
    return array.transpose(x, ints(tuple(order)))


def broadcast_to(x: Tensor, shape: Shape) -> Tensor:
    x = tensor(x)
    try:
        return array.broadcast_to(x, shape_tensor((shape,) if isinstance(shape, int) else shape))
    except ERRORS as error:
        raise ValueError(f"broadcast_to: shape {static_shape(x)} does not broadcast to {shape}. {error}") from None


def _one_dtype(xs: Tensors, name: str) -> list[Tensor]:
    xs = list(tf.unstack(xs) if isinstance(xs, tf.Tensor) else xs)
    if not xs:
        raise ValueError(f"{name}: needs at least one tensor.")
    first = xs[0]
    if first.__class__ is EagerTensor:
        for x in xs:
            if x.__class__ is not EagerTensor or x.dtype is not first.dtype:
                break
        else:
            return xs
    return promote(*xs)


def concatenate(xs: Tensors, axis: int = 0) -> Tensor:
    xs = _one_dtype(xs, "concatenate")
    axis = axis_of(axis, rank_of(xs[0]), "concatenate")
    if len(xs) == 1:
        return xs[0]
    try:
        return array.concat_v2(xs, axis)
    except ERRORS as error:
        raise failed("concatenate", error, *xs) from None


def stack(x: Tensors, axis: int = 0) -> Tensor:
    xs = _one_dtype(x, "stack")
    axis = axis_of(axis, rank_of(xs[0]) + 1, "stack")
    try:
        return array.pack(xs, axis)
    except ERRORS as error:
        raise failed("stack", error, *xs) from None


def unstack(x: Tensor, num: int | None = None, axis: int = 0) -> Any:
    x = tensor(x)
    axis = axis_of(axis, rank_of(x), "unstack")
    size = x.shape[axis]
    if num is not None and size not in (None, num):
        raise ValueError(f"unstack: axis {axis} of shape {static_shape(x)} has not the {num} slices asked for.")
    if num is None and size is None:
        raise ValueError(f"unstack: the size of axis {axis} of shape {static_shape(x)} is unknown; give num.")
    return list(array.unpack(x, size if num is None else num, axis))


def split(x: Tensor, indices_or_sections: Any, axis: int = 0) -> Any:
    x = tensor(x)
    axis = axis_of(axis, rank_of(x), "split")
    size = x.shape[axis]
    if isinstance(indices_or_sections, (int, np.integer)):
        sections = int(indices_or_sections)
        if sections < 1 or (size is not None and size % sections):
            raise ValueError(
                f"split: axis {axis} of shape {static_shape(x)} is not divisible into {sections} equal parts."
            )
        return list(array.split(axis, x, sections))
    cuts = [int(cut) for cut in indices_or_sections]
    if size is None:
        raise ValueError(
            f"split: the size of axis {axis} of shape {static_shape(x)} must be known to cut it at {cuts}."
        )
    cuts = [builtins.min(cut if cut >= 0 else builtins.max(cut + size, 0), size) for cut in cuts]
    bounds = [0, *cuts, size]
    whole = (builtins.slice(None),) * axis
    return [x[(*whole, builtins.slice(a, builtins.max(a, b)))] for a, b in zip(bounds, bounds[1:], strict=False)]


def tile(x: Tensor, repeats: Any) -> Tensor:
    x = tensor(x)
    repeats = tuple(repeats) if isinstance(repeats, (tuple, list)) else tuple(np.atleast_1d(repeats).tolist())
    rank = rank_of(x)
    if len(repeats) > rank:
        x = x[(None,) * (len(repeats) - rank)]
    return array.tile(x, shape_tensor((1,) * (rank - len(repeats)) + repeats))


def repeat(x: Tensor, repeats: Any, axis: int | None = None) -> Tensor:
    x = tensor(x)
    if axis is None:
        x, axis = ravel(x), 0
    axis = axis_of(axis, rank_of(x), "repeat")
    checks.repeats(repeats)
    if isinstance(repeats, (tuple, list)) and len(repeats) == 1:
        repeats = repeats[0]
    if isinstance(repeats, (int, list, tuple, np.ndarray)) and x.shape[axis] is not None:
        return tf.gather(x, np.repeat(np.arange(x.shape[axis]), repeats), axis=axis)
    counts = tf.broadcast_to(tf.cast(convert_to_tensor(repeats), tf.int32), tf.shape(x)[axis : axis + 1])
    return tf.gather(x, tf.repeat(tf.range(tf.shape(x)[axis]), counts), axis=axis)


def flip(x: Tensor, axis: Axis = None) -> Tensor:
    x = tensor(x)
    return array.reverse_v2(x, ints(axes_of(axis, rank_of(x), "flip")))


def roll(x: Tensor, shift: Any, axis: Axis = None) -> Tensor:
    x = tensor(x)
    if axis is None:
        return tf.reshape(tf.roll(ravel(x), tf.reduce_sum(shift), 0), tf.shape(x))
    if shift.__class__ is int and axis.__class__ is int:
        return tf.roll(x, shift, axis_of(axis, rank_of(x), "roll"))
    axes = tuple(axis_of(a, rank_of(x), "roll") for a in (axis if isinstance(axis, (tuple, list)) else (axis,)))
    shift = tf.broadcast_to(tf.cast(convert_to_tensor(shift), tf.int32), (len(axes),))
    return tf.roll(x, shift, axes)


def pad(x: Tensor, pad_width: Any, mode: str = "constant", constant_values: Any = None) -> Tensor:
    x = tensor(x)
    widths = checks.padding(static_shape(x), pad_width, mode, constant_values)
    if not widths:
        return x
    if mode in ("constant", "empty"):
        value = convert_to_tensor(0 if constant_values is None else constant_values, x.dtype)
        return array.pad_v2(x, ints(tuple(widths)), value)
    for axis, (before, after) in enumerate(widths):
        if before or after:
            x = _pad_axis(x, axis, before, after, mode)
    return x


def _pad_axis(x: Tensor, axis: int, before: int, after: int, mode: str) -> Tensor:
    if mode == "linear_ramp":
        ends = (tf.gather(x, [0], axis=axis), tf.gather(x, tf.shape(x)[axis : axis + 1] - 1, axis=axis))
        return tf.concat([_ramp(ends[0], axis, before), x, flip(_ramp(ends[1], axis, after), axis)], axis)
    if mode in checks.PAD_STATISTICS:
        value = _edge_value(x, axis, mode)
        return tf.concat([tf.repeat(value, before, axis), x, tf.repeat(value, after, axis)], axis)
    size = x.shape[axis]
    if size is not None:
        return tf.gather(x, checks.padded_places(size, before, after, mode), axis=axis)
    if mode in ("reflect", "symmetric"):
        widths = [(before, after) if i == axis else (0, 0) for i in range(rank_of(x))]
        return tf.pad(x, widths, mode=mode.upper())
    size = tf.shape(x)[axis]
    places = tf.range(-before, size + after)
    return tf.gather(x, tf.clip_by_value(places, 0, size - 1) if mode == "edge" else places % size, axis=axis)


def _edge_value(x: Tensor, axis: int, mode: str) -> Tensor:
    """The statistic that pads an axis, in x's dtype; of integers the nearest whole number."""
    wide = x if x.dtype in INEXACT else cast(x, tf.float64)
    if mode == "maximum":
        value = tf.reduce_max(wide, axis, keepdims=True)
    elif mode == "minimum":
        value = tf.reduce_min(wide, axis, keepdims=True)
    elif mode == "mean":
        value = tf.reduce_mean(wide, axis, keepdims=True)
    else:
        size = _shape_of(x)[axis]
        middle = tf.stack([(size - 1) // 2, size // 2])
        value = tf.reduce_mean(tf.gather(sort(wide, axis), middle, axis=axis), axis, keepdims=True)
    return value if wide is x else cast(tf.round(value), x.dtype)


def _ramp(edge: Tensor, axis: int, count: int) -> Tensor:
    """From 0 up to the edge, without it; of integers the whole number below."""
    wide = edge if edge.dtype in INEXACT else cast(edge, tf.float64)
    place = tf.cast(tf.range(count), wide.dtype) / builtins.max(count, 1)
    ramp = wide * tf.reshape(place, [-1 if i == axis else 1 for i in range(rank_of(edge))])
    return ramp if wide is edge else cast(tf.floor(ramp), edge.dtype)


# -- sorting ---------------------------------------------------------------------------------

_BITS = {tf.float16: tf.int16, tf.bfloat16: tf.int16, tf.float32: tf.int32, tf.float64: tf.int64}


def _order_keys(x: Tensor) -> Tensor:
    """Numbers that sort as x does: for floats integers, because TopK's comparisons go astray at NaN."""
    if x.dtype is BOOL:
        return math.cast(x, tf.int32)
    if x.dtype not in FLOATING:
        return x
    integer = _BITS[x.dtype]
    # Adding zero makes -0.0 and 0.0 equal; every NaN becomes the same one, above infinity.
    x = math.select_v2(math.is_nan(x), scalar(float("nan"), x.dtype), math.add_v2(x, scalar(0, x.dtype)))
    bits = array.bitcast(x, integer)
    lowest = scalar(integer.max, integer)
    return math.select_v2(math.less(bits, scalar(0, integer)), tf.bitwise.bitwise_xor(bits, lowest), bits)


def sort(x: Tensor, axis: int = -1) -> Tensor:
    x = tensor(x)
    if axis is None:
        x, axis = ravel(x), 0
    axis = axis_of(axis, rank_of(x), "sort")
    if x.dtype not in FLOATING:
        return cast(tf.sort(_order_keys(x), axis=axis), x.dtype)
    return _picked(x, argsort(x, axis), axis)


def _picked(x: Tensor, order: Tensor, axis: int) -> Tensor:
    last = rank_of(x) - 1
    if axis == last:
        return tf.gather(x, order, batch_dims=last, axis=last)
    return swapaxes(_picked(swapaxes(x, axis, last), swapaxes(order, axis, last), last), axis, last)


def argsort(x: Tensor, axis: int = -1) -> Tensor:
    x = tensor(x)
    if axis is None:
        x, axis = ravel(x), 0
    axis = axis_of(axis, rank_of(x), "argsort")
    return tf.argsort(_order_keys(x), axis=axis, stable=True)


def top_k(x: Tensor, k: int, sorted: bool = True) -> Any:
    x = tensor(x)
    size = x.shape[-1] if rank_of(x) else None
    if not x.shape.rank or (size is not None and k > size):
        raise ValueError(f"top_k: k={k} is more than the last axis of shape {static_shape(x)} has.")
    values, indices = nn.top_kv2(_order_keys(x), k, sorted)
    if x.dtype not in FLOATING:
        return cast(values, x.dtype), indices
    return _picked(x, indices, rank_of(x) - 1), indices


def searchsorted(sorted_sequence: Tensor, values: Tensor, side: str = "left") -> Tensor:
    if side not in ("left", "right"):
        raise ValueError(f'searchsorted: side must be "left" or "right"; got: {side!r}')
    sequence, values = promote(sorted_sequence, values)
    if rank_of(sequence) != 1:
        raise ValueError(f"searchsorted: sorted_sequence must have one dimension; got shape {static_shape(sequence)}")
    sequence, values = _order_keys(sequence), _order_keys(values)
    return tf.reshape(tf.searchsorted(sequence, tf.reshape(values, (-1,)), side=side), tf.shape(values))
