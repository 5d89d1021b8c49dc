"""Pictures of models, drawn by Graphviz. The packages for it are optional."""

from __future__ import annotations

import os
import shutil
from typing import Any


def model_to_dot(
    model: Any,
    show_shapes: bool = False,
    show_dtype: bool = False,
    show_layer_names: bool = True,
    rankdir: str = "TB",
    expand_nested: bool = False,
    dpi: int = 200,
    subgraph: bool = False,
    show_layer_activations: bool = False,
    show_trainable: bool = False,
    splines: str = "ortho",
    **kwargs: Any,
) -> Any:
    """A model's layers and connections as a `pydot.Dot` graph (a `pydot.Cluster` for subgraph=True).

    Args:
        show_shapes, show_dtype, show_layer_names, show_layer_activations, show_trainable: what
            each box says besides the layer's class.
        rankdir: "TB" draws downwards, "LR" to the right.
        expand_nested: whether models inside are drawn with their layers.
        dpi: dots an inch.
        splines: how connections are drawn, a style of Graphviz: "ortho", "curved", "polyline", "spline", "line".

    Raises ImportError: pydot is not installed. Raises ValueError: the model is not built.
    """
    if kwargs:
        raise ValueError(f"model_to_dot got unknown arguments: {', '.join(kwargs)}.")
    pydot = _pydot()
    if not getattr(model, "built", False):
        raise ValueError(f"Model {model.name!r} is not built yet, so its layers' shapes are unknown: call it first.")
    if subgraph:
        dot = pydot.Cluster(style="dashed", graph_name=model.name, label=model.name, labeljust="l")
    else:
        dot = pydot.Dot(model.name, rankdir=rankdir, dpi=dpi, splines=splines)
        dot.set_node_defaults(shape="plaintext", fontname="Helvetica")
    options = {
        "show_shapes": show_shapes,
        "show_dtype": show_dtype,
        "show_layer_names": show_layer_names,
        "show_layer_activations": show_layer_activations,
        "show_trainable": show_trainable,
    }
    _add(pydot, dot, model, "", expand_nested, options)
    return dot


def plot_model(
    model: Any,
    to_file: Any = "model.png",
    show_shapes: bool = False,
    show_dtype: bool = False,
    show_layer_names: bool = False,
    rankdir: str = "TB",
    expand_nested: bool = False,
    dpi: int = 200,
    show_layer_activations: bool = False,
    show_trainable: bool = False,
    splines: str = "ortho",
    **kwargs: Any,
) -> None:
    """Draws a model into a file, whose ending chooses the format ("png", "svg", "pdf", ...).

    Args: as of `model_to_dot`.

    Raises ImportError: pydot or Graphviz' `dot` is missing. Raises ValueError: the model is not built.
    """
    dot = model_to_dot(
        model,
        show_shapes=show_shapes,
        show_dtype=show_dtype,
        show_layer_names=show_layer_names,
        rankdir=rankdir,
        expand_nested=expand_nested,
        dpi=dpi,
        show_layer_activations=show_layer_activations,
        show_trainable=show_trainable,
        splines=splines,
        **kwargs,
    )
    if shutil.which("dot") is None:
        raise ImportError(
            "plot_model needs Graphviz (its program `dot`), which was not found: see https://graphviz.org/download/."
        )
    path = os.fspath(to_file)
    extension = os.path.splitext(path)[1].lstrip(".")
    dot.write(path if extension else f"{path}.png", format=extension or "png")


def _pydot() -> Any:
    try:
        import pydot  # noqa: PLC0415
    except ImportError:
        raise ImportError("Drawing a model needs pydot: pip install pydot (and Graphviz for plot_model).") from None
    return pydot


def _add(pydot: Any, dot: Any, model: Any, prefix: str, expand_nested: bool, options: dict[str, bool]) -> None:
    """The model's boxes and arrows; those of a model inside in a cluster of their own."""
    graph = getattr(model, "_graph", None)
    operations = graph.operations if graph is not None else [*_own_input(model), *model.layers]
    ends: dict[int, tuple[str, str]] = {}
    for operation in operations:
        key = f"{prefix}{operation.name}"
        if expand_nested and hasattr(operation, "get_layer") and operation.layers:
            cluster = pydot.Cluster(graph_name=key, label=operation.name, style="dashed", labeljust="l")
            _add(pydot, cluster, operation, f"{key}/", expand_nested, options)
            dot.add_subgraph(cluster)
            ends[id(operation)] = _ends(operation, f"{key}/")
        else:
            dot.add_node(pydot.Node(_quoted(key), label=_label(operation, **options)))
            ends[id(operation)] = (key, key)
    for source, target in _arrows(graph, operations):
        dot.add_edge(pydot.Edge(_quoted(ends[id(source)][1]), _quoted(ends[id(target)][0])))


def _own_input(model: Any) -> list[Any]:
    tensors = getattr(model, "inputs", None)
    return [tensors[0].node.operation] if tensors else []


def _ends(model: Any, prefix: str) -> tuple[str, str]:
    """The first and the last box of a model inside."""
    graph = getattr(model, "_graph", None)
    operations = graph.operations if graph is not None else [*_own_input(model), *model.layers]
    last = graph.outputs[0].node.operation if graph is not None else operations[-1]

    def key(operation: Any, index: int) -> str:
        name = f"{prefix}{operation.name}"
        return _ends(operation, f"{name}/")[index] if hasattr(operation, "get_layer") and operation.layers else name

    return key(operations[0], 0), key(last, 1)


def _arrows(graph: Any, operations: list[Any]) -> list[tuple[Any, Any]]:
    if graph is None:
        return list(zip(operations, operations[1:], strict=False))
    pairs = [(tensor.node.operation, node.operation) for node in graph.nodes for tensor in node.inputs]
    return list({(id(a), id(b)): (a, b) for a, b in pairs}.values())


def _quoted(name: str) -> str:
    return '"' + name.replace('"', r"\"") + '"'


def _label(
    operation: Any,
    show_shapes: bool,
    show_dtype: bool,
    show_layer_names: bool,
    show_layer_activations: bool,
    show_trainable: bool,
) -> str:
    """A box as a table in Graphviz' HTML."""
    kind = type(operation).__name__
    title = getattr(operation, "function_name", kind)
    lines = [f"<b>{operation.name}</b> ({title})" if show_layer_names else f"<b>{title}</b>"]
    nodes = operation.inbound_nodes
    if show_layer_activations and hasattr(operation, "activation"):
        activation = operation.activation
        lines.append(f"Activation: <b>{getattr(activation, '__name__', type(activation).__name__)}</b>")
    if show_shapes and nodes:
        shapes = [
            ", ".join(str(tensor.shape) for tensor in tensors) or "-" for tensors in (nodes[0].inputs, nodes[0].outputs)
        ]
        lines.append(f"Input shape: <b>{shapes[0]}</b><br/>Output shape: <b>{shapes[1]}</b>")
    if show_dtype and nodes:
        lines.append(f"Output dtype: <b>{', '.join(tensor.dtype for tensor in nodes[0].outputs)}</b>")
    if show_trainable and getattr(operation, "weights", None):
        lines.append(f"Trainable: <b>{operation.trainable}</b>")
    rows = "".join(f'<tr><td cellpadding="6">{line}</td></tr>' for line in lines)
    return f'<<table border="0" cellborder="1" cellspacing="0">{rows}</table>>'
