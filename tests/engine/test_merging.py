"""Layers without windows: merging, reshaping, activations, noise, functions."""

from __future__ import annotations

import keras as keras3
import numpy as np
import pytest

import triceras as keras
from triceras import layers, ops

RNG = np.random.default_rng(0)
A, B, C = (RNG.normal(size=(2, 3, 4)).astype("float32") for _ in range(3))
IMAGES = RNG.normal(size=(2, 5, 6, 3)).astype("float32")
VOLUMES = RNG.normal(size=(1, 4, 5, 6, 2)).astype("float32")


def numpy(x):
    return ops.convert_to_numpy(x)


def same(ours, theirs, tol=1e-5):
    np.testing.assert_allclose(numpy(ours), keras3.ops.convert_to_numpy(theirs), rtol=tol, atol=tol)


MERGES = [
    ("Add", [A, B, C], {}), ("Subtract", [A, B], {}), ("Multiply", [A, B, C], {}), ("Average", [A, B, C], {}),
    ("Maximum", [A, B, C], {}), ("Minimum", [A, B, C], {}), ("Add", [A, B[:, :1]], {}), ("Multiply", [A, B[:, 0]], {}),
    ("Concatenate", [A, B, C], {}), ("Concatenate", [A, B[:, :2]], {"axis": 1}),
    ("Dot", [A, B], {"axes": 2}), ("Dot", [A, B.transpose(0, 2, 1)], {"axes": (2, 1), "normalize": True}),
    ("Dot", [A[:, 0], B[:, 0]], {"axes": 1}), ("Dot", [A, B[:, :, 0]], {"axes": 1}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "inputs", "kw"), MERGES)
def test_merging(name, inputs, kw):
    layer = getattr(layers, name)(**kw)
    out = layer(inputs)
    same(out, getattr(keras3.layers, name)(**kw)(inputs))
    function = getattr(layers, name.lower())
    np.testing.assert_array_equal(numpy(function([ops.convert_to_tensor(x) for x in inputs], **kw)), numpy(out))
    shapes = [(None, *x.shape[1:]) for x in inputs]
    assert layer.compute_output_shape(shapes) == (None, *out.shape[1:])
    assert layer([keras.Input(x.shape[1:]) for x in inputs]).shape == (None, *out.shape[1:])


def test_masks_are_joined():
    one, two = (ops.convert_to_tensor(RNG.random((2, 3)) < 0.6) for _ in range(2))
    either = numpy(one) | numpy(two)
    np.testing.assert_array_equal(numpy(layers.Add().compute_mask([A, B], [one, two])), either)
    assert layers.Add().compute_mask([A, B], [None, two]) is None
    assert layers.Add().compute_mask([A, B], [None, None]) is None
    a, b = ops.convert_to_tensor(A), ops.convert_to_tensor(B)
    joined = layers.Concatenate(axis=1).compute_mask([a, b], [one, None])
    np.testing.assert_array_equal(numpy(joined), np.concatenate([numpy(one), np.ones((2, 3), bool)], 1))


RESHAPES = [
    ("Reshape", A, {"target_shape": (4, 3)}), ("Reshape", A, {"target_shape": (-1, 6)}),
    ("Permute", A, {"dims": (2, 1)}),
    ("RepeatVector", A[:, 0], {"n": 3}),
    ("ZeroPadding1D", A, {"padding": (1, 2)}), ("ZeroPadding2D", IMAGES, {"padding": ((1, 0), (2, 3))}),
    ("ZeroPadding2D", IMAGES, {"padding": (1, 2), "data_format": "channels_first"}), ("ZeroPadding3D", VOLUMES, {}),
    ("Cropping1D", A, {}), ("Cropping2D", IMAGES, {"cropping": ((1, 0), (2, 3))}), ("Cropping2D", IMAGES, {}),
    ("Cropping2D", IMAGES, {"cropping": 1, "data_format": "channels_first"}), ("Cropping3D", VOLUMES, {}),
    ("UpSampling1D", A, {"size": 3}), ("UpSampling2D", IMAGES, {"size": (2, 3)}),
    ("UpSampling2D", IMAGES, {"data_format": "channels_first"}), ("UpSampling3D", VOLUMES, {}),
    ("UpSampling2D", IMAGES, {"interpolation": "bilinear"}),
    ("UpSampling2D", IMAGES, {"size": (3, 1), "interpolation": "bilinear"}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "x", "kw"), RESHAPES)
def test_reshaping(name, x, kw):
    layer = getattr(layers, name)(**kw)
    out = layer(x)
    same(out, getattr(keras3.layers, name)(**kw)(x))
    assert layer.compute_output_shape(x.shape) == tuple(out.shape)
    assert layer(keras.Input(x.shape[1:])).shape == (None, *out.shape[1:])
    np.testing.assert_array_equal(numpy(type(layer).from_config(layer.get_config())(x)), numpy(out))


@pytest.mark.parametrize("name", ["bicubic", "lanczos3", "lanczos5"])
def test_interpolation_keeps_constants_and_mirrors(name):
    layer = layers.UpSampling2D(2, interpolation=name)
    np.testing.assert_allclose(numpy(layer(np.ones((1, 8, 9, 1), "float32"))), 1, rtol=1e-5)
    np.testing.assert_allclose(numpy(layer(IMAGES[:, ::-1])), numpy(layer(IMAGES))[:, ::-1], rtol=1e-4, atol=1e-5)


ACTIVATIONS = [
    ("ReLU", {}), ("ReLU", {"max_value": 1.0, "negative_slope": 0.1, "threshold": 0.5}),
    ("ReLU", {"negative_slope": 0.2}),
    ("LeakyReLU", {}), ("ELU", {"alpha": 0.5}), ("Softmax", {}), ("Softmax", {"axis": [1, 2]}),
    ("PReLU", {"alpha_initializer": "ones"}), ("PReLU", {"shared_axes": [1]}),
    ("Rescaling", {"scale": 2.0, "offset": -1.0}), ("Identity", {}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "kw"), ACTIVATIONS)
def test_elementwise(name, kw):
    layer = getattr(layers, name)(**kw)
    same(layer(A), getattr(keras3.layers, name)(**kw)(A))
    assert layer.compute_output_shape((None, 3, 4)) == (None, 3, 4)
    clone = type(layer).from_config(layer.get_config())
    np.testing.assert_array_equal(numpy(clone(A)), numpy(layer(A)))


def test_masked_softmax():
    mask = RNG.random(A.shape) < 0.7
    mask[..., 0] = True
    out = numpy(layers.Softmax()(A, mask=ops.convert_to_tensor(mask)))
    assert (out[~mask] == 0).all()
    np.testing.assert_allclose(out.sum(-1), 1, rtol=1e-5)


def test_prelu_learns_alpha():
    layer = layers.PReLU(shared_axes=[1])
    with keras.GradientTape() as tape:
        target = ops.sum(layer(A))
    gradient = numpy(tape.gradient(target, layer.alpha))
    np.testing.assert_allclose(gradient, np.minimum(A, 0).sum((0, 1))[None], rtol=1e-4, atol=1e-5)


def test_lambda():
    layer = layers.Lambda(lambda x, k: x * k, arguments={"k": 3})
    np.testing.assert_allclose(numpy(layer(A)), A * 3, rtol=1e-6)
    assert layer(keras.Input((3, 4))).shape == (None, 3, 4)
    assert layers.Lambda(lambda x: x, output_shape=(7,)).compute_output_shape((None, 3)) == (None, 7)


def test_noise():
    x = np.ones((200, 40), "float32")
    for layer, deviation in ((layers.GaussianNoise(0.5, seed=1), 0.5), (layers.GaussianDropout(0.2, seed=1), 0.5)):
        np.testing.assert_array_equal(numpy(layer(x)), x)
        noisy = numpy(layer(x, training=True))
        assert abs(noisy.mean() - 1) < 0.03 and abs(noisy.std() - deviation) < 0.03
        assert type(layer).from_config(layer.get_config()).seed == 1


@pytest.mark.parametrize(("name", "shape"), [("1D", (50, 9, 4)), ("2D", (50, 3, 3, 4)), ("3D", (50, 2, 3, 2, 4))])
def test_spatial_dropout(name, shape):
    layer = getattr(layers, f"SpatialDropout{name}")(0.5, seed=0)
    x = np.ones(shape, "float32")
    np.testing.assert_array_equal(numpy(layer(x)), x)
    out = numpy(layer(x, training=True)).reshape(50, -1, 4)
    assert (out == out[:, :1]).all() and set(np.unique(out)) == {0.0, 2.0}
    assert abs(out.mean() - 1) < 0.25
    assert type(layer).from_config(layer.get_config()).rate == 0.5


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: layers.Add()(A), ValueError, "list"),
        (lambda: layers.Add()([A, A[:1]]), ValueError, "batch"),
        (lambda: layers.Add()([A, A[:, :2]]), ValueError, "merged"),
        (lambda: layers.Subtract()([A, B, C]), ValueError, "exactly 2"),
        (lambda: layers.Concatenate()([A, B[:, :2]]), ValueError, "equal sizes"),
        (lambda: layers.Dot(axes=(1, 2))([A, B]), ValueError, "differ"),
        (lambda: layers.Dot(axes=0)([A, B]), ValueError, "axis 0"),
        (lambda: layers.Reshape((5,))(A), ValueError, "elements differ"),
        (lambda: layers.Permute((0, 1)), ValueError, "dims"),
        (lambda: layers.Cropping1D(2)(A), ValueError, "leaves nothing"),
        (lambda: layers.ZeroPadding2D((1, 2, 3)), ValueError, "padding"),
        (lambda: layers.UpSampling2D(interpolation="area"), ValueError, "area"),
        (lambda: layers.ReLU(max_value=-1.0), ValueError, "max_value"),
        (lambda: layers.GaussianDropout(1.0), ValueError, "rate"),
        (lambda: layers.Lambda(3), TypeError, "callable"),
        (lambda: layers.RepeatVector(1.5), TypeError, "integer"),
    ],
)
def test_errors(make, error, message):
    with pytest.raises(error, match=message):
        make()
