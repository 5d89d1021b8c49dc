"""Normalisations, computed in at least 32 bits."""

from __future__ import annotations

from typing import Any

from triceras_backends import config, dtypes
from triceras_backends.contract.types import Tensor


def _wide(b: Any, x: Tensor) -> tuple[Tensor, str]:
    """x as floats, at least 32 bits wide, and the dtype to give results in."""
    dtype = b.dtype_of(x)
    if not dtypes.is_float(dtype):
        dtype = config.floatx()
    wide = "float32" if dtype in ("float16", "bfloat16") else dtype
    return b.cast(x, wide), dtype


def moments(
    b: Any, x: Tensor, axes: Any, keepdims: bool = False, synchronized: bool = False
) -> tuple[Tensor, Tensor]:  # fmt: skip
    if synchronized:
        raise ValueError("moments: statistics over several replicas are not supported; synchronized must be False.")
    x, dtype = _wide(b, x)
    mean, variance = _moments(b, x, axes)
    if not keepdims:
        mean, variance = b.squeeze(mean, axes), b.squeeze(variance, axes)
    return b.cast(mean, dtype), b.cast(variance, dtype)


def _moments(b: Any, x: Tensor, axes: Any) -> tuple[Tensor, Tensor]:
    mean = b.mean(x, axes, keepdims=True)
    return mean, b.mean(b.square(b.subtract(x, mean)), axes, keepdims=True)


def _along(b: Any, value: Tensor, rank: int, axis: int) -> Tensor:
    """A vector along one axis of tensors of that rank."""
    return b.reshape(value, (-1, *(1,) * (rank - 1 - axis % rank)))


def batch_normalization(
    b: Any, x: Tensor, mean: Tensor, variance: Tensor, axis: int, offset: Tensor = None, scale: Tensor = None,
    epsilon: float = 1e-3,
) -> Tensor:  # fmt: skip
    x, dtype = _wide(b, x)
    rank = len(b.static_shape(x))
    factor = b.rsqrt(b.add(variance, epsilon))
    factor = factor if scale is None else b.multiply(factor, scale)
    shift = b.multiply(b.negative(mean), factor)
    shift = shift if offset is None else b.add(shift, offset)
    return b.cast(b.add(b.multiply(x, _along(b, factor, rank, axis)), _along(b, shift, rank, axis)), dtype)


def normalize_by_batch(
    b: Any, x: Tensor, axis: int, offset: Tensor = None, scale: Tensor = None, epsilon: float = 1e-3
) -> tuple[Tensor, Tensor, Tensor]:
    x, dtype = _wide(b, x)
    rank = len(b.static_shape(x))
    others = tuple(i for i in range(rank) if i != axis % rank)
    mean, variance = (b.squeeze(moment, others) for moment in _moments(b, x, others))
    out = b.batch_normalization(x, mean, variance, axis, offset, scale, epsilon)
    return b.cast(out, dtype), b.stop_gradient(mean), b.stop_gradient(variance)


def group_normalization(
    b: Any, x: Tensor, groups: int, axis: int = -1, gamma: Tensor = None, beta: Tensor = None,
    epsilon: float | None = None,
) -> Tensor:  # fmt: skip
    check_groups(b.static_shape(x), groups, axis)
    x, dtype = _wide(b, x)
    shape = b.shape(x)
    rank = len(shape)
    axis %= rank
    places = tuple(i for i in range(1, rank) if i != axis)
    parts = (shape[0], groups, shape[axis] // groups)
    alone = tuple(shape[i] if i in (0, axis) else 1 for i in range(rank))

    def mean(x: Tensor) -> Tensor:
        """A group's mean for each of its channels: of the places first, which moves no channel to a new axis."""
        channels = b.reshape(b.mean(x, places) if places else x, parts)
        return b.reshape(b.broadcast_to(b.mean(channels, -1, keepdims=True), parts), alone)

    centered = b.subtract(x, mean(x))
    factor = b.rsqrt(b.add(mean(b.square(centered)), config.epsilon() if epsilon is None else epsilon))
    factor = factor if gamma is None else b.multiply(factor, _along(b, gamma, rank, axis))
    out = b.multiply(centered, factor)
    return b.cast(out if beta is None else b.add(out, _along(b, beta, rank, axis)), dtype)


def check_groups(shape: tuple[int | None, ...], groups: int, axis: int) -> None:
    """Raises ValueError: groups that do not divide the axis."""
    size = shape[axis]
    if groups < 1 or size is not None and size % groups:
        raise ValueError(f"group_normalization: groups must divide the size of axis {axis}; got {groups} and {size}.")


def _axes(axis: Any, rank: int) -> tuple[int, ...]:
    return tuple(sorted(i % rank for i in ((axis,) if isinstance(axis, int) else axis)))


def _affine(b: Any, x: Tensor, axes: tuple[int, ...], factor: Tensor, shift: Tensor) -> Tensor:
    """x * factor + shift, which have the shape of these axes; None leaves either out."""
    rank = len(b.static_shape(x))
    for operation, value in ((b.multiply, factor), (b.add, shift)):
        if value is not None:
            sizes = iter(b.static_shape(value))
            x = operation(x, b.reshape(value, tuple(next(sizes) if i in axes else 1 for i in range(axes[0], rank))))
    return x


def check_layer_arguments(kwargs: dict[str, Any]) -> None:
    if kwargs:
        raise TypeError(
            f"layer_normalization: unknown arguments {sorted(kwargs)}; of rms_scaling, see rms_normalization."
        )


def layer_normalization(
    b: Any,
    x: Tensor,
    gamma: Tensor = None,
    beta: Tensor = None,
    axis: Any = -1,
    epsilon: float | None = None,
    **kwargs: Any,
) -> Tensor:
    check_layer_arguments(kwargs)
    x, dtype = _wide(b, x)
    axes = _axes(axis, len(b.static_shape(x)))
    mean, variance = _moments(b, x, axes)
    scaled = b.multiply(b.subtract(x, mean), b.rsqrt(b.add(variance, config.epsilon() if epsilon is None else epsilon)))
    return b.cast(_affine(b, scaled, axes, gamma, beta), dtype)


def rms_normalization(
    b: Any, x: Tensor, scale: Tensor = None, axis: Any = -1, epsilon: float | None = None
) -> Tensor:  # fmt: skip
    x, dtype = _wide(b, x)
    axes = _axes(axis, len(b.static_shape(x)))
    square = b.add(b.mean(b.square(x), axes, keepdims=True), config.epsilon() if epsilon is None else epsilon)
    return b.cast(_affine(b, b.multiply(x, b.rsqrt(square)), axes, scale, None), dtype)


def _norm(b: Any, x: Tensor, order: float, axes: tuple[int, ...]) -> Tensor:
    size = b.abs(x)
    if order == float("inf"):
        return b.max(size, axes, keepdims=True)
    total = b.sum(b.power(size, order), axes, keepdims=True)
    return b.power(total, 1 / order)


def normalize(b: Any, x: Tensor, axis: Any = -1, order: int = 2, epsilon: float | None = None) -> Tensor:
    if isinstance(order, str) or order < 1:
        raise ValueError(f"normalize: order must be a number of at least 1; got {order!r}.")
    x, dtype = _wide(b, x)
    rank = len(b.static_shape(x))
    axes = tuple(range(rank)) if axis is None else _axes(axis, rank)
    least = config.epsilon() if epsilon is None else epsilon
    if order == 2:  # by squares, because the root has no derivative at 0
        total = b.sum(b.square(x), axes, keepdims=True)
        return b.cast(b.multiply(x, b.rsqrt(b.maximum(total, least**2))), dtype)
    if len(axes) == 1:
        size = b.norm(x, ord=order, axis=axes[0], keepdims=True)
    else:  # of the elements: `norm` over several axes would be one of matrices
        size = _norm(b, x, order, axes)
    return b.cast(b.divide(x, b.maximum(size, least)), dtype)
