"""Recurrent layers against Keras's with the same weights, and their gradients against finite differences."""

from __future__ import annotations

from typing import Any

import keras as oracle
import numpy as np
import pytest

from triceras import autodiff, layers, ops
from triceras.autodiff import GradientTape

X = np.random.RandomState(0).uniform(-1, 1, (2, 5, 3)).astype("float32")
MASKS = {
    "none": None,
    "right": np.array([[1, 1, 1, 0, 0], [1, 1, 1, 1, 1]], bool),
    "left": np.array([[0, 0, 1, 1, 1], [0, 1, 1, 1, 1]], bool),
    "holes": np.array([[1, 0, 1, 0, 1], [0, 0, 0, 0, 0]], bool),
}
NAMES = ("LSTM", "GRU", "SimpleRNN")


def values(result: Any) -> list[Any]:
    """All tensors of a result, as NumPy arrays."""
    result = result if isinstance(result, (list, tuple)) else [result]
    return [np.asarray(oracle.ops.convert_to_numpy(x)) for x in result]


def agree(mine: Any, theirs: Any, *args: Any, **kwargs: Any) -> None:
    """Builds both layers by a call, gives them the same weights, and compares what they give."""
    mine(*args, **kwargs)
    theirs(*args, **kwargs)
    assert [tuple(w.shape) for w in mine.weights] == [tuple(w.shape) for w in theirs.weights]
    rng = np.random.RandomState(1)
    weights = [rng.uniform(-1, 1, w.shape).astype("float32") for w in mine.weights]
    mine.set_weights(weights)
    theirs.set_weights(weights)
    if getattr(mine, "stateful", False):
        mine.reset_state()
        theirs.reset_state()
    for _ in range(2):
        ours, wanted = values(mine(*args, **kwargs)), values(theirs(*args, **kwargs))
        assert len(ours) == len(wanted)
        for a, b in zip(ours, wanted, strict=True):
            np.testing.assert_allclose(a, b, atol=2e-5)


def pair(name: str, *args: Any, **kwargs: Any) -> tuple[Any, Any]:
    return getattr(layers, name)(*args, **kwargs), getattr(oracle.layers, name)(*args, **kwargs)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("mask", MASKS)
def test_sequences_and_states(name: str, mask: str) -> None:
    agree(*pair(name, 4, return_sequences=True, return_state=True), X, mask=MASKS[mask])


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"go_backwards": True, "return_sequences": True},
        {"activation": "relu", "return_state": True},
        {"unroll": True, "return_sequences": True},
        {"use_bias": False},
    ],
    ids=str,
)
def test_options(name: str, options: dict[str, Any]) -> None:
    agree(*pair(name, 4, **options), X, mask=MASKS["left"])


def test_gru_with_the_reset_before() -> None:
    agree(*pair("GRU", 4, reset_after=False, return_sequences=True), X)
    agree(*pair("GRU", 4, reset_after=False, activation="relu"), X)


def test_zero_output_for_mask() -> None:
    mask = MASKS["holes"]
    agree(*pair("LSTM", 4, return_sequences=True, zero_output_for_mask=True), X, mask=mask)
    cells = layers.SimpleRNNCell(4), oracle.layers.SimpleRNNCell(4)
    mine, theirs = layers.RNN, oracle.layers.RNN
    options: dict[str, Any] = {"return_sequences": True, "zero_output_for_mask": True}
    agree(mine(cells[0], **options), theirs(cells[1], **options), X, mask=mask)


@pytest.mark.parametrize("name", NAMES)
def test_initial_state(name: str) -> None:
    states = [np.full((2, 4), 0.5, "float32")] * (2 if name == "LSTM" else 1)
    for mask in (None, MASKS["left"]):
        agree(*pair(name, 4, return_sequences=True, return_state=True), X, initial_state=states, mask=mask)


def test_a_wrong_number_of_states_is_named() -> None:
    with pytest.raises(ValueError, match="initial_state must hold 2 states"):
        layers.LSTM(4)(X, initial_state=[np.zeros((2, 4), "float32")])


@pytest.mark.parametrize("name", NAMES)
def test_states_go_on_from_batch_to_batch(name: str) -> None:
    agree(*pair(name, 4, stateful=True, return_state=True), X)
    layer = getattr(layers, name)(4, stateful=True)
    first, second = values(layer(X))[0], values(layer(X))[0]
    assert np.abs(first - second).max() > 1e-3
    layer.reset_state()
    np.testing.assert_allclose(values(layer(X))[0], first, atol=1e-6)
    assert len(layer.get_weights()) == 3


def test_a_stateful_layer_needs_a_batch_size() -> None:
    with pytest.raises(ValueError, match="fixed batch size"):
        layers.LSTM(4, stateful=True).build((None, 5, 3))


def test_stacked_cells() -> None:
    def made(module: Any) -> Any:
        cells = [module.LSTMCell(3), module.GRUCell(4)]
        return module.RNN(cells, return_sequences=True)

    for mask in (None, MASKS["holes"]):
        agree(made(layers), made(oracle.layers), X, mask=mask)


class Decay(layers.Layer):
    """A cell of the user's own: a decaying sum."""

    state_size = 3

    def call(self, inputs: Any, states: Any) -> Any:
        total = ops.add(ops.multiply(states, 0.5), inputs)
        return ops.multiply(total, 2.0), total


def test_a_cell_of_ones_own() -> None:
    layer = layers.RNN(Decay(), return_state=True)
    total = np.zeros((2, 3))
    for t in range(5):
        total = total * 0.5 + X[:, t]
    output, state = values(layer(X))
    np.testing.assert_allclose(output, 2 * total, rtol=1e-5)
    np.testing.assert_allclose(state, total, rtol=1e-5)
    np.testing.assert_allclose(values(autodiff.jit(lambda x: layer(x)[0])(X))[0], 2 * total, rtol=1e-5)


@pytest.mark.parametrize("merge_mode", ["concat", "sum", "mul", "ave", None])
def test_bidirectional(merge_mode: str | None) -> None:
    def made(module: Any) -> Any:
        inner = module.LSTM(4, return_sequences=True, return_state=merge_mode == "concat")
        return module.Bidirectional(inner, merge_mode=merge_mode)

    agree(made(layers), made(oracle.layers), X, mask=MASKS["holes"])


def test_bidirectional_with_another_backward_layer() -> None:
    def made(module: Any) -> Any:
        return module.Bidirectional(module.LSTM(4), backward_layer=module.GRU(4, go_backwards=True))

    agree(made(layers), made(oracle.layers), X)
    with pytest.raises(ValueError, match="different directions"):
        layers.Bidirectional(layers.LSTM(4), backward_layer=layers.GRU(4))


def test_time_distributed() -> None:
    def made(module: Any) -> Any:
        return module.TimeDistributed(module.Dense(4, activation="relu"))

    agree(made(layers), made(oracle.layers), X)


# -- gradients -------------------------------------------------------------------------------


def _loss(layer: Any, x: Any, mask: Any) -> Any:
    return sum(ops.sum(ops.sin(y)) for y in layer(x, mask=mask))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("mask", MASKS)
def test_gradients_are_those_of_the_plain_loop(name: str, mask: str) -> None:
    fused = getattr(layers, name)(4, return_sequences=True, return_state=True)
    plain = getattr(layers, name)(4, return_sequences=True, return_state=True, unroll=True)
    x, mask_ = ops.convert_to_tensor(X), MASKS[mask]
    fused(x)
    plain(x)
    plain.set_weights(fused.get_weights())

    def gradients(layer: Any) -> list[Any]:
        with GradientTape() as tape:
            tape.watch(x)
            loss = _loss(layer, x, mask_)
        return values(tape.gradient(loss, [x, *layer.trainable_weights]))

    for a, b in zip(gradients(fused), gradients(plain), strict=True):
        np.testing.assert_allclose(a, b, atol=2e-5)


def test_gradients_by_finite_differences() -> None:
    layer = layers.LSTM(3, return_sequences=True, return_state=True, dtype="float64")
    x = X.astype("float64")
    layer(x)
    kernel = layer.weights[0]
    with GradientTape() as tape:
        loss = _loss(layer, x, MASKS["holes"])
    gradient = values(tape.gradient(loss, kernel))[0]
    before = kernel.numpy()
    for place in [(0, 0), (1, 4), (2, 7), (0, 11)]:
        shift = np.zeros_like(before)
        shift[place] = 1e-5
        sides = []
        for sign in (1, -1):
            kernel.assign(before + sign * shift)
            sides.append(float(values(_loss(layer, x, MASKS["holes"]))[0]))
        np.testing.assert_allclose(gradient[place], (sides[0] - sides[1]) / 2e-5, rtol=1e-5, atol=1e-8)


def test_second_order() -> None:
    def curvature(layer: Any) -> Any:
        x = ops.convert_to_tensor(X)
        layer(x)
        layer.set_weights([np.full(w.shape, 0.3, "float32") for w in layer.weights])
        with GradientTape() as outer:
            outer.watch(x)
            with GradientTape() as inner:
                inner.watch(x)
                loss = ops.sum(ops.sin(layer(x)))
            slope = ops.sum(ops.square(inner.gradient(loss, x)))
        return values(outer.gradient(slope, x))[0]

    np.testing.assert_allclose(curvature(layers.LSTM(2)), curvature(layers.LSTM(2, unroll=True)), atol=1e-5)


# -- dropout ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_dropout_is_repeatable_and_off_in_inference(name: str) -> None:
    def made() -> Any:
        layer = getattr(layers, name)(4, dropout=0.5, recurrent_dropout=0.5, seed=7)
        layer(X)
        layer.set_weights([np.full(w.shape, 0.3, "float32") for w in layer.weights])
        return layer

    first, second = made(), made()
    plain = values(first(X))[0]
    a, b = values(first(X, training=True))[0], values(second(X, training=True))[0]
    np.testing.assert_array_equal(a, b)
    assert np.abs(values(first(X, training=True))[0] - a).max() > 1e-4
    np.testing.assert_array_equal(values(first(X))[0], plain)


def test_one_mask_holds_for_all_steps() -> None:
    cell = layers.SimpleRNNCell(400, activation=None, dropout=0.25, kernel_initializer="zeros", seed=1)
    layer = layers.RNN(cell, return_sequences=True)
    ones = np.ones((2, 3, 400), "float32")
    layer(ones)
    layer.set_weights([np.eye(400, dtype="float32"), np.zeros((400, 400), "float32"), np.zeros(400, "float32")])
    out = values(layer(ones, training=True))[0]
    assert (out == out[:, :1]).all()
    assert set(np.unique(np.round(out, 4))) == {0.0, 1.3333}
    assert abs((out == 0).mean() - 0.25) < 0.05


def test_input_dropout_of_the_fused_kernel_is_that_of_the_cell() -> None:
    results = []
    for unroll in (False, True):
        layer = layers.LSTM(4, dropout=0.5, seed=3, unroll=unroll)
        layer(X)
        layer.set_weights([np.full(w.shape, 0.3, "float32") for w in layer.weights])
        results.append(values(layer(X, training=True))[0])
    np.testing.assert_allclose(results[0], results[1], atol=1e-5)


# -- configuration ---------------------------------------------------------------------------


def test_configurations() -> None:
    for layer in (
        layers.LSTM(4, return_sequences=True, dropout=0.1, unit_forget_bias=False),
        layers.GRU(4, reset_after=False, go_backwards=True),
        layers.RNN([layers.LSTMCell(3), layers.GRUCell(4)], return_state=True),
        layers.Bidirectional(layers.GRU(3, return_sequences=True), merge_mode="sum"),
        layers.TimeDistributed(layers.Dense(2)),
    ):
        again = type(layer).from_config(layer.get_config())
        assert str(again.get_config()) == str(layer.get_config()) or again.name == layer.name
        shapes = []
        for each in (layer, again):
            each(X)
            shapes.append([w.shape for w in each.weights])
        assert shapes[0] == shapes[1]


def test_initial_biases() -> None:
    lstm = layers.LSTM(2)
    lstm(X)
    np.testing.assert_array_equal(lstm.get_weights()[2], [0, 0, 1, 1, 0, 0, 0, 0])
    recurrent = lstm.get_weights()[1]
    np.testing.assert_allclose(recurrent @ recurrent.T, np.eye(2), atol=1e-6)


def test_inside_jit() -> None:
    layer = layers.GRU(4, return_sequences=True)
    eager = values(layer(X, mask=MASKS["holes"]))[0]
    compiled = autodiff.jit(lambda x, mask: layer(x, mask=mask))(X, MASKS["holes"])
    np.testing.assert_allclose(values(compiled)[0], eager, atol=1e-6)
