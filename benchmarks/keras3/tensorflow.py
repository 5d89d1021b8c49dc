"""Keras 3 on TensorFlow."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from benchmarks.suite import LINEAR_RATE


class Custom(keras.Sequential):
    """`tf.GradientTape`."""

    def train_step(self, data: Any) -> Any:
        x, y = data[:2]
        with tf.GradientTape() as tape:
            y_pred = self(x, training=True)
            loss = self.compute_loss(x=x, y=y, y_pred=y_pred)
        gradients = tape.gradient(loss, self.trainable_variables)
        self.optimizer.apply(gradients, self.trainable_variables)
        for metric in self.metrics:
            if metric.name == "loss":
                metric.update_state(loss)
            else:
                metric.update_state(y, y_pred)
        return {metric.name: metric.result() for metric in self.metrics}


def linear_step(x: Any, y: Any, w: Any, b: Any) -> Any:
    """One step down the squared loss; returns it."""
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.square(y - (tf.matmul(x, w.value) + b.value)))
    gradient_w, gradient_b = tape.gradient(loss, [w.value, b.value])
    w.assign_sub(LINEAR_RATE * gradient_w)
    b.assign_sub(LINEAR_RATE * gradient_b)
    return loss
