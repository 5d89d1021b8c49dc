"""Plain JAX."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np


def digits_loop(weights: Any, x: Any, y: Any, batch: int, epochs: int) -> Callable[[], None]:
    """A jitted, donated step with hand-written Adam, loss sum and accuracy carried along."""
    x_all, y_all = jnp.asarray(x), jnp.asarray(y)

    def loss_of(w: Any, xb: Any, yb: Any) -> Any:
        logits = jax.nn.relu(xb @ w[0] + w[1]) @ w[2] + w[3]
        return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(logits), yb[:, None], 1)), logits

    def step(state: Any, rows: Any, x_all: Any, y_all: Any) -> Any:
        w, m, v, t, total, right = state
        xb, yb = x_all[rows], y_all[rows]
        (loss, logits), g = jax.value_and_grad(loss_of, has_aux=True)(w, xb, yb)
        t = t + 1
        rate = 1e-3 * jnp.sqrt(1 - 0.999**t) / (1 - 0.9**t)
        m = [a + (b - a) * 0.1 for a, b in zip(m, g, strict=True)]
        v = [a + (b * b - a) * 0.001 for a, b in zip(v, g, strict=True)]
        w = [p - rate * a / (jnp.sqrt(b) + 1e-7) for p, a, b in zip(w, m, v, strict=True)]
        return w, m, v, t, total + loss * len(rows), right + jnp.sum(logits.argmax(-1) == yb)

    compiled = jax.jit(step, donate_argnums=0)
    w = [jnp.asarray(a) for a in weights]
    box = [
        (
            w,
            [jnp.zeros_like(a) for a in w],
            [jnp.zeros_like(a) for a in w],
            jnp.zeros(()),
            jnp.zeros(()),
            jnp.zeros((), int),
        )
    ]

    def run() -> None:
        state = box[0]
        for _ in range(epochs):
            order = np.random.permutation(len(x)).astype("int32")
            state = (*state[:4], jnp.zeros(()), jnp.zeros((), int))
            for start in range(0, len(order), batch):
                state = compiled(state, order[start : start + batch], x_all, y_all)
            float(state[4]), int(state[5])
        box[0] = state

    return run


def gradients(arrays: Any, x: Any, y: Any, compiled: bool) -> Callable[[], Any]:
    """jax.grad, jitted or not."""
    parameters = [jnp.asarray(a) for a in arrays]
    x, y = jnp.asarray(x), jnp.asarray(y)

    def loss(p: Any, x: Any, y: Any) -> Any:
        return jnp.mean(jnp.square(jnp.tanh(x @ p[0] + p[1]) @ p[2] + p[3] - y))

    gradient = jax.grad(loss)
    gradient = jax.jit(gradient) if compiled else gradient
    return lambda: gradient(parameters, x, y)


def wait(tensors: Any) -> None:
    """Waits for dispatched work."""
    jax.block_until_ready(tensors)
