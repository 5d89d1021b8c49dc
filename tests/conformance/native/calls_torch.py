"""Plain PyTorch, as its users write it, under the names that calls_<backend> share."""

from __future__ import annotations

from typing import Any

import torch

sin, cos, exp, log, tanh, relu, sqrt, matmul, sum, where = (
    torch.sin, torch.cos, torch.exp, torch.log, torch.tanh,
    torch.relu, torch.sqrt, torch.matmul, torch.sum, torch.where,
)  # fmt: skip


def add(a: Any, b: Any) -> torch.Tensor:
    return torch.add(a, b)


def multiply(a: Any, b: Any) -> torch.Tensor:
    return torch.mul(a, b)


def stack(tensors: list[torch.Tensor]) -> torch.Tensor:
    return torch.stack(tensors)


def concatenate(tensors: list[torch.Tensor]) -> torch.Tensor:
    return torch.cat(tensors)


def softmax(x: torch.Tensor) -> torch.Tensor:
    return torch.nn.functional.softmax(x, dim=-1)


def cast(x: torch.Tensor, dtype: str) -> torch.Tensor:
    return x.to(getattr(torch, dtype))


def stop_gradient(x: torch.Tensor) -> torch.Tensor:
    return x.detach()


def unstack(x: torch.Tensor) -> Any:
    return torch.unbind(x)


def reshape(x: torch.Tensor, shape: tuple[int, ...]) -> torch.Tensor:
    return x.reshape(shape)


def untouched(x: torch.Tensor) -> bool:
    """Whether no tape has left a mark on a tensor the user made."""
    return not x.requires_grad and x.grad_fn is None and x.grad is None
