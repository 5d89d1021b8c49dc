"""Stopping early."""

from __future__ import annotations

import math
from typing import Any

from triceras.callbacks.callback import Callback
from triceras.callbacks.monitor import Monitor


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

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        current = self.monitored(logs, "Early stopping")
        if current is None or epoch < self.start_from_epoch:
            return
        self.check()
        if self.restore_best_weights and self.best_weights is None:
            # Even if nothing ever gets better than the baseline, there is something to go back to.
            self._remember(epoch)
        self.wait += 1
        if self.best is None or self.better(current, self.best):
            self.best = current
            self.best_epoch = epoch
            if self.restore_best_weights:
                self._remember(epoch)
            if self.baseline is None or self.better(current, self.baseline):
                self.wait = 0
            return
        if self.wait >= self.patience and epoch > 0:
            self.stopped_epoch = epoch
            self.model.stop_training = True

    def _remember(self, epoch: int) -> None:
        self.best_weights = self.model.get_weights()
        self.best_epoch = epoch

    def on_train_end(self, logs: Any = None) -> None:
        if self.stopped_epoch and self.verbose:
            print(f"Epoch {self.stopped_epoch + 1}: early stopping")
        if self.restore_best_weights and self.best_weights is not None:
            if self.verbose:
                print(f"Restoring model weights from the end of the best epoch: {self.best_epoch + 1}.")
            self.model.set_weights(self.best_weights)


class TerminateOnNaN(Callback):
    """Stops training after a batch whose loss is NaN or infinite.

    Args:
        raise_error: whether a RuntimeError is raised instead.
    """

    def __init__(self, raise_error: bool = False) -> None:
        super().__init__()
        self.raise_error = raise_error

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        loss = (logs or {}).get("loss")
        if loss is not None and not math.isfinite(loss):
            if self.raise_error:
                raise RuntimeError(f"Batch {batch}: the loss is {loss}.")
            print(f"\nBatch {batch}: the loss is {loss}; training stops.")
            self.model.stop_training = True
