"""Gradients on JAX: the tape, and JAX's own transformations over functions of Variables."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from triceras_backends.contract.types import Function, Tensor, Tree
from triceras_backends.jax_backend.checkpointing import checkpoint as checkpoint
from triceras_backends.jax_backend.pure import is_inexact
from triceras_backends.jax_backend.scopes import Scope, active, entered, substitute
from triceras_backends.jax_backend.tape import Tape as Tape
from triceras_backends.jax_backend.tape import told
from triceras_backends.jax_backend.tensors import Array, convert_to_tensor
from triceras_backends.jax_backend.variables import Variable


def stop_gradient(variable: Tensor) -> Tensor:
    x = convert_to_tensor(variable)
    # Where JAX tells tapes nothing, another object is enough to be unknown to them.
    return jnp.array(x, copy=True) if active.recorders else lax.stop_gradient(x)


def _tensors(tree: Tree) -> Tree:
    return jax.tree_util.tree_map(convert_to_tensor, tree)


# -- custom derivatives ------------------------------------------------------------------


def custom_gradient(f: Function) -> Function:
    @functools.wraps(f)
    def call(*args: Any, **kwargs: Any) -> Any:
        args, kwargs = substitute((args, kwargs))
        which = [i for i, arg in enumerate(args) if isinstance(arg, jax.Array) and is_inexact(arg)]
        tensors = [args[i] for i in which]
        if not active.tapes and all(x.__class__ is Array for x in tensors):
            return f(*args, **kwargs)[0]

        def of_tensors(*xs: Any) -> Any:
            full = list(args)
            for i, x in zip(which, xs, strict=True):
                full[i] = x
            outputs, grad_fn = f(*full, **kwargs)
            return outputs, _rule(grad_fn, outputs, xs, len(args), which)

        return told(jax.custom_gradient(of_tensors), *tensors)

    return call


def _rule(grad_fn: Function, outputs: Any, xs: Any, total: int, which: list[int]) -> Callable[[Any], Any]:
    """grad_fn as JAX wants it: from one upstream tree to a tuple with a gradient for each of xs."""

    def rule(upstream: Any) -> Any:
        gradients = grad_fn(*upstream) if isinstance(outputs, (tuple, list)) else grad_fn(upstream)
        gradients = list(gradients) if isinstance(gradients, (tuple, list)) else [gradients]
        if len(gradients) == total:
            gradients = [gradients[i] for i in which]
        if len(gradients) != len(xs):
            raise ValueError(
                f"The gradient function of a custom_gradient gave {len(gradients)} gradients for {total} arguments."
            )
        return tuple(
            jnp.zeros_like(x) if g is None else convert_to_tensor(g, x.dtype)
            for g, x in zip(gradients, xs, strict=True)
        )

    return rule


# -- functions of functions --------------------------------------------------------------


def _lifted(fn: Function, scope: Scope) -> Function:
    """fn, giving (its result, the values it assigned to Variables), without carrying the assignments out."""

    def call(*args: Any, **kwargs: Any) -> Any:
        with entered(scope, isolated=False):
            return substitute(fn(*args, **kwargs)), scope.written()

    return call


def vjp(fn: Function, *primals: Tree) -> tuple[Tree, Function]:
    primals = _tensors(primals)
    scope = Scope(active.scope)
    outputs, pull, written = jax.vjp(_lifted(fn, scope), *primals, has_aux=True)
    scope.commit(written)

    def pullback(cotangents: Tree) -> tuple[Tree, ...]:
        cotangents = jax.tree_util.tree_map(lambda ct, y: convert_to_tensor(ct, y.dtype), cotangents, outputs)
        return jax.tree_util.tree_map(_plain, tuple(pull(cotangents)), primals)

    return outputs, pullback


def _plain(cotangent: Any, primal: Any) -> Any:
    """A cotangent as a tensor: JAX's type for those of integers is nothing to compute with."""
    return jnp.zeros_like(primal) if cotangent.dtype == jax.dtypes.float0 else cotangent


def jvp(fn: Function, primals: tuple[Tree, ...], tangents: tuple[Tree, ...]) -> tuple[Tree, Tree]:
    primals = _tensors(tuple(primals))
    tangents = jax.tree_util.tree_map(lambda x, t: convert_to_tensor(t, x.dtype), primals, tuple(tangents))
    scope = Scope(active.scope)
    outputs, derivative, written = jax.jvp(_lifted(fn, scope), primals, tangents, has_aux=True)
    scope.commit(written)
    return outputs, derivative


def vmap(fn: Function, in_axes: Any = 0, out_axes: Any = 0) -> Function:
    @functools.wraps(fn)
    def call(*args: Any) -> Any:
        scope = Scope(active.scope)
        axes = tuple(in_axes) if isinstance(in_axes, list) else in_axes
        try:
            outputs, written = jax.vmap(_lifted(fn, scope), axes, (out_axes, None))(*_tensors(args))
        except ValueError as error:
            if scope.writes and "out_axes" in str(error):
                names = ", ".join(variable.path for variable in scope.writes.values())
                raise ValueError(
                    f"A function under vmap assigned a different value for each slice to a Variable; assigned: {names}."
                ) from error
            raise
        scope.commit(written)
        return outputs

    return call


def value_and_grad(fn: Function, argnums: Any = 0, has_aux: bool = False) -> Function:
    @functools.wraps(fn)
    def call(*args: Any, **kwargs: Any) -> Any:
        scope = Scope(active.scope)
        lifted = _lifted(fn, scope)

        def scalar(*args: Any, **kwargs: Any) -> Any:
            result, written = lifted(*args, **kwargs)
            value, aux = result if has_aux else (result, None)
            return value, (aux, written)

        positions = tuple(argnums) if isinstance(argnums, list) else argnums
        chosen = positions if isinstance(positions, tuple) else (positions,)
        chosen = tuple(i % len(args) for i in chosen)
        args = tuple(_tensors(arg) if i in chosen else substitute(arg) for i, arg in enumerate(args))
        (value, (aux, written)), gradients = jax.value_and_grad(scalar, positions, has_aux=True)(*args, **kwargs)
        scope.commit(written)
        return ((value, aux) if has_aux else value), gradients

    return call


def variables_value_and_grad(
    fn: Function, variables: list[Variable], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[Any, list[Tensor | None]]:
    tape = Tape(persistent=False, watch_accessed_variables=False)
    tape.start()
    try:
        for variable in variables:
            tape.watch(variable)
        result = fn(*args, **kwargs)
    finally:
        tape.stop()
    value = result[0] if isinstance(result, (tuple, list)) else result
    gradients = tape.gradient([value], list(variables), [None])
    tape.release()
    return result, gradients
