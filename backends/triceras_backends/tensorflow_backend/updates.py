"""Optimizer steps by TensorFlow's fused kernels: one operation a Variable, in place."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from triceras_backends.contract.types import Tensor
from triceras_backends.derived import updates as composite
from triceras_backends.tensorflow_backend.native import training, variable_accessed
from triceras_backends.tensorflow_backend.tensors import convert_to_tensor, scalar
from triceras_backends.tensorflow_backend.variables import Variable, readers


def _handle(variable: Any) -> Tensor:
    if not tf.executing_eagerly():
        variable_accessed(variable.storage)  # the graph keeps it alive
    return variable.storage.handle


def _number(x: Any, dtype: tf.DType) -> Tensor:
    return scalar(x, dtype) if isinstance(x, (float, int)) else convert_to_tensor(x, dtype)


def sgd_update(
    variables: list[Any], gradients: list[Any], momenta: list[Any], learning_rate: Any, momentum: float, nesterov: bool
) -> None:
    if readers.scope is not None:  # Variables stand for values
        composite.sgd_update(Variable.primitives, variables, gradients, momenta, learning_rate, momentum, nesterov)
        return
    rates: dict[Any, Any] = {}
    for i, (variable, gradient) in enumerate(zip(variables, gradients, strict=True)):
        dtype = variable.storage.dtype
        if dtype not in rates:
            rates[dtype] = _number(learning_rate, dtype), _number(momentum, dtype)
        rate, share = rates[dtype]
        gradient = convert_to_tensor(gradient, dtype)
        if momenta:
            slot = _handle(momenta[i])
            training.resource_apply_keras_momentum(
                _handle(variable), slot, rate, gradient, share, use_nesterov=nesterov
            )
        else:
            training.resource_apply_gradient_descent(_handle(variable), rate, gradient)


def adam_update(
    variables: list[Any],
    gradients: list[Any],
    moments: list[Any],
    velocities: list[Any],
    maxima: list[Any],
    iterations: Any,
    learning_rate: Any,
    beta_1: float,
    beta_2: float,
    epsilon: float,
) -> None:
    if maxima or readers.scope is not None:  # no fused kernel, or Variables that stand for values
        composite.adam_update(
            Variable.primitives, variables, gradients, moments, velocities, maxima, iterations, learning_rate,
            beta_1, beta_2, epsilon,
        )  # fmt: skip
        return
    settings: dict[Any, list[Tensor]] = {}
    for variable, gradient, m, v in zip(variables, gradients, moments, velocities, strict=True):
        dtype = variable.storage.dtype
        if dtype not in settings:
            count = convert_to_tensor(iterations, dtype) + 1
            b1, b2, rate, eps = (_number(x, dtype) for x in (beta_1, beta_2, learning_rate, epsilon))
            settings[dtype] = [tf.pow(b1, count), tf.pow(b2, count), rate, b1, b2, eps]
        gradient = convert_to_tensor(gradient, dtype)
        training.resource_apply_adam(_handle(variable), _handle(m), _handle(v), *settings[dtype], gradient)
