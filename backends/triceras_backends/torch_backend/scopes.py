"""What a thread is in the middle of: recording tapes, an abstract scope, a device.

A leaf module, so that reading a Variable and differentiating need not import each other.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

import torch
from torch._C._functorch import TransformType, get_interpreter_stack, peek_interpreter_stack
from torch.autograd import forward_ad
from torch.utils._python_dispatch import _disable_current_modes

DEFAULT_DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")


class Scope(Protocol):
    """Stands in for the values of Variables, under eval_shape and while compiling."""

    def read(self, variable: Any) -> torch.Tensor: ...

    def write(self, variable: Any, value: torch.Tensor) -> None: ...


class _Local(threading.local):
    def __init__(self) -> None:
        self.tapes: list[Any] = []
        self.scope: Scope | None = None
        self.device: torch.device | None = None
        self.functional = 0
        self.grad_mode = True  # autograd's mode outside of the tapes


local = _Local()

# Open tapes and scopes, over all threads: reading a Variable looks at this one number first.
busy = 0
_lock = threading.Lock()


def count(change: int) -> None:
    """Counts a tape or scope that opens (1) or closes (-1)."""
    global busy
    with _lock:
        busy += change


def device() -> torch.device:
    """Where new tensors are placed."""
    return local.device or DEFAULT_DEVICE


def in_transform() -> bool:
    """Whether this runs inside vmap or another transform of torch.func."""
    return peek_interpreter_stack() is not None


def once_differentiated() -> bool:
    """Whether what is computed now will be differentiated once at most, and not inside a transform.

    The gradients of some fused kernels have no gradients, and no rules for vmap.
    """
    tapes = local.tapes
    twice = len(tapes) > 1 or (tapes and tapes[0]._persistent)
    return not (twice or local.functional or in_transform())


def is_differentiated(except_tape: Any = None) -> bool:
    """Whether a gradient taken now may itself be differentiated, by other tapes than `except_tape`."""
    if local.functional or forward_ad._current_level >= 0:  # some formulas of PyTorch's depend on it in forward mode
        return True
    for tape in local.tapes:  # a loop, because every gradient passes here
        if tape is not except_tape:
            return True
    return in_transform() and any(level.key() != TransformType.Vmap for level in get_interpreter_stack() or [])


@contextmanager
def reading(tape: Any) -> Iterator[None]:
    """Within it, `tape` has the last word on what reading a Variable gives."""
    saved, local.tapes = local.tapes, [*local.tapes, tape]
    count(1)
    try:
        yield
    finally:
        count(-1)
        local.tapes = saved


@contextmanager
def entered(scope: Scope) -> Iterator[None]:
    """Within it, Variables are read and assigned in `scope`, and tapes opened outside do not record."""
    saved, local.scope, local.tapes = (local.scope, local.tapes, local.grad_mode), scope, []
    count(1)
    try:
        yield
    finally:
        count(-1)
        local.scope, local.tapes, local.grad_mode = saved


@contextmanager
def lifted() -> Iterator[None]:
    """Out of an abstract scope, to real tensors: a Variable created inside one stays when it ends."""
    saved, local.scope = (local.scope, local.device), None
    if local.device is not None and local.device.type == "meta":
        local.device = None
    try:
        with _disable_current_modes(), torch._C.DisableTorchFunction():
            yield
    finally:
        local.scope, local.device = saved
