"""jit on JAX: functions that read and assign Variables, made pure and compiled."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Hashable, Iterable
from typing import Any

import jax
import numpy as np
import optree

from triceras_backends import dtypes
from triceras_backends.contract.types import Function, Tree
from triceras_backends.jax_backend.scopes import Scope, active, entered, substitute
from triceras_backends.jax_backend.tape import told
from triceras_backends.jax_backend.tensors import Array, convert_to_numpy, convert_to_tensor
from triceras_backends.jax_backend.variables import Variable, duplicate
from triceras_backends.specs import Spec
from triceras_backends.variable import autocasting

# Without the Python around it.
_flatten = jax.tree_util.default_registry.flatten


class _Grown(Exception):
    """Raised out of a trace that met Variables it was not given: it is to be done again with them."""

    def __init__(self, scope: TraceScope) -> None:
        super().__init__()
        self.scope = scope


class TraceScope(Scope):
    """The Variables of a function being compiled: those it was given, and those it asked for besides."""

    def __init__(self, outer: Scope | None, given: Iterable[Variable], values: Iterable[Any]) -> None:
        super().__init__(outer)
        self.values = {id(variable): value for variable, value in zip(given, values, strict=True)}
        self.created: list[Variable] = []

    def create(self, variable: Variable) -> None:
        self.created.append(variable)
        super().create(variable)


def _order(tree: Tree) -> tuple[Any, ...] | None:
    """The order of keys in a tree's dicts, which JAX sorts; None where nothing would change."""
    if tree.__class__ is dict:
        inner = tuple((key, _order(value)) for key, value in tree.items())
        kept = list(tree) == sorted(tree) and all(order is None for _, order in inner)
        return None if kept else inner
    if tree.__class__ in (list, tuple):
        orders = tuple(_order(value) for value in tree)
        return None if all(order is None for order in orders) else orders
    return None


def _ordered(tree: Tree, order: tuple[Any, ...] | None) -> Tree:
    if order is None:
        return tree
    if tree.__class__ is dict:
        return {key: _ordered(tree[key], inner) for key, inner in order}
    return tree.__class__(_ordered(value, inner) for value, inner in zip(tree, order, strict=True))


def _is_plain(tree: Tree) -> bool:
    """Whether a tree is of tensors in tuples, lists and dicts alone."""
    if tree.__class__ in (list, tuple):
        return all(map(_is_plain, tree))
    if tree.__class__ is dict:
        return all(map(_is_plain, tree.values()))
    return isinstance(tree, (jax.Array, np.ndarray))


@jax.tree_util.register_pytree_node_class
class Result:
    """A tree of results, of which JAX sees the tensors only."""

    def __init__(self, tensors: list[Any], rest: Any) -> None:
        self.tensors = tensors
        self.rest = rest

    @classmethod
    def of(cls, tree: Tree) -> Result:
        # Not jax.tree_util, which would give dictionaries back with their keys sorted.
        leaves, structure = optree.tree_flatten(substitute(tree), none_is_leaf=True)
        mask = tuple(isinstance(leaf, (jax.Array, np.ndarray)) for leaf in leaves)
        others = tuple(leaf for leaf, is_tensor in zip(leaves, mask, strict=True) if not is_tensor)
        tensors = [leaf for leaf, is_tensor in zip(leaves, mask, strict=True) if is_tensor]
        return cls(tensors, (structure, mask, others, _order(tree)))

    def compact(self) -> Any:
        """The tree itself where JAX gives it back as it is, which costs less than a Result."""
        structure, mask, _, order = self.rest
        tree = optree.tree_unflatten(structure, self.tensors) if all(mask) and order is None else None
        return tree if _is_plain(tree) else self

    def tree_flatten(self) -> Any:
        return self.tensors, self.rest

    @classmethod
    def tree_unflatten(cls, rest: Any, tensors: Any) -> Result:
        return cls(list(tensors), rest)

    def tree(self) -> Tree:
        structure, mask, others, order = self.rest
        leaves = self.tensors
        if others:
            tensors, rest = iter(self.tensors), iter(others)
            leaves = [next(tensors if m else rest) for m in mask]
        return _ordered(jax.tree_util.tree_unflatten(structure, leaves), order)


def _expanded(result: Any) -> Tree:
    return result.tree() if result.__class__ is Result else result


class _Same:
    """A Variable as a part of a key: the same only as itself."""

    __slots__ = ("variable",)

    def __init__(self, variable: Variable) -> None:
        self.variable = variable

    def __hash__(self) -> int:
        return id(self.variable)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.variable is self.variable


def _is_dynamic(leaf: Any) -> bool:
    if isinstance(leaf, (jax.Array, float)):
        return True
    return isinstance(leaf, (np.ndarray, np.generic)) and leaf.dtype.kind not in "OUSMmV"


def _static(leaf: Any) -> Hashable:
    if isinstance(leaf, Variable):
        return _Same(leaf)
    try:
        hash(leaf)
    except TypeError:
        raise TypeError(
            "An argument of a compiled function that is no tensor must be hashable; "
            f"got a {type(leaf).__name__}: {leaf!r}"
        ) from None
    return type(leaf), leaf


def _counts(holders: list[Any]) -> list[int]:
    """How many references there are to each holder's array, those of this function included."""
    return [sys.getrefcount(holder._storage) for holder in holders]


class _Dummy:
    def __init__(self) -> None:
        self._storage = object()


# The count for an array that nobody but its Variable holds; it differs between Pythons.
_ALONE = _counts([_Dummy()])[0]


def to_donate(variables: list[Variable]) -> list[Any]:
    """The Variables' arrays, to be given away: copies of those that somebody else holds."""
    if not variables:
        return []
    counts = _counts(variables)
    if counts.count(_ALONE) == len(counts):
        return [variable._storage for variable in variables]
    return [
        variable._storage if count == _ALONE else duplicate(variable._storage)
        for variable, count in zip(variables, counts, strict=True)
    ]


class _Entry:
    """A function compiled for one structure of arguments: its Variables, and its jitted forms."""

    def __init__(self, owner: Compiled, rebuild: Callable[[Any], tuple[Any, Any]], hint: list[Variable]) -> None:
        self.owner = owner
        self.rebuild = rebuild
        self.read: list[Variable] = list(hint)
        self.written: list[Variable] = []
        self.pure = self._pure  # one object, so that both forms share what was traced
        self.donating = jax.jit(self.pure, donate_argnums=0)
        self.keeping = jax.jit(self.pure)

    def _pure(self, written: Any, read: Any, dynamic: Any) -> Any:
        scope = TraceScope(active.scope, [*self.written, *self.read], [*written, *read])
        with entered(scope, isolated=True):
            args, kwargs = self.rebuild(dynamic)
            result = Result.of(self.owner.fn(*args, **kwargs))
        known = {id(variable) for variable in self.written}
        if scope.created or scope.reads or any(key not in known for key in scope.writes):
            raise _Grown(scope)
        self.owner.traces += 1
        return result.compact(), [scope.values[id(variable)] for variable in self.written]

    def grow(self, scope: TraceScope) -> None:
        """Takes in the Variables that a trace asked for."""
        written = {id(variable): variable for variable in self.written} | scope.writes
        read = {id(variable): variable for variable in self.read} | scope.reads
        self.written = list(written.values())
        self.read = [variable for key, variable in read.items() if key not in written]

    def run(self, dynamic: list[Any]) -> Any:
        created = False
        while True:
            try:
                return self._attempt(dynamic)
            except _Grown as grown:
                scope = grown.scope
            if scope.created and created:
                raise ValueError(
                    f"{self.owner!r} makes a new Variable each time it is traced "
                    f"({scope.created[0].path!r}); make it once, and keep it."
                )
            created = created or bool(scope.created)
            self.grow(scope)

    def _attempt(self, dynamic: list[Any]) -> Any:
        if active.reader is not None:
            values = [variable.raw for variable in self.written], [variable.raw for variable in self.read]
            result, new = told(self.keeping, *values, dynamic)
            for variable, value in zip(self.written, new, strict=True):
                variable.put(value)
            return _expanded(result)
        read = [variable._storage for variable in self.read]
        result, new = self.donating(to_donate(self.written), read, dynamic)
        if new and new[0].__class__ is not Array:
            for variable, value in zip(self.written, new, strict=True):
                variable.put(value)
        for variable, value in zip(self.written, new, strict=True):
            variable._storage = value
        return _expanded(result)


class Compiled:
    """See the contract."""

    compiled = True

    def __init__(self, fn: Function, hint: Iterable[Variable], limit: int | None = None) -> None:
        self.fn = fn
        self.traces = 0
        self._hint = list(hint)
        self._limit = limit
        self._entries: dict[Hashable, _Entry] = {}
        # The structure and the entry of the last call of tensors alone: comparing costs less than a key.
        self._recent: tuple[Any, Any] = _flatten(None)[1], None
        functools.update_wrapper(self, fn, updated=())

    def __repr__(self) -> str:
        return f"<jit of {getattr(self.fn, '__qualname__', self.fn)!s}>"

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        return self if instance is None else functools.partial(self, instance)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        leaves, structure = _flatten((args, kwargs))
        known, entry = self._recent
        if structure == known and autocasting.dtype is None:
            for leaf in leaves:
                if leaf.__class__ is not Array:
                    break
            else:
                return entry.run(leaves)
        mask = [leaf.__class__ is Array or _is_dynamic(leaf) for leaf in leaves]
        if all(mask):
            key: Hashable = structure
            dynamic = leaves
        else:
            dynamic = [leaf for leaf, m in zip(leaves, mask, strict=True) if m]
            key = structure, tuple([None if m else _static(leaf) for leaf, m in zip(leaves, mask, strict=True)])
        if autocasting.dtype is not None:
            key = key, autocasting.dtype
        entry = self._entries.get(key)
        if entry is None:
            entry = self._enter(
                key, structure, [None if m else leaf for leaf, m in zip(leaves, mask, strict=True)], mask
            )
        if key is structure:
            self._recent = structure, entry
        return entry.run(dynamic)

    def _enter(self, key: Hashable, structure: Any, statics: list[Any], mask: list[bool]) -> _Entry:
        def rebuild(dynamic: Any) -> tuple[Any, Any]:
            tensors = iter(dynamic)
            leaves = [next(tensors) if m else leaf for leaf, m in zip(statics, mask, strict=True)]
            return jax.tree_util.tree_unflatten(structure, leaves)

        if self._limit is not None and len(self._entries) >= self._limit:
            self._entries.pop(next(iter(self._entries)))
        entry = self._entries[key] = _Entry(self, rebuild, self._hint)
        return entry


class _Eager:
    """A function that was asked not to be compiled."""

    compiled = False
    traces = 0

    def __init__(self, fn: Function) -> None:
        self.fn = fn
        functools.update_wrapper(self, fn, updated=())

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        return self if instance is None else functools.partial(self, instance)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.fn(*args, **kwargs)


def jit(fn: Function, variables: Any = None, jit_compile: bool | None = None) -> Any:
    if jit_compile is False:
        return _Eager(fn)
    return Compiled(fn, () if variables is None else variables)


def eval_shape(fn: Function, *args: Tree, **kwargs: Tree) -> Tree:
    leaves, structure = jax.tree_util.tree_flatten((args, kwargs))
    specs = {i: leaf for i, leaf in enumerate(leaves) if isinstance(leaf, Spec)}

    def pure(*tensors: Any) -> Any:
        full = list(leaves)
        for i, tensor in zip(specs, tensors, strict=True):
            full[i] = tensor
        args, kwargs = jax.tree_util.tree_unflatten(structure, full)
        with entered(Scope(active.scope), isolated=True):
            return Result.of(fn(*args, **kwargs))

    structs = [jax.ShapeDtypeStruct(spec.shape, np.dtype(_dtype(spec))) for spec in specs.values()]
    result = jax.eval_shape(pure, *structs).tree()
    return jax.tree_util.tree_map(_spec, result)


def _dtype(spec: Spec) -> Any:
    from_name = jax.numpy.dtype(spec.dtype)
    return jax.dtypes.canonicalize_dtype(from_name)


def _spec(leaf: Any) -> Any:
    return Spec(tuple(leaf.shape), str(leaf.dtype)) if isinstance(leaf, jax.ShapeDtypeStruct) else leaf


def host_call(fn: Function, xs: Any, shape: Any, dtype: Any) -> Any:
    if not any(isinstance(x, jax.core.Tracer) for x in xs):
        result = fn(*[convert_to_numpy(x) if isinstance(x, Array) else x for x in xs])
        return result if dtype == "string" else convert_to_tensor(result, dtype)
    if dtype == "string" or None in shape:
        raise ValueError(
            f"A compiled function needs numbers of a known shape from the host; got {dtype} of shape {tuple(shape)}."
        )
    kind = np.dtype(_dtype(Spec(tuple(shape), dtypes.standardize_dtype(dtype))))

    def call(*arrays: Any) -> Any:
        return np.asarray(fn(*map(np.asarray, arrays)), kind)

    return jax.pure_callback(call, jax.ShapeDtypeStruct(tuple(shape), kind), *xs, vmap_method="sequential")
