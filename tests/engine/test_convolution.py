"""Convolution layers against the real Keras with the same weights, and against themselves in another layout."""

from __future__ import annotations

import keras as keras3
import numpy as np
import pytest

import triceras as keras
from triceras import layers, ops

RNG = np.random.default_rng(0)
X = {1: RNG.normal(size=(2, 9, 4)), 2: RNG.normal(size=(2, 7, 8, 4)), 3: RNG.normal(size=(1, 4, 5, 4, 2))}
X = {rank: x.astype("float32") for rank, x in X.items()}


def numpy(x):
    return ops.convert_to_numpy(x)


def randomized(layer):
    layer.set_weights([RNG.normal(size=w.shape).astype("float32") for w in layer.get_weights()])
    return layer.get_weights()


def pair(name, x, *args, **kw):
    """Our layer and Keras's with the same weights, called on x."""
    ours, theirs = getattr(layers, name)(*args, **kw), getattr(keras3.layers, name)(*args, **kw)
    ours(x), theirs(x)
    assert [w.shape for w in ours.get_weights()] == [w.shape for w in theirs.get_weights()]
    theirs.set_weights(randomized(ours))
    return ours, theirs


CASES = [
    ("Conv1D", 1, (3, 2), {}),
    ("Conv1D", 1, (3, 3), {"padding": "causal", "dilation_rate": 2, "activation": "relu"}),
    ("Conv1D", 1, (4, 3), {"padding": "same", "strides": 2, "groups": 2, "use_bias": False}),
    ("Conv2D", 2, (3, (3, 2)), {"activation": "relu"}),
    ("Conv2D", 2, (3, 3), {"padding": "same", "strides": 2}),
    ("Conv2D", 2, (4, 3), {"padding": "same", "dilation_rate": 2, "groups": 2, "use_bias": False}),
    ("Conv3D", 3, (3, 2), {"strides": (1, 2, 1)}),
    ("Conv3D", 3, (3, 2), {"padding": "same", "activation": "tanh"}),
    ("DepthwiseConv1D", 1, (3,), {"depth_multiplier": 2, "padding": "same"}),
    ("DepthwiseConv2D", 2, (3,), {"depth_multiplier": 2, "strides": 2, "activation": "relu"}),
    ("DepthwiseConv2D", 2, ((3, 2),), {"padding": "same", "use_bias": False}),
    ("SeparableConv1D", 1, (5, 3), {"depth_multiplier": 2, "padding": "causal"}),
    ("SeparableConv2D", 2, (5, 3), {"strides": 2, "padding": "same", "activation": "relu"}),
    ("SeparableConv2D", 2, (5, 3), {"use_bias": False, "depth_multiplier": 2}),
    ("Conv1DTranspose", 1, (3, 3), {"strides": 2}),
    ("Conv2DTranspose", 2, (3, 3), {"strides": 2, "padding": "same", "activation": "relu"}),
    ("Conv2DTranspose", 2, (3, 3), {"strides": 3, "output_padding": 1, "use_bias": False}),
    ("Conv3DTranspose", 3, (3, 2), {"strides": 2, "padding": "same"}),
]


@pytest.mark.parametrize(("name", "rank", "args", "kw"), CASES)
def test_as_keras(name, rank, args, kw):
    x = X[rank]
    ours, theirs = pair(name, x, *args, **kw)
    out = numpy(ours(x))
    np.testing.assert_allclose(out, keras3.ops.convert_to_numpy(theirs(x)), rtol=1e-4, atol=1e-4)
    assert ours.compute_output_shape(x.shape) == out.shape
    assert ours.compute_output_shape((None, *x.shape[1:])) == (None, *out.shape[1:])
    assert ours.compute_output_shape((None,) * (rank + 1) + x.shape[-1:])[1:-1] == (None,) * rank


@pytest.mark.parametrize(("name", "rank", "args", "kw"), [case for case in CASES if case[1] != 3])
def test_gradients_do_not_depend_on_the_layout(name, rank, args, kw):
    """channels_first gives the same numbers and gradients by another path."""
    x = X[rank]
    forward = (0, rank + 1, *range(1, rank + 1))
    last, first = (getattr(layers, name)(*args, data_format=f, **kw) for f in ("channels_last", "channels_first"))
    last(x), first(x.transpose(forward))
    first.set_weights(randomized(last))
    found = []
    for layer, value in ((last, x), (first, x.transpose(forward))):
        value = ops.convert_to_tensor(value)
        with keras.GradientTape() as tape:
            tape.watch(value)
            out = layer(value)
            target = ops.sum(ops.square(out))
        gradients = tape.gradient(target, [value, *(w for w in layer.trainable_weights)])
        found.append([numpy(out), *map(numpy, gradients)])
    found[0][:2] = [a.transpose(forward) for a in found[0][:2]]
    for a, b in zip(*found, strict=True):
        np.testing.assert_allclose(a, b, rtol=2e-3, atol=2e-3)


def test_learns_a_filter():
    """Gradient descent by the layer's own gradients finds the kernel that made the data."""
    x = ops.convert_to_tensor(X[2])
    teacher, student = layers.Conv2D(2, 3), layers.Conv2D(2, 3)
    target, _ = teacher(x), student(x)
    for _ in range(30):
        with keras.GradientTape() as tape:
            loss = ops.mean(ops.square(student(x) - target))
        for w, g in zip(student.trainable_weights, tape.gradient(loss, student.trainable_weights), strict=True):
            w.assign(w.value - 0.5 * g)
    assert float(numpy(loss)) < 0.03


def test_weights_get_their_initializers_and_regularizers():
    layer = layers.Conv2D(3, 2, kernel_initializer="ones", bias_initializer="ones", kernel_regularizer="l2")
    out = numpy(layer(np.ones((1, 3, 3, 2), "float32")))
    assert (out == 9).all() and layer.kernel.shape == (2, 2, 2, 3)
    np.testing.assert_allclose(float(numpy(layer.losses[0])), 0.01 * 24, rtol=1e-5)


def test_configuration_round_trip():
    for name, rank, args, kw in CASES:
        layer = getattr(layers, name)(*args, name="mine", **kw)
        clone = type(layer).from_config(layer.get_config())
        layer(X[rank]), clone(X[rank])
        clone.set_weights(layer.get_weights())
        np.testing.assert_array_equal(numpy(clone(X[rank])), numpy(layer(X[rank])))


def test_symbolic_and_aliases():
    assert layers.Conv2D(5, 3, strides=2)(keras.Input((28, 28, 1))).shape == (None, 13, 13, 5)
    assert layers.Convolution2D is layers.Conv2D and layers.SeparableConvolution1D is layers.SeparableConv1D


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: layers.Conv2D(0, 3), "filters.*0"),
        (lambda: layers.Conv2D(4, (3, 3, 3)), "kernel_size.*2 of them"),
        (lambda: layers.Conv2D(4, 3, padding="causal"), "causal"),
        (lambda: layers.Conv2D(4, 3, strides=2, dilation_rate=2), "strides.*dilation"),
        (lambda: layers.Conv2D(3, 3, groups=2), "multiple of groups"),
        (lambda: layers.Conv2D(3, 3, groups=3)(X[2]), "groups=3.*4"),
        (lambda: layers.Conv2D(3, 9)(X[2]), "does not fit"),
        (lambda: layers.Conv2D(3, 3)(X[1]), "ndim=4"),
        (lambda: layers.Conv2D(3, 3)(keras.Input((8, 8, None))), "channels.*known"),
        (lambda: layers.Conv2DTranspose(3, 3, strides=2, output_padding=2), "output_padding"),
    ],
)
def test_errors(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_another_number_of_channels_is_refused():
    layer = layers.Conv2D(3, 3, name="stem")
    layer(X[2])
    with pytest.raises(ValueError, match="stem.*size 4"):
        layer(X[2][..., :3])
