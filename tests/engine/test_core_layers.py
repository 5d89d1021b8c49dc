"""What the parity tables cannot say of the core layers: low-rank adaptation, masks that reach the next layer, the
distribution of noise, wrappers, functions in configurations, training on every backend."""

from __future__ import annotations

import numpy as np
import pytest

import triceras as keras
from triceras import layers, ops

RNG = np.random.default_rng(0)
X = RNG.normal(size=(6, 4)).astype("float32")
IDS = np.array([[1, 0, 4], [2, 2, 0]], "int32")


def numpy(x):
    return ops.convert_to_numpy(x)


ADAPTABLE = [
    (lambda **kw: layers.Dense(3, **kw), X, "kernel"),
    (lambda **kw: layers.EinsumDense("ab,bcd->acd", (3, 2), bias_axes="d", **kw), X, "kernel"),
    (lambda **kw: layers.Embedding(5, 3, **kw), IDS, "embeddings"),
]


@pytest.mark.parametrize(("make", "x", "name"), ADAPTABLE)
def test_adaptation_begins_as_the_layer_was_and_trains_the_rest(make, x, name):
    layer = make()
    before = numpy(layer(x))
    frozen = getattr(layer, name)
    layer.enable_lora(2, lora_alpha=6)
    np.testing.assert_allclose(numpy(layer(x)), before, rtol=1e-6)
    assert not frozen.trainable and layer.lora_enabled and (layer.lora_rank, layer.lora_alpha) == (2, 6)
    a, b = getattr(layer, f"lora_{name}_a"), getattr(layer, f"lora_{name}_b")
    assert {a.path, b.path} <= {w.path for w in layer.trainable_weights}
    b.assign(RNG.normal(size=b.shape))
    merged = numpy(frozen.value) + 3 * numpy(a.value) @ numpy(b.value)
    np.testing.assert_allclose(numpy(getattr(layer, name)), merged, rtol=1e-5, atol=1e-6)
    plain = make()
    plain.build(x.shape)
    plain.set_weights([merged, *layer.get_weights()[1:-2]])
    np.testing.assert_allclose(numpy(layer(x)), numpy(plain(x)), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(("make", "x", "name"), ADAPTABLE)
def test_an_adapted_layer_learns_and_is_described(make, x, name):
    model = keras.Sequential([make(lora_rank=1, lora_alpha=2), layers.Flatten(), layers.Dense(1)])
    model.compile("sgd", "mse")
    model.fit(x, np.ones((len(x), 1)), verbose=0)
    layer = model.layers[0]
    kernel = numpy(getattr(layer, f"_{name}").value)
    model.fit(x, np.ones((len(x), 1)), epochs=2, verbose=0)
    np.testing.assert_array_equal(numpy(getattr(layer, f"_{name}").value), kernel)
    assert np.abs(numpy(getattr(layer, f"lora_{name}_b").value)).max() > 0
    config = layer.get_config()
    assert (config["lora_rank"], config["lora_alpha"]) == (1, 2)
    again = type(layer).from_config(config)
    again.build(x.shape)
    assert [w.name for w in again.weights] == [w.name for w in layer.weights]


def test_an_unbuilt_layer_has_no_kernel():
    assert not hasattr(layers.Dense(2), "kernel")


def test_a_failed_adaptation_leaves_the_layer_as_it_was():
    layer = layers.Dense(3)
    layer(X)
    with pytest.raises(ValueError, match="initializer"):
        layer.enable_lora(2, b_initializer="nobody")
    assert [w.name for w in layer.weights] == ["kernel", "bias"] and layer.kernel.trainable and layer.built


def test_the_way_back_of_an_embedding():
    layer = layers.ReversibleEmbedding(5, 3, mask_zero=True)
    vectors = layer(IDS)
    np.testing.assert_array_equal(numpy(keras.masks.get_mask(vectors)), IDS != 0)
    scores = numpy(layer(vectors, reverse=True))
    np.testing.assert_allclose(scores, numpy(vectors) @ numpy(layer.embeddings.value).T, rtol=1e-5, atol=1e-6)
    assert layer.compute_output_shape((None, 7)) == (None, 7, 3)
    assert layer.compute_output_shape((None, 7, 3), reverse=True) == (None, 7, 5)
    tokens = keras.Input((7,), dtype="int32")
    model = keras.Model(tokens, layer(layer(tokens), reverse=True))
    assert model.output_shape == (None, 7, 5) and len(model.weights) == 1


def with_mask(x, mask):
    x = ops.convert_to_tensor(x)
    if mask is not None:
        keras.masks.set_mask(x, ops.convert_to_tensor(mask))
    return x


@pytest.mark.parametrize(
    ("name", "both", "one"),
    [
        ("Add", [11, 22, 33, 44], [11, 22, 33, 44]),
        ("Multiply", [10, 2, 30, 0], [10, 40, 30, 40]),
        ("Maximum", [10, 2, 30, 4], [10, 20, 30, 40]),
        ("Minimum", [1, 2, 30, 4], [1, 2, 30, 40]),
    ],
)
def test_merging_leaves_out_what_is_masked(name, both, one):
    a = np.array([[[1.0], [2.0], [3.0], [4.0]]], "float32")
    left, right = np.array([[True, True, False, False]]), np.array([[True, False, True, False]])
    merged = getattr(layers, name)()([with_mask(a, left), with_mask(10 * a, right)])
    assert numpy(merged).ravel().tolist() == both
    np.testing.assert_array_equal(numpy(keras.masks.get_mask(merged)), left | right)
    merged = getattr(layers, name)()([with_mask(a, left), with_mask(10 * a, None)])
    assert numpy(merged).ravel().tolist() == one and keras.masks.get_mask(merged) is None


def test_alpha_dropout_keeps_mean_and_variance():
    x = np.random.default_rng(1).normal(size=(20000,)).astype("float32")
    y = numpy(layers.AlphaDropout(0.3, seed=1)(x, training=True))
    assert abs(y.mean()) < 0.03 and abs(y.var() - 1) < 0.05
    y = numpy(layers.AlphaDropout(0.5, noise_shape=(None, 1), seed=1)(np.ones((50, 3)), training=True))
    assert (y == y[:, :1]).all() and len(np.unique(y)) == 2


def test_noise_without_strength_needs_no_generator():
    made = (layers.GaussianNoise(0.0), layers.GaussianDropout(0.0), layers.AlphaDropout(0.0), layers.Dropout(0.0))
    assert not any(layer.variables for layer in made)
    for layer in made:
        np.testing.assert_array_equal(numpy(layer(X, training=True)), X)


def test_the_penalty_of_activities_reaches_the_loss():
    model = keras.Sequential([layers.ActivityRegularization(l1=0.5, l2=0.25), layers.Dense(1)])
    model.compile("sgd", "mse")
    loss = model.evaluate(X, model.predict(X, verbose=0), verbose=0)
    np.testing.assert_allclose(loss, (0.5 * np.abs(X) + 0.25 * X**2).sum() / len(X), rtol=1e-4)


def test_a_wrapper_builds_and_describes_what_is_inside():
    class Twice(layers.Wrapper):
        def call(self, inputs):
            return self.layer(self.layer(inputs))

    twice = Twice(layers.Dense(4, name="inner"))
    twice.build((None, 4))
    assert len(twice.weights) == 2 and twice.layer.built
    inner = twice.layer
    np.testing.assert_allclose(numpy(twice(X)), numpy(inner(inner(X))), rtol=1e-6)
    again = Twice.from_config(twice.get_config())
    assert again.layer.units == 4 and again.layer is not inner


def test_spectral_normalization_bounds_the_kernel_inside_jit_too():
    layer = layers.SpectralNormalization(layers.Dense(3, kernel_initializer="normal"), power_iterations=30)
    layer.build((None, 4))
    step = keras.jit(lambda x: layer(x, training=True))
    step(X)
    singular = np.linalg.svd(numpy(layer.layer.kernel.value), compute_uv=False)
    np.testing.assert_allclose(singular[0], 1, rtol=1e-3)
    kernel = numpy(layer.layer.kernel.value)
    layer(X)
    np.testing.assert_array_equal(numpy(layer.layer.kernel.value), kernel)


def test_batch_renormalization_trains():
    model = keras.Sequential([layers.Dense(4), layers.BatchNormalization(renorm=True, momentum=0.5), layers.Dense(1)])
    model.compile("sgd", "mse")
    model.fit(X, np.ones((len(X), 1)), epochs=2, verbose=0)
    norm = model.layers[1]
    assert np.abs(numpy(norm.renorm_mean.value)).max() > 0
    stddev, variance = numpy(norm.moving_stddev.value), numpy(norm.moving_variance.value)
    np.testing.assert_allclose(variance, stddev**2 - norm.epsilon, rtol=1e-4)


def test_synchronized_moments_of_one_process_are_its_own():
    one, two = layers.BatchNormalization(), layers.BatchNormalization(synchronized=True)
    np.testing.assert_array_equal(numpy(one(X, training=True)), numpy(two(X, training=True)))
    assert two.get_config()["synchronized"] is True


def squared(x):
    return x * x


def test_functions_in_the_configuration_of_a_lambda():
    layer = layers.Lambda(squared, output_shape=(4,))
    config = layer.get_config()
    assert config["function"] == {
        "module": "builtins", "class_name": "function", "config": "squared", "registered_name": "function",
    }  # fmt: skip
    assert layers.Lambda.from_config(dict(config), custom_objects={"squared": squared}).function is squared
    with pytest.raises(TypeError, match="squared"):
        layers.Lambda.from_config(dict(config))
    assert layers.Lambda.from_config(layers.Lambda(ops.relu).get_config()).function is ops.relu


def test_a_lambdas_code_is_described_but_never_run():
    layer = layers.Lambda(lambda x, k=2: x * k)
    config = layer.get_config()
    assert config["function"]["class_name"] == "__lambda__" and config["function"]["config"]["defaults"] == (2,)
    assert layers.Lambda.from_config(config).function is layer.function  # this process's own
    with pytest.raises(ValueError, match="lambda"):
        layers.Lambda.from_config(dict(config))
    model = keras.Sequential([keras.Input((4,)), layer])
    np.testing.assert_array_equal(numpy(keras.models.clone_model(model)(X)), 2 * X)


def test_layers_as_plain_data():
    config = layers.serialize(layers.Dense(3, activation="relu", name="d"))
    assert (config["module"], config["class_name"], config["config"]["units"]) == ("keras.layers", "Dense", 3)
    assert layers.deserialize(config).get_config() == config["config"]


def test_an_input_layer_is_described():
    layer = layers.InputLayer((None, 3), dtype="int32", name="tokens", optional=True)
    config = layer.get_config()
    assert config == {
        "batch_shape": (None, None, 3), "dtype": "int32", "sparse": False, "ragged": False, "name": "tokens",
        "optional": True,
    }  # fmt: skip
    assert layers.InputLayer.from_config(config).output.shape == (None, None, 3)


def test_an_input_spec_is_described():
    spec = layers.InputSpec("float32", (None, 3), axes={-1: 3}, optional=True)
    again = layers.InputSpec.from_config(spec.get_config())
    assert again.get_config() == spec.get_config() and again.axes == {-1: 3} and again.optional


def test_channels_first_pixels_are_rescaled_by_channel():
    keras.config.set_image_data_format("channels_first")
    try:
        y = numpy(layers.Rescaling([1.0, 2.0], offset=[0.0, 1.0])(np.ones((1, 2, 3, 3), "float32")))
    finally:
        keras.config.set_image_data_format("channels_last")
    assert y[0, :, 0, 0].tolist() == [1.0, 3.0]
