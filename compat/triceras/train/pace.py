"""How many steps to run a call, and how an interrupt waits for the end of one."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any


class Pace:
    """Steps a call: as many as fill about a tenth of a second, or a fixed number.

    The progress bar and interrupts wait no longer than that, and the cost of a call vanishes.
    """

    AIM = 0.1  # seconds
    MOST = 4096

    def __init__(self, fixed: int | None = None) -> None:
        self.fixed = fixed
        self.steps = fixed or 1

    def timed(self, steps: int, began: float) -> None:
        """Told of a call of so many steps that began at this time of `time.monotonic`."""
        if self.fixed is not None:
            return
        seconds = time.monotonic() - began
        if seconds < self.AIM / 2 and steps == self.steps:
            self.steps = min(2 * self.steps, self.MOST)
        elif seconds > 2 * self.AIM:
            self.steps = max(1, self.steps // 2)


class _Interrupts:
    """Whether a step is under way, and whether an interrupt came meanwhile."""

    def __init__(self) -> None:
        self.busy = False
        self.came = False

    def handle(self, number: int, frame: FrameType | None) -> None:
        if self.busy and not self.came:
            self.came = True
            return
        raise KeyboardInterrupt

    def begin(self) -> None:
        """A step begins: what it assigns is to be assigned wholly."""
        self.busy = True

    def end(self) -> None:
        """A step has ended. Raises KeyboardInterrupt: one came during it."""
        self.busy = False
        if self.came:
            self.came = False
            raise KeyboardInterrupt


@contextmanager
def whole_steps() -> Iterator[Any]:
    """Within it, an interrupt (SIGINT) waits for the end of the step under way; a second one does not.

    Only Python's own handler is replaced, and only in the main thread, where signals arrive.
    """
    interrupts = _Interrupts()
    replaced = (
        threading.current_thread() is threading.main_thread()
        and signal.getsignal(signal.SIGINT) is signal.default_int_handler
    )
    if replaced:
        signal.signal(signal.SIGINT, interrupts.handle)
    try:
        yield interrupts
    finally:
        if replaced:
            signal.signal(signal.SIGINT, signal.default_int_handler)
