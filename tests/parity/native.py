"""Gradients of the real Keras's layers, by the framework's own differentiation."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import optree


def is_float(x: Any) -> bool:
    return getattr(x, "dtype", None) is not None and keras.backend.is_float_dtype(
        keras.backend.standardize_dtype(x.dtype)
    )


def projected(outputs: Any, weights: list[np.ndarray], ops: Any) -> Any:
    """The sum of all floating outputs, each by numbers of its own."""
    leaves = [x for x in optree.tree_leaves(outputs) if is_float(x)]
    total = 0.0
    for x, weight in zip(leaves, weights, strict=True):
        total = total + ops.sum(ops.cast(x, "float32") * ops.convert_to_tensor(weight))
    return total


def gradients(layer: Any, inputs: list[Any], kwargs: dict[str, Any], weights: list[np.ndarray]) -> list[Any]:
    """Of the projected outputs: with respect to the trainable weights, then to the floating inputs."""
    found = _BY[keras.backend.backend()](layer, inputs, kwargs, weights)
    return [None if x is None else keras.ops.convert_to_numpy(x) for x in found]


def _torch(layer: Any, inputs: list[Any], kwargs: dict[str, Any], weights: list[np.ndarray]) -> Any:
    import torch

    leaves, structure = optree.tree_flatten(inputs)
    leaves = [x.detach().clone().requires_grad_() if is_float(x) else x for x in leaves]
    total = projected(layer(*structure.unflatten(leaves), **kwargs), weights, keras.ops)
    sources = [w.value for w in layer.trainable_weights] + [x for x in leaves if is_float(x)]
    return (
        torch.autograd.grad(total, sources, allow_unused=True)
        if sources and total.requires_grad
        else [None] * len(sources)
    )


def _tensorflow(layer: Any, inputs: list[Any], kwargs: dict[str, Any], weights: list[np.ndarray]) -> Any:
    import tensorflow as tf

    floats = [x for x in optree.tree_leaves(inputs) if is_float(x)]
    with tf.GradientTape() as tape:
        tape.watch(floats)
        total = projected(layer(*inputs, **kwargs), weights, keras.ops)
    found = tape.gradient(total, [w.value for w in layer.trainable_weights] + floats)
    return [tf.convert_to_tensor(x) if isinstance(x, tf.IndexedSlices) else x for x in found]


def _jax(layer: Any, inputs: list[Any], kwargs: dict[str, Any], weights: list[np.ndarray]) -> Any:
    import jax

    leaves, structure = optree.tree_flatten(inputs)
    floats = [x for x in leaves if is_float(x)]
    still = [v.value for v in layer.non_trainable_variables]

    def total(trainable: Any, floats: Any) -> Any:
        given = iter(floats)
        full = structure.unflatten([next(given) if is_float(x) else x for x in leaves])
        outputs, _ = layer.stateless_call(trainable, still, *full, **kwargs)
        return projected(outputs, weights, keras.ops)

    by_weights, by_inputs = jax.grad(total, argnums=(0, 1))([v.value for v in layer.trainable_variables], floats)
    return [*by_weights, *by_inputs]


_BY = {"torch": _torch, "jax": _jax, "tensorflow": _tensorflow}
