"""The contestants that speak Keras: Triceras and Keras 3, each in a process of its own.

Whatever a contestant is, it has `first()` (compile and the first step), `run()` (many steps;
returns how many) and `check()` (some steps from the initial weights; returns figures that all
contestants must agree on).
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks import suite
from benchmarks.models import build, compile_options

Figures = dict[str, float]


class Fit:
    """`fit` of a model over some batches; an epoch is a run."""

    def __init__(self, keras: Any, workload: suite.Workload, variant: str, base: Any = None) -> None:
        self.keras, self.workload = keras, workload
        self.x, self.y = suite.arrays(workload)
        self.model = build(keras, workload.model, base)
        self.options: dict[str, Any] = {"verbose": 1 if variant == "verbose" else 0, "batch_size": workload.batch}
        if variant == "callback":
            self.options["callbacks"] = [counter(keras)]
        self.compile_options = compile_options(keras, workload.model)
        if variant == "compiled":
            self.compile_options["jit_compile"] = True

    def first(self) -> None:
        self.model.compile(**self.compile_options)
        self._fit(1, shuffle=True)

    def run(self) -> int:
        self._fit(self.workload.batches, shuffle=True)
        return self.workload.batches

    def check(self) -> Figures:
        self.model.compile(**self.compile_options)
        self._fit(suite.CHECK_BATCHES, shuffle=False)
        history = self._fit(suite.CHECK_BATCHES, shuffle=False).history
        return {name: float(history[name][-1]) for name in ("loss", "accuracy")}

    def _fit(self, batches: int, shuffle: bool) -> Any:
        rows = batches * self.workload.batch
        x, y = (self.x, self.y) if rows == len(self.x) else (self.x[:rows], self.y[:rows])
        return self.model.fit(x, y, epochs=1, shuffle=shuffle, **self.options)


def counter(keras: Any) -> Any:
    """A user's callback that does something every batch, and looks at the loss now and then."""

    class Counter(keras.callbacks.Callback):
        batches = 0
        losses: tuple[float, ...] = ()

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            self.batches += 1
            if self.batches % 50 == 0:
                self.losses = (*self.losses[-9:], float(logs["loss"]))

    return Counter()


class Predict:
    """`predict` over 10,000 rows, with its default batch size."""

    def __init__(self, keras: Any, workload: suite.Workload, variant: str) -> None:
        self.workload = workload
        self.x, _ = suite.arrays(workload)
        self.model = build(keras, workload.model)

    def first(self) -> None:
        self.model.predict(self.x[: self.workload.batch], verbose=0)

    def run(self) -> int:
        self.model.predict(self.x, verbose=0)
        return self.workload.batches

    def check(self) -> Figures:
        outputs = self.model.predict(self.x, verbose=0)
        return {"rows": float(len(outputs)), "size": float(np.abs(outputs).mean())}


class Call:
    """One of the single calls, again and again."""

    def __init__(self, keras: Any, workload: suite.Workload, variant: str) -> None:
        x, y = suite.arrays(workload)
        model = self.model = build(keras, workload.model)
        self.keras = keras
        self.compile_options = compile_options(keras, workload.model)
        tensor = keras.ops.convert_to_tensor(x)
        calls: dict[str, Callable[[], Any]] = {
            "call": lambda: model(tensor),
            "train_on_batch": lambda: model.train_on_batch(x, y)[0],
            "predict_one": lambda: model.predict(x, verbose=0),
            "fit_one": lambda: model.fit(x, y, verbose=0).history["loss"][-1],
        }
        self.call = calls[workload.kind]

    def first(self) -> None:
        self.model.compile(**self.compile_options)
        self.call()

    def run(self) -> int:
        for _ in range(suite.CALLS):
            self.call()
        return suite.CALLS

    def check(self) -> Figures:
        self.first()
        self.call()
        return {"size": float(np.abs(self.keras.ops.convert_to_numpy(self.call())).mean())}


class Linear:
    """The linear classifier by hand, every row at every step."""

    def __init__(self, keras: Any, train_step: Any) -> None:
        x, y = suite.arrays(suite.WORKLOADS["linear"])
        self.x, self.y = keras.ops.convert_to_tensor(x), keras.ops.convert_to_tensor(y)
        self.variables = [keras.Variable(a) for a in suite.weights("linear")["linear"]]
        self.train_step = train_step

    def first(self) -> None:
        self.loss = float(self.train_step(self.x, self.y, *self.variables))

    def run(self) -> int:
        for _ in range(suite.LINEAR_STEPS):
            loss = self.train_step(self.x, self.y, *self.variables)
        self.loss = float(loss)
        return suite.LINEAR_STEPS

    def check(self) -> Figures:
        self.run()
        return {"loss": self.loss}


class Tape:
    """The gradient of a small two-layer loss by all weights, with our tape, compiled or not."""

    def __init__(self, keras: Any, compiled: bool) -> None:
        ops = keras.ops
        x, y = (ops.convert_to_tensor(a) for a in suite.arrays(suite.WORKLOADS["tape"]))
        variables = [keras.Variable(a) for a in suite.weights("tape")["layers"]]

        def gradients(x: Any, y: Any) -> Any:
            with keras.GradientTape() as tape:
                w1, b1, w2, b2 = variables
                hidden = ops.tanh(ops.add(ops.matmul(x, w1), b1))
                loss = ops.mean(ops.square(ops.subtract(ops.add(ops.matmul(hidden, w2), b2), y)))
            return tape.gradient(loss, variables)

        function = keras.jit(gradients) if compiled else gradients
        self.gradients = lambda: function(x, y)
        self.to_numpy = ops.convert_to_numpy

    def first(self) -> None:
        self.to_numpy(self.gradients()[0])

    def run(self) -> int:
        for _ in range(suite.TAPE_STEPS):
            gradients = self.gradients()
        self.to_numpy(gradients[0])
        return suite.TAPE_STEPS

    def check(self) -> Figures:
        return {"size": float(sum(np.abs(self.to_numpy(g)).sum() for g in self.gradients()))}


def triceras_overrides(keras: Any) -> tuple[Any, Any]:
    """A model class with a training step of its own, and the linear classifier's step: once for every backend."""
    ops = keras.ops

    class Custom(keras.Sequential):
        def train_step(self, data: Any) -> Any:
            x, y = data[:2]
            with keras.GradientTape() as tape:
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
        with keras.GradientTape() as tape:
            loss = ops.mean(ops.square(y - (ops.matmul(x, w) + b)))
        gradient_w, gradient_b = tape.gradient(loss, [w, b])
        w.assign_sub(suite.LINEAR_RATE * gradient_w)
        b.assign_sub(suite.LINEAR_RATE * gradient_b)
        return loss

    return Custom, linear_step


def contestant(library: str, backend: str, workload: suite.Workload, variant: str) -> Any:
    """A contestant of "triceras" or "keras". Raises AttributeError: the library lacks what the workload needs."""
    keras: Any = importlib.import_module(library)
    if workload.kind in ("custom", "linear"):
        if library == "triceras":
            custom, linear_step = triceras_overrides(keras)
        else:
            overrides = importlib.import_module(f"benchmarks.keras3.{backend}")
            custom, linear_step = overrides.Custom, overrides.linear_step
        return Linear(keras, linear_step) if workload.kind == "linear" else Fit(keras, workload, variant, custom)
    if workload.kind == "tape":
        return Tape(keras, compiled=workload.name.endswith("jit"))
    kinds: dict[str, Any] = {"fit": Fit, "predict": Predict}
    return kinds.get(workload.kind, Call)(keras, workload, variant)
