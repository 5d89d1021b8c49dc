"""Composites as single operations: jitted whole, one call and one node of a tape.

`composed` costs least; `fused` takes keyword arguments, and settings that do not hash.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from triceras_backends.jax_backend.kernels import checked, compiled, fail
from triceras_backends.jax_backend.tensors import Array, convert_to_tensor
from triceras_backends.jax_backend.variables import Variable

Prepare = Callable[[Any, dict[str, Any]], None]


def composed(name: str, composite: Callable[..., Any], static: Any = ()) -> Callable[..., Any]:
    """A composite as `checked` makes an operation: positional arguments, those at `static` (not counting `b`) hash."""
    return checked(name, lambda *args: composite(Variable.primitives, *args), static)


def fused(
    composite: Callable[..., Any], *names: str, static: frozenset[type] = frozenset(), prepare: Prepare | None = None
) -> Callable[..., Any]:
    """A composite, `composite(b, ...)`, as one jitted operation.

    `names`: its parameters that are tensors; the others must hash. Arguments of tensors whose
    class is in `static` stay what they are, such as scalars that promote weakly. `prepare`
    may look at the arguments before, and change them.
    """
    name = composite.__name__
    signature = inspect.signature(composite)
    signature = signature.replace(parameters=list(signature.parameters.values())[1:])
    parameters = tuple(signature.parameters)
    tensors_at = tuple(i for i, parameter in enumerate(parameters) if parameter in names)
    rest_at = tuple(i for i in range(len(parameters)) if i not in tensors_at)

    def whole(*args: Any) -> Any:
        *arrays, kept = args
        values: list[Any] = [None] * len(parameters)
        for i, value in zip((*tensors_at, *rest_at), (*arrays, *kept[len(arrays) :]), strict=True):
            values[i] = value
        for i, value in zip(tensors_at, kept, strict=False):
            values[i] = value if value is not None else values[i]
        return composite(Variable.primitives, *values)

    run = compiled(name, whole, len(tensors_at))

    @functools.wraps(composite)
    def call(*args: Any, **kwargs: Any) -> Any:
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()
        given = bound.arguments
        if prepare is not None:
            prepare(Variable.primitives, given)
        arrays, kept = [], []
        for i in tensors_at:
            value = given[parameters[i]]
            stays = value is None or value.__class__ in static
            kept.append(value if stays else None)
            arrays.append(None if stays else value if value.__class__ is Array else convert_to_tensor(value))
        kept.extend(_hashed(given[parameters[i]]) for i in rest_at)
        try:
            return run(*arrays, tuple(kept))
        except (TypeError, ValueError, IndexError) as error:
            if str(error).startswith(name):  # a message of the composite's own
                raise
            fail(name, error, *(array for array in arrays if array is not None))

    call.__signature__ = signature  # type: ignore[attr-defined]
    return call


def _hashed(value: Any) -> Any:
    """A setting as one that hashes."""
    if isinstance(value, np.generic):
        return value.item()
    return tuple(map(_hashed, value)) if isinstance(value, (list, tuple, np.ndarray)) else value


SCALARS = frozenset({int, float, bool})
