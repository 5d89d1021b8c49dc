"""Finds the state of an object by looking at its attributes.

Nothing is wrapped and no bookkeeping can go stale: a layer appended to a list, or an attribute
replaced after a failed build, is seen as it is now. Callers that need speed keep the result.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

# What most attributes are; looking at the rest costs more.
_PLAIN = frozenset({type(None), bool, int, float, str})


def members(owner: Any, kinds: tuple[type, ...]) -> Iterator[Any]:
    """Objects of the given kinds among owner's attributes and the containers in them, each once,
    in order of the attributes' setting."""
    return (value for _, value in named_members(owner, kinds))


def named_members(owner: Any, kinds: tuple[type, ...]) -> Iterator[tuple[str, Any]]:
    """As `members`, each with where it is: "dense", "blocks.0", "heads.left"."""
    seen: set[int] = set()
    for name, value in list(vars(owner).items()):
        if value.__class__ not in _PLAIN and name not in owner.UNTRACKED:
            yield from _visit(name, value, kinds, seen)


def _visit(name: str, value: Any, kinds: tuple[type, ...], seen: set[int]) -> Iterator[tuple[str, Any]]:
    if isinstance(value, kinds):
        if id(value) not in seen:
            seen.add(id(value))
            yield name, value
    elif isinstance(value, (list, tuple, set, frozenset, Mapping)) and id(value) not in seen:
        seen.add(id(value))
        items = value.items() if isinstance(value, Mapping) else enumerate(_ordered(value))
        for key, item in items:
            yield from _visit(f"{name}.{key}", item, kinds, seen)


def _ordered(container: Any) -> Any:
    """A set's items in order of their names, since its own order differs from run to run."""
    if isinstance(container, (set, frozenset)):
        return sorted(container, key=lambda item: str(getattr(item, "name", "")))
    return container


def unique(items: Any) -> list[Any]:
    """The items without repetitions, by identity (Variables compare element by element)."""
    return list({id(item): item for item in items}.values())
