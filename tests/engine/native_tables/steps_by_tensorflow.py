"""Steps in the style of TensorFlow, and TensorFlow's own loops around layers."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

import triceras as keras


class Styled(keras.Model):
    def _logs(self, loss, y, y_pred):
        for metric in self.metrics:
            metric.update_state(loss) if metric.name == "loss" else metric.update_state(y, y_pred)
        return {metric.name: metric.result() for metric in self.metrics}

    def train_step(self, data):
        x, y = data
        with tf.GradientTape() as tape:
            y_pred = self(x, training=True)
            loss = self.compute_loss(y=y, y_pred=y_pred)
        gradients = tape.gradient(loss, self.trainable_variables)
        self.optimizer.apply(gradients, self.trainable_variables)
        return self._logs(loss, y, y_pred)

    def test_step(self, data):
        x, y = data
        y_pred = self(x, training=False)
        return self._logs(self.compute_loss(y=y, y_pred=y_pred), y, y_pred)

    def predict_step(self, data):
        return self(data, training=False)


def _gradients(model, x, y):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean((model(x) - y) ** 2)
    return tape.gradient(loss, model.trainable_variables)


def native_loop(model, x, y, rate, steps):
    @tf.function
    def step(x, y):
        for gradient, variable in zip(_gradients(model, x, y), model.trainable_variables, strict=True):
            variable.assign_sub(rate * gradient)

    for _ in range(steps):
        step(tf.constant(x), tf.constant(y))


def native_loop_with_our_optimizer(model, x, y, optimizer, steps):
    @tf.function
    def step(x, y):
        optimizer.apply_gradients(zip(_gradients(model, x, y), model.trainable_variables, strict=True))

    for _ in range(steps):
        step(tf.constant(x), tf.constant(y))


def compiled_forward(model, x):
    return tf.function(model, jit_compile=True)(tf.constant(x)).numpy()


def state_round_trip(model, other, directory):
    path = tf.train.Checkpoint(model=model).write(str(directory / "state"))
    tf.train.Checkpoint(model=other).read(path).assert_consumed()


def gradients_of(model, x):
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(model(x))
    return [np.asarray(g) for g in tape.gradient(loss, model.trainable_variables)]
