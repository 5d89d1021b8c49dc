"""Activation functions, by name or as functions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from triceras import ops
from triceras.ops import celu as celu
from triceras.ops import elu as elu
from triceras.ops import glu as glu
from triceras.ops import hard_shrink as hard_shrink
from triceras.ops import hard_sigmoid as hard_sigmoid
from triceras.ops import hard_silu as hard_silu
from triceras.ops import hard_tanh as hard_tanh
from triceras.ops import leaky_relu as leaky_relu
from triceras.ops import log_sigmoid as log_sigmoid
from triceras.ops import log_softmax as log_softmax
from triceras.ops import relu6 as relu6
from triceras.ops import selu as selu
from triceras.ops import sigmoid as sigmoid
from triceras.ops import silu as silu
from triceras.ops import soft_shrink as soft_shrink
from triceras.ops import softmax as softmax
from triceras.ops import softplus as softplus
from triceras.ops import softsign as softsign
from triceras.ops import sparse_plus as sparse_plus
from triceras.ops import sparse_sigmoid as sparse_sigmoid
from triceras.ops import sparsemax as sparsemax
from triceras.ops import squareplus as squareplus
from triceras.ops import tanh as tanh
from triceras.ops import tanh_shrink as tanh_shrink
from triceras.ops import threshold as threshold
from triceras.utils import lookup, registry
from triceras.utils.serialization import serialize_keras_object

hard_swish = hard_silu
swish = silu


def linear(x: Any) -> Any:
    """x itself.

    Example:

    >>> keras.activations.linear(2.5)
    2.5
    """
    return x


def exponential(x: Any) -> Any:
    """e^x. Any shape.

    Example:

    >>> print(np.round(keras.ops.convert_to_numpy(keras.activations.exponential(np.array([0.0, 1.0]))), 3))
    [1.    2.718]
    """
    return ops.exp(x)


def relu(x: Any, negative_slope: float = 0.0, max_value: float | None = None, threshold: float = 0.0) -> Any:
    """x above the threshold, negative_slope * (x - threshold) below it, at most max_value. Any shape.

    Example:

    >>> x = keras.ops.convert_to_tensor([-2.0, 0.5, 9.0])
    >>> keras.ops.convert_to_numpy(keras.activations.relu(x, max_value=6.0)).tolist()
    [0.0, 0.5, 6.0]
    """
    if not (negative_slope or threshold) and max_value is None:
        return ops.relu(x)
    above = ops.where(ops.greater(x, threshold), x, 0) if threshold else ops.relu(x)
    if max_value is not None:
        above = ops.minimum(above, max_value)
    if not negative_slope:
        return above
    return ops.subtract(above, ops.multiply(negative_slope, ops.relu(ops.subtract(threshold, x))))


def gelu(x: Any, approximate: bool = False) -> Any:
    """x * P(X <= x) for a standard normal X; `approximate` by a tanh. Any shape.

    Hendrycks and Gimpel, 2016, "Gaussian Error Linear Units".

    Example:

    >>> x = keras.ops.convert_to_tensor([-1.0, 0.0, 1.0])
    >>> print(np.round(keras.ops.convert_to_numpy(keras.activations.gelu(x)), 3))
    [-0.159  0.     0.841]
    """
    return ops.gelu(x, approximate=approximate)


def mish(x: Any) -> Any:
    """x * tanh(softplus(x)). Any shape. Misra, 2019, "Mish: A Self Regularized Non-Monotonic Activation Function".

    Example:

    >>> x = keras.ops.convert_to_tensor([-1.0, 0.0, 1.0])
    >>> print(np.round(keras.ops.convert_to_numpy(keras.activations.mish(x)), 3))
    [-0.303  0.     0.865]
    """
    return ops.multiply(x, ops.tanh(ops.softplus(x)))


_KNOWN = lookup.table(
    celu, elu, gelu, glu, hard_shrink, hard_sigmoid, hard_silu, hard_tanh, leaky_relu, linear, log_sigmoid,
    log_softmax, mish, relu, relu6, selu, sigmoid, silu, soft_shrink, softmax, softplus, softsign, sparse_plus,
    sparse_sigmoid, sparsemax, squareplus, tanh, tanh_shrink, threshold,
    exponential, swish=silu, hard_swish=hard_silu,
)  # fmt: skip


def get(identifier: Any) -> Any:
    """An activation function by name; a function as it is; `linear` for None; a layer from its configuration.

    Raises ValueError: an unknown name. Raises TypeError: an unknown class in a configuration.

    Example:

    >>> keras.activations.get("swish") is keras.activations.silu
    True
    """
    if identifier is None:
        return linear
    found = deserialize(identifier) if isinstance(identifier, (str, Mapping)) else identifier
    if callable(found):
        return found
    raise ValueError(f"An activation must be a name or a function; got: {identifier!r}")


def serialize(activation: Any) -> Any:
    """The name of an activation function; another function or a layer as a dict.

    Example:

    >>> keras.activations.serialize(keras.activations.relu)
    'relu'
    """
    name = getattr(activation, "__name__", None)
    if name in _KNOWN and activation in (_KNOWN[name], getattr(ops, name, None)):
        return name
    return serialize_keras_object(activation)


def deserialize(config: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """The activation that `serialize` gave; custom_objects: further functions and classes by name.

    Example:

    >>> keras.activations.deserialize("tanh") is keras.activations.tanh
    True
    """
    return lookup.deserialize(config, _KNOWN, "activation", custom_objects)


registry.publish("keras.activations", _KNOWN)
