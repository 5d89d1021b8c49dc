"""The tape: stopping, and Jacobians."""

from __future__ import annotations

from tests.conformance.cases.tape_base import Rows
from triceras.autodiff import GradientTape

row = Rows()


# -- stopping ---------------------------------------------------------------------------------


@row("stop_recording", [54.0, None])
def _(f, x):
    with GradientTape(persistent=True) as tape:
        tape.watch(x)
        a = x * x
        with tape.stop_recording():
            b = x * x
        c = a * b
    return [tape.gradient(c, x), tape.gradient(b, x)]


@row("stop_recording: Variables read in it are not watched", [None, 0.0])
def _(f, v):
    with GradientTape() as tape:
        with tape.stop_recording():
            z = v * v
    watched = float(len(tape.watched_variables()))
    return [tape.gradient(z, v), watched]


@row("stop_recording of the inner tape leaves the outer one", [None, 6.0])
def _(f, x):
    with GradientTape() as outer:
        outer.watch(x)
        with GradientTape() as inner:
            inner.watch(x)
            with inner.stop_recording():
                z = x * x
    return [inner.gradient(z, x), outer.gradient(z, x)]


@row("stop_recording of the outer tape leaves the inner one", [6.0, None])
def _(f, x):
    with GradientTape() as outer:
        outer.watch(x)
        with GradientTape() as inner:
            inner.watch(x)
            with outer.stop_recording():
                z = x * x
    return [inner.gradient(z, x), outer.gradient(z, x)]


@row("a gradient inside stop_recording of a persistent tape is a constant", [27.0, None, 6.0])
def _(f, x):
    with GradientTape(persistent=True) as tape:
        tape.watch(x)
        z = x * x * x
        with tape.stop_recording():
            gradient = tape.gradient(z, x)
        u = x * x
    return [gradient, tape.gradient(gradient, x), tape.gradient(u, x)]


@row("reset forgets", [None, 27.0, 243.0])
def _(f, x):
    with GradientTape(persistent=True) as tape:
        tape.watch(x)
        a = x * x
        tape.reset()
        tape.watch(x)
        b = x * x * x
        c = a * b
    return [tape.gradient(a, x), tape.gradient(b, x), tape.gradient(c, x)]


@row("reset forgets the Variables watched", [1.0, 0.0, 6.0])
def _(f, v):
    with GradientTape() as tape:
        _ = v * v
        before = float(len(tape.watched_variables()))
        tape.reset()
        after = float(len(tape.watched_variables()))
        z = v * v
    return [before, after, tape.gradient(z, v)]


@row("stop_gradient", [9.0, None])
def _(f, x):
    with GradientTape(persistent=True) as tape:
        tape.watch(x)
        z = f.stop_gradient(x * x) * x
        u = f.stop_gradient(x)
    return [tape.gradient(z, x), tape.gradient(u, x)]


@row("stop_gradient to second order", [18.0, 6.0])
def _(f, x):
    with GradientTape() as outer:
        outer.watch(x)
        with GradientTape() as inner:
            inner.watch(x)
            z = x * x * f.stop_gradient(x)
        first = inner.gradient(z, x)
    return [first, outer.gradient(first, x)]


@row("stop_gradient and the tensor itself", 4.0)
def _(f, x):
    with GradientTape() as tape:
        tape.watch(x)
        held = f.stop_gradient(x)
        z = held * 7.0 + x * 4.0
    return tape.gradient(z, x)


# -- Jacobians ---------------------------------------------------------------------------------


@row("jacobian", [[2.0, 0.0, 0.0], [0.0, 4.0, 0.0], [0.0, 0.0, 6.0]])
def _(f, vec):
    with GradientTape() as tape:
        tape.watch(vec)
        z = vec * vec
    return tape.jacobian(z, vec)


@row("jacobian of a scalar, and by a scalar", [[2.0, 4.0, 6.0], [1.0, 2.0, 3.0]])
def _(f, vec, x):
    with GradientTape(persistent=True) as tape:
        tape.watch([vec, x])
        z, u = f.sum(vec * vec), vec * x
    return [tape.jacobian(z, vec), tape.jacobian(u, x)]


@row("jacobian by several sources, one of them unconnected", [[[2.0, 0.0], [0.0, 2.0]], [1.0, 2.0], None])
def _(f, x, y, mat):
    vec = mat[0]
    with GradientTape() as tape:
        tape.watch([vec, y, x])
        z = vec * y
    return tape.jacobian(z, [vec, y, x])


@row("jacobian with zeros", [[0.0, 0.0], [0.0, 0.0]])
def _(f, mat):
    a, b = mat[0], mat[1]
    with GradientTape() as tape:
        tape.watch([a, b])
        z = a * a
    return tape.jacobian(z, b, unconnected_gradients="zero")


@row("jacobian by a Variable assigned midway", [[2.0, 0.0, 0.0], [0.0, 2.0, 0.0], [0.0, 0.0, 2.0]])
def _(f, wv):
    with GradientTape() as tape:
        a = wv * 1.0
        wv.assign(wv * 2.0)
        z = a + wv
    return tape.jacobian(z, wv)


@row("jacobian of the target by itself", [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
def _(f, vec):
    with GradientTape() as tape:
        tape.watch(vec)
        z = vec * vec
    return tape.jacobian(z, z)


@row("jacobian of a matrix product", [[[[1.0, 3.0], [0.0, 0.0]], [[2.0, 4.0], [0.0, 0.0]]],
                                       [[[0.0, 0.0], [1.0, 3.0]], [[0.0, 0.0], [2.0, 4.0]]]])  # fmt: skip
def _(f, mat):
    left = mat * 2.0
    with GradientTape() as tape:
        tape.watch(left)
        z = f.matmul(left, mat)
    return tape.jacobian(z, left)


@row("a Hessian as the Jacobian of a gradient", [[2.0, 1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 18.0]])
def _(f, vec):
    with GradientTape() as outer:
        outer.watch(vec)
        with GradientTape() as inner:
            inner.watch(vec)
            a, b, c = f.unstack(vec)
            z = a * a + a * b + c * c * c
        gradient = inner.gradient(z, vec)
    return outer.jacobian(gradient, vec)


@row("a Jacobian inside another tape's block", [8.0, 16.0, 24.0])
def _(f, vec):
    with GradientTape() as outer:
        outer.watch(vec)
        with GradientTape() as inner:
            inner.watch(vec)
            z = vec * vec
        jacobian = inner.jacobian(z, vec)
        loss = f.sum(jacobian * jacobian)
    return outer.gradient(loss, vec)


@row("jacobian on a persistent tape, inside its block", [[[1.0, 0.0], [0.0, 2.0]], [2.0, 2.0]])
def _(f, mat):
    vec = mat[0]
    with GradientTape(persistent=True) as tape:
        tape.watch(vec)
        z = vec * vec / 2.0
        jacobian = tape.jacobian(z, vec)
        u = f.sum(jacobian) * 2.0
    return [jacobian, tape.gradient(u, vec)]


@row("batch_jacobian", [[[2.0, 0.0], [0.0, 4.0]], [[6.0, 0.0], [0.0, 8.0]]])
def _(f, mat):
    with GradientTape() as tape:
        tape.watch(mat)
        z = mat * mat
    return tape.batch_jacobian(z, mat)


@row("batch_jacobian of a product within rows", [[[1.0, 3.0], [2.0, 4.0]], [[1.0, 3.0], [2.0, 4.0]]])
def _(f, mat):
    rows = mat * 1.0
    with GradientTape() as tape:
        tape.watch(rows)
        z = f.matmul(rows, mat)
    return tape.batch_jacobian(z, rows)


@row("batch_jacobian with rows of scalars, and unconnected", [[2.0, 4.0, 6.0], None, [0.0, 0.0, 0.0]])
def _(f, vec):
    other = vec * 1.0
    with GradientTape(persistent=True) as tape:
        tape.watch([vec, other])
        z = vec * vec
    unconnected = tape.batch_jacobian(z, other, unconnected_gradients="zero")
    return [tape.batch_jacobian(z, vec), tape.batch_jacobian(z, other), unconnected]
