"""A GAN with two optimizers and variational autoencoders, each written once, on scikit-learn's digits."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.datasets import load_digits

import triceras as keras
from triceras import layers, ops

pytestmark = pytest.mark.optimized

DIGITS = (load_digits().data[:192] / 16).astype("float32")
LATENT = 8

# The losses of these runs: the same seeds give the same runs on every backend.
GAN_LOSSES = {"d_loss": [0.621131, 0.595364], "g_loss": [0.936345, 0.971332]}
VAE_LOSSES = {"loss": [44.0631, 39.0042, 35.0181], "kl": [0.671151, 0.224778, 0.266338]}


class GAN(keras.Model):
    def __init__(self, discriminator, generator):
        super().__init__()
        self.discriminator, self.generator = discriminator, generator
        self.seeds = keras.random.SeedGenerator(13)
        self.d_tracker = keras.metrics.Mean(name="d_loss")
        self.g_tracker = keras.metrics.Mean(name="g_loss")

    def compile(self, d_optimizer, g_optimizer, loss_fn, **kwargs):
        super().compile(optimizer=None, **kwargs)
        self.d_optimizer, self.g_optimizer, self.loss_fn = d_optimizer, g_optimizer, loss_fn

    @property
    def metrics(self):
        return [self.d_tracker, self.g_tracker]

    def train_step(self, data):
        real = data[0] if isinstance(data, tuple) else data
        size = ops.shape(real)[0]
        noise = keras.random.normal((size, LATENT), seed=self.seeds)
        images = ops.concatenate([self.generator(noise), real])
        labels = ops.concatenate([ops.ones((size, 1)), ops.zeros((size, 1))])
        labels = labels + 0.05 * keras.random.uniform(ops.shape(labels), seed=self.seeds)
        with keras.GradientTape() as tape:
            d_loss = self.loss_fn(labels, self.discriminator(images))
        weights = self.discriminator.trainable_weights
        self.d_optimizer.apply_gradients(zip(tape.gradient(d_loss, weights), weights, strict=True))

        noise = keras.random.normal((size, LATENT), seed=self.seeds)
        with keras.GradientTape() as tape:
            g_loss = self.loss_fn(ops.zeros((size, 1)), self.discriminator(self.generator(noise)))
        weights = self.generator.trainable_weights
        self.g_optimizer.apply_gradients(zip(tape.gradient(g_loss, weights), weights, strict=True))

        self.d_tracker.update_state(d_loss)
        self.g_tracker.update_state(g_loss)
        return {"d_loss": self.d_tracker.result(), "g_loss": self.g_tracker.result()}


def gan(eager):
    keras.utils.set_random_seed(17)
    generator = keras.Sequential(
        [keras.Input((LATENT,)), layers.Dense(24, activation="relu"), layers.Dense(64, activation="sigmoid")]
    )
    discriminator = keras.Sequential([keras.Input((64,)), layers.Dense(24, activation="relu"), layers.Dense(1)])
    model = GAN(discriminator, generator)
    model.compile(
        keras.optimizers.Adam(1e-3),
        keras.optimizers.Adam(2e-3, beta_1=0.5),
        keras.losses.BinaryCrossentropy(from_logits=True),
        run_eagerly=eager,
    )
    return model


@pytest.mark.parametrize("eager", [False, True], ids=["compiled", "eager"])
def test_gan(eager):
    model = gan(eager)
    before = model.generator.get_weights(), model.discriminator.get_weights()
    history = model.fit(DIGITS, batch_size=48, epochs=2, shuffle=False, verbose=0).history
    for name, values in GAN_LOSSES.items():
        np.testing.assert_allclose(history[name], values, rtol=1e-4, err_msg=name)
    for part, weights in zip((model.generator, model.discriminator), before, strict=True):
        assert not any(np.array_equal(a, b) for a, b in zip(part.get_weights(), weights, strict=True))
    assert int(model.d_optimizer.iterations) == int(model.g_optimizer.iterations) == 8
    assert len(model.trainable_weights) == 8 and len(model.d_optimizer.variables) == 2 + 2 * 4


class Sampling(layers.Layer):
    """A sample of the normal distribution with this mean and logarithm of the variance."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.seeds = keras.random.SeedGenerator(5)

    def call(self, inputs):
        mean, log_var = inputs
        return mean + ops.exp(0.5 * log_var) * keras.random.normal(ops.shape(mean), seed=self.seeds)


def divergence(mean, log_var):
    return ops.mean(ops.sum(-0.5 * (1 + log_var - ops.square(mean) - ops.exp(log_var)), axis=1))


def reconstruction(y, y_pred):
    return ops.mean(ops.sum(keras.losses.binary_crossentropy(y[..., None], y_pred[..., None]), axis=1))


def coders():
    inputs = keras.Input((64,))
    x = layers.Dense(24, activation="relu")(inputs)
    mean, log_var = layers.Dense(LATENT, name="mean")(x), layers.Dense(LATENT, name="log_var")(x)
    encoder = keras.Model(inputs, [mean, log_var, Sampling()([mean, log_var])], name="encoder")
    latent = keras.Input((LATENT,))
    x = layers.Dense(24, activation="relu")(latent)
    decoder = keras.Model(latent, layers.Dense(64, activation="sigmoid")(x), name="decoder")
    return encoder, decoder


class VAE(keras.Model):
    """The losses in a train_step."""

    def __init__(self, encoder, decoder):
        super().__init__()
        self.encoder, self.decoder = encoder, decoder
        self.loss_tracker = keras.metrics.Mean(name="loss")
        self.kl_tracker = keras.metrics.Mean(name="kl")

    @property
    def metrics(self):
        return [self.loss_tracker, self.kl_tracker]

    def train_step(self, data):
        with keras.GradientTape() as tape:
            mean, log_var, z = self.encoder(data)
            kl = divergence(mean, log_var)
            loss = reconstruction(data, self.decoder(z)) + kl
        gradients = tape.gradient(loss, self.trainable_weights)
        self.optimizer.apply_gradients(zip(gradients, self.trainable_weights, strict=True))
        self.loss_tracker.update_state(loss)
        self.kl_tracker.update_state(kl)
        return {"loss": self.loss_tracker.result(), "kl": self.kl_tracker.result()}


class Divergence(layers.Layer):
    def call(self, inputs):
        self.add_loss(divergence(*inputs))
        return inputs


class AddedVAE(keras.Model):
    """The divergence added by a layer, the rest by compile, the default step."""

    def __init__(self, encoder, decoder):
        super().__init__()
        self.encoder, self.decoder, self.divergence = encoder, decoder, Divergence()

    def call(self, x):
        mean, log_var, z = self.encoder(x)
        self.divergence([mean, log_var])
        return self.decoder(z)


@pytest.mark.parametrize("eager", [False, True], ids=["compiled", "eager"])
@pytest.mark.parametrize("kind", [VAE, AddedVAE])
def test_vae(kind, eager):
    keras.utils.set_random_seed(23)
    model = kind(*coders())
    given = (DIGITS,) if kind is VAE else (DIGITS, DIGITS)
    model.compile(keras.optimizers.Adam(1e-2), **({} if kind is VAE else {"loss": reconstruction}), run_eagerly=eager)
    history = model.fit(*given, batch_size=48, epochs=3, shuffle=False, verbose=0).history
    for name, values in history.items():
        np.testing.assert_allclose(values, VAE_LOSSES[name], rtol=1e-4, err_msg=name)
    assert VAE_LOSSES["loss"][-1] < 0.9 * VAE_LOSSES["loss"][0]
