"""Names for the annotations of the contract.

`Tensor` marks a parameter that takes a tensor (or what converts to one), `Tensors` a
sequence of them. They are aliases of Any, because users hold the framework's own
tensors; the public layer reads the names to know where a symbolic tensor may stand.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeAlias

Tensor: TypeAlias = Any
Tensors: TypeAlias = Any
Tree: TypeAlias = Any
DType: TypeAlias = "str | Any"
Shape: TypeAlias = Sequence[int]
Axis: TypeAlias = "int | Sequence[int] | None"
Function: TypeAlias = Callable[..., Any]


class Compiled(Protocol):
    """What `jit` returns: call it as the function it was made from."""

    traces: int
    """How often the function has been traced: stays put while signatures repeat. Always 0
    where nothing is traced (eager PyTorch)."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any: ...


class Substitution(Protocol):
    """What `substituted` yields: the values that Variables have, or at the end had, in its scope."""

    def value(self, variable: Any) -> Any:
        """The value last assigned in the scope, else the substitute, else the Variable's own."""
