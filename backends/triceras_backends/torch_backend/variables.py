"""Variables on nn.Parameter storage, and layers that are real nn.Modules."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor
from torch._C._functorch import is_functorch_wrapped_tensor

from triceras_backends import variable as base
from triceras_backends.contract.types import Substitution
from triceras_backends.torch_backend import scopes
from triceras_backends.torch_backend.tensors import INEXACT, NAMES, unwrapped
from triceras_backends.variable import AutocastScope, autocasting, changes


class Variable(base.Variable):
    __doc__ = base.Variable.__doc__

    storage: Tensor
    _alias: Tensor | None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if scopes.local.scope is None:
            super().__init__(*args, **kwargs)
        else:
            with scopes.lifted():
                super().__init__(*args, **kwargs)

    def _create(self, value: Tensor) -> None:
        fresh = unwrapped(value.detach()).clone(memory_format=torch.contiguous_format)
        parameter = self._trainable and fresh.dtype in INEXACT
        self.storage = torch.nn.Parameter(fresh, requires_grad=False) if parameter else fresh
        self._alias = None

    def _store(self, value: Tensor) -> None:
        if scopes.busy and scopes.local.scope is not None:
            scopes.local.scope.write(self, value)
        else:
            self.adopt(value.detach().clone(memory_format=torch.contiguous_format))

    def adopt(self, value: Tensor) -> None:
        """Takes over a detached tensor that nobody else holds.

        The storage changes its memory, not its contents: values read before keep their numbers.
        """
        self._alias = None
        value = unwrapped(value) if is_functorch_wrapped_tensor(value) else value
        self.storage.data = value if value.device == self.storage.device else value.to(self.storage.device)

    def own(self) -> Tensor:
        """The storage, for a change in place that no value read before will show."""
        self._alias = None
        # Counted are the storage itself and the handle made to ask; more means somebody holds the memory.
        if torch._C._storage_Use_Count(self.storage.untyped_storage()._cdata) > 2 or not self.storage.is_contiguous():
            self.adopt(self.storage.detach().clone(memory_format=torch.contiguous_format))
        return self.storage

    def rebase(self, storage: Tensor) -> None:
        """Lives on in another storage, of another dtype perhaps."""
        self.storage, self._alias, self._dtype = storage, None, NAMES[storage.dtype]

    @property
    def value(self) -> Tensor:
        if scopes.busy:
            value = self._read()
            return value if autocasting.dtype is None else self._autocast(value)
        # An alias and not the storage itself, so that it stays as it is when the storage moves on.
        alias = self._alias
        return self.current() if alias is None or self.storage.requires_grad else alias

    @property
    def raw(self) -> Tensor:
        return self._read() if scopes.busy else self.value

    def current(self) -> Tensor:
        """The value outside of every tape and scope."""
        if self.storage.requires_grad:  # set by the user: autograd is to reach the Parameter
            view = self.storage.view_as(self.storage)
            if self.storage.grad is not None:  # to be read as `variable.value.grad`
                view.grad = self.storage.grad
            return view
        if self._alias is None:
            self._alias = self.storage.detach()
        return self._alias

    def _read(self) -> Tensor:
        local = scopes.local
        value = self.current() if local.scope is None else local.scope.read(self)
        for tape in local.tapes:
            value = tape.read(self, value)
        return value

    @property
    def trainable(self) -> bool:
        return self._trainable

    @trainable.setter
    def trainable(self, value: bool) -> None:
        changes.count += 1
        self._trainable = bool(value)
        if not value and self.storage.requires_grad and self.storage.is_leaf:
            self.storage.requires_grad_(False)

    def _checked(self, value: Any) -> Tensor:
        plain = value.__class__ is Tensor and value.dtype is self.storage.dtype and value.shape == self.storage.shape
        return value if plain else super()._checked(value)

    def assign_add(self, value: Any) -> Variable:
        return self._update(self.primitives.add(self.raw, value))

    def assign_sub(self, value: Any) -> Variable:
        return self._update(self.primitives.subtract(self.raw, value))

    def _update(self, value: Tensor) -> Variable:
        """Assigns a result computed here, which needs no copy."""
        value = self._checked(value).detach()
        if scopes.busy and scopes.local.scope is not None:
            scopes.local.scope.write(self, value)
        else:
            self.adopt(value)
        return self

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"_alias": None}

    @classmethod
    def __torch_function__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return func(*_values(args), **(_values(kwargs) if kwargs else {}))


class autocast(AutocastScope):
    """See the contract. Counted, so that reading a Variable looks at it only while one is open."""

    __slots__ = ()

    def __enter__(self) -> None:
        scopes.count(1)
        super().__enter__()

    def __exit__(self, *exception: object) -> None:
        super().__exit__()
        scopes.count(-1)


class _Substitution:
    """A scope over the one around it, in which tapes go on recording."""

    def __init__(self, variables: list[Variable], values: list[Tensor]) -> None:
        self._values = {id(variable): value for variable, value in zip(variables, values, strict=True)}
        self._around = scopes.local.scope

    def read(self, variable: Variable) -> Tensor:
        found = self._values.get(id(variable))
        if found is not None:
            return found
        return variable.current() if self._around is None else self._around.read(variable)

    value = read

    def write(self, variable: Variable, value: Tensor) -> None:
        self._values[id(variable)] = value


@contextmanager
def substituted(variables: list[Variable], values: list[Tensor]) -> Iterator[Substitution]:
    scope = _Substitution(variables, values)
    before, scopes.local.scope = scopes.local.scope, scope
    scopes.count(1)
    try:
        yield scope
    finally:
        scopes.count(-1)
        scopes.local.scope = before


def _values(x: Any) -> Any:
    if isinstance(x, Variable):
        return x.value
    if type(x) in (list, tuple):
        return type(x)([_values(item) for item in x])
    return {key: _values(item) for key, item in x.items()} if type(x) is dict else x
