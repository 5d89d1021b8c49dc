"""The primitives of recurrence: lstm, gru, simple_rnn, rnn."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.conformance.cases.base import floats
from triceras import ops
from triceras.autodiff import GradientTape
from triceras_backends.active import backend as B
from triceras_backends.derived import recurrence as composite

X, H, C = floats((2, 4, 3)), floats((2, 5)), floats((2, 5), low=-1.0)
MASK = np.array([[True, False, True, False], [False, True, True, True]])


def sigmoid(x: Any) -> Any:
    return 1 / (1 + np.exp(-x))


def numpy(tree: Any) -> list[Any]:
    return [np.asarray(B.convert_to_numpy(x)) for x in tree]


def weights(gates: int, bias: Any) -> list[Any]:
    return [floats((3, gates * 5), low=-1.0), floats((5, gates * 5), low=-1.0), floats(bias, low=-1.0)]


def test_lstm_step_by_step() -> None:
    kernel, rec, bias = weights(4, (20,))
    h, c, outputs = H, C, []
    for t in range(4):
        i, f, g, o = np.split(X[:, t] @ kernel + h @ rec + bias, 4, -1)
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        h = sigmoid(o) * np.tanh(c)
        outputs.append(h)
    found = numpy(B.lstm(*map(B.convert_to_tensor, (X, H, C, kernel, rec, bias))))
    for a, b in zip(found, (np.stack(outputs, 1), h, c), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-5)


@pytest.mark.parametrize("name", ["lstm", "gru", "simple_rnn"])
@pytest.mark.parametrize("mask", [None, MASK], ids=["whole", "masked"])
@pytest.mark.parametrize("reverse", [False, True])
def test_kernels_and_gradients_are_those_of_the_plain_loop(name: str, mask: Any, reverse: bool) -> None:
    arrays = {
        "lstm": [X, H, C, *weights(4, (20,))],
        "gru": [X, H, *weights(3, (2, 15))],
        "simple_rnn": [X, H, *weights(1, (5,))],
    }[name]
    tensors = [B.convert_to_tensor(x) for x in arrays]
    valid = None if mask is None else B.convert_to_tensor(mask)

    def results(kernel: Any, *first: Any) -> list[Any]:
        with GradientTape() as tape:
            for x in tensors:
                tape.watch(x)
            outputs = kernel(*first, *tensors, valid, reverse)
            loss = sum(ops.sum(ops.sin(y)) for y in outputs)
        return numpy([*outputs, *tape.gradient(loss, tensors)])

    for a, b in zip(results(getattr(B, name)), results(getattr(composite, name), B), strict=True):
        np.testing.assert_allclose(a, b, atol=2e-5)


@pytest.mark.parametrize("unroll", [False, True])
def test_rnn_holds_states_and_outputs_where_masked(unroll: bool) -> None:
    x, valid = B.convert_to_tensor(X), B.convert_to_tensor(MASK)
    start = [B.convert_to_tensor(np.zeros((2, 3), "float32"))]

    def step(x: Any, states: Any) -> Any:
        return x * 2, [states[0] + x]

    last, outputs, (total,) = B.rnn(step, x, start, valid, False, unroll, False)
    np.testing.assert_allclose(numpy([total])[0], (X * MASK[..., None]).sum(1), atol=1e-5)
    np.testing.assert_allclose(numpy([last])[0], 2 * X[[0, 1], [2, 3]], atol=1e-6)
    np.testing.assert_allclose(numpy([outputs])[0][:, 1], np.stack([2 * X[0, 0], 2 * X[1, 1]]), atol=1e-6)
    assert not numpy([outputs])[0][1, 0].any()
