"""Reductions along axes."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import tensorflow as tf

from triceras_backends import dtypes
from triceras_backends.contract.types import Axis, DType, Tensor
from triceras_backends.tensorflow_backend.custom import with_gradient
from triceras_backends.tensorflow_backend.elementwise import maximum, minimum
from triceras_backends.tensorflow_backend.native import EagerTensor, array, math
from triceras_backends.tensorflow_backend.tensors import (
    BOOL,
    DTYPES,
    FLOATING,
    INEXACT,
    axes_of,
    axis_of,
    cast,
    convert_to_tensor,
    float_tensor,
    ints,
    rank_of,
    scalar,
    tensor,
    tf_dtype,
)

_WIDE: dict[tf.DType, tf.DType] = {
    dtype: DTYPES[dtypes.accumulator(name)] for name, dtype in DTYPES.items() if dtypes.accumulator(name) != name
}
_HALVES = frozenset({tf.float16, tf.bfloat16})


@functools.lru_cache(4096)
def _checked(axis: Any, rank: int, name: str) -> tuple[int, ...]:
    return axes_of(axis, rank, name)


def axes_tensor(x: Tensor, axis: Axis, name: str) -> Tensor:
    """The axes to reduce as a tensor. ValueError: out of range."""
    return ints(_checked(tuple(axis) if axis.__class__ is list else axis, rank_of(x), name))


def _widened(x: Tensor) -> Tensor:
    x = tensor(x)
    wide = _WIDE.get(x.dtype)
    return x if wide is None else math.cast(x, wide)


def sum(x: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
    if x.__class__ is not EagerTensor or x.dtype not in FLOATING:
        x = _widened(x)
    return math._sum(x, axes_tensor(x, axis, "sum"), keepdims)


def prod(x: Tensor, axis: Axis = None, keepdims: bool = False, dtype: DType | None = None) -> Tensor:
    x = _widened(x) if dtype is None else convert_to_tensor(x, tf_dtype(dtype))
    return math.prod(x, axes_tensor(x, axis, "prod"), keepdims)


def mean(x: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
    if x.__class__ is not EagerTensor or x.dtype not in INEXACT:
        x = float_tensor(x)
    return math.mean(x, axes_tensor(x, axis, "mean"), keepdims)


def var(x: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
    x = float_tensor(x)
    axes = axes_tensor(x, axis, "var")
    if x.dtype in _HALVES:
        return math.cast(var(math.cast(x, tf.float32), axis, keepdims), x.dtype)
    distance = math.sub(x, math.mean(x, axes, True))
    if x.dtype.is_complex:
        distance = math.complex_abs(distance, Tout=x.dtype.real_dtype)
    return math.mean(math.square(distance), axes, keepdims)


def std(x: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
    return math.sqrt(var(x, axis, keepdims))


def _extremum(
    name: str, fn: Callable[..., Tensor], booleans: Callable[..., Tensor], pair: Callable[..., Tensor]
) -> Any:
    def reduce(x: Tensor, axis: Axis = None, keepdims: bool = False, initial: Tensor = None) -> Tensor:
        x = tensor(x)
        axes = axes_tensor(x, axis, name)
        if 0 in x.shape and initial is None:
            _refuse_empty(name, x, axes_of(axis, rank_of(x), name))
        result = (booleans if x.dtype is BOOL else fn)(x, axes, keepdims)
        return result if initial is None else pair(result, convert_to_tensor(initial, x.dtype))

    reduce.__name__ = name
    return reduce


def _refuse_empty(name: str, x: Tensor, axes: tuple[int, ...]) -> None:
    for axis in axes:
        if x.shape[axis] == 0:
            raise ValueError(f"{name}: nothing to reduce along axis {axis} of a tensor of shape {tuple(x.shape)}.")


max = _extremum("max", math._max, math._any, maximum)
min = _extremum("min", math._min, math._all, minimum)


def _truth(name: str, fn: Callable[..., Tensor]) -> Any:
    def reduce(x: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
        x = tensor(x)
        x = x if x.dtype is BOOL else cast(x, BOOL)
        return fn(x, axes_tensor(x, axis, name), keepdims)

    reduce.__name__ = name
    return reduce


all = _truth("all", math._all)
any = _truth("any", math._any)


def _argument(name: str, fn: Callable[..., Tensor], best: float) -> Any:
    def reduce(x: Tensor, axis: int | None = None, keepdims: bool = False) -> Tensor:
        x = tensor(x)
        rank = rank_of(x)
        if axis is None:
            flat = reduce(tf.reshape(x, (-1,)), 0)
            return tf.reshape(flat, (1,) * rank) if keepdims else flat
        axis = axis_of(axis, rank, name)
        _refuse_empty(name, x, (axis,))
        if x.dtype in FLOATING:
            # NaN wins, as in NumPy; TensorFlow passes over it.
            x = math.select_v2(math.is_nan(x), scalar(best, x.dtype), x)
        elif x.dtype is BOOL:
            x = math.cast(x, tf.int32)
        found = fn(x, axis, tf.int32)
        return array.expand_dims(found, axis) if keepdims else found

    reduce.__name__ = name
    return reduce


argmax = _argument("argmax", math.arg_max, float("inf"))
argmin = _argument("argmin", math.arg_min, float("-inf"))


def count_nonzero(x: Tensor, axis: Axis = None) -> Tensor:
    x = tensor(x)
    x = x if x.dtype is BOOL else cast(x, BOOL)
    return math._sum(math.cast(x, tf.int32), axes_tensor(x, axis, "count_nonzero"))


def logsumexp(x: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
    x = float_tensor(x)
    axes = axes_tensor(x, axis, "logsumexp")
    largest = array.stop_gradient(math._max(x, axes, True))
    shift = math.select_v2(math.is_finite(largest), largest, scalar(0, x.dtype))
    result = math.log(math._sum(math.exp(math.sub(x, shift)), axes, keepdims))
    return math.add_v2(result, shift if keepdims else array.reshape(shift, tf.shape(result)))


def _cumprod(x: Tensor, axis: int) -> Tensor:
    """TensorFlow's gradient divides by x; the first zero along the axis needs the product without it."""

    def gradient(upstream: Tensor, result: Tensor, x: Tensor) -> Tensor:
        zero, one = scalar(0, x.dtype), scalar(1, x.dtype)
        zeros = math.equal(x, zero)
        first = math.logical_and(zeros, math.equal(math.cumsum(math.cast(zeros, tf.int32), axis), scalar(1, tf.int32)))
        spared = _cumprod(math.select_v2(first, one, x), axis)
        other = math.select_v2(zeros, one, x)
        by_others = math.real_div(math.cumsum(math.mul(upstream, _cumprod(x, axis)), axis, reverse=True), other)
        return math.select_v2(first, math.cumsum(math.mul(upstream, spared), axis, reverse=True), by_others)

    return with_gradient(lambda t: math.cumprod(t, axis), gradient)(x)


def _cumulative(name: str, fn: Callable[..., Tensor]) -> Any:
    def scan(x: Tensor, axis: int | None = None, dtype: DType | None = None) -> Tensor:
        x = convert_to_tensor(x, dtype)
        x = math.cast(x, tf.int32) if x.dtype is BOOL else x
        if axis is None:
            x, axis = tf.reshape(x, (-1,)), 0
        return fn(x, axis_of(axis, rank_of(x), name))

    scan.__name__ = name
    return scan


cumsum = _cumulative("cumsum", math.cumsum)
cumprod = _cumulative("cumprod", _cumprod)
