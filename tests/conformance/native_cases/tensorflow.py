"""The tape among TensorFlow's own tape, functions and control flow."""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf

from triceras import autodiff as T
from triceras.autodiff import GradientTape
from triceras_backends.active import backend as B

VEC = np.float32([0.5, -1.0, 2.0])


def check(got: Any, expect: Any) -> None:
    tf.nest.map_structure(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6), got, expect)


def agree(fn: Any, *args: Any) -> None:
    """The tape's gradients equal TensorFlow's, plainly and inside tf.function."""
    args = tuple(tf.constant(a) for a in args)

    def by(kind: Any) -> Any:
        def call(*args: Any) -> Any:
            with kind() as tape:
                tape.watch(args)
                value = fn(*args)
            return tape.gradient(value, args)

        return call

    expect = by(tf.GradientTape)(*args)
    check(by(GradientTape)(*args), expect)
    check(tf.function(by(GradientTape))(*args), expect)


def case_plain_functions() -> None:
    agree(lambda x, y: tf.reduce_sum(tf.exp(x) * y / (1 + x**2)) + tf.reduce_mean(x[1:]) + tf.norm(y), VEC, VEC + 0.3)


def case_nn() -> None:
    w = np.sin(np.arange(12.0, dtype="float32")).reshape(3, 4)
    agree(lambda w: tf.reduce_sum(tf.nn.log_softmax(tf.nn.gelu(tf.matmul(VEC[None], w)))[:, 1:]), w)


def case_control_flow() -> None:
    agree(lambda x: tf.while_loop(lambda y: tf.reduce_sum(y) < 50.0, lambda y: (y * y + x,), (x,))[0][2], VEC)
    agree(lambda x: tf.cond(x[0] > 0, lambda: tf.reduce_sum(x**3), lambda: x[0]), VEC)
    agree(lambda x: tf.reduce_sum(tf.scan(lambda c, a: c * a + x[0], x)) + tf.reduce_sum(tf.map_fn(tf.sin, x)), VEC)


def case_custom_gradient() -> None:
    @tf.custom_gradient
    def strange(x: Any) -> Any:
        return x * x, lambda upstream: upstream * 10.0 * x

    agree(lambda x: tf.reduce_sum(strange(x) * x), VEC)


def case_our_custom_gradient_under_their_tape() -> None:
    @T.custom_gradient
    def strange(x: Any) -> Any:
        return x * x, lambda upstream: upstream * x * x * x

    x = tf.constant(3.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        z = strange(x)
    check(tape.gradient(z, x), 27.0)


def case_our_tape_inside_theirs() -> None:
    x = tf.constant(3.0)
    with tf.GradientTape() as outer:
        outer.watch(x)
        with GradientTape() as inner:
            inner.watch(x)
            z = x * x * x
        first = inner.gradient(z, x)
    check([first, outer.gradient(first, x)], [27.0, 18.0])


def case_their_tape_inside_ours() -> None:
    x = tf.constant(3.0)
    with GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as inner:
            inner.watch(x)
            z = x * x * x
        first = inner.gradient(z, x)
    check([first, outer.gradient(first, x)], [27.0, 18.0])


def case_their_tape_over_our_variables() -> None:
    v = B.Variable(3.0)
    with tf.GradientTape() as tape:
        z = v * v.value
    check(tape.gradient(z, v.storage), 6.0)


def case_variables_in_tf_functions() -> None:
    v = B.Variable(VEC)
    with GradientTape() as tape:
        z = tf.reduce_sum(tf.multiply(v, VEC)) + tf.reduce_sum(tf.constant(VEC) + v) + tf.reduce_sum(tf.square(v))
    check(tape.gradient(z, v), VEC + 1.0 + 2 * VEC)


def case_sparse_gradients_become_dense() -> None:
    v = B.Variable(np.ones((4, 2), "float32"))
    with GradientTape() as tape:
        z = tf.reduce_sum(tf.gather(v.value, [1, 1, 3]))
    found = tape.gradient(z, v)
    assert isinstance(found, tf.Tensor)
    check(found, np.float32([[0, 0], [2, 2], [0, 0], [1, 1]]))


def case_unknown_sizes() -> None:
    @tf.function(input_signature=[tf.TensorSpec([None, 2])])
    def f(x: Any) -> Any:
        with GradientTape(persistent=True) as tape:
            tape.watch(x)
            z = x * x
        zeros = tape.gradient(z, tf.identity(x), unconnected_gradients="zero")
        return tape.gradient(z, x), tape.batch_jacobian(z, x), tape.jacobian(z, x), zeros

    for n in (1, 3):
        x = np.arange(2.0 * n, dtype="float32").reshape(n, 2)
        rows = np.stack([np.diag(2 * row) for row in x])
        full = np.diag(2 * x.ravel()).reshape(n, 2, n, 2)
        check(f(x), (2 * x, rows, full, 0 * x))


def case_tape_inside_their_function_with_variables() -> None:
    v = B.Variable(3.0)

    @tf.function
    def step(x: Any) -> Any:
        with GradientTape() as tape:
            z = v * v * x
        v.assign_sub(tape.gradient(z, v) * 0.1)
        return z

    check([step(tf.constant(1.0)), step(tf.constant(1.0))], [9.0, 5.76])
    check(v.value, 1.92)


def case_autograph_and_the_tape() -> None:
    @tf.function
    def f(x: Any) -> Any:
        with GradientTape() as tape:
            tape.watch(x)
            z = x
            for _ in tf.range(3):
                if tf.reduce_sum(z) < 100.0:
                    z = z * x
        return tape.gradient(z, x)

    check(f(tf.constant(2.0)), 32.0)


def case_xla() -> None:
    @tf.function(jit_compile=True)
    def f(x: Any) -> Any:
        with GradientTape() as tape:
            tape.watch(x)
            z = tf.reduce_sum(x**3)
        return tape.gradient(z, x)

    check(f(tf.constant(VEC)), 3 * VEC**2)


def case_enumerations_of_tensorflow() -> None:
    x = tf.constant(3.0)
    with GradientTape(persistent=True) as tape:
        tape.watch(x)
        z = x * 2.0
    other = tf.constant(1.0)
    assert tape.gradient(z, other, unconnected_gradients=tf.UnconnectedGradients.NONE) is None
    check(tape.gradient(z, other, unconnected_gradients=tf.UnconnectedGradients.ZERO), 0.0)


def case_tape_inside_vectorized_map() -> None:
    def cube(x: Any) -> Any:
        with GradientTape() as tape:
            tape.watch(x)
            z = x * x * x
        return tape.gradient(z, x)

    check(tf.vectorized_map(cube, tf.constant(VEC)), 3 * VEC**2)
    check(tf.map_fn(cube, tf.constant(VEC)), 3 * VEC**2)


def case_axes_shapes_and_numbers_are_no_inputs_of_a_graph() -> None:
    """Inputs have values that the optimizer of a graph does not know."""

    def fn(x: Any) -> Any:
        return B.transpose(B.reshape(B.multiply(B.sum(x, -1), 0.5), (2, 3)), (1, 0))

    fn(tf.ones((6, 4)))  # once eagerly, which keeps its constants
    assert len(tf.function(fn).get_concrete_function(tf.ones((6, 4))).graph.inputs) == 1
