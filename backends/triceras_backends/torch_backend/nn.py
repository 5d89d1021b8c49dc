"""Activations, losses and the affine map."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from triceras_backends import config
from triceras_backends.derived import nn as composite
from triceras_backends.torch_backend import scopes
from triceras_backends.torch_backend.kernels import float_unary, unary
from triceras_backends.torch_backend.reductions import logsumexp
from triceras_backends.torch_backend.tensors import FLOATS, convert_to_tensor, guarded, promote, to_float, torch_dtype
from triceras_backends.torch_backend.variables import Variable

_WIDE = (torch.float32, torch.float64)


def _number(x: Tensor) -> Tensor:
    return x.to(torch.int32) if x.dtype is torch.bool else x


relu = unary(lambda x: torch.relu(_number(x)), "relu")
relu6 = unary(lambda x: F.relu6(_number(x)), "relu6")
selu = float_unary(F.selu, "selu")
silu = float_unary(F.silu, "silu")
sigmoid = float_unary(torch.sigmoid, "sigmoid")
softsign = float_unary(F.softsign, "softsign")


def _softplus(x: Tensor) -> Tensor:
    # The threshold above which x itself is taken: 20 by default, too low for float64.
    return F.softplus(x, threshold=40.0)


softplus = float_unary(_softplus, "softplus")


def leaky_relu(x: Any, negative_slope: float = 0.2) -> Tensor:
    return F.leaky_relu(to_float(x), negative_slope)


def elu(x: Any, alpha: float = 1.0) -> Tensor:
    return F.elu(to_float(x), alpha)


def gelu(x: Any, approximate: bool = True) -> Tensor:
    return F.gelu(to_float(x), approximate="tanh" if approximate else "none")


def celu(x: Any, alpha: float = 1.0) -> Tensor:
    composite.check_alpha(alpha)
    return F.celu(to_float(x), alpha)


def glu(x: Any, axis: int = -1) -> Tensor:
    x = to_float(x)
    composite.halved_axis(axis, x.shape)
    return F.glu(x, axis)


def hard_shrink(x: Any, threshold: float = 0.5) -> Tensor:
    return F.hardshrink(to_float(x), threshold)


def soft_shrink(x: Any, threshold: float = 0.5) -> Tensor:
    composite.check_shrinkage(threshold)
    return F.softshrink(to_float(x), threshold)


def _hard_sigmoid(x: Tensor) -> Tensor:
    # The kernel's gradient has no gradient.
    return F.hardsigmoid(x) if scopes.once_differentiated() else F.relu6(x + 3) / 6


def _hard_tanh(x: Tensor) -> Tensor:
    return F.hardtanh(_number(x))


hard_sigmoid = float_unary(_hard_sigmoid, "hard_sigmoid")
hard_silu = float_unary(F.hardswish, "hard_silu")
hard_tanh = unary(_hard_tanh, "hard_tanh")
log_sigmoid = float_unary(F.logsigmoid, "log_sigmoid")
tanh_shrink = float_unary(F.tanhshrink, "tanh_shrink")


def _sparse_sigmoid(x: Tensor) -> Tensor:
    return F.hardtanh(x).add(1).mul(0.5)


def _sparse_plus(x: Tensor) -> Tensor:
    return torch.where(x < 1, _sparse_sigmoid(x).square(), x)


sparse_sigmoid = float_unary(_sparse_sigmoid, "sparse_sigmoid")
sparse_plus = float_unary(_sparse_plus, "sparse_plus")


def squareplus(x: Any, b: float = 4) -> Tensor:
    x = to_float(x)
    root = torch.hypot(x, torch.full((), b**0.5, dtype=x.dtype, device=x.device))
    negative = x < 0
    # Below 0 the sum would cancel. What is not taken must be finite, or its gradient would not be 0.
    below = b / (root - x.masked_fill(~negative, -1.0))
    return torch.where(negative, below, x + root) * 0.5


def sparsemax(x: Any, axis: int = -1) -> Tensor:
    x = to_float(x)
    if x.dtype not in _WIDE or scopes.in_transform():
        return composite.sparsemax(Variable.primitives, x, axis)
    axis = composite.checked_axis("sparsemax", axis, x.shape)
    x = x - x.detach().amax(axis, keepdim=True)
    with torch.no_grad():
        ordered = x.sort(axis, descending=True)[0]
        count = torch.arange(1, x.shape[axis] + 1, device=x.device).view(-1, *(1,) * (x.ndim - axis - 1))
        inside = ordered * count + 1 > ordered.cumsum(axis)
        tau = (ordered.masked_fill(~inside, 0).sum(axis, keepdim=True) - 1) / inside.sum(axis, keepdim=True)
        out = x <= tau
    tau = (x.masked_fill(out, 0).sum(axis, keepdim=True) - 1) / (~out).sum(axis, keepdim=True)
    return (x - tau).masked_fill(out, 0)


def threshold(x: Any, threshold: float, default_value: float) -> Tensor:
    x = convert_to_tensor(x)
    if x.dtype in FLOATS and type(default_value) in (float, int):
        return F.threshold(x, threshold, default_value)
    return composite.threshold(Variable.primitives, x, threshold, default_value)


def _over_axes(fn: Callable[..., Tensor], name: str, composed: Callable[..., Tensor]) -> Callable[..., Tensor]:
    def call(x: Any, axis: Any = -1) -> Tensor:
        x = to_float(x)
        if isinstance(axis, int):
            return guarded(name, fn, x, dim=axis)
        dims = tuple(range(x.ndim)) if axis is None else tuple(axis)
        return composed(x - logsumexp(x, dims, keepdims=True))

    call.__name__ = call.__qualname__ = name
    return call


softmax = _over_axes(torch.softmax, "softmax", torch.exp)
log_softmax = _over_axes(torch.log_softmax, "log_softmax", lambda x: x)


def one_hot(x: Any, num_classes: int, axis: int = -1, dtype: Any = None, sparse: bool = False) -> Tensor:
    if sparse:
        raise ValueError("one_hot: sparse tensors are not supported.")
    x = convert_to_tensor(x)
    if not -x.ndim - 1 <= axis <= x.ndim:
        raise ValueError(f"one_hot: axis {axis} is out of range for a result of rank {x.ndim + 1}.")
    position = axis % (x.ndim + 1)
    classes = torch.arange(num_classes, device=x.device).reshape(-1, *(1,) * (x.ndim - position))
    return (x.to(torch.int64).unsqueeze(position) == classes).to(torch_dtype(dtype))


# -- losses ------------------------------------------------------------------------------


def _targets(name: str, target: Any, output: Any) -> list[Tensor]:
    target, output = promote(convert_to_tensor(target), to_float(output))
    if target.shape != output.shape:
        raise ValueError(
            f"{name}: target and output must have the same shape; got {tuple(target.shape)} and {tuple(output.shape)}."
        )
    return [target, output]


def _clipped(p: Tensor) -> Tensor:
    return torch.clamp(p, config.epsilon(), 1.0 - config.epsilon())


def _checked_axis(name: str, output: Tensor, axis: int) -> int:
    if not output.ndim or not -output.ndim <= axis < output.ndim:
        raise ValueError(f"{name}: axis {axis} is out of range for output of shape {tuple(output.shape)}.")
    return axis % output.ndim


def binary_crossentropy(target: Any, output: Any, from_logits: bool = False) -> Tensor:
    target, output = _targets("binary_crossentropy", target, output)
    if from_logits:
        return F.binary_cross_entropy_with_logits(output, target, reduction="none")
    p = _clipped(output)
    return -(target * torch.log(p) + (1 - target) * torch.log(1 - p))


def _log_probabilities(output: Tensor, from_logits: bool, axis: int) -> Tensor:
    if from_logits:
        return torch.log_softmax(output, axis)
    return torch.log(_clipped(output / output.sum(axis, keepdim=True)))


def categorical_crossentropy(target: Any, output: Any, from_logits: bool = False, axis: int = -1) -> Tensor:
    target, output = _targets("categorical_crossentropy", target, output)
    axis = _checked_axis("categorical_crossentropy", output, axis)
    return -(target * _log_probabilities(output, from_logits, axis)).sum(axis)


def sparse_categorical_crossentropy(target: Any, output: Any, from_logits: bool = False, axis: int = -1) -> Tensor:
    target, output = convert_to_tensor(target), to_float(output)
    axis = _checked_axis("sparse_categorical_crossentropy", output, axis)
    wanted = output.shape[:axis] + output.shape[axis + 1 :]
    if target.ndim == output.ndim and target.shape[axis] == 1:
        target = target.squeeze(axis)
    if target.shape != wanted:
        raise ValueError(
            "sparse_categorical_crossentropy: target must have output's shape without the class axis; "
            f"got {tuple(target.shape)} and {tuple(output.shape)}."
        )
    if from_logits and output.ndim == 2 and axis == 1 and target.dtype is torch.int64:
        return F.cross_entropy(output, target, reduction="none")
    log_p = _log_probabilities(output, from_logits, axis)
    picked = guarded("sparse_categorical_crossentropy", torch.gather, log_p, axis, target.long().unsqueeze(axis))
    return -picked.squeeze(axis)


# -- the affine map ----------------------------------------------------------------------


def linear(x: Any, kernel: Any, bias: Any) -> Tensor:
    x, kernel, bias = promote(x, kernel, bias)
    if x.ndim == 2:
        return guarded("linear", torch.addmm, bias, x, kernel)
    return guarded("linear", F.linear, x, kernel.t(), bias)
