"""Normalisation layers against the real Keras, in training and out of it."""

from __future__ import annotations

import keras as keras3
import numpy as np
import pytest

import triceras as keras
from triceras import layers, ops

RNG = np.random.default_rng(0)
IMAGES = RNG.normal(2.0, 3.0, size=(4, 5, 6, 4)).astype("float32")
ROWS = RNG.normal(2.0, 3.0, size=(6, 4)).astype("float32")


def numpy(x):
    return ops.convert_to_numpy(x)


def close(a, b, tol=2e-5):
    np.testing.assert_allclose(a, b, rtol=tol, atol=tol)


def theirs_numpy(x):
    return keras3.ops.convert_to_numpy(x)


def pair(name, x, **kw):
    ours, theirs = getattr(layers, name)(**kw), getattr(keras3.layers, name)(**kw)
    ours.build(x.shape), theirs.build(x.shape)
    assert [w.shape for w in ours.get_weights()] == [w.shape for w in theirs.get_weights()]
    weights = [RNG.uniform(0.5, 2, size=w.shape).astype("float32") for w in ours.get_weights()]
    ours.set_weights(weights), theirs.set_weights(weights)
    return ours, theirs


@pytest.mark.parametrize(
    ("x", "kw"),
    [
        (IMAGES, {}),
        (IMAGES, {"axis": 1, "momentum": 0.7, "epsilon": 0.01}),
        (IMAGES, {"center": False}),
        (IMAGES, {"scale": False}),
        (ROWS, {}),
        (IMAGES[:, 0], {"momentum": 0.9}),
    ],
)
def test_batch_normalization(x, kw):
    ours, theirs = pair("BatchNormalization", x, **kw)
    close(numpy(ours(x)), theirs_numpy(theirs(x)))
    for step in range(3):
        batch = x * (step + 1) + step
        close(numpy(ours(batch, training=True)), theirs_numpy(theirs(batch, training=True)), 1e-4)
        for a, b in zip(ours.get_weights(), theirs.get_weights(), strict=True):
            close(a, b)
    close(numpy(ours(x, training=False)), theirs_numpy(theirs(x, training=False)))


def test_moving_variance_is_the_populations():
    layer = layers.BatchNormalization(momentum=0.0)
    layer(ROWS, training=True)
    close(layer.moving_mean.numpy(), ROWS.mean(0))
    close(layer.moving_variance.numpy(), ROWS.var(0))


def test_frozen_is_inference():
    layer = layers.BatchNormalization()
    layer.build(ROWS.shape)
    layer.trainable = False
    close(numpy(layer(ROWS, training=True)), ROWS / np.sqrt(1.001))
    assert not layer.moving_mean.numpy().any()
    assert layers.BatchNormalization()(keras.Input((4,))).shape == (None, 4)


def test_masked_places_do_not_count():
    x, mask = IMAGES[:, 0], RNG.random((4, 6)) < 0.6
    ours, theirs = pair("BatchNormalization", x)
    close(
        numpy(ours(x, training=True, mask=ops.convert_to_tensor(mask))),
        theirs_numpy(theirs(x, training=True, mask=mask)),
    )
    for a, b in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        close(a, b)


def test_gradients_of_a_batch():
    """By hand: Ioffe and Szegedy's formulas."""
    layer = layers.BatchNormalization(epsilon=0.01)
    layer.build(ROWS.shape)
    gamma = RNG.uniform(0.5, 2, size=4).astype("float32")
    layer.gamma.assign(gamma)
    x, g = ops.convert_to_tensor(ROWS), RNG.normal(size=ROWS.shape).astype("float32")
    with keras.GradientTape() as tape:
        tape.watch(x)
        target = ops.sum(layer(x, training=True) * ops.convert_to_tensor(g))
    by_x, by_gamma, by_beta = map(numpy, tape.gradient(target, [x, layer.gamma, layer.beta]))
    inverse = 1 / np.sqrt(ROWS.var(0) + 0.01)
    scaled = (ROWS - ROWS.mean(0)) * inverse
    close(by_beta, g.sum(0))
    close(by_gamma, (g * scaled).sum(0))
    close(by_x, gamma * inverse * (g - g.mean(0) - scaled * (g * scaled).mean(0)), 1e-4)


def test_inside_jit_the_averages_move():
    layer = layers.BatchNormalization(momentum=0.5)
    layer.build(ROWS.shape)
    step = keras.jit(lambda x: layer(x, training=True))
    for _ in range(2):
        step(ops.convert_to_tensor(ROWS))
    close(layer.moving_mean.numpy(), ROWS.mean(0) * 0.75)


@pytest.mark.parametrize(
    ("name", "kw"),
    [
        ("LayerNormalization", {}),
        ("LayerNormalization", {"axis": (2, 3), "epsilon": 0.01}),
        ("LayerNormalization", {"center": False}),
        ("LayerNormalization", {"scale": False}),
        ("GroupNormalization", {"groups": 2}),
        ("GroupNormalization", {"groups": -1, "scale": False}),
        ("GroupNormalization", {"groups": 5, "axis": 1}),
        ("RMSNormalization", {}),
        ("RMSNormalization", {"axis": [2, 3], "epsilon": 0.1}),
        ("UnitNormalization", {}),
        ("UnitNormalization", {"axis": [1, 2]}),
    ],
)
def test_of_each_example(name, kw):
    ours, theirs = pair(name, IMAGES, **kw)
    close(numpy(ours(IMAGES)), theirs_numpy(theirs(IMAGES)), 1e-4)
    assert ours.compute_output_shape((None, 5, 6, 4)) == (None, 5, 6, 4)
    assert ours(keras.Input((5, 6, 4))).shape == (None, 5, 6, 4)
    clone = type(ours).from_config(ours.get_config())
    clone.build(IMAGES.shape)
    clone.set_weights(ours.get_weights())
    np.testing.assert_array_equal(numpy(clone(IMAGES)), numpy(ours(IMAGES)))


@pytest.mark.parametrize("axis", [1, (1, 2), (1, 3)])
def test_layer_normalization_over_any_axes(axis):
    """By hand: the real Keras takes only the last axes on PyTorch."""
    layer = layers.LayerNormalization(axis=axis, center=False)
    layer.build(IMAGES.shape)
    gamma = RNG.uniform(0.5, 2, size=layer.gamma.shape).astype("float32")
    layer.gamma.assign(gamma)
    axes = (axis,) if isinstance(axis, int) else axis
    scaled = (IMAGES - IMAGES.mean(axes, keepdims=True)) / np.sqrt(IMAGES.var(axes, keepdims=True) + 1e-3)
    close(numpy(layer(IMAGES)), scaled * gamma.reshape([n if i in axes else 1 for i, n in enumerate(IMAGES.shape)]))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: layers.BatchNormalization(axis=7)(ROWS), "axis 7"),
        (lambda: layers.BatchNormalization(renorm=True, renorm_clipping={"rmin": 2.0, "rmax": 1.0}), "rmin"),
        (lambda: layers.BatchNormalization(axis=7)(ROWS), "axis 7"),
        (lambda: layers.BatchNormalization().build((None, None)), "known"),
        (lambda: layers.GroupNormalization(3)(ROWS), "groups.*3 and 4"),
    ],
)
def test_errors(make, message):
    with pytest.raises(ValueError, match=message):
        make()
