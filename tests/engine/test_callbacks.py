"""Callbacks: decisions and files compared with the real Keras on scripted logs, and in fit."""

from __future__ import annotations

import contextlib
import glob
import http.server
import io
import json
import os
import threading
import urllib.parse
import warnings

import keras as reference
import numpy as np
import pytest

import triceras as keras
from triceras import callbacks, layers
from triceras.callbacks import weights_file


class Fake:
    """A model that is nothing but an optimizer, weights and a flag."""

    def __init__(self, package):
        self.optimizer = package.optimizers.SGD(1.0)
        self.weights = [np.zeros(2)]
        self.stop_training, self.compiled, self.metrics = False, True, []

    def get_weights(self):
        return [w.copy() for w in self.weights]

    def set_weights(self, weights):
        self.weights = [w.copy() for w in weights]


def rate_of(model):
    rate = model.optimizer.learning_rate
    return float(np.asarray(reference.ops.convert_to_numpy(getattr(rate, "value", rate))))


def script(package, make, logs, first=0):
    """Drives one callback by hand over scripted logs: what it did to the model after each epoch."""
    model, callback = Fake(package), make(package.callbacks)
    callback.set_model(model)
    callback.set_params({"epochs": len(logs)})
    trail, output = [], io.StringIO()
    with contextlib.redirect_stdout(output), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        callback.on_train_begin()
        for epoch, given in enumerate(logs, first):
            given = dict(given)
            callback.on_epoch_begin(epoch)
            model.weights = [np.full(2, float(epoch))]
            callback.on_epoch_end(epoch, given)
            trail.append((model.stop_training, rate_of(model), sorted(given)))
            if model.stop_training:
                break
        callback.on_train_end()
    return callback, trail, model.weights[0].tolist(), output.getvalue()


LOSSES = [{"loss": x, "acc": 1 - x} for x in (1.0, 0.9, 0.95, 0.899, 0.97, 0.98, 0.5, 0.6, 0.6, 0.6)]

STOPS = [
    {"monitor": "loss"},
    {"monitor": "loss", "patience": 2},
    {"monitor": "loss", "patience": 2, "restore_best_weights": True},
    {"monitor": "loss", "patience": 2, "min_delta": 0.01, "restore_best_weights": True},
    {"monitor": "acc", "patience": 3, "mode": "max", "restore_best_weights": True},
    {"monitor": "loss", "patience": 2, "baseline": 0.7},
    {"monitor": "loss", "patience": 2, "baseline": 0.1, "restore_best_weights": True},
    {"monitor": "loss", "patience": 1, "start_from_epoch": 4, "restore_best_weights": True},
    {"monitor": "val_loss", "mode": "min", "patience": 1},
    {"monitor": "loss", "patience": 20, "restore_best_weights": True},
]
PLATEAUS = [
    {"monitor": "loss", "patience": 1},
    {"monitor": "loss", "patience": 2, "factor": 0.5, "cooldown": 1},
    {"monitor": "loss", "patience": 1, "factor": 0.5, "min_lr": 0.3},
    {"monitor": "acc", "mode": "max", "patience": 1, "factor": 0.5, "min_delta": 0.05},
    {"monitor": "loss", "patience": 0, "factor": 0.5},
    {"monitor": "val_loss", "mode": "min", "patience": 1},
]


@pytest.mark.parametrize("arguments", STOPS)
def test_early_stopping_decides_as_keras(arguments):
    ours = script(keras, lambda c: c.EarlyStopping(**arguments), LOSSES)
    theirs = script(reference, lambda c: c.EarlyStopping(**arguments), LOSSES)
    assert ours[1:3] == theirs[1:3]
    assert (ours[0].stopped_epoch, ours[0].best_epoch, ours[0].wait) == (
        theirs[0].stopped_epoch,
        theirs[0].best_epoch,
        theirs[0].wait,
    )


@pytest.mark.parametrize("arguments", PLATEAUS)
def test_reduce_on_plateau_decides_as_keras(arguments):
    ours = script(keras, lambda c: c.ReduceLROnPlateau(**arguments), LOSSES)
    theirs = script(reference, lambda c: c.ReduceLROnPlateau(**arguments), LOSSES)
    for (stop, rate, names), (their_stop, their_rate, their_names) in zip(ours[1], theirs[1], strict=True):
        assert (stop, names) == (their_stop, their_names) and rate == pytest.approx(their_rate, rel=1e-6)


@pytest.mark.parametrize("schedule", [lambda epoch: 1.0 / (epoch + 1), lambda epoch, rate: rate * 0.5])
def test_scheduler_sets_rates_as_keras(schedule):
    ours = script(keras, lambda c: c.LearningRateScheduler(schedule, verbose=1), LOSSES[:3])
    theirs = script(reference, lambda c: c.LearningRateScheduler(schedule, verbose=1), LOSSES[:3])
    assert ours[1] == theirs[1] and ours[3] == theirs[3]
    with pytest.raises(ValueError, match="float"):
        script(keras, lambda c: c.LearningRateScheduler(lambda epoch: "fast"), LOSSES[:1])


CSV_LOGS = [
    [{"loss": 0.5, "acc": 0.25}, {"loss": 0.25, "acc": 0.5}],
    [{"loss": 0.5, "val_loss": 0.75}, {"loss": 0.25, "val_loss": 0.5}],
    [{"loss": 0.5}, {"loss": 0.25, "val_loss": 0.5}],
    [{"loss": 0.5, "val_loss": 0.5}, {"loss": 0.25}],
    [
        {"loss": 0.5, "per_class": [0.25, 0.5], "name": "a,b"},
        {"loss": 1, "per_class": np.array([1.0, 2.0]), "name": ""},
    ],
]


@pytest.mark.parametrize("logs", CSV_LOGS)
@pytest.mark.parametrize("separator", [",", ";"])
def test_csv_files_are_those_of_keras(tmp_path, logs, separator):
    texts = []
    for package in (keras, reference):
        path = tmp_path / f"{package.__name__}.csv"
        script(package, lambda c, path=path: c.CSVLogger(str(path), separator=separator), logs)
        script(package, lambda c, path=path: c.CSVLogger(str(path), separator=separator, append=True), logs, first=7)
        texts.append(path.read_bytes())
    assert texts[0] == texts[1]


def test_unknown_monitors_are_warned_about():
    for make in (callbacks.EarlyStopping, callbacks.ReduceLROnPlateau):
        callback = make("val_loss")
        callback.set_model(Fake(keras))
        with pytest.warns(UserWarning, match=r"val_loss.*loss, acc"):
            callback.on_epoch_end(0, {"loss": 1.0, "acc": 0.5})
        with pytest.warns(UserWarning, match="wild"):
            make("loss", mode="wild")
    with pytest.raises(ValueError, match="mode"):
        script(keras, lambda c: c.EarlyStopping("fancy"), [{"fancy": 1.0}])
    with pytest.raises(ValueError, match="factor"):
        callbacks.ReduceLROnPlateau(factor=1.0)
    with pytest.raises(ValueError, match="save_freq"):
        callbacks.ModelCheckpoint("x", save_freq="day")
    with pytest.raises(ValueError, match="save_freq"):
        callbacks.BackupAndRestore("x", save_freq=0)


# -- in fit ---------------------------------------------------------------------------------------


def data(rows=24):
    rng = np.random.default_rng(0)
    return rng.normal(size=(rows, 3)).astype("float32"), rng.normal(size=(rows, 1)).astype("float32")


def compiled(optimizer=None):
    keras.utils.set_random_seed(1)
    model = keras.Sequential([keras.Input((3,)), layers.Dense(1)])
    model.compile(optimizer or keras.optimizers.SGD(0.1), "mse")
    return model


class Recorder(callbacks.Callback):
    def __init__(self):
        super().__init__()
        self.calls = []


def note(name):
    def hook(self, *args):
        self.calls.append((name, *args[:-1]))

    return hook


for _name in [name for name in vars(callbacks.Callback) if name.startswith("on_") and name[3:8] != "batch"]:
    setattr(Recorder, _name, note(_name))


def test_hooks_come_in_order():
    recorder = Recorder()
    x, y = data(8)
    compiled().fit(x, y, batch_size=4, epochs=1, validation_data=(x, y), verbose=0, callbacks=recorder)
    assert recorder.calls == [
        ("on_train_begin",), ("on_epoch_begin", 0),
        ("on_train_batch_begin", 0), ("on_train_batch_end", 0), ("on_train_batch_begin", 1), ("on_train_batch_end", 1),
        ("on_test_begin",),
        ("on_test_batch_begin", 0), ("on_test_batch_end", 0), ("on_test_batch_begin", 1), ("on_test_batch_end", 1),
        ("on_test_end",), ("on_epoch_end", 0), ("on_train_end",),
    ]  # fmt: skip


def test_old_names_and_functions():
    class Old(callbacks.Callback):
        def __init__(self):
            self.seen = []  # without super().__init__()

        def on_batch_end(self, batch, logs=None):
            self.seen.append((batch, logs["loss"]))

    old, seen = Old(), []
    x, y = data(8)
    lambdas = callbacks.LambdaCallback(
        on_train_batch_end=lambda batch, logs: seen.append((batch, logs["loss"])),
        on_test_begin=lambda logs: seen.append("test"),
    )
    model = compiled()
    model.fit(x, y, batch_size=4, verbose=0, callbacks=[old, lambdas])
    assert old.seen == seen and [batch for batch, _ in seen] == [0, 1]
    assert old.model is model and old.params["epochs"] == 1
    model.evaluate(x, y, verbose=0, callbacks=[lambdas])
    assert seen[-1] == "test"
    with pytest.raises(TypeError, match="on_epoch_end"):
        callbacks.LambdaCallback(on_epoch_end=3)


def test_callback_list():
    model, seen = compiled(), []
    hooks = callbacks.CallbackList(
        callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: seen.append(epoch)),
        add_history=True, add_progbar=True, model=model, epochs=3, steps=2,
    )  # fmt: skip
    kinds = [type(callback).__name__ for callback in hooks.callbacks]
    assert sorted(kinds) == ["History", "LambdaCallback", "ProgbarLogger"]
    assert hooks.params == {"epochs": 3, "steps": 2} and all(c.model is model for c in hooks.callbacks)
    assert not hooks.needs_batches("train")
    hooks.append(callbacks.ModelCheckpoint("never.npz"))
    hooks.append(callbacks.BackupAndRestore("never"))
    assert not hooks.needs_batches("train")
    hooks.append(callbacks.TerminateOnNaN())
    assert hooks.needs_batches("train") and not hooks.needs_batches("test")
    single = callbacks.CallbackList([callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: seen.append(epoch))])
    single.on_epoch_begin(4)
    single.on_epoch_end(4, {"loss": 1.0})
    assert seen == [4]
    with pytest.raises(TypeError, match="Callback"):
        callbacks.CallbackList([3])


def test_terminate_on_nan(capsys):
    model = compiled()
    x, y = data()
    y[:] = np.nan
    history = model.fit(x, y, epochs=3, verbose=0, callbacks=[callbacks.TerminateOnNaN()])
    assert len(history.epoch) == 1 and "training stops" in capsys.readouterr().out
    with pytest.raises(RuntimeError, match="Batch 0"):
        compiled().fit(x, y, verbose=0, callbacks=[callbacks.TerminateOnNaN(raise_error=True)])


def test_model_checkpoint(tmp_path, capsys):
    model = compiled()
    x, y = data()
    kept = []
    model.fit(
        x, y, batch_size=8, epochs=3, verbose=0,
        callbacks=[
            callbacks.ModelCheckpoint(tmp_path / "deep" / "at-{epoch:02d}-{loss:.3f}.npz"),
            callbacks.ModelCheckpoint(tmp_path / "batch-{epoch}-{batch}.weights.h5", save_freq=2),
            callbacks.ModelCheckpoint(tmp_path / "best.npz", "loss", save_best_only=True, verbose=1),
            callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: kept.append(model.get_weights())),
        ],
    )  # fmt: skip
    names = sorted(os.path.basename(path) for path in glob.glob(str(tmp_path / "deep" / "*")))
    assert [name[:6] for name in names] == ["at-01-", "at-02-", "at-03-"]
    batches = sorted(os.path.basename(path) for path in glob.glob(str(tmp_path / "batch*")))
    assert batches == [f"batch-{at}.weights.h5" for at in ("1-2", "2-1", "2-3", "3-2")]
    assert "went from inf" in capsys.readouterr().out
    callbacks.load_weights(model, tmp_path / "deep" / names[1])
    for mine, its in zip(model.get_weights(), kept[1], strict=True):
        np.testing.assert_array_equal(mine, its)
    assert not glob.glob(str(tmp_path / "**" / ".saving*"), recursive=True)
    with pytest.raises(KeyError, match="val_loss"):
        model.fit(x, y, verbose=0, callbacks=[callbacks.ModelCheckpoint(tmp_path / "{val_loss}.npz")])
    with pytest.warns(UserWarning, match="val_loss"):
        model.fit(x, y, verbose=0, callbacks=[callbacks.ModelCheckpoint(tmp_path / "z.npz", save_best_only=True)])
    assert not (tmp_path / "z.npz").exists()


def test_only_improvements_are_saved(tmp_path):
    saved = {}
    for package in (keras, reference):
        callback = package.callbacks.ModelCheckpoint(
            str(tmp_path / "x.weights.h5"), "loss", save_best_only=True, save_weights_only=True,
            initial_value_threshold=0.93,
        )  # fmt: skip
        model = Fake(package)
        model.save_weights = lambda *args, **kwargs: None
        callback.set_model(model)
        found = saved[package.__name__] = []
        for epoch, logs in enumerate(LOSSES):
            callback.on_epoch_begin(epoch)
            callback.on_epoch_end(epoch, logs)
            found.append(callback.best)
    assert saved["triceras"] == saved["keras"]


class Crash(callbacks.Callback):
    def __init__(self, epoch, batch=None):
        super().__init__()
        self.when, self.epoch = (epoch, batch), None

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

    def on_train_batch_end(self, batch, logs=None):
        if self.when == (self.epoch, batch):
            raise RuntimeError("crash")


@pytest.mark.parametrize("save_freq", ["epoch", 2])
def test_backup_goes_on_where_it_was(tmp_path, save_freq):
    x, y = data()
    arguments = {"batch_size": 8, "epochs": 4, "verbose": 0, "shuffle": False}
    whole = compiled("adam")
    whole.fit(x, y, **arguments)
    folder = tmp_path / "backup"
    with pytest.raises(RuntimeError, match="crash"):
        backup = callbacks.BackupAndRestore(folder, save_freq=save_freq)
        # with save_freq=2 and 3 batches an epoch, the last backup before is that of the 2nd epoch's last batch
        compiled("adam").fit(x, y, callbacks=[backup, Crash(2, 0)], **arguments)
    assert os.listdir(folder) == ["latest.npz"]
    again = compiled("adam")
    again.set_weights([w * 0 for w in again.get_weights()])
    history = again.fit(x, y, callbacks=[callbacks.BackupAndRestore(folder, save_freq=save_freq)], **arguments)
    assert not folder.exists()
    if save_freq == "epoch":
        assert history.epoch == [2, 3]
        for mine, its in zip(again.get_weights(), whole.get_weights(), strict=True):
            np.testing.assert_allclose(mine, its, rtol=1e-5)
        assert int(again.optimizer.iterations) == 12
    else:
        assert history.epoch == [1, 2, 3]  # an epoch that was not finished is begun anew


def test_backup_that_cannot_be_read(tmp_path):
    x, y = data()
    backup = lambda: callbacks.BackupAndRestore(tmp_path, double_checkpoint=True, delete_checkpoint=False)  # noqa: E731
    compiled().fit(x, y, epochs=3, verbose=0, callbacks=[backup()])
    assert sorted(os.listdir(tmp_path)) == ["latest.npz", "previous.npz"]
    (tmp_path / "latest.npz").write_bytes(b"PK broken")
    assert compiled().fit(x, y, epochs=4, verbose=0, callbacks=[backup()]).epoch == [2, 3]
    other = keras.Sequential([keras.Input((3,)), layers.Dense(2), layers.Dense(1)])
    other.compile("sgd", "mse")
    with pytest.raises(ValueError, match="another model"):
        other.fit(x, y, verbose=0, callbacks=[backup()])
    for name in ("latest.npz", "previous.npz"):
        (tmp_path / name).write_bytes(b"")
    with pytest.raises(ValueError, match="can be read"):
        compiled().fit(x, y, verbose=0, callbacks=[backup()])


def test_files_of_arrays(tmp_path, monkeypatch):
    path = tmp_path / "a" / "b.anything"
    bf16 = keras.Variable([1.5, 2.5], dtype="bfloat16").numpy()
    weights_file.save_arrays({"x": np.arange(3), "b/y": bf16}, path)
    found = weights_file.load_arrays(path)
    assert found["b/y"].dtype == bf16.dtype and found["b/y"].tolist() == [1.5, 2.5] and found["x"].tolist() == [0, 1, 2]
    monkeypatch.setattr(os, "replace", lambda *paths: (_ for _ in ()).throw(OSError("full")))
    with pytest.raises(OSError, match="full"):
        weights_file.save_arrays({"x": np.zeros(3)}, path)
    assert os.listdir(path.parent) == ["b.anything"] and weights_file.load_arrays(path)["x"].tolist() == [0, 1, 2]
    np.save(tmp_path / "evil.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    with pytest.raises(ValueError):
        weights_file.load_arrays(tmp_path / "evil.npy")


def test_swap_ema_weights():
    optimizer = keras.optimizers.SGD(0.5, use_ema=True, ema_momentum=0.5)
    model, seen = compiled(optimizer), {}
    x, y = data()
    means = lambda: [v.numpy() for v in optimizer.variables[2:4]]  # noqa: E731
    watch = callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: seen.update({("end", epoch): (model.get_weights(), means())}),
        on_test_begin=lambda logs: seen.update(test=model.get_weights()),
        on_test_end=lambda logs: seen.update(after=model.get_weights()),
    )
    swap = callbacks.SwapEMAWeights()
    model.fit(x, y, batch_size=8, epochs=1, verbose=0, validation_data=(x, y), callbacks=[swap, watch])
    weights, averages = seen["end", 0]
    same = lambda a, b: all(np.array_equal(p, q) for p, q in zip(a, b, strict=True))  # noqa: E731
    assert same(seen["test"], averages) and same(seen["after"], weights) and not same(weights, averages)
    assert same(model.get_weights(), averages)  # fit put them in at its end
    again = compiled(keras.optimizers.SGD(0.5, use_ema=True, ema_momentum=0.5))
    again.fit(x, y, batch_size=8, epochs=1, verbose=0, callbacks=[callbacks.SwapEMAWeights(swap_on_epoch=True)])
    assert same(again.get_weights(), averages)
    with pytest.raises(ValueError, match="use_ema"):
        compiled().fit(x, y, verbose=0, callbacks=[callbacks.SwapEMAWeights()])


@pytest.mark.parametrize("as_json", [False, True])
def test_remote_monitor(as_json):
    got = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            got.append((self.path, self.headers["X-Key"], body))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *args):
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        root = f"http://127.0.0.1:{server.server_port}"
        monitor = callbacks.RemoteMonitor(root, "/here/", headers={"X-Key": "k"}, send_as_json=as_json)
        monitor.on_epoch_end(3, {"loss": np.float32(0.5)})
        server.shutdown()
        thread.join()
    path, key, body = got[0]
    text = body if as_json else urllib.parse.parse_qs(body)["data"][0]
    assert (path, key) == ("/here/", "k") and json.loads(text) == {"epoch": 3, "loss": 0.5}
    with pytest.warns(UserWarning, match="Could not reach"):
        monitor.on_epoch_end(4, {"loss": 0.5})
    with pytest.raises(ValueError, match="http"):
        callbacks.RemoteMonitor("file:///etc")


def events(folder):
    """Tags and steps of the scalars, and tags of histograms, in a folder's event files."""
    import struct

    from tensorboardX.proto.event_pb2 import Event

    scalars, histograms = [], set()
    for path in glob.glob(str(folder / "*tfevents*")):
        with open(path, "rb") as file:
            raw, at = file.read(), 0
        while at < len(raw):
            (size,) = struct.unpack("<Q", raw[at : at + 8])
            event = Event.FromString(raw[at + 12 : at + 12 + size])
            at += 16 + size
            for value in event.summary.value:
                if value.HasField("histo"):
                    histograms.add(value.tag)
                else:
                    scalars.append((value.tag, event.step))
    return scalars, histograms


def test_tensorboard(tmp_path):
    model = compiled()
    x, y = data()
    board = callbacks.TensorBoard(tmp_path, histogram_freq=1, update_freq=2, write_steps_per_second=True)
    model.fit(x, y, batch_size=8, epochs=2, validation_data=(x, y), verbose=0, callbacks=[board])
    scalars, histograms = events(tmp_path / "train")
    assert {("epoch_loss", 0), ("epoch_loss", 1), ("epoch_learning_rate", 1), ("epoch_steps_per_second", 1)} < {
        *scalars
    }
    assert [step for tag, step in scalars if tag == "batch_loss"] == [2, 4, 6]
    assert {f"{v.path}/histogram" for v in model.weights} <= histograms
    scalars, _ = events(tmp_path / "validation")
    assert sorted(scalars) == [
        ("epoch_loss", 0), ("epoch_loss", 1),
        ("evaluation_loss_vs_iterations", 3), ("evaluation_loss_vs_iterations", 6),
    ]  # fmt: skip
    with pytest.raises(ValueError, match="update_freq"):
        callbacks.TensorBoard(update_freq="day")


def test_tensorboard_names_the_package_that_is_missing(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "tensorboardX", None)
    with pytest.raises(ImportError, match="pip install tensorboardX"):
        callbacks.TensorBoard()
