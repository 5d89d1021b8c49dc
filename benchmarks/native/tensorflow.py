"""Plain TensorFlow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf


def digits_loop(weights: Any, x: Any, y: Any, batch: int, epochs: int) -> Callable[[], None]:
    """A tf.function step with the fused Adam kernel, loss sum and accuracy in variables."""
    w = [tf.Variable(a) for a in weights]
    m, v = ([tf.Variable(tf.zeros_like(a)) for a in w] for _ in range(2))
    step_count, total, right = tf.Variable(0.0), tf.Variable(0.0), tf.Variable(0.0)
    x_all, y_all = tf.constant(x), tf.constant(y)

    @tf.function(autograph=False)
    def step(rows: Any) -> None:
        xb, yb = tf.gather(x_all, rows), tf.gather(y_all, rows)
        with tf.GradientTape() as tape:
            logits = tf.nn.relu(xb @ w[0] + w[1]) @ w[2] + w[3]
            loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(yb, logits))
        t = step_count.assign_add(1.0)
        for var, slot_m, slot_v, g in zip(w, m, v, tape.gradient(loss, w), strict=True):
            tf.raw_ops.ResourceApplyAdam(
                var=var.handle, m=slot_m.handle, v=slot_v.handle, beta1_power=0.9**t, beta2_power=0.999**t,
                lr=1e-3, beta1=0.9, beta2=0.999, epsilon=1e-7, grad=g,
            )  # fmt: skip
        total.assign_add(loss * tf.cast(tf.size(rows), tf.float32))
        right.assign_add(tf.reduce_sum(tf.cast(tf.argmax(logits, -1, tf.int32) == yb, tf.float32)))

    def run() -> None:
        for _ in range(epochs):
            order = np.random.permutation(len(x)).astype("int32")
            total.assign(0.0)
            right.assign(0.0)
            for start in range(0, len(order), batch):
                step(tf.constant(order[start : start + batch]))
            float(total), float(right)

    return run


def gradients(arrays: Any, x: Any, y: Any, compiled: bool) -> Callable[[], Any]:
    """tf.GradientTape, in a tf.function or not."""
    parameters = [tf.Variable(a) for a in arrays]
    x, y = tf.constant(x), tf.constant(y)

    def gradient(x: Any, y: Any) -> Any:
        with tf.GradientTape() as tape:
            w1, b1, w2, b2 = parameters
            loss = tf.reduce_mean(tf.square(tf.tanh(x @ w1 + b1) @ w2 + b2 - y))
        return tape.gradient(loss, parameters)

    function = tf.function(gradient, autograph=False) if compiled else gradient
    return lambda: function(x, y)


def wait(tensors: Any) -> None:
    """Nothing to wait for on the CPU."""
