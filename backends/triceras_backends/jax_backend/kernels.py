"""How operations are made on JAX: each is one jitted call, promoted and checked by our rules.

One call an operation is the least that eager dispatch can cost, and one node for a tape.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable
from typing import Any, NoReturn

import jax
import numpy as np
from jax import lax

from triceras_backends import config, dtypes
from triceras_backends.jax_backend.tape import recorded
from triceras_backends.jax_backend.tensors import Array, astype, convert_to_tensor, jax_dtype, native

EVERY = frozenset(dtypes.numpy_dtype(name) for name in dtypes.ALL)
NUMERIC = EVERY - {np.dtype("bool")}
INEXACT = frozenset(dtypes.numpy_dtype(name) for name in dtypes.FLOATS + dtypes.COMPLEX)

_SCALARS = (float, int, bool, complex)
_WEAK = {"f": float, "i": int, "c": complex}


def compiled(name: str, fn: Callable[..., Any], static: Any = ()) -> Callable[..., Any]:
    """fn jitted under a name, its results strongly typed (weak ones would make callers trace twice)."""

    def strong(*args: Any) -> Any:
        return jax.tree.map(lambda y: lax.convert_element_type(y, y.dtype), fn(*args))

    strong.__name__ = strong.__qualname__ = name
    return recorded(jax.jit(strong, static_argnums=static, inline=True), static)


def fail(name: str, error: Exception, *args: Any) -> NoReturn:
    """Raises ValueError for JAX's error, with the operation's name, its arguments' shapes and its parameters."""
    if isinstance(error, jax.errors.JAXTypeError):  # a tracer used as a value: JAX says it best
        raise error
    if "does not accept dtype" in str(error) or "complex types" in str(error):
        kinds = " and ".join(str(x.dtype) for x in args if hasattr(x, "dtype"))
        raise TypeError(f"{name} does not take {kinds}: {error}") from error
    shapes = " and ".join(
        str(tuple(np.shape(x))) for x in jax.tree.leaves(args) if hasattr(x, "ndim") and not isinstance(x, np.dtype)
    )
    given = ", ".join(repr(x) for x in args if x.__class__ in (int, str) or _is_shape(x))
    given = f" with {given}" if given else ""
    raise ValueError(f"{name} cannot take shapes {shapes or '()'}{given}: {error}") from error


def _is_shape(x: Any) -> bool:
    return isinstance(x, tuple) and all(isinstance(n, int) for n in x)


def checked(name: str, fn: Callable[..., Any], static: Any = ()) -> Callable[..., Any]:
    """fn compiled, its failures reworded. Positional arguments only; those at `static` must hash."""
    run = compiled(name, fn, static)

    def call(*args: Any) -> Any:
        try:
            return run(*args)
        except (TypeError, ValueError, IndexError) as error:
            fail(name, error, *args)

    return call


def axes(axis: Any) -> Any:
    """An axis or axes as None, an int or a tuple of ints, which hash."""
    if axis is None or axis.__class__ is int:
        return axis
    return (
        tuple(operator.index(i) for i in axis) if isinstance(axis, (list, tuple, np.ndarray)) else operator.index(axis)
    )


def sizes(shape: Any) -> tuple[int, ...]:
    """A shape, or the int of a 1-D one, as a tuple of ints."""
    if shape.__class__ is tuple and all(size.__class__ is int for size in shape):
        return shape
    return tuple(operator.index(size) for size in shape) if np.ndim(shape) else (operator.index(shape),)


def tensor(x: Any, direct: frozenset[Any] = EVERY) -> Any:
    """x as a tensor whose dtype is in `direct`: else booleans become int32, or floats are needed."""
    if x.__class__ is not Array:
        x = convert_to_tensor(x)
    return x if x.dtype in direct else astype(x, jax_dtype("int32" if direct is NUMERIC else None))


@functools.cache
def _promoted(kinds: tuple[Any, ...], direct: frozenset[Any], floatx: str, x64: bool) -> np.dtype[Any]:
    name = dtypes.result_type(*kinds)
    if dtypes.numpy_dtype(name) not in direct:
        name = "int32" if direct is NUMERIC else floatx
    return jax_dtype(name)


def _kind(x: Any) -> Any:
    """A native's dtype, or the Python type it is as weak as: inside jit, Python floats are weak tracers."""
    if x.__class__ in _SCALARS:
        return x.__class__
    return _WEAK.get(x.dtype.kind, x.dtype) if getattr(x, "weak_type", False) else x.dtype


def promoted(xs: Any, direct: frozenset[Any] = EVERY) -> np.dtype[Any]:
    """The dtype, one in `direct`, of an operation on natives (see `native`); Python scalars are weak."""
    kinds = tuple([x.dtype if x.__class__ is Array else _kind(x) for x in xs])
    return _promoted(kinds, direct, config.floatx(), jax.config.jax_enable_x64)


def operands(*xs: Any, direct: frozenset[Any] = EVERY) -> tuple[Any, ...]:
    """Each x as a native, then the dtype they are promoted to."""
    xs = tuple([x if x.__class__ is Array or x.__class__ in _SCALARS else native(x) for x in xs])
    dtype = promoted(xs, direct)
    # jit would refuse what a 32-bit integer does not hold.
    return *(np.array(x).astype(dtype) if x.__class__ is int and not -(2**31) <= x < 2**31 else x for x in xs), dtype


def tensors(xs: Any, direct: frozenset[Any] = EVERY) -> list[Any]:
    """Tensors of one dtype, promoted from those of xs."""
    xs = list(xs)
    kind = xs[0].dtype if xs and xs[0].__class__ is Array else None
    if kind in direct and all(x.__class__ is Array and x.dtype is kind for x in xs):
        return xs
    *xs, dtype = operands(*xs, direct=direct)
    return [x if x.__class__ is Array and x.dtype is dtype else convert_to_tensor(x, dtype) for x in xs]


def unary(name: str, fn: Callable[[Any], Any], direct: frozenset[Any] = EVERY) -> Callable[[Any], Any]:
    """An operation of x, computed in x's dtype if that is in `direct`."""
    run = compiled(name, fn)

    def call(x: Any) -> Any:
        if x.__class__ is not Array or x.dtype not in direct:
            x = tensor(x, direct)
        try:
            return run(x)
        except (TypeError, ValueError, IndexError) as error:
            fail(name, error, x)

    call.__name__ = call.__qualname__ = name
    return call


def binary(name: str, fn: Callable[[Any, Any], Any], direct: frozenset[Any] = EVERY) -> Callable[[Any, Any], Any]:
    """An operation of x1 and x2, computed in the dtype they are promoted to."""

    def cast_first(x1: Any, x2: Any, dtype: Any) -> Any:
        return (
            fn(x1, x2)
            if dtype is None
            else fn(lax.convert_element_type(x1, dtype), lax.convert_element_type(x2, dtype))
        )

    run = compiled(name, cast_first, static=2)

    def call(x1: Any, x2: Any) -> Any:
        dtype = None
        if x2.__class__ is float and x1.__class__ is Array and x1.dtype in INEXACT:
            pass  # the commonest mixture need not be worked out: the float's dtype stays
        elif (
            x1.__class__ is not Array or x2.__class__ is not Array or x1.dtype is not x2.dtype or x1.dtype not in direct
        ):
            x1, x2, dtype = operands(x1, x2, direct=direct)
        try:
            return run(x1, x2, dtype)
        except (TypeError, ValueError, IndexError) as error:
            fail(name, error, x1, x2)

    call.__name__ = call.__qualname__ = name
    return call


def reduction(name: str, fn: Callable[..., Any], direct: frozenset[Any] = EVERY) -> Callable[..., Any]:
    """An operation of x over axes: fn(x, axis, keepdims)."""
    run = compiled(name, fn, static=(1, 2))

    def call(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
        if x.__class__ is not Array or x.dtype not in direct:
            x = tensor(x, direct)
        try:
            return run(x, axes(axis), keepdims)
        except (TypeError, ValueError, IndexError) as error:
            fail(name, error, x, axis)

    call.__name__ = call.__qualname__ = name
    return call
