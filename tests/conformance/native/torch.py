"""PyTorch by itself."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any
from unittest import mock

import ml_dtypes
import numpy as np
import torch
import torch.nn.functional as F

from tests.conformance.native import reading


def double() -> AbstractContextManager[Any]:
    return nullcontext()


# Keyword arguments with which `jit` traces; it does not by default.
COMPILE = {"jit_compile": True}


def traced() -> AbstractContextManager[Any]:
    """Within it, what `jit` traced runs as it was traced: no machine code, which takes seconds to make."""
    return mock.patch("torch.compile", lambda graph, **_: graph)


def host_reads() -> AbstractContextManager[Any]:
    return reading.refused(torch.Tensor)


def canonical(dtype: str) -> str:
    return dtype


def tensor(array: Any) -> torch.Tensor:
    array = np.array(array)  # a copy: torch warns about read-only memory
    if array.dtype == ml_dtypes.bfloat16:
        return torch.from_numpy(array.astype("float32")).to(torch.bfloat16)
    return torch.from_numpy(array)


def array(x: torch.Tensor) -> np.ndarray[Any, Any]:
    x = x.detach().cpu().resolve_conj().resolve_neg()
    return x.float().numpy().astype(ml_dtypes.bfloat16) if x.dtype is torch.bfloat16 else x.numpy()


def is_tensor(x: Any) -> bool:
    return isinstance(x, torch.Tensor)


def gradients(fn: Callable[..., Any], *arrays: Any) -> list[np.ndarray[Any, Any]]:
    inputs = [tensor(a).requires_grad_() for a in arrays]
    found = torch.autograd.grad(fn(*inputs), inputs, allow_unused=True, materialize_grads=True)
    return [array(g) for g in found]


def _conv2d(x: torch.Tensor, kernel: torch.Tensor) -> torch.Tensor:
    return F.conv2d(x.permute(0, 3, 1, 2), kernel.permute(3, 2, 0, 1)).permute(0, 2, 3, 1)


OPS: dict[str, Callable[..., Any]] = {
    "exp": torch.exp,
    "tanh": torch.tanh,
    "matmul": torch.matmul,
    "sum": torch.sum,
    "logsumexp": lambda x: torch.logsumexp(x.reshape(-1), 0),
    "softmax": lambda x: torch.softmax(x, -1),
    "sort": lambda x: torch.sort(x)[0],
    "conv": _conv2d,
}


def versions() -> dict[str, str]:
    return {"torch": torch.__version__}
