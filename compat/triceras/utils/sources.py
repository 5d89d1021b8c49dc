"""Where a symbolic tensor comes from."""

from __future__ import annotations

from typing import Any

from triceras.ops.symbolic import KerasTensor


def get_source_inputs(tensor: Any) -> Any:
    """The Inputs that a symbolic tensor is computed from, each once, in the order of its graph.

    Args:
        tensor: a KerasTensor. One without a history, and what is no KerasTensor, is returned as it is.

    Example:

    >>> x = keras.Input((3,), name="x")
    >>> [source.name for source in keras.utils.get_source_inputs(keras.layers.Dense(2)(x))]
    ['x']
    """
    if not isinstance(tensor, KerasTensor) or tensor.node is None:
        return tensor
    found: dict[int, KerasTensor] = {}
    seen: set[int] = set()
    stack = [tensor]
    while stack:
        current = stack.pop()
        node = current.node
        if node is None or not node.inputs:
            found[id(current)] = current
        elif id(node) not in seen:
            seen.add(id(node))
            stack.extend(reversed(node.inputs))
    return list(found.values())
