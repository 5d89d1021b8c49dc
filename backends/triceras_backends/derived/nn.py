"""Activations and affine maps from other primitives."""

from __future__ import annotations

from typing import Any

from triceras_backends import dtypes
from triceras_backends.contract.types import DType, Tensor
from triceras_backends.derived.operands import floated


def _float(b: Any, x: Tensor) -> Tensor:
    return floated(b, x)[0]


def _between(b: Any, x: Tensor, low: float, high: float) -> Tensor:
    """x, no less than low and no more than high, of derivative 0 at the ends."""
    return b.where(b.less_equal(x, low), low, b.where(b.greater_equal(x, high), high, x))


# In what follows the comparisons are such that NaN stays NaN.


def celu(b: Any, x: Tensor, alpha: float = 1.0) -> Tensor:
    check_alpha(alpha)
    x = _float(b, x)
    positive = b.greater(x, 0)
    return b.where(positive, x, b.multiply(b.expm1(b.divide(b.where(positive, 0, x), alpha)), alpha))


def check_alpha(alpha: float) -> None:
    if not alpha:
        raise ValueError(f"celu: alpha must not be 0; got {alpha!r}.")


def checked_axis(name: str, axis: int, shape: Any) -> int:
    """The axis, counted from the front. ValueError: a tensor of that shape has none such."""
    if not -len(shape) <= axis < len(shape):
        raise ValueError(f"{name}: axis {axis} is out of range for a tensor of shape {tuple(shape)}.")
    return axis % len(shape)


def halved_axis(axis: int, shape: Any) -> int:
    axis = checked_axis("glu", axis, shape)
    if shape[axis] is not None and shape[axis] % 2:
        raise ValueError(f"glu: the size of axis {axis} must be even; got x of shape {tuple(shape)}.")
    return axis


def glu(b: Any, x: Tensor, axis: int = -1) -> Tensor:
    x = _float(b, x)
    first, second = b.split(x, 2, halved_axis(axis, b.static_shape(x)))
    return b.multiply(first, b.sigmoid(second))


def hard_shrink(b: Any, x: Tensor, threshold: float = 0.5) -> Tensor:
    x = _float(b, x)
    return b.where(b.less_equal(b.abs(x), threshold), 0, x)


def hard_sigmoid(b: Any, x: Tensor) -> Tensor:
    return b.add(b.divide(_between(b, _float(b, x), -3, 3), 6), 0.5)


def hard_silu(b: Any, x: Tensor) -> Tensor:
    # Not x times its hard_sigmoid, whose gradient at infinity would be NaN.
    x = _float(b, x)
    inner = _between(b, x, -3, 3)
    return b.where(b.less(x, 3), b.multiply(inner, b.add(b.divide(inner, 6), 0.5)), x)


def hard_tanh(b: Any, x: Tensor) -> Tensor:
    x = b.convert_to_tensor(x)
    return _between(b, b.cast(x, "int32") if b.dtype_of(x) == "bool" else x, -1, 1)


def log_sigmoid(b: Any, x: Tensor) -> Tensor:
    return b.negative(b.softplus(b.negative(_float(b, x))))


def soft_shrink(b: Any, x: Tensor, threshold: float = 0.5) -> Tensor:
    check_shrinkage(threshold)
    x = _float(b, x)
    shrunk = b.where(b.greater(x, 0), b.subtract(x, threshold), b.add(x, threshold))
    return b.where(b.less_equal(b.abs(x), threshold), 0, shrunk)


def check_shrinkage(threshold: float) -> None:
    if threshold < 0:
        raise ValueError(f"soft_shrink: threshold must not be negative; got {threshold!r}.")


def sparse_plus(b: Any, x: Tensor) -> Tensor:
    x = _float(b, x)
    return b.where(b.less(x, 1), b.square(sparse_sigmoid(b, x)), x)


def sparse_sigmoid(b: Any, x: Tensor) -> Tensor:
    return b.multiply(b.add(_between(b, _float(b, x), -1, 1), 1), 0.5)


def sparsemax(b: Any, x: Tensor, axis: int = -1) -> Tensor:
    x = _float(b, x)
    dtype = b.dtype_of(x)
    axis = checked_axis("sparsemax", axis, b.static_shape(x))
    x = b.cast(x, "float32") if dtype in ("float16", "bfloat16") else x
    x = b.subtract(x, b.stop_gradient(b.max(x, axis, keepdims=True)))
    out = b.less_equal(x, _simplex_threshold(b, b.stop_gradient(x), axis))
    # The threshold once more, from the elements above it: its gradient is right, and needs no sorting.
    kept = b.sum(b.cast(b.logical_not(out), b.dtype_of(x)), axis, keepdims=True)
    tau = b.divide(b.subtract(b.sum(b.where(out, 0, x), axis, keepdims=True), 1), kept)
    return b.cast(b.where(out, 0, b.subtract(x, tau)), dtype)


def _simplex_threshold(b: Any, x: Tensor, axis: int) -> Tensor:
    """What to take from each element, so that the positive ones sum to 1."""
    rank = len(b.static_shape(x))
    ordered = b.flip(b.sort(x, axis), axis)
    total = b.cumsum(ordered, axis)
    count = b.reshape(b.arange(1, b.shape(x)[axis] + 1, dtype=b.dtype_of(x)), (-1, *(1,) * (rank - axis - 1)))
    inside = b.greater(b.add(b.multiply(count, ordered), 1), total)
    size = b.sum(b.cast(inside, b.dtype_of(x)), axis, keepdims=True)
    return b.divide(b.subtract(b.sum(b.where(inside, ordered, 0), axis, keepdims=True), 1), size)


def squareplus(backend: Any, x: Tensor, b: float = 4) -> Tensor:
    x = _float(backend, x)
    # Scaled by |x|, so that no square overflows; the result does not depend on the scale.
    size = backend.stop_gradient(backend.abs(x))
    usual = backend.logical_and(backend.greater(size, 1), backend.isfinite(size))
    scale = backend.where(usual, size, 1)
    square = backend.add(backend.square(backend.divide(x, scale)), backend.divide(b, backend.square(scale)))
    root = backend.multiply(scale, backend.sqrt(square))
    # Below 0 the sum would cancel.
    negative = backend.less(x, 0)
    above = backend.add(backend.where(negative, 1, x), root)
    below = backend.divide(b, backend.subtract(root, backend.where(negative, x, -1)))
    return backend.multiply(backend.where(negative, below, above), 0.5)


def tanh_shrink(b: Any, x: Tensor) -> Tensor:
    x = _float(b, x)
    return b.subtract(x, b.tanh(x))


def threshold(b: Any, x: Tensor, threshold: float, default_value: float) -> Tensor:
    x = b.convert_to_tensor(x)
    return b.where(b.less_equal(x, threshold), default_value, x)


def multi_hot(
    b: Any, inputs: Tensor, num_classes: int | None = None, axis: int = -1, dtype: DType | None = None,
    sparse: bool = False, **kwargs: Any,
) -> Tensor:  # fmt: skip
    num_classes = class_count(num_classes, kwargs)
    inputs = b.convert_to_tensor(inputs)
    shape = b.static_shape(inputs)
    if sparse:
        raise ValueError("multi_hot: sparse tensors are not supported; sparse must be False.")
    if not shape:
        raise ValueError(f"multi_hot: inputs must have at least one dimension; got shape {shape}.")
    axis = checked_axis("multi_hot", axis, shape)
    labels = min(len(shape) - 1, 1)
    hot = b.any(b.one_hot(inputs, num_classes, dtype="bool"), labels)
    return b.cast(b.moveaxis(hot, -1, axis), dtypes.standardize_dtype(dtype))


def class_count(num_classes: int | None, kwargs: dict[str, Any]) -> int:
    """The number of classes, by its name or its other one."""
    if num_classes is None:
        num_classes = kwargs.pop("num_tokens", None)
    if kwargs:
        raise TypeError(f"multi_hot: unknown arguments {sorted(kwargs)}.")
    if num_classes is None:
        raise ValueError("multi_hot: num_classes must be given.")
    return int(num_classes)


def psnr(b: Any, x1: Tensor, x2: Tensor, max_val: float) -> Tensor:
    x1, x2 = floated(b, x1, x2)
    shapes = b.static_shape(x1), b.static_shape(x2)
    if len(shapes[0]) != len(shapes[1]) or any(
        None not in pair and pair[0] != pair[1] for pair in zip(*shapes, strict=True)
    ):
        raise ValueError(f"psnr: x1 and x2 must have one shape; got {shapes[0]} and {shapes[1]}.")
    dtype = b.dtype_of(x1)
    wide = "float32" if dtype in ("float16", "bfloat16") else dtype
    error = b.mean(b.square(b.subtract(b.cast(x1, wide), b.cast(x2, wide))))
    peak = b.log10(b.cast(max_val, wide))
    return b.cast(b.subtract(b.multiply(peak, 20), b.multiply(b.log10(error), 10)), dtype)


def softsign(b: Any, x: Tensor) -> Tensor:
    return b.divide(x, b.add(b.abs(x), 1))


def linear(b: Any, x: Tensor, kernel: Tensor, bias: Tensor) -> Tensor:
    return b.add(b.matmul(x, kernel), bias)
