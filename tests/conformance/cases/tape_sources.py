"""The tape: what is watched, targets and sources."""

from __future__ import annotations

from tests.conformance.cases.tape_base import Rows
from triceras.autodiff import GradientTape
from triceras_backends.active import backend as B

row = Rows()


# -- what is watched -----------------------------------------------------------------------


@row("a watched tensor", 6.0)
def _(f, x):
    with GradientTape() as tape:
        tape.watch(x)
        z = x * x
    return tape.gradient(z, x)


@row("a constant is not watched: None", [None, 0.0])
def _(f, x):
    with GradientTape(persistent=True) as tape:
        z = f.multiply(x, x)
    return [tape.gradient(z, x), tape.gradient(z, x, unconnected_gradients="zero")]


@row("a trainable Variable is watched when read", 6.0)
def _(f, v):
    with GradientTape() as tape:
        z = v * v
    return tape.gradient(z, v)


@row("a Variable goes straight into an operation", 0.5)
def _(f, v, w):
    with GradientTape() as tape:
        z = f.log(f.multiply(v, w))
    return tape.gradient(z, w)


@row("watch_accessed_variables=False watches only by hand", [None, 3.0])
def _(f, v, w):
    with GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(w)
        z = v * w
    return tape.gradient(z, [v, w])


@row("an untrainable Variable is a constant unless watched", [None, 6.0])
def _(f, v):
    v.trainable = False
    with GradientTape() as first:
        z = v * v
    with GradientTape() as second:
        second.watch(v)
        u = v * v
    return [first.gradient(z, v), second.gradient(u, v)]


@row("watch takes nested structures", {"a": 2.0, "b": [3.0, 1.0]})
def _(f, x, y, v):
    sources = {"a": x, "b": [y, v]}
    with GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(sources)
        z = x * y + v
    return tape.gradient(z, sources)


@row("only what is computed after watch counts", 9.0)
def _(f, x):
    with GradientTape() as tape:
        before = x * x
        tape.watch(x)
        z = before * x
    return tape.gradient(z, x)


@row("an intermediate result can be watched", [18.0, None])
def _(f, x):
    with GradientTape() as tape:
        square = x * x
        tape.watch(square)
        z = square * square
    return tape.gradient(z, [square, x])


@row("watching twice changes nothing", 6.0)
def _(f, x):
    with GradientTape() as tape:
        tape.watch(x)
        tape.watch([x, x])
        z = x * x
    return tape.gradient(z, x)


@row("watched_variables, in order of first use", [True, True, 2.0, True])
def _(f, v, w):
    with GradientTape() as tape:
        z = w * 1.0 + v + w
    before = tape.watched_variables()
    tape.gradient(z, v)
    after = tape.watched_variables()
    return [before[0] is w, before[1] is v, float(len(before)), len(after) == 2 and after[0] is w]


@row("a value read before the block is a constant", None)
def _(f, v):
    value = v.value
    with GradientTape() as tape:
        z = value * value
    return tape.gradient(z, v)


@row("the value read inside the block is a source too", [6.0, 6.0])
def _(f, v):
    with GradientTape() as tape:
        value = v.value
        z = value * value
    return tape.gradient(z, [value, v])


# -- targets and sources -------------------------------------------------------------------


@row("sources in a structure give gradients in it", [{"p": 12.0}, [9.0, None]])
def _(f, x, y, v):
    with GradientTape() as tape:
        tape.watch([x, y])
        z = x * x * y
    first, second = tape.gradient(z, ({"p": x}, [y, v]))
    return [first, second]


@row("targets in a structure are summed", 11.0)
def _(f, x, y):
    with GradientTape() as tape:
        tape.watch(x)
        targets = {"a": x * x, "b": [x * y, x * 3.0]}
    return tape.gradient(targets, x)


@row("the same target twice counts twice", 12.0)
def _(f, x):
    with GradientTape() as tape:
        tape.watch(x)
        z = x * x
    return tape.gradient([z, z], x)


@row("the same source twice gives the gradient twice", [6.0, 6.0])
def _(f, x):
    with GradientTape() as tape:
        tape.watch(x)
        z = x * x
    return tape.gradient(z, [x, x])


@row("a target that is a source", [1.0, None])
def _(f, x, y):
    with GradientTape() as tape:
        tape.watch([x, y])
    return tape.gradient(x, [x, y])


@row("a computed target that is a source too", [1.0, 6.0])
def _(f, x):
    with GradientTape() as tape:
        tape.watch(x)
        z = x * x
    return tape.gradient(z, [z, x])


@row("one of two targets is a source", [7.0, None])
def _(f, x, y):
    with GradientTape() as tape:
        tape.watch([x, y])
        z = x * x
    return tape.gradient([x, z], [x, y])


@row("a Variable as target", [1.0, None])
def _(f, v, w):
    with GradientTape() as tape:
        _ = v * w
    return tape.gradient(v, [v, w])


@row("by an intermediate result", [108.0, 18.0])
def _(f, x):
    with GradientTape() as tape:
        tape.watch(x)
        z = x * x
        u = z * z
    return tape.gradient(u, [x, z])


@row("by an intermediate result on one of two paths", [9.0, 1.0, 1.0])
def _(f, x):
    with GradientTape() as tape:
        tape.watch(x)
        a = x * x
        b = a + x * 3.0
    return tape.gradient(b, [x, a, b])


@row("a source computed after the target", None)
def _(f, x):
    with GradientTape() as tape:
        tape.watch(x)
        z = x * x
        later = z * z
    return tape.gradient(z, later)


@row("a Variable never read", [None, 0.0])
def _(f, v, w):
    with GradientTape(persistent=True) as tape:
        z = v * v
    return [tape.gradient(z, w), tape.gradient(z, w, unconnected_gradients="zero")]


@row("an integer source", [None, 0.0])
def _(f, x, n):
    with GradientTape(persistent=True) as tape:
        tape.watch(x)
        z = f.multiply(x, f.cast(n, "float32"))
    return [tape.gradient(z, n), tape.gradient(z, n, unconnected_gradients="zero")]


@row("a path through integers is cut", 3.0)
def _(f, x):
    with GradientTape() as tape:
        tape.watch(x)
        z = x * f.cast(f.cast(x, "int32"), "float32")
    return tape.gradient(z, x, unconnected_gradients="zero")


@row("no sources", [])
def _(f, x):
    with GradientTape() as tape:
        tape.watch(x)
        z = x * x
    return tape.gradient(z, [])


@row("no targets", [None])
def _(f, x):
    with GradientTape() as tape:
        tape.watch(x)
        _ = x * x
    return tape.gradient([], [x])


@row("a target of several elements is summed", [2.0, 4.0, 6.0])
def _(f, vec):
    with GradientTape() as tape:
        tape.watch(vec)
        z = vec * vec
    return tape.gradient(z, vec)


@row("a broadcast source gets its own shape back", [6.0, [3.0, 3.0, 3.0]])
def _(f, x, vec):
    with GradientTape() as tape:
        tape.watch([x, vec])
        z = vec * x
    return tape.gradient(z, [x, vec])


@row("output_gradients weigh the target", [30.0, [-2.0, 0.0, 6.0]])
def _(f, x, y, vec):
    with GradientTape(persistent=True) as tape:
        tape.watch([x, vec])
        z, u = x * x, vec * vec
    return [tape.gradient(z, x, output_gradients=x + y), tape.gradient(u, vec, output_gradients=vec - 2.0)]


@row("output_gradients of several targets, None being ones", 14.0)
def _(f, x, y):
    with GradientTape() as tape:
        tape.watch(x)
        targets = [x * x, x * y]
    return tape.gradient(targets, x, output_gradients=[y, None])


@row("gradients have their sources' dtypes", ["float16", "float32"], jit=False)
def _(f, x):
    half = f.cast(x, "float16")
    with GradientTape() as tape:
        tape.watch([half, x])
        z = f.cast(half, "float32") * x
    return [B.dtype_of(g) for g in tape.gradient(z, [half, x])]


@row("a tensor used several times sums its uses", 7.0)
def _(f, x):
    with GradientTape() as tape:
        tape.watch(x)
        z = f.add(x, x) + x * x - x
    return tape.gradient(z, x)


@row("one output of several is used", [0.0, 1.0, 0.0])
def _(f, vec):
    with GradientTape() as tape:
        tape.watch(vec)
        z = f.unstack(vec)[1]
    return tape.gradient(z, vec)


@row("unused outputs and branches cost nothing", [[3.0, 4.0], [2.0, 2.0]])
def _(f, mat):
    with GradientTape() as tape:
        tape.watch(mat)
        rows = f.unstack(mat)
        f.exp(rows[1])
        z = f.sum(rows[0] * rows[0]) / 2.0 + f.sum(rows[0] * 2.0 + rows[1] * 2.0)
    return tape.gradient(z, mat)


@row("a long chain", 1.0)
def _(f, x):
    with GradientTape() as tape:
        tape.watch(x)
        z = x
        for _ in range(150):
            z = z + 1.0
    return tape.gradient(z, x)


@row("Python's loop and augmented assignment", 108.0)
def _(f, x):
    with GradientTape() as tape:
        tape.watch(x)
        z = x
        for _ in range(3):
            z = z * x
    return tape.gradient(z, x)


@row("a product with a constant", [[3.0, 7.0], [3.0, 7.0]])
def _(f, mat):
    left = mat * 1.0
    with GradientTape() as tape:
        tape.watch(left)
        z = f.sum(f.matmul(left, mat))
    return tape.gradient(z, left)
