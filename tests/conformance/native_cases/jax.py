"""The tape among JAX's own transformations and control flow."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

from triceras import autodiff as T
from triceras.autodiff import GradientTape
from triceras_backends.active import backend as B

VEC = np.float32([0.5, -1.0, 2.0])


def taped(fn: Callable[..., Any]) -> Callable[..., Any]:
    """jax.grad by the tape."""

    def call(*args: Any) -> Any:
        with GradientTape() as tape:
            tape.watch(args)
            value = fn(*args)
        return tape.gradient(value, args)

    return call


def agree(fn: Callable[..., Any], *args: Any, orders: int = 1) -> None:
    """The tape's gradients equal jax.grad's, plainly, under jax.jit, and if asked to second order."""
    args = tuple(jnp.asarray(a) for a in args)
    which = tuple(range(len(args)))
    expect = jax.grad(fn, argnums=which)
    first = jax.jit(expect)(*args)
    check(taped(fn)(*args), first)
    check(jax.jit(taped(fn))(*args), first)
    if orders > 1:
        total = lambda g: lambda *a: sum(jnp.sum(jnp.sin(one)) for one in g(*a))  # noqa: E731
        second = jax.jit(jax.grad(total(expect), argnums=which))(*args)
        check(taped(total(taped(fn)))(*args), second)
        check(jax.jit(jax.grad(total(taped(fn)), argnums=which))(*args), second)


def check(got: Any, expect: Any) -> None:
    assert jax.tree.structure(got) == jax.tree.structure(expect)
    for one, other in zip(jax.tree.leaves(got), jax.tree.leaves(expect), strict=True):
        assert (one.shape, one.dtype) == (other.shape, other.dtype)
        np.testing.assert_allclose(one, other, rtol=2e-5, atol=1e-6)


# -- plain code ----------------------------------------------------------------------------------


def case_numpy_functions_and_operators() -> None:
    agree(lambda x, y: jnp.sum(jnp.exp(x) * y / (1 + x**2) - abs(y) @ x + x[1:].mean() + jnp.var(y)), VEC, VEC + 0.3)


def case_network_of_jax_nn() -> None:
    w, v = np.sin(np.arange(12.0, dtype="float32")).reshape(3, 4), np.cos(np.arange(8.0, dtype="float32")).reshape(4, 2)

    def loss(w: Any, v: Any) -> Any:
        hidden = jax.nn.gelu(jnp.asarray(VEC) @ w)
        return -jnp.sum(jax.nn.log_softmax(jax.nn.silu(hidden) @ v) * jnp.array([0.0, 1.0]))

    agree(loss, w, v)


def case_indexed_updates() -> None:
    agree(lambda x: jnp.sum(x.at[0].set(2.0 * x[1]).at[jnp.array([1, 1])].add(x[0]) ** 2), VEC)


def case_shapes_and_sorting() -> None:
    agree(lambda x: jnp.sum(jnp.sort(jnp.tile(x, 2).reshape(2, 3).T, axis=0)[1:] ** 3) + lax.top_k(x, 2)[0][1], VEC)


def case_linear_algebra() -> None:
    m = np.float32([[3.0, 1.0, 0.2], [0.5, 2.0, 0.1], [0.3, 0.4, 4.0]])
    agree(lambda m: jnp.sum(jnp.linalg.solve(m, jnp.asarray(VEC)) ** 2) + jnp.linalg.slogdet(m)[1], m)
    agree(lambda m: jnp.sum(jnp.linalg.cholesky(m @ m.T)) + jnp.sum(jnp.linalg.eigh(m + m.T)[0] ** 2), m)


def case_complex_intermediates() -> None:
    agree(lambda x: jnp.sum(jnp.abs(jnp.fft.fft(x)) ** 2) + jnp.real(jnp.exp(1j * x[0])), VEC)


def case_integers_keys_and_booleans_on_the_way() -> None:
    def f(x: Any) -> Any:
        noise = jax.random.normal(jax.random.fold_in(jax.random.key(0), 3), x.shape)
        return jnp.sum(jnp.where(x > 0, x, noise * x) * jnp.argsort(x)) + x[jnp.argmax(x)]

    agree(f, VEC)


def case_looking_at_values() -> None:
    x = jnp.asarray(VEC)
    with GradientTape() as tape:
        tape.watch(x)
        y = x * 2.0
        assert float(y[0]) == 1.0
        assert np.asarray(y)[2] == 4.0
        assert isinstance(y, jax.Array)
        assert not isinstance(y, jax.core.Tracer)
        jax.debug.callback(lambda _: None, y)
        z = jnp.sum(y) if y[0] > 0 else y[0]
    check(tape.gradient(z, x), jnp.full(3, 2.0))


def case_stop_gradient() -> None:
    agree(lambda x: jnp.sum(x * lax.stop_gradient(x) + lax.stop_gradient(x)), VEC, orders=2)


def case_variables_in_jax_functions() -> None:
    v = B.Variable(VEC)
    with GradientTape() as tape:
        z = jnp.sum(jnp.asarray(v) ** 2) + jnp.sum(v.value * jnp.asarray(VEC) * v)
    check(tape.gradient(z, v), jnp.asarray(2 * VEC + 2 * VEC**2))


# -- control flow -----------------------------------------------------------------------------------


def case_scan() -> None:
    def f(c: Any, xs: Any) -> Any:
        last, ys = lax.scan(lambda c, x: (jnp.sin(c) + x, c * x), c, xs)
        return last + jnp.sum(ys**2)

    agree(f, np.float32(0.3), VEC, orders=2)


def case_scan_that_closes_over_watched_arrays() -> None:
    agree(
        lambda w, xs: lax.scan(lambda c, x: (jnp.tanh(c * w + x), None), jnp.zeros(()), xs)[0],
        np.float32(0.7),
        VEC,
        orders=2,
    )


def case_scan_over_variables() -> None:
    v = B.Variable(0.7)
    with GradientTape() as tape:
        z, _ = lax.scan(lambda c, x: (jnp.tanh(c * v.value + x), None), jnp.zeros(()), jnp.asarray(VEC))
    expect = jax.grad(lambda w: lax.scan(lambda c, x: (jnp.tanh(c * w + x), None), jnp.zeros(()), jnp.asarray(VEC))[0])
    check(tape.gradient(z, v), expect(jnp.float32(0.7)))


def case_fori_loop() -> None:
    agree(lambda x: lax.fori_loop(0, 4, lambda i, y: y * x + i, x), np.float32(0.6), orders=2)


def case_cond_and_switch() -> None:
    for start in (0.6, -0.6):
        agree(lambda x: lax.cond(x > 0, lambda a: a**3, lambda a: -a * x, x), np.float32(start))
    for k in range(3):
        agree(lambda x, k=k: lax.switch(k, [jnp.sin, jnp.cos, lambda a: a * x], x), np.float32(0.6))


def case_while_loop_forward() -> None:
    """A while loop has no reverse mode in JAX; nobody asks for it here, so nothing may fail."""
    x = jnp.float32(1.5)
    with GradientTape() as tape:
        tape.watch(x)
        count, _ = lax.while_loop(lambda s: s[1] < 100.0, lambda s: (s[0] + 1, s[1] * x), (0, x))
        z = x * x * count
    check(tape.gradient(z, x), jnp.float32(2 * 1.5 * 11))


def case_while_loop_backward_is_an_error() -> None:
    x = jnp.float32(1.5)
    with pytest.raises(ValueError, match="[Rr]everse"), GradientTape() as tape:
        tape.watch(x)
        tape.gradient(lax.while_loop(lambda y: y < 100.0, lambda y: y * x, x), x)


def case_associative_scan_and_map() -> None:
    agree(lambda x: jnp.sum(lax.associative_scan(jnp.multiply, x) ** 2) + jnp.sum(lax.map(jnp.sin, x)), VEC)


# -- custom derivatives ----------------------------------------------------------------------------


@jax.custom_jvp
def doubled(x: Any) -> Any:
    return x * x


@doubled.defjvp
def _(primals: Any, tangents: Any) -> Any:
    return doubled(primals[0]), 10.0 * primals[0] ** 2 * tangents[0]


@functools.partial(jax.custom_vjp, nondiff_argnums=(1,))
def scaled(x: Any, factor: float, y: Any) -> Any:
    return x * y * factor


scaled.defvjp(
    lambda x, factor, y: (x * y * factor, (x, y)), lambda factor, kept, g: (g * kept[1] * 7.0, g * kept[0] ** 2)
)


def case_custom_jvp() -> None:
    agree(lambda x: jnp.sum(doubled(x) * x), VEC, orders=2)


def case_custom_vjp() -> None:
    agree(lambda x, y: jnp.sum(scaled(x, 3.0, y) * x), VEC, VEC + 1.0, orders=2)


def case_custom_derivatives_inside_transformations() -> None:
    agree(lambda x: jnp.sum(jax.vmap(doubled)(x)) + jax.jit(doubled)(x[0]), VEC)
    agree(lambda x: lax.scan(lambda c, a: (c + scaled(a, 2.0, c), None), x[0], x)[0], VEC)


def case_our_custom_gradient_under_jax() -> None:
    @T.custom_gradient
    def strange(x: Any) -> Any:
        return x * x, lambda upstream: upstream * x * x * x

    check(jax.grad(strange)(jnp.float32(3.0)), jnp.float32(27.0))
    check(jax.jit(jax.vmap(jax.grad(strange)))(jnp.float32([1.0, 2.0])), jnp.float32([1.0, 8.0]))


# -- transformations inside the block -------------------------------------------------------------


def case_jit_inside() -> None:
    f = jax.jit(lambda x, y: jnp.sin(x) * y)
    g = jax.jit(lambda x, n: x * n, static_argnums=1)
    agree(lambda x, y: jnp.sum(f(x, f(y, x))) + jnp.sum(g(x, 3)), VEC, VEC + 1.0, orders=2)


def case_vmap_inside() -> None:
    agree(lambda x, y: jnp.sum(jax.vmap(lambda a, b: a * jnp.sum(y) * b)(x, y)), VEC, VEC + 1.0)


def case_grad_inside() -> None:
    agree(lambda x: jnp.sum(jax.vmap(jax.grad(lambda a: jnp.sin(a) * a))(x)), VEC, orders=2)
    agree(lambda x: jnp.sum(jax.jacfwd(lambda a: a**3)(x)) + jax.hessian(jnp.sin)(x[0]), VEC)


def case_vjp_and_linearize_inside() -> None:
    def f(x: Any) -> Any:
        value, pullback = jax.vjp(lambda a: jnp.sin(a) * x, x)
        _, tangent = jax.jvp(jnp.cos, (x,), (x,))
        _, line = jax.linearize(jnp.tanh, x)
        return jnp.sum(value * pullback(x)[0]) + jnp.sum(tangent * line(x))

    agree(f, VEC)


def case_checkpoint_inside() -> None:
    agree(lambda x: jnp.sum(jax.checkpoint(lambda a: jnp.sin(jnp.sin(a)))(x) ** 2), VEC)


# -- the tape inside transformations ----------------------------------------------------------------


def cube(x: Any) -> Any:
    with GradientTape() as tape:
        tape.watch(x)
        y = jnp.sum(x * x * x)
    return tape.gradient(y, x)


def case_tape_inside_transformations() -> None:
    x = jnp.asarray(VEC)
    check(jax.vmap(cube)(x), 3 * x**2)
    check(jax.jit(jax.vmap(cube))(x), 3 * x**2)
    check(jax.grad(lambda a: jnp.sum(cube(a)))(x), 6 * x)
    check(jax.vmap(jax.grad(cube))(x), 6 * x)
    check(jax.jacfwd(cube)(x), jnp.diag(6 * x))
    check(jax.jacrev(cube)(x), jnp.diag(6 * x))
    check(jax.hessian(lambda a: jnp.sum(cube(a)))(x), jnp.diag(jnp.full(3, 6.0)))
    check(jax.jvp(cube, (x,), (x,))[1], 6 * x**2)
    check(jax.checkpoint(cube)(x), 3 * x**2)


def case_tape_inside_control_flow() -> None:
    x = jnp.asarray(VEC)
    check(lax.map(cube, x), 3 * x**2)
    check(lax.scan(lambda c, a: (c + cube(a), cube(a)), jnp.float32(0.0), x), (jnp.sum(3 * x**2), 3 * x**2))
    check(lax.cond(x[0] > 0, cube, lambda a: a, x), 3 * x**2)
    check(jax.grad(lambda a: lax.scan(lambda c, b: (c + cube(b), None), jnp.float32(0.0), a)[0])(x), 6 * x)


def case_tape_by_a_closed_over_tracer() -> None:
    def f(x: Any) -> Any:
        def inner(y: Any) -> Any:
            with GradientTape() as tape:
                tape.watch([x, y])
                z = x * y * y
            return tape.gradient(z, [x, y])

        return jax.vmap(inner)(jnp.float32([1.0, 2.0]))

    check(jax.jit(f)(jnp.float32(3.0)), [jnp.float32([1.0, 4.0]), jnp.float32([6.0, 12.0])])


def case_persistent_tape_and_jacobians_inside_jit() -> None:
    def f(x: Any) -> Any:
        with GradientTape(persistent=True) as tape:
            tape.watch(x)
            y = jnp.sin(x)
        return tape.jacobian(y, x), tape.batch_jacobian(y, x), tape.gradient(y, x)

    x = jnp.asarray(VEC)
    check(jax.jit(f)(x), (jnp.diag(jnp.cos(x)), jnp.cos(x), jnp.cos(x)))


def case_no_tracer_leaks() -> None:
    with jax.checking_leaks():
        check(jax.jit(cube)(jnp.asarray(VEC)), 3 * jnp.asarray(VEC) ** 2)
        check(jax.jit(jax.grad(lambda a: jnp.sum(cube(a))))(jnp.asarray(VEC)), 6 * jnp.asarray(VEC))


def case_an_error_in_a_jax_function_leaves_the_tape_whole() -> None:
    x = jnp.asarray(VEC)
    with GradientTape() as tape:
        tape.watch(x)
        with pytest.raises(TypeError):
            jnp.dot(x, "x")
        with pytest.raises(TypeError):
            jnp.matmul(x, jnp.zeros((2, 2)))
        z = jnp.sum(x * x)
    check(tape.gradient(z, x), 2 * x)
    check(jax.jit(lambda a: a + 1.0)(x), x + 1.0)


def case_the_compiled_step_costs_what_value_and_grad_costs() -> None:
    w, x = jnp.ones((20, 20)), jnp.ones((5, 20))
    loss = lambda w: jnp.mean(jnp.tanh(x @ jnp.tanh(x @ w).T) ** 2)  # noqa: E731

    def by_tape(w: Any) -> Any:
        with GradientTape() as tape:
            tape.watch(w)
            value = loss(w)
        return value, tape.gradient(value, w)

    ours, own = (jax.jit(f).lower(w).compile().cost_analysis()["flops"] for f in (by_tape, jax.value_and_grad(loss)))
    assert ours <= own * 1.02
