"""The inner loop on JAX: one compiled program runs as many batches as it is told to.

A step is traced once for each shape of batch. What it computes then runs either inside a
`while` whose bounds are given at run time, so that no division of the epoch compiles anything
anew, or, where XLA is slow inside of loops, batch by batch.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from triceras_backends import stepping
from triceras_backends.contract.types import Function, Tree
from triceras_backends.jax_backend.compile import Result, TraceScope, to_donate
from triceras_backends.jax_backend.scopes import active, entered
from triceras_backends.jax_backend.variables import Variable

# Rows are gathered for so many batches at once, or so many bytes.
_TOGETHER = 16
_BYTES = 1 << 24

# XLA compiles these for the CPU eight times slower inside a loop than outside.
_SLOW_INSIDE = frozenset({"conv_general_dilated"})


@jax.jit
def _gather(leaves: list[Any], order: Any) -> list[Any]:
    """The rows of each leaf at the indices of a table (turns, batch)."""
    rows = order.reshape(-1)
    return [jnp.take(leaf, rows, axis=0, mode="clip").reshape(*order.shape, *leaf.shape[1:]) for leaf in leaves]


class _Program:
    """A step traced for one signature of a batch."""

    def __init__(self, step: Function, hint: Iterable[Variable], batch: list[Any], structure: Any) -> None:
        read = list(hint)
        while True:
            scope = self._trace(step, read, batch, structure)
            new = [*scope.reads.values(), *scope.created]
            if not new:
                break
            read = list({id(v): v for v in [*read, *new]}.values())
        written = [id(v) in scope.writes for v in read]
        self.written = [v for v, w in zip(read, written, strict=True) if w]
        self.read = [v for v, w in zip(read, written, strict=True) if not w]
        self._order = [*(i for i, w in enumerate(written) if w), *(i for i, w in enumerate(written) if not w)]
        self.loops = not _has(self.closed.jaxpr, _SLOW_INSIDE)
        self.single = jax.jit(self._apply, donate_argnums=0)
        self.many = jax.jit(self._loop, donate_argnums=0)
        self.all = jax.jit(self._stack)

    def _trace(self, step: Function, read: list[Variable], batch: list[Any], structure: Any) -> TraceScope:
        found: list[TraceScope] = []

        def pure(values: list[Any], leaves: list[Any]) -> Any:
            scope = TraceScope(active.scope, read, values)
            found.append(scope)
            with entered(scope, isolated=True):
                result = Result.of(step(jax.tree_util.tree_unflatten(structure, leaves)))
            return result, [scope.values[id(v)] for v in read if id(v) in scope.writes]

        values = [jax.ShapeDtypeStruct(v._storage.shape, v._storage.dtype) for v in read]
        specs = [jax.ShapeDtypeStruct(leaf.shape, leaf.dtype) for leaf in batch]
        self.closed, (self.result, _) = jax.make_jaxpr(pure, return_shape=True)(values, specs)
        return found[0]

    def _apply(self, written: list[Any], read: list[Any], batch: list[Any]) -> tuple[list[Any], list[Any]]:
        """The results' tensors and the new values of `written`."""
        given = [*written, *read]
        values = [None] * len(given)
        for place, value in zip(self._order, given, strict=True):
            values[place] = value
        outs = jax.core.eval_jaxpr(self.closed.jaxpr, self.closed.consts, *values, *batch)
        count = len(self.result.tensors)
        return outs[:count], outs[count:]

    def _loop(self, written: list[Any], read: list[Any], chunk: list[Any], start: Any, stop: Any) -> Any:
        def body(carry: Any) -> Any:
            i, _, values = carry
            batch = [lax.dynamic_index_in_dim(leaf, i, keepdims=False) for leaf in chunk]
            tensors, values = self._apply(values, read, batch)
            return i + 1, tensors, values

        empty = [jnp.zeros(spec.shape, spec.dtype) for spec in self.result.tensors]
        return lax.while_loop(lambda carry: carry[0] < stop, body, (start, empty, written))[1:]

    def _stack(self, read: list[Any], chunk: list[Any], start: Any, stop: Any) -> Any:
        """The results of turns start to stop, in the first places of tensors with room for all."""

        def body(carry: Any) -> Any:
            i, filled = carry
            batch = [lax.dynamic_index_in_dim(leaf, i, keepdims=False) for leaf in chunk]
            tensors, _ = self._apply([], read, batch)
            return i + 1, [lax.dynamic_update_index_in_dim(f, t, i, 0) for f, t in zip(filled, tensors, strict=True)]

        room = [jnp.zeros((len(chunk[0]), *spec.shape), spec.dtype) for spec in self.result.tensors]
        return lax.while_loop(lambda carry: carry[0] < stop, body, (start, room))[1]

    def tree(self, tensors: list[Any]) -> Tree:
        return Result(tensors, self.result.rest).tree()


def _has(jaxpr: Any, names: frozenset[str]) -> bool:
    """Whether a traced function applies one of these primitives, at any depth."""
    return any(
        equation.primitive.name in names
        or any(_has(inner, names) for value in equation.params.values() for inner in _jaxprs(value))
        for equation in jaxpr.eqns
    )


def _jaxprs(value: Any) -> list[Any]:
    if hasattr(value, "eqns"):
        return [value]
    if hasattr(value, "jaxpr"):
        return _jaxprs(value.jaxpr)
    return [inner for item in value for inner in _jaxprs(item)] if isinstance(value, (tuple, list)) else []


class _Stepper:
    """See the contract."""

    compiled = True

    def __init__(self, step: Function, hint: Iterable[Variable], collect: bool) -> None:
        self.step = step
        self.traces = 0
        self._hint = list(hint)
        self._collect = collect
        self._programs: dict[Any, _Program] = {}
        # The rows gathered last: the calls of an epoch go on where the one before ended.
        self._kept: Any = None
        self._pending: Any = None

    def __call__(self, arrays: Tree, order: Any, size: int, start: int, stop: int) -> Any:
        leaves, structure = jax.tree_util.tree_flatten(arrays)
        rows = len(leaves[0]) if order is None else len(order)
        if order is None:
            order = stepping.in_place(rows)
        full = min(stop, rows // size)
        result: Any = []
        if start < full:
            result = self._full(leaves, structure, order, size, start, full)
        if stop > full:
            program = self._program(structure, leaves, rows - full * size)
            batch = _gather(leaves, np.asarray(order[full * size : rows]))
            last = self._turn(program, batch)
            result = [*result, last] if self._collect else last
        return result

    def _full(self, leaves: list[Any], structure: Any, order: Any, size: int, start: int, stop: int) -> Any:
        program = self._program(structure, leaves, size)
        row = sum(leaf.nbytes // max(len(leaf), 1) for leaf in leaves)
        if self._collect:
            row += sum(spec.size * spec.dtype.itemsize for spec in program.result.tensors) // size
        together = max(1, min(_TOGETHER, _BYTES // max(1, row * size))) if program.loops else 1
        result: Any = None
        results: list[Any] = []
        turn = start
        while turn < stop:
            first = turn - turn % together
            end = min(stop, first + together)
            chunk = self._chunk(leaves, order, size, first, together)
            if not program.loops:
                result = self._turn(program, chunk)
            elif self._collect:
                result = self._stacked(program, chunk, turn - first, end - first)
            else:
                result = self._many(program, chunk, turn - first, end - first)
            if self._collect:
                results.append(result)
            turn = end
        return results if self._collect else result

    def _chunk(self, leaves: list[Any], order: Any, size: int, first: int, together: int) -> list[Any]:
        kept = self._kept
        if kept is not None and kept[0] is order and kept[1:3] == (first, together) and kept[3] is leaves[0]:
            return kept[4]
        table = order[first * size : (first + together) * size]
        if together == 1:
            chunk = _gather(leaves, table)
        else:
            table = table[: len(table) // size * size]
            if len(table) < together * size:  # the last rows fill fewer turns; the rest is never looked at
                table = np.concatenate([table, np.zeros(together * size - len(table), np.int32)])
            chunk = _gather(leaves, table.reshape(together, size))
        self._kept = order, first, together, leaves[0], chunk
        return chunk

    def _program(self, structure: Any, leaves: list[Any], size: int) -> _Program:
        key = structure, size, tuple([(leaf.shape[1:], leaf.dtype) for leaf in leaves])
        program = self._programs.get(key)
        if program is None:
            self.traces += 1
            batch = [jax.ShapeDtypeStruct((size, *leaf.shape[1:]), leaf.dtype) for leaf in leaves]
            program = self._programs[key] = _Program(self.step, self._hint, batch, structure)
            if self._collect and program.written:
                program.loops = False
        return program

    def _turn(self, program: _Program, batch: list[Any]) -> Tree:
        return self._assigned(program, *program.single(*_state(program), batch))

    def _many(self, program: _Program, chunk: list[Any], start: int, stop: int) -> Tree:
        if self._pending is not None:  # JAX runs ahead: not by more than one program
            jax.block_until_ready(self._pending)
        tensors, values = program.many(*_state(program), chunk, np.int32(start), np.int32(stop))
        self._pending = tensors
        return self._assigned(program, tensors, values)

    def _stacked(self, program: _Program, chunk: list[Any], start: int, stop: int) -> Tree:
        tensors = program.all([v._storage for v in program.read], chunk, np.int32(start), np.int32(stop))
        joined = [np.asarray(t)[start:stop].reshape(-1, *t.shape[2:]) for t in tensors]
        return program.tree(joined)

    @staticmethod
    def _assigned(program: _Program, tensors: list[Any], values: list[Any]) -> Tree:
        for variable, value in zip(program.written, values, strict=True):
            variable._storage = value
        return program.tree(tensors)


def _state(program: _Program) -> tuple[list[Any], list[Any]]:
    return to_donate(program.written), [variable._storage for variable in program.read]


def stepper(step: Function, variables: Any = None, jit_compile: bool | None = None, collect: bool = False) -> Any:
    if jit_compile is False:
        return stepping.Stepper(Variable.primitives, step, collect)
    return _Stepper(step, () if variables is None else variables, collect)
