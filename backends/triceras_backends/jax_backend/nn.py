"""Activations and losses on JAX."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from triceras_backends import config, dtypes
from triceras_backends.contract.types import DType, Tensor
from triceras_backends.derived import nn as composite
from triceras_backends.jax_backend.composites import composed
from triceras_backends.jax_backend.kernels import INEXACT, NUMERIC, axes, checked, tensor, tensors, unary
from triceras_backends.jax_backend.tensors import jax_dtype, native
from triceras_backends.jax_backend.variables import Variable


def _relu6(x: Any) -> Any:
    # Not jax.nn.relu6, whose gradient at 0 and at 6 is not 0.
    return jnp.where(x <= 0, 0, jnp.where(x >= 6, 6, x))


relu = unary("relu", jax.nn.relu, NUMERIC)
relu6 = unary("relu6", _relu6, NUMERIC)
selu = unary("selu", jax.nn.selu, INEXACT)
silu = unary("silu", jax.nn.silu, INEXACT)
sigmoid = unary("sigmoid", lax.logistic, INEXACT)
softplus = unary("softplus", jax.nn.softplus, INEXACT)
softsign = unary("softsign", jax.nn.soft_sign, INEXACT)
_leaky_relu = checked("leaky_relu", lambda x, slope: jnp.where(x > 0, x, slope * x), static=1)
_elu = checked("elu", jax.nn.elu, static=1)
_gelu = checked("gelu", jax.nn.gelu, static=1)
_softmax = checked("softmax", jax.nn.softmax, static=1)
_log_softmax = checked("log_softmax", jax.nn.log_softmax, static=1)


def _composed(name: str, direct: Any = INEXACT) -> Any:
    fn = getattr(composite, name)
    return unary(name, lambda x: fn(Variable.primitives, x), direct)


hard_sigmoid = _composed("hard_sigmoid")
hard_silu = _composed("hard_silu")
hard_tanh = _composed("hard_tanh", NUMERIC)
log_sigmoid = _composed("log_sigmoid")
sparse_plus = _composed("sparse_plus")
sparse_sigmoid = _composed("sparse_sigmoid")
tanh_shrink = _composed("tanh_shrink")
_celu = composed("celu", composite.celu, static=1)
_glu = composed("glu", composite.glu, static=1)
_hard_shrink = composed("hard_shrink", composite.hard_shrink, static=1)
_soft_shrink = composed("soft_shrink", composite.soft_shrink, static=1)
_sparsemax = composed("sparsemax", composite.sparsemax, static=1)
_squareplus = composed("squareplus", composite.squareplus, static=1)
_threshold = composed("threshold", composite.threshold, static=(1, 2))
_multi_hot = composed("multi_hot", composite.multi_hot, static=(1, 2, 3))
_psnr = composed("psnr", composite.psnr)


def celu(x: Tensor, alpha: float = 1.0) -> Tensor:
    return _celu(tensor(x, INEXACT), float(alpha))


def glu(x: Tensor, axis: int = -1) -> Tensor:
    return _glu(tensor(x, INEXACT), axes(axis))


def hard_shrink(x: Tensor, threshold: float = 0.5) -> Tensor:
    return _hard_shrink(tensor(x, INEXACT), float(threshold))


def soft_shrink(x: Tensor, threshold: float = 0.5) -> Tensor:
    return _soft_shrink(tensor(x, INEXACT), float(threshold))


def sparsemax(x: Tensor, axis: int = -1) -> Tensor:
    return _sparsemax(tensor(x, INEXACT), axes(axis))


def squareplus(x: Tensor, b: float = 4) -> Tensor:
    return _squareplus(tensor(x, INEXACT), b)


def threshold(x: Tensor, threshold: float, default_value: float) -> Tensor:
    return _threshold(tensor(x), threshold, default_value)


def multi_hot(
    inputs: Tensor,
    num_classes: int | None = None,
    axis: int = -1,
    dtype: DType | None = None,
    sparse: bool = False,
    **kwargs: Any,
) -> Tensor:
    if sparse:
        raise ValueError("multi_hot: sparse tensors are not supported; got: sparse=True")
    return _multi_hot(
        tensor(inputs), composite.class_count(num_classes, kwargs), axes(axis), dtypes.standardize_dtype(dtype)
    )


def psnr(x1: Tensor, x2: Tensor, max_val: float) -> Tensor:
    return _psnr(*tensors((x1, x2), INEXACT), native(max_val))


def leaky_relu(x: Tensor, negative_slope: float = 0.2) -> Tensor:
    return _leaky_relu(tensor(x, INEXACT), float(negative_slope))


def elu(x: Tensor, alpha: float = 1.0) -> Tensor:
    return _elu(tensor(x, INEXACT), float(alpha))


def gelu(x: Tensor, approximate: bool = True) -> Tensor:
    return _gelu(tensor(x, INEXACT), bool(approximate))


def softmax(x: Tensor, axis: Any = -1) -> Tensor:
    return _softmax(tensor(x, INEXACT), axes(axis))


def log_softmax(x: Tensor, axis: Any = -1) -> Tensor:
    return _log_softmax(tensor(x, INEXACT), axes(axis))


_one_hot = checked("one_hot", lambda x, n, axis, dtype: jax.nn.one_hot(x, n, axis=axis, dtype=dtype), (1, 2, 3))


def one_hot(x: Tensor, num_classes: int, axis: int = -1, dtype: DType | None = None, sparse: bool = False) -> Tensor:
    if sparse:
        raise ValueError("one_hot: sparse tensors are not supported; got: sparse=True")
    return _one_hot(tensor(x), int(num_classes), axes(axis), jax_dtype(dtype))


# -- losses ------------------------------------------------------------------------------


def _probabilities(p: Any, epsilon: float) -> Any:
    p = jnp.where(p < epsilon, epsilon, p)
    return jnp.where(p > 1 - epsilon, 1 - epsilon, p)


def _logs(output: Any, from_logits: bool, axis: int, epsilon: float) -> Any:
    if from_logits:
        return jax.nn.log_softmax(output, axis)
    return jnp.log(_probabilities(output / jnp.sum(output, axis, keepdims=True), epsilon))


def _alike(target: Any, output: Any) -> None:
    if target.shape != output.shape:
        raise ValueError("target and output must have the same shape")


def _binary(target: Any, output: Any, from_logits: bool, epsilon: float) -> Any:
    _alike(target, output)
    if from_logits:
        return jax.nn.softplus(output) - output * target
    p = _probabilities(output, epsilon)
    return -(target * jnp.log(p) + (1 - target) * jnp.log1p(-p))


def _categorical(target: Any, output: Any, from_logits: bool, axis: int, epsilon: float) -> Any:
    _alike(target, output)
    return -jnp.sum(target * _logs(output, from_logits, axis, epsilon), axis)


def _sparse(target: Any, output: Any, from_logits: bool, axis: int, epsilon: float) -> Any:
    axis = range(output.ndim)[axis]
    if target.ndim < output.ndim:
        target = jnp.expand_dims(target, axis)
    if target.shape != (*output.shape[:axis], 1, *output.shape[axis + 1 :]):
        raise ValueError(f"target must have output's shape without axis {axis}")
    p = jax.nn.log_softmax(output, axis) if from_logits else output / jnp.sum(output, axis, keepdims=True)
    # A comparison and a sum rather than a gather: XLA fuses them, and their gradient, with the rest.
    here = lax.broadcasted_iota("int32", output.shape, axis) == target
    picked = jnp.sum(jnp.where(here, p, 0), axis)
    if from_logits:
        return -picked
    return jnp.where(jnp.any(here, axis), -jnp.log(_probabilities(picked, epsilon)), 0)


_binary_loss = checked("binary_crossentropy", _binary, static=(2, 3))
_categorical_loss = checked("categorical_crossentropy", _categorical, static=(2, 3, 4))
_sparse_loss = checked("sparse_categorical_crossentropy", _sparse, static=(2, 3, 4))


def _pair(target: Any, output: Any) -> tuple[Any, Any]:
    output = tensor(output, INEXACT)
    return tensor(target).astype(output.dtype), output


def binary_crossentropy(target: Tensor, output: Tensor, from_logits: bool = False) -> Tensor:
    return _binary_loss(*_pair(target, output), bool(from_logits), config.epsilon())


def categorical_crossentropy(target: Tensor, output: Tensor, from_logits: bool = False, axis: int = -1) -> Tensor:
    return _categorical_loss(*_pair(target, output), bool(from_logits), axes(axis), config.epsilon())


def sparse_categorical_crossentropy(
    target: Tensor, output: Tensor, from_logits: bool = False, axis: int = -1
) -> Tensor:
    output = tensor(output, INEXACT)
    return _sparse_loss(tensor(target), output, bool(from_logits), axes(axis), config.epsilon())
