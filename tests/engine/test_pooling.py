"""Pooling layers, window by window: the real Keras counts padding on PyTorch, so NumPy is the oracle."""

from __future__ import annotations

import numpy as np
import pytest

import triceras as keras
from tests.conformance.cases.pooling import pooled
from triceras import layers, ops

RNG = np.random.default_rng(0)
X = {1: (2, 9, 3), 2: (2, 7, 8, 3), 3: (1, 4, 5, 4, 2)}
X = {rank: RNG.normal(size=shape).astype("float32") for rank, shape in X.items()}


def numpy(x):
    return ops.convert_to_numpy(x)


@pytest.mark.parametrize("rank", [1, 2, 3])
@pytest.mark.parametrize("kind", ["MaxPooling", "AveragePooling"])
@pytest.mark.parametrize("kw", [{}, {"pool_size": 3, "strides": 2, "padding": "same"}, {"pool_size": 3, "strides": 1}])
def test_windows(rank, kind, kw):
    x, kw = X[rank], {"pool_size": 2} | kw
    layer = getattr(layers, f"{kind}{rank}D")(**kw)
    out = numpy(layer(x))
    want = pooled(np.max if kind == "MaxPooling" else np.mean, x, **kw)
    np.testing.assert_allclose(out, want, rtol=1e-5, atol=1e-6)
    assert layer.compute_output_shape(x.shape) == out.shape
    first = (0, rank + 1, *range(1, rank + 1))
    turned = getattr(layers, f"{kind}{rank}D")(data_format="channels_first", **kw)
    np.testing.assert_allclose(numpy(turned(x.transpose(first))), out.transpose(first), rtol=1e-5, atol=1e-6)
    assert turned.compute_output_shape((None, x.shape[-1], *x.shape[1:-1]))[2:] == out.shape[1:-1]
    clone = type(layer).from_config(layer.get_config())
    np.testing.assert_array_equal(numpy(clone(x)), out)


@pytest.mark.parametrize("rank", [1, 2, 3])
@pytest.mark.parametrize("keepdims", [False, True])
def test_everywhere(rank, keepdims):
    x, places = X[rank], tuple(range(1, rank + 1))
    for kind, reduce in (("GlobalMaxPooling", np.max), ("GlobalAveragePooling", np.mean)):
        layer = getattr(layers, f"{kind}{rank}D")(keepdims=keepdims)
        want = reduce(x, places, keepdims=keepdims)
        np.testing.assert_allclose(numpy(layer(x)), want, rtol=1e-5, atol=1e-6)
        assert layer.compute_output_shape((None, *x.shape[1:])) == (None, *want.shape[1:])
        turned = getattr(layers, f"{kind}{rank}D")(keepdims=keepdims, data_format="channels_first")
        first = (0, rank + 1, *places)
        want = want.transpose(first) if keepdims else want
        np.testing.assert_allclose(numpy(turned(x.transpose(first))), want, rtol=1e-5, atol=1e-6)


def test_global_average_of_kept_steps():
    mask = np.arange(9) < np.array([[4], [7]])
    out = numpy(layers.GlobalAveragePooling1D()(X[1], mask=ops.convert_to_tensor(mask)))
    np.testing.assert_allclose(out, [X[1][0, :4].mean(0), X[1][1, :7].mean(0)], rtol=1e-5)


def gradient(layer, x):
    x = ops.convert_to_tensor(x)
    with keras.GradientTape() as tape:
        tape.watch(x)
        target = ops.sum(layer(x))
    return numpy(tape.gradient(target, x))


@pytest.mark.parametrize("strides", [2, 1])
def test_the_first_of_equals_has_the_gradient(strides):
    found = gradient(layers.MaxPooling2D(2, strides=strides), np.zeros((1, 4, 4, 1), "float32"))[0, :, :, 0]
    want = np.zeros((4, 4))
    want[: 4 - (strides == 1) : strides, : 4 - (strides == 1) : strides] = 1
    np.testing.assert_array_equal(found, want)
    tied = np.array([[0, 1], [1, 0]], "float32")[None, :, :, None]
    np.testing.assert_array_equal(gradient(layers.MaxPooling2D(2), tied)[0, :, :, 0], [[0, 1], [0, 0]])


def test_padding_does_not_count():
    x = -np.ones((1, 3, 3, 1), "float32")
    assert (numpy(layers.MaxPooling2D(2, padding="same")(x)) == -1).all()
    assert (numpy(layers.AveragePooling2D(2, padding="same")(x)) == -1).all()
    np.testing.assert_allclose(
        gradient(layers.AveragePooling2D(2, padding="same"), x)[0, :, :, 0],
        [[0.25, 0.25, 0.5], [0.25, 0.25, 0.5], [0.5, 0.5, 1]],
    )


def test_aliases_and_symbolic():
    assert layers.MaxPool2D is layers.MaxPooling2D and layers.GlobalAvgPool1D is layers.GlobalAveragePooling1D
    assert layers.MaxPool2D()(keras.Input((28, 28, 3))).shape == (None, 14, 14, 3)
    assert layers.AvgPool2D(2, padding="same")(keras.Input((None, 9, 3))).shape == (None, None, 5, 3)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: layers.MaxPooling2D(0), "pool_size.*0"),
        (lambda: layers.MaxPooling2D(2, padding="full"), "padding.*full"),
        (lambda: layers.MaxPooling2D(2, strides=(1, 2, 3)), "strides"),
        (lambda: layers.MaxPooling2D(2)(X[1]), "ndim=4"),
        (lambda: layers.MaxPooling2D(9)(X[2]), "window"),
    ],
)
def test_errors(make, message):
    with pytest.raises(ValueError, match=message):
        make()
