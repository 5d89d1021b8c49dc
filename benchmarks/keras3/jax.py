"""Keras 3 on JAX."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import keras

from benchmarks.suite import LINEAR_RATE


class Custom(keras.Sequential):
    """The stateless step."""

    def loss_of(self, trainable: Any, non_trainable: Any, x: Any, y: Any) -> Any:
        y_pred, non_trainable = self.stateless_call(trainable, non_trainable, x, training=True)
        return self.compute_loss(x=x, y=y, y_pred=y_pred), (y_pred, non_trainable)

    def train_step(self, state: Any, data: Any) -> Any:
        trainable, non_trainable, optimizer_variables, metrics_variables = state
        x, y = data[:2]
        gradient = jax.value_and_grad(self.loss_of, has_aux=True)
        (loss, (y_pred, non_trainable)), gradients = gradient(trainable, non_trainable, x, y)
        trainable, optimizer_variables = self.optimizer.stateless_apply(optimizer_variables, gradients, trainable)
        logs, after = {}, []
        for metric in self.metrics:
            count = len(metric.variables)
            before = metrics_variables[len(after) : len(after) + count]
            arguments = (loss,) if metric.name == "loss" else (y, y_pred)
            new = metric.stateless_update_state(before, *arguments)
            logs[metric.name] = metric.stateless_result(new)
            after += new
        return logs, (trainable, non_trainable, optimizer_variables, after)


def _loss(w: Any, b: Any, x: Any, y: Any) -> Any:
    return jnp.mean(jnp.square(y - (jnp.matmul(x, w) + b)))


_gradient = jax.value_and_grad(_loss, argnums=(0, 1))


def linear_step(x: Any, y: Any, w: Any, b: Any) -> Any:
    """One step down the squared loss; returns it."""
    loss, (gradient_w, gradient_b) = _gradient(w.value, b.value, x, y)
    w.assign_sub(LINEAR_RATE * gradient_w)
    b.assign_sub(LINEAR_RATE * gradient_b)
    return loss
