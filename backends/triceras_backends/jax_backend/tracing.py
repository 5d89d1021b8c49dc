"""All that is known here of JAX's tracing machinery, which it does not document.

`jax.extend.core.set_current_trace` makes an object the current trace of this thread: every
primitive that is then applied, to ordinary arrays too, is handed to its `process_primitive`.
A `TapeTrace` passes it on to the trace below (plain evaluation, jit, vmap, grad) and tells
its tape. The values stay those of the trace below: users hold ordinary arrays throughout.

`SUPPORTED` says whether this JAX works so. Where it does not, tapes record what our own
operations compute, and nothing else (see `tape.recorded`).
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Hashable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

try:
    from jax.core import Trace
    from jax.extend.core import set_current_trace, take_current_trace
except ImportError:  # another JAX
    Trace = object  # type: ignore[assignment,misc]
    set_current_trace = take_current_trace = None  # type: ignore[assignment]

try:
    from jax._src import core, dtypes
except ImportError:  # these are private, and only for convenience
    core = dtypes = None  # type: ignore[assignment]


class TapeTrace(Trace):
    """Runs everything on the trace below, and tells `tape`, if there is one.

    A trace outlives its tape and serves the next one at the same place: JAX's caches are
    keyed by the current trace, so that a new trace for each tape would fill them.
    """

    __slots__ = ("above", "below", "tape")

    def __init__(self, below: Any) -> None:
        super().__init__()
        self.below = below
        self.tape: Any = None
        self.above: TapeTrace | None = None

    def stage_value(self, val: Any) -> Any:
        out = self.below.stage_value(val)
        if out is not val and self.tape is not None and id(val) in self.tape.known:
            self.tape.same(val, out)
        return out

    def process_primitive(self, primitive: Any, args: Any, params: Any, /) -> Any:
        tape = self.tape
        if tape is not None:
            known = tape.known
            for arg in args:
                if id(arg) in known:
                    return tape.primitive(self.below, primitive, args, params)
            if primitive.name in CALLS and _captures(params, known):
                return tape.primitive(self.below, primitive, args, params)
        return self.below.process_primitive(primitive, args, params)

    def process_call(self, primitive: Any, f: Any, args: Any, params: Any, /) -> Any:
        with set_current_trace(self):
            return f.call_wrapped(*args)

    def process_custom_jvp_call(self, primitive: Any, fun: Any, jvp: Any, args: Any, /, **params: Any) -> Any:
        def call(*xs: Any) -> Any:
            with take_current_trace() as trace:
                return trace.process_custom_jvp_call(primitive, fun, jvp, xs, **params)

        outs = self._function(call, args, _library_key(fun, jvp, params))
        _settle(fun, jvp)
        return outs

    def process_custom_vjp_call(self, primitive: Any, fun: Any, fwd: Any, bwd: Any, args: Any, /, **params: Any) -> Any:
        def call(*xs: Any) -> Any:
            with take_current_trace() as trace:
                return trace.process_custom_vjp_call(primitive, fun, fwd, bwd, xs, **params)

        return self._function(call, args, None)

    def process_shard_map(self, primitive: Any, fun: Any, args: Any, **params: Any) -> Any:
        def call(*xs: Any) -> Any:
            with take_current_trace() as trace:
                return trace.process_shard_map(primitive, fun, xs, **params)

        return self._function(call, args, None)

    def _function(self, call: Callable[..., Any], args: Any, key: Hashable | None) -> Any:
        tape = self.tape
        if tape is not None and any(id(arg) in tape.known for arg in args):
            return tape.function(self.below, call, args, key)
        with set_current_trace(self.below):
            return call(*args)


# Primitives that run a function traced before, in which arrays may be captured.
CALLS = frozenset({"jit", "pjit", "closed_call", "checkpoint", "remat2"})


def captured(params: dict[str, Any]) -> list[Any]:
    """The arrays that a traced function holds as constants."""
    jaxpr = params.get("jaxpr")
    return list(getattr(jaxpr, "consts", ()))


def _captures(params: dict[str, Any], known: dict[int, Any]) -> bool:
    return any(id(const) in known for const in captured(params))


def _library_key(fun: Any, jvp: Any, params: dict[str, Any]) -> Hashable | None:
    """What tells one of JAX's own custom_jvp functions from others; None for those of users.

    A user's function may read what changes between calls, and so is run anew each time.
    """
    try:
        if not fun.f.__module__.startswith("jax.") or any(store for store in fun.stores if store is not None):
            return None
        key = fun.f, fun.transforms, fun.params, jvp.f, jvp.transforms, jvp.params, tuple(params.items())
        hash(key)
        return key
    except (AttributeError, TypeError):
        return None


def _settle(fun: Any, jvp: Any) -> None:
    """Leaves the structure of the outputs noted in one place: JAX looks for it in exactly one of the two."""
    if any(store is not None and store for store in fun.stores):
        for store in jvp.stores:
            if store is not None and store:
                store.reset()


# -- the chain of tapes ------------------------------------------------------------------


class _Roots(threading.local):
    def __init__(self) -> None:
        self.plain: TapeTrace | None = None


_roots = _Roots()


def current() -> Any:
    """This thread's current trace."""
    with take_current_trace() as trace:
        return trace


def _evaluation() -> Any:
    """The trace that plainly evaluates."""
    with take_current_trace():
        return current()


def push(tape: Any) -> TapeTrace:
    """Makes a trace that tells `tape` the current one."""
    below = current()
    if isinstance(below, TapeTrace) and below.tape is None:
        below.tape = tape
        return below
    if isinstance(below, TapeTrace):
        trace = below.above or TapeTrace(below)
        below.above = trace
    elif below is _evaluation():
        trace = _roots.plain or TapeTrace(below)
        _roots.plain = trace
    else:
        trace = TapeTrace(below)
    trace.tape = tape
    set_current_trace(trace).__enter__()
    return trace


def pop(trace: TapeTrace) -> None:
    """Parts `trace` from its tape, and leaves the traces on top that have none."""
    trace.tape = None
    top = current()
    below = top
    while isinstance(below, TapeTrace) and below.tape is None:
        below = below.below
    if below is not top:
        set_current_trace(below).__enter__()


def listening() -> AbstractContextManager[Any]:
    """Runs on the first trace below that anybody hears: passing through silent ones costs time."""
    top = below = current()
    while isinstance(below, TapeTrace) and below.tape is None:
        below = below.below
    return nullcontext() if below is top else set_current_trace(below)


def on(trace: Any) -> AbstractContextManager[Any]:
    """Runs on `trace`."""
    return set_current_trace(trace)


def shortcut() -> tuple[Any, Any]:
    """If only one tape stands between here and plain evaluation: it and that trace, else Nones."""
    top = current()
    if isinstance(top, TapeTrace) and top.tape is not None and top is _roots.plain:
        return top.tape, top.below
    return None, None


def is_plain(trace: Any) -> bool:
    """Whether arrays on `trace` are concrete: only tapes stand between it and evaluation."""
    while isinstance(trace, TapeTrace):
        trace = trace.below
    return trace is _evaluation()


def unrecorded() -> AbstractContextManager[Any]:
    """Runs on the first trace below that is no tape's."""
    top = below = current()
    while isinstance(below, TapeTrace):
        below = below.below
    return nullcontext() if below is top else set_current_trace(below)


@contextmanager
def evaluating() -> Iterator[None]:
    """Runs for real, even while a function is being traced."""
    with take_current_trace():
        yield


def accept(kind: type) -> bool:
    """Lets JAX's own functions take objects of a class with a `value` as that array; whether it could.

    JAX offers this to its own array-likes only, through tables it does not publish. Without
    it such an object must be asked for its value first; operators work in any case.
    """
    try:
        core.pytype_aval_mappings[kind] = lambda x: jax.typeof(x.value)
        dtypes.canonicalize_value_handlers[kind] = lambda x: x.value
    except AttributeError:
        return False
    return True


# -- the probe ---------------------------------------------------------------------------


class _Probe:
    """A tape that only notes what it is told, and computes nothing, because compiling takes time."""

    def __init__(self, x: Any) -> None:
        self.known = {id(x): x}
        self.seen: list[str] = []

    def primitive(self, below: Any, primitive: Any, args: Any, params: Any) -> Any:
        self.seen.append(primitive.name)
        return [args[0]] if primitive.multiple_results else args[0]

    def function(self, below: Any, call: Callable[..., Any], args: Any, key: Hashable | None) -> Any:
        self.seen.append("function")
        with on(below):
            return call(*args)


def _heard(fn: Callable[[Any], Any], x: Any) -> list[str]:
    tape = _Probe(x)
    trace = push(tape)
    try:
        fn(x)
    finally:
        pop(trace)
    return tape.seen


def probe() -> bool:
    """Whether this JAX hands primitives to a current trace as described above."""
    if os.environ.get("TRICERAS_JAX_TRACE") == "0":
        return False
    try:
        x = jnp.asarray(np.ones(2, np.float32))
        concrete = _heard(lambda x: (jnp.sin(x), x * x), x)
        abstract: list[str] = []  # a function with a rule of its own does compute, so not for real
        jax.eval_shape(lambda x: abstract.extend(_heard(jax.nn.relu, x)), x)
        return len(concrete) == 2 and abstract == ["function"] and is_plain(current())
    except Exception:  # whatever another JAX may raise: then it does not work so
        return False


SUPPORTED = probe()

if not SUPPORTED:  # nothing stands between a tape and JAX then

    def on(trace: Any) -> AbstractContextManager[Any]:
        return nullcontext()

    def listening() -> AbstractContextManager[Any]:
        return nullcontext()

    def unrecorded() -> AbstractContextManager[Any]:
        return nullcontext()

    def is_plain(trace: Any) -> bool:
        return False

    @contextmanager
    def evaluating() -> Iterator[None]:
        with jax.ensure_compile_time_eval():
            yield
