"""triceras.ops: every primitive is public, with the real Keras's signature; symbolic calls."""

from __future__ import annotations

import inspect

import keras as oracle
import numpy as np
import pytest

import triceras as keras
from triceras import ops
from triceras_backends.selection import contract_functions

FAMILIES = ("elementwise", "reductions", "arrays", "linalg", "nn", "loops")
INTERNAL = {"getitem", "rows", "linear"}
PRIMITIVES = sorted(
    name for name, (family, _) in contract_functions().items() if family in FAMILIES and name not in INTERNAL
)


def parameters(function):
    return [(p.name, p.default, p.kind) for p in inspect.signature(function).parameters.values()]


@pytest.mark.parametrize("name", [*PRIMITIVES, "convert_to_tensor", "convert_to_numpy", "cast", "stop_gradient"])
def test_public_with_keras_signature(name):
    assert callable(getattr(ops, name)) and getattr(ops, name).__doc__
    assert parameters(getattr(ops, name)) == parameters(getattr(oracle.ops, name))


def symbolic(*shape, dtype="float32"):
    return keras.KerasTensor(shape, dtype)


@pytest.mark.parametrize(
    ("make", "shape", "dtype"),
    [
        (lambda: ops.matmul(symbolic(None, 4), symbolic(4, 7)), (None, 7), "float32"),
        (lambda: ops.concatenate([symbolic(None, 3), symbolic(None, 2)], axis=1), (None, 5), "float32"),
        (lambda: ops.mean(symbolic(None, 3, dtype="int32"), axis=0, keepdims=True), (1, 3), "float32"),
        (lambda: ops.one_hot(symbolic(None, dtype="int32"), 5), (None, 5), "float32"),
        (lambda: ops.reshape(symbolic(None, 2, 3), (-1, 6)), (None, 6), "float32"),
        (lambda: ops.argmax(symbolic(None, 3), axis=-1), (None,), "int32"),
        (lambda: symbolic(None, 3) * 2 + 1, (None, 3), "float32"),
        (lambda: 1 - symbolic(None, 3), (None, 3), "float32"),
        (lambda: symbolic(None, 3)[:, :2], (None, 2), "float32"),
        (lambda: symbolic(None, 3) > 0, (None, 3), "bool"),
        (lambda: -symbolic(2, None), (2, None), "float32"),
        (lambda: ops.einsum("bij,bjk->bik", symbolic(None, 2, 3), symbolic(None, 3, 5)), (None, 2, 5), "float32"),
    ],
)
def test_symbolic_shapes(make, shape, dtype):
    out = make()
    assert isinstance(out, keras.KerasTensor) and out.shape == shape and out.dtype == dtype


def test_several_symbolic_outputs():
    values, indices = ops.top_k(symbolic(None, 9), 4)
    assert values.shape == indices.shape == (None, 4) and indices.dtype == "int32"


def test_a_symbolic_tensor_has_no_values():
    x = symbolic(None, 3)
    with pytest.raises(TypeError, match="ops.where or ops.cond"):
        bool(x > 0)
    with pytest.raises(ValueError, match="symbolic"):
        np.asarray(x)
    with pytest.raises(TypeError, match="unstack"):
        iter(x)
