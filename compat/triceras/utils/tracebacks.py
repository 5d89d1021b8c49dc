"""Tracebacks without the package's own frames."""

from __future__ import annotations

import contextlib
import functools
import os
from collections.abc import Callable
from types import TracebackType
from typing import Any, TypeVar

import triceras_backends
from triceras_backends import config

F = TypeVar("F", bound=Callable[..., Any])

_OWN = tuple(
    folder + os.sep
    for folder in (os.path.dirname(os.path.dirname(os.path.abspath(__file__))), *triceras_backends.__path__)
) + (contextlib.__file__,)


def filtered(function: F) -> F:
    """The function, whose errors leave it without the frames of the package, unless traceback filtering is disabled.

    The frames of the user's code within it (a layer's `call`, a loss, a callback) and of other packages stay.
    """

    @functools.wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except Exception as error:
            if not config.is_traceback_filtering_enabled():
                raise
            raise error.with_traceback(without_own(error.__traceback__))  # noqa: B904
        finally:
            del args, kwargs  # or the traceback's cycle would keep data alive

    return wrapper  # type: ignore[return-value]


def without_own(traceback: TracebackType | None) -> TracebackType | None:
    """A traceback without the package's frames; None, if there are no others."""
    frames = []
    entry = traceback
    while entry is not None:
        if not entry.tb_frame.f_code.co_filename.startswith(_OWN):
            frames.append(entry)
        entry = entry.tb_next
    rest = None
    for entry in reversed(frames):
        rest = TracebackType(rest, entry.tb_frame, entry.tb_lasti, entry.tb_lineno)
    return rest
