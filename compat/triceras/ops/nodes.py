"""The record of symbolic calls: what was called, with what, and what came out.

A tensor refers to the node that made it, and a node to its operation and arguments: a graph
lives as long as someone holds its outputs. Operations keep the nodes of the graphs that begin at
an `Input`, so that `layer.output` works; abstract evaluation leaves no trace in them.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import optree


class History(NamedTuple):
    """Where a symbolic tensor comes from: output `tensor_index` of the operation's call `node_index`."""

    operation: Operation
    node_index: int
    tensor_index: int


class Node:
    """One symbolic call of an operation.

    Attributes: `operation`; `args` and `kwargs` as given, KerasTensors in them; `inputs`, those
    KerasTensors in order; `output`, the structure returned; `outputs`, its KerasTensors in order.
    """

    __slots__ = ("operation", "args", "kwargs", "inputs", "output", "outputs")

    def __init__(
        self, operation: Operation, args: tuple[Any, ...], kwargs: dict[str, Any], inputs: list[Any], output: Any
    ) -> None:
        self.operation = operation
        # Containers are copied: the caller's lists may change.
        self.args, self.kwargs, self.output = optree.tree_map(lambda x: x, (args, kwargs, output), none_is_leaf=True)
        self.inputs = inputs
        self.outputs = [leaf for leaf in optree.tree_leaves(output) if hasattr(leaf, "node")]
        for index, tensor in enumerate(self.outputs):
            tensor.node, tensor.tensor_index = self, index
        operation.inbound_nodes.append(self)

    @property
    def is_input(self) -> bool:
        """Whether the node is an `Input`: made of no tensors."""
        return not self.inputs

    def __repr__(self) -> str:
        return f"<Node operation={self.operation.name}, inputs={[x.name for x in self.inputs]}>"


class Operation:
    """What a node calls: a layer, or a function with a name (`Function`)."""

    name: str

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The operation on tensors, or on symbolic ones: one more node then."""
        raise NotImplementedError(f"{type(self).__name__} does not say what calling it does.")

    @property
    def inbound_nodes(self) -> list[Node]:
        """The operation's calls in graphs that begin at an `Input`, in order."""
        # Straight into the dict: the frameworks' modules need not hear of it.
        return vars(self).setdefault("_inbound_nodes", [])

    @property
    def input(self) -> Any:
        """The symbolic input of the first call: a KerasTensor, or a list of several.

        Raises AttributeError: never called on an `Input` or what was made of one.
        """
        inputs = self._first_node("input").inputs
        return inputs[0] if len(inputs) == 1 else list(inputs)

    @property
    def output(self) -> Any:
        """The symbolic output of the first call, in the structure that was returned.

        Raises AttributeError: never called on an `Input` or what was made of one.
        """
        return self._first_node("output").output

    def _first_node(self, attribute: str) -> Node:
        if not self.inbound_nodes:
            raise AttributeError(_never_called(self, attribute))
        return self.inbound_nodes[0]

    def __getstate__(self) -> dict[str, Any]:
        # A copy of a layer is not to take the graphs along that the layer stands in.
        return {name: value for name, value in vars(self).items() if name != "_inbound_nodes"}

    def __getattr__(self, name: str) -> Any:
        # Python comes here too after a property raised AttributeError, and PyTorch's own
        # answer to that would hide the reason.
        if name in ("input", "output"):
            raise AttributeError(_never_called(self, name))
        following = getattr(super(), "__getattr__", None)
        if following is None:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        return following(name)


def _never_called(operation: Operation, attribute: str) -> str:
    return (
        f"{type(operation).__name__} {vars(operation).get('name')!r} has no `{attribute}`: it has never been called "
        "on a symbolic tensor (one that `Input` gave, or made of one)."
    )
