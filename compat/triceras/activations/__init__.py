"""Activation functions, by name or as functions."""

from __future__ import annotations

from typing import Any

from triceras.ops import elu as elu
from triceras.ops import exp as exponential
from triceras.ops import gelu as gelu
from triceras.ops import leaky_relu as leaky_relu
from triceras.ops import log_softmax as log_softmax
from triceras.ops import relu as relu
from triceras.ops import relu6 as relu6
from triceras.ops import selu as selu
from triceras.ops import sigmoid as sigmoid
from triceras.ops import silu as silu
from triceras.ops import softmax as softmax
from triceras.ops import softplus as softplus
from triceras.ops import softsign as softsign
from triceras.ops import tanh as tanh
from triceras.utils.lookup import by_name, table


def linear(x: Any) -> Any:
    """x itself."""
    return x


_KNOWN = table(
    elu, gelu, leaky_relu, linear, log_softmax, relu, relu6, selu, sigmoid, silu, softmax, softplus, softsign, tanh,
    exponential=exponential, swish=silu,
)  # fmt: skip


def get(identifier: Any) -> Any:
    """An activation function by name; a function as it is; `linear` for None. ValueError: unknown name."""
    if identifier is None:
        return linear
    if isinstance(identifier, str):
        return by_name(identifier, _KNOWN, "activation")
    if callable(identifier):
        return identifier
    raise ValueError(f"An activation must be a name or a function; got: {identifier!r}")


def serialize(activation: Any) -> str:
    """The name of an activation function."""
    return "exponential" if activation is exponential else getattr(activation, "__name__", type(activation).__name__)
