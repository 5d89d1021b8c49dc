"""How operations are made on PyTorch: a fast path for plain tensors, then promotion, then clear errors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import torch
from torch import Tensor
from torch._C._functorch import peek_interpreter_stack

from triceras_backends.torch_backend.tensors import (
    FLOATS,
    INEXACT,
    NAMES,
    PLAIN,
    convert_to_tensor,
    floatx,
    promote,
    recover,
    to_float,
)

Binary: TypeAlias = Callable[[Any, Any], Tensor]
Unary: TypeAlias = Callable[[Any], Tensor]


def numbers(*xs: Any) -> list[Tensor]:
    """Promoted, booleans as int32."""
    tensors = promote(*xs)
    return tensors if tensors[0].dtype is not torch.bool else [x.to(torch.int32) for x in tensors]


def binary(fn: Callable[..., Tensor], name: str, prepare: Callable[..., Any] = promote, scalars: bool = True) -> Binary:
    """fn over promoted arguments. `scalars`: whether fn takes a Python number as its second argument."""
    kinds = frozenset((float, int) if scalars else ())
    unready = torch.bool if prepare is numbers else None

    def call(x1: Any, x2: Any) -> Tensor:
        try:
            if x1.__class__ in PLAIN:
                if x2.__class__ in PLAIN:
                    if x1.dtype is x2.dtype and x1.dtype is not unready:
                        return fn(x1, x2)
                elif x2.__class__ in kinds and x1.dtype in FLOATS:
                    return fn(x1, x2)
            return fn(*prepare(x1, x2))
        except RuntimeError as error:
            return recover(name, fn, prepare(x1, x2), error)

    call.__name__ = call.__qualname__ = name
    return call


def float_binary(fn: Callable[..., Tensor], name: str) -> Binary:
    """As `binary`, for functions whose result is always a float."""

    def call(x1: Any, x2: Any) -> Tensor:
        try:
            if x1.__class__ in PLAIN and x2.__class__ in PLAIN and x1.dtype is x2.dtype and x1.dtype in FLOATS:
                return fn(x1, x2)
            return fn(*promote_float(x1, x2))
        except RuntimeError as error:
            return recover(name, fn, promote_float(x1, x2), error)

    call.__name__ = call.__qualname__ = name
    return call


def promote_float(*xs: Any) -> list[Tensor]:
    tensors = promote(*xs)
    return tensors if tensors[0].dtype in INEXACT else [x.to(floatx()) for x in tensors]


def unary(fn: Callable[..., Tensor], name: str, prepare: Callable[[Any], Tensor] = convert_to_tensor) -> Unary:
    def call(x: Any) -> Tensor:
        try:
            return fn(x) if x.__class__ in PLAIN else fn(prepare(x))
        except RuntimeError as error:
            return recover(name, fn, [prepare(x)], error)

    call.__name__ = call.__qualname__ = name
    return call


def float_unary(fn: Callable[..., Tensor], name: str) -> Unary:
    """fn of a float; integers and booleans become the default float first."""

    def call(x: Any) -> Tensor:
        try:
            return fn(x) if x.__class__ in PLAIN and x.dtype in FLOATS else fn(to_float(x))
        except RuntimeError as error:
            return recover(name, fn, [to_float(x)], error)

    call.__name__ = call.__qualname__ = name
    return call


def of_integers(fn: Callable[..., Tensor], name: str, booleans: bool = True) -> Callable[..., Tensor]:
    """fn, refusing what is no integer, on abstract tensors too, which PyTorch lets pass."""
    refused = INEXACT if booleans else INEXACT | {torch.bool}

    def call(*xs: Tensor) -> Tensor:
        if xs[0].dtype in refused:
            raise TypeError(f"{name} takes integers; got {NAMES[xs[0].dtype]}.")
        return fn(*xs)

    return call


def is_followed(x: Tensor) -> bool:
    """Whether a derivative of x may be asked for: else the framework's own kernel will do, whatever its derivative."""
    return x.requires_grad or peek_interpreter_stack() is not None
