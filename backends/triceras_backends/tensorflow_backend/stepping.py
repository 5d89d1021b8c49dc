"""The inner loop on TensorFlow: a graph that gathers and runs batch after batch.

A step is traced once for each shape of batch, as a function that a loop in a second graph
calls; the bounds of the loop are given at run time.
"""

from __future__ import annotations

from typing import Any

import optree
import tensorflow as tf

from triceras_backends import stepping
from triceras_backends.contract.types import Function, Tree
from triceras_backends.tensorflow_backend.compile import Program
from triceras_backends.tensorflow_backend.tensors import convert_to_tensor
from triceras_backends.tensorflow_backend.variables import Variable


class _Loop:
    """A step's program for one signature of a batch, and the graph that runs it several times."""

    def __init__(self, step: Function, structure: Any, leaves: list[Any], size: int | None, how: Any) -> None:
        jit_compile, collect = how
        specs = [tf.TensorSpec((size, *leaf.shape[1:]), leaf.dtype) for leaf in leaves]
        batch = optree.tree_unflatten(structure, specs)
        self.single = Program(step, *_flatten(((batch,), {}))[::-1], [], jit_compile)
        wholes = [tf.TensorSpec((None, *leaf.shape[1:]), leaf.dtype) for leaf in leaves]
        order = tf.TensorSpec((None,), tf.int32)
        bound = tf.TensorSpec((), tf.int32)
        run = self._collected if collect else self._last
        self.many = tf.function(run, autograph=False).get_concrete_function(order, bound, bound, bound, *wholes)

    def _turn(self, i: Any, size: Any, order: Any, wholes: Any) -> list[Any]:
        rows = order[i * size : (i + 1) * size]
        batch = [tf.gather(whole, rows) for whole in wholes]
        batch = [tf.ensure_shape(x, spec.shape) for x, spec in zip(batch, self.single.specs, strict=True)]
        return list(self.single.graph(*batch))

    def _last(self, order: Any, size: Any, start: Any, stop: Any, *wholes: Any) -> list[Any]:
        outputs = self.single.graph.outputs
        empty = [tf.zeros([n or 0 for n in y.shape], y.dtype) for y in outputs]
        shapes = (tf.TensorShape([]), *(y.shape for y in outputs))
        _, *last = tf.while_loop(
            lambda i, *_: i < stop,
            lambda i, *_: (i + 1, *self._turn(i, size, order, wholes)),
            (start, *empty),
            shape_invariants=shapes,
            parallel_iterations=1,
        )
        return last

    def _collected(self, order: Any, size: Any, start: Any, stop: Any, *wholes: Any) -> list[Any]:
        outputs = self.single.graph.outputs
        arrays = [tf.TensorArray(y.dtype, stop - start, element_shape=y.shape) for y in outputs]

        def body(i: Any, arrays: Any) -> Any:
            found = self._turn(i, size, order, wholes)
            return i + 1, [array.write(i - start, y) for array, y in zip(arrays, found, strict=True)]

        _, arrays = tf.while_loop(lambda i, _: i < stop, body, (start, arrays), parallel_iterations=1)
        return [array.concat() if y.shape.rank else array.stack() for array, y in zip(arrays, outputs, strict=True)]


class _Stepper:
    """See the contract."""

    compiled = True

    def __init__(self, step: Function, jit_compile: bool | None, collect: bool) -> None:
        self.traces = 0
        self._step = step
        self._how = jit_compile, collect
        self._loops: dict[Any, _Loop] = {}
        self._kept: tuple[Any, Any] = (None, None)

    def __call__(self, arrays: Tree, order: Any, size: int, start: int, stop: int) -> Any:
        leaves, structure = _flatten(arrays)
        rows = int(leaves[0].shape[0]) if order is None else len(order)
        if order is None:
            order = stepping.in_place(rows)
        full = min(stop, rows // size)
        collect = self._how[1]
        result: Any = []
        if start < full:
            result = self._run(structure, leaves, order, size, start, full)
            result = [result] if collect else result
        if stop > full:
            first = full * size
            last = self._run(structure, leaves, order[first:], rows - first, 0, 1)
            result = [*result, last] if collect else last
        return result

    def _run(self, structure: Any, leaves: list[Any], order: Any, size: int, start: int, stop: int) -> Tree:
        loop = self._loop(structure, leaves, size)
        if self._kept[0] is not order:
            self._kept = order, tf.constant(order)
        results = loop.many(self._kept[1], _int(size), _int(start), _int(stop), *leaves)
        return loop.single.tree(results)

    def _loop(self, structure: Any, leaves: list[Any], size: int) -> _Loop:
        key = structure, size, tuple([(tuple(leaf.shape[1:]), leaf.dtype) for leaf in leaves])
        loop = self._loops.get(key)
        if loop is None:
            self.traces += 1
            loop = self._loops[key] = _Loop(self._step, structure, leaves, size, self._how)
        return loop


def _flatten(tree: Tree) -> tuple[list[Any], Any]:
    return optree.tree_flatten(tree)


def _int(x: int) -> Any:
    return convert_to_tensor(x, tf.int32)


def stepper(step: Function, variables: Any = None, jit_compile: bool | None = None, collect: bool = False) -> Any:
    if jit_compile is False:
        return stepping.Stepper(Variable.primitives, step, collect)
    return _Stepper(step, jit_compile, collect)
