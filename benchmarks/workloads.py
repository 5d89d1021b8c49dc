"""What is timed: the same model and data for Triceras, Keras 3 and the framework's own loop."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

import keras as keras3
import numpy as np
from sklearn.datasets import load_digits

import triceras as keras
from benchmarks.timing import Cost, interleaved
from triceras import ops
from triceras.backend import backend

BATCH = 64
native: Any = importlib.import_module(f"benchmarks.native.{backend()}")

Runs = dict[str, Callable[[], None]]


def digits(epochs: int) -> tuple[Runs, int]:
    """fit of a 64-64-10 classifier on digits, Adam, batch 64, loss and accuracy tracked."""
    images, labels = load_digits(return_X_y=True)
    x, y = (images[:1792] / 16).astype("float32"), labels[:1792].astype("int32")
    runs: Runs = {}
    weights = None
    for name, package in (("triceras", keras), ("keras 3", keras3)):
        layers = package.layers
        model = package.Sequential(
            [package.Input((64,)), layers.Dense(64, activation="relu"), layers.Dense(10, activation="softmax")]
        )
        weights = weights or model.get_weights()
        model.set_weights(weights)
        model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])

        def run(model: Any = model) -> None:
            model.fit(x, y, batch_size=BATCH, epochs=epochs, verbose=0)

        runs[name] = run
    runs["native"] = native.digits_loop(weights, x, y, BATCH, epochs)
    return runs, epochs * (len(x) // BATCH)


def tape(steps: int, compiled: bool) -> tuple[Runs, int]:
    """A gradient of a small two-layer loss by all weights: our tape, and the framework's own way."""
    rng = np.random.default_rng(0)
    x, y = (rng.normal(size=size).astype("float32") for size in ((64, 32), (64, 8)))
    arrays = [rng.normal(size=size).astype("float32") for size in ((32, 32), (32,), (32, 8), (8,))]
    variables = [keras.Variable(a) for a in arrays]
    x_tensor, y_tensor = ops.convert_to_tensor(x), ops.convert_to_tensor(y)

    def gradients(x: Any, y: Any) -> Any:
        with keras.GradientTape() as tape:
            w1, b1, w2, b2 = variables
            hidden = ops.tanh(ops.add(ops.matmul(x, w1), b1))
            loss = ops.mean(ops.square(ops.subtract(ops.add(ops.matmul(hidden, w2), b2), y)))
        return tape.gradient(loss, variables)

    ours = keras.jit(gradients) if compiled else gradients
    theirs = native.gradients(arrays, x, y, compiled)

    def run_ours() -> None:
        for _ in range(steps):
            native.wait(ours(x_tensor, y_tensor))

    def run_theirs() -> None:
        for _ in range(steps):
            native.wait(theirs())

    return {"triceras": run_ours, "native": run_theirs}, steps


WORKLOADS: dict[str, Callable[[bool], tuple[Runs, int]]] = {
    "digits": lambda quick: digits(2 if quick else 8),
    "tape": lambda quick: tape(50 if quick else 300, compiled=False),
    "tape-jit": lambda quick: tape(50 if quick else 300, compiled=True),
}


def measure(workload: str, quick: bool) -> dict[str, Cost]:
    """The costs of each alternative of a workload."""
    runs, steps = WORKLOADS[workload](quick)
    return interleaved(runs, steps, 3 if quick else 9)
