"""Activations computed anew for the gradient, by jax.checkpoint."""

from __future__ import annotations

from typing import Any

import jax

from triceras_backends.contract.types import Function, Tensor, Tree
from triceras_backends.jax_backend import tracing
from triceras_backends.jax_backend.compile import Result
from triceras_backends.jax_backend.scopes import Scope, active, entered
from triceras_backends.jax_backend.tape import told
from triceras_backends.jax_backend.variables import Variable


class _Noting(Scope):
    """A scope whose reads fall through, with a note of the Variables made within."""

    def __init__(self, outer: Scope | None) -> None:
        super().__init__(outer)
        self.created: list[Variable] = []

    def create(self, variable: Variable) -> None:
        self.created.append(variable)
        super().create(variable)


def checkpoint(fn: Function, *args: Tensor) -> Tree:
    read, written, new = _discover(fn, args)
    if new:  # made in here: they must see the values that come from outside
        return fn(*args)

    def pure(values: list[Any], *tensors: Any) -> Any:
        scope = Scope(active.scope)
        scope.values = {id(variable): value for variable, value in zip(read, values, strict=True)}
        with entered(scope, isolated=True):
            result = Result.of(fn(*tensors))
            return result, [scope.read(variable) for variable in written]

    result, values = told(jax.checkpoint(pure), [variable.raw for variable in read], *args)
    for variable, value in zip(written, values, strict=True):
        variable.put(value)
    return result.tree()


def _discover(fn: Function, args: tuple[Tensor, ...]) -> tuple[list[Variable], list[Variable], list[Variable]]:
    """The Variables that fn reads or assigns, those it assigns, and those it makes, by an abstract run."""
    scope = _Noting(active.scope)

    def run(*tensors: Any) -> Any:
        with entered(scope, isolated=True):
            return Result.of(fn(*tensors))

    with tracing.unrecorded():
        jax.eval_shape(run, *args)
    both = scope.reads | scope.writes
    return list(both.values()), list(scope.writes.values()), scope.created
