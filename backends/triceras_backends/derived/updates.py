"""The optimizers' kernels and the other assignments of a step, plainly."""

from __future__ import annotations

import math
from typing import Any

from triceras_backends.contract.types import Tensor


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
    b: Any, variables: list[Any], gradients: list[Any], moments: list[Any], velocities: list[Any], maxima: list[Any],
    iterations: Any, learning_rate: Any, beta_1: float, beta_2: float, epsilon: float,
) -> None:  # fmt: skip
    step = b.cast(b.convert_to_tensor(iterations), "float32") + 1
    rate = learning_rate * b.sqrt(1 - beta_2**step) / (1 - beta_1**step)
    for i, (variable, gradient) in enumerate(zip(variables, gradients, strict=True)):
        m_old, v_old = moments[i].value, velocities[i].value
        m = m_old + (gradient - m_old) * (1 - beta_1)
        v = v_old + (b.square(gradient) - v_old) * (1 - beta_2)
        moments[i].assign(m)
        velocities[i].assign(v)
        if maxima:
            v = b.maximum(maxima[i].value, v)
            maxima[i].assign(v)
        variable.assign(variable.value - rate * m / (b.sqrt(v) + epsilon))


def rmsprop_update(
    b: Any, variables: list[Any], gradients: list[Any], velocities: list[Any], momenta: list[Any],
    averages: list[Any], learning_rate: Any, rho: float, momentum: float, epsilon: float,
) -> None:  # fmt: skip
    for i, (variable, gradient) in enumerate(zip(variables, gradients, strict=True)):
        v_old = velocities[i].value
        v = v_old + (b.square(gradient) - v_old) * (1 - rho)
        velocities[i].assign(v)
        if averages:
            a_old = averages[i].value
            a = a_old + (gradient - a_old) * (1 - rho)
            averages[i].assign(a)
            v = v - b.square(a)
        step = learning_rate * gradient * b.rsqrt(v + epsilon)
        if momenta:
            step = momenta[i].value * momentum + step
            momenta[i].assign(step)
        variable.assign(variable.value - step)


def decay_update(b: Any, variables: list[Any], learning_rate: Any, weight_decay: float) -> None:
    share = 1 - learning_rate * weight_decay
    for variable in variables:
        variable.assign(variable.value * b.cast(b.convert_to_tensor(share), variable.dtype))


def hyperparameter(b: Any, value: Any, dtype: str, name: str) -> Any:
    return b.Variable(value, dtype=dtype, trainable=False, name=name)


def accumulate(b: Any, total: Any, count: Any, values: Tensor, weight: Any = None) -> None:
    values = b.cast(values, total.dtype)
    number = b.static_shape(values)
    number = b.size(values) if None in number else math.prod(number)
    sum_ = b.sum(values)
    total.assign_add(sum_ if weight is None else sum_ * weight)
    number = number if weight is None else number * weight
    count.assign_add(number if isinstance(number, (int, float)) else b.cast(number, count.dtype))


def clear(b: Any, variables: list[Any]) -> None:
    for variable in variables:
        variable.assign(b.zeros(variable.shape, dtype=variable.dtype))


def increment(b: Any, variable: Any) -> None:
    variable.assign_add(1)


def update_if(b: Any, pred: Any, update: Any, variables: list[Any]) -> None:
    def true() -> tuple[()]:
        update()
        return ()

    b.cond(pred, true, tuple)


def moving_average(b: Any, variable: Any, value: Tensor, momentum: float) -> None:
    old = variable.value
    value = b.cast(b.stop_gradient(value), b.dtype_of(old))
    variable.assign(b.add(old, b.multiply(b.subtract(value, old), 1.0 - momentum)))
