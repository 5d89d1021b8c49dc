"""Operations with a gradient of their own, which every kind of differentiation and `vmap` keep."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import tensorflow as tf

from triceras_backends.contract.types import Function, Tensor
from triceras_backends.tensorflow_backend.native import array, pfor, record
from triceras_backends.tensorflow_backend.tensors import scalar

# What was made with a custom gradient in a graph, by the name TensorFlow gave the gradient: `vmap`
# rewrites the operation and would lose the gradient with it.
_customs: dict[bytes, tuple[Function, int]] = {}


def with_backward(flat: Function, tensors: list[Tensor]) -> list[Tensor]:
    """flat's outputs; flat(*tensors) gives a list of them and the function of their upstream gradients."""

    def decorated(*inputs: Tensor) -> tuple[Any, Function]:
        outputs, backward = flat(*inputs)

        # TensorFlow insists on `variables` where f read some; they get no gradient.
        def gradient(*upstream: Tensor, variables: Any = None) -> Any:
            gradients = backward(*upstream)
            return (gradients, [None] * len(variables)) if variables is not None else gradients

        # Forward mode would else follow what f computed rather than its gradient.
        return tuple(tf.stop_gradient(y) for y in outputs), gradient

    results = list(tf.custom_gradient(decorated)(*tensors))
    if results and not hasattr(results[0], "numpy"):
        _customs[results[0].op.get_attr("_gradient_op_type")] = flat, len(results)
    return results


def _batched(flat: Function, mapped: list[bool]) -> Function:
    """flat over a first axis of those inputs that are mapped, with its gradient mapped likewise."""
    chosen = [i for i, is_mapped in enumerate(mapped) if is_mapped]

    def outer(*tensors: Tensor) -> tuple[list[Tensor], Function]:
        def filled(slices: list[Tensor]) -> list[Tensor]:
            inputs = list(tensors)
            for i, part in zip(chosen, slices, strict=False):
                inputs[i] = part
            return inputs

        def one_back(slices: list[Tensor]) -> list[Tensor]:
            inputs = filled(slices)
            gradients = flat(*inputs)[1](*slices[len(chosen) :])
            return [tf.zeros_like(x) if g is None else g for x, g in zip(inputs, gradients, strict=True)]

        def backward(*upstream: Tensor) -> list[Tensor]:
            gradients = tf.vectorized_map(one_back, [*rows, *upstream])
            return [g if is_mapped else tf.reduce_sum(g, 0) for g, is_mapped in zip(gradients, mapped, strict=True)]

        rows = [tensors[i] for i in chosen]
        return tf.vectorized_map(lambda slices: list(flat(*filled(slices))[0]), rows), backward

    return outer


def _convert_custom(convert: Function, pfor_input: Any) -> Any:
    """How `vmap` rewrites an IdentityN: the ones that carry a gradient of ours keep it."""
    try:
        found = _customs.get(pfor_input.op.get_attr("_gradient_op_type"))
    except ValueError:
        found = None
    if found is None:
        return convert(pfor_input)
    flat, count = found
    arguments = pfor_input.inputs[count:]
    mapped = [x.is_stacked for x in arguments]
    fn = _batched(flat, mapped) if any(mapped) else flat
    results = with_backward(fn, [x.t for x in arguments])
    return [pfor.wrap(y, any(mapped)) for y in results] + list(arguments)


_converters = pfor._pfor_converter_registry
_converters["IdentityN"] = functools.partial(_convert_custom, _converters["IdentityN"])


def with_gradient(forward: Callable[..., Tensor], gradient: Callable[..., Any]) -> Callable[..., Tensor]:
    """forward with another derivative: gradient(upstream, result, *inputs), one (or a tuple) an input."""

    def flat(*inputs: Tensor) -> tuple[list[Tensor], Function]:
        result = forward(*inputs)

        def backward(upstream: Tensor) -> list[Tensor]:
            gradients = gradient(upstream, result, *inputs)
            return list(gradients) if isinstance(gradients, tuple) else [gradients]

        return [result], backward

    def call(*inputs: Tensor) -> Tensor:
        eager = tf.executing_eagerly()
        if eager and not record.could_possibly_record():
            return forward(*inputs)
        inputs = tuple(x if isinstance(x, tf.Tensor) else scalar(x, inputs[0].dtype) for x in inputs)
        if not eager:
            return with_backward(flat, list(inputs))[0]
        # What `tf.custom_gradient` comes down to, at a tenth of its cost.
        with record.stop_recording():
            (result,), backward = flat(*inputs)
        record.record_operation(forward.__name__, [result], list(inputs), backward)
        return result

    return call


def sum_to_shape_of(gradient: Tensor, x: Tensor) -> Tensor:
    """A gradient of a broadcast result, summed to the shape of the operand x."""
    if gradient.shape.is_fully_defined() and gradient.shape == x.shape:
        return gradient
    axes, _ = array.broadcast_gradient_args(tf.shape(x), tf.shape(gradient))
    return tf.reshape(tf.reduce_sum(gradient, axes), tf.shape(x))
