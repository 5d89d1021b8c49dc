"""The graph between symbolic inputs and outputs: its nodes in order, and running them again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import optree

from triceras.ops.nodes import Node, Operation
from triceras.ops.symbolic import KerasTensor


class Graph:
    """The calls from `inputs` to the tensors in the structure `output`.

    Attributes: `inputs`, `output`, `outputs` (its tensors in order), `nodes` (the calls between,
    each after those it needs), `operations` (inputs' layers too; from the inputs to the outputs
    by depth, as a model lists its layers).

    Raises ValueError: an output that does not come from the inputs.
    """

    def __init__(self, model_name: str, inputs: list[KerasTensor], output: Any) -> None:
        self.model_name = model_name
        self.inputs = inputs
        self.output = output
        self.outputs: list[KerasTensor] = optree.tree_leaves(output)
        self.nodes, first_met = self._sorted()
        self.operations = self._by_depth(first_met)

    def check_names(self) -> None:
        """Raises ValueError: two operations of one name."""
        names = Counter(operation.name for operation in self.operations)
        for name, count in names.items():
            if count > 1:
                raise ValueError(
                    f"Model {self.model_name!r} has {count} layers named {name!r}; the names in a model must be unique."
                )

    def _sorted(self) -> tuple[list[Node], dict[int, int]]:
        """The nodes, each after those it needs; and in what order the operations are met, from the outputs."""
        given = {id(tensor) for tensor in self.inputs}
        nodes: list[Node] = []
        first_met: dict[int, int] = {}
        entered: set[int] = set()
        # A stack and not recursion, which very deep models would exhaust: of tensors to look at,
        # and of nodes whose inputs have all been looked at.
        stack: list[KerasTensor | Node] = list(reversed(self.outputs))
        while stack:
            item = stack.pop()
            if isinstance(item, Node):
                nodes.append(item)
                continue
            node = item.node
            if node is None or (node.is_input and id(item) not in given):
                raise ValueError(self._disconnected(item))
            first_met.setdefault(id(node.operation), len(first_met))
            if id(item) not in given and id(node) not in entered:
                entered.add(id(node))
                stack += [node, *reversed(node.inputs)]
        return nodes, first_met

    def _disconnected(self, tensor: KerasTensor) -> str:
        return (
            f"Model {self.model_name!r}: the graph is disconnected: {tensor!r} is needed for the outputs, but it does "
            f"not come from the inputs (they are: {', '.join(repr(x.name) for x in self.inputs)})."
        )

    def _by_depth(self, first_met: dict[int, int]) -> list[Operation]:
        """The operations by their greatest distance from the outputs, the farthest first."""
        node_depth: dict[int, int] = {}
        depth_of: dict[int, int] = {}
        operations: dict[int, Operation] = {}
        for node in [*reversed(self.nodes), *(tensor.node for tensor in self.inputs if tensor.node)]:
            key = id(node.operation)
            operations[key] = node.operation
            first_met.setdefault(key, -1)  # an input that no output needs
            depth = node_depth[id(node)] = max(node_depth.get(id(node), 0), depth_of.get(key, 0))
            depth_of[key] = depth
            for tensor in node.inputs:
                node_depth[id(tensor.node)] = max(depth + 1, node_depth.get(id(tensor.node), 0))
        return sorted(operations.values(), key=lambda op: (-depth_of[id(op)], first_met[id(op)]))

    def replay(self, inputs: list[Any], apply: Callable[..., Any] | None = None) -> Any:
        """The output's structure, computed from other inputs (symbolic ones) by the same operations.

        apply: a function of (operation, *args, **kwargs) that calls it, or something in its place.
        """
        values = {id(old): new for old, new in zip(self.inputs, inputs, strict=True)}

        def swap(tree: Any) -> Any:
            return optree.tree_map(
                lambda x: values[id(x)] if x.__class__ is KerasTensor else x, tree, none_is_leaf=True
            )

        for node in self.nodes:
            args, kwargs = swap(node.args), swap(node.kwargs)
            result = apply(node.operation, *args, **kwargs) if apply else node.operation(*args, **kwargs)
            found = [x for x in optree.tree_leaves(result) if x.__class__ is KerasTensor]
            values.update((id(old), new) for old, new in zip(node.outputs, found, strict=True))
        return swap(self.output)

    def calls_of(self, operation: Operation) -> list[Node]:
        """The operation's nodes that belong to this graph, in the order of the calls."""
        mine = {id(node) for node in [*self.nodes, *(tensor.node for tensor in self.inputs)]}
        return [node for node in operation.inbound_nodes if id(node) in mine]


# -- flat form ---------------------------------------------------------------------------


class Flat:
    """A graph as a list of calls that refer to each other by number: what is copied and pickled,
    where following the tensors from one to the next would exhaust the stack."""

    def __init__(self, graph: Graph) -> None:
        self.model_name = graph.model_name
        nodes = [*(tensor.node for tensor in graph.inputs if tensor.node), *graph.nodes]
        tensors = [tensor for node in nodes for tensor in node.outputs]
        numbers = {id(tensor): number for number, tensor in enumerate(tensors)}

        def refer(tree: Any) -> Any:
            return optree.tree_map(
                lambda x: Reference(numbers[id(x)]) if x.__class__ is KerasTensor else x, tree, none_is_leaf=True
            )

        self.calls = [(node.operation, refer(node.args), refer(node.kwargs), refer(node.output)) for node in nodes]
        self.tensors = [(tensor.spec, tensor.name) for tensor in tensors]
        self.inputs, self.output = refer(graph.inputs), refer(graph.output)

    def restore(self) -> Graph:
        """The graph with tensors and nodes of its own."""
        tensors = [KerasTensor(spec.shape, spec.dtype, name=name) for spec, name in self.tensors]

        def resolve(tree: Any) -> Any:
            return optree.tree_map(
                lambda x: tensors[x.number] if x.__class__ is Reference else x, tree, none_is_leaf=True
            )

        for operation, args, kwargs, output in self.calls:
            args, kwargs = resolve(args), resolve(kwargs)
            leaves = optree.tree_leaves((args, kwargs), none_is_leaf=True)
            Node(operation, args, kwargs, [x for x in leaves if x.__class__ is KerasTensor], resolve(output))
        return Graph(self.model_name, resolve(self.inputs), resolve(self.output))


class Reference:
    """Stands for the tensor of that number."""

    def __init__(self, number: int) -> None:
        self.number = number
