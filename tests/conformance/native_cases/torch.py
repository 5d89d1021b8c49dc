"""The tape among PyTorch's own autograd, modules and transformations."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch.utils.checkpoint import checkpoint

from triceras import autodiff as T
from triceras.autodiff import GradientTape
from triceras_backends.active import backend as B

VEC = torch.tensor([0.5, -1.0, 2.0])


def check(got: Any, expect: Any) -> None:
    torch.testing.assert_close(got, expect, rtol=1e-5, atol=1e-6)


def agree(fn: Any, *args: torch.Tensor) -> None:
    """The tape's gradients equal autograd's."""
    leaves = [a.clone().requires_grad_() for a in args]
    expect = torch.autograd.grad(fn(*leaves), leaves)
    plain = [a.clone() for a in args]
    with GradientTape() as tape:
        tape.watch(plain)
        value = fn(*plain)
    check(tape.gradient(value, plain), list(expect))


def case_functional_network() -> None:
    w, v = torch.sin(torch.arange(12.0)).reshape(4, 3), torch.cos(torch.arange(8.0)).reshape(2, 4)
    agree(lambda w, v: F.cross_entropy(F.linear(F.gelu(F.linear(VEC[None], w)), v), torch.tensor([1])), w, v)


def case_in_place_operations() -> None:
    def f(x: torch.Tensor) -> torch.Tensor:
        y = x * 2.0
        y.add_(x).mul_(3.0)
        buffer = torch.zeros(3)
        buffer[1:] = y[:2] ** 2
        return buffer.sum() + y.sum()

    agree(f, VEC)


def case_views() -> None:
    agree(lambda x: (x.view(3, 1).expand(3, 2).T.contiguous().unfold(1, 2, 1) ** 2).sum(), VEC)


class Cube(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: torch.Tensor) -> torch.Tensor:
        ctx.save_for_backward(x)
        return x**3

    @staticmethod
    def backward(ctx: Any, upstream: torch.Tensor) -> torch.Tensor:
        (x,) = ctx.saved_tensors
        return upstream * 10.0 * x


def case_autograd_function() -> None:
    x = torch.tensor(2.0)
    with GradientTape() as outer:
        outer.watch(x)
        with GradientTape() as inner:
            inner.watch(x)
            z = Cube.apply(x)
        first = inner.gradient(z, x)
    check([first, outer.gradient(first, x)], [torch.tensor(20.0), torch.tensor(10.0)])


def case_checkpoint() -> None:
    agree(lambda x: checkpoint(lambda a: torch.sin(torch.sin(a)), x, use_reentrant=False).sum(), VEC)


def case_no_grad_inside() -> None:
    x = VEC.clone()
    with GradientTape(persistent=True) as tape:
        tape.watch(x)
        with torch.no_grad():
            held = x * x
        z = (held * x).sum()
    assert tape.gradient(held, x) is None
    check(tape.gradient(z, x), VEC**2)


def case_detach_inside() -> None:
    agree(lambda x: (x * x.detach()).sum() + x.sum(), VEC)


def case_tensors_that_require_grad_already() -> None:
    p = torch.nn.Parameter(VEC.clone())
    with GradientTape() as tape:
        tape.watch(p)
        z = (p * p).sum()
    check(tape.gradient(z, p), 2 * VEC)
    assert p.requires_grad
    assert p.grad is None


def case_results_of_the_users_own_graph() -> None:
    p = torch.nn.Parameter(VEC.clone())
    x = p * 2.0
    with GradientTape() as tape:
        tape.watch(x)
        z = (x * x).sum()
    check(tape.gradient(z, x), 4 * VEC)
    x.sum().backward()
    check(p.grad, torch.full((3,), 2.0))


def case_a_torch_module_inside() -> None:
    linear = torch.nn.Linear(3, 2)
    with GradientTape() as tape:
        tape.watch(list(linear.parameters()))
        z = linear(VEC).sum()
    found = tape.gradient(z, [linear.weight, linear.bias])
    check(found, [VEC.expand(2, 3), torch.ones(2)])
    assert linear.weight.requires_grad
    linear(VEC).sum().backward()
    check(linear.weight.grad, VEC.expand(2, 3))


def case_variables_in_torch_functions() -> None:
    v = B.Variable(VEC.numpy())
    with GradientTape() as tape:
        z = torch.sum(torch.mul(v, VEC)) + (VEC + v).sum() + F.mse_loss(VEC * 0.0, v, reduction="sum")
    check(tape.gradient(z, v), VEC + 1.0 + 2 * VEC)


def case_no_graph_outside_a_tape() -> None:
    v = B.Variable(VEC.numpy())
    assert not (v * 2.0).requires_grad
    assert not torch.sum(v.value).requires_grad
    with GradientTape() as tape:
        z = B.sum(v * v)
    assert not tape.gradient(z, v).requires_grad
    assert not (v * 2.0).requires_grad


def case_a_raw_torch_loop() -> None:
    v = B.Variable(VEC.numpy())
    v.storage.requires_grad_(True)
    optimizer = torch.optim.SGD([v.storage], lr=0.1)
    for _ in range(2):
        optimizer.zero_grad()
        B.sum(B.square(v)).backward()
        optimizer.step()
    check(v.value.detach(), VEC * 0.64)
    v.storage.requires_grad_(False)
    with GradientTape() as tape:
        z = B.sum(v * v)
    check(tape.gradient(z, v), VEC * 1.28)


def cube(x: torch.Tensor) -> torch.Tensor:
    with GradientTape() as tape:
        tape.watch(x)
        y = (x * x * x).sum()
    return tape.gradient(y, x)


def case_tape_inside_torch_func() -> None:
    check(torch.func.vmap(cube)(VEC), 3 * VEC**2)
    check(torch.func.grad(lambda a: cube(a).sum())(VEC), 6 * VEC)
    check(torch.func.jacrev(cube)(VEC), torch.diag(6 * VEC))
    check(torch.func.vmap(torch.func.grad(cube))(VEC), 6 * VEC)


def case_torch_func_inside() -> None:
    agree(lambda x: torch.func.grad(lambda a: torch.sin(a).sum())(x).sum(), VEC)
    agree(lambda x: torch.func.vmap(lambda a: a * x.sum())(x).sum(), VEC)


def case_autograd_inside() -> None:
    x = VEC.clone()
    with GradientTape() as tape:
        tape.watch(x)
        y = (x**3).sum()
        (first,) = torch.autograd.grad(y, x, create_graph=True)
        z = first.sum()
    check(tape.gradient(z, x), 6 * VEC)


def case_our_custom_gradient_under_autograd() -> None:
    @T.custom_gradient
    def strange(x: Any) -> Any:
        return x * x, lambda upstream: upstream * x * x * x

    x = torch.tensor(3.0, requires_grad=True)
    strange(x).backward()
    check(x.grad, torch.tensor(27.0))


def case_results_become_numpy() -> None:
    v = B.Variable(VEC.numpy())
    with GradientTape() as tape:
        z = v * v
        assert isinstance(np.asarray(B.convert_to_numpy(z)), np.ndarray)
    assert isinstance(tape.gradient(z, v).numpy(), np.ndarray)


def case_grad_mode_is_left_as_it_was() -> None:
    with torch.no_grad():
        v = B.Variable(VEC.numpy())
        with GradientTape() as tape:
            z = B.sum(v * v)
        check(tape.gradient(z, v), 2 * VEC)
        assert not torch.is_grad_enabled()
    assert torch.is_grad_enabled()
