"""Steps in the style of JAX: state in, state out; and JAX's own loops around layers."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import optax

import triceras as keras


class Styled(keras.Model):
    def compute_loss_and_updates(self, trainable, fixed, x, y, training=False):
        y_pred, fixed = self.stateless_call(trainable, fixed, x, training=training)
        return self.compute_loss(x, y, y_pred), (y_pred, fixed)

    def _logs(self, state, loss, y, y_pred):
        after, logs = [], {}
        for metric in self.metrics:
            own = state[len(after) : len(after) + len(metric.variables)]
            values = (loss,) if metric.name == "loss" else (y, y_pred)
            own = metric.stateless_update_state(own, *values)
            logs[metric.name] = metric.stateless_result(own)
            after += own
        return logs, after

    def train_step(self, state, data):
        trainable, fixed, optimizer_state, metrics = state
        x, y = data
        grad = jax.value_and_grad(self.compute_loss_and_updates, has_aux=True)
        (loss, (y_pred, fixed)), gradients = grad(trainable, fixed, x, y, training=True)
        trainable, optimizer_state = self.optimizer.stateless_apply(optimizer_state, gradients, trainable)
        logs, metrics = self._logs(metrics, loss, y, y_pred)
        return logs, (trainable, fixed, optimizer_state, metrics)

    def test_step(self, state, data):
        trainable, fixed, metrics = state
        x, y = data
        loss, (y_pred, fixed) = self.compute_loss_and_updates(trainable, fixed, x, y)
        logs, metrics = self._logs(metrics, loss, y, y_pred)
        return logs, (trainable, fixed, metrics)

    def predict_step(self, state, data):
        trainable, fixed = state
        return self.stateless_call(trainable, fixed, data, training=False)


def _loss(model):
    def loss(trainable, fixed, x, y):
        y_pred, fixed = model.stateless_call(trainable, fixed, x)
        return jnp.mean((y_pred - y) ** 2), fixed

    return jax.value_and_grad(loss, has_aux=True)


def _values(variables):
    return [v.value for v in variables]


def native_loop(model, x, y, rate, steps):
    optimizer = optax.sgd(rate)
    grad = _loss(model)
    trainable, fixed = _values(model.trainable_variables), _values(model.non_trainable_variables)
    state = optimizer.init(trainable)

    @jax.jit
    def step(trainable, fixed, state):
        (_, fixed), gradients = grad(trainable, fixed, x, y)
        updates, state = optimizer.update(gradients, state)
        return optax.apply_updates(trainable, updates), fixed, state

    for _ in range(steps):
        trainable, fixed, state = step(trainable, fixed, state)
    for variable, value in zip(model.trainable_variables, trainable, strict=True):
        variable.assign(value)


def native_loop_with_our_optimizer(model, x, y, optimizer, steps):
    optimizer.build(model.trainable_variables)
    grad = _loss(model)

    @jax.jit
    def step(trainable, fixed, state):
        (_, fixed), gradients = grad(trainable, fixed, x, y)
        return *optimizer.stateless_apply(state, gradients, trainable), fixed

    trainable, fixed = _values(model.trainable_variables), _values(model.non_trainable_variables)
    state = _values(optimizer.variables)
    for _ in range(steps):
        trainable, state, fixed = step(trainable, fixed, state)
    for variable, value in zip([*model.trainable_variables, *optimizer.variables], [*trainable, *state], strict=True):
        variable.assign(value)


def compiled_forward(model, x):
    state = _values(model.trainable_variables), _values(model.non_trainable_variables)
    return np.asarray(jax.jit(lambda state, x: model.stateless_call(*state, x)[0])(state, x))


def state_round_trip(model, other, directory):
    leaves, structure = jax.tree_util.tree_flatten({v.path: v.value for v in model.variables})
    np.savez(directory / "state.npz", *leaves)
    with np.load(directory / "state.npz") as found:
        state = jax.tree_util.tree_unflatten(structure, list(found.values()))
    for mine, theirs in zip(model.variables, other.variables, strict=True):
        theirs.assign(state[mine.path])


def gradients_of(model, x):
    fixed = _values(model.non_trainable_variables)
    loss = jax.grad(lambda trainable: jnp.sum(model.stateless_call(trainable, fixed, x)[0]))
    return [np.asarray(g) for g in loss(_values(model.trainable_variables))]
