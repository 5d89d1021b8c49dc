"""Makes a public operation of a primitive: its signature and docstring, and symbolic calls."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, TypeVar

from triceras.ops import symbolic
from triceras_backends.active import backend as B

F = TypeVar("F", bound=Callable[..., Any])


def _condition(parameter: inspect.Parameter) -> str | None:
    """The test, as source, that an argument is symbolic; None for arguments that cannot be."""
    name = parameter.name
    if parameter.kind is parameter.VAR_POSITIONAL or parameter.annotation in ("Tensors", "Tree"):
        return f"is_symbolic({name})"
    return f"{name}.__class__ is KerasTensor" if parameter.annotation == "Tensor" else None


def _argument(parameter: inspect.Parameter) -> str:
    if parameter.kind is parameter.VAR_POSITIONAL:
        return f"*{parameter.name}"
    if parameter.kind is parameter.KEYWORD_ONLY:
        return f"{parameter.name}={parameter.name}"
    return f"**{parameter.name}" if parameter.kind is parameter.VAR_KEYWORD else parameter.name


def public(contract: F) -> F:
    """The operation of a contract entry: the active backend's, or an abstract evaluation of it
    where an argument is a KerasTensor.

    The function is generated, as dataclasses are, because a generic wrapper with *args would
    cost more than many operations on small tensors do.
    """
    name = contract.__name__
    symbolic.primitive_names.setdefault(getattr(B, name), name)
    signature = inspect.signature(contract)
    parameters = signature.parameters.values()
    bare = signature.replace(
        parameters=[p.replace(annotation=p.empty) for p in parameters], return_annotation=signature.empty
    )
    arguments = ", ".join(map(_argument, parameters))
    condition = " or ".join(filter(None, map(_condition, parameters))) or "False"
    source = (
        f"def {name}{bare}:\n"
        f"    if {condition}:\n"
        f"        return symbolic_call(implementation, {arguments})\n"
        f"    return implementation({arguments})\n"
    )
    namespace: dict[str, Any] = {
        "KerasTensor": symbolic.KerasTensor,
        "is_symbolic": symbolic.is_symbolic,
        "symbolic_call": symbolic.call,
        "implementation": getattr(B, name),
    }
    exec(compile(source, f"<triceras.ops.{name}>", "exec"), namespace)
    function = namespace[name]
    function.__doc__ = contract.__doc__
    function.__module__ = "triceras.ops"
    function.__signature__ = signature
    return function
