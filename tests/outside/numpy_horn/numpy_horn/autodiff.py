"""What there is without derivatives."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import optree

from numpy_horn.tensors import convert_to_tensor, wrap


def stop_gradient(variable: Any) -> Any:
    return convert_to_tensor(variable)


def custom_gradient(f: Any) -> Any:
    @functools.wraps(f)
    def call(*args: Any, **kwargs: Any) -> Any:
        return f(*args, **kwargs)[0]

    return call


def _spread(axes: Any, trees: Any) -> Any:
    """An axis, or None, for each leaf."""
    return optree.tree_leaves(optree.tree_broadcast_prefix(axes, trees, none_is_leaf=True), none_is_leaf=True)


def vmap(fn: Any, in_axes: Any = 0, out_axes: Any = 0) -> Any:
    """One call of fn after another."""

    def call(*args: Any) -> Any:
        leaves, structure = optree.tree_flatten(args, none_is_leaf=True)
        axes = _spread(in_axes, args)
        sizes = {x.shape[axis] for x, axis in zip(leaves, axes, strict=True) if axis is not None}
        if len(sizes) != 1:
            raise ValueError(f"vmap: one size along the mapped axes is needed; got {sorted(sizes) or 'none'}.")
        results = [
            fn(*optree.tree_unflatten(structure, [_at(x, i, axis) for x, axis in zip(leaves, axes, strict=True)]))
            for i in range(sizes.pop())
        ]
        axes = iter(_spread(out_axes, results[0]))
        return optree.tree_map(lambda *ys: _joined(ys, next(axes)), *results)

    return call


def _at(x: Any, i: int, axis: int | None) -> Any:
    return x if axis is None else wrap(np.take(convert_to_tensor(x), i, axis))


def _joined(ys: Any, axis: int | None) -> Any:
    return ys[0] if axis is None else wrap(np.stack([convert_to_tensor(y) for y in ys], axis))
