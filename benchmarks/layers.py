"""`scripts/bench layers`: what layers cost, forward and with their gradients.

    scripts/bench layers [--backend B] [--layer NAME] [--quick] [--out FOLDER]

Triceras, Keras 3 and, on PyTorch, the module of torch.nn are timed in turns in one process a backend:
eagerly on PyTorch, compiled on JAX and TensorFlow, as `fit` runs them. A step is of eight calls on
eight inputs, as a model makes them, and the figures are a call's share of it. The gradients are those of
the summed outputs, by the weights and by one tensor that the inputs are parts of, as they would be of
what a layer before gives. Identity is the step itself. Writes layers.json and layers.md.
"""

from __future__ import annotations

import json
import operator
import sys
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from benchmarks import operations


class Case(NamedTuple):
    """A layer of a configuration, what it is called with, and torch.nn's module of the same work."""

    name: str
    arguments: dict[str, Any]
    shapes: tuple[tuple[int, ...], ...]
    module: str | None = None  # an expression over `nn`
    channels: bool = False  # the module takes channels before the places
    training: bool | None = None
    integers: int = 0  # the inputs are integers below this


CALLS = 8  # in one step, whose own cost is thereby shared

IMAGE, SERIES = (8, 16, 16, 16), (8, 20, 32)

CASES = [
    Case("Identity", {}, ((64, 64),), "nn.Identity()"),
    Case("Dense", {"units": 64}, ((64, 64),), "nn.Linear(64, 64)"),
    Case("Dense", {"units": 256}, ((256, 256),), "nn.Linear(256, 256)"),
    Case("EinsumDense", {"equation": "abc,cd->abd", "output_shape": (None, 32), "bias_axes": "d"}, (SERIES,),
         "nn.Linear(32, 32)"),
    Case("Embedding", {"input_dim": 1000, "output_dim": 32}, ((32, 20),), "nn.Embedding(1000, 32)", integers=1000),
    Case("Conv1D", {"filters": 32, "kernel_size": 3}, (SERIES,), "nn.Conv1d(32, 32, 3)", True),
    Case("Conv2D", {"filters": 32, "kernel_size": 3, "padding": "same"}, (IMAGE,), "nn.Conv2d(16, 32, 3, padding=1)",
         True),
    Case("Conv3D", {"filters": 8, "kernel_size": 3}, ((2, 8, 8, 8, 4),), "nn.Conv3d(4, 8, 3)", True),
    Case("Conv2DTranspose", {"filters": 16, "kernel_size": 2, "strides": 2}, (IMAGE,),
         "nn.ConvTranspose2d(16, 16, 2, 2)", True),
    Case("DepthwiseConv2D", {"kernel_size": 3}, (IMAGE,), "nn.Conv2d(16, 16, 3, groups=16)", True),
    Case("SeparableConv2D", {"filters": 32, "kernel_size": 3}, (IMAGE,),
         "nn.Sequential(nn.Conv2d(16, 16, 3, groups=16, bias=False), nn.Conv2d(16, 32, 1))", True),
    Case("MaxPooling2D", {}, (IMAGE,), "nn.MaxPool2d(2)", True),
    Case("AveragePooling2D", {"pool_size": 2}, (IMAGE,), "nn.AvgPool2d(2)", True),
    Case("GlobalAveragePooling2D", {}, (IMAGE,), "nn.AdaptiveAvgPool2d(1)", True),
    Case("AdaptiveAveragePooling2D", {"output_size": 4}, (IMAGE,), "nn.AdaptiveAvgPool2d(4)", True),
    Case("BatchNormalization", {}, (IMAGE,), "nn.BatchNorm2d(16)", True, training=True),
    Case("BatchNormalization", {}, (IMAGE,), "nn.BatchNorm2d(16).eval()", True, training=False),
    Case("LayerNormalization", {}, (SERIES,), "nn.LayerNorm(32)"),
    Case("GroupNormalization", {"groups": 4}, (IMAGE,), "nn.GroupNorm(4, 16)", True),
    Case("RMSNormalization", {}, (SERIES,), "nn.RMSNorm(32)"),
    Case("UnitNormalization", {}, (SERIES,)),
    Case("SimpleRNN", {"units": 32, "return_sequences": True}, (SERIES,), "First(nn.RNN(32, 32, batch_first=True))"),
    Case("LSTM", {"units": 32, "return_sequences": True}, (SERIES,), "First(nn.LSTM(32, 32, batch_first=True))"),
    Case("GRU", {"units": 32, "return_sequences": True}, (SERIES,), "First(nn.GRU(32, 32, batch_first=True))"),
    Case("ConvLSTM2D", {"filters": 4, "kernel_size": 3}, ((2, 5, 8, 8, 3),)),
    Case("MultiHeadAttention", {"num_heads": 4, "key_dim": 8}, (SERIES, SERIES),
         "Attend(nn.MultiheadAttention(32, 4, batch_first=True))"),
    Case("Attention", {}, ([SERIES, SERIES],)),
    Case("Dropout", {"rate": 0.5}, (IMAGE,), "nn.Dropout(0.5)", training=True),
    Case("GaussianNoise", {"stddev": 0.5}, (IMAGE,), training=True),
    Case("ReLU", {}, (IMAGE,), "nn.ReLU()"),
    Case("LeakyReLU", {}, (IMAGE,), "nn.LeakyReLU()"),
    Case("PReLU", {}, (SERIES,)),
    Case("Softmax", {}, (SERIES,), "nn.Softmax(-1)"),
    Case("Add", {}, ([IMAGE, IMAGE],)),
    Case("Concatenate", {}, ([IMAGE, IMAGE],)),
    Case("Flatten", {}, (IMAGE,), "nn.Flatten()"),
    Case("Permute", {"dims": (2, 1)}, (SERIES,)),
    Case("ZeroPadding2D", {}, (IMAGE,), "nn.ZeroPad2d(1)", True),
    Case("UpSampling2D", {}, (IMAGE,), "nn.Upsample(scale_factor=2)", True),
]  # fmt: skip


def arrays(case: Case) -> list[Any]:
    """The inputs of a step, along the first axis the calls: the same numbers for each contestant."""
    rng = np.random.default_rng(0)

    def array(shape: Any) -> Any:
        if isinstance(shape, list):
            return [array(inner) for inner in shape]
        if case.integers:
            return rng.integers(0, case.integers, (CALLS, *shape)).astype("int32")
        return rng.normal(size=(CALLS, *shape)).astype("float32")

    return [array(shape) for shape in case.shapes]


def label(case: Case) -> str:
    """A case's name in the report."""
    told = ", ".join(str(value) for value in case.arguments.values())
    mode = "" if case.training is None else " in training" if case.training else " in inference"
    return f"{case.name}({told}){mode}"


# -- in the process of one backend ---------------------------------------------------------

Calls = tuple[Callable[[], Any], Callable[[], Any]]


def _mapped(fn: Callable[[Any], Any], tree: Any) -> Any:
    return [_mapped(fn, inner) for inner in tree] if isinstance(tree, list) else fn(tree)


def _floats(case: Case, inputs: Any) -> list[Any]:
    """The inputs that have a gradient."""
    if not isinstance(inputs, list):
        return [] if case.integers else [inputs]
    return [x for inner in inputs for x in _floats(case, inner)]


def _calls(unstack: Callable[[Any], Any], inputs: list[Any]) -> list[Any]:
    """The inputs of each call of a step."""
    parts = _mapped(lambda x: tuple(unstack(x)), inputs)
    return [_mapped(operator.itemgetter(i), parts) for i in range(CALLS)]


def _options(case: Case) -> dict[str, Any]:
    return {} if case.training is None else {"training": case.training}


def ours(case: Case, compiled: bool) -> Calls:
    """Triceras: the calls, and the gradients of the outputs' sum."""
    import triceras as keras  # noqa: PLC0415

    layer = getattr(keras.layers, case.name)(**case.arguments)
    options = _options(case)
    inputs = _mapped(keras.ops.convert_to_tensor, arrays(case))
    sets = _calls(keras.ops.unstack, inputs)
    layer(*sets[0], **options)
    weights = layer.trainable_weights  # looked up once, as a run of `fit` does and the others do here

    def forward(sets: Any) -> Any:
        return [layer(*xs, **options) for xs in sets]

    def both(inputs: Any) -> Any:
        floats = _floats(case, inputs)
        with keras.GradientTape() as tape:
            for x in floats:
                tape.watch(x)
            total = sum(keras.ops.sum(layer(*xs, **options)) for xs in _calls(keras.ops.unstack, inputs))
        return tape.gradient(total, [*weights, *floats])

    steps = (keras.jit(forward), keras.jit(both)) if compiled else (forward, both)
    return (lambda: steps[0](sets)), (lambda: steps[1](inputs))


def real(case: Case, backend: str) -> Calls:
    """Keras 3, differentiated by the framework."""
    import keras  # noqa: PLC0415

    layer = getattr(keras.layers, case.name)(**case.arguments)
    inputs = _mapped(keras.ops.convert_to_tensor, arrays(case))
    options = _options(case)
    layer(*_calls(keras.ops.unstack, inputs)[0], **options)
    return {"torch": _by_torch, "jax": _by_jax, "tensorflow": _by_tensorflow}[backend](case, layer, inputs, options)


def _by_torch(case: Case, layer: Any, inputs: list[Any], options: dict[str, Any]) -> Calls:
    import torch  # noqa: PLC0415

    sets = _calls(torch.unbind, inputs)
    leaves = [x.requires_grad_() for x in _floats(case, inputs)]
    weights = getattr(layer, "trainable_weights", None)
    sources = [w.value for w in weights] if weights is not None else list(layer.parameters())

    def forward() -> Any:
        with torch.no_grad():
            return [layer(*xs, **options) for xs in sets]

    def both() -> Any:
        total = sum(layer(*xs, **options).sum() for xs in _calls(torch.unbind, inputs))
        return torch.autograd.grad(total, [*sources, *leaves])  # type: ignore[arg-type]

    return forward, both


def _by_jax(case: Case, layer: Any, inputs: list[Any], options: dict[str, Any]) -> Calls:
    """By the pure `stateless_call`, as Keras advises: what is new of the state is returned, and not assigned."""
    import jax  # noqa: PLC0415

    trainable = [v.value for v in layer.trainable_variables]
    still = [v.value for v in layer.non_trainable_variables]
    sets = _calls(list, inputs)

    def calls(trainable: Any, still: Any, sets: Any) -> Any:
        found = []
        for xs in sets:
            outputs, still = layer.stateless_call(trainable, still, *xs, **options)
            found.append(outputs)
        return found, still

    def total(trainable: Any, inputs: Any, still: Any) -> Any:
        found, still = calls(trainable, still, _calls(list, inputs))
        return sum(outputs.sum() for outputs in found), still

    step = jax.jit(calls)
    gradient = jax.jit(jax.grad(total, (0,) if case.integers else (0, 1), has_aux=True))
    return (lambda: step(trainable, still, sets)), (lambda: gradient(trainable, inputs, still))


def _by_tensorflow(case: Case, layer: Any, inputs: list[Any], options: dict[str, Any]) -> Calls:
    import tensorflow as tf  # noqa: PLC0415

    @tf.function(autograph=False)
    def forward(sets: Any) -> Any:
        return [layer(*xs, **options) for xs in sets]

    @tf.function(autograph=False)
    def both(inputs: Any) -> Any:
        floats = _floats(case, inputs)
        with tf.GradientTape() as tape:
            tape.watch(floats)
            total = tf.add_n([tf.reduce_sum(layer(*xs, **options)) for xs in _calls(tf.unstack, inputs)])
        found = tape.gradient(total, [*(w.value for w in layer.trainable_weights), *floats])
        return [tf.convert_to_tensor(x) for x in found]  # an Embedding's are sparse, ours dense

    sets = _calls(tf.unstack, inputs)
    return (lambda: forward(sets)), (lambda: both(inputs))


def own(case: Case) -> Calls:
    """The module of torch.nn, its inputs in its own order of axes."""
    import torch  # noqa: PLC0415
    from torch import nn  # noqa: PLC0415

    class First(nn.Module):
        """The sequence alone."""

        def __init__(self, inner: Any) -> None:
            super().__init__()
            self.inner = inner

        def forward(self, x: Any) -> Any:
            return self.inner(x)[0]

    class Attend(First):
        """Without the weights, which the layer does not return either."""

        def forward(self, query: Any, value: Any) -> Any:  # type: ignore[override]
            return self.inner(query, value, value, need_weights=False)[0]

    def convert(x: Any) -> Any:
        tensor = torch.from_numpy(x)
        return tensor.movedim(-1, 2).contiguous() if case.channels else tensor

    names = {"nn": nn, "First": First, "Attend": Attend}
    module = eval(case.module or "", names)  # the table is ours
    return _by_torch(case, module, _mapped(convert, arrays(case)), {})


def worker(backend: str, repeats: int, names: list[str]) -> None:
    """Prints a row of JSON for each layer and way."""
    wait = operations.framework(backend)["wait"]
    for case in CASES:
        if names and case.name not in names:
            continue
        makers: dict[str, Callable[[], Calls]] = {
            "triceras": lambda case=case: ours(case, backend != "torch"),
            "keras": lambda case=case: real(case, backend),
        }
        if backend == "torch" and case.module:
            makers["native"] = lambda case=case: own(case)
        made = {name: make() for name, make in makers.items()}
        for way, title in enumerate(("forward", "gradients")):
            calls = {name: pair[way] for name, pair in made.items()}
            if way and not _differentiable(case):
                continue
            call = operations.Named(f"{label(case)} {title}")
            row = operations.measure(backend, call, calls, repeats, wait)
            shares = {name: row[name] / CALLS for name in calls if name in row}
            print(json.dumps(row | shares), flush=True)


def _differentiable(case: Case) -> bool:
    return not case.integers or case.name == "Embedding"


def main(given: list[str]) -> int:
    return operations.run("layers", {case.name for case in CASES}, given, __doc__ or "", "# Layers")


if __name__ == "__main__":
    worker(sys.argv[1], int(sys.argv[2]), sys.argv[3:])
