"""Ways to bound gradients."""

from __future__ import annotations

from typing import Any

from triceras import ops


def by_value(gradients: list[Any], limit: float) -> list[Any]:
    """Each component clipped to [-limit, limit]."""
    return [ops.clip(gradient, -limit, limit) for gradient in gradients]


def by_norm(gradients: list[Any], limit: float) -> list[Any]:
    """Each gradient scaled down to a Euclidean norm of at most `limit`."""
    return [gradient * (limit / ops.maximum(norm(gradient), limit)) for gradient in gradients]


def by_global_norm(gradients: list[Any], limit: float) -> list[Any]:
    """All gradients scaled down by one factor, to a common norm of at most `limit`.

    An infinite or NaN norm makes them all NaN, so that a broken step shows. Pascanu et al., arXiv:1211.5063.
    """
    total = ops.sqrt(sum(ops.sum(ops.square(ops.cast(gradient, "float32"))) for gradient in gradients))
    # inf - inf and NaN - NaN are NaN, and x - x is 0 otherwise.
    factor = limit / ops.maximum(total, limit) + (total - total)
    return [gradient * ops.cast(factor, ops.dtype(gradient)) for gradient in gradients]


def norm(x: Any) -> Any:
    """The Euclidean norm of all components together."""
    return ops.sqrt(ops.sum(ops.square(x)))
