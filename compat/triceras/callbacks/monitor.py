"""What callbacks share that watch one value of the logs."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from typing import Any

from triceras.callbacks.callback import Callback

_RISING = ("acc", "auc", "precision", "recall", "f1", "fbeta", "iou", "r2", "similarity", "sensitivity", "specificity",
           "positives", "negatives")  # fmt: skip
_FALLING = ("loss", "error", "mse", "mae", "mape", "msle", "rmse", "entropy", "hinge", "divergence", "poisson",
            "logcosh", "false_")  # fmt: skip


class Monitor(Callback):
    """Knows whether a monitored value got better.

    Args:
        monitor: its name in the logs of an epoch.
        mode: "min", "max", or "auto" to tell from the name.
        min_delta: what does not count as better.
    """

    def __init__(self, monitor: str = "val_loss", mode: str = "auto", min_delta: float = 0.0) -> None:
        super().__init__()
        if mode not in ("auto", "min", "max"):
            warnings.warn(
                f'{type(self).__name__}: mode must be "auto", "min" or "max"; got {mode!r}, taken as "auto".',
                stacklevel=3,
            )
            mode = "auto"
        self.monitor, self.mode, self.min_delta = monitor, mode, abs(min_delta)
        self._rises: bool | None = None if mode == "auto" else mode == "max"

    @property
    def monitor_op(self) -> Callable[[float, float], bool]:
        """better(value, than). Raises ValueError: "auto", and the name tells nothing."""
        rises = self._direction()
        return (lambda value, than: value > than) if rises else (lambda value, than: value < than)

    def check(self) -> None:
        """Raises ValueError: the mode is "auto", and the name tells nothing."""
        self._direction()

    def _direction(self) -> bool:
        if self._rises is None:
            name = self.monitor.removeprefix("val_").lower()
            for metric in getattr(self.model, "metrics", None) or ():
                if getattr(metric, "name", None) == name and getattr(metric, "_direction", None) in ("up", "down"):
                    self._rises = metric._direction == "up"
                    return self._rises
            falls = any(part in name for part in _FALLING)
            if not falls and not any(part in name for part in _RISING):
                raise ValueError(
                    f"{type(self).__name__}: whether {self.monitor!r} should rise or fall cannot be told from its "
                    'name; pass mode="max" or mode="min".'
                )
            self._rises = not falls
        return self._rises

    def worst(self) -> float:
        """Where the best value begins."""
        return -math.inf if self._direction() else math.inf

    def better(self, value: float, than: float) -> bool:
        """Whether `value` is better by more than min_delta."""
        margin = self.min_delta if self._direction() else -self.min_delta
        return self.monitor_op(value - margin, than)

    def monitored(self, logs: Any) -> float | None:
        """The value in the logs; None, with a warning that lists what there is, if it is missing."""
        value = (logs or {}).get(self.monitor)
        if value is None:
            warnings.warn(
                f"{type(self).__name__} watches {self.monitor!r}, which the logs do not have; "
                f"they have: {', '.join(logs or ()) or 'nothing'}.",
                stacklevel=3,
            )
        return value
