"""Control flow: Python's own."""

from __future__ import annotations

import builtins
from typing import Any

import numpy as np
import optree

from numpy_horn.autodiff import vmap
from numpy_horn.tensors import convert_to_tensor, wrap


def _tensors(tree: Any) -> Any:
    return optree.tree_map(convert_to_tensor, tree)


def _length(xs: Any, length: int | None) -> int:
    leaves = optree.tree_leaves(xs)
    if builtins.any(not x.ndim for x in leaves):
        raise ValueError("scan: a scalar has no first axis to run over.")
    sizes = {x.shape[0] for x in leaves} | (set() if length is None else {int(length)})
    if not sizes:
        raise ValueError("scan: pass xs or length; got neither.")
    if len(sizes) > 1:
        raise ValueError(f"scan: lengths differ: {sorted(sizes)}.")
    return sizes.pop()


def scan(
    f: Any, init: Any, xs: Any = None, length: int | None = None, reverse: bool = False, unroll: Any = 1
) -> tuple[Any, Any]:
    carry, xs = _tensors(init), _tensors(xs)
    n = _length(xs, length)
    if not n:
        y = _tensors(f(carry, optree.tree_map(lambda x: wrap(np.zeros(x.shape[1:], x.dtype)), xs))[1])
        return carry, optree.tree_map(lambda part: wrap(np.zeros((0, *part.shape), part.dtype)), y)
    ys = {}
    for i in reversed(range(n)) if reverse else range(n):
        carry, y = f(carry, optree.tree_map(lambda x, i=i: x[i], xs))
        carry, ys[i] = _tensors(carry), _tensors(y)
    return carry, optree.tree_map(lambda *parts: wrap(np.stack(parts)), *(ys[i] for i in range(n)))


def while_loop(cond: Any, body: Any, loop_vars: Any, maximum_iterations: int | None = None) -> Any:
    unpacked, kind = isinstance(loop_vars, (tuple, list)) and not hasattr(loop_vars, "_fields"), type(loop_vars)
    state, turns = _tensors(loop_vars), 0
    while (maximum_iterations is None or turns < maximum_iterations) and (cond(*state) if unpacked else cond(state)):
        result = body(*state) if unpacked else body(state)
        if unpacked:
            result = kind(result) if isinstance(result, (tuple, list)) else kind([result])
        state, turns = _tensors(result), turns + 1
    return state


def fori_loop(lower: int, upper: int, body_fun: Any, init_val: Any) -> Any:
    value = _tensors(init_val)
    for i in range(int(lower), int(upper)):
        value = _tensors(body_fun(convert_to_tensor(i), value))
    return value


def cond(pred: Any, true_fn: Any, false_fn: Any) -> Any:
    return true_fn() if pred else false_fn()


def switch(index: Any, branches: Any, *operands: Any) -> Any:
    if not branches:
        raise ValueError("switch: no branches.")
    return branches[min(max(int(index), 0), len(branches) - 1)](*operands)


def map(f: Any, xs: Any) -> Any:
    return scan(lambda _, x: ((), f(x)), (), xs)[1]


def vectorized_map(function: Any, elements: Any) -> Any:
    return vmap(function)(elements)


def associative_scan(f: Any, elems: Any, reverse: bool = False, axis: int = 0) -> Any:
    """One after another, on slices that keep the axis: right, if not in a logarithmic number of calls."""
    elems = _tensors(elems)
    leaves = optree.tree_leaves(elems)
    if not leaves or builtins.any(not -x.ndim <= axis < x.ndim for x in leaves):
        raise ValueError(f"associative_scan: axis {axis} is out of range for the elements.")
    if len(sizes := {x.shape[axis] for x in leaves}) > 1:
        raise ValueError(f"associative_scan: sizes along axis {axis} differ.")
    order = range(sizes.pop())
    found: dict[int, Any] = {}
    last = None
    for i in reversed(order) if reverse else order:
        part = optree.tree_map(lambda x, i=i: wrap(np.take(x, [i], axis)), elems)
        found[i] = last = part if last is None else f(last, part)
    return optree.tree_map(lambda *ys: wrap(np.concatenate(ys, axis)), *(found[i] for i in order)) if found else elems
