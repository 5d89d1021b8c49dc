"""Whatever goes wrong during training, it says what, and the model stays usable."""

from __future__ import annotations

import contextlib
import os
import signal
import threading

import numpy as np
import pytest

import triceras as keras
from triceras import layers

RNG = np.random.default_rng(4)
X = RNG.normal(size=(64, 5)).astype("float32")
Y = (X @ RNG.normal(size=(5, 2))).astype("float32")


def compiled(**arguments):
    model = keras.Sequential([keras.Input((5,)), layers.Dense(2)])
    model.compile("adam", "mse", **arguments)
    return model


def assert_usable(model):
    """As if nothing had happened: handlers and lookups are restored, and training goes on."""
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert model._structure is None
    before = model.get_weights()
    losses = model.fit(X, Y, batch_size=16, epochs=2, verbose=0).history["loss"]
    assert losses[1] < max(losses[0], 1e-4) and all(np.isfinite(losses))  # it may have converged before
    assert not any(np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True))
    assert np.isfinite(model.evaluate(X, Y, verbose=0, return_dict=True)["loss"])
    assert model.predict(X, verbose=0).shape == (64, 2)


@pytest.fixture(autouse=True)
def python_handler():
    """pytest leaves Python's own handler in place; a test that loses it must not spoil the next."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, signal.default_int_handler)


def interrupt():
    os.kill(os.getpid(), signal.SIGINT)


class At(keras.callbacks.Callback):
    """Does something at the end of a batch, counting from 0 over all epochs."""

    def __init__(self, step, action):
        super().__init__()
        self.step, self.action, self.steps, self.weights = step, action, 0, None

    def on_train_batch_end(self, batch, logs=None):
        if self.steps == self.step:
            self.weights = self.model.get_weights()
            self.action()
        self.steps += 1


def assert_equal(ours, theirs):
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(a, b)


def test_interrupt_in_a_callback():
    model, at = compiled(), At(5, interrupt)
    with pytest.raises(KeyboardInterrupt):
        model.fit(X, Y, batch_size=16, epochs=10, verbose=0, callbacks=[at])
    assert at.steps <= 6
    assert_equal(model.get_weights(), at.weights)
    assert_usable(model)


def weights_after_each_step(model, steps):
    """What the weights are after 0, 1, ... steps of the fit below."""
    found = [model.get_weights()]
    for _ in range(steps):
        model.train_on_batch(X, Y)
        found.append(model.get_weights())
    return found


def test_interrupt_from_outside_waits_for_the_step():
    """An interrupt while a step assigns leaves either all of its assignments or none."""

    class Interrupted(keras.Sequential):
        calls = 0

        def train_step(self, data):
            type(self).calls += 1
            if self.calls == 4:
                interrupt()
            return super().train_step(data)

    start = compiled().get_weights()
    model = Interrupted([keras.Input((5,)), layers.Dense(2)])
    model.set_weights(start)
    model.compile("adam", "mse", run_eagerly=True)
    with pytest.raises(KeyboardInterrupt):
        model.fit(X, Y, batch_size=64, epochs=10, verbose=0)
    assert model.calls == 4
    other = compiled(run_eagerly=True)
    other.set_weights(start)
    assert_equal(model.get_weights(), weights_after_each_step(other, 4)[4])
    assert int(model.optimizer.iterations) == 4
    assert_usable(model)


def test_interrupt_by_a_thread():
    model = compiled()
    model.fit(X, Y, batch_size=1, verbose=0)
    thread = threading.Timer(0.2, interrupt)
    thread.start()
    with pytest.raises(KeyboardInterrupt):
        model.fit(X, Y, batch_size=1, epochs=100_000, verbose=0)
    thread.join()
    assert all(np.isfinite(w).all() for w in model.get_weights())
    assert_usable(model)


def test_a_second_interrupt_does_not_wait():
    reached = []

    class Stuck(keras.Sequential):
        def train_step(self, data):
            interrupt()
            reached.append("after one")
            interrupt()
            reached.append("after two")
            return super().train_step(data)

    model = Stuck([keras.Input((5,)), layers.Dense(2)])
    model.compile("adam", "mse", run_eagerly=True)
    with pytest.raises(KeyboardInterrupt):
        model.fit(X, Y, verbose=0)
    assert reached == ["after one"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_other_handlers_are_left_alone():
    caught = []

    def own(number, frame):
        caught.append(number)

    signal.signal(signal.SIGINT, own)
    model = compiled()
    model.fit(X, Y, verbose=0, callbacks=[At(0, interrupt)])
    assert caught == [signal.SIGINT] and signal.getsignal(signal.SIGINT) is own


def test_fit_in_a_thread():
    model, losses = compiled(), []
    thread = threading.Thread(target=lambda: losses.extend(model.fit(X, Y, verbose=0).history["loss"]))
    thread.start()
    thread.join()
    assert len(losses) == 1
    assert_usable(model)


class Wrong(Exception):
    """Stands for any error of the user's."""


def fail():
    raise Wrong("on purpose")


HOOKS = [
    "on_train_begin", "on_epoch_begin", "on_train_batch_begin", "on_train_batch_end", "on_test_begin",
    "on_test_batch_end", "on_test_end", "on_epoch_end", "on_train_end",
]  # fmt: skip


@pytest.mark.parametrize("hook", HOOKS)
def test_a_callback_that_raises(hook):
    callback = keras.callbacks.Callback()
    setattr(callback, hook, lambda *args: fail())
    model = compiled()
    with pytest.raises(Wrong, match="on purpose"):
        model.fit(X, Y, verbose=0, callbacks=[callback], validation_data=(X, Y))
    assert_usable(model)


@pytest.mark.parametrize("hook", ["on_predict_begin", "on_predict_batch_end", "on_test_batch_begin"])
def test_a_callback_that_raises_elsewhere(hook):
    callback = keras.callbacks.Callback()
    setattr(callback, hook, lambda *args: fail())
    model = compiled()
    with pytest.raises(Wrong):
        model.predict(X, verbose=0, callbacks=[callback]) if "predict" in hook else model.evaluate(
            X, Y, verbose=0, callbacks=[callback]
        )
    assert_usable(model)


def batches(count, then=None):
    for i in range(count):
        rows = slice(16 * (i % 4), 16 * (i % 4) + 16)
        yield X[rows], Y[rows]
    if then is not None:
        then()


@pytest.mark.parametrize("count", [0, 1, 3])
def test_a_generator_that_raises(count):
    model = compiled()
    with pytest.raises(Wrong, match="on purpose"):
        model.fit(batches(count, fail), verbose=0)
    assert_usable(model)


def test_a_generator_that_ends():
    model = compiled()
    with pytest.warns(UserWarning, match="ran out of data"):
        history = model.fit(batches(6), steps_per_epoch=4, epochs=5, verbose=0)
    assert len(history.history["loss"]) == 2  # of four batches and of two; then there were none
    assert history.epoch == [0, 1] and int(model.optimizer.iterations) == 6
    with pytest.raises(ValueError, match="no batches"):
        model.fit(batches(0), verbose=0)
    assert_usable(model)


class Rows(keras.utils.PyDataset):
    def __init__(self, action, **kwargs):
        super().__init__(**kwargs)
        self.action = action

    def __len__(self):
        return 4

    def __getitem__(self, index):
        if index == 2:
            self.action()
        return X[16 * index : 16 * index + 16], Y[16 * index : 16 * index + 16]


def end_process():
    os._exit(1)


@pytest.mark.parametrize("workers", [1, 2])
def test_a_worker_that_raises(workers):
    model = compiled()
    with pytest.raises(Wrong, match="on purpose"):
        model.fit(Rows(fail, workers=workers), verbose=0)
    assert_usable(model)


@pytest.mark.filterwarnings("ignore:.*fork")
def test_a_worker_that_dies():
    model = compiled()
    with pytest.raises(RuntimeError, match=r"[Ww]orker.*died"):
        model.fit(Rows(end_process, workers=2, use_multiprocessing=True), shuffle=False, verbose=0)
    assert_usable(model)


def test_a_batch_that_does_not_fit_the_model():
    def source():
        yield X[:16], Y[:16]
        yield X[:16, :3], Y[:16]

    model = compiled()
    with pytest.raises(ValueError, match=r"dense.*5.*3|dense.*3.*5"):
        model.fit(source(), verbose=0)
    assert_usable(model)


def test_nan_loss_ends_training():
    model = compiled()
    start = model.get_weights()
    bad = Y.copy()
    bad[20] = np.nan
    history = model.fit(
        X, bad, batch_size=16, shuffle=False, epochs=5, verbose=0, callbacks=[keras.callbacks.TerminateOnNaN()]
    )
    assert len(history.epoch) == 1 and np.isnan(history.history["loss"]).all()
    assert int(model.optimizer.iterations) == 2
    model.set_weights(start)
    for variable in model.optimizer.variables[1:]:
        if "rate" not in variable.path:
            variable.assign(0 * np.nan_to_num(variable.numpy()))
    assert_usable(model)


def test_wrong_shapes_are_named():
    for bad in (Y[:, :1].repeat(3, 1), Y[:60]):
        model = compiled()
        with pytest.raises(ValueError, match=r"\b3\b.*\b2\b|\b2\b.*\b3\b|64.*60"):
            model.fit(X, bad, verbose=0)
        assert_usable(model)
    model = compiled()
    with pytest.raises(ValueError, match=r"dense.*5.*4"):
        model.fit(X[:, :4], Y, verbose=0)
    assert_usable(model)


def test_a_metric_that_is_wrong():
    class NoScalar(keras.metrics.Metric):
        def update_state(self, y_true, y_pred, sample_weight=None):
            pass

        def result(self):
            return keras.ops.ones((2,))

    def mismatched(y_true, y_pred):
        return keras.ops.matmul(y_true, y_pred)

    model = compiled(metrics=[mismatched])
    with pytest.raises(Exception, match=r"(?i)shape|size|dimension|incompatible"):
        model.fit(X, Y, verbose=0)
    model.compile("adam", "mse")
    assert_usable(model)
    model = compiled(metrics=[NoScalar(name="pair")])
    assert np.shape(model.fit(X, Y, verbose=0).history["pair"]) == (1, 2)
    assert_usable(model)


def test_before_compile():
    model = keras.Sequential([keras.Input((5,)), layers.Dense(2)])
    for call in (model.fit, model.evaluate, model.train_on_batch, model.test_on_batch):
        with pytest.raises(ValueError, match="compile"):
            call(X, Y)
    assert model.predict(X, verbose=0).shape == (64, 2)
    model.compile("adam", "mse")
    assert_usable(model)


@pytest.mark.parametrize(
    "arguments",
    [{"loss": "mean_square"}, {"metrics": ["acuracy"]}, {"optimizer": "adamm"}, {"steps_per_execution": 0}],
)
def test_unknown_arguments_change_nothing(arguments):
    model = compiled()
    with pytest.raises(ValueError, match=r"mean_squared_error|accuracy|adam|steps_per_execution"):
        model.compile(**{"optimizer": "adam", "loss": "mse", **arguments})
    assert_usable(model)


def test_unknown_outputs_are_named():
    x = keras.Input((5,))
    model = keras.Model(x, [layers.Dense(2, name="a")(x), layers.Dense(2, name="b")(x)])
    for arguments in (
        {"loss": {"a": "mse", "c": "mse"}},
        {"loss": ["mse"] * 3},
        {"loss": "mse", "metrics": {"c": "mse"}},
    ):
        model.compile("adam", **arguments)
        with pytest.raises(ValueError, match="a, b"):
            model.fit(X, [Y, Y], verbose=0)
    model.compile("adam", "mse")
    model.fit(X, [Y, Y], verbose=0)


def test_no_targets_and_no_loss():
    model = compiled()
    with pytest.raises(ValueError, match="targets"):
        model.fit(X, verbose=0)
    assert_usable(model)
    model.compile("adam")
    with pytest.raises(ValueError, match="no loss"):
        model.fit(X, Y, verbose=0)
    model.compile("adam", "mse")
    assert_usable(model)


def test_uneven_batches_are_traced_once_a_shape():
    def source():
        for size in (16, 16, 16, 5, 16, 3, 16, 5, 7, 16, 3, 5):
            yield X[:size], Y[:size]

    model = compiled()
    with contextlib.closing(source()) as given:
        model.fit(given, verbose=0)
    (runner,) = model._runners.values()
    assert runner.traces <= 4
    for _ in range(2):
        model.fit(source(), verbose=0)
    assert runner.traces <= 4
