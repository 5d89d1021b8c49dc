"""How a public operation becomes a TensorFlow one: other keyword names, and a `name` that is dropped."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any


def adapt(function: Callable[..., Any], **renamed: str) -> Callable[..., Any]:
    """`function` taking TensorFlow's keywords: `renamed` maps each to function's own; `name` is ignored."""

    @functools.wraps(function)
    def adapted(*args: Any, name: str | None = None, **kwargs: Any) -> Any:
        return function(*args, **{renamed.get(key, key): value for key, value in kwargs.items()})

    return adapted
