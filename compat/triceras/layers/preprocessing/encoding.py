"""Category numbers as what layers take: the numbers, or vectors with a place for each category."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from triceras import ops
from triceras_backends.active import backend as B

Shape = tuple[int | None, ...]

INT, ONE_HOT, MULTI_HOT, COUNT, TF_IDF = "int", "one_hot", "multi_hot", "count", "tf_idf"


def check_mode(layer: str, mode: Any, allowed: tuple[str, ...], sparse: bool = False) -> None:
    """Raises ValueError, naming the layer: an output mode that it does not have, or sparse outputs."""
    if mode not in allowed:
        raise ValueError(f"{layer}: output_mode must be one of {', '.join(map(repr, allowed))}; got: {mode!r}")
    if sparse:
        raise ValueError(f"{layer}: tensors are dense; sparse=True is not supported (output_mode={mode!r}).")


def encoded_shape(mode: str, shape: Any, depth: int | None) -> Shape:
    """The shape of `encode`'s result for numbers of that shape."""
    shape = tuple(shape)
    if mode == INT:
        return shape
    if mode == ONE_HOT:
        return (*shape[:-1], depth) if len(shape) > 1 and shape[-1] == 1 else (*shape, depth)
    return (*shape[:-1], depth)


def encode(x: Any, mode: str, depth: int, dtype: str, weights: Any = None) -> Any:
    """A tensor of category numbers, encoded: a vector of `depth` for each number, or for all along the last axis.

    "one_hot": each number's indicator vector; a last axis of size 1 is replaced. "multi_hot": 1 where the category
    occurs. "count": how often, or the sum of the weights there. Numbers that are no category count for nothing.
    """
    if mode == INT:
        return x
    shape = B.static_shape(x)
    if mode == ONE_HOT:
        return ops.one_hot(ops.squeeze(x, -1) if len(shape) > 1 and shape[-1] == 1 else x, depth, dtype=dtype)
    if not shape:
        x, shape = ops.expand_dims(x, 0), (1,)
    counts = _counts(x, tuple(shape), depth, dtype, weights)
    return ops.minimum(counts, ops.cast(1, dtype)) if mode == MULTI_HOT else counts


def _counts(x: Any, shape: Shape, depth: int, dtype: str, weights: Any) -> Any:
    if None in shape:  # in a graph: no number of segments is known
        each = ops.one_hot(x, depth, dtype=dtype)
        return ops.sum(each if weights is None else each * ops.expand_dims(weights, -1), axis=-2)
    *before, last = (int(size or 0) for size in shape)
    rows = math.prod(before)
    places = ops.reshape(x, (rows, last))
    offsets = np.arange(rows, dtype="int32")[:, None] * depth
    valid = ops.logical_and(places >= 0, places < depth)
    segments = ops.reshape(ops.where(valid, places + ops.cast(offsets, B.dtype_of(places)), -1), (-1,))
    values = ops.ones((rows * last,), dtype) if weights is None else ops.reshape(weights, (-1,))
    return ops.reshape(ops.segment_sum(values, segments, rows * depth), (*before, depth))


def encode_on_host(x: Any, mode: str, depth: int, dtype: str) -> np.ndarray[Any, Any]:
    """As `encode`, of NumPy arrays; "tf_idf" counts too."""
    if mode == INT:
        return x
    if mode == ONE_HOT:
        x = x[..., 0] if x.ndim > 1 and x.shape[-1] == 1 else x
        return (x[..., None] == np.arange(depth)).astype(dtype)
    x = x.reshape((1,)) if x.ndim == 0 else x
    rows = x.reshape(-1, x.shape[-1])
    places = rows + np.arange(len(rows))[:, None] * depth
    counts = np.bincount(places[(rows >= 0) & (rows < depth)], minlength=len(rows) * depth)
    counts = counts.reshape(*x.shape[:-1], depth)
    return (counts > 0 if mode == MULTI_HOT else counts).astype(dtype)
