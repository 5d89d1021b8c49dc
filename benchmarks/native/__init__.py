"""The frameworks' own loops, as an expert in each would write them; one module a framework.

Each defines
    trainer(workload, weights, x, y, variant, exact)
                                               a function of an order (batches, rows) of the rows,
                                               which trains on them and returns loss and accuracy;
                                               exact: where its habit is as much work but another
                                               function than Keras's, do as Keras does
    predictor(workload, weights, x, variant)   a function that predicts all of x, as a NumPy array
    forward(workload, weights)                 a function from a tensor to the outputs
    linear(weights, x, y, variant)             a function that does a step and returns the loss
    gradients(arrays, x, y, variant)           a function that returns the gradients
    tensor(array), to_numpy(tensor)            conversions
"""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np

from benchmarks import suite

Figures = dict[str, float]


class Fit:
    """Training by a plain loop; see benchmarks.highlevel for the methods."""

    def __init__(self, native: Any, workload: suite.Workload, variant: str) -> None:
        self.workload = workload
        self.make = lambda exact: native.trainer(
            workload, suite.weights(workload.model), *suite.arrays(workload), variant, exact
        )

    def first(self) -> None:
        self.epoch = self.make(exact=False)
        self._train(1)

    def run(self) -> int:
        if self.workload.kind in ("train_on_batch", "fit_one"):
            for _ in range(suite.CALLS):
                self._train(1)
            return suite.CALLS
        self._train(self.workload.batches)
        return self.workload.batches

    def check(self) -> Figures:
        self.epoch = self.make(exact=True)
        if self.workload.kind in ("train_on_batch", "fit_one"):
            return {"size": [self._train(1, shuffle=False)["loss"] for _ in range(3)][-1]}
        return [self._train(suite.CHECK_BATCHES, shuffle=False) for _ in range(2)][-1]

    def _train(self, batches: int, shuffle: bool = True) -> Figures:
        rows = batches * self.workload.batch
        order = np.random.permutation(rows) if shuffle else np.arange(rows)
        loss, accuracy = self.epoch(order.astype("int32").reshape(batches, -1))
        return {"loss": loss, "accuracy": accuracy}


class Predict:
    """Prediction by a plain loop over batches."""

    def __init__(self, native: Any, workload: suite.Workload, variant: str) -> None:
        self.workload = workload
        x, _ = suite.arrays(workload)
        self.make = lambda rows: native.predictor(workload, suite.weights(workload.model), x[:rows], variant)

    def first(self) -> None:
        self.predict = self.make(None)
        self.make(self.workload.batch)()

    def run(self) -> int:
        self.predict()
        return self.workload.batches

    def check(self) -> Figures:
        outputs = self.make(None)()
        return {"rows": float(len(outputs)), "size": float(np.abs(outputs).mean())}


class Call:
    """One small call, again and again."""

    def __init__(self, native: Any, workload: suite.Workload, variant: str) -> None:
        self.native = native
        x, y = suite.arrays(workload)
        if workload.kind == "linear":
            step = native.linear(suite.weights("linear")["linear"], x, y, variant)
            self.call, self.calls = step, suite.LINEAR_STEPS
        elif workload.kind == "tape":
            gradients = native.gradients(suite.weights("tape")["layers"], x, y, variant)
            self.call, self.calls = gradients, suite.TAPE_STEPS
        else:
            forward, ready = native.forward(workload, suite.weights(workload.model)), native.tensor(x)
            once = {"call": lambda: forward(ready), "predict_one": lambda: native.to_numpy(forward(native.tensor(x)))}
            self.call, self.calls = once[workload.kind], suite.CALLS
        self.figure = {"linear": "loss"}.get(workload.kind, "size")
        self.total = workload.kind == "tape"

    def first(self) -> None:
        self._number(self.call())

    def run(self) -> int:
        for _ in range(self.calls):
            result = self.call()
        self.last = self._number(result)
        return self.calls

    def check(self) -> Figures:
        self.run()
        return {self.figure: self.last}

    def _number(self, result: Any) -> float:
        if self.total:
            return float(sum(np.abs(self.native.to_numpy(r)).sum() for r in result))
        array = result if isinstance(result, np.ndarray) else self.native.to_numpy(result)
        return float(np.abs(array).mean())


def contestant(backend: str, workload: suite.Workload, variant: str) -> Any:
    """The framework's own loop for a workload."""
    native = importlib.import_module(f"benchmarks.native.{backend}")
    kinds: dict[str, Any] = {"predict": Predict, "call": Call, "predict_one": Call, "linear": Call, "tape": Call}
    return kinds.get(workload.kind, Fit)(native, workload, variant)
