"""The progress bar: redrawn in place in a terminal or a notebook, a line an epoch in a file."""

from __future__ import annotations

import math
import shutil
import sys
import time
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from triceras.utils.logs import say, write
from triceras_backends import config


def place_of(stream: Any) -> str:
    """What a stream writes to: "terminal", "notebook" or "file"."""
    if type(stream).__module__.startswith("ipykernel"):
        return "notebook"
    try:
        return "terminal" if stream.isatty() else "file"
    except (AttributeError, ValueError):  # a stand-in, or closed
        return "file"


class Line:
    """One line that is written over and over: the bar, times and values.

    Args:
        target: the number of steps, or None where it is not known beforehand.
        width: characters of the bar.
        unit_name: what a step is called.
        place: as `place_of` says; None asks it.
    """

    def __init__(self, target: int | None, width: int = 20, unit_name: str = "step", place: str | None = None) -> None:
        self.target, self.width, self.unit_name = target, width, unit_name
        self.place = place or place_of(sys.stdout)
        if not config.is_interactive_logging_enabled():
            self.place = "log"
        self.began = time.monotonic()
        self._shown = 0

    @property
    def redrawn(self) -> bool:
        """Whether there is any use in drawing before the end."""
        return self.place not in ("file", "log")

    def draw(self, done: int, values: Mapping[str, Any], last: bool) -> None:
        """Shows `done` steps; `last` ends the line."""
        text = self._text(done, values, last)
        if not self.redrawn:
            if last:
                say(text)
            return
        if self.place == "terminal":
            if not last:
                text = text[: max(shutil.get_terminal_size().columns - 1, 1)]
            write(f"\r{text}\x1b[K" + ("\n" if last else ""))
        else:
            write("\r" + text.ljust(self._shown) + ("\n" if last else ""))
        self._shown = 0 if last else len(text)

    def _text(self, done: int, values: Mapping[str, Any], last: bool) -> str:
        elapsed = time.monotonic() - self.began
        pace = elapsed / max(done, 1)
        total = done if last and self.target is None else self.target
        left = elapsed if last or total is None else pace * max(total - done, 0)
        parts = [self._count(done, total), f"{clock(left)} {duration(pace)}/{self.unit_name}"]
        return " ".join(parts) + "".join(f" - {name}: {number(value)}" for name, value in values.items())

    def _count(self, done: int, total: int | None) -> str:
        if total is None:
            return f"{done}/Unknown"
        filled = self.width * min(done, total) // max(total, 1)
        return f"{done:>{len(str(total))}}/{total} " + "━" * filled + "─" * (self.width - filled)


class Progbar:
    """A progress bar for loops of one's own.

    Args:
        target: the number of steps, or None where it is not known.
        width: characters of the bar.
        verbose: 0 nothing, 1 a bar, 2 a line at the end.
        interval: seconds between redraws, at least.
        stateful_metrics: names whose values are shown as they are; others are averaged over the steps.
        unit_name: what a step is called.

    Example:

    >>> bar = keras.utils.Progbar(target=3, verbose=0)
    >>> for step in range(3):
    ...     bar.update(step + 1, values=[("loss", 1.0 / (step + 1))])
    """

    def __init__(
        self,
        target: int | None,
        width: int = 20,
        verbose: int = 1,
        interval: float = 0.05,
        stateful_metrics: Iterable[str] | None = None,
        stateless_metrics: Iterable[str] | None = None,
        unit_name: str = "step",
    ) -> None:
        self.target, self.verbose, self.interval = target, verbose, interval
        self.stateful_metrics = set(stateful_metrics or ())
        self.stateless_metrics = None if stateless_metrics is None else set(stateless_metrics)
        self._line = Line(target, width, unit_name, place="file" if verbose == 2 else None)
        self._seen = 0
        self._drawn = -math.inf
        self._sums: dict[str, list[Any]] = {}

    def update(
        self, current: int, values: Iterable[tuple[str, Any]] | None = None, finalize: bool | None = None
    ) -> None:
        """Shows that `current` steps are done. values: pairs of a name and this step's value.

        finalize: whether this is the end; None says so at the target.
        """
        new = current - self._seen
        for name, value in values or ():
            if name in self.stateful_metrics:
                self._sums[name] = [value, 1]
            else:
                entry = self._sums.setdefault(name, [0.0, 0])
                entry[0] += value * max(new, 1)
                entry[1] += max(new, 1)
        self._seen = current
        last = bool(finalize) if finalize is not None else self.target is not None and current >= self.target
        now = time.monotonic()
        if not self.verbose or (not last and (not self._line.redrawn or now - self._drawn < self.interval)):
            return
        self._drawn = now
        self._line.draw(current, {name: total / count for name, (total, count) in self._sums.items()}, last)

    def add(self, n: int, values: Iterable[tuple[str, Any]] | None = None) -> None:
        """Shows that n more steps are done."""
        self.update(self._seen + n, values)


def number(value: Any) -> str:
    """A value for reading: four digits, and the mean of an array."""
    try:
        value = float(np.mean(np.asarray(value)))
    except (TypeError, ValueError):
        return str(value)
    plain = value == 0 or not math.isfinite(value) or abs(value) > 1e-3
    return f"{value:.4f}" if plain else f"{value:.4e}"


def clock(seconds: float) -> str:
    """Seconds as "7s", "2:05" or "1:02:05"."""
    whole = int(seconds)
    if whole < 60:
        return f"{whole}s"
    minutes, rest = divmod(whole, 60)
    return f"{minutes}:{rest:02d}" if minutes < 60 else f"{minutes // 60}:{minutes % 60:02d}:{rest:02d}"


def duration(seconds: float) -> str:
    """Seconds in the unit that suits: "2s", "15ms", "80us"."""
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if seconds >= size:
            return f"{seconds / size:.0f}{unit}"
    return f"{seconds / 1e-6:.0f}us"
