"""What is run: the workloads, their data and their initial weights, the same for everybody. Needs only NumPy."""

from __future__ import annotations

import math
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

Weights = dict[str, list[np.ndarray]]

HERE = Path(__file__).resolve().parent
CHECK_BATCHES = 4
PREDICT_BATCH = 32
LINEAR_STEPS, LINEAR_RATE = 40, 0.1
TAPE_STEPS = 100
CALLS = 20


@dataclass(frozen=True)
class Workload:
    """One thing that is timed.

    `kind` says what a step is: "fit" and "custom" a batch of `fit`, "predict" a batch of `predict`,
    "linear" and "tape" a gradient, the others one call of that name.
    """

    name: str
    kind: str
    model: str
    batch: int
    batches: int
    variants: tuple[str, ...] = ("",)
    keras: bool = True

    @property
    def rows(self) -> int:
        return 10_000 if self.kind == "predict" else self.batch * self.batches


WORKLOADS = {
    w.name: w
    for w in (
        Workload("mlp", "fit", "mlp", 64, 100),
        Workload("convnet", "fit", "convnet", 64, 10),
        Workload("lstm", "fit", "lstm", 32, 10),
        Workload("transformer", "fit", "transformer", 32, 20),
        Workload("resnet", "fit", "resnet", 32, 10),
        Workload("predict", "predict", "mlp", PREDICT_BATCH, 313),
        Workload("custom", "custom", "mlp", 64, 100),
        Workload("linear", "linear", "linear", 2000, 1),
        Workload("call", "call", "mlp", 32, 1),
        Workload("train_on_batch", "train_on_batch", "mlp", 32, 1),
        Workload("predict_one", "predict_one", "mlp", 1, 1),
        Workload("fit_one", "fit_one", "mlp", 32, 1),
        Workload("overheads", "fit", "mlp", 64, 100, ("", "verbose", "callback")),
        Workload("tape", "tape", "tape", 64, 1, keras=False),
        Workload("tape-jit", "tape", "tape", 64, 1, keras=False),
    )
}


def native_contestants(backend: str, workload: str, compiled: bool) -> list[str]:
    """The names of the framework's own loops for a workload, the idiomatic one first."""
    table = tomllib.loads((HERE / "suite.toml").read_text(encoding="utf-8"))[backend]
    return table.get(workload, table["default"]) + (table["compiled"].get(workload, []) if compiled else [])


def targets() -> dict[str, Any]:
    """Backend to workload to what the CPU time is divided by, to the most that the ratio may be."""
    return tomllib.loads((HERE / "targets.toml").read_text(encoding="utf-8"))


# -- data -----------------------------------------------------------------------------------


def arrays(workload: Workload) -> tuple[np.ndarray, np.ndarray]:
    """Inputs (float32, or int32 tokens; images channels last) and labels (int32; float32 columns if binary)."""
    rng = np.random.default_rng(1)
    rows = workload.rows
    if workload.model == "linear":
        covariance = [[1.0, 0.6], [0.6, 1.2]]
        clouds = [rng.multivariate_normal(mean, covariance, rows // 2) for mean in ((-1.0, 2.0), (2.0, -0.5))]
        return np.concatenate(clouds).astype("float32"), np.repeat([[0.0], [1.0]], rows // 2, axis=0).astype("float32")
    if workload.model == "tape":
        return rng.normal(size=(rows, 32)).astype("float32"), rng.normal(size=(rows, 8)).astype("float32")
    if workload.model == "lstm":
        x = rng.integers(0, 5000, (rows, 80)).astype("int32")
        return x, rng.integers(0, 2, (rows, 1)).astype("float32")
    shape = {"mlp": (784,), "convnet": (28, 28, 1), "transformer": (64, 64), "resnet": (32, 32, 3)}[workload.model]
    x = rng.normal(size=(rows, *shape)).astype("float32")
    return x, rng.integers(0, 10, rows).astype("int32")


# -- initial weights ------------------------------------------------------------------------


def _glorot(rng: Any, *shape: int, fans: tuple[int, int] | None = None) -> np.ndarray:
    field = math.prod(shape[:-2])
    fan_in, fan_out = fans or (shape[-2] * field, shape[-1] * field)
    limit = math.sqrt(6 / (fan_in + fan_out))
    return rng.uniform(-limit, limit, shape).astype("float32")


def _zeros(*shape: int) -> np.ndarray:
    return np.zeros(shape, "float32")


def _ones(*shape: int) -> np.ndarray:
    return np.ones(shape, "float32")


def _affine(rng: Any, *shape: int) -> list[np.ndarray]:
    return [_glorot(rng, *shape), _zeros(shape[-1])]


def _norm(size: int) -> list[np.ndarray]:
    return [_ones(size), _zeros(size), _zeros(size), _ones(size)]


def _mlp(rng: Any) -> Weights:
    return {"hidden": _affine(rng, 784, 32), "output": _affine(rng, 32, 10)}


def _convnet(rng: Any) -> Weights:
    return {
        "conv1": _affine(rng, 3, 3, 1, 32),
        "conv2": _affine(rng, 3, 3, 32, 64),
        "conv3": _affine(rng, 3, 3, 64, 64),
        "output": _affine(rng, 576, 10),
    }


def _lstm(rng: Any) -> Weights:
    bias = _zeros(256)
    bias[64:128] = 1
    return {
        "embedding": [rng.uniform(-0.05, 0.05, (5000, 64)).astype("float32")],
        "lstm": [_glorot(rng, 64, 256), _glorot(rng, 64, 256), bias],
        "output": _affine(rng, 64, 1),
    }


def _transformer(rng: Any) -> Weights:
    projections = [a for _ in range(3) for a in (_glorot(rng, 64, 4, 16, fans=(64, 64)), _zeros(4, 16))]
    return {
        "attention": [*projections, _glorot(rng, 4, 16, 64, fans=(64, 64)), _zeros(64)],
        "norm1": [_ones(64), _zeros(64)],
        "ffn1": _affine(rng, 64, 128),
        "ffn2": _affine(rng, 128, 64),
        "norm2": [_ones(64), _zeros(64)],
        "output": _affine(rng, 64, 10),
    }


RESNET_STAGES = ((16, 16, 1), (16, 32, 2), (32, 64, 2))


def _resnet(rng: Any) -> Weights:
    weights = {"stem": [_glorot(rng, 3, 3, 3, 16)], "stem_norm": _norm(16)}
    for i, (before, after, stride) in enumerate(RESNET_STAGES):
        weights |= {
            f"{i}_conv1": [_glorot(rng, 3, 3, before, after)],
            f"{i}_norm1": _norm(after),
            f"{i}_conv2": [_glorot(rng, 3, 3, after, after)],
            f"{i}_norm2": _norm(after),
        }
        if stride > 1:
            weights |= {f"{i}_short": [_glorot(rng, 1, 1, before, after)], f"{i}_short_norm": _norm(after)}
    return weights | {"output": _affine(rng, 64, 10)}


def _linear(rng: Any) -> Weights:
    return {"linear": [rng.uniform(-1, 1, (2, 1)).astype("float32"), _zeros(1)]}


def _tape(rng: Any) -> Weights:
    return {"layers": [rng.normal(size=size).astype("float32") * 0.3 for size in ((32, 32), (32,), (32, 8), (8,))]}


def weights(model: str) -> Weights:
    """Initial weights by layer, in Keras's layouts and order."""
    makers = {
        "mlp": _mlp,
        "convnet": _convnet,
        "lstm": _lstm,
        "transformer": _transformer,
        "resnet": _resnet,
        "linear": _linear,
        "tape": _tape,
    }
    return makers[model](np.random.default_rng(0))
