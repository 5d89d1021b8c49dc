"""Plain TensorFlow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf

from benchmarks.suite import LINEAR_RATE, PREDICT_BATCH, RESNET_STAGES, Weights, Workload

# -- models: functions of variables by layer, and inputs --------------------------------------


def _dense(p: Any, x: Any) -> Any:
    return tf.nn.bias_add(tf.matmul(x, p[0]), p[1])


def _conv(p: Any, x: Any, stride: int = 1, padding: str = "VALID") -> Any:
    y = tf.nn.conv2d(x, p[0], stride, padding)
    return tf.nn.bias_add(y, p[1]) if len(p) > 1 else y


def _layer_norm(p: Any, x: Any) -> Any:
    mean, var = tf.nn.moments(x, -1, keepdims=True)
    return tf.nn.batch_normalization(x, mean, var, p[1], p[0], 1e-3)


def _mlp(p: Any, x: Any) -> Any:
    return _dense(p["output"], tf.nn.relu(_dense(p["hidden"], x)))


def _convnet(p: Any, x: Any) -> Any:
    x = tf.nn.max_pool2d(tf.nn.relu(_conv(p["conv1"], x)), 2, 2, "VALID")
    x = tf.nn.max_pool2d(tf.nn.relu(_conv(p["conv2"], x)), 2, 2, "VALID")
    x = tf.nn.relu(_conv(p["conv3"], x))
    return _dense(p["output"], tf.reshape(x, (-1, 576)))


def _cell(at: Any, recurrent: Any, h: Any, c: Any) -> Any:
    i, f, g, o = tf.split(at + tf.matmul(h, recurrent), 4, -1)
    c = tf.sigmoid(f) * c + tf.sigmoid(i) * tf.tanh(g)
    return tf.sigmoid(o) * tf.tanh(c), c


def _lstm(p: Any, x: Any, unrolled: bool = False) -> Any:
    kernel, recurrent, bias = p["lstm"]
    embedded = tf.gather(p["embedding"][0], tf.transpose(x))
    rows = tf.shape(x)[0]
    projected = tf.reshape(_dense([kernel, bias], tf.reshape(embedded, (-1, 64))), (80, rows, 256))
    h = c = tf.zeros((rows, 64))
    recurrent = tf.convert_to_tensor(recurrent)
    if unrolled:
        for at in tf.unstack(projected):
            h, c = _cell(at, recurrent, h, c)
    else:
        steps = tf.TensorArray(tf.float32, 80).unstack(projected)
        shapes = (tf.TensorShape(()), tf.TensorShape((None, 64)), tf.TensorShape((None, 64)))
        _, h, c = tf.while_loop(
            lambda t, h, c: t < 80,
            lambda t, h, c: (t + 1, *_cell(steps.read(t), recurrent, h, c)),
            (tf.constant(0), h, c),
            shape_invariants=shapes,
            maximum_iterations=80,
        )
    return _dense(p["output"], h)


def _transformer(p: Any, x: Any) -> Any:
    rows = tf.reshape(x, (-1, 64))
    q, k, v = (
        tf.transpose(tf.reshape(_dense(p[name], rows), (-1, 64, 4, 16)), (0, 2, 1, 3))
        for name in ("query", "key", "value")
    )
    scores = tf.nn.softmax(tf.matmul(q * 0.25, k, transpose_b=True))
    attended = tf.reshape(tf.transpose(tf.matmul(scores, v), (0, 2, 1, 3)), (-1, 64))
    x = _layer_norm(p["norm1"], rows + _dense(p["projection"], attended))
    x = _layer_norm(p["norm2"], x + _dense(p["ffn2"], tf.nn.relu(_dense(p["ffn1"], x))))
    return _dense(p["output"], tf.reduce_mean(tf.reshape(x, (-1, 64, 64)), 1))


def _resnet(p: Any, x: Any) -> Any:
    def convolve(x: Any, name: str, norm: str, stride: int) -> Any:
        gamma, beta, moving_mean, moving_var = p[norm]
        x, mean, var, *_ = tf.raw_ops.FusedBatchNormV3(
            x=_conv(p[name], x, stride, "SAME"), scale=gamma, offset=beta, mean=[], variance=[], epsilon=1e-3
        )
        moving_mean.assign_sub((moving_mean - mean) * 0.01)
        moving_var.assign_sub((moving_var - var) * 0.01)
        return x

    x = tf.nn.relu(convolve(x, "stem", "stem_norm", 1))
    for i, (_, _, stride) in enumerate(RESNET_STAGES):
        shortcut = x if stride == 1 else convolve(x, f"{i}_short", f"{i}_short_norm", stride)
        y = tf.nn.relu(convolve(x, f"{i}_conv1", f"{i}_norm1", stride))
        x = tf.nn.relu(convolve(y, f"{i}_conv2", f"{i}_norm2", 1) + shortcut)
    return _dense(p["output"], tf.reduce_mean(x, (1, 2)))


MODELS = {"mlp": _mlp, "convnet": _convnet, "lstm": _lstm, "transformer": _transformer, "resnet": _resnet}


def _variables(weights: Weights) -> Any:
    """Variables by layer; moving statistics are not trainable."""
    p = {
        name: [tf.Variable(a, trainable=not ("norm" in name and i > 1)) for i, a in enumerate(arrays)]
        for name, arrays in weights.items()
    }
    if "attention" in p:
        parts = weights["attention"]
        del p["attention"]
        for i, name in enumerate(("query", "key", "value", "projection")):
            p[name] = [tf.Variable(parts[2 * i].reshape(64, 64)), tf.Variable(parts[2 * i + 1].reshape(64))]
    return p


# -- training -------------------------------------------------------------------------------


def _loss(logits: Any, y: Any) -> Any:
    if y.dtype == tf.float32:
        return tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(y, logits))
    return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(y, logits))


def _right(logits: Any, y: Any) -> Any:
    right = (logits > 0) == (y > 0.5) if y.dtype == tf.float32 else tf.argmax(logits, -1, tf.int32) == y
    return tf.reduce_sum(tf.cast(right, tf.float32))


def trainer(workload: Workload, weights: Weights, x: Any, y: Any, variant: str, exact: bool) -> Any:
    """variant: step (a tf.function a batch), loop (an epoch inside the graph), unrolled (the LSTM), xla."""
    model = MODELS[workload.model]
    options = {"unrolled": True} if variant == "unrolled" else {}
    p = _variables(weights)
    w = [variable for variables in p.values() for variable in variables if variable.trainable]
    m, v = ([tf.Variable(tf.zeros_like(a)) for a in w] for _ in range(2))
    count, total, right = tf.Variable(0.0), tf.Variable(0.0), tf.Variable(0.0)
    x_all, y_all = tf.constant(x), tf.constant(y)

    def step(rows: Any) -> None:
        xb, yb = tf.gather(x_all, rows), tf.gather(y_all, rows)
        with tf.GradientTape() as tape:
            logits = model(p, xb, **options)
            loss = _loss(logits, yb)
        t = count.assign_add(1.0)
        powers = {"beta1_power": 0.9**t, "beta2_power": 0.999**t}
        for var, slot_m, slot_v, g in zip(w, m, v, tape.gradient(loss, w), strict=True):
            tf.raw_ops.ResourceApplyAdam(
                var=var.handle, m=slot_m.handle, v=slot_v.handle, **powers,
                lr=1e-3, beta1=0.9, beta2=0.999, epsilon=1e-7, grad=tf.convert_to_tensor(g),
            )  # fmt: skip
        total.assign_add(loss * tf.cast(tf.size(rows), tf.float32))
        right.assign_add(_right(logits, yb))

    stepped = tf.function(step, autograph=False, jit_compile=variant == "xla" or None)

    @tf.function(autograph=False)
    def looped(order: Any) -> None:
        def body(i: Any) -> Any:
            step(order[i])
            return (i + 1,)

        tf.while_loop(lambda i: i < tf.shape(order)[0], body, (tf.constant(0),), parallel_iterations=1)

    def epoch(order: Any) -> tuple[float, float]:
        total.assign(0.0)
        right.assign(0.0)
        if variant == "loop":
            looped(tf.constant(order))
        else:
            for rows in order:
                stepped(tf.constant(rows))
        return float(total) / order.size, float(right) / order.size

    return epoch


# -- the rest -------------------------------------------------------------------------------


def predictor(workload: Workload, weights: Weights, x: Any, variant: str) -> Callable[[], Any]:
    """variant: step (a call a batch) or loop (all batches inside the graph)."""
    p = _variables(weights)
    model = MODELS[workload.model]
    signature = [tf.TensorSpec((None, *x.shape[1:]), tf.float32)]
    call = tf.function(lambda x: model(p, x), input_signature=signature, autograph=False)

    @tf.function(input_signature=signature, autograph=False)
    def looped(x: Any) -> Any:
        rows = tf.shape(x)[0]
        batches = (rows + PREDICT_BATCH - 1) // PREDICT_BATCH
        parts = tf.TensorArray(tf.float32, batches, infer_shape=False, element_shape=(None, 10))

        def body(i: Any, parts: Any) -> Any:
            at = i * PREDICT_BATCH
            return i + 1, parts.write(i, model(p, x[at : tf.minimum(at + PREDICT_BATCH, rows)]))

        return tf.while_loop(lambda i, _: i < batches, body, (0, parts))[1].concat()

    def predict() -> Any:
        if variant == "loop":
            return looped(tf.constant(x)).numpy()
        whole = tf.constant(x)
        return np.concatenate([call(whole[at : at + PREDICT_BATCH]) for at in range(0, len(x), PREDICT_BATCH)])

    return predict


def forward(workload: Workload, weights: Weights) -> Callable[[Any], Any]:
    """A call of a tf.function."""
    p = _variables(weights)
    return tf.function(lambda x: MODELS[workload.model](p, x), autograph=False)


def linear(weights: list[Any], x: Any, y: Any, variant: str) -> Callable[[], Any]:
    """tf.GradientTape, in a tf.function or not."""
    w, b = (tf.Variable(a) for a in weights)
    x, y = tf.constant(x), tf.constant(y)

    def step(x: Any, y: Any) -> Any:
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(y - (tf.matmul(x, w) + b)))
        gradient_w, gradient_b = tape.gradient(loss, [w, b])
        w.assign_sub(LINEAR_RATE * gradient_w)
        b.assign_sub(LINEAR_RATE * gradient_b)
        return loss

    function = tf.function(step, autograph=False) if variant == "function" else step
    return lambda: function(x, y)


def gradients(arrays: Any, x: Any, y: Any, variant: str) -> Callable[[], Any]:
    """tf.GradientTape, in a tf.function or not."""
    parameters = [tf.Variable(a) for a in arrays]
    x, y = tf.constant(x), tf.constant(y)

    def gradient(x: Any, y: Any) -> Any:
        with tf.GradientTape() as tape:
            w1, b1, w2, b2 = parameters
            loss = tf.reduce_mean(tf.square(tf.tanh(x @ w1 + b1) @ w2 + b2 - y))
        return tape.gradient(loss, parameters)

    function = tf.function(gradient, autograph=False) if variant == "function" else gradient
    return lambda: function(x, y)


def tensor(array: Any) -> Any:
    return tf.constant(array)


def to_numpy(value: Any) -> Any:
    return value.numpy()
