"""Abstract evaluation, and compilation of stateful functions.

By default `jit` runs a function as it is: lean eager PyTorch loses little to a compiled step
on a CPU. With `jit_compile=True` a function is traced to a graph of plain operations, the
gradients of its tapes among them, in which Variables are arguments and results, and the graph
is handed to torch.compile.
"""

from __future__ import annotations

import functools
import types
from collections.abc import Callable
from typing import Any

import numpy as np
import optree
import torch
from torch import Tensor
from torch.fx.experimental.proxy_tensor import make_fx
from torch.overrides import TorchFunctionMode

from triceras_backends.specs import Spec
from triceras_backends.torch_backend import scopes
from triceras_backends.torch_backend.tensors import (
    DTYPES,
    NAMES,
    convert_to_numpy,
    convert_to_tensor,
    floatx,
    torch_dtype,
)
from triceras_backends.torch_backend.variables import Variable
from triceras_backends.variable import autocasting

# -- abstract evaluation -----------------------------------------------------------------


class _OnMeta(TorchFunctionMode):
    """Takes real tensors that a function has caught from outside as abstract ones."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return func(*_on_meta(args), **(_on_meta(kwargs) if kwargs else {}))


def _on_meta(x: Any) -> Any:
    if isinstance(x, Tensor):
        return x if x.is_meta else x.detach().to("meta")
    if isinstance(x, (list, tuple)) and not hasattr(x, "_fields"):
        return type(x)([_on_meta(item) for item in x]) if type(x) in (list, tuple) else x
    return {key: _on_meta(item) for key, item in x.items()} if type(x) is dict else x


class _MetaScope:
    abstract = True

    def __init__(self) -> None:
        self.values: dict[int, tuple[Variable, Tensor]] = {}
        self.written: set[int] = set()

    def read(self, variable: Variable) -> Tensor:
        found = self.values.get(id(variable))
        if found is None:
            found = (variable, torch.empty(variable.shape, dtype=DTYPES[variable._dtype], device="meta"))
            self.values[id(variable)] = found
        return found[1]

    def write(self, variable: Variable, value: Tensor) -> None:
        """Only noted: the value assigned has the shape and dtype of the one before."""
        self.read(variable)
        self.written.add(id(variable))


def eval_shape(fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    def enter(x: Any) -> Any:
        return torch.empty(x.shape, dtype=DTYPES[x.dtype], device="meta") if isinstance(x, Spec) else x

    def leave(x: Any) -> Any:
        if isinstance(x, Variable):
            return Spec(x.shape, x.dtype)
        return Spec(tuple(x.shape), NAMES[x.dtype]) if isinstance(x, Tensor) else x

    args, kwargs = optree.tree_map(enter, (args, kwargs), none_is_leaf=True)
    return _abstractly(_MetaScope(), lambda: optree.tree_map(leave, fn(*args, **kwargs), none_is_leaf=True))


def _abstractly(scope: _MetaScope, run: Callable[[], Any]) -> Any:
    saved, scopes.local.device = scopes.local.device, torch.device("meta")
    try:
        with scopes.entered(scope), scopes.local.device, _OnMeta():
            return run()
    finally:
        scopes.local.device = saved


def host_call(fn: Callable[..., Any], xs: Any, shape: Any, dtype: Any) -> Any:
    if any(isinstance(x, Tensor) and x.is_meta for x in xs):
        return torch.empty(shape, dtype=torch_dtype(dtype), device="meta")
    result = fn(*[convert_to_numpy(x) if isinstance(x, Tensor) else x for x in xs])
    return result if dtype == "string" else convert_to_tensor(result, dtype)


# -- compilation -------------------------------------------------------------------------


class _Callable:
    """Stands for a function; found in a class, it is bound as one."""

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        return self if instance is None else types.MethodType(self, instance)  # type: ignore[arg-type]


class _TraceScope:
    """Variables as values of the trace; one read that discovery did not meet is an error."""

    abstract = True

    def __init__(self, variables: list[Variable], values: list[Tensor]) -> None:
        self.variables = variables
        self.values = {id(variable): value for variable, value in zip(variables, values, strict=True)}

    def read(self, variable: Variable) -> Tensor:
        return self.values[id(variable)]

    def write(self, variable: Variable, value: Tensor) -> None:
        self.values[id(variable)] = value


class _Graph:
    """A function compiled for one signature: which Variables it takes and sets, and its results' structure."""

    def __init__(self, fn: Callable[..., Any], rebuild: Callable[..., Any], tensors: list[Tensor]) -> None:
        scope = _discover(fn, rebuild, tensors)
        self.read = [variable for variable, _ in scope.values.values()]
        self.written: list[Variable] = [v for v in self.read if id(v) in scope.written]
        self.leaves: list[Any] = []
        self.structure: Any = None

        def pure(values: list[Tensor], inputs: list[Tensor]) -> tuple[list[Tensor], list[Tensor]]:
            inner = _TraceScope(self.read, values)
            with scopes.entered(inner):
                args, kwargs = rebuild(inputs)
                self.leaves, self.structure = optree.tree_flatten(fn(*args, **kwargs), none_is_leaf=True)
            self.leaves = [x.value if isinstance(x, Variable) else x for x in self.leaves]
            outputs = [x for x in self.leaves if isinstance(x, Tensor)]
            self.leaves = [_HOLE if isinstance(x, Tensor) else x for x in self.leaves]
            return outputs, [inner.read(variable) for variable in self.written]

        values = [variable.current().detach() for variable in self.read]
        graph = make_fx(pure, tracing_mode="fake", _allow_non_fake_inputs=True)(values, [x.detach() for x in tensors])
        self.run = torch.compile(graph, dynamic=False)

    def __call__(self, tensors: list[Tensor]) -> Any:
        outputs, values = self.run([variable.raw for variable in self.read], tensors)
        for variable, value in zip(self.written, values, strict=True):
            variable.assign(value)
        found = iter(outputs)
        return optree.tree_unflatten(self.structure, [next(found) if x is _HOLE else x for x in self.leaves])


_HOLE = object()


def _discover(fn: Callable[..., Any], rebuild: Callable[..., Any], tensors: list[Tensor]) -> _MetaScope:
    """Which Variables fn reads and assigns, by running it on abstract tensors."""
    scope = _MetaScope()
    _abstractly(scope, lambda: fn(*(found := rebuild([x.detach().to("meta") for x in tensors]))[0], **found[1]))
    return scope


class Compiled(_Callable):
    """See the contract. A signature's graph is kept."""

    compiled = True

    def __init__(self, fn: Callable[..., Any]) -> None:
        functools.update_wrapper(self, fn)
        self.fn = fn
        self.traces = 0
        self._graphs: dict[Any, _Graph] = {}

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if scopes.in_transform() or scopes.local.scope is not None:  # a part of what is being traced already
            return self.fn(*args, **kwargs)
        leaves, structure = optree.tree_flatten((args, kwargs), none_is_leaf=True)
        leaves = [_traced(leaf) for leaf in leaves]
        tensors = [leaf for leaf in leaves if isinstance(leaf, Tensor)]
        statics = [_HOLE if isinstance(leaf, Tensor) else leaf for leaf in leaves]
        key = (structure, autocasting.dtype, tuple(_signature(leaf) for leaf in leaves))
        try:
            graph = self._graphs.get(key)
        except TypeError as error:
            raise TypeError(f"jit: arguments that are not tensors must be hashable: {error}") from None
        if graph is None:

            def rebuild(inputs: list[Tensor]) -> Any:
                found = iter(inputs)
                return optree.tree_unflatten(structure, [next(found) if x is _HOLE else x for x in statics])

            self.traces += 1
            graph = self._graphs[key] = _Graph(self.fn, rebuild, tensors)
        return graph(tensors)


def _traced(leaf: Any) -> Any:
    if type(leaf) is float:
        return torch.tensor(leaf, dtype=floatx())
    return convert_to_tensor(leaf) if isinstance(leaf, (np.ndarray, np.generic)) else leaf


def _signature(leaf: Any) -> Any:
    if isinstance(leaf, Tensor):
        return (leaf.shape, leaf.dtype, leaf.device)
    return id(leaf) if isinstance(leaf, Variable) else (type(leaf), leaf)


class Eager(_Callable):
    """What `jit` returns where nothing is compiled."""

    compiled = False
    traces = 0

    def __init__(self, fn: Callable[..., Any]) -> None:
        functools.update_wrapper(self, fn)
        self.fn = fn

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.fn(*args, **kwargs)


def jit(fn: Callable[..., Any], variables: Any = None, jit_compile: bool | None = None) -> Any:
    return Compiled(fn) if jit_compile else Eager(fn)
