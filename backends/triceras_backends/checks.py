"""Checks of what stands beside tensors: lengths, axes, lists. Errors name the operation."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import numpy as np

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


# Each padding mode with what `numpy.pad` calls it, which says where an element comes from.
_PAD_INDEXED = {"reflect": "reflect", "symmetric": "symmetric", "edge": "edge", "wrap": "wrap", "circular": "wrap"}
PAD_STATISTICS = ("linear_ramp", "maximum", "mean", "median", "minimum")
_PAD_MODES = ("constant", "empty", *_PAD_INDEXED, *PAD_STATISTICS)


def padding(shape: Sequence[int | None], pad_width: Any, mode: str, constant_values: Any) -> list[tuple[int, int]]:
    """The elements to put before and behind each axis. Raises ValueError: what `pad` refuses."""
    if mode not in _PAD_MODES:
        raise ValueError(f"pad: mode must be one of {', '.join(_PAD_MODES)}; got: {mode!r}")
    if constant_values is not None and mode != "constant":
        raise ValueError(f'pad: constant_values go with mode "constant" only; got mode {mode!r}')
    if constant_values is None or isinstance(constant_values, (int, float)):
        pass
    elif np.ndim(constant_values) > 0 if not hasattr(constant_values, "shape") else len(constant_values.shape):
        raise ValueError(f"pad: constant_values must be a number; got: {constant_values!r}")
    try:
        return _kept_widths(tuple(shape), pad_width, mode)
    except TypeError:  # widths in a list or an array, which does not hash
        return _widths(tuple(shape), pad_width, mode)


def _widths(shape: tuple[int | None, ...], pad_width: Any, mode: str) -> list[tuple[int, int]]:
    try:
        widths = np.broadcast_to(np.asarray(pad_width, np.int64), (len(shape), 2)).tolist()
    except ValueError:
        raise ValueError(f"pad: pad_width {pad_width!r} does not fit a tensor of shape {tuple(shape)}.") from None
    if any(width < 0 for pair in widths for width in pair):
        raise ValueError(f"pad: pad_width must not be negative; got: {pad_width!r}")
    for axis, (size, pair) in enumerate(zip(shape, widths, strict=True)):
        if size == 0 and any(pair) and mode not in ("constant", "empty"):
            raise ValueError(f"pad: mode {mode!r} has nothing to repeat on axis {axis} of shape {tuple(shape)}.")
    return [(before, after) for before, after in widths]


_kept_widths = functools.lru_cache(1024)(_widths)


def padded_places(size: int, before: int, after: int, mode: str) -> Any:
    """From where along an axis each element of the padded one comes, for the modes that repeat elements."""
    return np.pad(np.arange(size, dtype=np.int32), (before, after), mode=_PAD_INDEXED[mode])  # type: ignore[call-overload]


def step(given: Any) -> None:
    """Raises ValueError: a step of 0."""
    if given == 0:
        raise ValueError("arange: step must not be 0.")


def repeats(given: Any) -> None:
    """Raises ValueError: negative repeats, where they are known without looking into a tensor."""
    if isinstance(given, (int, list, tuple, np.ndarray)) and np.size(given) and np.min(given) < 0:
        raise ValueError(f"repeat: repeats must not be negative; got: {given!r}")
