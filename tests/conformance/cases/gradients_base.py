"""A row of the gradients' tables, and points that are smooth for every primitive."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from triceras_backends.active import backend as B


@dataclass(frozen=True)
class Gradient:
    """A function of float64 arrays, differentiated by all of them.

    `second`: whether second derivatives are checked too.
    """

    op: str
    label: str
    fn: Callable[..., Any]
    args: tuple[np.ndarray[Any, Any], ...]
    second: bool = True

    @property
    def id(self) -> str:
        return f"{self.op}-{self.label}"


class Gradients(list[Gradient]):
    """Rows, with ids made from their arguments."""

    def add(
        self,
        op: str,
        *args: Any,
        label: str = "",
        fn: Callable[..., Any] | None = None,
        second: bool = True,
        **kw: Any,
    ) -> None:
        """A row: `fn(*args)`, or the primitive itself with `kw`. Arrays of floats are differentiated by."""
        call = fn or (lambda *given: getattr(B, op)(*given, **kw))
        label = label or ",".join(
            [*("x".join(map(str, np.shape(a))) or "scalar" for a in args), *(f"{k}={v}" for k, v in kw.items())]
        )
        self.append(Gradient(op, label.replace(" ", ""), call, tuple(np.asarray(a, "float64") for a in args), second))


def spread(*shape: int, low: float = -1.5, high: float = 1.5) -> np.ndarray[Any, Any]:
    """Numbers evenly spread over (low, high), shuffled: no two are close, none is at a kink by chance."""
    size = int(np.prod(shape))
    values = low + (high - low) * (np.arange(size) + 0.37) / size
    return np.random.default_rng(size).permutation(values).reshape(shape)
