"""Structured control flow: plain Python where tensors have values, graph loops where they do not."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import optree
import tensorflow as tf

from triceras_backends import dtypes
from triceras_backends.contract.types import Function, Tensor, Tree
from triceras_backends.tensorflow_backend import arrays, autodiff, compile
from triceras_backends.tensorflow_backend.elementwise import clip
from triceras_backends.tensorflow_backend.tensors import DTYPES, axis_of, convert_to_tensor, static_shape, tensor

_leaves = optree.tree_leaves


def _tensors(tree: Tree) -> Tree:
    return optree.tree_map(tensor, tree)


def _same_state(name: str, new: Tree, old: Tree) -> list[Tensor]:
    """The leaves of a loop's new state. ValueError: another structure, shape or dtype than before."""
    if optree.tree_structure(new) != optree.tree_structure(old):
        raise ValueError(
            f"{name}: the state must keep its structure {optree.tree_structure(old)}; got {optree.tree_structure(new)}"
        )
    leaves = []
    for x, y in zip(_leaves(old), _leaves(new), strict=True):
        y = convert_to_tensor(y, x.dtype) if dtypes.weak_kind(y) else tensor(y)
        if y.dtype != x.dtype or not y.shape.is_compatible_with(x.shape):
            raise ValueError(
                f"{name}: the state must keep its shapes and dtypes; {x.dtype.name} of shape {static_shape(x)} "
                f"became {y.dtype.name} of shape {static_shape(y)}"
            )
        leaves.append(y)
    return leaves


# -- scan ------------------------------------------------------------------------------------


def scan(
    f: Function, init: Tree, xs: Tree = None, length: int | None = None, reverse: bool = False, unroll: Any = 1
) -> tuple[Tree, Tree]:
    xs, init = _tensors(xs), _tensors(init)
    size = _length(_leaves(xs), length)
    if not tf.executing_eagerly() or size == 0:
        return _graph_scan(f, init, xs, size, reverse)
    structure = optree.tree_structure(xs)
    rows = [tf.unstack(x) for x in _leaves(xs)]
    carry, results = init, []
    for i in reversed(range(size)) if reverse else range(size):
        new, y = f(carry, optree.tree_unflatten(structure, [row[i] for row in rows]))
        carry = optree.tree_unflatten(optree.tree_structure(init), _same_state("scan", new, init))
        results.append(y)
    results = results[::-1] if reverse else results
    return carry, optree.tree_map(lambda *parts: tf.stack([tensor(part) for part in parts]), *results)


def _length(leaves: list[Tensor], length: Any) -> Any:
    if not leaves and length is None:
        raise ValueError("scan: give xs or length.")
    if any(x.shape.rank == 0 for x in leaves):
        raise ValueError("scan: xs must have a first axis to go along; got a scalar.")
    sizes = {x.shape[0] for x in leaves if x.shape[0] is not None} | ({int(length)} if length is not None else set())
    if len(sizes) > 1:
        raise ValueError(f"scan: the lengths of xs and length must agree; got: {', '.join(map(str, sorted(sizes)))}")
    return sizes.pop() if sizes else tf.shape(leaves[0])[0]


def _graph_scan(f: Function, init: Tree, xs: Tree, size: Any, reverse: bool) -> tuple[Tree, Tree]:
    rows, structure = optree.tree_flatten(xs)
    state, carried = optree.tree_flatten(init)

    # Not slices of x: the gradient of each would be as large as x.
    slices = [tf.TensorArray(x.dtype, size, element_shape=x.shape[1:], clear_after_read=False).unstack(x) for x in rows]

    def slice_at(i: Any) -> Tree:
        return optree.tree_unflatten(structure, [part.read(i) for part in slices])

    def first() -> Tree:
        # The slice of a loop without turns has the shape of one, if no values.
        zeros = [tf.zeros(tf.shape(x)[1:], x.dtype) for x in rows]
        shaped = [tf.ensure_shape(z, x.shape[1:]) for z, x in zip(zeros, rows, strict=True)]
        return f(init, optree.tree_unflatten(structure, shaped))[1]

    specs, stacked = optree.tree_flatten(compile.eval_shape(first))
    outputs = [tf.TensorArray(DTYPES[s.dtype], size, element_shape=s.shape) for s in specs]

    def body(turn: Tensor, state: list[Tensor], outputs: list[Any]) -> tuple[Any, ...]:
        i = size - 1 - turn if reverse else turn
        new, y = f(optree.tree_unflatten(carried, state), slice_at(i))
        written = [out.write(i, tensor(part)) for out, part in zip(outputs, _leaves(y), strict=True)]
        return turn + 1, _same_state("scan", new, init), written

    limit = size if isinstance(size, int) else None
    _, state, outputs = tf.while_loop(
        lambda turn, *_: turn < size, body, (tf.constant(0), state, outputs), maximum_iterations=limit
    )
    shaped = [out.stack() for out in outputs]
    for y, spec in zip(shaped, specs, strict=True):
        y.set_shape((size if isinstance(size, int) else None, *spec.shape))
    return optree.tree_unflatten(carried, state), optree.tree_unflatten(stacked, shaped)


def map(f: Function, xs: Tree) -> Tree:
    return scan(lambda carry, x: (carry, f(x)), (), xs)[1]


def vectorized_map(function: Function, elements: Tree) -> Tree:
    return autodiff.vmap(function)(elements)


# -- while and for -----------------------------------------------------------------------------


def while_loop(cond: Function, body: Function, loop_vars: Tree, maximum_iterations: int | None = None) -> Tree:
    unpacked = isinstance(loop_vars, (tuple, list)) and not hasattr(loop_vars, "_fields")
    state = _tensors(loop_vars)
    leaves, structure = optree.tree_flatten(state)

    def call(fn: Function, leaves: list[Tensor]) -> Any:
        tree = optree.tree_unflatten(structure, leaves)
        return fn(*tree) if unpacked else fn(tree)

    def step(leaves: list[Tensor]) -> list[Tensor]:
        new = call(body, leaves)
        if unpacked:
            new = type(loop_vars)(new) if isinstance(new, (tuple, list)) else type(loop_vars)((new,))
        return _same_state("while_loop", new, state)

    if tf.executing_eagerly():
        turn = 0
        while (maximum_iterations is None or turn < maximum_iterations) and call(cond, leaves):
            leaves, turn = step(leaves), turn + 1
        return optree.tree_unflatten(structure, leaves)
    (leaves,) = tf.while_loop(
        lambda leaves: _truth(call(cond, leaves)),
        lambda leaves: (step(leaves),),
        (leaves,),
        maximum_iterations=maximum_iterations,
    )
    return optree.tree_unflatten(structure, leaves)


def _truth(x: Any) -> Tensor:
    return tf.reshape(convert_to_tensor(x, "bool"), ())


def fori_loop(lower: int, upper: int, body_fun: Function, init_val: Tree) -> Tree:
    init = _tensors(init_val)
    leaves, structure = optree.tree_flatten(init)

    def step(i: Any, leaves: list[Tensor]) -> list[Tensor]:
        return _same_state("fori_loop", body_fun(i, optree.tree_unflatten(structure, leaves)), init)

    if tf.executing_eagerly():
        for i in range(int(lower), int(upper)):
            leaves = step(tf.constant(i), leaves)
        return optree.tree_unflatten(structure, leaves)
    known = isinstance(lower, int) and isinstance(upper, int)
    limit = max(upper - lower, 0) if known else None
    start, end = convert_to_tensor(lower, "int32"), convert_to_tensor(upper, "int32")
    _, leaves = tf.while_loop(
        lambda i, _: i < end, lambda i, leaves: (i + 1, step(i, leaves)), (start, leaves), maximum_iterations=limit
    )
    return optree.tree_unflatten(structure, leaves)


# -- branches ----------------------------------------------------------------------------------


def _branch(fn: Callable[[], Tree], structures: list[Any]) -> Callable[[], list[Tensor]]:
    def flat() -> list[Tensor]:
        leaves, structure = optree.tree_flatten(fn())
        structures.append(structure)
        return [tensor(x) for x in leaves]

    return flat


def _rebuilt(name: str, leaves: Any, structures: list[Any]) -> Tree:
    if any(structure != structures[0] for structure in structures):
        raise ValueError(f"{name}: the branches must give one structure; got {', '.join(str(s) for s in structures)}")
    return optree.tree_unflatten(structures[0], leaves)


def cond(pred: Tensor, true_fn: Function, false_fn: Function) -> Tree:
    if isinstance(pred, bool) or tf.executing_eagerly():
        return _tensors(true_fn() if pred else false_fn())
    structures: list[Any] = []
    first, second = _branch(true_fn, structures), _branch(false_fn, structures)
    try:
        leaves = tf.cond(_truth(pred), first, second)
    except (TypeError, ValueError) as error:
        raise ValueError(f"cond: {error}") from None
    return _rebuilt("cond", leaves, structures)


def switch(index: Tensor, branches: Any, *operands: Tree) -> Tree:
    branches = list(branches)
    if not branches:
        raise ValueError("switch: needs at least one branch.")
    if isinstance(index, int) or tf.executing_eagerly():
        return _tensors(branches[min(max(int(index), 0), len(branches) - 1)](*operands))
    index = convert_to_tensor(clip(index, 0, len(branches) - 1), "int32")
    structures: list[Any] = []
    flat = [_branch(functools.partial(fn, *operands), structures) for fn in branches]
    try:
        leaves = tf.switch_case(index, flat)
    except (TypeError, ValueError) as error:
        raise ValueError(f"switch: {error}") from None
    return _rebuilt("switch", leaves, structures)


# -- associative scan --------------------------------------------------------------------------


def associative_scan(f: Function, elems: Tree, reverse: bool = False, axis: int = 0) -> Tree:
    elems = _tensors(elems)
    leaves, structure = optree.tree_flatten(elems)
    if not leaves:
        raise ValueError("associative_scan: elems holds no tensor.")
    axis = axis_of(axis, leaves[0].shape.rank, "associative_scan")
    sizes = {x.shape[axis] for x in leaves}
    if len(sizes) != 1 or None in sizes:
        raise ValueError(f"associative_scan: every element needs one known size along axis {axis}; got {sizes}")

    def combine(a: list[Tensor], b: list[Tensor]) -> list[Tensor]:
        return _leaves(f(optree.tree_unflatten(structure, a), optree.tree_unflatten(structure, b)))

    moved = [arrays.moveaxis(x, axis, 0) for x in leaves]
    in_place: Callable[[list[Tensor], list[Tensor]], list[Tensor]] = lambda a, b: [  # noqa: E731
        arrays.moveaxis(tensor(y), axis, 0)
        for y in combine([arrays.moveaxis(x, 0, axis) for x in a], [arrays.moveaxis(x, 0, axis) for x in b])
    ]
    moved = [tf.reverse(x, [0]) for x in moved] if reverse else moved
    scanned = _prefixes(in_place, moved, sizes.pop())
    scanned = [tf.reverse(x, [0]) for x in scanned] if reverse else scanned
    return optree.tree_unflatten(structure, [arrays.moveaxis(x, 0, axis) for x in scanned])


def _prefixes(f: Callable[..., list[Tensor]], xs: list[Tensor], size: int) -> list[Tensor]:
    """Prefixes along the first axis: those of adjacent pairs give every second one, once more f the rest."""
    if size < 2:
        return xs
    pairs = f([x[: size - 1 : 2] for x in xs], [x[1::2] for x in xs])
    odd = _prefixes(f, pairs, size // 2)
    even = [x[:1] for x in xs]
    if size > 2:
        rest = f([y[: (size - 1) // 2] for y in odd], [x[2::2] for x in xs])
        even = [tf.concat([first, later], 0) for first, later in zip(even, rest, strict=True)]
    return [_interleaved(a, b, size) for a, b in zip(even, odd, strict=True)]


def _interleaved(even: Tensor, odd: Tensor, size: int) -> Tensor:
    order = [i // 2 + (size + 1) // 2 * (i % 2) for i in range(size)]
    return tf.gather(tf.concat([even, odd], 0), order)
