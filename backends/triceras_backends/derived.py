"""Composites written from primitives, for backends that bring none of their own.

Each takes the assembled backend `b` first, then the parameters of the contract.
"""

from __future__ import annotations

import math
from typing import Any

from triceras_backends import config, dtypes
from triceras_backends.attending import dot_product_attention as dot_product_attention
from triceras_backends.attending import embedding as embedding
from triceras_backends.contract.types import Tensor
from triceras_backends.recurrent import gru as gru
from triceras_backends.recurrent import lstm as lstm
from triceras_backends.recurrent import rnn as rnn
from triceras_backends.recurrent import simple_rnn as simple_rnn


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


def linear(b: Any, x: Tensor, kernel: Tensor, bias: Tensor) -> Tensor:
    return b.add(b.matmul(x, kernel), bias)


# -- convolution -----------------------------------------------------------------------------


def biased_conv(
    b: Any, inputs: Tensor, kernel: Tensor, bias: Tensor, strides: Any = 1, padding: str = "valid",
    data_format: str | None = None, dilation_rate: Any = 1,
) -> Tensor:  # fmt: skip
    out = b.conv(inputs, kernel, strides, padding, data_format, dilation_rate)
    if config.standardize_data_format(data_format) == "channels_first":
        bias = b.reshape(bias, (-1, *(1,) * (len(b.static_shape(out)) - 2)))
    return b.add(out, bias)


def depthwise_conv(
    b: Any, inputs: Tensor, kernel: Tensor, strides: Any = 1, padding: str = "valid",
    data_format: str | None = None, dilation_rate: Any = 1,
) -> Tensor:  # fmt: skip
    first = config.standardize_data_format(data_format) == "channels_first"
    *window, channels, multiplier = b.static_shape(kernel)
    given = b.static_shape(inputs)[1 if first else -1]
    if given not in (channels, None):
        raise ValueError(f"depthwise_conv: inputs with {given} channels, but a kernel for {channels}.")
    kernel = b.reshape(kernel, (*window, 1, channels * multiplier))
    return b.conv(inputs, kernel, strides, padding, data_format, dilation_rate)


def separable_conv(
    b: Any, inputs: Tensor, depthwise_kernel: Tensor, pointwise_kernel: Tensor, strides: Any = 1,
    padding: str = "valid", data_format: str | None = None, dilation_rate: Any = 1,
) -> Tensor:  # fmt: skip
    out = b.depthwise_conv(inputs, depthwise_kernel, strides, padding, data_format, dilation_rate)
    return b.conv(out, pointwise_kernel, 1, "valid", data_format)


# -- normalisation ---------------------------------------------------------------------------


def _wide(b: Any, x: Tensor) -> tuple[Tensor, str]:
    """x as floats, at least 32 bits wide, and the dtype to give results in."""
    dtype = b.dtype_of(x)
    if not dtypes.is_float(dtype):
        dtype = config.floatx()
    wide = "float32" if dtype in ("float16", "bfloat16") else dtype
    return b.cast(x, wide), dtype


def moments(
    b: Any, x: Tensor, axes: Any, keepdims: bool = False, synchronized: bool = False
) -> tuple[Tensor, Tensor]:  # fmt: skip
    if synchronized:
        raise ValueError("moments: statistics over several replicas are not supported; synchronized must be False.")
    x, dtype = _wide(b, x)
    mean, variance = _moments(b, x, axes)
    if not keepdims:
        mean, variance = b.squeeze(mean, axes), b.squeeze(variance, axes)
    return b.cast(mean, dtype), b.cast(variance, dtype)


def _moments(b: Any, x: Tensor, axes: Any) -> tuple[Tensor, Tensor]:
    mean = b.mean(x, axes, keepdims=True)
    return mean, b.mean(b.square(b.subtract(x, mean)), axes, keepdims=True)


def _along(b: Any, value: Tensor, rank: int, axis: int) -> Tensor:
    """A vector along one axis of tensors of that rank."""
    return b.reshape(value, (-1, *(1,) * (rank - 1 - axis % rank)))


def batch_normalization(
    b: Any, x: Tensor, mean: Tensor, variance: Tensor, axis: int, offset: Tensor = None, scale: Tensor = None,
    epsilon: float = 1e-3,
) -> Tensor:  # fmt: skip
    x, dtype = _wide(b, x)
    rank = len(b.static_shape(x))
    factor = b.rsqrt(b.add(variance, epsilon))
    factor = factor if scale is None else b.multiply(factor, scale)
    shift = b.multiply(b.negative(mean), factor)
    shift = shift if offset is None else b.add(shift, offset)
    return b.cast(b.add(b.multiply(x, _along(b, factor, rank, axis)), _along(b, shift, rank, axis)), dtype)


def normalize_by_batch(
    b: Any, x: Tensor, axis: int, offset: Tensor = None, scale: Tensor = None, epsilon: float = 1e-3
) -> tuple[Tensor, Tensor, Tensor]:
    x, dtype = _wide(b, x)
    rank = len(b.static_shape(x))
    others = tuple(i for i in range(rank) if i != axis % rank)
    mean, variance = (b.squeeze(moment, others) for moment in _moments(b, x, others))
    out = b.batch_normalization(x, mean, variance, axis, offset, scale, epsilon)
    return b.cast(out, dtype), b.stop_gradient(mean), b.stop_gradient(variance)


def _axes(axis: Any, rank: int) -> tuple[int, ...]:
    return tuple(sorted(i % rank for i in ((axis,) if isinstance(axis, int) else axis)))


def _affine(b: Any, x: Tensor, axes: tuple[int, ...], factor: Tensor, shift: Tensor) -> Tensor:
    """x * factor + shift, which have the shape of these axes; None leaves either out."""
    rank = len(b.static_shape(x))
    for operation, value in ((b.multiply, factor), (b.add, shift)):
        if value is not None:
            sizes = iter(b.static_shape(value))
            x = operation(x, b.reshape(value, tuple(next(sizes) if i in axes else 1 for i in range(axes[0], rank))))
    return x


def layer_normalization(
    b: Any, x: Tensor, gamma: Tensor = None, beta: Tensor = None, axis: Any = -1, epsilon: float | None = None
) -> Tensor:
    x, dtype = _wide(b, x)
    axes = _axes(axis, len(b.static_shape(x)))
    mean, variance = _moments(b, x, axes)
    scaled = b.multiply(b.subtract(x, mean), b.rsqrt(b.add(variance, config.epsilon() if epsilon is None else epsilon)))
    return b.cast(_affine(b, scaled, axes, gamma, beta), dtype)


def rms_normalization(
    b: Any, x: Tensor, scale: Tensor = None, axis: Any = -1, epsilon: float | None = None
) -> Tensor:  # fmt: skip
    x, dtype = _wide(b, x)
    axes = _axes(axis, len(b.static_shape(x)))
    square = b.add(b.mean(b.square(x), axes, keepdims=True), config.epsilon() if epsilon is None else epsilon)
    return b.cast(_affine(b, b.multiply(x, b.rsqrt(square)), axes, scale, None), dtype)


def normalize(b: Any, x: Tensor, axis: Any = -1, order: int = 2, epsilon: float | None = None) -> Tensor:
    x, dtype = _wide(b, x)
    axes = _axes(axis, len(b.static_shape(x)))
    least = config.epsilon() if epsilon is None else epsilon
    if order == 2:  # by squares, because the root has no derivative at 0
        total = b.sum(b.square(x), axes, keepdims=True)
        return b.cast(b.multiply(x, b.rsqrt(b.maximum(total, least**2))), dtype)
    size = b.norm(x, ord=order, axis=axes[0] if len(axes) == 1 else axes, keepdims=True)
    return b.cast(b.divide(x, b.maximum(size, least)), dtype)


def moving_average(b: Any, variable: Any, value: Tensor, momentum: float) -> None:
    old = variable.value
    value = b.cast(b.stop_gradient(value), b.dtype_of(old))
    variable.assign(b.add(old, b.multiply(b.subtract(value, old), 1.0 - momentum)))


def native_module_variables(b: Any, module: Any) -> dict[str, Any]:
    raise TypeError(f"The {b.name} backend has no modules of its own to wrap; a TorchModuleWrapper needs PyTorch's.")


def native_module_call(
    b: Any, module: Any, variables: dict[str, Any], training: bool, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Any:
    return native_module_variables(b, module)


def checkpoint(b: Any, fn: Any, *args: Tensor) -> Any:
    return fn(*args)
