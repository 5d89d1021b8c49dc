"""Each layer beside the real Keras's of the same configuration and weights: outputs, masks, shapes, gradients of
weights and inputs, state, and the configuration itself."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from typing import Any

import keras as real
import numpy as np
import optree
import pytest

import triceras as keras
from tests.parity import layers as tables
from tests.parity import native
from tests.parity.configs import differences
from tests.parity.row import Row, label

MODULES = [importlib.import_module(f"{tables.__name__}.{m.name}") for m in pkgutil.iter_modules(tables.__path__)]
ROWS: list[Row] = [row for module in MODULES for row in getattr(module, "ROWS", [])]
# Classes that other tests compare: their names and where.
ELSEWHERE = {name: where for module in MODULES for name, where in getattr(module, "ELSEWHERE", {}).items()}


def parameters() -> list[Any]:
    marks = [[pytest.mark.thorough] if row.thorough else [] for row in ROWS]
    return [pytest.param(row, id=label(row), marks=mark) for row, mark in zip(ROWS, marks, strict=True)]


class Pair:
    """A layer of ours and the real one, with the same weights."""

    def __init__(self, row: Row) -> None:
        self.row = row
        keras.backend.clear_session(free_memory=False)
        real.backend.clear_session(free_memory=False)
        keras.utils.set_random_seed(0)
        real.utils.set_random_seed(0)
        self.inputs, self.call = row.arrays(row.inputs), row.arrays(row.call)
        self.theirs = getattr(real.layers, row.name)(**row.arguments(real))
        self.ours = getattr(keras.layers, row.name)(**row.arguments(keras))
        takes = inspect.signature(self.theirs.call).parameters
        self.modes = row.modes if "training" in takes else (None,)

    def kwargs(self, package: Any, mode: bool | None) -> dict[str, Any]:
        given = tensors(package, self.call)
        return given if mode is None else {**given, "training": mode}

    def build(self) -> None:
        """Both, by a symbolic call where there is one: no numbers are needed."""
        if self.row.symbolic:
            check_symbolic(self)
        else:
            mode = self.modes[0]
            self.theirs(*tensors(real, list(self.inputs)), **self.kwargs(real, mode))
            self.ours(*tensors(keras, list(self.inputs)), **self.kwargs(keras, mode))

    def carry_over(self) -> None:
        """Numbers that no initializer gives, in both."""
        rng = np.random.default_rng(1)
        moved = [self._moved(w, rng) for w in self.theirs.weights]
        self.theirs.set_weights(moved)
        assert [w.name for w in self.ours.weights] == [w.name for w in self.theirs.weights]
        assert [tuple(w.shape) for w in self.ours.weights] == [tuple(w.shape) for w in self.theirs.weights]
        # As the numbers have it: JAX makes float32 of float64.
        dtypes = [real.ops.convert_to_numpy(w.value).dtype for w in (*self.ours.weights, *self.theirs.weights)]
        assert dtypes[: len(moved)] == dtypes[len(moved) :]
        assert [w.trainable for w in self.ours.weights] == [w.trainable for w in self.theirs.weights]
        self.ours.set_weights(moved)

    @staticmethod
    def _moved(weight: Any, rng: Any) -> np.ndarray:
        value = real.ops.convert_to_numpy(weight.value)
        if not real.backend.is_float_dtype(weight.dtype):
            return value
        return (value + 0.1 * np.abs(rng.normal(size=value.shape))).astype(value.dtype)

    def run_theirs(self, mode: bool | None, differentiate: bool) -> tuple[Any, list[Any]]:
        inputs, kwargs = tensors(real, list(self.inputs)), self.kwargs(real, mode)
        return native.run(self.theirs, inputs, kwargs, differentiate, self.row.symbolic)

    def run_ours(self, mode: bool | None, differentiate: bool) -> tuple[Any, list[Any]]:
        kwargs = self.kwargs(keras, mode)

        def step(inputs: list[Any]) -> tuple[Any, list[Any]]:
            if not differentiate:
                return self.ours(*inputs, **kwargs), []
            floats = [x for x in optree.tree_leaves(inputs) if native.is_float(x)]
            with keras.GradientTape() as tape:
                for x in floats:
                    tape.watch(x)
                outputs = self.ours(*inputs, **kwargs)
                total = native.projected(outputs, keras.ops)
            return outputs, tape.gradient(total, [*self.ours.trainable_weights, *floats])

        return (native.compiled(step) if self.row.symbolic else step)(tensors(keras, list(self.inputs)))


def tensors(package: Any, tree: Any) -> Any:
    """Arrays as tensors; anything else as it is."""
    convert = package.ops.convert_to_tensor
    return optree.tree_map(lambda x: convert(x) if isinstance(x, np.ndarray) and x.dtype.kind not in "OUS" else x, tree)


def agree(ours: Any, theirs: Any, row: Row, values: bool = True) -> None:
    """Structures of tensors: their number, shapes, dtypes, and their values."""
    mine, wanted = optree.tree_leaves(ours), optree.tree_leaves(theirs)
    assert len(mine) == len(wanted)
    for a, b in zip(mine, wanted, strict=True):
        a, b = keras.ops.convert_to_numpy(a), real.ops.convert_to_numpy(b)
        assert (a.shape, a.dtype) == (b.shape, b.dtype)
        if values:
            np.testing.assert_allclose(a.astype("float64"), b.astype("float64"), rtol=row.rtol, atol=row.atol)


def counters(layer: Any) -> list[int]:
    """How far the seeds of a layer have counted."""
    weights = {id(w) for w in layer.weights}
    seeds = [v for v in layer.variables if id(v) not in weights]
    return [int(real.ops.convert_to_numpy(v.value).ravel()[-1]) for v in seeds]


def check_counters(pair: Pair) -> None:
    """Where Keras leaves the drawing to the framework (dropout on PyTorch), its counter stays where it is."""
    ours, theirs = counters(pair.ours), counters(pair.theirs)
    assert len(ours) == len(theirs)
    assert not any(theirs) or ours == theirs


def check_masks(pair: Pair) -> None:
    if not pair.theirs.supports_masking or "mask" in pair.row.call and not pair.ours.supports_masking:
        assert pair.ours.supports_masking == pair.theirs.supports_masking
        return
    mask = pair.call.get("mask")
    single = pair.inputs[0] if len(pair.inputs) == 1 else list(pair.inputs)
    theirs = pair.theirs.compute_mask(tensors(real, single), tensors(real, mask))
    ours = pair.ours.compute_mask(tensors(keras, single), tensors(keras, mask))
    agree(ours, theirs, pair.row)


def check_gradients(ours: list[Any], theirs: list[Any], row: Row) -> None:
    for a, b in zip(ours, theirs, strict=True):
        # What no path leads to is None here, zeros in JAX.
        a = np.zeros(()) if a is None else keras.ops.convert_to_numpy(a).astype("float64")
        b = np.zeros(()) if b is None else real.ops.convert_to_numpy(b).astype("float64")
        np.testing.assert_allclose(*np.broadcast_arrays(a, b), rtol=10 * row.rtol, atol=10 * row.atol)


def check_symbolic(pair: Pair) -> None:
    def call(layer: Any, package: Any) -> list[tuple[Any, str]]:
        def symbol(x: Any) -> Any:
            return (
                package.KerasTensor((None, *x.shape[1:]), str(x.dtype)) if isinstance(x, np.ndarray) and x.ndim else x
            )

        inputs = optree.tree_map(symbol, list(pair.inputs))
        outputs = layer(*inputs, **{k: optree.tree_map(symbol, v) for k, v in pair.call.items()})
        return [(tuple(x.shape), x.dtype) for x in optree.tree_leaves(outputs)]

    assert call(pair.ours, keras) == call(pair.theirs, real)


def check_config(pair: Pair) -> None:
    theirs = pair.theirs.get_config()
    again = type(pair.ours).from_config(theirs)
    found = differences(pair.ours.get_config(), theirs)
    found += differences(pair.ours.get_build_config(), pair.theirs.get_build_config(), "build_config")
    found += differences(again.get_config(), theirs, "read again")
    if found:
        pytest.fail("\n".join(found))


@pytest.mark.filterwarnings("ignore:.*is no power of two")  # which a row is about
@pytest.mark.parametrize("row", parameters())
def test_row(row: Row) -> None:
    pair = Pair(row)
    pair.build()
    pair.carry_over()
    start = pair.theirs.get_weights()
    check_config(pair)
    check_masks(pair)
    for mode in pair.modes:
        values = not (row.random and mode)
        theirs, wanted = pair.run_theirs(mode, row.gradients and values)
        ours, found = pair.run_ours(mode, row.gradients and values)
        agree(ours, theirs, row, values)
        if values:
            agree(pair.ours.get_weights(), pair.theirs.get_weights(), row)
            check_gradients(found, wanted, row)
        if row.counters:
            check_counters(pair)
        pair.theirs.set_weights(start), pair.ours.set_weights(start)


def classes() -> list[str]:
    """The layers of the real Keras, aliases once."""
    found: dict[Any, str] = {}
    for name in sorted(dir(real.layers)):
        x = getattr(real.layers, name)
        if inspect.isclass(x) and issubclass(x, real.layers.Layer) and x is not real.layers.Layer:
            found.setdefault(x, x.__name__ if hasattr(real.layers, x.__name__) else name)
    return sorted(found.values())


@pytest.mark.parametrize("name", classes())
def test_every_layer_has_a_row(name: str) -> None:
    if name in ELSEWHERE:
        from pathlib import Path

        assert name in (Path(__file__).parents[2] / ELSEWHERE[name]).read_text(encoding="utf-8")
    else:
        assert name in {row.name for row in ROWS}, f"{name} has no row in tests/parity/layers/"
