"""Stopping early."""

from __future__ import annotations

import math
from typing import Any

from triceras.callbacks.callback import Callback
from triceras.callbacks.monitor import Monitor
from triceras.utils.logs import say


class EarlyStopping(Monitor):
    """Stops training when a monitored value no longer improves.

    Args:
        monitor: its name in the logs of an epoch.
        min_delta: a change of this size or less is no improvement.
        patience: epochs without improvement before it stops.
        verbose: 1 prints what happens.
        mode: "min", "max", or "auto" to tell from the name.
        baseline: a value that is to be beaten, too.
        restore_best_weights: whether the weights of the best epoch are put back at the end.
        start_from_epoch: epochs before this one are not looked at.

    Attributes: `best`, `best_epoch`, `wait`, `stopped_epoch` (0 if it did not stop).

    Example:

    >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    >>> model.compile("sgd", "mse")
    >>> x, y = np.ones((4, 2)), np.ones((4, 1))
    >>> callback = keras.callbacks.EarlyStopping("loss", min_delta=1e9, patience=1)
    >>> history = model.fit(x, y, epochs=9, verbose=0, callbacks=[callback])
    >>> len(history.epoch)
    2
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        min_delta: float = 0,
        patience: int = 0,
        verbose: int = 0,
        mode: str = "auto",
        baseline: float | None = None,
        restore_best_weights: bool = False,
        start_from_epoch: int = 0,
    ) -> None:
        super().__init__(monitor, mode, min_delta)
        self.patience, self.verbose, self.baseline = patience, verbose, baseline
        self.restore_best_weights, self.start_from_epoch = restore_best_weights, start_from_epoch
        self._reset()

    def _reset(self) -> None:
        self.wait = self.stopped_epoch = self.best_epoch = 0
        self.best: float | None = None
        self.best_weights: Any = None

    def on_train_begin(self, logs: Any = None) -> None:
        self._reset()

    def get_monitor_value(self, logs: Any) -> float | None:
        """The monitored value in the logs of an epoch; None, with a warning, where they lack it."""
        return self.monitored(logs)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        value = self.get_monitor_value(logs)
        if value is None or epoch < self.start_from_epoch:
            return
        self.check()
        improves = self.best is None or self.better(value, self.best)
        if improves:
            self.best, self.best_epoch = value, epoch
            if self.restore_best_weights:
                self.best_weights = self.model.get_weights()
        # Patience is for values that beat the baseline too, where there is one.
        counts = improves and (self.baseline is None or self.better(value, self.baseline))
        self.wait = 0 if counts else self.wait + 1
        # One epoch shows no trend, so the first never stops.
        if not improves and epoch and self.wait >= self.patience:
            self.stopped_epoch = epoch
            self.model.stop_training = True

    def on_train_end(self, logs: Any = None) -> None:
        if self.verbose and self.stopped_epoch:
            say(f"Training stopped early, after epoch {self.stopped_epoch + 1}.")
        if self.best_weights is not None:
            if self.verbose:
                say(f"The weights are again those of epoch {self.best_epoch + 1}, the best.")
            self.model.set_weights(self.best_weights)


class TerminateOnNaN(Callback):
    """Stops training after a batch whose loss is NaN or infinite.

    Args:
        raise_error: whether a RuntimeError is raised instead.

    Example:

    >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    >>> model.compile("sgd", "mse")
    >>> x, y = np.ones((4, 2)), np.ones((4, 1))
    >>> callback = keras.callbacks.TerminateOnNaN()
    >>> history = model.fit(x, y * np.inf, epochs=3, verbose=0, callbacks=[callback])
    <BLANKLINE>
    Batch 0: the loss is inf; training stops.
    >>> len(history.epoch)
    1
    """

    def __init__(self, raise_error: bool = False) -> None:
        super().__init__()
        self.raise_error = raise_error

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        loss = (logs or {}).get("loss")
        if loss is not None and not math.isfinite(loss):
            if self.raise_error:
                raise RuntimeError(f"Batch {batch}: the loss is {loss}.")
            say(f"\nBatch {batch}: the loss is {loss}; training stops.")
            self.model.stop_training = True
