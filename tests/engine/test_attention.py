"""Attention layers and EinsumDense against Keras's with the same weights."""

from __future__ import annotations

from typing import Any

import keras as oracle
import numpy as np
import pytest

from triceras import autodiff, layers, ops
from triceras.autodiff import GradientTape

RNG = np.random.RandomState(0)
X, Y = (RNG.uniform(-1, 1, shape).astype("float32") for shape in ((2, 5, 3), (2, 4, 3)))
Z = RNG.uniform(-1, 1, (2, 3, 4, 5)).astype("float32")
MASK = np.array([[1, 1, 0, 1, 0], [0, 1, 1, 0, 0]], bool)
PAIRS = RNG.uniform(0, 1, (2, 5, 4)) > 0.3
PAIRS[0, 2] = False  # attends to nothing


def values(result: Any) -> list[Any]:
    result = result if isinstance(result, (list, tuple)) else [result]
    return [np.asarray(oracle.ops.convert_to_numpy(x)) for x in result]


def agree(name: str, config: tuple[Any, ...], options: dict[str, Any], *args: Any, **kwargs: Any) -> None:
    mine, theirs = getattr(layers, name)(*config, **options), getattr(oracle.layers, name)(*config, **options)
    mine(*args, **kwargs)
    theirs(*args, **kwargs)
    assert [tuple(w.shape) for w in mine.weights] == [tuple(w.shape) for w in theirs.weights]
    weights = [RNG.uniform(-1, 1, w.shape).astype("float32") for w in mine.weights]
    mine.set_weights(weights)
    theirs.set_weights(weights)
    ours, wanted = values(mine(*args, **kwargs)), values(theirs(*args, **kwargs))
    assert len(ours) == len(wanted)
    for a, b in zip(ours, wanted, strict=True):
        np.testing.assert_allclose(a, b, atol=2e-5)


@pytest.mark.parametrize("scores", [False, True])
@pytest.mark.parametrize(
    "options",
    [{}, {"output_shape": 7}, {"use_bias": False}, {"use_gate": True}, {"sliding_window": 2}],
    ids=str,
)
def test_multi_head_attention(options: dict[str, Any], scores: bool) -> None:
    agree("MultiHeadAttention", (2, 4), options, X, Y, return_attention_scores=scores)


@pytest.mark.parametrize("scores", [False, True])
def test_masks(scores: bool) -> None:
    wanted = {"return_attention_scores": scores}
    agree("MultiHeadAttention", (2, 4), {}, X, Y, attention_mask=PAIRS, **wanted)
    agree("MultiHeadAttention", (2, 4), {}, X, X, use_causal_mask=True, **wanted)
    agree("MultiHeadAttention", (2, 4), {}, X, X, query_mask=MASK, value_mask=MASK, **wanted)


def test_a_value_dimension_of_its_own() -> None:
    layer = layers.MultiHeadAttention(2, 4, value_dim=3)
    outputs = [values(layer(X, Y, return_attention_scores=scores))[0] for scores in (False, True)]
    np.testing.assert_allclose(outputs[0], outputs[1], atol=1e-5)
    assert [tuple(w.shape) for w in layer.weights[4:6]] == [(3, 2, 3), (2, 3)]


@pytest.mark.parametrize("axes", [None, (1,), (2,), (1, 2)])
def test_attention_axes(axes: Any) -> None:
    agree("MultiHeadAttention", (2, 4), {"attention_axes": axes}, Z, Z, return_attention_scores=True)


def test_group_query_attention() -> None:
    agree("GroupQueryAttention", (4, 4, 2), {}, X, Y, return_attention_scores=True)
    agree("GroupQueryAttention", (4, 4, 2), {}, X, X, use_causal_mask=True)
    with pytest.raises(ValueError, match="multiple"):
        layers.GroupQueryAttention(4, 3, 2)


def test_dropout_is_repeatable() -> None:
    def made() -> Any:
        layer = layers.MultiHeadAttention(2, 4, dropout=0.5, seed=1)
        layer(X, X)
        layer.set_weights([np.full(w.shape, 0.1, "float32") for w in layer.weights])
        return layer

    first, second = made(), made()
    a, b = (values(layer(X, X, training=True))[0] for layer in (first, second))
    np.testing.assert_array_equal(a, b)
    assert np.abs(values(first(X, X, training=True))[0] - a).max() > 1e-4


def test_flash_attention_is_demanded() -> None:
    """The kernel computes the same numbers, or an error says that there is none here; it is never left out."""
    q, k = RNG.normal(size=(2, 3, 2, 8)).astype("float32"), RNG.normal(size=(2, 4, 2, 8)).astype("float32")
    layer, layer_x = layers.MultiHeadAttention(2, 8, flash_attention=True), q.reshape(2, 3, 16)
    try:
        flash = values(ops.dot_product_attention(q, k, k, flash_attention=True))[0]
    except RuntimeError as error:
        assert "flash_attention=True" in str(error)
        with pytest.raises(RuntimeError, match="flash_attention=True"):
            layer(layer_x, layer_x)
    else:
        wanted = values(ops.dot_product_attention(q, k, k, flash_attention=False))[0]
        np.testing.assert_allclose(flash, wanted, atol=1e-5)
        assert tuple(layer(layer_x, layer_x).shape) == layer_x.shape


def test_gradients_by_both_ways() -> None:
    layer = layers.MultiHeadAttention(2, 4)
    x = ops.convert_to_tensor(X)
    layer(x, x)

    def gradients(scores: bool) -> list[Any]:
        with GradientTape() as tape:
            tape.watch(x)
            result = layer(x, x, return_attention_scores=scores, use_causal_mask=True)
            loss = ops.sum(ops.sin(result[0] if scores else result))
        return values(tape.gradient(loss, [x, *layer.trainable_weights]))

    for a, b in zip(gradients(False), gradients(True), strict=True):
        np.testing.assert_allclose(a, b, atol=2e-5)


def test_inside_jit() -> None:
    layer = layers.MultiHeadAttention(2, 4)
    eager = values(layer(X, Y))[0]
    np.testing.assert_allclose(values(autodiff.jit(layer)(X, Y))[0], eager, atol=1e-5)


@pytest.mark.parametrize("options", [{}, {"use_scale": True}, {"score_mode": "concat", "use_scale": True}], ids=str)
def test_attention(options: dict[str, Any]) -> None:
    agree("Attention", (), options, [X, Y], return_attention_scores=True)
    agree("Attention", (), options, [X, X], mask=[MASK, MASK], use_causal_mask=True)


def test_additive_attention() -> None:
    agree("AdditiveAttention", (), {}, [X, Y])
    agree("AdditiveAttention", (), {"use_scale": False}, [X, X], mask=[MASK, MASK])
    with pytest.raises(ValueError, match="list of two or three"):
        layers.Attention()(X)


@pytest.mark.parametrize(
    ("equation", "shape", "bias"),
    [
        ("abc,cde->abde", (None, 2, 4), "de"),
        ("...x,xy->...y", 4, "y"),
        ("ab...,bc->ac...", 4, "c"),
        ("abc,cd->abd", (5, 4), "bd"),
        ("abc,bcd->ad", 4, None),
        ("abc,bd->acd", (None, 4), "d"),
    ],
)
def test_einsum_dense(equation: str, shape: Any, bias: str | None) -> None:
    agree("EinsumDense", (equation, shape), {"bias_axes": bias, "activation": "relu"}, X)
    config = layers.EinsumDense(equation, shape, bias_axes=bias).get_config()
    assert layers.EinsumDense.from_config(config).equation == equation


def test_equations_that_do_not_fit() -> None:
    with pytest.raises(ValueError, match="must look like"):
        layers.EinsumDense("ab->ac", 4)(X)
    with pytest.raises(ValueError, match="does not fit"):
        layers.EinsumDense("ab,bc->ac", 4)(X)
    with pytest.raises(ValueError, match="not known"):
        layers.EinsumDense("ab,bc->ac", 4).build((None, None))
