"""The progress of fit, evaluate and predict."""

from __future__ import annotations

import time
from typing import Any

from triceras.callbacks.callback import Callback
from triceras.utils.logs import say
from triceras.utils.progbar import Line


class ProgbarLogger(Callback):
    """Shows progress: in a terminal or a notebook a bar redrawn a few times a second, elsewhere a line an epoch.

    Redraws are bounded in time because each one reads the logs and so waits for the device;
    between them a batch costs a look at the clock. Batches may be left out.

    Example:

    >>> keras.callbacks.ProgbarLogger().every_batch
    False
    """

    INTERVAL = 0.1  # seconds between redraws

    every_batch = False

    # Where the output goes, if that is not to be found out.
    place: str | None = None

    _next = 0.0
    _done = 0
    _line: Line | None = None

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self._start()
        say(f"Epoch {epoch + 1}/{self.params.get('epochs', 1)}")

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self._done = batch + 1
        if time.monotonic() >= self._next:
            self._redraw(logs)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self._finish(logs)

    def on_test_begin(self, logs: Any = None) -> None:
        if not self.params.get("validating"):
            self._start()

    def on_test_batch_end(self, batch: int, logs: Any = None) -> None:
        if not self.params.get("validating"):
            self.on_train_batch_end(batch, logs)

    def on_test_end(self, logs: Any = None) -> None:
        if not self.params.get("validating"):
            self._finish(logs)

    def on_predict_begin(self, logs: Any = None) -> None:
        self._start()

    def on_predict_batch_end(self, batch: int, logs: Any = None) -> None:
        self.on_train_batch_end(batch, None)

    def on_predict_end(self, logs: Any = None) -> None:
        self._finish(None)

    def _start(self) -> None:
        self._line = Line(self.params.get("steps"), place=self.place)
        self._done = 0
        self._next = self._line.began + self.INTERVAL if self._line.redrawn else float("inf")

    def _redraw(self, logs: Any) -> None:
        if self._line is not None:
            self._line.draw(self._done, logs or {}, last=False)
            self._next = time.monotonic() + self.INTERVAL

    def _finish(self, logs: Any) -> None:
        if self._line is not None:
            self._line.draw(self._done, logs or {}, last=True)
            self._line = None


class EpochLines(ProgbarLogger):
    """verbose=2: a line an epoch, wherever the output goes."""

    place = "file"
