"""Normalisations: PyTorch's fused kernels where they fit, else the definitions in `derived`."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from triceras_backends import config
from triceras_backends.derived import normalization as composite
from triceras_backends.torch_backend import scopes
from triceras_backends.torch_backend.tensors import guarded, promote, to_float
from triceras_backends.torch_backend.variables import Variable

_FUSED = frozenset({torch.float32, torch.float64})


def _channels_second(x: Tensor, axis: int) -> Tensor:
    """A view with `axis` where PyTorch has the channels; channels_last memory stays fast."""
    return x if axis == 1 else x.movedim(axis, 1)


def _vectors(x: Tensor, *given: Any) -> list[Tensor | None]:
    """The vectors as tensors of x's dtype; None stays."""
    dtype = x.dtype
    return [v if v is None or v.__class__ is Tensor and v.dtype is dtype else promote(v)[0].to(dtype) for v in given]


def batch_normalization(
    x: Any, mean: Any, variance: Any, axis: int, offset: Any = None, scale: Any = None, epsilon: float = 1e-3
) -> Tensor:
    x = to_float(x)
    if x.dtype not in _FUSED or x.ndim < 2:
        return composite.batch_normalization(Variable.primitives, x, mean, variance, axis, offset, scale, epsilon)
    axis = axis % x.ndim
    mean, variance, offset, scale = _vectors(x, mean, variance, offset, scale)
    if mean.requires_grad or variance.requires_grad or scopes.in_transform():  # type: ignore[union-attr]
        # The kernel takes its statistics for constants.
        return composite.batch_normalization(Variable.primitives, x, mean, variance, axis, offset, scale, epsilon)
    result = guarded(
        "batch_normalization", torch.batch_norm, _channels_second(x, axis), scale, offset, mean, variance, False, 0.0,
        epsilon, False,
    )  # fmt: skip
    return result if axis == 1 else result.movedim(1, axis)


def normalize_by_batch(
    x: Any, axis: int, offset: Any = None, scale: Any = None, epsilon: float = 1e-3
) -> tuple[Tensor, Tensor, Tensor]:
    x = to_float(x)
    if x.dtype not in _FUSED or x.ndim < 2:
        return composite.normalize_by_batch(Variable.primitives, x, axis, offset, scale, epsilon)
    axis = axis % x.ndim
    offset, scale = _vectors(x, offset, scale)
    result, mean, inverse = guarded(
        "normalize_by_batch", torch.native_batch_norm, _channels_second(x, axis), scale, offset, None, None, True, 0.0,
        epsilon,
    )  # fmt: skip
    # The kernel has found the statistics already, the variance as 1 / sqrt(variance + epsilon).
    variance = inverse.detach().pow(-2).sub_(epsilon)
    return result if axis == 1 else result.movedim(1, axis), mean.detach(), variance


def _trailing(x: Tensor, axis: Any) -> tuple[int, ...] | None:
    """The sizes of the axes if they are x's last, else None."""
    if axis == -1:
        return (x.shape[-1],)
    axes = sorted(i % x.ndim for i in ((axis,) if isinstance(axis, int) else axis))
    return tuple(x.shape[axes[0] :]) if axes == list(range(x.ndim - len(axes), x.ndim)) else None


def group_normalization(
    x: Any, groups: int, axis: int = -1, gamma: Any = None, beta: Any = None, epsilon: float | None = None
) -> Tensor:
    x = to_float(x)
    composite.check_groups(tuple(x.shape), groups, axis)
    axis = axis % x.ndim
    if x.dtype not in _FUSED or axis == 0:
        return composite.group_normalization(Variable.primitives, x, groups, axis, gamma, beta, epsilon)
    gamma, beta = _vectors(x, gamma, beta)
    epsilon = config.epsilon() if epsilon is None else epsilon
    result = F.group_norm(_channels_second(x, axis), groups, gamma, beta, epsilon)
    return result if axis == 1 else result.movedim(1, axis)


def layer_normalization(
    x: Any, gamma: Any = None, beta: Any = None, axis: Any = -1, epsilon: float | None = None, **kwargs: Any
) -> Tensor:
    composite.check_layer_arguments(kwargs)
    x = to_float(x)
    shape = _trailing(x, axis)
    gamma, beta = _vectors(x, gamma, beta)
    if shape is None or gamma is not None and gamma.shape != shape or beta is not None and beta.shape != shape:
        return composite.layer_normalization(Variable.primitives, x, gamma, beta, axis, epsilon)
    return F.layer_norm(x, shape, gamma, beta, config.epsilon() if epsilon is None else epsilon)


def rms_normalization(x: Any, scale: Any = None, axis: Any = -1, epsilon: float | None = None) -> Tensor:
    x = to_float(x)
    shape = _trailing(x, axis)
    (scale,) = _vectors(x, scale)
    if shape is None or x.dtype not in _FUSED or scale is not None and scale.shape != shape:
        return composite.rms_normalization(Variable.primitives, x, scale, axis, epsilon)
    return F.rms_norm(x, shape, scale, config.epsilon() if epsilon is None else epsilon)
