"""Gradients on TensorFlow's own tape."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import optree
import tensorflow as tf

from triceras_backends import dtypes
from triceras_backends.contract.types import Function, Tensor, Tree
from triceras_backends.tensorflow_backend.arrays import moveaxis
from triceras_backends.tensorflow_backend.checkpointing import checkpoint as checkpoint
from triceras_backends.tensorflow_backend.custom import with_backward
from triceras_backends.tensorflow_backend.tensors import INEXACT, axis_of, convert_to_tensor, static_shape, tensor
from triceras_backends.tensorflow_backend.variables import readers
from triceras_backends.variable import Variable as BaseVariable


def _differentiable(x: Any) -> bool:
    return dtypes.is_differentiable(x.dtype) if isinstance(x, BaseVariable) else x.dtype in INEXACT


def _source(x: Any) -> Any:
    return x.storage if isinstance(x, BaseVariable) else x


def _dense(gradient: Any) -> Tensor | None:
    """Gradients of gathers come as slices; users get a tensor of the source's shape."""
    return tf.convert_to_tensor(gradient) if isinstance(gradient, tf.IndexedSlices) else gradient


class Tape:
    """The contract's tape over a `tf.GradientTape`.

    That one is always persistent, because a Jacobian by several sources asks it several times;
    `release` frees what it holds.
    """

    def __init__(self, persistent: bool, watch_accessed_variables: bool) -> None:
        self._tape = tf.GradientTape(True, watch_accessed_variables)
        self._persistent = persistent
        self._watches_reads = watch_accessed_variables
        self._seen: dict[int, Any] = {}
        self._recording = False

    def start(self) -> None:
        if self._recording:
            return
        self._tape.__enter__()
        self._recording = True
        if self._watches_reads:
            readers.stack.append(self._seen)

    def stop(self) -> None:
        if not self._recording:
            return
        self._recording = False
        if self._watches_reads:
            readers.remove(self._seen)
        self._tape.__exit__(None, None, None)

    def watch(self, x: Any) -> None:
        if isinstance(x, BaseVariable):
            self._seen.setdefault(id(x), x)
        self._tape.watch(_source(x))

    def gradient(self, targets: list[Tensor], sources: list[Any], output_gradients: list[Any]) -> list[Tensor | None]:
        targets = [self._target(target) for target in targets]
        wanted = [_source(source) for source in sources if _differentiable(source)]
        pairs = [(t, g) for t, g in zip(targets, output_gradients, strict=True) if _differentiable(t)]
        if not pairs or not wanted:
            return [None] * len(sources)
        if not self._persistent:
            self.stop()
        upstream = None
        if any(g is not None for _, g in pairs):
            upstream = [tf.ones_like(t) if g is None else convert_to_tensor(g, t.dtype) for t, g in pairs]
        # TensorFlow warns of gradients taken while a persistent tape records; here that is asked for.
        recording, self._tape._recording = self._tape._recording, False
        try:
            found = self._tape.gradient([t for t, _ in pairs], wanted, upstream)
        finally:
            self._tape._recording = recording
        left = iter(found)
        return [_dense(next(left)) if _differentiable(source) else None for source in sources]

    def _target(self, target: Any) -> Tensor:
        if not isinstance(target, BaseVariable):
            return target
        if self._recording:
            return target.value
        self._tape.__enter__()
        try:
            return target.value
        finally:
            self._tape.__exit__(None, None, None)

    def _pullback(self, target: Tensor, source: Any) -> Any:
        """The gradient as a graph of one upstream gradient, traced once; None where unconnected."""

        def pullback(upstream: Tensor) -> Tensor | None:
            return self.gradient([target], [source], [upstream])[0]

        spec = tf.TensorSpec(target.shape, target.dtype)
        graph = tf.function(pullback, autograph=False).get_concrete_function(spec)
        return None if graph.structured_outputs is None else graph

    def jacobian(self, target: Tensor, source: Any) -> Tensor | None:
        if not _differentiable(target) or not _differentiable(source):
            return None
        target = self._target(target)
        pullback = self._pullback(target, source)
        if pullback is None:
            return None
        shape = tf.shape(target)
        size = tf.size(target)
        rows = tf.reshape(tf.eye(size, dtype=target.dtype), tf.concat([[size], shape], 0))
        result = tf.reshape(_map_rows(pullback, rows), tf.concat([shape, tf.shape(_value(source))], 0))
        return tf.ensure_shape(result, target.shape + source.shape)

    def batch_jacobian(self, target: Tensor, source: Any) -> Tensor | None:
        if not _differentiable(target) or not _differentiable(source):
            return None
        target = self._target(target)
        pullback = self._pullback(target, source)
        if pullback is None:
            return None
        shape, inner = tf.shape(target), tf.shape(_value(source))[1:]
        size = tf.reduce_prod(shape[1:])
        # Row i asks for the i-th element of every example at once.
        basis = tf.reshape(tf.eye(size, dtype=target.dtype), tf.concat([[size, 1], shape[1:]], 0))
        rows = tf.broadcast_to(basis, tf.concat([[size], shape], 0))
        found = moveaxis(_map_rows(pullback, rows), 0, 1)
        result = tf.reshape(found, tf.concat([shape, inner], 0))
        return tf.ensure_shape(result, target.shape + tuple(source.shape)[1:])

    def watched_variables(self) -> list[Any]:
        return list(self._seen.values())

    def release(self) -> None:
        self.stop()
        self._tape._tape = None


def _value(source: Any) -> Tensor:
    return source.value if isinstance(source, BaseVariable) else source


def _map_rows(pullback: Callable[[Tensor], Tensor], rows: Tensor) -> Tensor:
    try:
        return _vectorized(pullback, rows)
    except ValueError:  # an operation that cannot be vectorized
        return tf.map_fn(pullback, rows)


def _vectorized(fn: Function, rows: Tree) -> Tree:
    """`tf.vectorized_map`; eagerly in a graph made here, since its own warns of each as of a retracing."""
    if not tf.executing_eagerly():
        return tf.vectorized_map(fn, rows)
    flat, structure = optree.tree_flatten(rows)
    specs = [tf.TensorSpec(x.shape, x.dtype) for x in flat]

    def graph(*tensors: Tensor) -> Tree:
        return tf.vectorized_map(fn, optree.tree_unflatten(structure, tensors))

    return tf.function(graph, autograph=False).get_concrete_function(*specs)(*flat)


# -- functional forms --------------------------------------------------------------------------


def stop_gradient(variable: Tensor) -> Tensor:
    return tf.stop_gradient(tensor(variable))


def _watched(tree: Tree) -> tuple[Tree, list[Tensor]]:
    """The tree with a fresh tensor for each leaf, and those leaves: what else holds them is not differentiated."""
    leaves, structure = optree.tree_flatten(tree)
    leaves = [tf.identity(convert_to_tensor(leaf)) for leaf in leaves]
    return optree.tree_unflatten(structure, leaves), leaves


def _like(tree: Tree, leaves: list[Tensor], gradients: list[Tensor | None]) -> Tree:
    """Gradients in the tree's structure, zeros where unconnected."""
    filled = [tf.zeros_like(x) if g is None else g for x, g in zip(leaves, gradients, strict=True)]
    return optree.tree_unflatten(optree.tree_structure(tree), filled)


def vjp(fn: Function, *primals: Tree) -> tuple[Tree, Function]:
    tape = Tape(True, False)
    watched, leaves = _watched(primals)
    tape.start()
    try:
        for leaf in leaves:
            if _differentiable(leaf):
                tape.watch(leaf)
        outputs = fn(*watched)
    finally:
        tape.stop()
    structure = optree.tree_structure(outputs)
    targets = [tensor(x) for x in optree.tree_leaves(outputs)]

    def pullback(cotangents: Tree) -> Tree:
        upstream = optree.tree_leaves(cotangents)
        if optree.tree_structure(cotangents).num_leaves != structure.num_leaves:
            raise ValueError(
                f"vjp: cotangents must have the structure of the outputs, {structure}; got: {cotangents!r}"
            )
        return _like(primals, leaves, tape.gradient(targets, leaves, upstream))

    return outputs, pullback


def jvp(fn: Function, primals: tuple[Tree, ...], tangents: tuple[Tree, ...]) -> tuple[Tree, Tree]:
    watched, leaves = _watched(tuple(primals))
    directions = optree.tree_leaves(tuple(tangents))
    if len(directions) != len(leaves):
        raise ValueError(f"jvp: primals and tangents must have one structure; got {primals!r} and {tangents!r}")
    pairs = [(x, convert_to_tensor(t, x.dtype)) for x, t in zip(leaves, directions, strict=True) if _differentiable(x)]
    for x, t in pairs:
        if not x.shape.is_compatible_with(t.shape):
            raise ValueError(f"jvp: a primal of shape {static_shape(x)} has a tangent of shape {static_shape(t)}.")
    with tf.autodiff.ForwardAccumulator([x for x, _ in pairs], [t for _, t in pairs]) as accumulator:
        outputs = optree.tree_map(tensor, fn(*watched))
        derivative = optree.tree_map(
            lambda y: accumulator.jvp(y, tf.UnconnectedGradients.ZERO) if _differentiable(y) else tf.zeros_like(y),
            outputs,
        )
    return outputs, derivative


def _leaf_axes(axes: Any, trees: Any, name: str) -> list[int | None]:
    """One axis a leaf: `axes` is a prefix of the tree, None meaning not mapped."""
    if isinstance(axes, list):
        axes = tuple(axes)
    try:
        return optree.broadcast_prefix(axes, trees, none_is_leaf=True)
    except ValueError as error:
        raise ValueError(f"vmap: {name}={axes!r} does not fit the structure it is for: {error}") from None


def vmap(fn: Function, in_axes: Any = 0, out_axes: Any = 0) -> Function:
    @functools.wraps(fn)
    def mapped(*args: Tree, **kwargs: Tree) -> Tree:
        leaves, structure = optree.tree_flatten((args, kwargs), none_is_leaf=True)
        axes = _leaf_axes(in_axes, args, "in_axes") + _leaf_axes(0, kwargs, "in_axes")
        batched = [i for i, axis in enumerate(axes) if axis is not None and leaves[i] is not None]
        rows = [_front(leaves[i], axes[i] or 0) for i in batched]
        _check_sizes(rows)
        outputs: list[Any] = []

        def one(slices: list[Tensor]) -> list[Tensor]:
            filled = list(leaves)
            for i, part in zip(batched, slices, strict=True):
                filled[i] = part
            inner_args, inner_kwargs = optree.tree_unflatten(structure, filled)
            found, outputs[:] = _flat_outputs(fn(*inner_args, **inner_kwargs))
            return [tf.identity(y) for y in found]  # constants become part of the graph

        results = _vectorized(one, rows)
        outs = _leaf_axes(out_axes, outputs[0], "out_axes")
        placed = [y[0] if axis is None else moveaxis(y, 0, axis) for y, axis in zip(results, outs, strict=True)]
        return optree.tree_map(lambda _: placed.pop(0), outputs[0])

    return mapped


def _flat_outputs(outputs: Tree) -> tuple[list[Tensor], list[Tree]]:
    return [tensor(x) for x in optree.tree_leaves(outputs)], [optree.tree_map(lambda _: 0, outputs)]


def _front(x: Any, axis: int) -> Tensor:
    x = tensor(x)
    return moveaxis(x, axis_of(axis, len(x.shape), "vmap"), 0)


def _check_sizes(rows: list[Tensor]) -> None:
    sizes = {row.shape[0] for row in rows if row.shape[0] is not None}
    if not rows:
        raise ValueError("vmap: at least one argument must be mapped; in_axes is None for all.")
    if len(sizes) > 1:
        raise ValueError(f"vmap: the mapped axes must have one size; got: {', '.join(map(str, sorted(sizes)))}")


def custom_gradient(f: Function) -> Function:
    @functools.wraps(f)
    def call(*args: Any, **kwargs: Any) -> Tree:
        places = [i for i, x in enumerate(args) if isinstance(x, (tf.Tensor, tf.Variable, BaseVariable))]
        structure: list[Any] = []

        def flat(*tensors: Tensor) -> tuple[list[Tensor], Function]:
            filled = list(args)
            for i, x in zip(places, tensors, strict=True):
                filled[i] = x
            outputs, grad_fn = f(*filled, **kwargs)
            leaves, structure[:] = _flat_outputs(outputs)
            return leaves, lambda *upstream: _per_argument(grad_fn(*upstream), len(places))

        results = with_backward(flat, [tensor(args[i]) for i in places])
        return optree.tree_map(lambda _: results.pop(0), structure[0])

    return call


def _per_argument(gradients: Any, count: int) -> list[Tensor | None]:
    gradients = list(gradients) if isinstance(gradients, (tuple, list)) else [gradients]
    if len(gradients) != count:
        raise ValueError(
            f"custom_gradient: {count} tensor arguments need as many gradients; grad_fn gave {len(gradients)}."
        )
    return [None if g is None else tensor(g) for g in gradients]


def value_and_grad(fn: Function, argnums: Any = 0, has_aux: bool = False) -> Function:
    @functools.wraps(fn)
    def call(*args: Tree, **kwargs: Tree) -> tuple[Any, Any]:
        numbers = [axis_of(n, len(args), "value_and_grad: argnums") for n in _tuple(argnums)]
        chosen = tuple(args[n] for n in numbers)
        watched, leaves = _watched(chosen)
        filled = list(args)
        for n, tree in zip(numbers, watched, strict=True):
            filled[n] = tree
        tape = Tape(False, False)
        tape.start()
        try:
            for leaf in leaves:
                if _differentiable(leaf):
                    tape.watch(leaf)
            result = fn(*filled, **kwargs)
            value = _scalar(result[0] if has_aux else result)
        finally:
            tape.stop()
        gradients = _like(chosen, leaves, tape.gradient([value], leaves, [None]))
        return (value, result[1]) if has_aux else value, gradients if isinstance(argnums, (tuple, list)) else gradients[
            0
        ]

    return call


def _tuple(argnums: Any) -> tuple[int, ...]:
    return tuple(argnums) if isinstance(argnums, (tuple, list)) else (argnums,)


def _scalar(value: Any) -> Tensor:
    """A function's value, checked to be one that has a gradient."""
    value = tensor(value)
    if value.shape.rank != 0 or value.dtype not in INEXACT:
        raise ValueError(
            f"The function must return a float scalar; got {value.dtype.name} of shape {static_shape(value)}."
        )
    return value


def variables_value_and_grad(
    fn: Function, variables: list[Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[Any, list[Tensor | None]]:
    tape = Tape(False, True)
    tape.start()
    try:
        for variable in variables:
            if not variable.trainable:
                tape.watch(variable)
        result = fn(*args, **kwargs)
        value = _scalar(result if isinstance(result, tf.Tensor) else optree.tree_leaves(result)[0])
    finally:
        tape.stop()
    return result, tape.gradient([value], variables, [None])
