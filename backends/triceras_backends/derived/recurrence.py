"""The recurrences of the contract, composed from other primitives of a backend.

What a backend computes by a kernel of its own is checked against these, and falls back to
them for what the kernel cannot do.
"""

from __future__ import annotations

from typing import Any

import optree

from triceras_backends.contract.types import Function, Tensor, Tree


class _Turn:
    """One step of `rnn` as one of a scan: equal where the step is, so that a compiled loop is found again."""

    def __init__(self, b: Any, step: Function, masked: bool) -> None:
        self.b, self.step, self.masked = b, step, masked

    def __call__(self, carry: Tree, x: Tree) -> tuple[Tree, Tree]:
        if not self.masked:
            output, states = self.step(x, carry)
            return states, output
        (states, last), (x, valid, time) = carry, x
        output, new = self.step(x, states)
        last = self.b.where(valid, time, last)
        return (chosen(self.b, valid, new, states), last), (output, last)

    def __hash__(self) -> int:
        return hash((self.step, self.masked))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Turn) and (self.step, self.masked) == (other.step, other.masked)


def chosen(b: Any, valid: Tensor, new: Tree, old: Tree) -> Tree:
    """`new` for the elements of the batch where `valid` (batch,), else `old`."""

    def choose(x: Tensor, y: Tensor) -> Tensor:
        rank = len(b.static_shape(x))
        return b.where(b.reshape(valid, (-1, *(1,) * (rank - 1))) if rank > 1 else valid, x, y)

    return optree.tree_map(choose, new, old)


def _steps(b: Any, x: Tensor) -> int:
    return b.shape(x)[1]


def rnn(
    b: Any, step: Function, inputs: Tree, states: Tree, mask: Tensor | None = None, reverse: bool = False,
    unroll: bool = False, zero_output_for_mask: bool = False,
) -> tuple[Tree, Tree, Tree]:  # fmt: skip
    if reverse:
        inputs = optree.tree_map(lambda x: b.flip(x, 1), inputs)
        mask = None if mask is None else b.flip(mask, 1)
    xs = optree.tree_map(lambda x: b.swapaxes(x, 0, 1), inputs)
    first = optree.tree_leaves(inputs)[0]
    carry = states
    if mask is not None:
        mask = b.cast(mask, "bool")
        time = b.broadcast_to(b.expand_dims(b.arange(_steps(b, first), dtype="int32"), 1), b.shape(b.transpose(mask)))
        xs = (xs, b.transpose(mask), time)
        carry = (states, b.cast(time[0], "int32") - 1)
    run = _unrolled if unroll else _scanned
    carry, ys = run(b, _Turn(b, step, mask is not None), carry, xs)
    outputs = ys if mask is None else ys[0]
    outputs = optree.tree_map(lambda y: b.swapaxes(y, 0, 1), outputs)
    if mask is None:
        return optree.tree_map(lambda y: y[:, -1], outputs), outputs, carry
    states, _ = carry
    held = optree.tree_map(lambda y: _held(b, y, b.transpose(ys[1])), outputs)
    last = optree.tree_map(lambda y: y[:, -1], held)
    if zero_output_for_mask:
        held = optree.tree_map(lambda y: b.where(_spread(b, mask, y), y, b.zeros_like(y)), held)
    return last, held, states


def _scanned(b: Any, turn: Function, carry: Tree, xs: Tree) -> tuple[Tree, Tree]:
    return b.scan(turn, carry, xs)


def _unrolled(b: Any, turn: Function, carry: Tree, xs: Tree) -> tuple[Tree, Tree]:
    leaves, structure = optree.tree_flatten(xs)
    size = b.static_shape(leaves[0])[0]
    if size is None:
        raise ValueError("unroll=True needs a known number of time steps; got an input whose second size is None.")
    ys = []
    for i in range(size):
        carry, y = turn(carry, optree.tree_unflatten(structure, [leaf[i] for leaf in leaves]))
        ys.append(y)
    return carry, optree.tree_map(lambda *parts: b.stack(parts), *ys)


def _spread(b: Any, mask: Tensor, like: Tensor) -> Tensor:
    """mask (batch, time) with axes added up to the rank of `like`."""
    extra = len(b.static_shape(like)) - 2
    return b.expand_dims(mask, tuple(range(2, 2 + extra))) if extra else mask


def _held(b: Any, outputs: Tensor, last: Tensor) -> Tensor:
    """At each time the output of the last valid step, whose time is `last` (batch, time); zeros where it is -1."""
    index = _spread(b, b.maximum(last, 0), outputs)
    index = b.broadcast_to(index, b.shape(outputs))
    held = b.take_along_axis(outputs, index, 1)
    return b.where(_spread(b, last >= 0, outputs), held, b.zeros_like(held))


# -- the standard cells ----------------------------------------------------------------------


def _project(b: Any, x: Tensor, kernel: Tensor, bias: Tensor | None) -> Tensor:
    x = b.matmul(x, kernel)
    return x if bias is None else b.add(x, bias)


def lstm(
    b: Any, inputs: Tensor, h: Tensor, c: Tensor, kernel: Tensor, recurrent_kernel: Tensor,
    bias: Tensor | None = None, mask: Tensor | None = None, reverse: bool = False,
) -> tuple[Tensor, Tensor, Tensor]:  # fmt: skip
    def step(x: Tensor, states: Any) -> Any:
        h, c = lstm_step(b, b.add(x, b.matmul(states[0], recurrent_kernel)), states[1])
        return h, (h, c)

    _, outputs, (h, c) = rnn(b, step, _project(b, inputs, kernel, bias), (h, c), mask, reverse)
    return outputs, h, c


def lstm_step(b: Any, gates: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
    """The new h and c from the sums of the four gates."""
    i, f, g, o = b.split(gates, 4, -1)
    c = b.add(b.multiply(b.sigmoid(f), c), b.multiply(b.sigmoid(i), b.tanh(g)))
    return b.multiply(b.sigmoid(o), b.tanh(c)), c


def gru(
    b: Any, inputs: Tensor, h: Tensor, kernel: Tensor, recurrent_kernel: Tensor, bias: Tensor | None = None,
    mask: Tensor | None = None, reverse: bool = False, reset_after: bool = True,
) -> tuple[Tensor, Tensor]:  # fmt: skip
    inner, outer = (bias[0], bias[1]) if bias is not None and reset_after else (bias, None)
    units = b.static_shape(h)[-1]

    def step(x: Tensor, states: Any) -> Any:
        (h,) = states
        if reset_after:
            h = gru_step(b, x, _project(b, h, recurrent_kernel, outer), h)
        else:
            z, r = b.split(b.sigmoid(x[:, : 2 * units] + b.matmul(h, recurrent_kernel[:, : 2 * units])), 2, -1)
            new = b.tanh(x[:, 2 * units :] + b.matmul(r * h, recurrent_kernel[:, 2 * units :]))
            h = z * h + (1 - z) * new
        return h, (h,)

    _, outputs, (h,) = rnn(b, step, _project(b, inputs, kernel, inner), (h,), mask, reverse)
    return outputs, h


def gru_step(b: Any, x: Tensor, inner: Tensor, h: Tensor) -> Tensor:
    """The new h from the projections of the input and of h."""
    xz, xr, xh = b.split(x, 3, -1)
    hz, hr, hh = b.split(inner, 3, -1)
    z, r = b.sigmoid(xz + hz), b.sigmoid(xr + hr)
    return z * h + (1 - z) * b.tanh(xh + r * hh)


def simple_rnn(
    b: Any, inputs: Tensor, h: Tensor, kernel: Tensor, recurrent_kernel: Tensor, bias: Tensor | None = None,
    mask: Tensor | None = None, reverse: bool = False,
) -> tuple[Tensor, Tensor]:  # fmt: skip
    def step(x: Tensor, states: Any) -> Any:
        h = b.tanh(b.add(x, b.matmul(states[0], recurrent_kernel)))
        return h, (h,)

    _, outputs, (h,) = rnn(b, step, _project(b, inputs, kernel, bias), (h,), mask, reverse)
    return outputs, h
