"""Logs in a table."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable
from typing import Any, TextIO

import numpy as np

from triceras.callbacks.callback import Callback


class CSVLogger(Callback):
    """Writes the logs of each epoch as a line of a CSV file; a name that an epoch lacks is "NA".

    Args:
        filename: where to.
        separator: between the values.
        append: whether an existing file is continued.

    Example:

    >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    >>> model.compile("sgd", "mse")
    >>> x, y = np.ones((4, 2)), np.ones((4, 1))
    >>> callback = keras.callbacks.CSVLogger("log.csv")
    >>> history = model.fit(x, y, epochs=2, verbose=0, callbacks=[callback])
    >>> open("log.csv").readline().strip()
    'epoch,loss,val_loss'
    """

    def __init__(self, filename: Any, separator: str = ",", append: bool = False) -> None:
        super().__init__()
        self.filename, self.sep, self.append = os.fspath(filename), separator, append
        self.keys: list[str] | None = None
        self._file: TextIO | None = None
        self._writer: Any = None

    def on_train_begin(self, logs: Any = None) -> None:
        headed = self.append and os.path.exists(self.filename) and os.path.getsize(self.filename) > 0
        self._headed = headed
        self._file = open(self.filename, "a" if self.append else "w", newline="", encoding="utf-8")  # noqa: SIM115
        self._writer = None

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if self._file is None:
            raise RuntimeError("CSVLogger: on_train_begin must come first; it opens the file.")
        logs = logs or {}
        if self._writer is None:
            self.keys = self._columns(logs)
            self._writer = csv.writer(self._file, delimiter=self.sep)
            if not self._headed:
                self._writer.writerow(["epoch", *self.keys])
        self._writer.writerow([epoch, *(_cell(logs[key]) if key in logs else "NA" for key in self.keys or ())])
        self._file.flush()

    def _columns(self, logs: Any) -> list[str]:
        """The names of the first epoch; if it had no validation, columns for one are kept free."""
        names = sorted(logs)
        if any(name.startswith("val_") for name in names):
            return names
        return [*names, *(f"val_{name}" for name in names)]

    def on_train_end(self, logs: Any = None) -> None:
        if self._file is not None:
            self._file.close()
        self._file = self._writer = None


def _cell(value: Any) -> Any:
    if isinstance(value, str) or (isinstance(value, np.ndarray) and value.ndim == 0) or not isinstance(value, Iterable):
        return value
    return f'"[{", ".join(map(str, value))}]"'
