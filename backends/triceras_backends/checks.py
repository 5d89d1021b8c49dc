"""Checks of what stands beside tensors: lengths, axes, lists. Errors name the operation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from triceras_backends.dtypes import INTEGERS


def length(name: str, n: Any) -> int:
    """A size as an int. Raises TypeError: no whole number; ValueError: a negative one."""
    whole = int(n) if getattr(n, "shape", ()) == () else None
    if whole is None or whole != n:
        raise TypeError(f"{name}: the number of points must be an integer; got: {n!r}")
    if whole < 0:
        raise ValueError(f"{name}: the number of points must not be negative; got: {whole}")
    return whole


def least_rank(name: str, rank: int, least: int) -> None:
    """Raises ValueError: a tensor of too few dimensions."""
    if rank < least:
        raise ValueError(f"{name}: x must have at least {least} dimension(s); got a tensor of rank {rank}.")


def plane(name: str, rank: int, axes: Sequence[int]) -> tuple[int, int]:
    """Two axes, not negative. Raises ValueError: others than two different ones of a tensor of that rank."""
    least_rank(name, rank, 2)
    found = [axis % rank for axis in axes if -rank <= axis < rank]
    if len(axes) != 2 or len(set(found)) != 2:
        raise ValueError(f"{name}: axes must be two different ones of a tensor of rank {rank}; got: {tuple(axes)}")
    return found[0], found[1]


def sections(name: str, n: int) -> None:
    """Raises ValueError: a number of parts below one."""
    if n < 1:
        raise ValueError(f"{name}: indices_or_sections must be at least 1 or a list of indices; got: {n}")


def choices(condlist: Any, choicelist: Any) -> None:
    """What `select` asks of its lists. Raises ValueError: no lists, empty ones or of different lengths."""
    if not isinstance(condlist, (list, tuple)) or not isinstance(choicelist, (list, tuple)):
        kinds = f"{type(condlist).__name__} and {type(choicelist).__name__}"
        raise ValueError(f"select: condlist and choicelist must be lists; got {kinds}.")
    if not condlist or len(condlist) != len(choicelist):
        sizes = f"{len(condlist)} and {len(choicelist)}"
        raise ValueError(f"select: condlist and choicelist must not be empty and of one length; got {sizes}.")


def vector(name: str, shape: Sequence[int | None], powers: int | None) -> None:
    """What `vander` asks of its arguments. Raises ValueError: no vector, or a negative number of powers."""
    if len(shape) != 1:
        raise ValueError(f"{name}: x must be a vector; got shape {tuple(shape)}.")
    if powers is not None and powers < 0:
        raise ValueError(f"{name}: N must not be negative; got: {powers}")


def axis(name: str, given: int, rank: int) -> int:
    """An axis that is not negative. Raises ValueError: out of range."""
    if not -rank <= given < rank:
        raise ValueError(f"{name}: axis {given} is out of range for a tensor of rank {rank}.")
    return given % rank


def cuts(size: int, parts: int) -> list[int]:
    """Where to cut `size` elements into parts, the first of which may be longer by one."""
    least, longer = divmod(size, parts)
    return [i * least + min(i, longer) for i in range(1, parts)]


def integers(name: str, dtype: str) -> None:
    """Raises ValueError: indices that are no integers."""
    if dtype not in INTEGERS:
        raise ValueError(f"{name}: indices must be integers; got dtype {dtype}.")


def sizes(shape: Any) -> tuple[int, ...]:
    """A shape, or the int of a 1-D one, as a tuple of ints."""
    return (int(shape),) if isinstance(shape, int) else tuple(int(n) for n in shape)


def viewable(shape: Sequence[int | None], own: int, wanted: int) -> None:
    """What `view` asks for elements of other sizes, in bytes. Raises ValueError: the last axis cannot change so."""
    if own == wanted:
        return
    last = shape[-1] if shape else None
    if not shape or (last is not None and last * own % wanted):
        raise ValueError(
            f"view: elements of {own} bytes in shape {tuple(shape)} cannot be read as elements of {wanted} bytes."
        )
