"""The tape: what was computed on watched arrays, and the walk back through it."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Hashable, Sequence
from contextlib import nullcontext
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from triceras_backends.jax_backend import pure, tracing
from triceras_backends.jax_backend.pure import Pure, is_inexact
from triceras_backends.jax_backend.scopes import active, refresh
from triceras_backends.jax_backend.tensors import convert_to_tensor
from triceras_backends.jax_backend.variables import Variable


class Node:
    """One thing that was computed: its arguments, which of them were watched, and its outputs.

    `saved` is the pullback taken when it was computed; without it, `function` says how to
    take it now.
    """

    __slots__ = ("args", "function", "outs", "saved", "which")

    def __init__(self, function: Pure | None, args: Any, which: tuple[int, ...], outs: Any, saved: Any) -> None:
        self.function = function
        self.args = args
        self.which = which
        self.outs = outs
        self.saved = saved

    def pull(self, cotangents: list[Any]) -> Any:
        """The cotangents of the watched arguments; None in `cotangents` stands for zeros."""
        if self.saved is None:
            return self.function.pullback(self.which)(self.args, cotangents)  # type: ignore[union-attr]
        if isinstance(self.saved, pure.Residuals):
            return pure.resume(self.saved, self.args, cotangents)
        return self.saved(cotangents)


def _fresh(x: Any) -> Any:
    """x as another object, so that what is known of one is not taken for the other."""
    return jnp.array(x, dtype=x.dtype, copy=True)


class Tape:
    """See the contract. Arrays are known by identity, and held, so that no identity is used twice."""

    def __init__(self, persistent: bool, watch_accessed_variables: bool) -> None:
        self.persistent = persistent
        self.known: dict[int, Any] = {}
        self._accessing = watch_accessed_variables
        self._followed: set[int] = set()
        self._nodes: list[Node] = []
        self._variables: dict[int, tuple[Any, list[Any]]] = {}
        self._trace: tracing.TapeTrace | None = None
        self._recording = False

    # -- recording ----------------------------------------------------------------------

    def start(self) -> None:
        if self._recording:
            return
        self._recording = True
        if tracing.SUPPORTED:
            self._trace = tracing.push(self)
        else:
            active.recorders = (*active.recorders, self)
        active.tapes += 1
        active.watchers = (*active.watchers, self)
        refresh()

    def stop(self) -> None:
        if not self._recording:
            return
        self._recording = False
        if self._trace is not None:
            tracing.pop(self._trace)
        self._trace = None
        active.recorders = tuple(tape for tape in active.recorders if tape is not self)
        active.tapes = max(active.tapes - 1, 0)
        active.watchers = tuple(tape for tape in active.watchers if tape is not self)
        refresh()

    def watch(self, x: Any) -> None:
        if isinstance(x, Variable):
            self._followed.add(id(x))
            self.accessed(x, x.value)
        elif is_inexact(x):
            self.known[id(x)] = x

    def accessed(self, variable: Any, value: Any) -> None:
        """Told of a Variable that was read."""
        if not ((self._accessing and variable.trainable) or id(variable) in self._followed) or not is_inexact(value):
            return
        entry = self._variables.get(id(variable))
        if entry is None:
            entry = self._variables[id(variable)] = (variable, [])
        if id(value) not in self.known:
            self.known[id(value)] = value
            entry[1].append(value)
        elif not any(value is seen for seen in entry[1]):
            entry[1].append(value)

    def primitive(self, below: Any, primitive: Any, args: Sequence[Any], params: dict[str, Any]) -> Any:
        """Applies a primitive, some of whose arguments are known, on the trace `below`."""
        if primitive.name == "stop_gradient":
            out = below.process_primitive(primitive, args, params)
            return self._apart(below, [out] if not primitive.multiple_results else out, primitive.multiple_results)
        inner = tracing.captured(params) if primitive.name in tracing.CALLS else ()
        if inner and any(id(x) in self.known for x in inner):
            return self._kept(below, pure.of_opened(params["jaxpr"]), [*inner, *args])
        function = pure.of_primitive(primitive, params)
        if function is None:
            outs = self._direct(below, pure.uncached(primitive, params), args)
        elif function.heavy:
            outs = self._kept(below, function, args)
        else:
            out = below.process_primitive(primitive, args, params)
            outs = self.note(below, function, args, out if primitive.multiple_results else [out], None)
        return outs if primitive.multiple_results else outs[0]

    def function(self, below: Any, call: Callable[..., Any], args: Sequence[Any], key: Hashable | None) -> Any:
        """Calls a function that has a derivative of its own, on the trace `below`."""
        if key is None:
            return self._direct(below, call, args)
        with tracing.on(below):
            function, traced_before = pure.of_library(call, key, args)
            outs = list(call(*args) if traced_before else function.call(*args))
        return self.note(below, function, args, outs, None)

    def same(self, value: Any, out: Any) -> None:
        """Told that `out` stands for the known `value`."""
        self._append(Node(pure.IDENTITY, [value], (0,), [out], None))

    def _which(self, args: Sequence[Any]) -> tuple[int, ...]:
        known = self.known
        return tuple([i for i, arg in enumerate(args) if id(arg) in known])

    def _kept(self, below: Any, function: Pure, args: Sequence[Any]) -> list[Any]:
        """Computes, keeping the residuals. Compiled where arrays are concrete."""
        if not tracing.is_plain(below):
            return self._direct(below, function.call, args)
        with tracing.on(below):
            outs, residuals = function.forward(self._which(args))(*args)
        return self.note(below, function, args, outs, residuals)

    def _direct(self, below: Any, call: Callable[..., Any], args: Sequence[Any]) -> list[Any]:
        """Computes and takes the pullback, compiling nothing."""
        with tracing.on(below):
            outs, pull = pure.linearize(call, args, self._which(args))
        return self.note(below, None, args, outs, pull)

    def note(self, below: Any, function: Pure | None, args: Any, outs: Sequence[Any], saved: Any = None) -> list[Any]:
        """Takes down what was computed; gives the outputs, as objects that were not known before."""
        outs = list(self._apart(below, outs, True))
        if any(is_inexact(out) for out in outs if hasattr(out, "dtype")):
            self._append(Node(function, args, self._which(args), outs, saved))
        return outs

    def _append(self, node: Node) -> None:
        self._nodes.append(node)
        for out in node.outs:
            if is_inexact(out):
                self.known[id(out)] = out

    def _apart(self, below: Any, outs: Sequence[Any], several: bool) -> Any:
        """The outputs, none of them an array that is known already."""
        known = self.known
        if any(id(out) in known for out in outs):
            with tracing.on(below):
                outs = [_fresh(out) if id(out) in known else out for out in outs]
        return list(outs) if several else outs[0]

    # -- differentiation ----------------------------------------------------------------

    def _values(self, source: Any) -> list[Any]:
        """The arrays through which a source was seen."""
        if not isinstance(source, Variable):
            return [source]
        entry = self._variables.get(id(source))
        return entry[1] if entry else []

    def _target(self, target: Any) -> Any:
        if isinstance(target, Variable):
            entry = self._variables.get(id(target))
            return entry[1][-1] if entry else target.value
        return target

    def _quiet(self) -> Any:
        """While differentiating, only a persistent tape records itself."""
        return nullcontext() if self.persistent or not self._recording else _Muted(self, self._trace)

    def gradient(self, targets: list[Any], sources: list[Any], output_gradients: list[Any]) -> list[Any]:
        with self._quiet(), tracing.listening():
            return self._walk(targets, sources, output_gradients)

    def _walk(self, targets: list[Any], sources: list[Any], output_gradients: list[Any]) -> list[Any]:
        values = [self._values(source) for source in sources]
        wanted = {id(value) for group in values for value in group}
        nodes, reached = self._between(wanted)
        cotangents: dict[int, Any] = {}
        for target, seed in zip(targets, output_gradients, strict=True):
            target = self._target(target)
            if id(target) in reached and is_inexact(target):
                seed = jnp.ones_like(target) if seed is None else convert_to_tensor(seed, target.dtype)
                _accumulate(cotangents, target, seed)
        for node in reversed(nodes):
            given = [_take(cotangents, id(out), wanted) for out in node.outs]
            if any(ct is not None for ct in given):
                for i, ct in zip(node.which, _pulled(node, given), strict=True):
                    if id(node.args[i]) in reached:
                        _accumulate(cotangents, node.args[i], ct)
        return [_total([cotangents.get(id(value)) for value in group]) for group in values]

    def _between(self, wanted: set[int]) -> tuple[list[Node], set[int]]:
        """The nodes that depend on the arrays of these identities, and all that does."""
        reached = set(wanted)
        nodes = []
        for node in self._nodes:
            for i in node.which:
                if id(node.args[i]) in reached:
                    nodes.append(node)
                    reached.update([id(out) for out in node.outs])
                    break
        return nodes, reached

    def jacobian(self, target: Any, source: Any) -> Any:
        target = self._target(target)
        size = math.prod(target.shape)
        basis = jnp.eye(size, dtype=target.dtype).reshape(size, *target.shape)
        rows = self._rows(target, source, basis)
        return None if rows is None else rows.reshape(*target.shape, *source.shape)

    def batch_jacobian(self, target: Any, source: Any) -> Any:
        target = self._target(target)
        inner = target.shape[1:]
        size = math.prod(inner)
        basis = jnp.eye(size, dtype=target.dtype).reshape(size, 1, *inner)
        rows = self._rows(target, source, jnp.broadcast_to(basis, (size, *target.shape)))
        if rows is None:
            return None
        return jnp.moveaxis(rows, 0, 1).reshape(target.shape[0], *inner, *source.shape[1:])

    def _rows(self, target: Any, source: Any, basis: Any) -> Any:
        """The gradients for each seed along the first axis of `basis`, all at once."""
        with self._quiet(), tracing.listening():
            return jax.vmap(lambda seed: self._walk([target], [source], [seed])[0])(basis)

    def watched_variables(self) -> list[Any]:
        return [variable for variable, _ in self._variables.values()]

    def release(self) -> None:
        self.stop()
        self.known, self._nodes, self._variables = {}, [], {}


class _Muted:
    """A tape that is told nothing for a while."""

    def __init__(self, tape: Tape, muted: tracing.TapeTrace | None) -> None:
        self._tape = tape
        self._trace = muted

    def __enter__(self) -> None:
        self._recorders = active.recorders
        active.recorders = tuple(tape for tape in self._recorders if tape is not self._tape)
        if self._trace is not None:
            self._trace.tape = None

    def __exit__(self, *exception: object) -> None:
        active.recorders = self._recorders
        if self._trace is not None:
            self._trace.tape = self._tape


# -- our own operations ------------------------------------------------------------------


def recorded(run: Callable[..., Any], static: Any = ()) -> Callable[..., Any]:
    """A jitted function of positional arguments, those at `static` static, as tapes like it best.

    Under a tape JAX takes a jitted function apart in Python; this calls it at full speed and
    makes one node of it. Where JAX tells tapes nothing, it is also how they learn of anything.
    """
    positions = frozenset((static,) if isinstance(static, int) else static)

    def call(*args: Any) -> Any:
        if not active.tapes:
            return run(*args)
        tape, below = tracing.shortcut() if tracing.SUPPORTED else (None, None)
        if tape is not None:
            known = tape.known
            if any(id(arg) in known for arg in args):
                return _node(tape, below, run, positions, args)
            with tracing.on(below):
                return run(*args)
        return _explicit(run, positions, args) if active.recorders else run(*args)

    return functools.wraps(run)(call)


def _split(run: Any, positions: frozenset[int], args: Sequence[Any]) -> tuple[Pure, list[Any]]:
    statics = tuple([(i, type(args[i]), args[i]) for i in positions if i < len(args)])
    return pure.of_jitted(run, len(args), statics), [arg for i, arg in enumerate(args) if i not in positions]


def _node(tape: Tape, below: Any, run: Any, positions: frozenset[int], args: Sequence[Any]) -> Any:
    function, tensors = _split(run, positions, args)
    with tracing.on(below):
        out = None if pure.weigh(function, tensors) else run(*args)
    if out is None:  # JAX tells the tape, which keeps the residuals
        return run(*args)
    leaves, structure = jax.tree_util.tree_flatten(out)
    return jax.tree_util.tree_unflatten(structure, tape.note(below, function, tensors, leaves))


def _explicit(run: Any, positions: frozenset[int], args: Sequence[Any]) -> Any:
    """Runs an operation, and tells every tape that knows an argument."""
    out = run(*args)
    tapes = [tape for tape in active.recorders if any(id(arg) in tape.known for arg in args)]
    if not tapes:
        return out
    function, tensors = _split(run, positions, args)
    leaves, structure = jax.tree_util.tree_flatten(out)
    leaves = [_fresh(leaf) if any(leaf is arg for arg in args) else leaf for leaf in leaves]
    for tape in tapes:
        tape.note(None, function, tensors, leaves)
    return jax.tree_util.tree_unflatten(structure, leaves)


@functools.lru_cache(maxsize=256)
def _flat(run: Callable[..., Any], structure: Any) -> Callable[..., Any]:
    return lambda *leaves: run(*jax.tree_util.tree_unflatten(structure, leaves))


def told(run: Callable[..., Any], *trees: Any) -> Any:
    """run(*trees), a pure function, as one operation where JAX tells tapes nothing."""
    if not active.recorders:
        return run(*trees)
    leaves, structure = jax.tree_util.tree_flatten(trees)
    return _explicit(_flat(run, structure), frozenset(), leaves)


def _pulled(node: Node, cotangents: list[Any]) -> Any:
    """node.pull, told to the tapes where JAX does not."""
    found = node.pull(cotangents)
    if not active.recorders or node.function is None:
        return found
    given = tuple([i for i, ct in enumerate(cotangents) if ct is not None])
    inputs = [*node.args, *[cotangents[i] for i in given]]
    found = list(found)
    for tape in active.recorders:
        if any(id(x) in tape.known for x in inputs):
            tape.note(None, node.function.derived(node.which, len(node.args), given), inputs, found)
    return found


_add = recorded(jax.jit(lax.add))


def _accumulate(cotangents: dict[int, Any], value: Any, cotangent: Any) -> None:
    before = cotangents.get(id(value))
    cotangents[id(value)] = cotangent if before is None else _add(before, cotangent)


def _take(cotangents: dict[int, Any], key: int, wanted: set[int]) -> Any:
    return cotangents.get(key) if key in wanted else cotangents.pop(key, None)


def _total(found: list[Any]) -> Any:
    total = None
    for cotangent in found:
        if cotangent is not None:
            total = cotangent if total is None else _add(total, cotangent)
    return total
