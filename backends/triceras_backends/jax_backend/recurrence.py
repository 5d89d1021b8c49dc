"""Recurrent networks on JAX: one compiled scan each.

The inputs are projected inside the loop: on XLA's CPU backend a projection of all steps at
once is slower, because its slices are read back from memory by four separate fusions a step.
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from triceras_backends.contract.types import Tensor
from triceras_backends.jax_backend.kernels import INEXACT, checked, tensor, tensors


def _run(step: Any, x: Any, states: tuple[Any, ...], mask: Any, reverse: bool) -> tuple[Any, ...]:
    """The outputs (batch, time, units), the first of each step's states, and the last states."""

    def turn(states: Any, x: Any) -> Any:
        new = step(x, states)
        return new, new[0]

    def masked(carry: Any, x: Any) -> Any:
        (states, output), (x, valid) = carry, x
        valid = valid[:, None]
        new = step(x, states)
        output = jnp.where(valid, new[0], output)
        return (tuple(jnp.where(valid, a, b) for a, b in zip(new, states, strict=True)), output), output

    xs = jnp.swapaxes(x, 0, 1)
    if mask is None:
        states, outputs = lax.scan(turn, states, xs, reverse=reverse)
    else:
        blank = jnp.zeros_like(states[0])
        (states, _), outputs = lax.scan(masked, (states, blank), (xs, jnp.swapaxes(mask, 0, 1)), reverse=reverse)
    return jnp.swapaxes(outputs[::-1] if reverse else outputs, 0, 1), *states


def _plus(x: Any, bias: Any) -> Any:
    return x if bias is None else x + bias


def _lstm_layer(x: Any, h: Any, c: Any, kernel: Any, recurrent: Any, bias: Any, mask: Any, reverse: bool) -> Any:
    def step(x: Any, states: Any) -> Any:
        h, c = states
        i, f, g, o = jnp.split(_plus(x @ kernel + h @ recurrent, bias), 4, -1)
        c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
        return jax.nn.sigmoid(o) * jnp.tanh(c), c

    return _run(step, x, (h, c), mask, reverse)


def _gru_layer(
    x: Any, h: Any, kernel: Any, recurrent: Any, bias: Any, mask: Any, reverse: bool, reset_after: bool
) -> Any:
    units = h.shape[-1]
    inner, outer = (bias[0], bias[1]) if bias is not None and reset_after else (bias, None)

    def step(x: Any, states: Any) -> Any:
        (h,) = states
        xz, xr, xh = jnp.split(_plus(x @ kernel, inner), 3, -1)
        if reset_after:
            hz, hr, hh = jnp.split(_plus(h @ recurrent, outer), 3, -1)
            z = jax.nn.sigmoid(xz + hz)
            new = jnp.tanh(xh + jax.nn.sigmoid(xr + hr) * hh)
        else:
            hz, hr = jnp.split(h @ recurrent[:, : 2 * units], 2, -1)
            z = jax.nn.sigmoid(xz + hz)
            new = jnp.tanh(xh + (jax.nn.sigmoid(xr + hr) * h) @ recurrent[:, 2 * units :])
        return (z * h + (1 - z) * new,)

    return _run(step, x, (h,), mask, reverse)


def _simple_layer(x: Any, h: Any, kernel: Any, recurrent: Any, bias: Any, mask: Any, reverse: bool) -> Any:
    def step(x: Any, states: Any) -> Any:
        return (jnp.tanh(_plus(x @ kernel + states[0] @ recurrent, bias)),)

    return _run(step, x, (h,), mask, reverse)


_lstm = checked("lstm", _lstm_layer, static=7)
_gru = checked("gru", _gru_layer, static=(6, 7))
_simple = checked("simple_rnn", _simple_layer, static=6)


def _operands(*xs: Any, bias: Any, mask: Any) -> list[Any]:
    found = tensors(xs if bias is None else (*xs, bias), INEXACT)
    return [*found, *(() if bias is not None else (None,)), None if mask is None else tensor(mask).astype(bool)]


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
    return _lstm(*_operands(inputs, h, c, kernel, recurrent_kernel, bias=bias, mask=mask), bool(reverse))


def gru(
    inputs: Tensor,
    h: Tensor,
    kernel: Tensor,
    recurrent_kernel: Tensor,
    bias: Tensor | None = None,
    mask: Tensor | None = None,
    reverse: bool = False,
    reset_after: bool = True,
) -> tuple[Tensor, Tensor]:
    operands = _operands(inputs, h, kernel, recurrent_kernel, bias=bias, mask=mask)
    return _gru(*operands, bool(reverse), bool(reset_after))


def simple_rnn(
    inputs: Tensor,
    h: Tensor,
    kernel: Tensor,
    recurrent_kernel: Tensor,
    bias: Tensor | None = None,
    mask: Tensor | None = None,
    reverse: bool = False,
) -> tuple[Tensor, Tensor]:
    return _simple(*_operands(inputs, h, kernel, recurrent_kernel, bias=bias, mask=mask), bool(reverse))
