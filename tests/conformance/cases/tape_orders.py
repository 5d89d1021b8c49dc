"""The tape: used once or persistent, assignment, nesting."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

from tests.conformance.cases.tape_base import Rows
from triceras.autodiff import GradientTape

row = Rows()


def watching(*tensors: Any, persistent: bool = False) -> GradientTape:
    """An entered tape that watches tensors: for rows that leave it by hand."""
    tape = GradientTape(persistent=persistent)
    tape.__enter__()
    tape.watch(list(tensors))
    return tape


def leave(tape: GradientTape) -> None:
    tape.__exit__(None, None, None)


# -- once, or persistent -------------------------------------------------------------------


@row("persistent: several gradients", [6.0, 27.0, 6.0])
def _(f, x):
    with GradientTape(persistent=True) as tape:
        tape.watch(x)
        z, u = x * x, x * x * x
    return [tape.gradient(z, x), tape.gradient(u, x), tape.gradient(z, x)]


@row("persistent, inside the block: the gradient is recorded", [27.0, 18.0])
def _(f, x):
    with GradientTape(persistent=True) as tape:
        tape.watch(x)
        z = x * x * x
        first = tape.gradient(z, x)
        second = tape.gradient(first, x)
    return [first, second]


@row("persistent, inside the block: to third order after it", [108.0, 108.0, 72.0])
def _(f, x):
    with GradientTape(persistent=True) as tape:
        tape.watch(x)
        z = x * x * x * x
        first = tape.gradient(z, x)
        second = tape.gradient(first, x)
    return [first, second, tape.gradient(second, x)]


@row("persistent, outside the block: the gradient is a constant", [27.0, None])
def _(f, x):
    with GradientTape(persistent=True) as tape:
        tape.watch(x)
        z = x * x * x
    first = tape.gradient(z, x)
    return [first, tape.gradient(first, x)]


@row("a gradient inside the block of a tape that is not persistent ends it", [6.0, 12.0])
def _(f, x):
    with GradientTape() as tape:
        tape.watch(x)
        gradient = tape.gradient(x * x, x)
        after = x * 4.0
    return [gradient, after]


@row("a tape entered again goes on", 27.0)
def _(f, x):
    tape = GradientTape()
    with tape:
        tape.watch(x)
        z = x * x
    with tape:
        z = z * x
    return tape.gradient(z, x)


@row("after the block nothing is recorded", [6.0, None])
def _(f, v):
    with GradientTape(persistent=True) as tape:
        z = v * v
    u = z * v
    return [tape.gradient(z, v), tape.gradient(u, v)]


# -- assignment -------------------------------------------------------------------------------


@row("assignment inside: every value read counts", [6.0, 10.0, 16.0])
def _(f, v):
    with GradientTape(persistent=True) as tape:
        a = v * v
        v.assign(5.0)
        b = v * v
        c = a + b
    return [tape.gradient(a, v), tape.gradient(b, v), tape.gradient(c, v)]


@row("assignment cuts the path of what was assigned", [None, 2.0])
def _(f, x, v):
    with GradientTape() as tape:
        tape.watch(x)
        v.assign(x * x)
        z = v * 2.0
    return tape.gradient(z, [x, v])


@row("a tensor that was assigned keeps its own path", [6.0, 1.0])
def _(f, x, v):
    with GradientTape() as tape:
        tape.watch(x)
        square = x * x
        v.assign(square)
        z = square + v
    return tape.gradient(z, [x, v])


@row("assignment of the source after the target", 27.0)
def _(f, v):
    with GradientTape() as tape:
        z = v * v * v
        v.assign(0.0)
    return tape.gradient(z, v)


@row("assignment after the block", [27.0, -1.0])
def _(f, v):
    with GradientTape() as tape:
        z = v * v * v
    v.assign(-1.0)
    return [tape.gradient(z, v), v.value * 1.0]


@row("updates inside the block of a persistent tape", [6.0, 2.4, 0.48])
def _(f, v):
    gradients = []
    with GradientTape(persistent=True) as tape:
        for _ in range(2):
            gradients.append(tape.gradient(v * v, v))
            v.assign_sub(gradients[-1] * 0.3)
    return [*gradients, v.value * 1.0]


@row("assigning a Variable its own value", 12.0)
def _(f, v):
    with GradientTape() as tape:
        a = v * v
        v.assign(v.value)
        z = a + v * v
    return tape.gradient(z, v)


@row("two Variables assigned the same tensor stay apart", [2.0, None])
def _(f, x, v, w):
    with GradientTape() as tape:
        v.assign(x)
        w.assign(x)
        z = v * 2.0
    return tape.gradient(z, [v, w])


@row("assigning a watched tensor does not join it to the Variable", [3.0, 5.0])
def _(f, x, v):
    with GradientTape() as tape:
        tape.watch(x)
        v.assign(x)
        z = x * 3.0 + v * 5.0
    return tape.gradient(z, [x, v])


# -- nesting -----------------------------------------------------------------------------------


@row("second order", [27.0, 18.0])
def _(f, x):
    with GradientTape() as outer:
        outer.watch(x)
        with GradientTape() as inner:
            inner.watch(x)
            z = x * x * x
        first = inner.gradient(z, x)
    return [first, outer.gradient(first, x)]


@row("second order by a Variable", [27.0, 18.0])
def _(f, v):
    with GradientTape() as outer:
        with GradientTape() as inner:
            z = v * v * v
        first = inner.gradient(z, v)
    return [first, outer.gradient(first, v)]


@row("third order", [108.0, 108.0, 72.0])
def _(f, x):
    with GradientTape() as t3:
        t3.watch(x)
        with GradientTape() as t2:
            t2.watch(x)
            with GradientTape() as t1:
                t1.watch(x)
                z = x * x * x * x
            first = t1.gradient(z, x)
        second = t2.gradient(first, x)
    return [first, second, t3.gradient(second, x)]


@row("third order by a Variable", [108.0, 108.0, 72.0])
def _(f, v):
    with GradientTape() as t3:
        with GradientTape() as t2:
            with GradientTape() as t1:
                z = v * v * v * v
            first = t1.gradient(z, v)
        second = t2.gradient(first, v)
    return [first, second, t3.gradient(second, v)]


@row("third order of elementary functions", [-0.9899925, -0.14112, 0.9899925])
def _(f, x):
    with GradientTape() as t3:
        t3.watch(x)
        with GradientTape() as t2:
            t2.watch(x)
            with GradientTape() as t1:
                t1.watch(x)
                z = f.sin(x)
            first = t1.gradient(z, x)
        second = t2.gradient(first, x)
    return [first, second, t3.gradient(second, x)]


@row("a mixed second derivative", [12.0, 6.0])
def _(f, x, y):
    with GradientTape() as outer:
        outer.watch(y)
        with GradientTape() as inner:
            inner.watch(x)
            z = x * x * y
        gradient = inner.gradient(z, x)
    return [gradient, outer.gradient(gradient, y)]


@row("the inner gradient in a loss", 110.0)
def _(f, v):
    with GradientTape() as outer:
        with GradientTape() as inner:
            z = v * v
        penalty = inner.gradient(z, v)
        loss = z * z + penalty
    return outer.gradient(loss, v)


@row("an inner gradient taken after the outer block is a constant to it", [27.0, None])
def _(f, x):
    with GradientTape() as outer:
        outer.watch(x)
        with GradientTape() as inner:
            inner.watch(x)
            z = x * x * x
    gradient = inner.gradient(z, x)
    return [gradient, outer.gradient(gradient, x)]


@row("two tapes record the same computation", [6.0, 6.0])
def _(f, x):
    with GradientTape() as first, GradientTape() as second:
        first.watch(x)
        second.watch(x)
        z = x * x
    return [first.gradient(z, x), second.gradient(z, x)]


@row("two tapes and a Variable", [6.0, 6.0])
def _(f, v):
    with GradientTape() as first, GradientTape() as second:
        z = v * v
    return [first.gradient(z, v), second.gradient(z, v)]


@row("interleaved tapes", [27.0, None, 54.0])
def _(f, x):
    first = watching(x, persistent=True)
    a = x * x
    second = watching(x)
    b = a * x
    leave(first)
    c = b * x
    leave(second)
    return [first.gradient(b, x), first.gradient(c, x), second.gradient(c, x)]


@row("interleaved tapes and a Variable", [16.0, None, 26.0])
def _(f, v):
    first = GradientTape(persistent=True)
    second = GradientTape()
    first.__enter__()
    a = v * v
    second.__enter__()
    v.assign(5.0)
    b = a + v * v
    leave(first)
    c = b + v * 16.0
    leave(second)
    return [first.gradient(b, v), first.gradient(c - b, v), second.gradient(c, v)]


@row("assignment between the orders", 24.0)
def _(f, v):
    with GradientTape() as outer:
        a = v * v
        with GradientTape() as inner:
            b = v * v * v
        gradient = inner.gradient(b, v)
        v.assign(1.0)
        total = a + gradient
    return outer.gradient(total, v)


@row("a tape inside another on other tensors", [[3.0, None], [None, 2.0]])
def _(f, x, y):
    with GradientTape() as outer:
        outer.watch(x)
        with GradientTape() as inner:
            inner.watch(y)
            z = x * y
    return [inner.gradient(z, [y, x]), list(reversed(outer.gradient(z, [x, y])))]


@row("a chain of inner tapes, one after another", 12.0)
def _(f, v):
    with GradientTape() as outer:
        total = v * 0.0
        for _ in range(2):
            with GradientTape() as inner:
                z = v * v * v
            total = total + inner.gradient(z, v) / 3.0
    return outer.gradient(total, v)


@row("five tapes deep", [5.0, 1.0])
def _(f, x):
    with ExitStack() as stack:
        tapes = [stack.enter_context(GradientTape()) for _ in range(5)]
        for tape in tapes:
            tape.watch(x)
        z = x * 1.0
    return [sum(tape.gradient(z, x) for tape in tapes), z - 2.0]
