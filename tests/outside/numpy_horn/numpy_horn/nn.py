"""Activations and losses."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy import special

from numpy_horn.kernels import primitive, table
from triceras_backends import config


def _elu(x: Any, alpha: float = 1.0) -> Any:
    return np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))


def _gelu(x: Any, approximate: bool) -> Any:
    if approximate:
        return x * 0.5 * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))
    return x * 0.5 * special.erfc(-x * math.sqrt(0.5))


def _softmax(x: Any, axis: Any) -> Any:
    return special.softmax(x, axis) if x.size else x


def _log_softmax(x: Any, axis: Any) -> Any:
    return special.log_softmax(x, axis) if x.size else x


table(globals(), "number", relu=lambda x: np.maximum(x, 0), relu6=lambda x: np.clip(x, 0, 6))
table(
    globals(), "float",
    leaky_relu=lambda x, slope: np.where(x > 0, x, slope * x), elu=_elu, gelu=_gelu,
    selu=lambda x: 1.0507009873554805 * _elu(x, 1.6732632423543772), silu=lambda x: x * special.expit(x),
    sigmoid=special.expit, softplus=lambda x: np.logaddexp(x, 0), softmax=_softmax, log_softmax=_log_softmax,
)  # fmt: skip


def _one_hot(x: Any, num_classes: int, axis: int, dtype: Any, sparse: bool) -> Any:
    if sparse:
        raise ValueError("sparse tensors are not supported; got: sparse=True")
    return np.moveaxis(x[..., None] == np.arange(num_classes), -1, axis)


one_hot = primitive("one_hot", _one_hot, gives=lambda dtype: config.floatx())


# -- losses ------------------------------------------------------------------------------


def _probabilities(p: Any) -> Any:
    return np.clip(p, config.epsilon(), 1 - config.epsilon())


def _logs(output: Any, from_logits: bool, axis: int) -> Any:
    if from_logits:
        return _log_softmax(output, axis)
    return np.log(_probabilities(output / np.sum(output, axis, keepdims=True)))


def _alike(target: Any, output: Any) -> None:
    if target.shape != output.shape:
        raise ValueError("target and output must have the same shape")


def _binary(target: Any, output: Any, from_logits: bool) -> Any:
    _alike(target, output)
    target = target.astype(output.dtype)
    if from_logits:
        return np.logaddexp(output, 0) - output * target
    p = _probabilities(output)
    return -(target * np.log(p) + (1 - target) * np.log1p(-p))


def _categorical(target: Any, output: Any, from_logits: bool, axis: int) -> Any:
    _alike(target, output)
    if not output.ndim:
        raise ValueError("a scalar has no classes")
    return -np.sum(target.astype(output.dtype) * _logs(output, from_logits, axis), axis)


def _sparse(target: Any, output: Any, from_logits: bool, axis: int) -> Any:
    axis = range(output.ndim)[axis]
    target = np.expand_dims(target, axis) if target.ndim < output.ndim else target
    if target.shape != (*output.shape[:axis], 1, *output.shape[axis + 1 :]):
        raise ValueError(f"target must have output's shape without axis {axis}")
    classes = np.arange(output.shape[axis]).reshape(-1, *(1,) * (output.ndim - axis - 1))
    return -np.sum(np.where(target == classes, _logs(output, from_logits, axis), 0), axis)


table(
    globals(), "float", apart=["target"],
    binary_crossentropy=_binary, categorical_crossentropy=_categorical, sparse_categorical_crossentropy=_sparse,
)  # fmt: skip
