"""Activations computed anew for the gradient, by tf.recompute_grad."""

from __future__ import annotations

from typing import Any

import optree
import tensorflow as tf

from triceras_backends.contract.types import Function, Tensor, Tree
from triceras_backends.tensorflow_backend.native import variable_accessed
from triceras_backends.tensorflow_backend.tensors import convert_to_tensor, is_tensor
from triceras_backends.tensorflow_backend.variables import readers
from triceras_backends.variable import AutocastScope, autocasting


class _FirstReads:
    """Notes what each Variable that is not trained is when it is first read; assignments pass through."""

    def __init__(self) -> None:
        self.values: dict[int, Tensor] = {}
        self._around = readers.scope

    def read(self, variable: Any) -> Tensor | None:
        found = None if self._around is None else self._around.read(variable)
        if found is None and variable.trainable:
            variable_accessed(variable.storage)  # tells recompute_grad, which no tape does
            return None
        found = variable.stored() if found is None else found
        self.values.setdefault(id(variable), found)
        return found

    def write(self, variable: Any, value: Tensor) -> bool:
        self.read(variable)
        return self._around is not None and self._around.write(variable, value)


class _Again:
    """Those values, and what is assigned in here."""

    def __init__(self, values: dict[int, Tensor]) -> None:
        self._values = dict(values)

    def read(self, variable: Any) -> Tensor | None:
        return self._values.get(id(variable))

    def write(self, variable: Any, value: Tensor) -> bool:
        self._values[id(variable)] = value
        return True


def checkpoint(fn: Function, *args: Tensor) -> Tree:
    reads = _FirstReads()
    dtype = autocasting.dtype
    outputs: list[Any] = []
    structure: Any = None
    first = True

    def run(*tensors: Tensor) -> list[Tensor]:
        nonlocal first, structure
        before = readers.scope
        readers.scope = reads if first else _Again(reads.values)
        try:
            with AutocastScope(dtype):
                leaves, found = optree.tree_flatten(fn(*tensors), none_is_leaf=True)
        finally:
            readers.scope = before
        if first:
            first, structure = False, found
            outputs[:] = leaves
        return [convert_to_tensor(leaf) for leaf in leaves if is_tensor(leaf)]

    left = iter(tf.recompute_grad(run)(*args))
    return optree.tree_unflatten(structure, [next(left) if is_tensor(leaf) else leaf for leaf in outputs])
