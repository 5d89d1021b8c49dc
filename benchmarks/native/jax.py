"""Plain JAX."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from benchmarks.suite import LINEAR_RATE, PREDICT_BATCH, RESNET_STAGES, Weights, Workload

tree_map = jax.tree_util.tree_map


# -- models: functions of parameters, state and inputs, to outputs and state ------------------


def _dense(p: Any, x: Any) -> Any:
    return x @ p[0] + p[1]


def _conv(p: Any, x: Any, stride: int = 1, padding: str = "VALID") -> Any:
    y = jax.lax.conv_general_dilated(x, p[0], (stride, stride), padding, dimension_numbers=("NHWC", "HWIO", "NHWC"))
    return y + p[1] if len(p) > 1 else y


def _max_pool(x: Any) -> Any:
    return jax.lax.reduce_window(x, -jnp.inf, jax.lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")


def _layer_norm(p: Any, x: Any) -> Any:
    mean, var = x.mean(-1, keepdims=True), x.var(-1, keepdims=True)
    return (x - mean) * jax.lax.rsqrt(var + 1e-3) * p[0] + p[1]


def _mlp(p: Any, state: Any, x: Any) -> Any:
    return _dense(p["output"], jax.nn.relu(_dense(p["hidden"], x))), state


def _convnet(p: Any, state: Any, x: Any) -> Any:
    x = _max_pool(jax.nn.relu(_conv(p["conv1"], x)))
    x = _max_pool(jax.nn.relu(_conv(p["conv2"], x)))
    x = jax.nn.relu(_conv(p["conv3"], x))
    return _dense(p["output"], x.reshape(len(x), -1)), state


def _lstm(p: Any, state: Any, x: Any) -> Any:
    kernel, recurrent, bias = p["lstm"]
    projected = jnp.swapaxes(p["embedding"][0][x], 0, 1) @ kernel + bias

    def cell(carry: Any, at: Any) -> Any:
        h, c = carry
        i, f, g, o = jnp.split(at + h @ recurrent, 4, -1)
        c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
        return (jax.nn.sigmoid(o) * jnp.tanh(c), c), None

    zeros = jnp.zeros((len(x), 64))
    (h, _), _ = jax.lax.scan(cell, (zeros, zeros), projected)
    return _dense(p["output"], h), state


def _transformer(p: Any, state: Any, x: Any) -> Any:
    q, k, v = (_dense(p[name], x).reshape(*x.shape[:2], 4, 16) for name in ("query", "key", "value"))
    attended = jax.nn.dot_product_attention(q, k, v).reshape(x.shape)
    x = _layer_norm(p["norm1"], x + _dense(p["projection"], attended))
    x = _layer_norm(p["norm2"], x + _dense(p["ffn2"], jax.nn.relu(_dense(p["ffn1"], x))))
    return _dense(p["output"], x.mean(1)), state


def _resnet(p: Any, state: Any, x: Any) -> Any:
    after = {}

    def convolve(x: Any, name: str, norm: str, stride: int) -> Any:
        x = _conv(p[name], x, stride, "SAME")
        mean, var = x.mean((0, 1, 2)), x.var((0, 1, 2))
        after[norm] = [old + (new - old) * 0.01 for old, new in zip(state[norm], (mean, var), strict=True)]
        gamma, beta = p[norm]
        return (x - mean) * (jax.lax.rsqrt(var + 1e-3) * gamma) + beta

    x = jax.nn.relu(convolve(x, "stem", "stem_norm", 1))
    for i, (_, _, stride) in enumerate(RESNET_STAGES):
        shortcut = x if stride == 1 else convolve(x, f"{i}_short", f"{i}_short_norm", stride)
        y = jax.nn.relu(convolve(x, f"{i}_conv1", f"{i}_norm1", stride))
        x = jax.nn.relu(convolve(y, f"{i}_conv2", f"{i}_norm2", 1) + shortcut)
    return _dense(p["output"], x.mean((1, 2))), after


MODELS = {"mlp": _mlp, "convnet": _convnet, "lstm": _lstm, "transformer": _transformer, "resnet": _resnet}


def _parameters(weights: Weights) -> tuple[Any, Any]:
    """Trainable weights, and the moving statistics."""
    p = {name: [jnp.asarray(a) for a in arrays] for name, arrays in weights.items()}
    state = {name: arrays[2:] for name, arrays in p.items() if "norm" in name and len(arrays) == 4}
    p |= {name: p[name][:2] for name in state}
    if "attention" in p:
        parts = p.pop("attention")
        for i, name in enumerate(("query", "key", "value", "projection")):
            p[name] = [parts[2 * i].reshape(64, 64), parts[2 * i + 1].reshape(64)]
    return p, state


# -- training -------------------------------------------------------------------------------


def _loss(logits: Any, y: Any) -> Any:
    if y.dtype == jnp.float32:
        return jnp.mean(jnp.maximum(logits, 0) - logits * y + jnp.log1p(jnp.exp(-jnp.abs(logits))))
    return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(logits), y[:, None], 1))


def _right(logits: Any, y: Any) -> Any:
    return jnp.sum((logits > 0) == (y > 0.5)) if y.dtype == jnp.float32 else jnp.sum(logits.argmax(-1) == y)


def trainer(workload: Workload, weights: Weights, x: Any, y: Any, variant: str, exact: bool) -> Any:
    """variant: step (a jitted, donated step a batch) or scan (an epoch in one call)."""
    model = MODELS[workload.model]
    x_all, y_all = jnp.asarray(x), jnp.asarray(y)
    p, statistics = _parameters(weights)

    def loss_of(p: Any, statistics: Any, xb: Any, yb: Any) -> Any:
        logits, statistics = model(p, statistics, xb)
        return _loss(logits, yb), (logits, statistics)

    def step(state: Any, rows: Any, x_all: Any, y_all: Any) -> Any:
        p, m, v, t, statistics, total, right = state
        xb, yb = x_all[rows], y_all[rows]
        (loss, (logits, statistics)), g = jax.value_and_grad(loss_of, has_aux=True)(p, statistics, xb, yb)
        t = t + 1
        rate = 1e-3 * jnp.sqrt(1 - 0.999**t) / (1 - 0.9**t)
        m = tree_map(lambda a, b: a + (b - a) * 0.1, m, g)
        v = tree_map(lambda a, b: a + (b * b - a) * 0.001, v, g)
        p = tree_map(lambda w, a, b: w - rate * a / (jnp.sqrt(b) + 1e-7), p, m, v)
        return p, m, v, t, statistics, total + loss * len(rows), right + _right(logits, yb)

    @partial(jax.jit, donate_argnums=0)
    def scanned(state: Any, order: Any, x_all: Any, y_all: Any) -> Any:
        return jax.lax.scan(lambda state, rows: (step(state, rows, x_all, y_all), None), state, order)[0]

    stepped = jax.jit(step, donate_argnums=0)
    state = (p, tree_map(jnp.zeros_like, p), tree_map(jnp.zeros_like, p), jnp.zeros(()), statistics)

    def epoch(order: Any) -> tuple[float, float]:
        nonlocal state
        now = (*state, jnp.zeros(()), jnp.zeros((), int))
        if variant == "scan":
            now = scanned(now, order, x_all, y_all)
        else:
            for rows in order:
                now = stepped(now, rows, x_all, y_all)
        state = now[:5]
        return float(now[5]) / order.size, int(now[6]) / order.size

    return epoch


# -- the rest -------------------------------------------------------------------------------


def predictor(workload: Workload, weights: Weights, x: Any, variant: str) -> Callable[[], Any]:
    """variant: step (a call a batch) or scan (all whole batches in one call)."""
    p, state = _parameters(weights)
    model = jax.jit(lambda p, x: MODELS[workload.model](p, state, x)[0])
    whole = len(x) // PREDICT_BATCH * PREDICT_BATCH
    scan = jax.jit(lambda p, x: jax.lax.map(partial(model, p), x))

    def predict() -> Any:
        rest = [model(p, x[whole:])] if len(x) > whole else []
        if variant == "scan":
            most = scan(p, x[:whole].reshape(-1, PREDICT_BATCH, *x.shape[1:]))
            return np.concatenate([np.asarray(most).reshape(whole, -1), *(np.asarray(a) for a in rest)])
        parts = [model(p, x[at : at + PREDICT_BATCH]) for at in range(0, whole, PREDICT_BATCH)]
        return np.concatenate([np.asarray(a) for a in parts + rest])

    return predict


def forward(workload: Workload, weights: Weights) -> Callable[[Any], Any]:
    """A jitted call."""
    p, state = _parameters(weights)
    return partial(jax.jit(lambda p, x: MODELS[workload.model](p, state, x)[0]), p)


def linear(weights: list[Any], x: Any, y: Any, variant: str) -> Callable[[], Any]:
    """value_and_grad and the update, jitted or not."""
    state = tuple(jnp.asarray(a) for a in weights)
    x, y = jnp.asarray(x), jnp.asarray(y)

    def loss(w: Any, b: Any, x: Any, y: Any) -> Any:
        return jnp.mean(jnp.square(y - (x @ w + b)))

    gradient = jax.value_and_grad(loss, argnums=(0, 1))

    def update(w: Any, b: Any, x: Any, y: Any) -> Any:
        value, (gradient_w, gradient_b) = gradient(w, b, x, y)
        return value, w - LINEAR_RATE * gradient_w, b - LINEAR_RATE * gradient_b

    update = jax.jit(update) if variant == "jit" else update

    def step() -> Any:
        nonlocal state
        value, *state = update(*state, x, y)
        return value

    return step


def gradients(arrays: Any, x: Any, y: Any, variant: str) -> Callable[[], Any]:
    """jax.grad, jitted or not."""
    parameters = [jnp.asarray(a) for a in arrays]
    x, y = jnp.asarray(x), jnp.asarray(y)

    def loss(p: Any, x: Any, y: Any) -> Any:
        return jnp.mean(jnp.square(jnp.tanh(x @ p[0] + p[1]) @ p[2] + p[3] - y))

    gradient = jax.jit(jax.grad(loss)) if variant == "jit" else jax.grad(loss)
    return lambda: gradient(parameters, x, y)


def tensor(array: Any) -> Any:
    return jnp.asarray(array)


def to_numpy(value: Any) -> Any:
    return np.asarray(value)
