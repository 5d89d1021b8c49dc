"""Copies of a model's architecture, with new weights."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import optree

from triceras.layers.inputs import Input, InputLayer
from triceras.layers.layer import Layer
from triceras.models import configs
from triceras.models.functional import Functional
from triceras.models.model import Model
from triceras.models.sequential import Sequential
from triceras.ops.symbolic import Function, KerasTensor
from triceras.utils.serialization import deserialize_keras_object


def clone_model(
    model: Any,
    input_tensors: Any = None,
    clone_function: Callable[[Any], Any] | None = None,
    call_function: Callable[..., Any] | None = None,
    recursive: bool = False,
    **kwargs: Any,
) -> Any:
    """A model of the same layers, connected in the same way, with weights of its own.

    Args:
        model: a Functional, Sequential or subclassed Model; the last is made anew from its configuration.
        input_tensors: symbolic tensors to begin with, in the model's structure; None makes new Inputs.
        clone_function: a function of a layer that gives the one to put in its place; None makes
            it from its configuration.
        call_function: a function of (layer, *args, **kwargs) that calls it on symbolic tensors.
            Functional models only.
        recursive: whether models inside are cloned layer by layer too.

    Raises ValueError: what is not a Model, arguments that do not suit its kind, a clone that is no layer.
    """
    if kwargs:
        raise TypeError(f"clone_model got unknown arguments: {', '.join(kwargs)}.")
    if not isinstance(model, Model):
        raise ValueError(f"clone_model takes a Model; got: {model!r} of type {type(model).__name__}")
    functional = isinstance(model, Functional)
    if call_function is not None and not functional:
        raise ValueError(f"call_function is for functional models; {model.name!r} is a {type(model).__name__}.")
    if not functional and not isinstance(model, Sequential):
        if clone_function is not None or input_tensors is not None:
            raise ValueError(
                f"clone_function and input_tensors are for Functional and Sequential models; {model.name!r} is a "
                f"{type(model).__name__} with a `call` of its own."
            )
        return type(model).from_config(model.get_config())

    def clone(layer: Any) -> Any:
        if recursive and isinstance(layer, (Functional, Sequential)):
            return clone_model(
                layer,
                clone_function=clone_function,
                call_function=call_function if isinstance(layer, Functional) else None,
                recursive=True,
            )
        made = (clone_function or _from_its_config)(layer)
        if not isinstance(made, Layer):
            raise ValueError(f"clone_function must return a layer for {layer.name!r}; it returned: {made!r}")
        return made

    return (_clone_functional if functional else _clone_sequential)(model, input_tensors, clone, call_function)


def _from_its_config(layer: Any) -> Any:
    return type(layer).from_config(layer.get_config())


def _clone_functional(model: Any, input_tensors: Any, clone: Any, call_function: Any) -> Any:
    given = None if input_tensors is None else optree.tree_leaves(input_tensors)
    if given is not None and len(given) != len(model.inputs):
        raise ValueError(f"Model {model.name!r} has {len(model.inputs)} inputs; got {len(given)} input_tensors.")
    clones: dict[int, Any] = {}

    def cloned(operation: Any) -> Any:
        if id(operation) not in clones:
            clones[id(operation)] = (
                Function(operation.function, operation.name) if isinstance(operation, Function) else clone(operation)
            )
        return clones[id(operation)]

    def begin(tensor: KerasTensor) -> KerasTensor:
        made = cloned(tensor.node.operation)  # type: ignore[union-attr]
        return made.output if isinstance(made, InputLayer) else Input(batch_shape=tensor.shape, dtype=tensor.dtype)

    def apply(operation: Any, *args: Any, **kwargs: Any) -> Any:
        if call_function is not None and not isinstance(operation, Function):
            return call_function(cloned(operation), *args, **kwargs)
        return cloned(operation)(*args, **kwargs)

    tensors = [begin(tensor) for tensor in model.inputs] if given is None else list(map(_symbolic, given))
    outputs = model._graph.replay(tensors, apply)
    inputs = optree.tree_structure(model.input).unflatten(tensors)
    return Functional(inputs, outputs, name=model.name, trainable=model.trainable)


def _clone_sequential(model: Any, input_tensors: Any, clone: Any, call_function: Any) -> Any:
    layers = [clone(layer) for layer in model.layers]
    if input_tensors is not None:
        leaves = optree.tree_leaves(input_tensors)
        if len(leaves) != 1:
            raise ValueError(f"Model {model.name!r} has one input; got {len(leaves)} input_tensors.")
        tensor = _symbolic(leaves[0])
        if not tensor.node.is_input:  # type: ignore[union-attr]
            for layer in layers:
                tensor = layer(tensor)
            return Functional(leaves[0], tensor, name=model.name, trainable=model.trainable)
        layers = [tensor, *layers]
    elif model.inputs:
        layers = [clone(model.inputs[0].node.operation), *layers]
    return type(model)(layers, name=model.name, trainable=model.trainable)


def _symbolic(tensor: Any) -> KerasTensor:
    if isinstance(tensor, KerasTensor) and tensor.node is not None:
        return tensor
    shape, dtype = getattr(tensor, "shape", None), getattr(tensor, "dtype", None)
    if shape is None:
        raise ValueError(f"input_tensors must be tensors; got: {tensor!r}")
    return Input(batch_shape=tuple(shape), dtype=dtype)


def model_from_json(json_string: str, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """The model that `to_json` described, with new weights.

    custom_objects: classes of your own by name. Raises TypeError: an unknown class.
    """
    return deserialize_keras_object(configs.from_plain(json.loads(json_string)), custom_objects)
