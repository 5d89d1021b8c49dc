"""A graph as straight-line Python: one assignment a call, nothing looked up while it runs."""

from __future__ import annotations

from typing import Any

import optree

from triceras.models.graph import Graph
from triceras.ops.nodes import Node, Operation
from triceras.ops.symbolic import Function, KerasTensor


class Plan:
    """The graph as a function of its flat inputs: `plan.run(*tensors)` gives the output's structure.

    The source is generated, as dataclasses' methods are, because a loop that interprets the
    nodes would cost more than many layers do. A value's variable is deleted at its last use.
    """

    def __init__(self, graph: Graph) -> None:
        self.namespace: dict[str, Any] = {"leaves": _tensors}
        self._names = {id(tensor): f"x{i}" for i, tensor in enumerate(graph.inputs)}
        parameters = ", ".join(self._names[id(tensor)] for tensor in graph.inputs)
        lines = [f"def run({parameters}):"]
        last_use = _last_uses(graph)
        for number, node in enumerate(graph.nodes):
            arguments = [self._expression(arg) for arg in node.args]
            arguments += [f"{key}={self._expression(arg)}" for key, arg in node.kwargs.items()]
            call = f"{self._callee(node.operation, number)}({', '.join(arguments)})"
            lines.append(f"    {self._assignment(node, number, call)}")
            dead = [self._names[key] for key in last_use.get(id(node), ())]
            if dead:
                lines.append(f"    {' = '.join(dead)} = None")
        lines.append(f"    return {self._expression(graph.output)}")
        exec(compile("\n".join(lines), f"<the plan of {graph.model_name}>", "exec"), self.namespace)
        self.run = self.namespace["run"]

    def _callee(self, operation: Operation, number: int) -> str:
        name = f"f{number}"
        self.namespace[name] = operation.function if isinstance(operation, Function) else operation
        return name

    def _assignment(self, node: Node, number: int, call: str) -> str:
        names = [f"v{number}" if len(node.outputs) == 1 else f"v{number}_{i}" for i in range(len(node.outputs))]
        self._names.update((id(tensor), name) for tensor, name in zip(node.outputs, names, strict=True))
        if node.output.__class__ is KerasTensor:
            return f"{names[0]} = {call}"
        plain = type(node.output) in (list, tuple) and all(x.__class__ is KerasTensor for x in node.output)
        targets = "".join(f"{name}, " for name in names)
        return f"{targets}= {call}" if plain else f"{targets}= leaves({call})"

    def _expression(self, tree: Any) -> str:
        """A structure as source: lists, tuples and dicts spelled out, tensors by name, constants by reference."""
        kind = type(tree)
        if kind is KerasTensor:
            return self._names[id(tree)]
        if kind is list:
            return f"[{', '.join(map(self._expression, tree))}]"
        if kind is tuple:
            return f"({''.join(f'{self._expression(item)}, ' for item in tree)})"
        if kind is dict and all(isinstance(key, str) for key in tree):
            return f"{{{', '.join(f'{key!r}: {self._expression(item)}' for key, item in tree.items())}}}"
        if tree is None or kind in (bool, int, str):
            return repr(tree)
        leaves, structure = optree.tree_flatten(tree, none_is_leaf=True)
        name = f"c{len(self.namespace)}"
        if not any(leaf.__class__ is KerasTensor for leaf in leaves):
            self.namespace[name] = tree
            return name
        self.namespace[name] = structure.unflatten
        return f"{name}({self._expression(leaves)})"


def _tensors(tree: Any) -> list[Any]:
    """The leaves of a structure that are no plain constants, as a node counts its outputs."""
    constants = (bool, int, float, str)
    return [leaf for leaf in optree.tree_leaves(tree) if not isinstance(leaf, constants)]


def _last_uses(graph: Graph) -> dict[int, list[int]]:
    """By node: the tensors (their ids) that nothing after it needs."""
    kept = {id(tensor) for tensor in graph.outputs}
    last: dict[int, int] = {}
    for node in graph.nodes:
        last.update((id(tensor), id(node)) for tensor in (*node.outputs, *node.inputs))
    uses: dict[int, list[int]] = {}
    for tensor, node_id in last.items():
        if tensor not in kept:
            uses.setdefault(node_id, []).append(tensor)
    return uses
