"""Plain PyTorch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch.nn import functional as F


def digits_loop(weights: Any, x: Any, y: Any, batch: int, epochs: int) -> Callable[[], None]:
    """The idiomatic loop with torch.optim.Adam, loss mean and accuracy kept on the device."""
    model = torch.nn.Sequential(torch.nn.Linear(64, 64), torch.nn.ReLU(), torch.nn.Linear(64, 10))
    with torch.no_grad():
        for parameter, value in zip(
            model.parameters(), [weights[0].T, weights[1], weights[2].T, weights[3]], strict=True
        ):
            parameter.copy_(torch.from_numpy(value.copy()))
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    x_all, y_all = torch.from_numpy(x), torch.from_numpy(y).long()

    def run() -> None:
        for _ in range(epochs):
            order = torch.randperm(len(x_all))
            total, right = torch.zeros(()), torch.zeros(())
            for start in range(0, len(order), batch):
                rows = order[start : start + batch]
                xb, yb = x_all[rows], y_all[rows]
                logits = model(xb)
                loss = F.cross_entropy(logits, yb)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                total += loss.detach() * len(rows)
                right += (logits.argmax(-1) == yb).sum()
            (total / len(order)).item(), (right / len(order)).item()

    return run


def gradients(arrays: Any, x: Any, y: Any, compiled: bool) -> Callable[[], Any]:
    """torch.autograd.grad; under torch.compile nothing differs for our tape, so eager both times."""
    parameters = [torch.from_numpy(a).requires_grad_() for a in arrays]
    x, y = torch.from_numpy(x), torch.from_numpy(y)

    def run() -> Any:
        w1, b1, w2, b2 = parameters
        loss = torch.mean(torch.square(torch.tanh(x @ w1 + b1) @ w2 + b2 - y))
        return torch.autograd.grad(loss, parameters)

    return run


def wait(tensors: Any) -> None:
    """Nothing to wait for on the CPU."""
