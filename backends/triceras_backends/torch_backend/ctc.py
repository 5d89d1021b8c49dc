"""Connectionist temporal classification on PyTorch."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from triceras_backends.derived import ctc as composite
from triceras_backends.torch_backend import scopes
from triceras_backends.torch_backend.tensors import PLAIN, convert_to_tensor, to_float
from triceras_backends.torch_backend.variables import Variable


def _native(x: Tensor) -> bool:
    """Whether the kernel serves: it has no abstract form, and its gradient no gradient."""
    return x.__class__ in PLAIN and not x.is_meta and scopes.once_differentiated() and not torch.compiler.is_compiling()


def ctc_loss(target: Any, output: Any, target_length: Any, output_length: Any, mask_index: int = 0) -> Tensor:
    target, output = convert_to_tensor(target), to_float(output)
    target_length, output_length = convert_to_tensor(target_length), convert_to_tensor(output_length)
    if not _native(output) or not output.numel() or not target.numel():
        return composite.ctc_loss(Variable.primitives, target, output, target_length, output_length, mask_index)
    composite.check_loss(target.shape, output.shape, target_length.shape, output_length.shape)
    blank = composite.blank_of("ctc_loss", mask_index, output.shape[2])
    logs = torch.log_softmax(output if output.dtype is torch.float64 else output.float(), -1).transpose(0, 1)
    logs = logs.clamp_min(composite.NOTHING)  # at -inf the kernel's gradient is NaN
    labels, known, times = (x.to(torch.int64) for x in (target, target_length, output_length))
    # The last argument makes the gradient 0 where the loss is inf, which F.ctc_loss would replace too.
    loss = torch._ctc_loss(logs, labels, times, known, blank, True)[0]
    return torch.where(loss < -composite.NOTHING / 10, loss, torch.inf)
