"""Recurrent networks on PyTorch's fused kernels.

The kernels take no mask and cannot be differentiated twice. A mask of any layout is served by
moving each sequence's valid steps to its front and packing the sequences; what may be
differentiated twice, and what is not done on values, goes through the plain loop.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from triceras_backends.derived import recurrence as composite
from triceras_backends.torch_backend import fused, scopes


def _fits(x: Tensor, mask: Tensor | None) -> bool:
    """Whether the fused kernels can be used."""
    if not fused.usable() or not x.is_floating_point() or not x.shape[0] or not x.shape[1]:
        return False
    return mask is None or not (x.is_meta or torch.compiler.is_compiling() or scopes.local.scope is not None)


def _run(
    kernel: Any, inputs: Tensor, states: tuple[Tensor, ...], weights: list[Tensor], mask: Tensor | None, reverse: bool
) -> tuple[Tensor, ...]:
    """The outputs and last states of a kernel of `torch._VF`. weights: of inputs and states, then biases."""
    training = torch.is_grad_enabled() and inputs.is_cuda
    many = len(weights) > 2
    if reverse:
        inputs = inputs.flip(1)
        mask = None if mask is None else mask.flip(1)
    given = tuple(state.unsqueeze(0) for state in states)
    hidden: Any = given if len(given) > 1 else given[0]
    if mask is None:
        outputs, *last = kernel(inputs, hidden, weights, many, 1, 0.0, training, False, True)
        return outputs, *(state.squeeze(0) for state in last)
    return _masked(kernel, inputs, states, weights, mask.bool(), (many, 1, 0.0, training, False))


def _masked(
    kernel: Any, inputs: Tensor, states: tuple[Tensor, ...], weights: list[Tensor], mask: Tensor, options: Any
) -> tuple[Tensor, ...]:
    count = mask.sum(1)
    valid_first = torch.argsort(mask.logical_not(), dim=1, stable=True)
    length, rows = torch.sort(count.clamp(min=1).cpu(), descending=True)
    rows = rows.to(inputs.device)
    back = torch.argsort(rows)
    compact = torch.take_along_dim(inputs[rows], valid_first[rows].unsqueeze(-1), 1)
    packed, sizes = torch._VF._pack_padded_sequence(compact, length, True)
    given = tuple(state[rows].unsqueeze(0) for state in states)
    result, *last = kernel(packed, sizes, given if len(given) > 1 else given[0], weights, *options)
    padded, _ = torch._VF._pad_packed_sequence(result, sizes, True, 0.0, inputs.shape[1])
    index = mask.cumsum(1).sub_(1)
    outputs = torch.take_along_dim(padded[back], index.clamp(min=0).unsqueeze(-1), 1)
    outputs = torch.where((index >= 0).unsqueeze(-1), outputs, outputs.new_zeros(()))
    some = (count > 0).unsqueeze(-1)
    return outputs, *(torch.where(some, new[0][back], old) for new, old in zip(last, states, strict=True))


def lstm(
    inputs: Any,
    h: Any,
    c: Any,
    kernel: Any,
    recurrent_kernel: Any,
    bias: Any = None,
    mask: Any = None,
    reverse: bool = False,
) -> tuple[Tensor, Tensor, Tensor]:
    if not _fits(inputs, mask):
        return composite.lstm(fused.plain, inputs, h, c, kernel, recurrent_kernel, bias, mask, reverse)
    weights = [kernel.t(), recurrent_kernel.t()]
    if bias is not None:
        weights += [bias, torch.zeros_like(bias)]
    outputs, h, c = _run(torch._VF.lstm, inputs, (h, c), weights, mask, reverse)
    return outputs, h, c


def gru(
    inputs: Any,
    h: Any,
    kernel: Any,
    recurrent_kernel: Any,
    bias: Any = None,
    mask: Any = None,
    reverse: bool = False,
    reset_after: bool = True,
) -> tuple[Tensor, Tensor]:
    if not reset_after or not _fits(inputs, mask):
        return composite.gru(fused.plain, inputs, h, kernel, recurrent_kernel, bias, mask, reverse, reset_after)

    # PyTorch has the reset gate before the update gate.
    def reordered(x: Tensor) -> Tensor:
        z, r, candidate = x.chunk(3, -1)
        return torch.cat((r, z, candidate), -1)

    weights = [reordered(kernel).t(), reordered(recurrent_kernel).t()]
    if bias is not None:
        weights += list(reordered(bias).unbind(0))
    outputs, h = _run(torch._VF.gru, inputs, (h,), weights, mask, reverse)
    return outputs, h


def simple_rnn(
    inputs: Any,
    h: Any,
    kernel: Any,
    recurrent_kernel: Any,
    bias: Any = None,
    mask: Any = None,
    reverse: bool = False,
) -> tuple[Tensor, Tensor]:
    if not _fits(inputs, mask):
        return composite.simple_rnn(fused.plain, inputs, h, kernel, recurrent_kernel, bias, mask, reverse)
    weights = [kernel.t(), recurrent_kernel.t()]
    if bias is not None:
        weights += [bias, torch.zeros_like(bias)]
    outputs, h = _run(torch._VF.rnn_tanh, inputs, (h,), weights, mask, reverse)
    return outputs, h
