"""Bad input of the core layers: errors of the type Keras raises, that name the layer and what it got."""

from __future__ import annotations

import numpy as np
import pytest

import triceras as keras
from triceras import layers


def ones(*shape):
    return np.ones(shape, "float32")


def used(layer, *x):
    """A layer that has been called, to be called again with something else."""
    layer(*x)
    return layer


CONSTRUCTORS = [
    (lambda: layers.Dense("a"), ValueError, "units.*'a'"),
    (lambda: layers.Dense(0), ValueError, "units.*0"),
    (lambda: layers.Dense(1.5), ValueError, "units.*1.5"),
    (lambda: layers.Dense(2, activation="relo"), ValueError, "relo"),
    (lambda: layers.Dense(2, kernel_initializer="zeroes"), ValueError, "zeroes"),
    (lambda: layers.Dense(2, kernel_regularizer="l3"), ValueError, "l3"),
    (lambda: layers.Dense(2, kernel_constraint="maxnorm2"), ValueError, "maxnorm2"),
    (lambda: layers.Dense(2, lora_rank=-1), ValueError, "lora_rank.*-1"),
    (lambda: layers.Activation("relo"), ValueError, "relo"),
    (lambda: layers.Activation(3), ValueError, "3"),
    (lambda: layers.Flatten("channels_middle"), ValueError, "channels_middle"),
    (lambda: layers.ActivityRegularization(l1=-1), ValueError, "l1.*-1"),
    (lambda: layers.ActivityRegularization(l2="a"), ValueError, "l2.*'a'"),
    (lambda: layers.Embedding(0, 3), ValueError, "input_dim.*0"),
    (lambda: layers.Embedding(3, "a"), ValueError, "output_dim.*'a'"),
    (lambda: layers.Embedding(3, 3, weights=ones(2, 2)), ValueError, r"\(3, 3\).*\(2, 2\)"),
    (lambda: layers.ReversibleEmbedding(3, 0), ValueError, "ReversibleEmbedding.*output_dim.*0"),
    (lambda: layers.Lambda(3), TypeError, "function.*3"),
    (lambda: layers.Input(), ValueError, "shape"),
    (lambda: layers.Input((2,), batch_shape=(1, 2)), ValueError, "batch_shape"),
    (lambda: layers.Input(batch_shape=(1, 2), batch_size=1), ValueError, "batch_size"),
    (lambda: layers.Input(("a",)), ValueError, "'a'"),
    (lambda: layers.Input((-1,)), ValueError, "-1"),
    (lambda: layers.Input((2,), sparse=True), ValueError, "sparse"),
    (lambda: layers.Input((2,), ragged=True), ValueError, "ragged"),
    (lambda: layers.Input((2,), dtype="float31"), ValueError, "float31"),
    (lambda: layers.Input(tensor=3), ValueError, "KerasTensor.*3"),
    (lambda: layers.Input(tensor=keras.KerasTensor((2, 3), "int32"), dtype="float32"), ValueError, "int32"),
    (lambda: layers.InputSpec(shape=3), ValueError, "3"),
    (lambda: layers.InputSpec(axes=3), TypeError, "axes.*3"),
    (lambda: layers.InputSpec(axes={"a": 2}), TypeError, "axes.*'a'"),
    (lambda: layers.InputSpec(ndim=2, axes={4: 2}), ValueError, "4"),
    (lambda: layers.InputSpec(max_ndim=2, axes={4: 2}), ValueError, "4"),
    (lambda: layers.InputSpec("float31"), ValueError, "float31"),
    (lambda: layers.Dot("a"), TypeError, "axes.*'a'"),
    (lambda: layers.Dot(1.0), TypeError, "axes.*1.0"),
    (lambda: layers.Dot((1, 2, 3)), ValueError, r"\(1, 2, 3\)"),
    (lambda: layers.Reshape((-1, -1)), ValueError, "-1"),
    (lambda: layers.Reshape((-2, 3)), ValueError, "-2"),
    (lambda: layers.Reshape(("a",)), ValueError, "'a'"),
    (lambda: layers.Permute((1, 3)), ValueError, r"\(1, 3\)"),
    (lambda: layers.Permute((0, 1)), ValueError, r"\(0, 1\)"),
    (lambda: layers.RepeatVector("a"), TypeError, "'a'"),
    (lambda: layers.RepeatVector(0), ValueError, "0"),
    (lambda: layers.UpSampling1D("a"), TypeError, "'a'"),
    (lambda: layers.UpSampling1D(0), ValueError, "0"),
    (lambda: layers.UpSampling2D((1, 2, 3)), ValueError, r"\(1, 2, 3\)"),
    (lambda: layers.UpSampling2D(2, interpolation="area"), ValueError, "area"),
    (lambda: layers.UpSampling3D(-1), ValueError, "-1"),
    (lambda: layers.ReLU(-1), ValueError, "max_value.*-1"),
    (lambda: layers.ReLU(negative_slope=None), ValueError, "negative_slope"),
    (lambda: layers.ReLU(threshold=-1), ValueError, "threshold"),
    (lambda: layers.LeakyReLU(None), ValueError, "negative_slope"),
    (lambda: layers.LeakyReLU(-1), ValueError, "negative_slope"),
    (lambda: layers.ELU("a"), TypeError, "alpha.*'a'"),
    (lambda: layers.Softmax("a"), TypeError, "axis.*'a'"),
    (lambda: layers.Dropout(2), ValueError, "rate.*2"),
    (lambda: layers.Dropout("a"), ValueError, "rate.*'a'"),
    (lambda: layers.Dropout(0.5, noise_shape=3), ValueError, "noise_shape.*3"),
    (lambda: layers.Dropout(0.5, noise_shape=("a",)), ValueError, "noise_shape.*'a'"),
    (lambda: layers.AlphaDropout(2.0), ValueError, "rate.*2.0"),
    (lambda: layers.AlphaDropout(1.0), ValueError, "rate.*1.0"),
    (lambda: layers.GaussianDropout(1.0), ValueError, "rate.*1.0"),
    (lambda: layers.GaussianNoise(-1), ValueError, "stddev.*-1"),
    (lambda: layers.SpatialDropout1D(-0.1), ValueError, "rate.*-0.1"),
    (lambda: layers.SpatialDropout2D(0.5, data_format="nchw"), ValueError, "nchw"),
    (lambda: layers.BatchNormalization(axis=[1]), TypeError, r"axis.*\[1\]"),
    (lambda: layers.BatchNormalization(renorm=True, renorm_clipping=3), TypeError, "renorm_clipping.*3"),
    (lambda: layers.BatchNormalization(renorm=True, renorm_clipping={"max": 1}), ValueError, "max"),
    (lambda: layers.BatchNormalization(renorm=True, renorm_clipping={"dmax": -1.0}), ValueError, "dmax"),
    (lambda: layers.LayerNormalization(axis="a"), TypeError, "axis.*'a'"),
    (lambda: layers.UnitNormalization(axis="a"), TypeError, "axis.*'a'"),
    (lambda: layers.RMSNormalization(axis="a"), TypeError, "axis.*'a'"),
    (lambda: layers.GroupNormalization(0), ValueError, "groups.*0"),
    (lambda: layers.SpectralNormalization(layers.Dense(3), power_iterations=0), ValueError, "power_iterations.*0"),
    (lambda: layers.SpectralNormalization(3), ValueError, "layer.*3"),
    (lambda: layers.Wrapper(3), ValueError, "Wrapper.*layer.*3"),
    (lambda: layers.deserialize(3), ValueError, "3"),
    (lambda: layers.deserialize({"class_name": "Nobody", "config": {}}), TypeError, "Nobody"),
    *(
        (lambda cls=cls, value=value: cls(value), ValueError, "padding|cropping")
        for cls in (layers.ZeroPadding1D, layers.ZeroPadding2D, layers.ZeroPadding3D, layers.Cropping1D)
        + (layers.Cropping2D, layers.Cropping3D)
        for value in ("a", (1, 2, 3, 4), -1, None)
    ),
]


@pytest.mark.parametrize(("make", "error", "message"), CONSTRUCTORS)
def test_constructors(make, error, message):
    with pytest.raises(error, match=message):
        make()


def adapted():
    layer = used(layers.Dense(2), ones(2, 3))
    layer.enable_lora(1)
    return layer


CALLS = [
    (lambda n: layers.Dense(2, **n)(ones(3)), r"\(3,\)"),
    (lambda n: layers.Dense(2, **n)(keras.KerasTensor((2, None))), r"\(2, None\)"),
    (lambda n: used(layers.Dense(2, **n), ones(2, 3))(ones(2, 4)), r"\(2, 4\)"),
    (lambda n: layers.Dense(2, **n).enable_lora(1), "built"),
    (lambda n: used(layers.Dense(2, kernel_constraint="max_norm", **n), ones(2, 3)).enable_lora(1), "constraint"),
    (lambda n: layers.Flatten(**n)(np.float32(1)), r"\(\)"),
    (lambda n: layers.EinsumDense("ab,bc", 3, **n)(ones(2, 3)), "ab,bc"),
    (lambda n: layers.EinsumDense("ab,bc->ac", 3, **n)(ones(2, 3, 4)), r"\(2, 3, 4\)"),
    (lambda n: layers.EinsumDense("ab,bc->abc", (5, 3), **n)(ones(2, 3)), "5.*3"),
    (lambda n: layers.EinsumDense("ab,bc->ac", 3, bias_axes="z", **n)(ones(2, 3)), "z"),
    (lambda n: layers.ReversibleEmbedding(5, 3, **n)(ones(2, 4), reverse=True), r"3.*\(2, 4\)"),
    (lambda n: layers.Add(**n)(ones(2, 3)), "list"),
    (lambda n: layers.Add(**n)([ones(2, 3), ones(2, 4)]), r"\(2, 3\).*\(2, 4\)"),
    (lambda n: layers.Multiply(**n)([ones(2, 3), ones(3, 3)]), r"\[2, 3\]"),
    (lambda n: layers.Average(**n)([]), "list"),
    (lambda n: layers.Maximum(**n).compute_mask([ones(2, 3), ones(2, 3)], 3), "masks.*3"),
    (lambda n: layers.Minimum(**n).compute_mask([ones(2, 3), ones(2, 3)], [None]), "masks"),
    (lambda n: layers.Subtract(**n)([ones(2, 3)]), "2 tensors.*1"),
    (lambda n: layers.Concatenate(**n)(ones(2, 3)), "list"),
    (lambda n: layers.Concatenate(**n)([ones(2, 3), ones(3, 3)]), r"\(2, 3\).*\(3, 3\)"),
    (lambda n: layers.Concatenate(axis=4, **n)([ones(2, 3), ones(2, 3)]), "axis 4"),
    (lambda n: layers.Dot(1, **n)(ones(2, 3)), "2 tensors"),
    (lambda n: layers.Dot(1, **n)([ones(2, 3), ones(2, 4)]), r"\(2, 3\).*\(2, 4\)"),
    (lambda n: layers.Dot(0, **n)([ones(2, 3), ones(2, 3)]), "axis 0"),
    (lambda n: layers.Dot(4, **n)([ones(2, 3), ones(2, 3)]), "axis 4"),
    (lambda n: layers.Reshape((3, 2), **n)(ones(2, 5)), r"\(5,\).*\(3, 2\)"),
    (lambda n: layers.Reshape((-1, 2), **n)(ones(2, 5)), r"\(5,\)"),
    (lambda n: layers.Permute((2, 1), **n)(ones(2, 3)), r"\(2, 3\)"),
    (lambda n: layers.RepeatVector(2, **n)(ones(2, 3, 4)), r"\(2, 3, 4\)"),
    (lambda n: layers.ZeroPadding2D(1, **n)(ones(2, 3)), r"\(2, 3\)"),
    (lambda n: layers.Cropping1D(2, **n)(ones(2, 4, 1)), "leaves nothing"),
    (lambda n: layers.Cropping2D(3, **n)(ones(2, 4, 9, 1)), r"leaves nothing.*\(4, 9\)"),
    (lambda n: layers.UpSampling3D(2, **n)(ones(2, 3)), r"\(2, 3\)"),
    (lambda n: layers.PReLU(**n)(keras.KerasTensor((2, None, 3))), r"\(2, None, 3\)"),
    (lambda n: layers.PReLU(shared_axes=[4], **n)(ones(2, 3)), r"\[4\]"),
    (lambda n: used(layers.PReLU(**n), ones(2, 3))(ones(2, 4)), r"\(2, 4\)"),
    (lambda n: layers.Softmax(4, **n)(ones(2, 3)), r"axis 4.*\(2, 3\)"),
    (lambda n: layers.Softmax(**n)(ones(2, 3), mask=np.ones((2, 5), bool)), r"\(2, 5\).*\(2, 3\)"),
    (lambda n: layers.SpatialDropout2D(0.5, **n)(ones(2, 3)), r"\(2, 3\)"),
    (lambda n: layers.BatchNormalization(axis=3, **n)(ones(2, 3)), "axis 3"),
    (lambda n: layers.BatchNormalization(**n).build((2, None)), r"\(2, None\)"),
    (lambda n: used(layers.BatchNormalization(**n), ones(2, 3))(ones(2, 4)), r"\(2, 4\)"),
    (lambda n: layers.LayerNormalization(axis=3, **n)(ones(2, 3)), "axis 3"),
    (lambda n: layers.RMSNormalization(axis=5, **n)(ones(2, 3)), "axis 5"),
    (lambda n: layers.GroupNormalization(3, **n)(ones(2, 4)), "3 and 4"),
    (lambda n: layers.GroupNormalization(8, **n)(ones(2, 4)), "8 and 4"),
    (lambda n: layers.GroupNormalization(1, **n).build((2, None)), r"\(2, None\)"),
    (lambda n: layers.SpectralNormalization(layers.ReLU(), **n).build((2, 3)), "kernel"),
]


@pytest.mark.parametrize(("call", "message"), CALLS)
def test_calls_name_the_layer(call, message):
    with pytest.raises(ValueError, match=message) as caught:
        call({"name": "the_one"})
    assert "the_one" in str(caught.value)


def test_adapting_twice():
    with pytest.raises(ValueError, match="once"):
        adapted().enable_lora(1)


def test_a_refused_input_leaves_an_unbuilt_layer():
    layer = layers.BatchNormalization(axis=3)
    with pytest.raises(ValueError, match="axis 3"):
        layer(ones(2, 3))
    assert not layer.built and not layer.weights
    layer(ones(2, 3, 4, 5))
    assert layer.built
