"""`rearrange`: a pattern of named axes, read once, carried out by two reshapes and a transposition."""

from __future__ import annotations

import functools
import re
from typing import Any, NamedTuple, NoReturn

from triceras_backends.contract.types import Tensor

# What is not named: as axes of its own, and as a part of a merged one.
_REST, _MERGED = "...", "(...)"
_TOKEN = re.compile(r"\.\.\.|[()]|[^\s()]+")

# A side of a pattern: for each axis of the tensor the names it is made of, none for an axis of size 1.
Side = list[list[str]]


class _Pattern:
    """A pattern that has been read."""

    def __init__(self, text: str) -> None:
        self.text = text
        sides = text.split("->")
        if len(sides) != 2:
            self.refuse('it must have one "->"')
        self.left, self.right = (self._side(side) for side in sides)
        left, right = self._names(self.left), self._names(self.right)
        if any(_MERGED in group for group in self.left):
            self.refuse('on the left, "..." must not stand in parentheses')
        for name in sorted(left ^ right):
            where = "left" if name in left else "right"
            self.refuse(f"{name!r} stands only on the {where}; rearranging neither removes nor repeats axes")

    def refuse(self, reason: str) -> NoReturn:
        raise ValueError(f"rearrange: the pattern {self.text!r} cannot be used: {reason}.")

    def _side(self, text: str) -> Side:
        side: Side = []
        group: list[str] | None = None
        for token in _TOKEN.findall(text):
            if token == "(":
                if group is not None:
                    self.refuse("parentheses must not be nested")
                group = []
                side.append(group)
            elif token == ")":
                if group is None:
                    self.refuse('a ")" has no "(" before it')
                group = None
            elif token == "1":
                if group is None:
                    side.append([])
            elif token != _REST and (not token.isidentifier() or token.startswith("_")):
                self.refuse(f'{token!r} is no name of an axis, "1" or "..."')
            elif group is None:
                side.append([token])
            else:
                group.append(_MERGED if token == _REST else token)
        if group is not None:
            self.refuse('a "(" has no ")" after it')
        return side

    def _names(self, side: Side) -> set[str]:
        names = [_REST if name == _MERGED else name for group in side for name in group]
        for name in names:
            if names.count(name) > 1:
                self.refuse(f"{name!r} stands twice on one side")
        return set(names)

    def spread(self, rank: int, shape: Any) -> tuple[Side, Side]:
        """Both sides with the axes that "..." stands for, named by their numbers."""
        given = sum(group != [_REST] for group in self.left)
        rest = rank - given
        if rest < 0 or (rest and [_REST] not in self.left):
            self.refuse(f"it names {given} axes, and the tensor has {rank} (shape {tuple(shape)})")
        numbers = [str(i) for i in range(rest)]

        def filled(side: Side) -> Side:
            result: Side = []
            for group in side:
                if group == [_REST]:
                    result.extend([number] for number in numbers)
                else:
                    result.append([name for part in group for name in (numbers if part == _MERGED else [part])])
            return result

        return filled(self.left), filled(self.right)


_read = functools.lru_cache(512)(_Pattern)


class _Plan(NamedTuple):
    """What is to be done: a reshape, a transposition and a reshape, None where there is nothing to do."""

    divided: tuple[Any, ...] | None
    order: tuple[int, ...] | None
    merged: tuple[Any, ...] | None


def _planned(pattern: str, known: tuple[Any, ...], shape: tuple[Any, ...], lengths: dict[str, Any]) -> _Plan:
    read = _read(pattern)
    left, right = read.spread(len(known), known)
    sizes = _sizes(read, left, known, shape, lengths)
    names = [name for group in left for name in group]
    order = tuple(names.index(name) for group in right for name in group)
    return _Plan(
        tuple(sizes[name] for name in names) if any(len(group) != 1 for group in left) else None,
        order if order != tuple(range(len(order))) else None,
        tuple(_product(sizes[name] for name in group) for group in right)
        if any(len(group) != 1 for group in right)
        else None,
    )


@functools.lru_cache(1024)
def _kept(pattern: str, shape: tuple[int, ...], lengths: tuple[tuple[str, Any], ...]) -> _Plan:
    return _planned(pattern, shape, shape, dict(lengths))


def rearrange(b: Any, /, tensor: Tensor, pattern: str, **axes_lengths: Any) -> Tensor:
    x = b.convert_to_tensor(tensor)
    known = b.static_shape(x)
    if all(n.__class__ is int for n in (*known, *axes_lengths.values())):
        plan = _kept(pattern, known, tuple(axes_lengths.items()))
    else:
        plan = _planned(pattern, known, b.shape(x), axes_lengths)
    if plan.divided is not None:
        x = b.reshape(x, plan.divided)
    if plan.order is not None:
        x = b.transpose(x, plan.order)
    return x if plan.merged is None else b.reshape(x, plan.merged)


def _product(sizes: Any) -> Any:
    product: Any = 1
    for size in sizes:
        product = product * size
    return product


def _sizes(read: _Pattern, left: Side, known: Any, shape: Any, lengths: dict[str, Any]) -> dict[str, Any]:
    """The size of every name; a scalar tensor where a graph does not know it."""
    names = {name for group in left for name in group}
    for name in lengths:
        if name not in names:
            read.refuse(f"a length is given for {name!r}, which it does not name")
    sizes: dict[str, Any] = {name: int(size) for name, size in lengths.items()}
    for axis, group in enumerate(left):
        open_ones = [name for name in group if name not in sizes]
        given = _product(sizes[name] for name in group if name in sizes)
        if len(open_ones) > 1:
            read.refuse(f"the lengths of {' and '.join(map(repr, open_ones))} are needed, all but one")
        fits = known[axis] is None or (known[axis] == given if not open_ones else given and known[axis] % given == 0)
        if not fits:
            what = "is not divisible by" if open_ones else "is not"
            read.refuse(f"axis {axis} of shape {tuple(known)} {what} {given}")
        for name in open_ones:
            sizes[name] = shape[axis] // given
    return sizes
