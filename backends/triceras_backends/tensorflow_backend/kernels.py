"""How operations are made on TensorFlow.

Each has a fast path for eager tensors that hands them to the single operation, and leaves to
the slow path what that operation refuses: mixed dtypes, Variables, NumPy arrays, booleans.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from triceras_backends import dtypes
from triceras_backends.contract.types import Tensor
from triceras_backends.tensorflow_backend.custom import with_gradient
from triceras_backends.tensorflow_backend.native import EagerTensor, math
from triceras_backends.tensorflow_backend.tensors import (
    BOOL,
    DTYPES,
    ERRORS,
    INEXACT,
    cast,
    convert_to_tensor,
    failed,
    float_tensor,
    promote,
    promote_float,
    scalar,
    tensor,
)

NUMBERS = frozenset({EagerTensor, float, int})
UNSIGNED = frozenset(DTYPES[name] for name in dtypes.UNSIGNED)


def binary(
    name: str,
    fn: Callable[..., Tensor],
    booleans: Callable[..., Tensor] | None = None,
    any_width: Callable[..., Tensor] | None = None,
) -> Callable[[Tensor, Tensor], Tensor]:
    """An operation on two tensors of one dtype.

    `booleans` serves where that dtype is bool; `any_width` serves all others where fn lacks some.
    """
    general = any_width or fn

    def slow(x1: Tensor, x2: Tensor) -> Tensor:
        a, b = promote(x1, x2)
        try:
            return booleans(a, b) if a.dtype is BOOL and booleans is not None else general(a, b)
        except ERRORS as error:
            raise failed(name, error, a, b) from None

    def call(x1: Tensor, x2: Tensor) -> Tensor:
        # TensorFlow itself gives a Python number the tensor's dtype, and refuses where it cannot.
        if x1.__class__ is EagerTensor and x2.__class__ in NUMBERS:
            try:
                return fn(x1, x2)
            except ERRORS:
                pass
        return slow(x1, x2)

    call.__name__ = name
    return call


def as_int32(fn: Callable[..., Tensor]) -> Callable[..., Tensor]:
    return lambda *xs: fn(*(math.cast(x, tf.int32) for x in xs))


def in_int64(fn: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """For integers of widths that the operation lacks."""

    def call(x1: Tensor, x2: Tensor) -> Tensor:
        return math.cast(fn(math.cast(x1, tf.int64), math.cast(x2, tf.int64)), x1.dtype)

    return call


def float_binary(name: str, fn: Callable[..., Tensor]) -> Callable[[Tensor, Tensor], Tensor]:
    """An operation of floats: integers and booleans become the default float first."""

    def call(x1: Tensor, x2: Tensor) -> Tensor:
        if x1.__class__ is EagerTensor and x2.__class__ in NUMBERS and x1.dtype in INEXACT:
            try:
                return fn(x1, x2)
            except ERRORS:
                pass
        a, b = promote_float(x1, x2)
        try:
            return fn(a, b)
        except ERRORS as error:
            raise failed(name, error, a, b) from None

    call.__name__ = name
    return call


def unary(
    name: str, fn: Callable[[Tensor], Tensor], fallback: Callable[[Tensor], Tensor]
) -> Callable[[Tensor], Tensor]:
    """An operation in x's dtype; `fallback` serves the dtypes that it lacks."""

    def call(x: Tensor) -> Tensor:
        if x.__class__ is EagerTensor:
            try:
                return fn(x)
            except ERRORS:
                pass
        x = convert_to_tensor(x)
        return fallback(x) if x.dtype is BOOL or x.dtype in UNSIGNED else fn(x)

    call.__name__ = name
    return call


def signed(fn: Callable[[Tensor], Tensor]) -> Callable[[Tensor], Tensor]:
    """fn of an unsigned or boolean tensor, by way of int64 (int32 and back for booleans)."""
    return lambda x: cast(fn(cast(x, tf.int64)), x.dtype)


def complex_or(real: Callable[[Tensor], Tensor], other: Callable[[Tensor], Tensor]) -> Callable[[Tensor], Tensor]:
    return lambda x: other(x) if x.dtype.is_complex else real(x)


def float_unary(name: str, fn: Callable[[Tensor], Tensor]) -> Callable[[Tensor], Tensor]:
    def call(x: Tensor) -> Tensor:
        if x.__class__ is EagerTensor and x.dtype in INEXACT:
            return fn(x)
        return fn(float_tensor(x))

    call.__name__ = name
    return call


def flat(fn: Callable[[Tensor], Tensor]) -> Callable[[Tensor], Tensor]:
    """fn with the gradient zero, where TensorFlow leaves it unconnected."""
    return with_gradient(fn, lambda upstream, result, x: tf.zeros_like(upstream))


def to_bool(x: Any) -> Tensor:
    x = tensor(x)
    if x.dtype.is_complex:
        return math.not_equal(x, scalar(0, x.dtype))  # a cast would look at the real part only
    return x if x.dtype is BOOL else cast(x, BOOL)


def in_float32(fn: Callable[[Tensor], Tensor]) -> Callable[[Tensor], Tensor]:
    """fn, computed in float32 for the narrower floats that it lacks or is not accurate in."""

    def call(*xs: Tensor) -> Tensor:
        if xs[0].dtype not in (tf.float16, tf.bfloat16):
            return fn(*xs)
        return math.cast(fn(*(math.cast(tensor(x), tf.float32) for x in xs)), xs[0].dtype)

    return call
