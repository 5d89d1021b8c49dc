"""The table that `model.summary()` prints."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import rich.box
import rich.console
import rich.markup
import rich.table

from triceras.layers.layer import Layer
from triceras.layers.tracking import unique
from triceras.models.configs import class_name
from triceras.ops.nodes import Node, Operation


@dataclass
class Row:
    """A line of the table: an operation, how deep inside models it lies, and its calls in its model."""

    operation: Operation
    depth: int = 0
    calls: list[Node] = field(default_factory=list)
    places: dict[int, tuple[str, int, int]] = field(default_factory=dict)


def print_summary(
    model: Any,
    line_length: int | None = None,
    positions: Any = None,
    print_fn: Callable[[str], Any] | None = None,
    expand_nested: bool = False,
    show_trainable: bool = False,
    layer_range: Any = None,
) -> None:
    """Prints a model's layers; see `Model.summary`."""
    connected = hasattr(model, "_graph") and not _is_chain(model)
    headers = ["Layer (type)", "Output Shape", "Param #"]
    headers += ["Connected to"] if connected else []
    headers += ["Trainable"] if show_trainable else []
    default: tuple[float, ...] = (0.45, 0.80, 1.0) if not connected else (0.30, 0.56, 0.74, 1.0)
    width = line_length or (98 if connected else 80) + (12 if show_trainable else 0)
    if show_trainable:
        default = (*(end * (1 - 13 / width) for end in default), 1.0)
    table = rich.table.Table(width=width, box=rich.box.HEAVY_HEAD, show_lines=True)
    for title, size in zip(headers, _widths(positions or default, width, len(headers)), strict=True):
        justify: Any = "right" if title == "Param #" else "center" if title == "Trainable" else "left"
        table.add_column(title, width=size, justify=justify, overflow="fold")
    for row in _in_range(_rows(model, expand_nested), layer_range):
        table.add_row(*(rich.markup.escape(cell) for cell in _cells(row, connected, show_trainable)))
    _print([f"Model: {model.name!r}".replace("'", '"'), table, *_totals(model)], width, print_fn)


def _widths(positions: Any, width: int, count: int) -> list[int]:
    """The columns' widths for right ends given as shares of the width or in characters."""
    ends = list(positions)
    if len(ends) < count:
        raise ValueError(f"summary: positions needs {count} numbers, one a column; got: {positions!r}")
    whole = [end if end > 1 else end * width for end in ends[:count]]
    starts = [0, *whole[:-1]]
    return [max(int(end - start) - 3, 4) for start, end in zip(starts, whole, strict=True)]


# -- rows --------------------------------------------------------------------------------


def _is_chain(model: Any) -> bool:
    """Whether each operation is called once, on the one tensor before."""
    graph = model._graph
    uses = [id(tensor) for node in graph.nodes for tensor in node.inputs]
    single = all(len(node.inputs) == 1 and len(node.outputs) == 1 for node in graph.nodes)
    called_once = len({id(node.operation) for node in graph.nodes}) == len(graph.nodes)
    return single and called_once and len(set(uses)) == len(uses) and len(graph.inputs) == len(graph.outputs) == 1


def _rows(model: Any, expand_nested: bool, depth: int = 0) -> list[Row]:
    graph = getattr(model, "_graph", None)
    operations = graph.operations if graph is not None else model.layers
    extra = [layer for layer in model.layers if all(layer is not operation for operation in operations)]
    rows: list[Row] = []
    places: dict[int, tuple[str, int, int]] = {}
    for operation in [*operations, *extra]:
        calls = graph.calls_of(operation) if graph is not None else operation.inbound_nodes[:1]
        for number, node in enumerate(calls):
            places.update({id(tensor): (operation.name, number, i) for i, tensor in enumerate(node.outputs)})
        rows.append(Row(operation, depth, calls, places))
        if expand_nested and hasattr(operation, "get_layer"):
            rows += _rows(operation, True, depth + 1)
    return rows


def _in_range(rows: list[Row], layer_range: Any) -> list[Row]:
    if layer_range is None:
        return rows
    if len(layer_range) != 2 or not all(isinstance(pattern, str) for pattern in layer_range):
        raise ValueError(f"summary: layer_range must be two patterns of layers' names; got: {layer_range!r}")
    first, last = (
        [i for i, row in enumerate(rows) if re.match(pattern, row.operation.name)] for pattern in layer_range
    )
    if not first or not last:
        raise ValueError(f"summary: no layer's name matches layer_range={layer_range!r}.")
    low, high = min(first[0], last[-1]), max(first[0], last[-1])
    return rows[low : high + 1]


def _cells(row: Row, connected: bool, show_trainable: bool) -> list[str]:
    operation = row.operation
    indent = "   " * row.depth + "└ " if row.depth else ""
    cells = [f"{indent}{operation.name} ({class_name(operation)})", _output_shape(row), _parameters(operation)]
    if connected:
        cells.append(_connections(row) if row.depth == 0 else "-")
    if show_trainable:
        weighty = isinstance(operation, Layer) and operation.weights
        cells.append(("Y" if operation.trainable else "N") if weighty else "-")  # type: ignore[attr-defined]
    return cells


def _output_shape(row: Row) -> str:
    if row.calls:
        shapes = [str(tensor.shape) for tensor in row.calls[0].outputs]
        return shapes[0] if len(shapes) == 1 else ", ".join(shapes)
    shape = getattr(row.operation, "_last_output_shape", None)
    return "?" if shape is None else str(shape)


def _parameters(operation: Operation) -> str:
    if not isinstance(operation, Layer):
        return "0"
    count = _count(operation.weights)
    return f"{count:,}" if operation.built else f"{count:,} (unbuilt)"


def _connections(row: Row) -> str:
    sources = [row.places[id(tensor)] for node in row.calls for tensor in node.inputs if id(tensor) in row.places]
    return ", ".join(f"{name}[{node}][{index}]" for name, node, index in sources) or "-"


# -- totals ------------------------------------------------------------------------------


def _count(weights: Any) -> int:
    return sum(weight.size for weight in weights)


def _totals(model: Any) -> list[str]:
    weights = model.weights
    trainable = [weight for weight in weights if weight.trainable]
    frozen = [weight for weight in weights if not weight.trainable]
    optimizer = getattr(getattr(model, "optimizer", None), "variables", ())
    groups = [("Total", [*weights, *optimizer]), ("Trainable", trainable), ("Non-trainable", frozen)]
    groups += [("Optimizer", list(optimizer))] if len(optimizer) else []
    return [f" {title} params: {_count(group):,} ({_size(group)})" for title, group in groups]


def _size(weights: Any) -> str:
    size = sum(weight.size * _bytes(weight.dtype) for weight in unique(weights))
    for unit in ("B", "KB", "MB", "GB", "TB"):
        if size < 1024 or unit == "TB":
            break
        size /= 1024
    return f"{size:.2f} {unit}"


def _bytes(dtype: str) -> float:
    digits = re.search(r"\d+", dtype)
    return int(digits.group()) / 8 if digits else 1  # bool takes a byte


def _print(parts: list[Any], width: int, print_fn: Callable[[str], Any] | None) -> None:
    """As one string to print_fn, without colours; otherwise to the terminal."""
    if print_fn is None:
        console = rich.console.Console(width=max(width, 40), highlight=False)
        for part in parts:
            console.print(part, markup=False, soft_wrap=isinstance(part, str))
        return
    text = io.StringIO()
    console = rich.console.Console(width=max(width, 40), highlight=False, file=text, color_system=None)
    for part in parts:
        console.print(part, markup=False, soft_wrap=isinstance(part, str))
    print_fn(text.getvalue())
