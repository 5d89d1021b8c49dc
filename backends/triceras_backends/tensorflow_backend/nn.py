"""Activations, losses and the affine map."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from triceras_backends import config
from triceras_backends.contract.types import DType, Tensor
from triceras_backends.derived import nn as composite
from triceras_backends.tensorflow_backend.native import EagerTensor, array, math
from triceras_backends.tensorflow_backend.native import nn as native
from triceras_backends.tensorflow_backend.reductions import axes_tensor
from triceras_backends.tensorflow_backend.tensors import (
    BOOL,
    ERRORS,
    FLOATING,
    axis_of,
    cast,
    convert_to_tensor,
    failed,
    float_tensor,
    ints,
    promote_float,
    rank_of,
    scalar,
    static_shape,
    tensor,
    tf_dtype,
)
from triceras_backends.tensorflow_backend.variables import Variable

# -- activations -----------------------------------------------------------------------------


def _activation(fn: Callable[[Tensor], Tensor]) -> Callable[[Tensor], Tensor]:
    """fn of a float tensor; integers and booleans become the default float first."""

    def call(x: Tensor) -> Tensor:
        return fn(x if x.__class__ is EagerTensor and x.dtype in FLOATING else float_tensor(x))

    call.__name__ = fn.__name__.lstrip("_")
    return call


def _in_own_dtype(fn: Callable[[Tensor], Tensor]) -> Callable[[Tensor], Tensor]:
    """fn of a tensor of any real dtype; booleans become int32."""

    def call(x: Tensor) -> Tensor:
        x = tensor(x)
        return fn(math.cast(x, tf.int32) if x.dtype is BOOL else x)

    return call


relu = _in_own_dtype(native.relu)
relu6 = _in_own_dtype(native.relu6)
selu = _activation(native.selu)
sigmoid = _activation(math.sigmoid)
softplus = _activation(native.softplus)


def _between(x: Tensor, low: float, high: float) -> Tensor:
    """x, no less than low and no more than high: of a tie's two sides TensorFlow gives the first the gradient."""
    return math.minimum(scalar(high, x.dtype), math.maximum(scalar(low, x.dtype), x))


@_activation
def hard_sigmoid(x: Tensor) -> Tensor:
    return math.add_v2(math.real_div(_between(x, -3, 3), scalar(6, x.dtype)), scalar(0.5, x.dtype))


@_activation
def hard_silu(x: Tensor) -> Tensor:
    inner = _between(x, -3, 3)
    share = math.add_v2(math.real_div(inner, scalar(6, x.dtype)), scalar(0.5, x.dtype))
    return math.select_v2(math.less(x, scalar(3, x.dtype)), math.mul(inner, share), x)


def hard_tanh(x: Tensor) -> Tensor:
    x = tensor(x)
    return _between(math.cast(x, tf.int32) if x.dtype is BOOL else x, -1, 1)


@_activation
def log_sigmoid(x: Tensor) -> Tensor:
    return math.neg(native.softplus(math.neg(x)))


@_activation
def sparse_sigmoid(x: Tensor) -> Tensor:
    return math.mul(math.add_v2(_between(x, -1, 1), scalar(1, x.dtype)), scalar(0.5, x.dtype))


@_activation
def sparse_plus(x: Tensor) -> Tensor:
    return math.select_v2(math.less(x, scalar(1, x.dtype)), math.square(sparse_sigmoid(x)), x)


@_activation
def tanh_shrink(x: Tensor) -> Tensor:
    return math.sub(x, math.tanh(x))


def celu(x: Tensor, alpha: float = 1.0) -> Tensor:
    return native.elu(float_tensor(x)) if alpha == 1 else composite.celu(Variable.primitives, x, alpha)


def hard_shrink(x: Tensor, threshold: float = 0.5) -> Tensor:
    x = float_tensor(x)
    near = math.less_equal(math._abs(x), scalar(threshold, x.dtype))
    return math.select_v2(near, scalar(0, x.dtype), x)


def soft_shrink(x: Tensor, threshold: float = 0.5) -> Tensor:
    composite.check_shrinkage(threshold)
    x = float_tensor(x)
    end = scalar(threshold, x.dtype)
    shrunk = math.sub(x, math.mul(math.sign(x), end))
    return math.select_v2(math.less_equal(math._abs(x), end), scalar(0, x.dtype), shrunk)


def leaky_relu(x: Tensor, negative_slope: float = 0.2) -> Tensor:
    x = float_tensor(x)
    if x.dtype == tf.float64:  # the kernel takes the slope as a float32
        return tf.where(x > 0, x, negative_slope * x)
    return native.leaky_relu(x, negative_slope)


def elu(x: Tensor, alpha: float = 1.0) -> Tensor:
    x = float_tensor(x)
    result = native.elu(x)
    if isinstance(alpha, (int, float)) and alpha == 1:
        return result
    return math.select_v2(
        math.greater(x, scalar(0, x.dtype)), result, math.mul(result, convert_to_tensor(alpha, x.dtype))
    )


def gelu(x: Tensor, approximate: bool = True) -> Tensor:
    x = float_tensor(x)
    half, one = scalar(0.5, x.dtype), scalar(1, x.dtype)
    if approximate:
        inner = math.mul(x, math.add_v2(one, math.mul(scalar(0.044715, x.dtype), math.square(x))))
        share = math.tanh(math.mul(scalar(0.7978845608028654, x.dtype), inner))
    else:
        share = math.erf(math.mul(x, scalar(0.7071067811865476, x.dtype)))
    return math.mul(math.mul(half, x), math.add_v2(one, share))


@_activation
def silu(x: Tensor) -> Tensor:
    return math.mul(x, math.sigmoid(x))


def _over_axes(last: Callable[[Tensor], Tensor], name: str) -> Callable[..., Tensor]:
    """`last` works along the last axis; other axes are brought there and back."""

    def call(x: Tensor, axis: Any = -1) -> Tensor:
        x = float_tensor(x)
        rank = rank_of(x)
        if axis == -1 and rank:
            return last(x)
        if axis is None:
            return array.reshape(last(array.reshape(x, ints((-1,)))), tf.shape(x))
        axes = sorted(axis_of(a, rank, name) for a in (axis if isinstance(axis, (tuple, list)) else (axis,)))
        if axes == [rank - 1]:
            return last(x)
        order = [i for i in range(rank) if i not in axes] + axes
        moved = array.transpose(x, ints(tuple(order)))
        flat = tf.reshape(moved, tf.concat([tf.shape(moved)[: rank - len(axes)], [-1]], 0))
        back = tuple(order.index(i) for i in range(rank))
        return array.transpose(tf.reshape(last(flat), tf.shape(moved)), ints(back))

    call.__name__ = name
    return call


softmax = _over_axes(native.softmax, "softmax")
log_softmax = _over_axes(native.log_softmax, "log_softmax")


def _along_last(x: Tensor) -> Tensor:
    """sparsemax over the last axis."""
    dtype = x.dtype
    x = cast(x, tf.float32) if dtype in (tf.float16, tf.bfloat16) else x
    zero, one = scalar(0, x.dtype), scalar(1, x.dtype)
    x = tf.math.subtract(x, tf.stop_gradient(tf.reduce_max(x, -1, keepdims=True)))
    fixed = tf.stop_gradient(x)
    ordered = tf.math.top_k(fixed, tf.shape(x)[-1]).values
    count = cast(tf.range(1, tf.shape(x)[-1] + 1), x.dtype)
    inside = ordered * count + one > tf.cumsum(ordered, -1)
    tau = tf.reduce_sum(tf.where(inside, ordered, zero), -1, keepdims=True) - one
    out = fixed <= tau / tf.reduce_sum(cast(inside, x.dtype), -1, keepdims=True)
    tau = tf.reduce_sum(tf.where(out, zero, x), -1, keepdims=True) - one
    tau = tau / tf.reduce_sum(cast(tf.logical_not(out), x.dtype), -1, keepdims=True)
    return cast(tf.where(out, zero, x - tau), dtype)


_sparsemax = _over_axes(_along_last, "sparsemax")


def sparsemax(x: Tensor, axis: int = -1) -> Tensor:
    return _sparsemax(x, axis)


def one_hot(x: Tensor, num_classes: int, axis: int = -1, dtype: DType | None = None, sparse: bool = False) -> Tensor:
    if sparse:
        raise ValueError("one_hot: sparse tensors are not supported; sparse must be False.")
    x = tensor(x)
    if x.dtype not in (tf.int32, tf.int64, tf.uint8):
        x = cast(x, tf.int32 if x.dtype is not tf.uint64 else tf.int64)
    target = tf_dtype(config.floatx() if dtype is None else dtype)
    axis = -1 if axis == -1 else axis_of(axis, rank_of(x) + 1, "one_hot")
    return array.one_hot(x, ints(int(num_classes)), scalar(1, target), scalar(0, target), axis)


# -- losses ----------------------------------------------------------------------------------


def _same_shapes(name: str, target: Tensor, output: Tensor) -> None:
    if not target.shape.is_compatible_with(output.shape):
        raise ValueError(
            f"{name}: target and output must have one shape; got {static_shape(target)} and {static_shape(output)}"
        )


def _probabilities(output: Tensor) -> Tensor:
    epsilon = config.epsilon()
    low, high = scalar(epsilon, output.dtype), scalar(1.0 - epsilon, output.dtype)
    return math.minimum(math.maximum(output, low), high)


def binary_crossentropy(target: Tensor, output: Tensor, from_logits: bool = False) -> Tensor:
    target, output = promote_float(target, output)
    _same_shapes("binary_crossentropy", target, output)
    if from_logits:
        # log(1 + exp(-|x|)) + max(x, 0) - t x; by selections, whose derivatives add up right at 0 too.
        positive = math.greater_equal(output, scalar(0, output.dtype))
        negated = math.neg(output)
        lower = math.log1p(math.exp(math.select_v2(positive, negated, output)))
        upper = math.select_v2(positive, output, scalar(0, output.dtype))
        return math.add_v2(math.sub(upper, math.mul(output, target)), lower)
    output = _probabilities(output)
    one = scalar(1, output.dtype)
    positive = math.mul(target, math.log(output))
    return math.neg(math.add_v2(positive, math.mul(math.sub(one, target), math.log(math.sub(one, output)))))


def categorical_crossentropy(target: Tensor, output: Tensor, from_logits: bool = False, axis: int = -1) -> Tensor:
    target, output = promote_float(target, output)
    _same_shapes("categorical_crossentropy", target, output)
    rank = rank_of(output)
    if not rank:
        raise ValueError("categorical_crossentropy: target and output must have at least one dimension; got shape ()")
    axis = axis_of(axis, rank, "categorical_crossentropy")
    if from_logits:
        # Not the fused kernel: its derivative takes the targets to sum to one, and has none itself.
        logs = log_softmax(output, axis)
    else:
        total = math._sum(output, axes_tensor(output, axis, "categorical_crossentropy"), True)
        logs = math.log(_probabilities(math.real_div(output, total)))
    return math.neg(math._sum(math.mul(target, logs), ints((axis,))))


def sparse_categorical_crossentropy(
    target: Tensor, output: Tensor, from_logits: bool = False, axis: int = -1
) -> Tensor:
    output, target = float_tensor(output), tensor(target)
    target = target if target.dtype in (tf.int32, tf.int64) else cast(target, tf.int32)
    rank = rank_of(output)
    if not rank:
        raise ValueError("sparse_categorical_crossentropy: output must have at least one dimension; got shape ()")
    axis = axis_of(axis, rank, "sparse_categorical_crossentropy")
    if rank_of(target) == rank and target.shape[axis] == 1:
        target = array.squeeze(target, [axis])
    expected = output.shape[:axis].concatenate(output.shape[axis + 1 :])
    if not target.shape.is_compatible_with(expected):
        raise ValueError(
            f"sparse_categorical_crossentropy: target must have output's shape without axis {axis}, {tuple(expected)}; "
            f"got target {static_shape(target)} and output {static_shape(output)}"
        )
    if axis != rank - 1:
        output = array.transpose(output, ints((*(i for i in range(rank) if i != axis), axis)))
    if from_logits and rank == 2:
        return native.sparse_softmax_cross_entropy_with_logits(output, target)[0]
    if from_logits:
        logs = native.log_softmax(output)
    else:
        logs = math.log(_probabilities(math.real_div(output, math._sum(output, ints((-1,)), True))))
    return math.neg(tf.gather(logs, target, batch_dims=rank - 1, axis=rank - 1))


# -- the affine map --------------------------------------------------------------------------


def _rows_times(x: Tensor, kernel: Tensor, bias: Tensor) -> Tensor:
    """The last axis of x times the kernel, as one product of matrices: a batched one is slow to differentiate."""
    if rank_of(x) == 2:
        return native.bias_add(math.mat_mul(x, kernel), bias)
    lead, sizes = x.shape[:-1].as_list(), None
    if lead.count(None) > 1:
        sizes = tf.concat([tf.shape(x)[:-1], tf.shape(kernel)[1:]], 0)
    else:
        sizes = ints((*(-1 if n is None else n for n in lead), -1 if kernel.shape[1] is None else kernel.shape[1]))
    if x.shape[-1] is not None and x.shape[-1] != kernel.shape[0]:
        raise tf.errors.InvalidArgumentError(None, None, "the last axis of x must be the first of the kernel")
    rows = array.reshape(x, ints((-1, kernel.shape[0])))
    return array.reshape(native.bias_add(math.mat_mul(rows, kernel), bias), sizes)


def linear(x: Tensor, kernel: Tensor, bias: Tensor) -> Tensor:
    x, kernel, bias = promote_float(x, kernel, bias)
    if rank_of(x) >= 2 and rank_of(kernel) == 2 and rank_of(bias) == 1:
        try:
            return _rows_times(x, kernel, bias)
        except ERRORS as error:
            raise failed("linear", error, x, kernel, bias) from None
    return composite.linear(Variable.primitives, x, kernel, bias)
