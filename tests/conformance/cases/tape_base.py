"""What a row of the tape's semantics table is.

A row is a function whose parameters are picked by name:

    f      the operations: of the contract, or plain ones of the framework
    x, y   scalar tensors, 3 and 2;  vec [1, 2, 3];  mat [[1, 2], [3, 4]];  n the int 4
    v, w   scalar Variables, 3 and 2;  wv a Variable [1, 2, 3]

and that returns what must equal `expect`: numbers, nested lists and None.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Row:
    rule: str
    body: Callable[..., Any]
    expect: Any
    # Whether it also holds inside jit, from which only tensors and None can be returned.
    jit: bool = True


class Rows(list[Row]):
    """A table that its functions join by decorator."""

    def __call__(self, rule: str, expect: Any, jit: bool = True) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        def keep(body: Callable[..., Any]) -> Callable[..., Any]:
            self.append(Row(rule, body, expect, jit))
            return body

        return keep
