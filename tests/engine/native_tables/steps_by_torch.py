"""Steps in the style of PyTorch, and PyTorch's own loops around layers."""

from __future__ import annotations

import numpy as np
import torch

import triceras as keras


class Styled(keras.Model):
    def _forward(self, data, training):
        x, y = data
        y_pred = self(x, training=training)
        return self.compute_loss(y=y, y_pred=y_pred), y, y_pred

    def _logs(self, loss, y, y_pred):
        for metric in self.metrics:
            metric.update_state(loss) if metric.name == "loss" else metric.update_state(y, y_pred)
        return {metric.name: metric.result() for metric in self.metrics}

    def train_step(self, data):
        self.zero_grad()
        loss, y, y_pred = self._forward(data, True)
        loss.backward()
        weights = list(self.trainable_weights)
        gradients = [weight.value.grad for weight in weights]
        with torch.no_grad():
            self.optimizer.apply(gradients, weights)
        return self._logs(loss, y, y_pred)

    def test_step(self, data):
        return self._logs(*self._forward(data, False))

    def predict_step(self, data):
        return self(data, training=False)


def native_loop(model, x, y, rate, steps):
    optimizer = torch.optim.SGD(model.parameters(), lr=rate)
    x, y = torch.tensor(x), torch.tensor(y)
    for _ in range(steps):
        optimizer.zero_grad()
        torch.nn.functional.mse_loss(model(x), y).backward()
        optimizer.step()


def native_loop_with_our_optimizer(model, x, y, optimizer, steps):
    list(model.parameters())  # asks for gradients of PyTorch's own making
    for _ in range(steps):
        model.zero_grad()
        torch.nn.functional.mse_loss(model(torch.tensor(x)), torch.tensor(y)).backward()
        optimizer.apply([w.value.grad for w in model.trainable_weights], model.trainable_weights)


def compiled_forward(model, x):
    return torch.compile(model, backend="eager")(torch.tensor(x)).detach().numpy()


def state_round_trip(model, other, directory):
    torch.save(model.state_dict(), directory / "state.pt")
    other.load_state_dict(torch.load(directory / "state.pt"))


def gradients_of(model, x):
    model.zero_grad()
    model(torch.tensor(x)).sum().backward()
    return [np.asarray(p.grad) for p in model.parameters()]
