"""Compilation by `tf.function`, and abstract evaluation in a graph that is thrown away."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
import optree
import tensorflow as tf

from triceras_backends.contract.types import Function, Tree
from triceras_backends.specs import Spec
from triceras_backends.tensorflow_backend.native import EagerTensor, FuncGraph
from triceras_backends.tensorflow_backend.tensors import (
    DTYPES,
    convert_to_tensor,
    dtype_of,
    mark_weak,
    static_shape,
    tf_dtype,
)
from triceras_backends.tensorflow_backend.variables import readers
from triceras_backends.variable import Variable as BaseVariable
from triceras_backends.variable import autocasting

_TENSOR = object()  # stands for a tensor among a program's outputs


class _Opaque:
    """A leaf known by its identity: Variables compare element by element, so they are no keys."""

    def __init__(self, x: Any) -> None:
        self.x = x

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Opaque) and self.x is other.x

    def __hash__(self) -> int:
        return id(self.x)


class Program:
    """fn traced for one signature."""

    def __init__(
        self, fn: Callable[..., Any], structure: Any, leaves: list[Any], weak: list[int], jit_compile: bool | None
    ) -> None:
        places = [i for i, leaf in enumerate(leaves) if isinstance(leaf, (tf.Tensor, tf.TensorSpec))]
        self.specs = [tf.TensorSpec(leaves[i].shape, leaves[i].dtype) for i in places]
        fixed = [None if i in places else leaf for i, leaf in enumerate(leaves)]

        def flat(*tensors: tf.Tensor) -> list[tf.Tensor]:
            filled = list(fixed)
            for i, x in zip(places, tensors, strict=True):
                filled[i] = x
            for i in weak:
                mark_weak(filled[i])
            args, kwargs = optree.tree_unflatten(structure, filled)
            outputs, self.structure = optree.tree_flatten(fn(*args, **kwargs), none_is_leaf=True)
            self.outputs = [_TENSOR if _is_array(y) else y for y in outputs]
            return [convert_to_tensor(y) for y in outputs if _is_array(y)]

        self.reads: dict[int, Any] = {}
        readers.stack.append(self.reads)
        try:
            self.graph = tf.function(flat, autograph=False, jit_compile=jit_compile).get_concrete_function(*self.specs)
        finally:
            readers.remove(self.reads)

    def __call__(self, tensors: list[Any]) -> Tree:
        for seen in readers.stack:
            seen.update(
                (key, variable) for key, variable in self.reads.items() if variable.trainable and key not in seen
            )
        return self.tree(self.graph(*tensors))

    def tree(self, results: list[Any]) -> Tree:
        """The function's result, from its tensors."""
        if len(results) == len(self.outputs):
            return optree.tree_unflatten(self.structure, results)
        found = iter(results)
        return optree.tree_unflatten(self.structure, [next(found) if y is _TENSOR else y for y in self.outputs])


def _is_array(y: Any) -> bool:
    return isinstance(y, (tf.Tensor, BaseVariable, tf.Variable, np.ndarray, np.generic, float, int))


class _Compiled:
    """What `jit` returns: one traced program a signature."""

    compiled = True

    def __init__(self, fn: Function, jit_compile: bool | None) -> None:
        functools.update_wrapper(self, fn)
        self.traces = 0
        self._fn = fn
        self._jit_compile = jit_compile
        self._programs: dict[Any, Program] = {}

    def _traced(self, *args: Any, **kwargs: Any) -> Any:
        self.traces += 1
        return self._fn(*args, **kwargs)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        leaves, structure = optree.tree_flatten((args, kwargs), none_is_leaf=True)
        key: list[Any] = [structure, autocasting.dtype]
        tensors = []
        weak = []
        for i, leaf in enumerate(leaves):
            if leaf.__class__ is float:
                leaves[i] = convert_to_tensor(leaf)
                tensors.append(leaves[i])
                key.append(leaves[i].dtype)
                weak.append(i)
                continue
            if leaf.__class__ is not EagerTensor:
                if not isinstance(leaf, (float, np.ndarray, np.generic, tf.Tensor)):
                    key.append(_static_key(leaf))
                    continue
                leaf = leaves[i] = convert_to_tensor(leaf)
            tensors.append(leaf)
            key.append((leaf.dtype, tuple(leaf.shape)))
        signature = tuple(key)
        try:
            program = self._programs.get(signature)
        except TypeError:
            raise _unhashable(leaves) from None
        if program is None:
            program = self._programs[signature] = Program(self._traced, structure, leaves, weak, self._jit_compile)
        return program(tensors)

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        return self if instance is None else functools.partial(self, instance)


def _static_key(leaf: Any) -> Any:
    if isinstance(leaf, (BaseVariable, tf.Variable)):
        return _Opaque(leaf)
    # True equals 1 as a key; the type keeps them apart.
    return leaf.__class__, leaf


def _unhashable(leaves: list[Any]) -> TypeError:
    for leaf in leaves:
        try:
            hash(_static_key(leaf)) if not isinstance(leaf, tf.Tensor) else None
        except TypeError:
            return TypeError(
                f"jit: an argument that is no tensor must be hashable; got {leaf!r} of {type(leaf).__name__}."
            )
    return TypeError("jit: the arguments' structure must be hashable.")


class _Eager:
    """fn as it is, where compilation was declined."""

    compiled = False
    traces = 0

    def __init__(self, fn: Function) -> None:
        functools.update_wrapper(self, fn)
        self._fn = fn

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._fn(*args, **kwargs)


def jit(fn: Function, variables: Any = None, jit_compile: bool | None = None) -> Any:
    return _Eager(fn) if jit_compile is False else _Compiled(fn, jit_compile)


def eval_shape(fn: Function, *args: Tree, **kwargs: Tree) -> Tree:
    graph = FuncGraph("eval_shape")
    # Reads in here are none of the tapes around it.
    outer, readers.stack = readers.stack, []
    try:
        with graph.as_default():
            args, kwargs = optree.tree_map(_placeholder, (args, kwargs), none_is_leaf=True)
            outputs = fn(*args, **kwargs)
            return optree.tree_map(_spec, outputs, none_is_leaf=True)
    finally:
        readers.stack = outer


def _placeholder(x: Any) -> Any:
    return tf.compat.v1.placeholder(DTYPES[x.dtype], x.shape) if isinstance(x, Spec) else x


def _spec(x: Any) -> Any:
    if isinstance(x, (tf.Tensor, tf.Variable, BaseVariable)):
        return Spec(static_shape(x), dtype_of(x))
    return x


def host_call(fn: Function, xs: Any, shape: Any, dtype: Any) -> Any:
    text = dtype == "string"
    if not any(isinstance(x, tf.Tensor) and not isinstance(x, EagerTensor) for x in xs):
        result = fn(*[x.numpy() if isinstance(x, tf.Tensor) else x for x in xs])
        return tf.constant(result, tf.string) if text else convert_to_tensor(result, dtype)
    target = tf.string if text else tf_dtype(dtype)

    def call(*arrays: Any) -> Any:
        result = np.asarray(fn(*arrays))
        return np.char.encode(result.astype(str), "utf-8") if text else result.astype(target.as_numpy_dtype, copy=False)

    result = tf.numpy_function(call, xs, target, stateful=False)
    return tf.ensure_shape(result, shape)
