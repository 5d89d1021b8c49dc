"""Activations computed anew for the gradient, by torch.utils.checkpoint."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.utils.checkpoint import checkpoint as torch_checkpoint

from triceras_backends.contract.types import Function, Tree
from triceras_backends.torch_backend import scopes
from triceras_backends.variable import AutocastScope, autocasting


class _FirstReads:
    """Notes what each Variable is when it is first read: in the place of a tape, after all others."""

    def __init__(self) -> None:
        self.values: dict[int, tuple[Any, Tensor]] = {}
        self.scope = _Noting(self)

    def read(self, variable: Any, value: Tensor) -> Tensor:
        if id(variable) in self.scope.written:
            return value
        return self.values.setdefault(id(variable), (variable, value))[1]


class _Noting:
    """The scope around, or none, with a note of what is assigned."""

    def __init__(self, reads: _FirstReads) -> None:
        self._reads, self._around = reads, scopes.local.scope
        self.written: set[int] = set()

    def read(self, variable: Any) -> Tensor:
        return variable.current() if self._around is None else self._around.read(variable)

    def write(self, variable: Any, value: Tensor) -> None:
        if id(variable) not in self.written:
            self._reads.read(variable, self.read(variable))
            self.written.add(id(variable))
        if self._around is None:
            variable.adopt(value.detach().clone(memory_format=torch.contiguous_format))
        else:
            self._around.write(variable, value)


class _Again:
    """Variables as they were first read; assignments stay here."""

    def __init__(self, reads: _FirstReads) -> None:
        self._values = {key: value for key, (_, value) in reads.values.items()}

    def read(self, variable: Any) -> Tensor:
        found = self._values.get(id(variable))
        return variable.current() if found is None else found

    def write(self, variable: Any, value: Tensor) -> None:
        self._values[id(variable)] = value


def checkpoint(fn: Function, *args: Tensor) -> Tree:
    if scopes.in_transform() or not torch.is_grad_enabled() or getattr(scopes.local.scope, "abstract", False):
        return fn(*args)
    reads = _FirstReads()
    dtype = autocasting.dtype
    first = True

    def run(*tensors: Tensor) -> Tree:
        nonlocal first
        if not first:
            with scopes.entered(_Again(reads)), AutocastScope(dtype):
                return fn(*tensors)
        first = False
        saved, scopes.local.scope = scopes.local.scope, reads.scope
        try:
            with scopes.reading(reads):
                return fn(*tensors)
        finally:
            scopes.local.scope = saved

    return torch_checkpoint(run, *args, use_reentrant=False, preserve_rng_state=True)
