"""Finds the state of an object by looking at its attributes.

Nothing is wrapped and no bookkeeping can go stale: a layer appended to a list, or an attribute
replaced after a failed build, is seen as it is now. Callers that need speed keep the result.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def members(owner: Any, kinds: tuple[type, ...]) -> Iterator[Any]:
    """Objects of the given kinds among owner's attributes and the containers in them, each once,
    in order of the attributes' creation."""
    seen: set[int] = set()

    def visit(value: Any) -> Iterator[Any]:
        if isinstance(value, kinds):
            if id(value) not in seen:
                seen.add(id(value))
                yield value
        elif isinstance(value, (list, tuple, set, dict)) and id(value) not in seen:
            seen.add(id(value))
            for item in value.values() if isinstance(value, dict) else value:
                yield from visit(item)

    for name, value in list(vars(owner).items()):
        if name not in owner.UNTRACKED:
            yield from visit(value)


def unique(items: Any) -> list[Any]:
    """The items without repetitions, by identity (Variables compare element by element)."""
    return list({id(item): item for item in items}.values())
