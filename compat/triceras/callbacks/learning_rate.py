"""Callbacks that set the learning rate."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from triceras.callbacks.callback import Callback, to_number
from triceras.callbacks.monitor import Monitor
from triceras.utils.logs import say


def _rate(model: Any) -> float:
    return float(to_number(model.optimizer.learning_rate))


class LearningRateScheduler(Callback):
    """Sets the learning rate at the beginning of each epoch.

    Args:
        schedule: a function of (epoch, current rate), or of the epoch, that gives a float.
        verbose: 1 prints the rate.

    Raises ValueError: it gives something else.

    Example:

    >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    >>> model.compile("sgd", "mse")
    >>> x, y = np.ones((4, 2)), np.ones((4, 1))
    >>> callback = keras.callbacks.LearningRateScheduler(lambda epoch: 0.5 ** epoch)
    >>> history = model.fit(x, y, epochs=2, verbose=0, callbacks=[callback])
    >>> history.history["learning_rate"]
    [1.0, 0.5]
    """

    def __init__(self, schedule: Callable[..., Any], verbose: int = 0) -> None:
        super().__init__()
        self.schedule, self.verbose = schedule, verbose
        self._takes_rate = _takes_two(schedule)

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        found = self.schedule(epoch, _rate(self.model)) if self._takes_rate else self.schedule(epoch)
        rate = found if isinstance(found, (int, float, str)) else to_number(found)
        if isinstance(rate, bool) or not isinstance(rate, (int, float)):
            raise ValueError(f"LearningRateScheduler: the schedule must give a float; got: {found!r}")
        self.model.optimizer.learning_rate = float(rate)
        if self.verbose:
            say(f"\nEpoch {epoch + 1}: LearningRateScheduler setting learning rate to {rate}.")

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if logs is not None:
            logs["learning_rate"] = _rate(self.model)


def _takes_two(schedule: Callable[..., Any]) -> bool:
    try:
        inspect.signature(schedule).bind(0, 0.0)
    except TypeError:
        return False
    except ValueError:  # a builtin without a signature
        return True
    return True


class ReduceLROnPlateau(Monitor):
    """Lowers the learning rate when a monitored value no longer improves.

    Args:
        monitor: its name in the logs of an epoch.
        factor: what the rate is multiplied by, below 1.
        patience: epochs without improvement before that.
        verbose: 1 prints what happens.
        mode: "min", "max", or "auto" to tell from the name.
        min_delta: a change of this size or less is no improvement.
        cooldown: epochs after a reduction in which nothing is counted.
        min_lr: the rate does not go below.

    Raises ValueError: a factor that is not below 1.

    Example:

    >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    >>> model.compile("sgd", "mse")
    >>> x, y = np.ones((4, 2)), np.ones((4, 1))
    >>> callback = keras.callbacks.ReduceLROnPlateau("loss", 0.5, patience=1, min_delta=1e9)
    >>> history = model.fit(x, y, epochs=4, verbose=0, callbacks=[callback])
    >>> float(model.optimizer.learning_rate) < 0.01
    True
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        factor: float = 0.1,
        patience: int = 10,
        verbose: int = 0,
        mode: str = "auto",
        min_delta: float = 1e-4,
        cooldown: int = 0,
        min_lr: float = 0.0,
        **kwargs: Any,
    ) -> None:
        if kwargs:
            raise TypeError(f"ReduceLROnPlateau got unknown arguments: {', '.join(kwargs)}.")
        if factor >= 1.0:
            raise ValueError(f"ReduceLROnPlateau: factor must be below 1.0; got: {factor!r}")
        super().__init__(monitor, mode, min_delta)
        self.factor, self.patience, self.verbose = factor, patience, verbose
        self.cooldown, self.min_lr = cooldown, min_lr
        self._reset()

    def in_cooldown(self) -> bool:
        """Whether epochs are not counted now, after a reduction."""
        return self.cooldown_counter > 0

    def _reset(self) -> None:
        self.best: float | None = None
        self.wait = self.cooldown_counter = 0

    def on_train_begin(self, logs: Any = None) -> None:
        self._reset()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if logs is not None:
            logs["learning_rate"] = _rate(self.model)
        current = self.monitored(logs)
        if current is None:
            return
        self.check()
        if self.cooldown_counter:
            self.cooldown_counter -= 1
            self.wait = 0
        if self.best is None or self.better(current, self.best):
            self.best, self.wait = current, 0
        elif not self.cooldown_counter:
            self.wait += 1
            if self.wait >= self.patience:
                self._reduce(epoch)

    def _reduce(self, epoch: int) -> None:
        old = _rate(self.model)
        if old <= np.float32(self.min_lr) or math.isnan(old):
            return
        new = max(old * self.factor, self.min_lr)
        self.model.optimizer.learning_rate = new
        if self.verbose:
            say(f"\nEpoch {epoch + 1}: ReduceLROnPlateau reducing learning rate to {new}.")
        self.cooldown_counter, self.wait = self.cooldown, 0
