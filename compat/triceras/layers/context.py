"""What the calls of layers under way tell the layers inside."""

from __future__ import annotations

import threading
import weakref
from typing import Any

# The frame of a call that nobody told whether it is training.
UNSAID = object()


class CallContext(threading.local):
    """Of this thread.

    `frame`: None outside of every call; inside, whether it is training (True, False, UNSAID).
    `entry`: the id of the outermost layer. `arguments`: what layers pass on to those inside by
    name, None while nobody does.
    """

    def __init__(self) -> None:
        self.frame: Any = None
        self.entry = 0
        self.arguments: dict[str, Any] | None = None


context = CallContext()

# The layers that hold losses of a call, by id. Mostly empty, which is cheap to ask.
with_losses: dict[int, weakref.ref[Any]] = {}

# Names of arguments that any layer passes on to those inside.
passed_on: set[str] = set()
