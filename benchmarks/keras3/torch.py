"""Keras 3 on PyTorch."""

from __future__ import annotations

from typing import Any

import keras
import torch

from benchmarks.suite import LINEAR_RATE


class Custom(keras.Sequential):
    """`zero_grad` and `backward`."""

    def train_step(self, data: Any) -> Any:
        x, y = data[:2]
        self.zero_grad()
        y_pred = self(x, training=True)
        loss = self.compute_loss(x=x, y=y, y_pred=y_pred)
        loss.backward()
        variables = list(self.trainable_weights)
        gradients = [v.value.grad for v in variables]
        with torch.no_grad():
            self.optimizer.apply(gradients, variables)
        for metric in self.metrics:
            if metric.name == "loss":
                metric.update_state(loss)
            else:
                metric.update_state(y, y_pred)
        return {metric.name: metric.result() for metric in self.metrics}


def linear_step(x: Any, y: Any, w: Any, b: Any) -> Any:
    """One step down the squared loss; returns it."""
    loss = torch.mean(torch.square(y - (torch.matmul(x, w.value) + b.value)))
    loss.backward()
    with torch.no_grad():
        w.assign_sub(LINEAR_RATE * w.value.grad)
        b.assign_sub(LINEAR_RATE * b.value.grad)
    w.value.grad = b.value.grad = None
    return loss.detach()
