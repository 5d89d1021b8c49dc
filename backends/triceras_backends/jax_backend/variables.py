"""Variables on JAX: an array each, read through whatever trace is going on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from triceras_backends import variable
from triceras_backends.contract.types import Substitution
from triceras_backends.jax_backend import tracing
from triceras_backends.jax_backend.scopes import Scope, active, entered, read, refresh
from triceras_backends.jax_backend.tensors import Array
from triceras_backends.variable import AutocastScope


@jax.jit
def duplicate(x: Any) -> Any:
    """x in memory of its own, strongly typed."""
    return jnp.array(x, dtype=x.dtype, copy=True)


class Variable(variable.Variable):
    __doc__ = variable.Variable.__doc__

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        # Inside a traced function too, the initial value is computed here and now.
        with tracing.evaluating():
            super().__init__(*args, **kwargs)

    def _create(self, value: Any) -> None:
        if value.__class__ is not Array:
            raise ValueError(
                f"The initial value of the Variable {self.path!r} is not known while a function is being traced; "
                "create it outside, or from a function of (shape, dtype)."
            )
        if active.scope is not None:
            active.scope.create(self)
        self._storage = duplicate(value)

    @property
    def value(self) -> Any:
        reader = active.reader
        return self._storage if reader is None else reader(self)

    @property
    def raw(self) -> Any:
        return self._storage if active.reader is None else read(self)

    def _store(self, value: Any) -> None:
        if active.scope is not None:
            active.scope.write(self, _own(value))
            return
        self._check_concrete(value)
        with tracing.evaluating():
            self._storage = duplicate(value)

    def put(self, value: Any) -> None:
        """Assigns a value that was computed for this and nobody else holds."""
        if active.reader is None and value.__class__ is Array:
            self._storage = value
        elif active.scope is not None:
            active.scope.write(self, _own(value))
        else:
            self._check_concrete(value)
            self._storage = _own(value)

    def _check_concrete(self, value: Any) -> None:
        if value.__class__ is not Array:
            raise ValueError(
                f"The Variable {self.path!r} cannot be assigned while JAX traces a function that does not know of "
                "Variables (jax.jit, jax.vmap, jax.lax.scan ...); use triceras.jit, or the loops of triceras.ops."
            )

    def __jax_array__(self) -> Any:
        return self.value

    def __repr__(self) -> str:
        with tracing.unrecorded():
            return super().__repr__()


tracing.accept(Variable)


def _own(value: Any) -> Any:
    """The value as an object of the Variable's own, and strongly typed."""
    if active.tapes:  # a tape knows arrays by identity: what is assigned begins anew
        with tracing.unrecorded():
            return jnp.array(value, dtype=value.dtype, copy=True)
    return lax.convert_element_type(value, value.dtype) if value.weak_type else value


class autocast(AutocastScope):
    """See the contract."""

    __slots__ = ()

    def __enter__(self) -> None:
        super().__enter__()
        refresh()

    def __exit__(self, *exception: object) -> None:
        super().__exit__()
        refresh()


class _Substitution(Scope):
    def value(self, variable: Variable) -> Any:
        return self.read(variable)


@contextmanager
def substituted(variables: list[Variable], values: list[Any]) -> Iterator[Substitution]:
    scope = _Substitution(active.scope)
    scope.values = {id(variable): value for variable, value in zip(variables, values, strict=True)}
    with entered(scope, isolated=False):
        yield scope
