"""Layers as pure functions, under the framework's own transformations; StatelessScope; rematerialization."""

from __future__ import annotations

import numpy as np
import pytest

import triceras as keras
from tests.engine.native_tables import table
from triceras import layers, ops

pytestmark = pytest.mark.optimized

X = np.random.default_rng(0).normal(size=(4, 3)).astype("float32")


class Noisy(keras.Layer):
    """Weights, a counter, random state and an added loss."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.dense = layers.Dense(2, kernel_regularizer="l2")
        self.drop = layers.Dropout(0.5, seed=1)

    def build(self, input_shape):
        self.count = self.add_weight((), initializer="zeros", trainable=False, name="count")

    def call(self, x, training=False):
        self.count.assign_add(1)
        y = self.dense(self.drop(x, training=training))
        self.add_loss(ops.sum(y))
        return y


def numpy(x):
    return ops.convert_to_numpy(x)


def values(variables):
    return [v.value for v in variables]


@pytest.fixture
def layer():
    made = Noisy()
    made(X)
    return made


def test_nothing_changes_and_everything_is_returned(layer):
    before = [v.numpy() for v in layer.variables]
    state = values(layer.trainable_variables), values(layer.non_trainable_variables)
    y, after, losses = layer.stateless_call(*state, X, return_losses=True, training=False)
    for old, variable in zip(before, layer.variables, strict=True):
        np.testing.assert_array_equal(old, variable.numpy())
    np.testing.assert_allclose(numpy(y), X @ numpy(layer.dense.kernel.value), rtol=1e-5)
    np.testing.assert_allclose(numpy(losses[0]), numpy(y).sum(), rtol=1e-5)
    assert len(losses) == 2 and float(after[0]) == float(layer.count) + 1
    y2, again = layer.stateless_call([v * 0 for v in state[0]], after, X)
    assert float(again[0]) == float(layer.count) + 2 and not numpy(y2).any()


def test_random_state_is_part_of_it(layer):
    state = values(layer.trainable_variables), values(layer.non_trainable_variables)
    a, after = layer.stateless_call(*state, X, training=True)
    b, _ = layer.stateless_call(*state, X, training=True)
    c, _ = layer.stateless_call(state[0], after, X, training=True)
    np.testing.assert_array_equal(numpy(a), numpy(b))
    assert not np.array_equal(numpy(a), numpy(c))


def test_wrong_calls(layer):
    state = values(layer.trainable_variables), values(layer.non_trainable_variables)
    with pytest.raises(ValueError, match="built"):
        Noisy().stateless_call([], [], X)
    with pytest.raises(ValueError, match="2 trainable_variables.*got 1"):
        layer.stateless_call(state[0][:1], state[1], X)
    with pytest.raises(ValueError, match="shape"):
        layer.stateless_call([X, state[0][1]], state[1], X)


def test_under_the_framework_s_own_transformations(layer):
    """jax.jit(jax.grad), torch.func.grad, a tf.function with a tf.GradientTape."""
    state = values(layer.trainable_variables), values(layer.non_trainable_variables)

    def loss(trainable, fixed, x):
        y, fixed = layer.stateless_call(trainable, fixed, x)
        return ops.sum(y * y), fixed

    gradients, fixed = table.grad_of(loss)(*state, ops.convert_to_tensor(X))
    y = numpy(layer(X))
    np.testing.assert_allclose(numpy(gradients[0]), 2 * X.T @ y, rtol=1e-4)
    np.testing.assert_allclose(numpy(gradients[1]), 2 * y.sum(0), rtol=1e-4)
    assert float(fixed[0]) == 2 and float(layer.count) == 2


def test_a_loop_of_the_framework_s_own(layer):
    """A pure training step, state in and state out: descends."""
    state = values(layer.trainable_variables), values(layer.non_trainable_variables)
    target = ops.convert_to_tensor(X[:, :2])

    def loss(trainable, fixed, x):
        y, fixed = layer.stateless_call(trainable, fixed, x)
        return ops.sum(ops.square(y - target)), fixed

    step = table.grad_of(loss)
    trainable, fixed = state
    first = float(loss(trainable, fixed, X)[0])
    for _ in range(30):
        gradients, fixed = step(trainable, fixed, ops.convert_to_tensor(X))
        trainable = [w - 0.02 * g for w, g in zip(trainable, gradients, strict=True)]
    assert float(loss(trainable, fixed, X)[0]) < first / 2
    assert float(fixed[0]) == float(layer.count) + 30


def test_stateless_scope(layer):
    kernel = layer.dense.kernel
    before = kernel.numpy()
    with keras.StatelessScope([(kernel, before * 0 + 2)], collect_losses=True) as scope:
        assert float(ops.sum(kernel.value)) == 12
        kernel.assign_add(ops.ones((3, 2)))
        layer.count.assign(7)
        assert float(ops.sum(scope.get_current_value(kernel))) == 18
        layer(X)
    np.testing.assert_array_equal(kernel.numpy(), before)
    assert float(scope.get_current_value(layer.count)) == 8 and float(layer.count) == 1 and len(scope.losses) == 1
    with pytest.raises(ValueError, match=r"\(3, 2\)"):
        keras.StatelessScope([(kernel, np.zeros(3))])


@pytest.mark.parametrize("compiled", [False, True])
def test_rematerialization_gives_the_same_gradients(compiled):
    plain = [layers.Dense(3, activation="tanh", activity_regularizer="l2"), layers.Dropout(0.5, seed=3), Noisy()]
    with keras.RematScope("full"):
        other = [layers.Dense(3, activation="tanh", activity_regularizer="l2"), layers.Dropout(0.5, seed=3), Noisy()]
    models = [keras.Sequential(stack) for stack in (plain, other)]
    for model in models:
        model(X)
    models[1].set_weights(models[0].get_weights())
    results = []
    for model in models:

        def step(x, model=model):
            with keras.GradientTape() as tape:
                loss = ops.sum(ops.square(model(x, training=True)))
                for added in model.losses:
                    loss = loss + added
            model._clear_losses()
            return [loss, *tape.gradient(loss, model.trainable_variables)]

        results.append([numpy(r) for r in (keras.jit(step) if compiled else step)(ops.convert_to_tensor(X))])
        results[-1].append(model.layers[2].count.numpy())
    for a, b in zip(*results, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)
    assert len(results[0]) == 6


def test_remat_of_a_function():
    v = keras.Variable(2.0)
    with keras.GradientTape() as tape:
        y = keras.remat(lambda x, scale: ops.sum(ops.sin(x * v) * scale))(ops.convert_to_tensor(X), 3.0)
    np.testing.assert_allclose(numpy(tape.gradient(y, v)), 3 * (X * np.cos(2 * X)).sum(), rtol=1e-4)


@pytest.mark.parametrize("mode", ["activations", "larger_than", "list_of_layers", None])
def test_remat_modes(mode):
    with keras.RematScope(mode, output_size_threshold=1, layer_names=["chosen"]):
        layer = layers.Dense(2, activation="tanh", name="chosen")
    layer(X)
    with keras.GradientTape() as tape:
        y = ops.sum(layer(X))
    want = (1 - np.tanh(X @ layer.kernel.numpy()) ** 2).sum(0)
    np.testing.assert_allclose(numpy(tape.gradient(y, layer.bias)), want, rtol=1e-4)
    with pytest.raises(ValueError, match="everything"):
        keras.RematScope("everything")
