"""Order statistics, averages that skip NaN, histograms, correlation, on PyTorch.

Its own functions where they do what the contract says; else, and for awkward arguments, the composites.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from triceras_backends.derived import statistical as composites
from triceras_backends.torch_backend.tensors import FLOATS, INTEGERS, PLAIN, convert_to_tensor, guarded, is_eager
from triceras_backends.torch_backend.variables import Variable

_FULL = frozenset({torch.float32, torch.float64})


def _differentiated(*xs: Tensor) -> bool:
    """Whether a gradient may be asked for, or Python may not look at values."""
    return not all(is_eager(x) for x in xs) or (torch.is_grad_enabled() and any(x.requires_grad for x in xs))


def _full(*xs: Any) -> bool:
    """Whether these are tensors of one dtype, float32 or float64."""
    first = xs[0]
    return all(x.__class__ in PLAIN and x.dtype is first.dtype for x in xs) and first.dtype in _FULL


def _skipping(name: str, fn: Callable[..., Tensor], graph: bool) -> Callable[..., Tensor]:
    """fn for plain tensors; `graph`: whether its derivative is right where all is NaN."""
    composite = getattr(composites, name)

    def call(x: Any, axis: Any = None, keepdims: bool = False) -> Tensor:
        if x.__class__ in PLAIN and x.dtype in _FULL and (graph or not _differentiated(x)):
            if axis is None and not keepdims:
                return fn(x)
            if axis.__class__ is int and -x.ndim <= axis < x.ndim:
                return fn(x, axis, keepdims)
        return composite(Variable.primitives, x, axis, keepdims)

    call.__name__ = call.__qualname__ = name
    return call


nansum = _skipping("nansum", torch.nansum, graph=True)
nanmean = _skipping("nanmean", torch.nanmean, graph=False)


def corrcoef(x: Any) -> Tensor:
    if x.__class__ in PLAIN and x.dtype in _FULL and x.ndim == 2 and x.shape[0] > 1 and is_eager(x):
        return torch.corrcoef(x)
    return composites.corrcoef(Variable.primitives, x)


def correlate(x1: Any, x2: Any, mode: str = "valid") -> Tensor:
    fits = _full(x1, x2) and x1.ndim == x2.ndim == 1 and x1.shape[0] >= x2.shape[0] > 0
    if fits and mode in ("valid", "full"):
        margin = x2.shape[0] - 1 if mode == "full" else 0
        return torch.conv1d(x1[None, None], x2[None, None], padding=margin)[0, 0]
    return composites.correlate(Variable.primitives, x1, x2, mode)


def cdist(x: Any, y: Any) -> Tensor:
    fits = _full(x, y) and x.ndim >= 2 <= y.ndim and x.shape[-1] == y.shape[-1]
    if fits and not _differentiated(x, y):  # PyTorch's own has no second derivative
        return guarded("cdist", torch.cdist, x, y, compute_mode="donot_use_mm_for_euclid_dist")
    return composites.cdist(Variable.primitives, x, y)


def bincount(x: Any, weights: Any = None, minlength: int = 0, sparse: bool = False) -> Tensor:
    if weights is None and not sparse and x.__class__ in PLAIN and x.dtype in INTEGERS and x.ndim == 1 and is_eager(x):
        try:
            return torch.bincount(x, minlength=minlength).to(torch.int32)
        except RuntimeError:  # negative elements, which the composite names, or a dtype without a kernel
            pass
    return composites.bincount(Variable.primitives, x, weights, minlength, sparse)


def histogram(x: Any, bins: int = 10, range: Any = None) -> Any:
    plain = bins.__class__ is int and bins > 0 and _full(x) and x.ndim == 1 and x.numel() and not _differentiated(x)
    if plain and (range is None or (len(range) == 2 and range[0] < range[1])):
        try:
            return tuple(torch.histogram(x, bins, range=range and (float(range[0]), float(range[1]))))
        except RuntimeError:  # NaN, or a device without a kernel
            pass
    return composites.histogram(Variable.primitives, x, bins, range)


def digitize(x: Any, bins: Any) -> Tensor:
    if (
        x.__class__ in PLAIN
        and bins.__class__ in PLAIN
        and x.dtype is bins.dtype
        and x.dtype in _FULL
        and bins.ndim == 1
    ):
        return torch.bucketize(x, bins, right=True, out_int32=True)
    return composites.digitize(Variable.primitives, x, bins)


def unique(
    x: Any, sorted: bool = True, return_index: bool = False, return_inverse: bool = False,
    return_counts: bool = False, axis: int | None = None, size: int | None = None, fill_value: Any = None,
) -> Any:  # fmt: skip
    plain = size is None and axis is None and not return_index and x.__class__ in PLAIN and not _differentiated(x)
    if plain and x.dtype in FLOATS | INTEGERS:
        found = torch.unique(x, return_inverse=return_inverse, return_counts=return_counts)
        if not (return_inverse or return_counts):
            return found
        values, *rest = found
        return (values, *(output.to(torch.int32) for output in rest))
    return composites.unique(
        Variable.primitives, x, sorted, return_index, return_inverse, return_counts, axis, size, fill_value
    )


def diff(a: Any, n: int = 1, axis: int = -1) -> Tensor:
    a = a if a.__class__ in PLAIN else convert_to_tensor(a)
    if n < 0 or not a.ndim or not -a.ndim <= axis < a.ndim:
        return composites.diff(Variable.primitives, a, n, axis)  # which says what is wrong
    return guarded("diff", torch.diff, a, n, axis) if n else a


def trapezoid(y: Any, x: Any = None, dx: Any = 1.0, axis: int = -1) -> Tensor:
    if (
        x is None
        and y.__class__ in PLAIN
        and y.dtype in _FULL
        and isinstance(dx, (int, float))
        and -y.ndim <= axis < y.ndim
    ):
        return torch.trapezoid(y, dx=dx, dim=axis)
    return composites.trapezoid(Variable.primitives, y, x, dx, axis)
