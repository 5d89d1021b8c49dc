"""Reductions. PyTorch's default of summing integers in int64 is overruled by the contract's dtypes."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from triceras_backends import dtypes
from triceras_backends.torch_backend.elementwise import maximum, minimum
from triceras_backends.torch_backend.tensors import (
    DTYPES,
    FLOATS,
    INEXACT,
    PLAIN,
    convert_to_tensor,
    guarded,
    to_float,
    torch_dtype,
)

_ACCUMULATORS = {DTYPES[name]: DTYPES[dtypes.accumulator(name)] for name in dtypes.ALL}
# PyTorch has hardly a kernel for these: add up in int64, which wraps to the same bits.
_UNSIGNED = (torch.uint16, torch.uint32, torch.uint64)


def _tensor(x: Any) -> Tensor:
    return x if x.__class__ in PLAIN else convert_to_tensor(x)


def _dims(x: Tensor, axis: Any) -> tuple[int, ...]:
    """`axis` as a tuple of dimensions; all for None."""
    if axis is None:
        return tuple(range(x.ndim))
    axes = (axis,) if isinstance(axis, int) else tuple(axis)
    for a in axes:
        if not -x.ndim <= a < x.ndim and not (x.ndim == 0 and a in (0, -1)):
            raise ValueError(f"Axis {a} is out of range for a tensor of rank {x.ndim} with shape {tuple(x.shape)}.")
    if len(axes) > 1 and len({a % x.ndim for a in axes}) < len(axes):
        raise ValueError(f"The axes {axes} name an axis of a tensor of shape {tuple(x.shape)} twice.")
    return axes


def _reduced(name: str, fn: Callable[..., Tensor], x: Tensor, axis: Any, keepdims: bool, **kwargs: Any) -> Tensor:
    dims = _dims(x, axis)
    if not dims and x.ndim:  # PyTorch takes an empty list of dimensions for all
        x, dims = x.unsqueeze(0), (0,)
        return guarded(name, fn, x, dim=dims, keepdim=False, **kwargs)
    return guarded(name, fn, x, dim=dims, keepdim=keepdims, **kwargs)


def sum(x: Any, axis: Any = None, keepdims: bool = False) -> Tensor:
    x = _tensor(x)
    if x.dtype in INEXACT and axis is None and not keepdims:
        return torch.sum(x)
    if x.dtype in INEXACT and axis.__class__ is int and -x.ndim <= axis < x.ndim:
        return torch.sum(x, axis, keepdims)
    target = _ACCUMULATORS[x.dtype]
    wide = torch.int64 if target in _UNSIGNED else target
    return _reduced("sum", torch.sum, x, axis, keepdims, dtype=wide).to(target)


def mean(x: Any, axis: Any = None, keepdims: bool = False) -> Tensor:
    x = to_float(x)
    if axis is None and not keepdims:
        return torch.mean(x)
    if axis.__class__ is int and -x.ndim <= axis < x.ndim:
        return torch.mean(x, axis, keepdims)
    return _reduced("mean", torch.mean, x, axis, keepdims)


def prod(x: Any, axis: Any = None, keepdims: bool = False, dtype: Any = None) -> Tensor:
    x = _tensor(x)
    target = _ACCUMULATORS[x.dtype] if dtype is None else torch_dtype(dtype)
    for dim in sorted((d % builtins.max(x.ndim, 1) for d in _dims(x, axis)), reverse=True):
        x = guarded("prod", torch.prod, x, dim, keepdims, dtype=torch.int64 if target in _UNSIGNED else target)
    return x.to(target)


def var(x: Any, axis: Any = None, keepdims: bool = False) -> Tensor:
    x = to_float(x)
    wide = x.float() if x.dtype in (torch.float16, torch.bfloat16) else x
    if not wide.numel():  # torch.var warns; the mean of nothing is NaN without that
        return _reduced("var", torch.mean, wide, axis, keepdims).to(x.dtype)
    return _reduced("var", torch.var, wide, axis, keepdims, correction=0).to(x.dtype)


def std(x: Any, axis: Any = None, keepdims: bool = False) -> Tensor:
    return torch.sqrt(var(x, axis, keepdims))


def _extreme(name: str, fn: Callable[..., Tensor], pick: Callable[[Any, Any], Tensor]) -> Callable[..., Tensor]:
    def call(x: Any, axis: Any = None, keepdims: bool = False, initial: Any = None) -> Tensor:
        x = _tensor(x)
        dims = _dims(x, axis)
        if builtins.any(x.shape[d] == 0 for d in dims if x.ndim):
            if initial is None:
                raise ValueError(f"{name}: nothing to reduce in a tensor of shape {tuple(x.shape)}; pass `initial`.")
            return torch.full_like(torch.sum(x, dims, keepdims), initial, dtype=x.dtype)
        result = _reduced(name, fn, x, dims, keepdims) if x.ndim else x
        return result if initial is None else pick(result, initial)

    call.__name__ = call.__qualname__ = name
    return call


max = _extreme("max", torch.amax, maximum)
min = _extreme("min", torch.amin, minimum)


def _extreme_of(name: str, fn: Callable[..., Tensor], general: Callable[..., Tensor]) -> Callable[..., Tensor]:
    def call(x: Any, axis: Any = None, keepdims: bool = False) -> Tensor:
        if x.__class__ in PLAIN and x.dtype in FLOATS and axis.__class__ is int and x.ndim and x.numel():
            return guarded(name, fn, x, axis, keepdims)
        return general(x, axis, keepdims)

    call.__name__ = call.__qualname__ = name
    return call


amax = _extreme_of("amax", torch.amax, max)
amin = _extreme_of("amin", torch.amin, min)


def all(x: Any, axis: Any = None, keepdims: bool = False) -> Tensor:
    return _reduced("all", torch.all, _tensor(x).bool(), axis, keepdims)


def any(x: Any, axis: Any = None, keepdims: bool = False) -> Tensor:
    return _reduced("any", torch.any, _tensor(x).bool(), axis, keepdims)


def _position(name: str, fn: Callable[..., Tensor]) -> Callable[..., Tensor]:
    def call(x: Any, axis: int | None = None, keepdims: bool = False) -> Tensor:
        x = _tensor(x)
        if builtins.any(x.shape[d] == 0 for d in _dims(x, axis) if x.ndim):
            raise ValueError(f"{name}: nothing to choose from in a tensor of shape {tuple(x.shape)}.")
        x = x.to(torch.uint8) if x.dtype is torch.bool else x
        result = guarded(name, fn, x, dim=axis, keepdim=keepdims and axis is not None).to(torch.int32)
        return result.reshape((1,) * x.ndim) if keepdims and axis is None else result

    call.__name__ = call.__qualname__ = name
    return call


argmax = _position("argmax", torch.argmax)
argmin = _position("argmin", torch.argmin)


def count_nonzero(x: Any, axis: Any = None) -> Tensor:
    return _reduced("count_nonzero", torch.sum, _tensor(x) != 0, axis, False, dtype=torch.int32)


def logsumexp(x: Any, axis: Any = None, keepdims: bool = False) -> Tensor:
    x = to_float(x)
    dims = _dims(x, axis)
    if not x.ndim or not dims or not x.numel():
        return _reduced("logsumexp", torch.logsumexp, x, dims, keepdims) if x.ndim else x
    # PyTorch shifts forward but not backward, where large numbers would lose most of their digits.
    highest = torch.amax(x.detach(), dims, keepdim=True)
    highest = torch.where(torch.isfinite(highest), highest, 0.0)
    result = torch.logsumexp(x - highest, dims, keepdim=True) + highest
    return result if keepdims else result.squeeze(dims)


def _running(name: str, fn: Callable[..., Tensor]) -> Callable[..., Tensor]:
    def call(x: Any, axis: int | None = None, dtype: Any = None) -> Tensor:
        x = _tensor(x)
        target = torch_dtype(dtype) if dtype is not None else torch.int32 if x.dtype is torch.bool else x.dtype
        x, dim = (x.reshape(-1), 0) if axis is None else (x, _dims(x, axis)[0])
        return guarded(name, fn, x, dim, dtype=target)

    call.__name__ = call.__qualname__ = name
    return call


cumsum = _running("cumsum", torch.cumsum)
cumprod = _running("cumprod", torch.cumprod)
