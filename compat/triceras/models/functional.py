"""Functional: a model made of what was computed from symbolic inputs."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Mapping
from typing import Any

import numpy as np
import optree

from triceras import ops
from triceras.layers.inputs import Input, InputLayer
from triceras.layers.layer import Layer
from triceras.layers.tracking import unique
from triceras.models import configs
from triceras.models.graph import Flat, Graph
from triceras.models.model import Model
from triceras.models.plan import Plan
from triceras.ops import symbolic
from triceras.ops.symbolic import KerasTensor
from triceras.utils.text import as_text
from triceras_backends.active import backend as B


class Functional(Model):
    """The model from `inputs` to `outputs`; `Model(inputs, outputs)` makes one.

    Args:
        inputs: what `Input` gave, or tensors on the way to the outputs (then the model begins
            there), in any structure. The model is called with the same structure; inputs in a
            list may also come as a dict by their names.
        outputs: tensors computed from the inputs, in any structure: that of the model's result.
        trainable, name: as of a Layer.

    Raises ValueError: something that is no symbolic tensor, a tensor that does not come from the
    inputs, an input twice, layers of one name.
    """

    UNTRACKED = Model.UNTRACKED | {"_input_tensors", "_output_tensors"}

    def __init__(
        self,
        inputs: Any,
        outputs: Any,
        name: str | None = None,
        trainable: bool = True,
        **kwargs: Any,
    ) -> None:
        # What goes in keeps the dtype of its Input.
        super().__init__(name=name, **{"autocast": False, **kwargs})
        _check_tensors(self.name, "inputs", inputs)
        _check_tensors(self.name, "outputs", outputs)
        flat = optree.tree_leaves(inputs)
        if len({id(tensor) for tensor in flat}) < len(flat):
            raise ValueError(f"Model {self.name!r}: an input is given twice: {[tensor.name for tensor in flat]}")
        if not all(_is_input(tensor) for tensor in flat):
            inputs, outputs = _begin_here(self.name, inputs, outputs)
        self._set_graph(inputs, Graph(self.name, optree.tree_leaves(inputs), outputs))
        self.built = True
        # The tensors are the graph's; the arguments would only be copied and pickled beside it.
        self.__dict__["_given"] = ((), {})
        if not trainable:
            self.trainable = False

    @staticmethod
    @functools.cache
    def mixed_into(cls: type) -> type:
        """The class of cls's instances that turn out to be functional models.

        Not `cls` itself: others of its instances may be models that define `call`.
        """
        if issubclass(cls, Functional):
            return cls
        attributes = {"__module__": cls.__module__, "__qualname__": cls.__qualname__, "__doc__": cls.__doc__}
        return type(cls.__name__, (cls, Functional), attributes)

    def _set_graph(self, inputs: Any, graph: Graph) -> None:
        graph.check_names()
        self._graph = graph
        self._input_tensors, self._output_tensors = inputs, graph.output
        self._graph_layers = [operation for operation in graph.operations if isinstance(operation, Layer)]
        self._plan = Plan(graph)
        self._takes_text = any(tensor.dtype == "string" for tensor in graph.inputs)
        self._optional = [_input_layer(tensor).optional for tensor in graph.inputs]

    # -- what it consists of --------------------------------------------------------------

    @property
    def layers(self) -> list[Any]:
        """The layers from the inputs to the outputs, then those that are only attributes."""
        return unique([*vars(self).get("_graph_layers", ()), *super().layers])

    @property
    def operations(self) -> list[Any]:
        """The layers and functions from the inputs to the outputs."""
        return list(self._graph.operations)

    @property
    def inputs(self) -> list[KerasTensor]:
        """The input tensors, in a list."""
        return list(self._graph.inputs)

    @property
    def outputs(self) -> list[KerasTensor]:
        """The output tensors, in a list."""
        return list(self._graph.outputs)

    @property
    def input(self) -> Any:
        """The input tensors, in the structure the model was made with."""
        return self._input_tensors

    @property
    def output(self) -> Any:
        """The output tensors, in the structure the model was made with."""
        return self._output_tensors

    def _known_outputs(self) -> Any:
        return self._output_tensors

    @property
    def input_names(self) -> list[str]:
        """The names of the inputs' layers."""
        return [_input_layer(tensor).name for tensor in self._graph.inputs]

    @property
    def output_names(self) -> list[str]:
        """The names of the operations that give the outputs."""
        return [tensor.node.operation.name for tensor in self._graph.outputs if tensor.node]

    @property
    def input_shape(self) -> Any:
        """The shape of the input; a structure of shapes for several."""
        return optree.tree_map(lambda x: x.shape, self._input_tensors)

    @property
    def output_shape(self) -> Any:
        """The shape of the output; a structure of shapes for several."""
        return optree.tree_map(lambda x: x.shape, self._output_tensors)

    # -- calling --------------------------------------------------------------------------

    def build(self, *input_shape: Any) -> None:
        """Nothing to do: the layers were built when the symbolic tensors went through them."""
        self.built = True

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        if B.is_tensor(inputs) and len(self._graph.inputs) == 1:
            return self._plan.run(self._fit(0, inputs))
        return self._plan.run(*[self._fit(i, x) for i, x in enumerate(self._flatten(inputs))])

    def _flatten(self, inputs: Any) -> list[Any]:
        """The inputs in the order of the graph's. Raises ValueError: another structure, missing ones."""
        tensors = self._graph.inputs
        if isinstance(inputs, Mapping):
            given, names = dict(inputs), self.input_names
            if isinstance(self._input_tensors, dict) and set(self._input_tensors) <= set(given):
                given = {key: given[key] for key in self._input_tensors}
            elif set(names) <= set(given) or not isinstance(self._input_tensors, dict):
                missing = [n for n, ok in zip(names, self._optional, strict=True) if n not in given and not ok]
                if missing:
                    raise ValueError(
                        f"Model {self.name!r}: no data for the input {missing[0]!r}. "
                        f"Its inputs are {names}; the dict has the keys {sorted(map(str, given))}."
                    )
                return [given.get(name) for name in names]
            else:
                missing = [key for key in self._input_tensors if key not in given]
                raise ValueError(
                    f"Model {self.name!r}: no data for the input {missing[0]!r}. "
                    f"Its inputs are {list(self._input_tensors)}; the dict has the keys {sorted(map(str, given))}."
                )
            inputs = given
        leaves = optree.tree_leaves(inputs, none_is_leaf=True)
        if len(leaves) != len(tensors):
            raise ValueError(
                f"Model {self.name!r} takes {len(tensors)} inputs ({', '.join(self.input_names)}), "
                f"but got {len(leaves)} tensors."
            )
        return leaves

    def _fit(self, index: int, x: Any) -> Any:
        """An input as a tensor of its Input's dtype and rank. Raises ValueError: another shape."""
        wanted = self._graph.inputs[index].spec
        if x is None:
            if not self._optional[index]:
                raise ValueError(
                    f"Model {self.name!r}: the input {self.input_names[index]!r} is not optional, got None."
                )
            return None
        if wanted.dtype == "string":
            x = x if B.is_tensor(x) else as_text(x)
        elif not B.is_tensor(x):
            x = B.convert_to_tensor(x)
        if wanted.dtype != "string" and B.dtype_of(x) != wanted.dtype:
            x = B.cast(x, wanted.dtype)
        shape = _shape_of(x)
        if len(shape) != len(wanted.shape):
            library: Any = ops if B.is_tensor(x) else np  # which holds text
            if len(shape) == len(wanted.shape) + 1 and shape[-1] == 1:
                x = library.squeeze(x, -1)
            elif len(shape) == len(wanted.shape) - 1 and wanted.shape[-1] == 1:
                x = library.expand_dims(x, -1)
            shape = _shape_of(x)
        _check_shape(self.name, index, self._graph.inputs[index], shape)
        return x

    def compute_output_spec(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        """The outputs for symbolic inputs, as KerasTensors without a history."""
        leaves = self._flatten(inputs)
        for index, (given, own) in enumerate(zip(leaves, self._graph.inputs, strict=True)):
            if given is not None:
                _check_shape(self.name, index, own, given.shape, symbolic_rank=True)
        if all(
            given is not None and given.spec == own.spec for given, own in zip(leaves, self._graph.inputs, strict=True)
        ):
            return symbolic.tensors_like(self._output_tensors)
        return symbolic.infer_outputs(self.call, (inputs,), {})

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The shape (or structure of shapes) of the output for inputs of these shapes."""
        shapes = optree.tree_leaves(input_shape, is_leaf=configs.is_shape)
        tensors = [KerasTensor(shape, own.dtype) for shape, own in zip(shapes, self._graph.inputs, strict=True)]
        return optree.tree_map(lambda x: x.shape, self._graph.replay(tensors))

    # -- configuration and copies -----------------------------------------------------------

    def get_config(self) -> dict[str, Any]:
        """The layers and how they are connected, for `from_config`; a subclass with a constructor
        of its own has the arguments that all layers take."""
        return configs.functional_config(self, self._graph) if _takes_tensors(type(self)) else super().get_config()

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Mapping[str, Any] | None = None) -> Any:
        """A model like the one whose `get_config` this is, with new weights. custom_objects: classes by name."""
        if "input_layers" not in config:
            return cls(**config)  # type: ignore[call-arg]
        inputs, outputs = configs.connect(config, custom_objects or {})
        return cls(inputs, outputs, name=config.get("name"), trainable=config.get("trainable", True))

    def __getstate__(self) -> dict[str, Any]:
        state = dict(super().__getstate__())
        for name in ("_plan", "_input_tensors", "_output_tensors", "_graph_layers"):
            state.pop(name)
        input_structure = optree.tree_structure(self._input_tensors)
        return {**state, "_graph": (Flat(self._graph), input_structure)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        flat, structure = state.pop("_graph")
        super().__setstate__(state) if hasattr(super(), "__setstate__") else self.__dict__.update(state)
        graph = flat.restore()
        self._set_graph(structure.unflatten(graph.inputs), graph)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}, built={self.built}>"


Model.functional_class = Functional


def _takes_tensors(cls: type) -> bool:
    """Whether the class is made of inputs and outputs, as Functional is."""
    parameters = inspect.signature(cls.__init__).parameters  # type: ignore[misc]
    return {"inputs", "outputs"} <= set(parameters)


def _shape_of(x: Any) -> tuple[int | None, ...]:
    return tuple(B.static_shape(x)) if B.is_tensor(x) else x.shape


def _check_tensors(model_name: str, what: str, tree: Any) -> None:
    leaves = optree.tree_leaves(tree, none_is_leaf=True)
    if not leaves:
        raise ValueError(f"Model {model_name!r} needs {what}; got: {tree!r}")
    for leaf in leaves:
        if leaf.__class__ is not KerasTensor:
            raise ValueError(
                f"Model {model_name!r}: {what} must be symbolic tensors, from `Input` or computed from one; "
                f"got: {leaf!r} of type {type(leaf).__name__}"
            )
        if leaf.node is None:
            raise ValueError(f"Model {model_name!r}: {leaf!r} among the {what} has no history: begin with `Input`.")


def _is_input(tensor: KerasTensor) -> bool:
    return tensor.node is not None and tensor.node.is_input


def _input_layer(tensor: KerasTensor) -> InputLayer:
    return tensor.node.operation  # type: ignore[union-attr, return-value]


def _begin_here(model_name: str, inputs: Any, outputs: Any) -> tuple[Any, Any]:
    """New Inputs in place of tensors on the way, and the outputs computed from them anew."""
    old: list[KerasTensor] = optree.tree_leaves(inputs)
    new = [x if _is_input(x) else Input(batch_shape=x.shape, dtype=x.dtype, name=f"{x.name}_input") for x in old]
    return optree.tree_structure(inputs).unflatten(new), Graph(model_name, old, outputs).replay(new)


def _check_shape(model_name: str, index: int, wanted: KerasTensor, shape: Any, symbolic_rank: bool = False) -> None:
    own = wanted.spec.shape
    # The batch axis is free, as it is in training on a last batch that is smaller.
    fits = len(shape) == len(own) and all(
        a is None or b is None or a == b for a, b in zip(own[1:], tuple(shape)[1:], strict=True)
    )
    if symbolic_rank and not fits:
        fits = (len(shape) == len(own) + 1 and shape[-1] == 1) or (len(shape) == len(own) - 1 and own[-1] == 1)
    if not fits:
        raise ValueError(
            f"Input {index} ({_input_layer(wanted).name!r}) of model {model_name!r} does not fit: "
            f"expected shape {(None, *own[1:]) if own else ()}, found shape {tuple(shape)}."
        )
