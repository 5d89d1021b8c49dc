"""Control flow: Python's own, because PyTorch runs eagerly. Differentiable like anything else."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from typing import Any

import optree
import torch
from torch import Tensor
from torch._C import _functorch as functorch

from triceras_backends.torch_backend import scopes
from triceras_backends.torch_backend.autodiff import vmap
from triceras_backends.torch_backend.tensors import convert_to_tensor


def _tensors(tree: Any) -> Any:
    return optree.tree_map(lambda x: x if isinstance(x, Tensor) else convert_to_tensor(x), tree)


def _decide(name: str, x: Any, kind: type = bool) -> Any:
    """A scalar as a Python value; an error that helps where it has none."""
    try:
        return kind(x)
    except RuntimeError:
        if scopes.in_transform():
            raise ValueError(
                f"{name}: inside vmap this would depend on values that differ between elements, "
                "which PyTorch cannot branch on; use where, or a fixed number of turns."
            ) from None
        if scopes.local.scope is not None:
            raise ValueError(
                f"{name}: while compiling (jit_compile=True) or under eval_shape there are no values to decide by."
            ) from None
        raise


def _abstract() -> bool:
    """Whether this runs under eval_shape, where only shapes are known."""
    device = scopes.local.device
    return device is not None and device.type == "meta"


def _stacked(ys: list[Any], reverse: bool = False) -> Any:
    ys = ys[::-1] if reverse else ys
    return optree.tree_map(lambda *parts: torch.stack(parts), *ys)


def _length(name: str, xs: Any, length: int | None) -> int:
    sizes: set[Any] = {x.shape[0] if x.ndim else None for x in optree.tree_leaves(xs)}
    if None in sizes:
        raise ValueError(f"{name}: a scalar has no first axis to run over.")
    sizes |= set() if length is None else {int(length)}
    if not sizes:
        raise ValueError(f"{name}: pass xs or length; got neither.")
    if len(sizes) > 1:
        raise ValueError(f"{name}: lengths differ: {sorted(sizes)}.")
    return int(sizes.pop())


def scan(
    f: Callable[..., Any], init: Any, xs: Any = None, length: int | None = None, reverse: bool = False, unroll: Any = 1
) -> tuple[Any, Any]:
    carry, xs = _tensors(init), _tensors(xs)
    n = _length("scan", xs, length)
    leaves, structure = optree.tree_flatten(xs)
    if not n:
        return carry, _nothing(f, carry, xs)
    slices = [leaf.unbind(0) for leaf in leaves]
    ys = []
    for i in range(n - 1, -1, -1) if reverse else range(n):
        carry, y = f(carry, optree.tree_unflatten(structure, [part[i] for part in slices]))
        ys.append(_tensors(y))
        if _abstract():  # every turn has the same shapes
            return carry, optree.tree_map(lambda part: part.new_empty(n, *part.shape), ys[0])
    return carry, _stacked(ys, reverse)


def _nothing(f: Callable[..., Any], carry: Any, xs: Any) -> Any:
    """The ys of no turns: empty, with the shapes that a turn would give."""
    blank = optree.tree_map(lambda x: x.new_zeros(x.shape[1:]), xs)
    return optree.tree_map(lambda y: y.new_zeros(0, *y.shape), _tensors(f(carry, blank)[1]))


def while_loop(
    cond: Callable[..., Any], body: Callable[..., Any], loop_vars: Any, maximum_iterations: int | None = None
) -> Any:
    unpacked = isinstance(loop_vars, (tuple, list)) and not hasattr(loop_vars, "_fields")
    state, kind = _tensors(loop_vars), type(loop_vars)
    turns = 0
    while maximum_iterations is None or turns < maximum_iterations:
        going = True if _abstract() else cond(*state) if unpacked else cond(state)
        mapped = _mapped(going)
        if not (_decide("while_loop", going) if mapped is None else bool(mapped.any())):
            break
        result = body(*state) if unpacked else body(state)
        if unpacked:
            result = kind(result) if isinstance(result, (tuple, list)) else kind([result])
        # Under vmap, elements that are done wait for the others.
        state = _tensors(result) if mapped is None else _chosen(going, result, state)
        turns += 1
        if _abstract():
            break
    return state


def fori_loop(lower: int, upper: int, body_fun: Callable[..., Any], init_val: Any) -> Any:
    value = _tensors(init_val)
    first, last = (_decide("fori_loop", bound, int) for bound in (lower, upper))
    for i in range(first, last):
        value = _tensors(body_fun(convert_to_tensor(i), value))
        if _abstract():
            break
    return value


def _mapped(x: Any) -> Tensor | None:
    """The values that vmap maps a scalar over; None where it maps it not."""
    found, batched = x, False
    while isinstance(found, Tensor) and functorch.is_functorch_wrapped_tensor(found):
        batched |= functorch.is_batchedtensor(found)
        found = functorch.get_unwrapped(found)
    return found if batched else None


def _chosen(which: Tensor, one: Any, other: Any) -> Any:
    """`one` where the mapped scalar holds, else `other`."""
    return optree.tree_map(lambda a, b: torch.where(which, a, b), _tensors(one), _tensors(other))


def cond(pred: Any, true_fn: Callable[..., Any], false_fn: Callable[..., Any]) -> Any:
    if _mapped(pred) is not None:  # elements differ: both sides, and each takes its own
        return _chosen(pred != 0, true_fn(), false_fn())
    return true_fn() if _abstract() or _decide("cond", pred) else false_fn()


def switch(index: Any, branches: Any, *operands: Any) -> Any:
    if not branches:
        raise ValueError("switch: no branches.")
    if _mapped(index) is not None:
        result = branches[0](*operands)
        for i, branch in enumerate(branches[1:], start=1):
            result = _chosen(index >= i, branch(*operands), result)
        return result
    chosen = 0 if _abstract() else _decide("switch", index, int)
    return branches[min(max(chosen, 0), len(branches) - 1)](*operands)


def map(f: Callable[..., Any], xs: Any) -> Any:
    return scan(lambda _, x: ((), f(x)), (), xs)[1]


def vectorized_map(function: Callable[..., Any], elements: Any) -> Any:
    return vmap(function)(elements)


def associative_scan(f: Callable[..., Any], elems: Any, reverse: bool = False, axis: int = 0) -> Any:
    leaves, structure = optree.tree_flatten(_tensors(elems))
    if not leaves or builtins.any(not -x.ndim <= axis < x.ndim for x in leaves):
        raise ValueError(f"associative_scan: axis {axis} is out of range for the elements.")
    if len({x.shape[axis] for x in leaves}) > 1:
        raise ValueError(f"associative_scan: sizes along axis {axis} differ.")
    leaves = [x.movedim(axis, 0) for x in leaves]
    leaves = [x.flip(0) for x in leaves] if reverse else leaves

    def combine(a: list[Tensor], b: list[Tensor]) -> list[Tensor]:
        # f sees its slices with the axis where the caller has it.
        sides = (optree.tree_unflatten(structure, [x.movedim(0, axis) for x in side]) for side in (a, b))
        return [x.movedim(axis, 0) for x in optree.tree_leaves(f(*sides))]

    result = _prefixes(combine, leaves)
    result = [x.flip(0) for x in result] if reverse else result
    return optree.tree_unflatten(structure, [x.movedim(0, axis) for x in result])


def _prefixes(combine: Callable[..., list[Tensor]], xs: list[Tensor]) -> list[Tensor]:
    """Combines neighbours, solves the half-length problem, and fills in between."""
    n = xs[0].shape[0]
    if n < 2:
        return xs
    odd = _prefixes(combine, combine([x[0 : n - 1 : 2] for x in xs], [x[1::2] for x in xs]))
    if n == 2:
        return [torch.cat([x[:1], y]) for x, y in zip(xs, odd, strict=True)]
    before = odd if n % 2 else [x[:-1] for x in odd]
    even = combine(before, [x[2::2] for x in xs])
    return [_woven(torch.cat([x[:1], e]), o) for x, e, o in zip(xs, even, odd, strict=True)]


def _woven(even: Tensor, odd: Tensor) -> Tensor:
    """even[0], odd[0], even[1], ..."""
    pairs = torch.stack([even[: odd.shape[0]], odd], dim=1).flatten(0, 1)
    return pairs if even.shape[0] == odd.shape[0] else torch.cat([pairs, even[-1:]])
