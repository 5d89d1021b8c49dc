"""`vectorize`: a function of elements or blocks, mapped over what its arguments broadcast to."""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Callable
from typing import Any

_CORE = r"\(\s*(?:\w+\s*(?:,\s*\w+\s*)*)?\)"
_SIDE = rf"{_CORE}(?:\s*,\s*{_CORE})*"
_SIGNATURE = re.compile(rf"\s*({_SIDE})\s*->\s*({_SIDE})\s*")

Cores = list[tuple[str, ...]]


def _parsed(signature: str) -> tuple[Cores, Cores]:
    """The names of each argument's and each result's last axes."""
    found = _SIGNATURE.fullmatch(signature)
    if found is None:
        raise ValueError(f'vectorize: the signature must be like "(m,n),(n)->(m)"; got: {signature!r}')
    inputs, outputs = ([tuple(re.findall(r"\w+", core)) for core in re.findall(_CORE, side)] for side in found.groups())
    return inputs, outputs


def vectorize(b: Any, pyfunc: Any, *, excluded: Any = None, signature: str | None = None) -> Callable[..., Any]:
    if not callable(pyfunc):
        raise ValueError(f"vectorize: pyfunc must be callable; got: {pyfunc!r}")
    cores = None if signature is None else _parsed(signature)

    @functools.wraps(pyfunc, updated=())
    def call(*args: Any, **kwargs: Any) -> Any:
        whole = _excluded(pyfunc, excluded, len(args))
        places = [i for i in range(len(args)) if i not in whole]
        tensors = [b.convert_to_tensor(args[i]) for i in places]
        inputs, outputs = cores or ([()] * len(tensors), None)
        if len(inputs) != len(tensors):
            raise TypeError(f"vectorize: the signature {signature!r} has {len(inputs)} arguments; got {len(tensors)}.")
        sizes = _core_sizes(b, tensors, inputs)

        def core(*parts: Any) -> Any:
            given = list(args)
            for place, part in zip(places, parts, strict=True):
                given[place] = part
            result = pyfunc(*given, **kwargs)
            if outputs is not None:
                _check_outputs(b, result, outputs, sizes)
            return result

        return _mapped(b, core, tensors, [len(names) for names in inputs])

    return call


def _excluded(pyfunc: Any, excluded: Any, count: int) -> set[int]:
    """The positions to pass as they are, of names too."""
    wanted = set() if excluded is None else {excluded} if isinstance(excluded, (int, str)) else set(excluded)
    for part in wanted:
        if not isinstance(part, (int, str)):
            raise TypeError(f"vectorize: excluded must hold positions and names; got: {part!r}")
    names: list[str] = []
    if any(isinstance(part, str) for part in wanted):
        names = list(inspect.signature(pyfunc).parameters)
    return {i for i in range(count) if i in wanted or (i < len(names) and names[i] in wanted)}


def _core_sizes(b: Any, tensors: list[Any], inputs: Cores) -> dict[str, Any]:
    sizes: dict[str, Any] = {}
    for x, names in zip(tensors, inputs, strict=True):
        shape = b.static_shape(x)
        if len(shape) < len(names):
            raise ValueError(f"vectorize: an argument of shape {tuple(shape)} has no axes for {names}.")
        for name, n in zip(names, shape[len(shape) - len(names) :], strict=True):
            wanted = sizes.setdefault(name, n)
            if n is not None and wanted is not None and n != wanted:
                raise ValueError(f"vectorize: the axis {name!r} has size {wanted} in one argument and {n} in another.")
    return sizes


def _check_outputs(b: Any, result: Any, outputs: Cores, sizes: dict[str, Any]) -> None:
    parts = list(result) if isinstance(result, (list, tuple)) else [result]
    if len(parts) != len(outputs):
        raise TypeError(f"vectorize: the signature has {len(outputs)} results, and the function gave {len(parts)}.")
    for part, names in zip(parts, outputs, strict=True):
        shape = b.static_shape(part)
        fits = len(shape) == len(names) and all(
            None in (n, sizes.setdefault(name, n)) or sizes[name] == n for name, n in zip(names, shape, strict=True)
        )
        if not fits:
            raise ValueError(f"vectorize: a result of shape {tuple(shape)} does not fit the signature's {names}.")


def _mapped(b: Any, core: Callable[..., Any], tensors: list[Any], cores: list[int]) -> Any:
    """core applied over the axes in front, which broadcast: one map an axis, from the last to the first."""
    loops = [len(b.static_shape(x)) - n for x, n in zip(tensors, cores, strict=True)]
    depth = max(loops, default=0)
    if not depth:
        return core(*tensors)
    function = core
    squeezed = list(tensors)
    for level in range(1, depth + 1):  # the axis that many before the block's
        axes = [_size(b, x, loop, level) for x, loop in zip(tensors, loops, strict=True)]
        sizes = {n for n in axes if n not in (None, 1)}
        if len(sizes - {-1}) > 1:
            shapes = " and ".join(str(tuple(b.static_shape(x))) for x in tensors)
            raise ValueError(f"vectorize: shapes {shapes} do not broadcast.")
        over = [0 if n is not None and (n != 1 or not sizes) else None for n in axes]
        for i, (n, where) in enumerate(zip(axes, over, strict=True)):
            if n is not None and where is None:
                squeezed[i] = b.squeeze(squeezed[i], loops[i] - level)
        function = b.vmap(function, in_axes=tuple(over))
    return function(*squeezed)


def _size(b: Any, x: Any, loop: int, level: int) -> int | None:
    """x's size on a loop's axis: None where it has no such axis, -1 where a graph does not know it."""
    if level > loop:
        return None
    n = b.static_shape(x)[loop - level]
    return -1 if n is None else n
