"""What the `call` and `build` methods of a layer class take, read once a class."""

from __future__ import annotations

import functools
import inspect
from typing import Any


class CallSignature:
    """The parameters of a class's `call` and `build`, without self."""

    def __init__(self, cls: type) -> None:
        self.signature = _without_self(cls.call)  # type: ignore[attr-defined]
        parameters = self.signature.parameters
        self.names = [p.name for p in parameters.values() if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
        self.first = next(iter(parameters), None)
        self.takes_any = any(p.kind is p.VAR_KEYWORD for p in parameters.values())
        self.takes_training = "training" in parameters
        default = parameters["training"].default if self.takes_training else None
        self.training_default = default if isinstance(default, bool) else None
        self.takes_masks = frozenset(name for name in parameters if name == "mask" or name.endswith("_mask"))
        build = _without_self(cls.build).parameters.values()  # type: ignore[attr-defined]
        self.build_names = [p.name for p in build if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]

    def bind(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
        """The arguments by name. Raises TypeError: they do not fit, as Python says it."""
        return self.signature.bind(*args, **kwargs).arguments

    def build_arguments(self, shapes: dict[str, Any]) -> dict[str, Any]:
        """Arguments for `build` from the shapes of `call`'s arguments: the first one's for a sole
        parameter, else `x_shape` for the argument `x`. Raises ValueError: a parameter that matches none."""
        if len(self.build_names) == 1:
            name = self.build_names[0]
            matching = name.removesuffix("_shape")
            return {name: shapes.get(matching, next(iter(shapes.values()), None))}
        found = {}
        for name in self.build_names:
            argument = name.removesuffix("_shape")
            if argument in shapes:
                found[name] = shapes[argument]
            elif argument in self.names:  # an optional argument that was not given
                found[name] = None
            else:
                raise ValueError(
                    f"build() takes {name!r}, but call() has no tensor argument {argument!r} "
                    f"(it has: {', '.join(shapes) or 'none'}). Name each parameter of build() after one of call(), "
                    'with the ending "_shape".'
                )
        return found


def _without_self(method: Any) -> inspect.Signature:
    signature = inspect.signature(inspect.unwrap(method))
    return signature.replace(parameters=list(signature.parameters.values())[1:])


@functools.cache
def call_signature(cls: Any) -> CallSignature:
    """The (cached) CallSignature of a class."""
    return CallSignature(cls)
