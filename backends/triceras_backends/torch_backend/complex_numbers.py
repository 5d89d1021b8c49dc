"""Complex numbers on PyTorch."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from triceras_backends.torch_backend.kernels import float_unary, is_followed, promote_float, unary
from triceras_backends.torch_backend.tensors import PLAIN, convert_to_tensor, guarded, to_float

conj = unary(torch.conj, "conj")
real = unary(torch.real, "real")
imag = unary(lambda x: torch.imag(x) if x.is_complex() else torch.zeros_like(x), "imag")
isreal = unary(torch.isreal, "isreal")


def _angle(x: Tensor) -> Tensor:
    if x.is_complex():
        return torch.angle(x)
    if not is_followed(x):
        return torch.atan2(torch.zeros_like(x), x)  # torch.angle would take -0.0 for 0.0
    return torch.where(torch.isnan(x), x, torch.where(torch.signbit(x), math.pi, torch.zeros_like(x)))


angle = float_unary(_angle, "angle")


def _single(x: Tensor) -> Tensor:
    """x in a dtype of which PyTorch makes complex numbers."""
    return x if x.dtype in (torch.float32, torch.float64) else x.to(torch.float32)


def polar(abs_: Any, angle: Any) -> Tensor:
    if abs_.__class__ in PLAIN and angle.__class__ in PLAIN and abs_.dtype is angle.dtype is torch.float32:
        return guarded("polar", torch.polar, abs_, angle)
    return guarded("polar", torch.polar, *(_single(x) for x in promote_float(abs_, angle)))


def view_as_complex(x: Any) -> Tensor:
    x = to_float(x)
    if x.is_complex():
        raise TypeError("view_as_complex takes real numbers; got complex ones.")
    if not x.ndim or x.shape[-1] != 2:
        raise ValueError(f"view_as_complex needs a last axis of size 2; got shape {tuple(x.shape)}.")
    x = _single(x).contiguous()
    return torch.view_as_complex(x) if x.numel() else torch.complex(*x.unbind(-1))


def view_as_real(x: Any) -> Tensor:
    x = convert_to_tensor(x)
    return torch.view_as_real(x.resolve_conj()) if x.is_complex() else torch.stack([x, torch.zeros_like(x)], dim=-1)
