"""Which operation a test speaks of, and of what about it: the rows and columns of the report's first table.

Tests say it by `@pytest.mark.aspect("jit")`, the operation being that of their `case` or `op` (or named
there: `op="jvp"`); those of the operations that no table of cases holds (loops, conversions) by their names.
"""

from __future__ import annotations

import re
from typing import Any

import pytest

ASPECTS = ("value", "dtype", "symbolic", "jit", "gradient", "second gradient")

_NAMED = re.compile(
    r"test_(scan|while_loop|fori_loop|cond|switch|map|associative_scan|vectorized_map|stop_gradient"
    r"|custom_gradient|cast)(_.*)?$"
)
_OTHERWISE_NAMED = {
    "test_convert": "convert_to_tensor",
    "test_round_trip": "convert_to_numpy",
    "test_is_tensor": "is_tensor",
    "test_is_tensor_of_traced_ones": "is_tensor",
    "test_shapes": "shape",
    "test_dlpack": "to_dlpack",
}


def attribute(item: pytest.Item) -> tuple[str, tuple[str, ...]]:
    """The operation and the aspects that a test shows; "" and none for tests of something else."""
    callspec = getattr(item, "callspec", None)
    parameters: dict[str, Any] = callspec.params if callspec else {}
    marker = item.get_closest_marker("aspect")
    if marker is not None:
        case = parameters.get("case")
        op = marker.kwargs.get("op") or getattr(case, "op", None) or parameters["op"]
        return str(op), marker.args
    name = getattr(item, "originalname", None) or item.name
    named = _NAMED.match(name)
    if named is None:
        return (_OTHERWISE_NAMED[name], ("value",)) if name in _OTHERWISE_NAMED else ("", ())
    differentiated = re.search(r"gradient|tape", named[2] or "")
    aspects = ["value"] if not differentiated else ["second gradient" if "second_order" in name else "gradient"]
    if callspec and "jit" in re.split(r"\W", callspec.id):
        aspects.append("jit")
    named_so = parameters.get("name")
    return (named_so if isinstance(named_so, str) and named[1] == "map" else named[1]), tuple(aspects)


def outcomes(aspects: tuple[str, ...], outcome: str, error: BaseException | None) -> dict[str, str]:
    """Each aspect's outcome: a test of several says by its exception's `aspects` which of them are concerned."""
    concerned = getattr(error, "aspects", aspects)
    return {aspect: outcome if outcome == "passed" or aspect in concerned else "passed" for aspect in aspects}


def operations() -> dict[str, Any]:
    """Each public operation by its primitive: names, family, and which aspects cannot apply, with the reason."""
    from tests.conformance.cases import dynamic
    from tests.conformance.cases.all import CASES, GRADIENTS, NOT_DIFFERENTIABLE
    from tests.conformance.cases.base import leaves
    from tests.conformance.selecting import CONTRACT
    from triceras import ops

    found: dict[str, Any] = {}
    for prefix, namespace in (("", ops), ("image.", ops.image)):
        for name, function in sorted(vars(namespace).items()):
            primitive = getattr(function, "__name__", "")
            if name[0] == "_" or not callable(function) or primitive not in CONTRACT:
                continue
            entry = found.setdefault(primitive, {"names": [], "family": CONTRACT[primitive][0], "inapplicable": {}})
            if not prefix or name not in vars(ops):
                entry["names"].append(prefix + name)
    with_arrays = {c.op for c in CASES if any(hasattr(leaf, "shape") for leaf in leaves((c.args, c.kw)))}
    twice = {row.op for row in GRADIENTS if row.second}
    for primitive, entry in found.items():
        cannot = entry["inapplicable"]
        if primitive in NOT_DIFFERENTIABLE:
            cannot["gradient"] = cannot["second gradient"] = "it has no derivative"
        elif primitive not in twice and any(row.op == primitive for row in GRADIENTS):
            cannot["second gradient"] = "the second derivative is zero or not defined"
        if any(case.op == primitive for case in CASES) and primitive not in with_arrays:
            cannot["symbolic"] = "it takes no tensors"
        if primitive in dynamic.UNINFERRED:
            cannot["symbolic"] = dynamic.UNINFERRED[primitive]
        if primitive in dynamic.UNCOMPILED:
            cannot["jit"] = dynamic.UNCOMPILED[primitive]
    return found
