"""The progress bar in a terminal (a pty), in a notebook, in a file; and what it costs."""

from __future__ import annotations

import contextlib
import io
import os
import pty
import re
import select
import sys

import numpy as np
import pytest

import triceras as keras
from triceras import callbacks, layers
from triceras.utils import progbar


def drained(descriptor):
    found = b""
    while select.select([descriptor], [], [], 0.05)[0]:
        found += os.read(descriptor, 1 << 16)
    return found


@contextlib.contextmanager
def terminal(columns):
    """sys.stdout is a terminal of that width; gives a function that reads what was written."""
    import fcntl
    import struct
    import termios

    parent, child = pty.openpty()
    fcntl.ioctl(child, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    stream, saved = os.fdopen(child, "w", encoding="utf-8"), (sys.stdout, sys.__stdout__)
    sys.stdout = sys.__stdout__ = stream
    try:
        yield lambda: drained(parent).decode().replace("\r\n", "\n")
    finally:
        sys.stdout, sys.__stdout__ = saved
        stream.close()
        os.close(parent)


class Notebook(io.StringIO):
    """A stream as ipykernel's."""

    __module__ = "ipykernel.iostream"


def drive(bar, interval=0.0, epochs=1, steps=4, batches=None):
    bar.INTERVAL = interval
    bar.set_params({"epochs": epochs, "steps": steps})
    for epoch in range(epochs):
        bar.on_epoch_begin(epoch)
        for batch in batches or range(steps):
            bar.on_train_batch_end(batch, {"loss": 0.5})
        bar.on_epoch_end(epoch, {"loss": 0.25, "val_loss": 1e-5})


def test_terminal(monkeypatch):
    monkeypatch.delenv("COLUMNS", raising=False)
    with terminal(100) as read:
        drive(callbacks.ProgbarLogger(), epochs=2)
        text = read()
    lines = text.split("\n")
    assert lines[0] == "Epoch 1/2" and lines[2] == "Epoch 2/2" and len(lines) == 5
    redraws = lines[1].split("\r")[1:]
    assert len(redraws) == 5 and all(part.endswith("\x1b[K") for part in redraws)
    assert re.match(r"1/4 ━{5}─{15} 0s \d+\w+/step - loss: 0\.5000\x1b", redraws[0])
    assert re.match(r"4/4 ━{20} 0s \d+\w+/step - loss: 0\.2500 - val_loss: 1\.0000e-05\x1b", redraws[-1])


def test_narrow_terminal(monkeypatch):
    monkeypatch.delenv("COLUMNS", raising=False)
    with terminal(30) as read:
        drive(callbacks.ProgbarLogger())
        redraws = read().split("\n")[1].split("\r")[1:]
    assert all(len(part.removesuffix("\x1b[K")) <= 29 for part in redraws[:-1])
    assert "val_loss" in redraws[-1]


def test_notebook(monkeypatch):
    stream = Notebook()
    monkeypatch.setattr(sys, "stdout", stream)
    drive(callbacks.ProgbarLogger())
    assert "\x1b" not in stream.getvalue() and stream.getvalue().count("\r") == 5


@pytest.mark.parametrize("kind", [callbacks.ProgbarLogger, callbacks.EpochLines])
def test_file(capsys, kind):
    drive(kind(), epochs=2)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 4 and not any(set(line) & {"\r", "\x1b", "\b"} for line in lines)
    assert lines[1].startswith("4/4 ") and "loss: 0.2500" in lines[1]


def test_unknown_total_and_batches_left_out(monkeypatch):
    stream = Notebook()
    monkeypatch.setattr(sys, "stdout", stream)
    drive(callbacks.ProgbarLogger(), steps=None, batches=[9, 19, 24])
    parts = stream.getvalue().split("\r")
    assert parts[1].startswith("10/Unknown ") and "loss: 0.5000" in parts[1]
    assert parts[-1].startswith("25/25 ━")


def test_between_redraws_nothing_is_read(monkeypatch):
    class Unread(dict):
        def __bool__(self):
            raise AssertionError("logs were looked at")

    monkeypatch.setattr(sys, "stdout", Notebook())
    bar = callbacks.ProgbarLogger()
    bar.INTERVAL = 1000.0
    bar.set_params({"epochs": 1, "steps": 3})
    bar.on_epoch_begin(0)
    for batch in range(3):
        bar.on_train_batch_end(batch, Unread())
    bar.on_epoch_end(0, {"loss": 1.0})


def test_fit_evaluate_and_predict(capsys):
    model = keras.Sequential([keras.Input((2,)), layers.Dense(1)])
    model.compile("sgd", "mse")
    x, y = np.ones((8, 2), "float32"), np.ones((8, 1), "float32")
    model.fit(x, y, batch_size=4, epochs=2, validation_data=(x, y), verbose=1)
    model.evaluate(x, y, batch_size=4, verbose=1)
    model.predict(x, batch_size=4, verbose=1)
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(" ")[0] for line in lines] == ["Epoch", "2/2", "Epoch", "2/2", "2/2", "2/2"]
    assert "val_loss" in lines[1] and "loss" in lines[4] and "loss" not in lines[5]


def test_progbar_averages(capsys):
    bar = keras.utils.Progbar(4, verbose=2, stateful_metrics=["acc"])
    bar.add(1, [("loss", 1.0), ("acc", 0.1)])
    bar.add(3, [("loss", 2.0), ("acc", 0.9)])
    line = capsys.readouterr().out
    assert "loss: 1.7500 - acc: 0.9000" in line and line.startswith("4/4 ") and line.count("\n") == 1
    quiet = keras.utils.Progbar(2, verbose=0)
    quiet.update(2, [("loss", 1.0)])
    assert capsys.readouterr().out == ""
    unknown = keras.utils.Progbar(None, verbose=1, interval=0, unit_name="row")
    unknown.update(3)
    unknown.update(5, finalize=True)
    assert re.match(r"5/5 ━+ \d+s \d+\w+/row\n$", capsys.readouterr().out)


def test_numbers_and_times():
    assert [progbar.clock(s) for s in (7, 125, 3725)] == ["7s", "2:05", "1:02:05"]
    assert [progbar.duration(s) for s in (2, 0.015, 80e-6)] == ["2s", "15ms", "80us"]
    assert [progbar.number(x) for x in (0.5, 1e-5, 0.0, float("nan"), "text", [1.0, 2.0])] == [
        "0.5000", "1.0000e-05", "0.0000", "nan", "text", "1.5000",
    ]  # fmt: skip
