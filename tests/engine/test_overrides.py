"""Steps of the user's own, written once with `keras.GradientTape`: compiled, eager, on every backend."""

from __future__ import annotations

import copy
import functools

import numpy as np
import pytest

import triceras as keras
from triceras import layers, ops

RNG = np.random.default_rng(7)
X = RNG.normal(size=(72, 5)).astype("float32")
Y = (X @ RNG.normal(size=(5, 2))).astype("float32")
SIZE = 24  # three batches an epoch, all full: one shape

COMPILES = keras.backend.backend() != "torch"  # whether fit traces steps by default


class Counted:
    """A model that counts how often Python runs its train_step."""

    runs = 0

    def train_step(self, data):
        self.runs += 1
        return super().train_step(data)


def network(cls, *args, **kwargs):
    keras.utils.set_random_seed(3)
    inputs = keras.Input((5,))
    hidden = layers.Dense(6, activation="tanh")(inputs)
    return cls(inputs, layers.Dense(2)(hidden), *args, **kwargs)


class Taped(keras.Model):
    """The default step, spelled out."""

    def train_step(self, data):
        x, y = data
        with keras.GradientTape() as tape:
            y_pred = self(x, training=True)
            loss = self.compute_loss(y=y, y_pred=y_pred)
        gradients = tape.gradient(loss, self.trainable_variables)
        self.optimizer.apply(gradients, self.trainable_variables)
        for metric in self.metrics:
            if metric.name == "loss":
                metric.update_state(loss)
            else:
                metric.update_state(y, y_pred)
        return {metric.name: metric.result() for metric in self.metrics}

    def test_step(self, data):
        x, y = data
        y_pred = self(x, training=False)
        loss = self.compute_loss(y=y, y_pred=y_pred)
        for metric in self.metrics:
            metric.update_state(loss) if metric.name == "loss" else metric.update_state(y, y_pred)
        return {metric.name: metric.result() for metric in self.metrics}

    def predict_step(self, data):
        return self(data, training=False)


class Pairs(Taped):
    """Updates by apply_gradients, from a list of pairs."""

    def train_step(self, data):
        x, y = data
        with keras.GradientTape() as tape:
            loss = self.compute_loss(x, y, self(x, training=True))
        variables = self.trainable_variables
        self.optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables, strict=True))
        return {"loss": loss}


class OwnMetrics(keras.Model):
    """Metrics as attributes, the `metrics` property overridden, and nothing asked of compile but an optimizer."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.loss_tracker = keras.metrics.Mean(name="loss")
        self.mse = keras.metrics.MeanSquaredError(name="mse")

    @property
    def metrics(self):
        return [self.loss_tracker, self.mse]

    def train_step(self, data):
        x, y = data
        with keras.GradientTape() as tape:
            y_pred = self(x, training=True)
            loss = ops.mean(keras.losses.mean_squared_error(y, y_pred))
        gradients = tape.gradient(loss, self.trainable_variables)
        self.optimizer.apply(gradients, self.trainable_variables)
        self.loss_tracker.update_state(loss)
        self.mse.update_state(y, y_pred)
        size = ops.sqrt(sum(ops.sum(ops.square(g)) for g in gradients))
        return {"loss": self.loss_tracker.result(), "mse": self.mse.result(), "norm": size, "rate": 0.5}


class Loss(keras.Model):
    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        return super().compute_loss(x, y, y_pred, sample_weight, training)


class Metrics(keras.Model):
    def compute_metrics(self, x, y, y_pred, sample_weight=None):
        results = super().compute_metrics(x, y, y_pred, sample_weight)
        return {**results, "double": 2 * results["loss"]}


def fitted(model, eager=False, epochs=2, optimizer="adam", **kwargs):
    """History and weights after a few epochs in the order of the rows."""
    model.compile(optimizer, "mse", metrics=["mse"], run_eagerly=eager)
    history = model.fit(X, Y, batch_size=SIZE, epochs=epochs, shuffle=False, verbose=0, **kwargs).history
    return history, model.get_weights()


def assert_same(a, b, rtol=1e-4):
    for left, right in zip(a, b, strict=True):
        np.testing.assert_allclose(left, right, rtol=rtol, atol=1e-6)


@functools.cache
def plain():
    model = network(keras.Model)
    return (
        *fitted(model),
        model.evaluate(X, Y, batch_size=SIZE, verbose=0, return_dict=True),
        model.predict(X, verbose=0),
    )


STYLES = [(style, False) for style in (Taped, Pairs, OwnMetrics, Loss, Metrics)]


@pytest.mark.parametrize(("style", "eager"), [*STYLES, (Taped, True), (OwnMetrics, True)])
def test_styles_follow_the_default_step(style, eager):
    class Model(Counted, style):
        pass

    model = network(Model)
    history, weights = fitted(model, eager)
    expected, expected_weights, evaluated, predicted = plain()
    assert_same(weights, expected_weights)
    if style is not Pairs:  # whose loss is that of the last batch
        np.testing.assert_allclose(history["loss"], expected["loss"], rtol=1e-4)
    assert 1 <= model.runs <= 2 if COMPILES and not eager else model.runs == 6
    found = model.evaluate(X, Y, batch_size=SIZE, verbose=0, return_dict=True)
    for name in set(found) & set(evaluated) if style is not OwnMetrics else ():
        np.testing.assert_allclose(found[name], evaluated[name], rtol=1e-4)
    np.testing.assert_allclose(model.predict(X, verbose=0), predicted, rtol=1e-4, atol=1e-6)


def test_extra_logs():
    history, _ = fitted(network(OwnMetrics))
    assert list(history) == ["loss", "mse", "norm", "rate"]
    assert history["norm"][0] > 0 and history["rate"] == [0.5, 0.5]
    history, _ = fitted(network(Metrics), validation_split=1 / 3)
    np.testing.assert_allclose(history["double"], 2 * np.array(history["loss"]), rtol=1e-6)
    np.testing.assert_allclose(history["val_double"], 2 * np.array(history["val_loss"]), rtol=1e-6)


def test_on_batch_calls_use_the_steps():
    model = network(OwnMetrics)
    model.compile("sgd")
    logs = model.train_on_batch(X, Y, return_dict=True)
    assert list(logs) == ["loss", "mse", "norm", "rate"] and all(isinstance(v, float) for v in logs.values())
    for _ in range(10):
        after = model.train_on_batch(X, Y, return_dict=True)
    assert after["loss"] < logs["loss"]


class Line(keras.Model):
    """No call, no layers, a weight made by hand."""

    def __init__(self):
        super().__init__()
        self.slope = self.add_weight((5, 2), initializer="zeros", name="slope")
        self.tracker = keras.metrics.Mean(name="error")

    def train_step(self, data):
        x, y = data
        with keras.GradientTape() as tape:
            loss = ops.mean(ops.square(ops.matmul(x, self.slope) - y))
        [gradient] = tape.gradient(loss, [self.slope])
        self.optimizer.apply([gradient], [self.slope])
        self.tracker.update_state(loss)
        return {"error": self.tracker.result()}

    def test_step(self, data):
        x, y = data
        self.tracker.update_state(ops.mean(ops.square(ops.matmul(x, self.slope) - y)))
        return {"error": self.tracker.result()}

    def predict_step(self, data):
        return ops.matmul(data, self.slope)


def squared_error(model):
    return np.mean((model.predict(X, verbose=0) - Y) ** 2)


@pytest.mark.parametrize("eager", [False, True], ids=["compiled", "eager"])
def test_a_model_without_call(eager):
    model = Line()
    model.compile(keras.optimizers.Adam(0.1), run_eagerly=eager)
    history = model.fit(X, Y, batch_size=SIZE, epochs=30, shuffle=False, verbose=0).history["error"]
    assert history[-1] < 0.05 * history[0]
    np.testing.assert_allclose(model.evaluate(X, Y, batch_size=SIZE, verbose=0), squared_error(model), rtol=1e-3)
    assert model.predict(X, batch_size=SIZE, verbose=0).shape == (72, 2)


class Penalized(keras.Model):
    """A gradient penalty: a tape inside a tape."""

    def train_step(self, data):
        x, y = data
        with keras.GradientTape() as outer:
            with keras.GradientTape() as inner:
                inner.watch(x)
                y_pred = self(x, training=True)
            slopes = inner.gradient(y_pred, x)
            loss = self.compute_loss(x, y, y_pred) + 0.1 * ops.mean(ops.square(slopes))
        variables = self.trainable_variables
        self.optimizer.apply(outer.gradient(loss, variables), variables)
        return {"loss": loss}


def test_gradient_penalty():
    results = [fitted(network(Penalized), eager, optimizer="sgd") for eager in (False, True)]
    (history, weights), (again, eager_weights) = results
    assert history["loss"][-1] < history["loss"][0]
    np.testing.assert_allclose(history["loss"], again["loss"], rtol=1e-4)
    assert_same(weights, eager_weights)
    assert not np.allclose(weights[0], fitted(network(keras.Model), optimizer="sgd")[1][0], atol=1e-6)


class Lazy(keras.Model):
    """Makes what it needs in its first step: an optimizer's slots, a layer's weights, a metric."""

    def __init__(self):
        super().__init__()
        self.dense = layers.Dense(2)
        self.late = None

    def call(self, x):
        return self.dense(x)

    def train_step(self, data):
        x, y = data
        if self.late is None:
            self.late = keras.optimizers.Adam(0.05)
            self.seen = keras.metrics.Mean(name="seen")
        with keras.GradientTape() as tape:
            loss = ops.mean(ops.square(self(x, training=True) - y))
        variables = self.trainable_variables
        self.late.apply(tape.gradient(loss, variables), variables)
        self.seen.update_state(loss)
        return {"seen": self.seen.result()}


def test_variables_made_in_the_first_step():
    results = []
    for eager in (False, True):
        keras.utils.set_random_seed(1)
        model = Lazy()
        model.compile(optimizer=None, run_eagerly=eager)
        history = model.fit(X, Y, batch_size=SIZE, epochs=3, shuffle=False, verbose=0).history["seen"]
        assert int(model.late.iterations) == 9 and history[-1] < history[0]
        results.append(model.get_weights())
    assert_same(*results)


class Skipping(keras.Model):
    """State of plain Python: what a compiled step reads of it is what it was when traced."""

    calls = 0

    def train_step(self, data):
        self.calls += 1
        return {**super().train_step(data), "calls": self.calls}


def test_plain_python_state_is_read_when_traced():
    model = network(Skipping)
    history, _ = fitted(model)
    eager = network(Skipping)
    counted, _ = fitted(eager, eager=True)
    assert counted["calls"] == [3, 6] and eager.calls == 6
    assert history["calls"] == ([model.calls] * 2 if COMPILES else [3, 6])


def test_a_variable_counts_where_plain_python_does_not():
    class Model(keras.Model):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            self.calls = keras.Variable(0, dtype="int32", trainable=False, name="calls")

        def train_step(self, data):
            self.calls.assign_add(1)
            return {**super().train_step(data), "calls": self.calls.value}

    history, _ = fitted(network(Model))
    assert history["calls"] == [3, 6]


def test_compile_of_the_user_s_own():
    class Model(keras.Model):
        def compile(self, optimizer, factor, **kwargs):
            super().compile(optimizer=optimizer, **kwargs)
            self.factor = factor

        def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
            return self.factor * ops.mean(ops.square(y_pred - y))

    weights = []
    for factor, rate in ((2.0, 0.05), (1.0, 0.1)):
        model = network(Model)
        model.compile(keras.optimizers.SGD(rate), factor, metrics=["mse"])
        history = model.fit(X, Y, batch_size=SIZE, epochs=2, shuffle=False, verbose=0).history
        assert set(history) == {"loss", "mse"}
        weights.append(model.get_weights())
    assert_same(*weights)


def test_super_train_step_with_more_around_it():
    class Model(keras.Model):
        def train_step(self, data):
            x, y = data
            logs = super().train_step((ops.concatenate([x, x]), ops.concatenate([y, y])))
            return dict(logs) | {"rows": ops.shape(x)[0]}

    history, weights = fitted(network(Model))
    assert_same(weights, plain()[1])
    assert history["rows"] == [SIZE, SIZE]


def test_uneven_last_batch_and_generators():
    results = []
    for eager in (False, True):
        model = network(Taped)
        model.compile("adam", "mse", metrics=["mse"], run_eagerly=eager)
        model.fit(X[:50], Y[:50], batch_size=SIZE, epochs=2, shuffle=False, verbose=0)
        model.fit(((X[i : i + 10], Y[i : i + 10]) for i in range(0, 30, 10)), verbose=0)
        results.append(model.get_weights())
    assert_same(*results)


def test_a_step_set_on_the_instance():
    model = network(keras.Model)
    model.compile("sgd", "mse")
    model.train_step = lambda data: {"mean": ops.mean(data[0])}
    history = model.fit(X, Y, batch_size=len(X), verbose=0).history
    np.testing.assert_allclose(history["mean"], [X.mean()], rtol=1e-4)


def test_nothing_to_train():
    for model in (keras.Sequential([layers.Activation("relu")]), keras.Sequential([layers.Dense(5, trainable=False)])):
        for optimizer in ("adam", keras.optimizers.LossScaleOptimizer(keras.optimizers.Adam())):
            model.compile(optimizer, "mse")
            first = model.fit(X, X, verbose=0).history["loss"]
            np.testing.assert_allclose(model.fit(X, X, verbose=0).history["loss"], first, rtol=1e-5)


def test_no_optimizer():
    model = network(keras.Model)
    model.compile(None, "mse")
    np.testing.assert_allclose(model.evaluate(X, Y, batch_size=SIZE, verbose=0), squared_error(model), rtol=1e-3)
    with pytest.raises(ValueError, match="without an optimizer"):
        model.fit(X, Y, verbose=0)


def test_models_inside_were_compiled_for_themselves():
    inner = network(keras.Model)
    inner.compile("adam", "mse", metrics=["mse"])
    outer = keras.Sequential([inner, layers.Dense(2)])
    outer.compile("sgd", "mse")
    assert set(outer.fit(X, Y, verbose=0).history) == {"loss"} and [m.name for m in outer.metrics] == ["loss"]


def test_copies_train_on_their_own():
    model = network(keras.Model)
    _, weights = fitted(model)
    twin = copy.deepcopy(model)
    assert_same(twin.get_weights(), weights)
    twin.fit(X, Y, batch_size=SIZE, epochs=1, shuffle=False, verbose=0)
    for before, a, b in zip(weights, model.get_weights(), twin.get_weights(), strict=True):
        np.testing.assert_array_equal(before, a)
        assert not np.array_equal(a, b)
