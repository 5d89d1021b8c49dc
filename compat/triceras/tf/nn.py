"""tf.nn: activations and cross-entropies."""

from __future__ import annotations

from typing import Any

from triceras import ops
from triceras.tf.adapt import adapt

relu = adapt(ops.relu, features="x")
relu6 = adapt(ops.relu6, features="x")
leaky_relu = adapt(ops.leaky_relu, features="x", alpha="negative_slope")
elu = adapt(ops.elu, features="x")
selu = adapt(ops.selu, features="x")
silu = swish = adapt(ops.silu, features="x")
sigmoid = adapt(ops.sigmoid)
tanh = adapt(ops.tanh)
softplus = adapt(ops.softplus, features="x")
softsign = adapt(ops.softsign, features="x")
softmax = adapt(ops.softmax, logits="x")
log_softmax = adapt(ops.log_softmax, logits="x")


def gelu(features: Any, approximate: bool = False, name: str | None = None) -> Any:
    """x * Phi(x), exact unless `approximate`."""
    return ops.gelu(features, approximate=approximate)


def l2_loss(t: Any, name: str | None = None) -> Any:
    """Half the sum of squares."""
    return ops.sum(ops.square(t)) / 2


def sigmoid_cross_entropy_with_logits(labels: Any = None, logits: Any = None, name: str | None = None) -> Any:
    """Binary cross-entropy of logits, element by element."""
    return ops.binary_crossentropy(labels, logits, from_logits=True)


def softmax_cross_entropy_with_logits(labels: Any, logits: Any, axis: int = -1, name: str | None = None) -> Any:
    """Cross-entropy of logits and distributions over an axis."""
    return ops.categorical_crossentropy(labels, logits, from_logits=True, axis=axis)


def sparse_softmax_cross_entropy_with_logits(labels: Any, logits: Any, name: str | None = None) -> Any:
    """Cross-entropy of logits and integer labels over the last axis."""
    return ops.sparse_categorical_crossentropy(labels, logits, from_logits=True)
