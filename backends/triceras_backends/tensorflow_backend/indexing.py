"""Reading and writing parts of arrays."""

from __future__ import annotations

import builtins
import functools
from typing import Any

import numpy as np
import tensorflow as tf

from triceras_backends.contract.types import Shape, Tensor
from triceras_backends.tensorflow_backend.native import EagerTensor, array, math
from triceras_backends.tensorflow_backend.tensors import (
    BOOL,
    ERRORS,
    FLOATING,
    INEXACT,
    axis_of,
    cast,
    convert_to_tensor,
    failed,
    ints,
    promote,
    rank_of,
    scalar,
    shape_tensor,
    static_shape,
    tensor,
)
from triceras_backends.variable import Variable as BaseVariable


def _index_tensor(indices: Any, name: str) -> Tensor:
    if not isinstance(indices, (tf.Tensor, BaseVariable)) and np.size(indices) == 0:
        return tf.zeros(np.shape(indices), tf.int32)
    indices = tensor(indices)
    if indices.dtype in (tf.int32, tf.int64):
        return indices
    if indices.dtype in FLOATING:
        raise ValueError(f"{name}: indices must be integers; got dtype {indices.dtype.name}")
    return cast(indices, tf.int32)


def _size(x: Tensor, axis: int, dtype: tf.DType) -> Tensor:
    size = x.shape[axis]
    return tf.cast(tf.shape(x)[axis], dtype) if size is None else scalar(size, dtype)


def _wrapped(indices: Tensor, size: Tensor) -> Tensor:
    """Indices with the negative ones counted from the end."""
    return math.select_v2(math.less(indices, scalar(0, indices.dtype)), math.add_v2(indices, size), indices)


def _clamped(indices: Tensor, size: Tensor) -> Tensor:
    zero, one = scalar(0, indices.dtype), scalar(1, indices.dtype)
    return math.minimum(math.maximum(indices, zero), math.maximum(size - one, zero))


def _known_inside(indices: Tensor, size: int | None) -> bool:
    """Whether the indices are seen to need no correction: eager values on the host can be looked at."""
    if indices.__class__ is not EagerTensor or size is None or "GPU" in indices.device:
        return False
    values = indices._numpy()
    return values.size == 0 or bool(values.min() >= 0 and values.max() < size)


def take(x: Tensor, indices: Tensor, axis: int | None = None) -> Tensor:
    x = tensor(x)
    indices = _index_tensor(indices, "take")
    if axis is None:
        x, axis = array.reshape(x, ints((-1,))), 0
    axis = axis_of(axis, rank_of(x), "take")
    if _known_inside(indices, x.shape[axis]):
        return array.gather_v2(x, indices, axis)
    if x.shape[axis] == 0:
        raise ValueError(f"take: nothing to take along axis {axis} of shape {static_shape(x)}.")
    size = _size(x, axis, indices.dtype)
    indices = _wrapped(indices, size)
    inside = _clamped(indices, size)
    taken = array.gather_v2(x, inside, axis)
    if x.dtype not in INEXACT:
        return taken
    valid = math.equal(indices, inside)
    tail = (1,) * (rank_of(x) - axis - 1)
    valid = tf.reshape(valid, tf.concat([tf.shape(valid), tail], 0)) if tail else valid
    return math.select_v2(valid, taken, scalar(float("nan"), x.dtype))


def take_along_axis(x: Tensor, indices: Tensor, axis: int | None = None) -> Tensor:
    x = tensor(x)
    indices = _index_tensor(indices, "take_along_axis")
    if axis is None:
        x, indices, axis = tf.reshape(x, (-1,)), tf.reshape(indices, (-1,)), 0
    rank = rank_of(x)
    axis = axis_of(axis, rank, "take_along_axis")
    if rank_of(indices) != rank:
        raise ValueError(
            f"take_along_axis: indices must have x's rank; got shapes {static_shape(indices)} and {static_shape(x)}."
        )
    size = _size(x, axis, indices.dtype)
    wrapped = _wrapped(indices, size)
    indices = _clamped(wrapped, size)
    order = [i for i in range(rank) if i != axis] + [axis]
    back = ints(tuple(int(i) for i in np.argsort(order)))
    moved, picks = (array.transpose(t, ints(tuple(order))) for t in (x, indices))
    try:
        moved, picks = _same_batch(moved, picks, x, indices)
        taken = array.transpose(tf.gather(moved, picks, batch_dims=rank - 1, axis=rank - 1), back)
    except ERRORS as error:
        raise failed("take_along_axis", error, x, indices) from None
    if x.dtype not in INEXACT:
        return taken
    return math.select_v2(math.equal(wrapped, indices), taken, scalar(float("nan"), x.dtype))


def _same_batch(x: Tensor, indices: Tensor, *named: Tensor) -> tuple[Tensor, Tensor]:
    """Both broadcast to one shape but for the last axis."""
    if x.shape[:-1].is_fully_defined() and x.shape[:-1] == indices.shape[:-1]:
        return x, indices
    batch = tf.broadcast_dynamic_shape(tf.shape(x)[:-1], tf.shape(indices)[:-1])
    return (
        tf.broadcast_to(x, tf.concat([batch, tf.shape(x)[-1:]], 0)),
        tf.broadcast_to(indices, tf.concat([batch, tf.shape(indices)[-1:]], 0)),
    )


# -- blocks ----------------------------------------------------------------------------------


def _starts(start_indices: Any, x: Tensor, sizes: Tensor, name: str) -> Tensor:
    if isinstance(start_indices, (list, tuple)):
        start_indices = (
            tf.stack([tf.cast(convert_to_tensor(i), tf.int32) for i in start_indices]) if start_indices else ()
        )
    starts = tf.cast(convert_to_tensor(start_indices), tf.int32)
    if starts.shape.rank != 1 or starts.shape[0] not in (None, rank_of(x)):
        raise ValueError(f"{name}: start_indices must be one an axis of shape {static_shape(x)}; got: {start_indices}")
    return math.maximum(math.minimum(starts, tf.shape(x) - sizes), 0)


def slice(inputs: Tensor, start_indices: Any, shape: Shape) -> Tensor:
    x = tensor(inputs)
    sizes = tuple(shape)
    for size, whole in zip(sizes, static_shape(x), strict=False):
        if isinstance(size, int) and whole is not None and not 0 <= size <= whole:
            raise ValueError(f"slice: a block of shape {sizes} does not fit into shape {static_shape(x)}.")
    wanted = shape_tensor(sizes)
    return array._slice(x, _starts(start_indices, x, wanted, "slice"), wanted)


def slice_update(inputs: Tensor, start_indices: Any, updates: Tensor) -> Tensor:
    x = tensor(inputs)
    updates = convert_to_tensor(updates, x.dtype)
    if rank_of(updates) != rank_of(x):
        raise ValueError(
            f"slice_update: a block of shape {static_shape(updates)} does not lie in shape {static_shape(x)}."
        )
    try:
        starts = _starts(start_indices, x, tf.shape(updates), "slice_update")
        ends, steps = starts + tf.shape(updates), tf.ones_like(starts)
        return array.tensor_strided_slice_update(x, starts, ends, steps, updates)
    except ERRORS as error:
        raise failed("slice_update", error, x, updates) from None


# -- scatter ---------------------------------------------------------------------------------


def scatter(indices: Tensor, values: Tensor, shape: Shape) -> Tensor:
    values = tensor(values)
    return _scattered("scatter", array.fill(shape_tensor(shape), scalar(0, values.dtype)), indices, values, "add")


_REDUCTIONS = {
    None: array.tensor_scatter_update,
    "add": array.tensor_scatter_add,
    "max": array.tensor_scatter_max,
    "min": array.tensor_scatter_min,
}


def scatter_update(inputs: Tensor, indices: Tensor, updates: Tensor, reduction: str | None = None) -> Tensor:
    if reduction not in (*_REDUCTIONS, "mul"):
        raise ValueError(f'scatter_update: reduction must be None, "add", "max", "min" or "mul"; got: {reduction!r}')
    return _scattered("scatter_update", tensor(inputs), indices, updates, reduction)


def _scattered(name: str, x: Tensor, indices: Any, updates: Any, reduction: str | None) -> Tensor:
    """x updated at the indices; those out of range change nothing."""
    indices, updates = _index_tensor(indices, name), convert_to_tensor(updates, x.dtype)
    if x.dtype is BOOL and reduction is not None:
        return cast(_scattered(name, cast(x, tf.int32), indices, cast(updates, tf.int32), reduction), BOOL)
    if reduction == "mul":
        method: Any = _scatter_multiply
    elif reduction in ("max", "min") and x.dtype in FLOATING:
        method = functools.partial(_scatter_extreme, reduction=reduction)
    else:
        method = _REDUCTIONS[reduction]
    try:
        depth, shape = indices.shape[-1], tf.cast(tf.shape(x), indices.dtype)
        updates = _as_many(updates, x, indices, depth)
        if not depth:
            return method(x, indices, updates)
        if 0 in x.shape[depth:]:  # TensorFlow refuses to scatter nothing
            return x
        indices = _wrapped(indices, shape[:depth])
        inside = tf.reduce_all((indices >= 0) & (indices < shape[:depth]), -1, keepdims=True)
        if inside.__class__ is EagerTensor and "GPU" not in inside.device and inside._numpy().all():
            return method(x, indices, updates)
        # What is out of range goes to one row more, which is cut off again.
        outside = tf.concat([shape[:1], tf.zeros((depth - 1,), indices.dtype)], 0)
        larger = tf.concat([x, tf.zeros(tf.concat([[1], tf.shape(x)[1:]], 0), x.dtype)], 0)
        written = method(larger, math.select_v2(inside, indices, outside), updates)[: tf.shape(x)[0]]
        return tf.ensure_shape(written, x.shape)
    except ERRORS as error:
        raise failed(name, error, x, indices, updates) from None


def _as_many(updates: Tensor, x: Tensor, indices: Tensor, depth: int) -> Tensor:
    """One update for each tuple of indices."""
    wanted = indices.shape[:-1].concatenate(x.shape[depth:])
    if updates.shape == wanted or not (wanted.is_fully_defined() and updates.shape.is_fully_defined()):
        return updates
    return array.broadcast_to(updates, ints(tuple(wanted)))


def _scatter_extreme(x: Tensor, indices: Tensor, updates: Tensor, reduction: str) -> Tensor:
    """NaN wins, which TensorFlow's comparisons pass over."""
    missing = math.is_nan(updates)
    least = scalar(float("-inf" if reduction == "max" else "inf"), x.dtype)
    result = _REDUCTIONS[reduction](x, indices, math.select_v2(missing, least, updates))
    found = array.tensor_scatter_max(tf.zeros(tf.shape(x), tf.int32), indices, math.cast(missing, tf.int32))
    lost = math.logical_or(math.is_nan(x), math.greater(found, scalar(0, tf.int32)))
    return math.select_v2(lost, scalar(float("nan"), x.dtype), result)


def _scatter_multiply(x: Tensor, indices: Tensor, updates: Tensor) -> Tensor:
    """TensorFlow has no such kernel: products of the updates by segments of the flattened head axes."""
    depth = indices.shape[-1]
    head, tail = tf.shape(x)[:depth], tf.shape(x)[depth:]
    strides = tf.math.cumprod(head, exclusive=True, reverse=True)
    segments = tf.reshape(tf.reduce_sum(tf.cast(indices, tf.int32) * strides, -1), (-1,))
    rows = tf.reshape(
        tf.broadcast_to(updates, tf.concat([tf.shape(indices)[:-1], tail], 0)), tf.concat([[-1], tail], 0)
    )
    factors = tf.math.unsorted_segment_prod(rows, segments, tf.reduce_prod(head))
    return x * tf.reshape(factors, tf.shape(x))


# -- getitem ---------------------------------------------------------------------------------


def getitem(x: Tensor, key: Any) -> Tensor:
    x = tensor(x)
    keys = key if isinstance(key, tuple) else (key,)
    keys = tuple(k.value if isinstance(k, BaseVariable) else k for k in keys)
    try:
        if all_basic(keys):
            return x[keys]
        return _advanced(x, _expanded(x, keys))
    except (IndexError, *ERRORS) as error:
        if isinstance(error, TypeError):
            raise
        text = getattr(error, "message", None) or str(error)
        raise ValueError(
            f"getitem: {key!r} does not fit a tensor of shape {static_shape(x)}. {text.splitlines()[0]}"
        ) from None


def all_basic(keys: tuple[Any, ...]) -> bool:
    """Whether TensorFlow's own indexing takes the keys: no arrays among them."""
    return builtins.all(
        k is None or k is Ellipsis or (isinstance(k, (int, np.integer)) and not isinstance(k, bool)) or _is_slice(k)
        for k in keys
    )


def _is_slice(k: Any) -> bool:
    return isinstance(k, builtins.slice)


def _expanded(x: Tensor, keys: tuple[Any, ...]) -> list[Any]:
    """Keys with arrays as integer tensors, boolean arrays as those of their True places, no Ellipsis."""
    found: list[Any] = []
    for k in keys:
        if k is None or k is Ellipsis or _is_slice(k) or (isinstance(k, (int, np.integer)) and not isinstance(k, bool)):
            found.append(k)
            continue
        k = convert_to_tensor(k if not isinstance(k, (list, tuple)) or len(k) else np.zeros(0, np.int32))
        if k.dtype is BOOL:
            _check_mask(x, k, found)
            found.extend(tf.unstack(tf.cast(array.where(k), tf.int32), num=rank_of(k), axis=1))
        else:
            found.append(_index_tensor(k, "getitem"))
    used = sum(k is not None and k is not Ellipsis for k in found)
    rest = [builtins.slice(None)] * (rank_of(x) - used)
    place = next((i for i, k in enumerate(found) if k is Ellipsis), None)
    return found + rest if place is None else found[:place] + rest + found[place + 1 :]


def _check_mask(x: Tensor, mask: Tensor, before: list[Any]) -> None:
    first = sum(k is not None and k is not Ellipsis for k in before)
    if Ellipsis in [k for k in before if not isinstance(k, tf.Tensor)]:
        return
    covered = x.shape[first : first + rank_of(mask)]
    if not covered.is_compatible_with(mask.shape):
        raise ValueError(f"The mask of shape {static_shape(mask)} must cover axes of its own sizes.")


def _advanced(x: Tensor, keys: list[Any]) -> Tensor:
    arrays = [i for i, k in enumerate(keys) if isinstance(k, (tf.Tensor, int, np.integer))]
    together = arrays == list(range(arrays[0], arrays[-1] + 1))
    # First what is basic, with the axes of arrays left whole; then the arrays all at once.
    x = x[tuple(builtins.slice(None) if i in arrays else k for i, k in enumerate(keys))]
    picks = [tensor(keys[i]) if isinstance(keys[i], tf.Tensor) else ints(int(keys[i])) for i in arrays]
    picks = [_wrapped(p, _size(x, axis, p.dtype)) for p, axis in zip(picks, arrays, strict=True)]
    place = arrays[0] if together else 0
    if len(picks) == 1:
        return array.gather_v2(x, picks[0], arrays[0])
    picks = promote(*picks)
    shape = picks[0].shape
    for pick in picks[1:]:
        shape = tf.broadcast_static_shape(shape, pick.shape)
    rest = [i for i in range(rank_of(x)) if i not in arrays]
    moved = array.transpose(x, ints((*arrays, *rest)))
    dynamic = tf.shape(sum(picks[1:], picks[0]))
    together_picks = tf.stack([tf.broadcast_to(p, shape if shape.is_fully_defined() else dynamic) for p in picks], -1)
    taken = array.gather_nd(moved, together_picks)
    if place == 0:
        return taken
    width = len(shape)
    order = [*range(width, width + place), *range(width), *range(width + place, rank_of(taken))]
    return array.transpose(taken, ints(tuple(order)))
