"""Further ways to make tensors: copies, spaced numbers, windows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor

from triceras_backends import checks
from triceras_backends.torch_backend import scopes
from triceras_backends.torch_backend.tensors import PLAIN, convert_to_tensor, floatx, torch_dtype


def array(x: Any, dtype: Any = None) -> Tensor:
    made = convert_to_tensor(x, dtype)
    return made if isinstance(x, (np.ndarray, list, tuple, int, float)) else made.clone()


def copy(x: Any) -> Tensor:
    return (x if x.__class__ in PLAIN else convert_to_tensor(x)).clone()


def empty(shape: Any, dtype: Any = None) -> Tensor:
    return torch.empty(
        shape if shape.__class__ is tuple else checks.sizes(shape), dtype=torch_dtype(dtype), device=scopes.device()
    )


def empty_like(x: Any, dtype: Any = None) -> Tensor:
    x = x if x.__class__ in PLAIN else convert_to_tensor(x)
    return torch.empty_like(x, dtype=None if dtype is None else torch_dtype(dtype))


def _window(name: str, fn: Callable[..., Tensor]) -> Callable[[Any], Tensor]:
    def call(x: Any) -> Tensor:
        n = x if x.__class__ is int and x >= 0 else checks.length(name, x)
        return fn(n, periodic=False, dtype=floatx(), device=scopes.device())

    call.__name__ = call.__qualname__ = name
    return call


bartlett = _window("bartlett", torch.bartlett_window)
blackman = _window("blackman", torch.blackman_window)
hamming = _window("hamming", torch.hamming_window)
hanning = _window("hanning", torch.hann_window)


def kaiser(x: Any, beta: Any) -> Tensor:
    n = checks.length("kaiser", x)
    if beta.__class__ in (int, float) and abs(beta) < 60:
        return torch.kaiser_window(n, False, abs(beta), dtype=floatx(), device=scopes.device())
    beta = torch.abs(convert_to_tensor(beta).to(floatx()))
    places = torch.arange(n, dtype=floatx(), device=beta.device) * (2 / max(n - 1, 1)) - float(n > 1)
    inside = beta * torch.sqrt(torch.clamp(1 - places * places, min=0))
    # Scaled Bessel functions, because the plain ones overflow early.
    return torch.special.i0e(inside) * torch.exp(inside - beta) / torch.special.i0e(beta)


def vander(x: Any, N: int | None = None, increasing: bool = False) -> Tensor:
    x = x if x.__class__ in PLAIN else convert_to_tensor(x)
    checks.vector("vander", x.shape, N)
    column = (x.to(torch.int32) if x.dtype is torch.bool else x).unsqueeze(1)
    n = len(x) if N is None else N
    powers = torch.ones_like(column)[:, :n]
    while powers.shape[1] < n:  # products, because those have derivatives of any order at 0
        powers = torch.cat((powers, powers[:, : n - powers.shape[1]] * column), 1)
        column = column * column
    return powers if increasing else powers.flip(1)


def diagflat(x: Any, k: int = 0) -> Tensor:
    return torch.diagflat(x if x.__class__ in PLAIN else convert_to_tensor(x), k)
