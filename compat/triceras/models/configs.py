"""Models as nested dicts of plain data, and back."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from typing import Any

import optree

from triceras import ops
from triceras.models.graph import Graph
from triceras.ops.nodes import Node, Operation
from triceras.ops.symbolic import Function, KerasTensor
from triceras.utils.lookup import snake_case
from triceras.utils.serialization import deserialize_keras_object, serialize_keras_object
from triceras_backends.active import backend as B


def is_shape(x: Any) -> bool:
    """Whether x is a shape: a list or tuple of sizes."""
    return isinstance(x, (list, tuple)) and all(size is None or isinstance(size, int) for size in x)


# -- one layer ---------------------------------------------------------------------------


def operation_config(operation: Operation, node: Node | None = None) -> dict[str, Any]:
    """A layer or function as {"module", "class_name", "config", "registered_name", ...}."""
    if isinstance(operation, Function):
        name = class_name(operation)
        constants = _split(operation, node)[1] if node is not None else {}
        config = {"name": operation.name, **constants}
        return {"module": "keras.ops", "class_name": name, "config": config, "registered_name": name}
    described: dict[str, Any] = serialize_keras_object(operation)
    return described


def layer_from_config(described: Mapping[str, Any], custom_objects: Mapping[str, Any]) -> Any:
    """The layer or function that `operation_config` described. Raises TypeError: an unknown class."""
    name = described["class_name"]
    if "ops" in str(described.get("module")).split("."):  # Add is a layer's name too
        function = _function_name(name)
        if function in _SPECIAL or inspect.isfunction(getattr(ops, function, None)):
            return getattr(B, function)
    else:
        return deserialize_keras_object(described, custom_objects)
    raise TypeError(f"Unknown operation {name!r}: keras.ops has none of that name.")


def build(cls: Any, config: Mapping[str, Any], custom_objects: Mapping[str, Any]) -> Any:
    """An object of the class from its configuration."""
    config = dict(config)
    if "custom_objects" in inspect.signature(cls.from_config).parameters:
        return cls.from_config(config, custom_objects=custom_objects)
    return cls.from_config(config)


# -- functions ---------------------------------------------------------------------------

_SPECIAL = {"getitem": "GetItem"}


def class_name(operation: Operation) -> str:
    """An operation's class, as a configuration or a summary names it: "Dense", "Add", "GetItem"."""
    if not isinstance(operation, Function):
        return type(operation).__name__
    name = operation.function_name
    return _SPECIAL.get(name) or "".join(part.capitalize() for part in name.split("_"))


def _function_name(name: str) -> str:
    return "getitem" if name == "GetItem" else snake_case(name)


def _split(operation: Function, node: Node) -> tuple[list[Any], dict[str, Any]]:
    """A call's arguments: those that are tensors by position, and the constants by name."""
    public = getattr(ops, operation.function_name, None)
    if public is None:
        return list(node.args), dict(node.kwargs)
    bound = inspect.signature(public).bind(*node.args, **node.kwargs)
    parameters = inspect.signature(public).parameters
    bound.apply_defaults()
    tensors: list[Any] = []
    constants: dict[str, Any] = {}
    for name, value in bound.arguments.items():
        parameter = parameters[name]
        if parameter.kind is parameter.VAR_POSITIONAL:
            tensors += value
        elif parameter.annotation in ("Tensor", "Tensors", "Tree") or _has_tensor(value):
            tensors.append(value)
        else:
            constants[name] = value
    return tensors, constants


def _has_tensor(tree: Any) -> bool:
    return any(leaf.__class__ is KerasTensor for leaf in optree.tree_leaves(tree, none_is_leaf=True))


# -- a whole graph -----------------------------------------------------------------------


class _Places:
    """Where each tensor of a graph comes from: (operation's name, number of its call, number of its output)."""

    def __init__(self, graph: Graph) -> None:
        self.of: dict[int, tuple[str, int, int]] = {}
        for operation in graph.operations:
            for number, node in enumerate(graph.calls_of(operation)):
                for index, tensor in enumerate(node.outputs):
                    self.of[id(tensor)] = (operation.name, number, index)

    def structure(self, tree: Any) -> Any:
        """The places in a structure of tensors, each as a list."""
        return optree.tree_map(lambda x: list(self.of[id(x)]), tree)

    def data(self, tree: Any) -> Any:
        """Arguments as plain data: a tensor by its place, a slice by its bounds."""
        if tree.__class__ is KerasTensor:
            history = list(self.of[id(tree)])
            config = {"shape": tree.shape, "dtype": tree.dtype, "keras_history": history}
            return {"class_name": "__keras_tensor__", "config": config}
        if isinstance(tree, slice):
            bounds = {"start": tree.start, "stop": tree.stop, "step": tree.step}
            return {"class_name": "__slice__", "config": {key: self.data(value) for key, value in bounds.items()}}
        if tree is Ellipsis:
            return {"class_name": "__ellipsis__", "config": {}}
        if type(tree) in (list, tuple):
            return type(tree)(map(self.data, tree))
        return {key: self.data(value) for key, value in tree.items()} if type(tree) is dict else tree


def functional_config(model: Any, graph: Graph) -> dict[str, Any]:
    """A functional model: its layers, each with its calls, and which tensors are inputs and outputs."""
    places = _Places(graph)
    layers = []
    for operation in graph.operations:
        calls = graph.calls_of(operation)
        inbound = []
        for node in calls if not calls[0].is_input else ():
            args, kwargs = (
                (_split(operation, node)[0], {}) if isinstance(operation, Function) else (node.args, node.kwargs)
            )
            inbound.append({"args": [places.data(x) for x in args], "kwargs": places.data(dict(kwargs))})
        described = operation_config(operation, calls[0])
        layers.append({**described, "name": operation.name, "inbound_nodes": inbound})
    return {
        "name": model.name,
        "trainable": model.trainable,
        "layers": layers,
        "input_layers": places.structure(model.input),
        "output_layers": places.structure(model.output),
    }


def connect(config: Mapping[str, Any], custom_objects: Mapping[str, Any]) -> tuple[Any, Any]:
    """The symbolic inputs and outputs that a functional model's configuration describes."""
    operations: dict[str, Any] = {}
    waiting: list[tuple[str, int, dict[str, Any]]] = []
    tensors: dict[tuple[str, int, int], Any] = {}
    for described in config["layers"]:
        name = described.get("name") or described["config"]["name"]
        operation = operations[name] = _operation(described, custom_objects)
        if not described["inbound_nodes"]:
            tensors[name, 0, 0] = operation.output
        waiting += [(name, number, node) for number, node in enumerate(described["inbound_nodes"])]
    while waiting:
        # Calls of a shared layer may have to wait for other layers.
        ready = [call for call in waiting if all(place in tensors for place in _needed(call[2]))]
        if not ready:
            raise ValueError(f"The configuration of {config.get('name')!r} needs tensors that nothing in it makes.")
        for name, number, node in ready:
            args, kwargs = _arguments(node["args"], tensors), _arguments(node["kwargs"], tensors)
            result = operations[name](*args, **kwargs)
            found = [x for x in optree.tree_leaves(result) if x.__class__ is KerasTensor]
            tensors.update({(name, number, index): tensor for index, tensor in enumerate(found)})
        done = {(name, number) for name, number, _ in ready}
        waiting = [call for call in waiting if call[:2] not in done]
    return _named(config["input_layers"], tensors), _named(config["output_layers"], tensors)


def _operation(described: Mapping[str, Any], custom_objects: Mapping[str, Any]) -> Any:
    made = layer_from_config(described, custom_objects)
    if isinstance(made, Operation):
        return made
    constants = {key: value for key, value in described["config"].items() if key != "name"}
    return NamedCall(made, described["config"]["name"], constants)


class NamedCall:
    """A primitive with its constants, called under the name it had in a configuration."""

    def __init__(self, function: Any, name: str, constants: dict[str, Any]) -> None:
        self.operation = Function(function, name)
        public = getattr(ops, self.operation.function_name, None)
        self.parameters = list(inspect.signature(public).parameters.values()) if public else []
        self.constants = constants

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """args are the tensors: they fill the places between the constants."""
        tensors = iter(args)
        given: list[Any] = []
        for parameter in self.parameters:
            if parameter.kind is parameter.VAR_POSITIONAL:
                given += tensors
            elif parameter.name in self.constants:
                given.append(self.constants[parameter.name])
            elif parameter.kind is not parameter.VAR_KEYWORD:
                given.append(next(tensors, parameter.default))
        return self.operation(*given, *tensors, **kwargs)


def _references(tree: Any) -> Iterator[Any]:
    if isinstance(tree, Mapping):
        if tree.get("class_name") == "__keras_tensor__":
            yield tree
        else:
            for value in tree.values():
                yield from _references(value)
    elif isinstance(tree, (list, tuple)):
        for value in tree:
            yield from _references(value)


def _needed(node: Mapping[str, Any]) -> list[tuple[str, int, int]]:
    return [_place(x["config"]["keras_history"]) for x in _references([node["args"], node["kwargs"]])]


def _place(history: Any) -> tuple[str, int, int]:
    name, node, index = history
    return name, node, index


def _arguments(tree: Any, tensors: Mapping[Any, Any]) -> Any:
    if isinstance(tree, Mapping):
        kind = tree.get("class_name")
        if kind == "__keras_tensor__":
            return tensors[_place(tree["config"]["keras_history"])]
        if kind == "__slice__":
            bounds = {key: _arguments(value, tensors) for key, value in tree["config"].items()}
            return slice(bounds["start"], bounds["stop"], bounds["step"])
        if kind == "__ellipsis__":
            return Ellipsis
        return {key: _arguments(value, tensors) for key, value in tree.items()}
    return type(tree)(_arguments(value, tensors) for value in tree) if type(tree) in (list, tuple) else tree


def _is_place(x: Any) -> bool:
    return isinstance(x, (list, tuple)) and len(x) == 3 and isinstance(x[0], str) and isinstance(x[1], int)


def _named(tree: Any, tensors: Mapping[Any, Any]) -> Any:
    return optree.tree_map(lambda place: tensors[_place(place)], tree, is_leaf=_is_place)


# -- JSON ----------------------------------------------------------------------------------


def to_plain(x: Any) -> Any:
    """A configuration as what JSON knows; tuples and objects are marked as such."""
    if isinstance(x, Mapping):
        return {key: to_plain(value) for key, value in x.items()}
    if isinstance(x, list) or is_shape(x):
        return [to_plain(value) for value in x]
    if isinstance(x, tuple):
        return {"class_name": "__tuple__", "items": [to_plain(value) for value in x]}
    if x is None or isinstance(x, (bool, int, float, str)):
        return x
    if hasattr(x, "get_config"):
        return {"class_name": type(x).__name__, "config": to_plain(x.get_config())}
    if hasattr(x, "tolist"):
        return x.tolist()
    if callable(x) and hasattr(x, "__name__"):
        return x.__name__
    raise TypeError(f"JSON cannot hold {x!r} of type {type(x).__name__}, which is in the model's configuration.")


def from_plain(x: Any) -> Any:
    """What `to_plain` was given, but for shapes, which stay lists, and objects, which stay configurations."""
    if isinstance(x, Mapping):
        if x.get("class_name") == "__tuple__":
            return tuple(from_plain(value) for value in x["items"])
        return {key: from_plain(value) for key, value in x.items()}
    return [from_plain(value) for value in x] if isinstance(x, list) else x
