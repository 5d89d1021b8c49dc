"""The functional forms: grad, jacobian, hessian, jvp, vjp, hvp, vmap, custom_gradient, stop_gradient."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.conformance.native import native
from tests.conformance.support import f32, same
from triceras import autodiff as T
from triceras_backends.active import backend as B

VEC = [1.0, 2.0, 3.0]


def cubic(x: Any) -> Any:
    return x * x * x


def quadratic(x: Any) -> Any:
    """x1^2 + 2 x2^2 + 3 x3^2 + x1 x2."""
    return B.sum(x * x * f32(VEC)) + x[0] * x[1]


# -- value_and_grad, grad ------------------------------------------------------------------------


def test_value_and_grad() -> None:
    same(T.value_and_grad(cubic)(f32(3.0)), [27.0, 27.0])


def test_argnums() -> None:
    def f(x: Any, y: Any, z: Any) -> Any:
        return x * y + y * z * 0.0

    args = (f32(3.0), f32(2.0), f32(5.0))
    same(T.grad(f)(*args), 2.0)
    same(T.grad(f, argnums=1)(*args), 3.0)
    same(T.grad(f, argnums=-2)(*args), 3.0)
    found = T.grad(f, argnums=(2, 0))(*args)
    assert isinstance(found, tuple)
    same(found, [0.0, 2.0])


@pytest.mark.parametrize("argnums", [1, -2, (0, 3), True, "x"])
def test_bad_argnums(argnums: Any) -> None:
    with pytest.raises((ValueError, TypeError), match="argnums"):
        T.grad(cubic, argnums=argnums)(f32(1.0))


def test_the_same_tensor_for_two_arguments() -> None:
    x = f32(3.0)
    same(T.grad(lambda a, b: a * a * b, argnums=(0, 1))(x, x), [18.0, 9.0])
    same(T.grad(lambda a, b: a * a * b)(x, x), 18.0)
    same(T.jacobian(lambda a, b: a * a * b)(x, x), 18.0)


def test_arguments_in_structures() -> None:
    params = {"w": f32(VEC), "b": [f32(2.0), (f32(1.0),)]}
    found = T.grad(lambda p, k=1.0: B.sum(p["w"] * p["b"][0]) * k)(params, k=2.0)
    assert isinstance(found["b"][1], tuple)
    same(found, {"w": [4.0, 4.0, 4.0], "b": [12.0, [0.0]]})


def test_has_aux() -> None:
    def f(x: Any) -> Any:
        return x * x, {"seen": x + 1.0}

    (value, aux), gradient = T.value_and_grad(f, has_aux=True)(f32(3.0))
    same([value, aux, gradient], [9.0, {"seen": 4.0}, 6.0])
    gradient, aux = T.grad(f, has_aux=True)(f32(3.0))
    same([gradient, aux], [6.0, {"seen": 4.0}])
    with pytest.raises(TypeError, match="pair"):
        T.grad(cubic, has_aux=True)(f32(3.0))


def test_by_variables() -> None:
    v, w, unused = B.Variable(3.0), B.Variable(VEC), B.Variable(1.0)

    def loss(x: Any, scale: float = 1.0) -> Any:
        return B.sum(w * v * x) * scale

    value, found = T.value_and_grad(loss, variables={"v": v, "rest": [w, unused]})(f32(2.0), scale=0.5)
    same([value, found], [18.0, {"v": 6.0, "rest": [[3.0, 3.0, 3.0], None]}])
    same(T.grad(loss, variables=v)(f32(2.0)), 12.0)


def test_by_variables_with_aux_and_assignment() -> None:
    v, count = B.Variable(3.0), B.Variable(0, trainable=False)

    def loss() -> Any:
        count.assign_add(1)
        return v * v, v * 2.0

    (value, aux), found = T.value_and_grad(loss, has_aux=True, variables=[v])()
    same([value, aux, found], [9.0, 6.0, [6.0]])
    assert int(count) == 1


def test_by_untrainable_variables() -> None:
    v = B.Variable(3.0, trainable=False)
    same(T.grad(lambda: v * v, variables=[v])(), [6.0])


def test_variables_are_constants_to_argnums() -> None:
    v = B.Variable(3.0)
    same(T.grad(lambda x: x * x * v)(f32(2.0)), 12.0)


def test_refusals() -> None:
    with pytest.raises(TypeError, match="function"):
        T.grad(3.0)
    with pytest.raises(TypeError, match=r"shape \(3,\)"):
        T.grad(lambda x: x * x)(f32(VEC))
    with pytest.raises(TypeError, match="int32"):
        T.grad(lambda x: B.cast(x, "int32"))(f32(1.0))
    with pytest.raises(TypeError, match="Variables only"):
        T.grad(cubic, variables=[f32(1.0)])
    with pytest.raises(TypeError, match="int32"):
        T.jacobian(cubic)(native.tensor(np.int32(1)))


def test_exception_passes_and_leaves_nothing() -> None:
    v = B.Variable(3.0)

    def f(x: Any) -> Any:
        raise KeyError("stop")

    for form in (T.grad(f), T.jacobian(f), T.grad(f, variables=[v]), T.vmap(f), lambda x: T.vjp(f, x)):
        with pytest.raises(KeyError):
            form(f32(VEC))
    same(T.grad(lambda x: x * v)(f32(1.0)), 3.0)
    assert not T.GradientTape().watched_variables()


def test_orders() -> None:
    f = lambda x: x * x * x * x  # noqa: E731
    for expect in (108.0, 108.0, 72.0, 24.0):
        f = T.grad(f)
        same(f(f32(3.0)), expect)


def test_numpy_and_python_arguments() -> None:
    same(T.grad(lambda x: B.sum(B.square(x)))(np.float32(VEC)), [2.0, 4.0, 6.0])
    same(T.grad(B.square)(3.0), 6.0)


# -- Jacobians and products ----------------------------------------------------------------------


def test_jacobian() -> None:
    same(T.jacobian(lambda x: x * x)(f32([1.0, 2.0])), [[2.0, 0.0], [0.0, 4.0]])
    same(T.jacobian(cubic)(f32(3.0)), 27.0)


def test_jacobian_in_structures() -> None:
    found = T.jacobian(lambda x, p: {"sum": B.sum(x) * p["a"], "x": x}, argnums=(0, 1))(
        f32([1.0, 2.0]), {"a": f32(3.0)}
    )
    same(found, {"sum": [[3.0, 3.0], {"a": 3.0}], "x": [[[1.0, 0.0], [0.0, 1.0]], {"a": [0.0, 0.0]}]})


def test_jacobian_by_variables_is_of_arguments_only() -> None:
    v = B.Variable(2.0)
    same(T.jacobian(lambda x: x * v)(f32([1.0, 2.0])), [[2.0, 0.0], [0.0, 2.0]])


def test_hessian() -> None:
    same(T.hessian(quadratic)(f32(VEC)), [[2.0, 1.0, 0.0], [1.0, 4.0, 0.0], [0.0, 0.0, 6.0]])
    found = T.hessian(lambda x, y: x * x * y, argnums=(0, 1))(f32(3.0), f32(2.0))
    same(found, [[4.0, 6.0], [6.0, 0.0]])


def test_jacobian_of_jacobian() -> None:
    found = T.jacobian(T.jacobian(lambda x: x * x * x))(f32([1.0, 2.0]))
    expect = np.zeros((2, 2, 2))
    expect[0, 0, 0], expect[1, 1, 1] = 6.0, 12.0
    same(found, expect)


def test_jvp() -> None:
    same(T.jvp(cubic, (f32(VEC),), (f32([1.0, 0.0, 2.0]),)), [[1.0, 8.0, 27.0], [3.0, 0.0, 54.0]])
    value, tangent = T.jvp(lambda p, y: {"z": p["a"] * y}, ({"a": f32(3.0)}, f32(2.0)), ({"a": f32(1.0)}, f32(10.0)))
    same([value, tangent], [{"z": 6.0}, {"z": 32.0}])


def test_jvp_refuses() -> None:
    with pytest.raises(TypeError, match="tuples or lists"):
        T.jvp(cubic, f32(1.0), f32(1.0))
    with pytest.raises(ValueError, match="structure"):
        T.jvp(cubic, (f32(1.0),), (f32(1.0), f32(1.0)))
    with pytest.raises(ValueError, match=r"\(\).*\(3,\)"):
        T.jvp(cubic, (f32(1.0),), (f32(VEC),))


def test_jvp_of_jvp_and_of_grad() -> None:
    one = (f32(1.0),)
    same(T.jvp(lambda x: T.jvp(cubic, (x,), one)[1], (f32(3.0),), one), [27.0, 18.0])
    same(T.jvp(T.grad(cubic), (f32(3.0),), one), [27.0, 18.0])
    same(T.grad(lambda x: T.jvp(cubic, (x,), one)[1])(f32(3.0)), 18.0)


def test_vjp() -> None:
    value, pullback = T.vjp(lambda x, p: {"a": x * p[0], "b": x}, f32(VEC), [f32(2.0)])
    same(value, {"a": [2.0, 4.0, 6.0], "b": VEC})
    found = pullback({"a": f32([1.0, 0.0, 1.0]), "b": f32([0.0, 5.0, 0.0])})
    assert isinstance(found, tuple)
    same(found, [[2.0, 5.0, 2.0], [4.0]])
    same(pullback({"a": f32([0.0, 0.0, 1.0]), "b": f32([0.0, 0.0, 0.0])})[0], [0.0, 0.0, 2.0])


def test_vjp_is_differentiable() -> None:
    same(T.grad(lambda x: T.vjp(cubic, x)[1](f32(1.0))[0])(f32(3.0)), 18.0)


def test_hvp() -> None:
    along = f32([1.0, 0.0, 2.0])
    same(T.hvp(quadratic, f32(VEC), along), [2.0, 1.0, 12.0])
    found = T.hvp(lambda x, y: x * x * y, (f32(3.0), f32(2.0)), (f32(1.0), f32(10.0)))
    same(found, [64.0, 6.0])
    assert isinstance(found, tuple)


def test_hvp_is_differentiable() -> None:
    same(T.grad(lambda x: T.hvp(cubic, x, f32(1.0)))(f32(3.0)), 6.0)


# -- vmap ---------------------------------------------------------------------------------------


def test_vmap() -> None:
    same(T.vmap(lambda x, y: x * y + B.sum(x))(f32([[1, 2], [3, 4]]), f32([[1, 1], [2, 2]])), [[4, 5], [13, 15]])


def test_vmap_axes() -> None:
    x, y = f32([[1, 2, 3], [4, 5, 6]]), f32([10.0, 20.0])
    same(T.vmap(lambda a, b: a + b, in_axes=(1, None), out_axes=1)(x, y), [[11, 12, 13], [24, 25, 26]])
    same(
        T.vmap(lambda p: {"s": p["x"] + p["y"]}, in_axes=({"x": 0, "y": None},))({"x": y, "y": f32(1.0)}),
        {"s": [11, 21]},
    )


def test_vmap_twice() -> None:
    outer = T.vmap(T.vmap(lambda a, b: a * b, in_axes=(None, 0)), in_axes=(0, None))
    same(outer(f32([1.0, 2.0]), f32(VEC)), [[1, 2, 3], [2, 4, 6]])


def test_vmap_of_matrix_functions() -> None:
    x = np.cos(np.arange(12.0, dtype="float32")).reshape(3, 2, 2)
    same(T.vmap(lambda m: B.matmul(m, B.transpose(m)))(f32(x)), x @ x.swapaxes(1, 2))
    same(T.vmap(lambda m: B.max(m, axis=0))(f32(x)), x.max(1))
    softmax = np.exp(x) / np.exp(x).sum(-1, keepdims=True)
    same(T.vmap(B.softmax)(f32(x)), softmax)


def test_vmap_and_gradients() -> None:
    x = f32(VEC)
    same(T.vmap(T.grad(cubic))(x), [3.0, 12.0, 27.0])
    same(T.vmap(T.hessian(cubic))(x), [6.0, 12.0, 18.0])
    same(T.grad(lambda a: B.sum(T.vmap(cubic)(a)))(x), [3.0, 12.0, 27.0])
    same(T.vmap(lambda a: T.jvp(cubic, (a,), (f32(1.0),))[1])(x), [3.0, 12.0, 27.0])


def test_vmap_per_example_gradients_by_a_weight() -> None:
    w, x = f32([1.0, -1.0]), f32([[1, 2], [3, 4], [5, 6]])
    found = T.vmap(T.grad(lambda w, row: B.square(B.sum(w * row))), in_axes=(None, 0))(w, x)
    same(found, [[-2, -4], [-6, -8], [-10, -12]])


def test_vmap_reads_variables() -> None:
    v = B.Variable(2.0)
    same(T.vmap(lambda a: a * v)(f32(VEC)), [2.0, 4.0, 6.0])
    same(T.grad(lambda: B.sum(T.vmap(lambda a: a * v)(f32(VEC))), variables=v)(), 6.0)


def test_vmap_refuses_unequal_sizes() -> None:
    with pytest.raises(ValueError, match="3"):
        T.vmap(lambda a, b: a + b)(f32(VEC), f32([1.0, 2.0]))


# -- custom_gradient, stop_gradient --------------------------------------------------------------


@T.custom_gradient
def clipped(x: Any) -> Any:
    """x, whose gradient is limited to 1."""
    return x * 1.0, lambda upstream: B.clip(upstream, -1.0, 1.0)


@T.custom_gradient
def scaled(x: Any, y: Any) -> Any:
    """x y, with a derivative ten times too large by x and none by y."""
    return x * y, lambda upstream: (upstream * y * 10.0, upstream * 0.0)


@T.custom_gradient
def both(x: Any) -> Any:
    return (x * 2.0, x * 3.0), lambda a, b: a * 2.0 + b * 100.0


def test_custom_gradient() -> None:
    same(T.value_and_grad(lambda x: clipped(x) * 5.0)(f32(3.0)), [15.0, 1.0])
    same(T.grad(scaled, argnums=(0, 1))(f32(3.0), f32(2.0)), [20.0, 0.0])
    assert clipped.__name__ == "clipped"
    assert "limited" in (clipped.__doc__ or "")


def test_custom_gradient_outside_any_gradient() -> None:
    same([clipped(f32(3.0)), *both(f32(1.0))], [3.0, 2.0, 3.0])


def test_custom_gradient_of_several_outputs() -> None:
    same(T.grad(lambda x: both(x)[0] + both(x)[1])(f32(1.0)), 102.0)
    same(T.grad(lambda x: both(x)[0] * 1.0)(f32(1.0)), 2.0)


def test_custom_gradient_under_a_tape() -> None:
    x, v = f32(3.0), B.Variable(2.0)
    with T.GradientTape() as tape:
        tape.watch(x)
        z = scaled(x, v) * 1.0 + clipped(v * 7.0)
    same(tape.gradient(z, [x, v]), [20.0, 7.0])


def test_custom_gradient_to_second_order() -> None:
    @T.custom_gradient
    def strange(x: Any) -> Any:
        return x * x, lambda upstream: upstream * x * x * x

    same(T.grad(T.grad(strange))(f32(3.0)), 27.0)
    x = f32(3.0)
    with T.GradientTape() as outer:
        outer.watch(x)
        with T.GradientTape() as inner:
            inner.watch(x)
            z = strange(x)
        first = inner.gradient(z, x)
    same([first, outer.gradient(first, x)], [27.0, 27.0])


def test_custom_gradient_in_jit_and_vmap() -> None:
    same(T.jit(T.grad(lambda x: clipped(x) * 5.0))(f32(3.0)), 1.0)
    same(T.vmap(T.grad(lambda x: clipped(x) * x))(f32(VEC)), [2.0, 3.0, 4.0])
    same(T.jacobian(lambda x: clipped(x) * 5.0)(f32([1.0, 2.0])), [[1.0, 0.0], [0.0, 1.0]])


def test_custom_gradient_raises_what_its_function_raises() -> None:
    @T.custom_gradient
    def broken(x: Any) -> Any:
        raise KeyError("stop")

    with pytest.raises(KeyError):
        broken(f32(1.0))


def test_stop_gradient() -> None:
    x = f32(3.0)
    same(T.grad(lambda a: a * T.stop_gradient(a))(x), 3.0)
    same(T.grad(lambda a: a * T.stop_gradient({"k": [a]})["k"][0])(x), 3.0)
    v = B.Variable(3.0)
    same(T.grad(lambda: v * T.stop_gradient(v), variables=v)(), 3.0)
    same(T.jvp(lambda a: a * T.stop_gradient(a), (x,), (f32(1.0),))[1], 3.0)
    same(T.vmap(T.grad(lambda a: a * T.stop_gradient(a)))(f32(VEC)), VEC)


# -- inside jit -----------------------------------------------------------------------------------


def test_functional_forms_inside_jit() -> None:
    x = f32(VEC)
    same(T.jit(T.grad(quadratic))(x), [4.0, 9.0, 18.0])
    same(T.jit(T.hessian(quadratic))(x), [[2.0, 1.0, 0.0], [1.0, 4.0, 0.0], [0.0, 0.0, 6.0]])
    same(T.jit(lambda a: T.hvp(quadratic, a, f32([1.0, 0.0, 2.0])))(x), [2.0, 1.0, 12.0])
    same(T.jit(T.vmap(T.grad(cubic)))(x), [3.0, 12.0, 27.0])
    same(T.jit(lambda a: T.jvp(cubic, (a,), (f32([1.0, 0.0, 2.0]),)))(x), [[1.0, 8.0, 27.0], [3.0, 0.0, 54.0]])
    same(T.jit(lambda a: T.vjp(cubic, a)[1](f32([1.0, 0.0, 2.0]))[0])(x), [3.0, 0.0, 54.0])
    same(T.grad(T.jit(cubic))(f32(3.0)), 27.0)
    same(T.vmap(T.jit(cubic))(x), [1.0, 8.0, 27.0])
