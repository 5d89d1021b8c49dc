"""History, progress bar, and stopping on NaN."""

from __future__ import annotations

import math
import sys
import time
from typing import Any

from triceras.callbacks.callback import Callback


class History(Callback):
    """Records the logs of every epoch: `history` maps names to lists, `epoch` lists the epochs."""

    def __init__(self) -> None:
        super().__init__()
        self.history: dict[str, list[Any]] = {}
        self.epoch: list[int] = []

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.epoch.append(epoch)
        for name, value in (logs or {}).items():
            self.history.setdefault(name, []).append(value)


class TerminateOnNaN(Callback):
    """Stops training after a batch whose loss is NaN or infinite."""

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        loss = (logs or {}).get("loss")
        if loss is not None and not math.isfinite(loss):
            print(f"\nBatch {batch}: the loss is {loss}; training stops.")
            self.model.stop_training = True


class ProgbarLogger(Callback):
    """Shows progress: in a terminal a bar redrawn a few times a second, elsewhere a line an epoch.

    Redraws are bounded in time because each one reads the logs and so waits for the device.
    """

    every_batch = False
    INTERVAL = 0.1  # seconds between redraws
    WIDTH = 20  # characters of the bar

    def __init__(self) -> None:
        super().__init__()
        self._bar = sys.stdout.isatty()

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        print(f"Epoch {epoch + 1}/{self.params['epochs']}", flush=True)
        self._start()

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self._redraw(batch + 1, logs)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self._finish(logs)

    def on_test_begin(self, logs: Any = None) -> None:
        if not self.params.get("validating"):
            self._start()

    def on_test_batch_end(self, batch: int, logs: Any = None) -> None:
        if not self.params.get("validating"):
            self._redraw(batch + 1, logs)

    def on_test_end(self, logs: Any = None) -> None:
        if not self.params.get("validating"):
            self._finish(logs)

    def on_predict_begin(self, logs: Any = None) -> None:
        self._start()

    def on_predict_batch_end(self, batch: int, logs: Any = None) -> None:
        self._redraw(batch + 1, None)

    def on_predict_end(self, logs: Any = None) -> None:
        self._finish(None)

    def _start(self) -> None:
        self._began = self._drawn = time.monotonic()
        self._done = 0

    def _redraw(self, done: int, logs: Any) -> None:
        self._done = done
        now = time.monotonic()
        if self._bar and now - self._drawn >= self.INTERVAL:
            self._drawn = now
            self._write(f"\r{self._line(logs)}\x1b[K")

    def _finish(self, logs: Any) -> None:
        self._write(f"{chr(13) if self._bar else ''}{self._line(logs)}" + ("\x1b[K\n" if self._bar else "\n"))

    def _line(self, logs: Any) -> str:
        total = self.params.get("steps") or self._done
        filled = self.WIDTH * self._done // max(total, 1)
        elapsed = time.monotonic() - self._began
        pace = _duration(elapsed / max(self._done, 1))
        values = "".join(f" - {name}: {_value(value)}" for name, value in (logs or {}).items())
        bar = "━" * filled + "─" * (self.WIDTH - filled)
        return f"{self._done}/{total} {bar} {_duration(elapsed)} {pace}/step{values}"

    @staticmethod
    def _write(text: str) -> None:
        sys.stdout.write(text)
        sys.stdout.flush()


class EpochLines(ProgbarLogger):
    """verbose=2: a line an epoch, wherever the output goes."""

    def __init__(self) -> None:
        super().__init__()
        self._bar = False


def _value(value: Any) -> str:
    if not isinstance(value, float):
        return str(value)
    return f"{value:.4f}" if value == 0 or not math.isfinite(value) or abs(value) > 1e-3 else f"{value:.4e}"


def _duration(seconds: float) -> str:
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if seconds >= size:
            return f"{seconds / size:.0f}{unit}"
    return f"{seconds / 1e-6:.0f}us"
