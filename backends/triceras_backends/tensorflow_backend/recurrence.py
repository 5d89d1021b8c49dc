"""Recurrent networks on TensorFlow: an LSTM of one fused operation, with a gradient of its own.

The gates' derivatives are worked out for all steps at once, so that the loop back in time has
seven small operations a step; products with the weights follow it, again for all steps at once.
The operation's registered gradient is neither right for this gate order nor faster.

The operation takes no mask. A mask of any layout is served by moving each sequence's valid
steps to its front.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import tensorflow as tf

from triceras_backends.contract.types import Tensor
from triceras_backends.derived import recurrence as composite
from triceras_backends.tensorflow_backend import arrays, elementwise, indexing, linalg, loops, nn, tensors
from triceras_backends.tensorflow_backend.custom import with_backward

# The primitives that the plain loop is made of.
_plain: Any = SimpleNamespace()
for _module in (arrays, elementwise, indexing, linalg, loops, nn, tensors):
    vars(_plain).update({name: value for name, value in vars(_module).items() if not name.startswith("_")})
_plain.swapaxes = lambda x, a, b: tf.transpose(x, (1, 0, *range(2, x.shape.rank)))

# Longer sequences go back in time in a graph's loop, which is slower to run but quicker to trace.
_UNROLLED = 256

_FUSED = (tf.float32, tf.float16)


def lstm(
    inputs: Tensor,
    h: Tensor,
    c: Tensor,
    kernel: Tensor,
    recurrent_kernel: Tensor,
    bias: Tensor | None = None,
    mask: Tensor | None = None,
    reverse: bool = False,
) -> tuple[Tensor, Tensor, Tensor]:
    if inputs.dtype not in _FUSED or inputs.shape[1] in (None, 0):
        return composite.lstm(_plain, inputs, h, c, kernel, recurrent_kernel, bias, mask, reverse)
    if bias is None:
        bias = tf.zeros(kernel.shape[-1], kernel.dtype)
    axes = [1, 0, 2]
    inputs = tf.reverse(inputs, [1]) if reverse else inputs
    weights = (h, c, kernel, recurrent_kernel, bias)
    if mask is None:
        outputs, c = with_backward(lambda *xs: _fused(False, *xs), [tf.transpose(inputs, axes), *weights])
        return tf.transpose(outputs, axes), outputs[-1], c
    mask = tf.cast(tf.reverse(mask, [1]) if reverse else mask, tf.bool)
    valid_first = tf.argsort(tf.cast(tf.logical_not(mask), tf.int32), 1, stable=True)
    compact = tf.gather(inputs, valid_first, batch_dims=1)
    outputs, cells = with_backward(lambda *xs: _fused(True, *xs), [tf.transpose(compact, axes), *weights])
    outputs, cells = tf.transpose(outputs, axes), tf.transpose(cells, axes)
    index = tf.cumsum(tf.cast(mask, tf.int32), 1) - 1
    last = tf.maximum(index[:, -1:], 0)
    some = index[:, -1:] >= 0
    h, c = (tf.where(some, tf.gather(x, last, batch_dims=1)[:, 0], old) for x, old in ((outputs, h), (cells, c)))
    outputs = tf.gather(outputs, tf.maximum(index, 0), batch_dims=1)
    return tf.where(index[..., None] >= 0, outputs, tf.zeros((), outputs.dtype)), h, c


def _fused(every: bool, x: Tensor, h: Tensor, c: Tensor, kernel: Tensor, rec: Tensor, bias: Tensor) -> Any:
    """The outputs (time, batch, units) and the last c, or those of `every` step; and the gradient's function."""
    none = tf.zeros(rec.shape[0], x.dtype)
    run = tf.raw_ops.BlockLSTMV2(
        seq_len_max=tf.constant(x.shape[0], tf.int64),
        x=x, cs_prev=c, h_prev=h, w=tf.concat((kernel, rec), 0), wci=none, wcf=none, wco=none, b=bias,
        cell_clip=0.0, use_peephole=False,
    )  # fmt: skip

    def backward(*upstream: Tensor) -> list[Tensor]:
        return with_backward(
            lambda *xs: (_pullback(every, run, *xs), _again(every, xs)), [x, h, c, kernel, rec, bias, *upstream]
        )

    return [run.h, run.cs if every else run.cs[-1]], backward


def _pullback(
    every: bool, run: Any, x: Tensor, h: Tensor, c: Tensor, kernel: Tensor, rec: Tensor, bias: Tensor,
    dh: Tensor, dc: Tensor,
) -> list[Tensor]:  # fmt: skip
    """The gradients by the inputs of `_fused`."""
    i, f, g, o, squashed = run.i, run.f, run.ci, run.o, run.co
    before_c, before_h = (tf.concat((first[None], y[:-1]), 0) for first, y in ((c, run.cs), (h, run.h)))
    # What the gradients of c (first three gates) and h (the last) are multiplied by.
    slopes = tf.concat((g * i * (1 - i), before_c * f * (1 - f), i * (1 - g * g), squashed * o * (1 - o)), -1)
    through = o * (1 - squashed * squashed)
    loop = _unrolled if x.shape[0] <= _UNROLLED else _looped
    gates, dh0, dc0 = loop(every, dh, dc, slopes, f, through, rec)
    flat = tf.reshape(gates, (-1, rec.shape[-1]))
    dx = tf.reshape(tf.matmul(flat, kernel, transpose_b=True), tf.shape(x))
    dkernel = tf.matmul(tf.reshape(x, (-1, kernel.shape[0])), flat, transpose_a=True)
    drec = tf.matmul(tf.reshape(before_h, (-1, rec.shape[0])), flat, transpose_a=True)
    return [dx, dh0, dc0, dkernel, drec, tf.reduce_sum(flat, 0)]


def _turn(dh: Tensor, dc: Tensor, slope: Tensor, forget: Tensor, through: Tensor, rec: Tensor) -> tuple[Tensor, ...]:
    """A step back in time: the gradients of its gates, and of the h and c before it."""
    dc = dc + dh * through
    gates = tf.concat((dc, dc, dc, dh), -1) * slope
    return gates, tf.matmul(gates, rec, transpose_b=True), dc * forget


def _unrolled(
    every: bool, dh: Tensor, dc: Tensor, slopes: Tensor, f: Tensor, through: Tensor, rec: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    upstream, slope, forget, factor = (tf.unstack(y) for y in (dh, slopes, f, through))
    cells = tf.unstack(dc) if every else None
    flow_h, flow_c = None, None if every else dc
    gates = []
    for t in reversed(range(len(slope))):
        top = upstream[t] if flow_h is None else upstream[t] + flow_h
        if cells is not None:
            flow_c = cells[t] if flow_c is None else cells[t] + flow_c
        part, flow_h, flow_c = _turn(top, flow_c, slope[t], forget[t], factor[t], rec)
        gates.append(part)
    return tf.stack(gates[::-1]), flow_h, flow_c


def _looped(
    every: bool, dh: Tensor, dc: Tensor, slopes: Tensor, f: Tensor, through: Tensor, rec: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    def step(carry: Any, xs: Any) -> Any:
        flow_h, flow_c = carry
        if every:
            flow_c = flow_c + xs[4]
        part, flow_h, flow_c = _turn(xs[0] + flow_h, flow_c, xs[1], xs[2], xs[3], rec)
        return (flow_h, flow_c), part

    start = (tf.zeros_like(dh[0]), tf.zeros_like(dc[0]) if every else dc)
    xs = (dh, slopes, f, through, dc) if every else (dh, slopes, f, through)
    (flow_h, flow_c), gates = loops.scan(step, start, xs, reverse=True)
    return gates, flow_h, flow_c


def _again(every: bool, xs: tuple[Tensor, ...]) -> Any:
    """The gradient of `_pullback`, by way of the plain loop, which can be differentiated any number of times."""

    def plain(x: Tensor, h: Tensor, c: Tensor, kernel: Tensor, rec: Tensor, bias: Tensor) -> list[Tensor]:
        def step(x: Tensor, states: Any) -> Any:
            h, c = composite.lstm_step(_plain, x + tf.matmul(states[0], rec), states[1])
            return (h, c), (h, c)

        projected = tf.matmul(x, kernel) + bias
        (_, last), (hs, cs) = loops.scan(lambda states, x: step(x, states), (h, c), projected)
        return [hs, cs if every else last]

    def backward(*upstream: Tensor) -> list[Tensor]:
        inputs, cotangents = list(xs[:6]), list(xs[6:])
        with tf.GradientTape() as outer:
            outer.watch(xs)
            with tf.GradientTape() as inner:
                inner.watch(inputs)
                outputs = plain(*inputs)
            gradients = inner.gradient(outputs, inputs, cotangents, tf.UnconnectedGradients.ZERO)
        return outer.gradient(gradients, list(xs), list(upstream), tf.UnconnectedGradients.ZERO)

    return backward
