"""Structured control flow on JAX, whose functions may read and assign Variables.

A Variable that a loop reads is read before it and held constant; one that it assigns
becomes part of the carry. Which they are shows when the function is traced: a loop that
turns out to assign is traced a second time, with those Variables carried.

Called eagerly, a loop is compiled and kept by the identity of its functions, like jit.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from triceras_backends.contract.types import Function, Tensor, Tree
from triceras_backends.jax_backend.autodiff import vmap
from triceras_backends.jax_backend.compile import Compiled
from triceras_backends.jax_backend.scopes import Outside, Scope, active, entered, substitute
from triceras_backends.jax_backend.tensors import Array, convert_to_tensor
from triceras_backends.jax_backend.variables import Variable

_KEPT = 128


class _Assigned(Exception):
    """Raised out of a trace that assigned Variables which were not carried."""

    def __init__(self, variables: list[Variable]) -> None:
        super().__init__()
        self.variables = variables


class _Lift:
    """Carries the assigned Variables of a loop's functions through it."""

    def __init__(self) -> None:
        self.carried: list[Variable] = []
        self._outer = Outside()

    def run(self, attempt: Callable[[list[Any]], tuple[Any, list[Any]]]) -> Any:
        """attempt(values of the carried Variables) gives (result, their last values)."""
        while True:
            try:
                result, last = attempt([variable.raw for variable in self.carried])
                break
            except _Assigned as assigned:
                self.carried.extend(assigned.variables)
        for variable, value in zip(self.carried, last, strict=True):
            variable.put(value)
        return result

    def call(self, fn: Function, values: list[Any], *args: Any) -> tuple[Any, list[Any]]:
        """fn(*args) with these values of the carried Variables: its result, and their new values."""
        scope = _LoopScope(self._outer, self.carried, values)
        with entered(scope, isolated=True):
            result = _tensors(fn(*args))
        known = {id(variable) for variable in self.carried}
        new = [variable for key, variable in scope.writes.items() if key not in known]
        if new:
            raise _Assigned(new)
        return result, [scope.values[id(variable)] for variable in self.carried]


class _LoopScope(Scope):
    """Reads what it does not carry from around the loop, so that tapes there see it."""

    def __init__(self, outer: Any, carried: list[Variable], values: list[Any]) -> None:
        super().__init__(outer.scope)
        self._around = outer
        self.values = {id(variable): value for variable, value in zip(carried, values, strict=True)}

    def missing(self, variable: Any) -> Any:
        value = self.values[id(variable)] = self._around.read(variable)
        return value


def _tensors(tree: Tree) -> Tree:
    return jax.tree_util.tree_map(convert_to_tensor, substitute(tree))


def _is_eager(*trees: Tree) -> bool:
    """Whether nothing is being traced: then a loop is best compiled as a whole."""
    return active.scope is None and all(
        not isinstance(leaf, jax.core.Tracer) for leaf in jax.tree_util.tree_leaves(trees)
    )


def _compiled_when_eager(fn: Callable[..., Any]) -> Callable[..., Any]:
    """fn(functions, tensors, static), compiled if the tensors are concrete."""
    compiled = Compiled(fn, (), limit=_KEPT)

    @functools.wraps(fn)
    def call(functions: tuple[Function, ...], tensors: Tree, static: tuple[Any, ...]) -> Any:
        tensors = _tensors(tensors)
        try:
            hash(functions)
        except TypeError:
            return fn(*functions, tensors=tensors, static=static)
        if _is_eager(tensors):
            return compiled(*functions, tensors=tensors, static=static)
        return fn(*functions, tensors=tensors, static=static)

    return call


# -- scan, map ---------------------------------------------------------------------------


def scan(
    f: Function, init: Tree, xs: Tree = None, length: int | None = None, reverse: bool = False, unroll: Any = 1
) -> tuple[Tree, Tree]:
    lengths = {np.shape(leaf)[:1] for leaf in jax.tree_util.tree_leaves(substitute(xs))}
    if () in lengths:
        raise ValueError("scan goes over the first axis of each tensor in xs; one of them has no axis.")
    sizes = {size for (size,) in lengths} | (set() if length is None else {length})
    if not sizes:
        raise ValueError("scan needs xs or length.")
    if len(sizes) > 1:
        raise ValueError(f"scan needs equal lengths; got: {sorted(sizes)}")
    return _scan((f,), (init, xs), (sizes.pop(), bool(reverse), unroll))


@_compiled_when_eager
def _scan(f: Function, tensors: Any, static: Any) -> tuple[Tree, Tree]:
    init, xs = tensors
    length, reverse, unroll = static
    lift = _Lift()

    def attempt(values: list[Any]) -> Any:
        def step(carry: Any, x: Any) -> Any:
            (state, y), values = lift.call(f, carry[1], carry[0], x)
            return (state, values), y

        (state, last), ys = lax.scan(step, (init, values), xs, length=length, reverse=reverse, unroll=unroll)
        return (state, ys), last

    return lift.run(attempt)


def map(f: Function, xs: Tree) -> Tree:
    return scan(_Mapped(f), (), xs)[1]


class _Mapped:
    """f as the step of a scan; equal where f is, so that what was compiled for it is found."""

    def __init__(self, f: Function) -> None:
        self._f = f

    def __call__(self, carry: Any, x: Any) -> Any:
        return carry, self._f(x)

    def __hash__(self) -> int:
        return hash(self._f)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Mapped) and self._f == other._f


# -- while, for --------------------------------------------------------------------------


def while_loop(cond: Function, body: Function, loop_vars: Tree, maximum_iterations: int | None = None) -> Tree:
    if maximum_iterations is not None:
        maximum_iterations = int(maximum_iterations)
    return _while((cond, body), loop_vars, (type(loop_vars) in (tuple, list), maximum_iterations))


@_compiled_when_eager
def _while(cond: Function, body: Function, tensors: Any, static: Any) -> Tree:
    unpacked, most = static
    lift = _Lift()

    def going(carry: Any) -> Any:
        state, values = carry
        answer, _ = lift.call(cond, values, *(state if unpacked else (state,)))
        return jnp.reshape(answer, ()).astype(bool)

    def turn(carry: Any) -> Any:
        state, values = carry
        new, values = lift.call(body, values, *(state if unpacked else (state,)))
        if unpacked and not isinstance(new, (tuple, list)):
            new = (new,)
        return type(state)(new) if unpacked else new, values

    def attempt(values: list[Any]) -> Any:
        if most is None:
            return lax.while_loop(going, turn, (tensors, values))
        return _bounded(going, turn, (tensors, values), most)

    return lift.run(attempt)


def _bounded(going: Any, turn: Any, start: Any, most: int) -> Any:
    """A while loop of at most `most` turns, as a scan that idles after the last: it can be differentiated."""

    def step(state: Any, _: Any) -> Any:
        alive, carry = state
        carry = lax.cond(alive, turn, lambda same: same, carry)
        return (jnp.logical_and(alive, going(carry)), carry), None

    return lax.scan(step, (going(start), start), None, length=most)[0][1]


def fori_loop(lower: int, upper: int, body_fun: Function, init_val: Tree) -> Tree:
    if isinstance(lower, (int, np.integer)) and isinstance(upper, (int, np.integer)):
        return _fori((body_fun,), init_val, (int(lower), int(upper)))
    return _fori_dynamic((body_fun,), (lower, upper, init_val), ())


@_compiled_when_eager
def _fori(body: Function, tensors: Any, static: Any) -> Tree:
    lower, upper = static
    lift = _Lift()

    def attempt(values: list[Any]) -> Any:
        def step(carry: Any, i: Any) -> Any:
            return lift.call(body, carry[1], i, carry[0]), None

        indices = jnp.arange(lower, max(lower, upper), dtype=jnp.int32)
        return lax.scan(step, (tensors, values), indices)[0]

    return lift.run(attempt)


@_compiled_when_eager
def _fori_dynamic(body: Function, tensors: Any, static: Any) -> Tree:
    lower, upper, init = tensors
    lift = _Lift()

    def attempt(values: list[Any]) -> Any:
        def turn(state: Any) -> Any:
            i, carry, values = state
            new, values = lift.call(body, values, i, carry)
            return i + 1, new, values

        first = lower.astype(jnp.int32)
        last = lax.while_loop(lambda state: state[0] < upper, turn, (first, init, values))
        return last[1], last[2]

    return lift.run(attempt)


# -- branches ----------------------------------------------------------------------------


def cond(pred: Tensor, true_fn: Function, false_fn: Function) -> Tree:
    return switch(1 - jnp.reshape(convert_to_tensor(pred), ()).astype(bool).astype(jnp.int32), (true_fn, false_fn))


def switch(index: Tensor, branches: Any, *operands: Tree) -> Tree:
    index = convert_to_tensor(index)
    if index.__class__ is Array and not isinstance(index, jax.core.Tracer):
        chosen = min(max(int(index), 0), len(branches) - 1)
        return _tensors(branches[chosen](*operands))
    lift = _Lift()
    given = _tensors(operands)

    def branch(fn: Function) -> Any:
        return lambda values, operands: lift.call(fn, values, *operands)

    def attempt(values: list[Any]) -> Any:
        clamped = jnp.clip(jnp.reshape(index, ()), 0, len(branches) - 1).astype(jnp.int32)
        return lax.switch(clamped, [branch(fn) for fn in branches], values, given)

    return lift.run(attempt)


# -- all at once -------------------------------------------------------------------------


def associative_scan(f: Function, elems: Tree, reverse: bool = False, axis: int = 0) -> Tree:
    return lax.associative_scan(lambda a, b: _tensors(f(a, b)), _tensors(elems), reverse=reverse, axis=axis)


def vectorized_map(function: Function, elements: Tree) -> Tree:
    return vmap(function)(elements)
