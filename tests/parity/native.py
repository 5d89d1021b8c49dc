"""Calls of the real Keras's layers with their gradients, by the framework's own differentiation.

Both packages are called as is usual on their backend: compiled on JAX, where each operation by itself would be
compiled too, eagerly elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import optree

import triceras


def is_float(x: Any) -> bool:
    dtype = getattr(x, "dtype", None)
    return dtype is not None and keras.backend.is_float_dtype(keras.backend.standardize_dtype(dtype))


def projected(outputs: Any, ops: Any) -> Any:
    """The sum of all floating outputs, each element by a number of its own."""
    total = 0.0
    for x in optree.tree_leaves(outputs):
        if is_float(x):
            flat = ops.reshape(ops.cast(x, "float32"), (-1,))
            total = total + ops.sum(flat * ops.cos(ops.arange(ops.shape(flat)[0], dtype="float32")))
    return total


def compiled(fn: Callable[..., Any]) -> Callable[..., Any]:
    """A function of ours as it is called."""
    return triceras.jit(fn) if keras.backend.backend() == "jax" else fn


def run(
    layer: Any, inputs: list[Any], kwargs: dict[str, Any], differentiate: bool, traced: bool
) -> tuple[Any, list[Any]]:
    """A real layer's outputs, its state updated, and the gradients of what they are projected to: with respect to
    the trainable weights, then to the floating inputs; None or zeros for what no path leads to. traced: whether the
    layer may be compiled."""
    if not differentiate and not traced:
        return layer(*inputs, **kwargs), []
    return _BY[keras.backend.backend()](layer, inputs, kwargs, differentiate, traced)


def _torch(
    layer: Any, inputs: list[Any], kwargs: dict[str, Any], differentiate: bool, _: bool
) -> tuple[Any, list[Any]]:
    import torch

    if not differentiate:
        return layer(*inputs, **kwargs), []
    leaves, structure = optree.tree_flatten(inputs)
    leaves = [x.detach().clone().requires_grad_() if is_float(x) else x for x in leaves]
    outputs = layer(*structure.unflatten(leaves), **kwargs)
    total = projected(outputs, keras.ops)
    sources = [w.value for w in layer.trainable_weights] + [x for x in leaves if is_float(x)]
    if not (sources and getattr(total, "requires_grad", False)):
        return outputs, [None] * len(sources)
    return outputs, list(torch.autograd.grad(total, sources, allow_unused=True))


def _tensorflow(
    layer: Any, inputs: list[Any], kwargs: dict[str, Any], differentiate: bool, _: bool
) -> tuple[Any, list[Any]]:
    import tensorflow as tf

    def step() -> tuple[Any, list[Any]]:
        if not differentiate:
            return layer(*inputs, **kwargs), []
        floats = [x for x in optree.tree_leaves(inputs) if is_float(x)]
        with tf.GradientTape() as tape:
            tape.watch(floats)
            outputs = layer(*inputs, **kwargs)
            total = projected(outputs, keras.ops)
        found = tape.gradient(total, [w.value for w in layer.trainable_weights] + floats)
        return outputs, [tf.convert_to_tensor(x) if isinstance(x, tf.IndexedSlices) else x for x in found]

    # On many CPUs TensorFlow's own kernels take channels last only; XLA's take both.
    first = getattr(layer, "data_format", None) == "channels_first"
    return (tf.function(step, jit_compile=True, autograph=False) if first else step)()


def _jax(
    layer: Any, inputs: list[Any], kwargs: dict[str, Any], differentiate: bool, traced: bool
) -> tuple[Any, list[Any]]:
    import jax

    leaves, structure = optree.tree_flatten(inputs)
    floats = [x for x in leaves if is_float(x)]
    variables = [*layer.trainable_variables, *layer.non_trainable_variables]
    count = len(layer.trainable_variables)

    # Arrays among the keyword arguments are constants of the compiled function.
    def total(trainable: Any, floats: Any, still: Any) -> Any:
        given = iter(floats)
        full = structure.unflatten([next(given) if is_float(x) else x for x in leaves])
        # A call in a scope, and not stateless_call, which casts nothing to the dtypes of the policy.
        with keras.StatelessScope(list(zip(variables, [*trainable, *still], strict=True))) as scope:
            outputs = layer(*full, **kwargs)
        updated = [scope.get_current_value(v) for v in variables[count:]]
        return projected(outputs, keras.ops), (outputs, updated)

    step = jax.value_and_grad(total, (0, 1), has_aux=True) if differentiate else total
    values = [v.value for v in variables]
    # XLA on the CPU does not multiply float16 as Keras asks it to.
    traced = traced and layer.compute_dtype != "float16"
    result = (jax.jit(step) if traced else step)(values[:count], floats, values[count:])
    (_, (outputs, updated)), gradients = result if differentiate else (result, ([], []))
    for variable, value in zip(variables[count:], updated, strict=True):
        variable.assign(value)
    return outputs, [*gradients[0], *gradients[1]]


_BY = {"torch": _torch, "jax": _jax, "tensorflow": _tensorflow}
