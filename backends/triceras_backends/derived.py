"""Composites written from primitives, for backends that bring none of their own.

Each takes the assembled backend `b` first, then the parameters of the contract.
"""

from __future__ import annotations

from typing import Any

from triceras_backends.contract.types import Tensor


def true_divide(b: Any, x1: Tensor, x2: Tensor) -> Tensor:
    return b.divide(x1, x2)


def identity(b: Any, n: int, dtype: Any = None) -> Tensor:
    return b.eye(n, dtype=dtype)


def swapaxes(b: Any, x: Tensor, axis1: int, axis2: int) -> Tensor:
    order = list(range(len(b.static_shape(x))))
    order[axis1], order[axis2] = order[axis2], order[axis1]
    return b.transpose(x, order)


def rows(b: Any, x: Tensor, indices: Any) -> Tensor:
    return b.take(x, indices, axis=0)


def softsign(b: Any, x: Tensor) -> Tensor:
    return b.divide(x, b.add(b.abs(x), 1))


def sgd_update(
    b: Any,
    variables: list[Any],
    gradients: list[Any],
    momenta: list[Any],
    learning_rate: Any,
    momentum: float,
    nesterov: bool,
) -> None:
    if not momenta:
        for variable, gradient in zip(variables, gradients, strict=True):
            variable.assign(variable.value - learning_rate * gradient)
        return
    for variable, gradient, slot in zip(variables, gradients, momenta, strict=True):
        step = learning_rate * gradient
        velocity = slot.value * momentum - step
        slot.assign(velocity)
        variable.assign(variable.value + (velocity * momentum - step if nesterov else velocity))


def adam_update(
    b: Any, variables: list[Any], gradients: list[Any], moments: list[Any], velocities: list[Any], step: Any,
    learning_rate: Any, beta_1: float, beta_2: float, epsilon: float,
) -> None:  # fmt: skip
    step = b.cast(step, variables[0].dtype)
    rate = learning_rate * b.sqrt(1 - beta_2**step) / (1 - beta_1**step)
    for variable, gradient, m_slot, v_slot in zip(variables, gradients, moments, velocities, strict=True):
        m = m_slot.value + (gradient - m_slot.value) * (1 - beta_1)
        v = v_slot.value + (b.square(gradient) - v_slot.value) * (1 - beta_2)
        m_slot.assign(m)
        v_slot.assign(v)
        variable.assign(variable.value - rate * m / (b.sqrt(v) + epsilon))


def native_module_variables(b: Any, module: Any) -> dict[str, Any]:
    raise TypeError(f"The {b.name} backend has no modules of its own to wrap; a TorchModuleWrapper needs PyTorch's.")


def native_module_call(
    b: Any, module: Any, variables: dict[str, Any], training: bool, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Any:
    return native_module_variables(b, module)


def checkpoint(b: Any, fn: Any, *args: Tensor) -> Any:
    return fn(*args)
