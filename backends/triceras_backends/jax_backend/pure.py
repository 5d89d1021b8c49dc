"""Pure functions of arrays with the derivatives a tape asks of them, compiled once each."""

from __future__ import annotations

import functools
from collections.abc import Callable, Hashable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.extend.core import ClosedJaxpr, jaxpr_as_fun

# Recomputing these to differentiate them would cost too much: their residuals are kept.
_HEAVY = frozenset({
    "scan", "while", "cond", "custom_vjp_call", "custom_linear_solve", "cholesky", "lu", "lu_pivots_to_permutation",
    "qr", "geqrf", "householder_product", "eigh", "eig", "svd", "schur", "hessenberg", "tridiagonal",
    "triangular_solve", "tridiagonal_solve", "shard_map", "pallas_call", "sort", "top_k", "cumprod", "cumlogsumexp",
    "reduce_window",
})  # fmt: skip
# A traced function with one of these and more than a few equations is also worth keeping.
_COSTLY = frozenset({"dot_general", "conv_general_dilated"})
_FEW = 8


@functools.lru_cache(maxsize=256)
def _dtype_is_inexact(dtype: Any) -> bool:
    return bool(jnp.issubdtype(dtype, jnp.inexact))


def is_inexact(x: Any) -> bool:
    """Whether x has derivatives: a float or complex array."""
    return _dtype_is_inexact(x.dtype)


def zero_cotangent(shape: tuple[int, ...], dtype: Any) -> Any:
    """Zeros of the type JAX expects as the cotangent of such an output."""
    if _dtype_is_inexact(dtype):
        return jnp.zeros(shape, dtype)
    return np.zeros(shape, jax.dtypes.float0)


def linearize(call: Callable[..., Any], args: Sequence[Any], which: Sequence[int]) -> tuple[list[Any], Any]:
    """The outputs of call(*args), and the pullback to the arguments at `which`.

    The pullback takes a list with a cotangent, or None, for each output.
    """

    def of_some(*some: Any) -> Any:
        full = list(args)
        for i, x in zip(which, some, strict=True):
            full[i] = x
        return list(call(*full))

    outs, pull = jax.vjp(of_some, *[args[i] for i in which])
    return outs, functools.partial(_pull, pull, [(out.shape, out.dtype) for out in outs])


def _pull(pull: Any, types: list[Any], cotangents: Sequence[Any]) -> Any:
    cotangents = [*cotangents, *[None] * (len(types) - len(cotangents))]
    return pull([zero_cotangent(*t) if ct is None else ct for t, ct in zip(types, cotangents, strict=True)])


class Pure:
    """A pure function from arrays to a list of arrays.

    `heavy` says that its residuals should be kept rather than recomputed.
    """

    __slots__ = ("_derived", "_forwards", "_pulls", "call", "heavy")

    def __init__(self, call: Callable[..., Any], heavy: bool) -> None:
        self.call = call
        self.heavy = heavy
        self._pulls: dict[tuple[int, ...], Any] = {}
        self._forwards: dict[tuple[int, ...], Any] = {}
        self._derived: dict[Any, Pure] = {}

    def derived(self, which: tuple[int, ...], count: int, given: tuple[int, ...]) -> Pure:
        """The pullback as a pure function of `count` arguments and the cotangents of the outputs at `given`."""
        found = self._derived.get((which, given))
        if found is None:
            pullback = self.pullback(which)

            def call(*inputs: Any) -> Any:
                cotangents: list[Any] = [None] * (max(given) + 1)
                for i, ct in zip(given, inputs[count:], strict=True):
                    cotangents[i] = ct
                return pullback(list(inputs[:count]), cotangents)

            found = self._derived[which, given] = Pure(call, heavy=False)
        return found

    def pullback(self, which: tuple[int, ...]) -> Callable[..., Any]:
        """A compiled function of (arguments, cotangents): the cotangents of the arguments at `which`."""
        compiled = self._pulls.get(which)
        if compiled is None:

            def backward(args: Any, cotangents: Any) -> Any:
                return linearize(self.call, args, which)[1](cotangents)

            compiled = self._pulls[which] = jax.jit(backward, inline=True)
        return compiled

    def forward(self, which: tuple[int, ...]) -> Callable[..., Any]:
        """A compiled function of the arguments: the outputs, and residuals for `resume`."""
        compiled = self._forwards.get(which)
        if compiled is None:

            def forward(*args: Any) -> Any:
                outs, pull = linearize(self.call, args, which)
                return outs, Residuals.of(pull, args)

            compiled = self._forwards[which] = jax.jit(forward)
        return compiled


@jax.tree_util.register_pytree_node_class
class Residuals:
    """What a pullback needs, less what it shares with the arguments: an array kept once."""

    def __init__(self, kept: Any, static: Any) -> None:
        self.kept = kept
        self.static = static

    @classmethod
    def of(cls, pull: Any, args: Sequence[Any]) -> Residuals:
        vjp, types = pull.args
        leaves, tree = jax.tree_util.tree_flatten(vjp)
        position = {id(arg): i for i, arg in enumerate(args)}
        shared = tuple(position.get(id(leaf)) for leaf in leaves)
        kept = [leaf for leaf, i in zip(leaves, shared, strict=True) if i is None]
        return cls(kept, (tree, shared, tuple(types)))

    def tree_flatten(self) -> Any:
        return (self.kept,), self.static

    @classmethod
    def tree_unflatten(cls, static: Any, children: Any) -> Residuals:
        return cls(children[0], static)

    def restore(self, args: Sequence[Any]) -> Any:
        tree, shared, types = self.static
        kept = iter(self.kept)
        leaves = [next(kept) if i is None else args[i] for i in shared]
        return functools.partial(_pull, jax.tree_util.tree_unflatten(tree, leaves), types)


@jax.jit
def resume(residuals: Residuals, args: Any, cotangents: Any) -> Any:
    """The pullback of a function whose `forward` gave these residuals for these arguments."""
    return residuals.restore(args)(cotangents)


# -- primitives --------------------------------------------------------------------------


def _count(jaxpr: Any) -> tuple[bool, bool, int]:
    """Whether a traced function holds a heavy primitive, or a costly one, and its equations."""
    heavy = costly = False
    number = 0
    for equation in jaxpr.eqns:
        number += 1
        heavy = heavy or equation.primitive.name in _HEAVY
        costly = costly or equation.primitive.name in _COSTLY
        for inner in _jaxprs(equation.params):
            inner_heavy, inner_costly, inner_number = _count(inner)
            heavy, costly, number = heavy or inner_heavy, costly or inner_costly, number + inner_number
    return heavy, costly, number


def _jaxprs(params: dict[str, Any]) -> list[Any]:
    found = []
    for value in params.values():
        for item in value if isinstance(value, (tuple, list)) else (value,):
            inner = getattr(item, "jaxpr", item)
            if hasattr(inner, "eqns"):
                found.append(inner)
    return found


def _is_heavy(primitive: Any, params: dict[str, Any]) -> bool:
    if primitive.name in _HEAVY:
        return True
    for jaxpr in _jaxprs(params):
        heavy, costly, number = _count(jaxpr)
        if heavy or (costly and number > _FEW):
            return True
    return False


def _bind(primitive: Any, names: tuple[str, ...], values: tuple[Any, ...]) -> Callable[..., Any]:
    params = dict(zip(names, values, strict=True))

    def call(*args: Any) -> Any:
        out = primitive.bind(*args, **params)
        return out if primitive.multiple_results else [out]

    return call


@functools.lru_cache(maxsize=4096)
def _known_primitive(primitive: Any, names: tuple[str, ...], values: tuple[Any, ...]) -> Pure:
    heavy = _is_heavy(primitive, dict(zip(names, values, strict=True)))
    return Pure(_bind(primitive, names, values), heavy)


def of_primitive(primitive: Any, params: dict[str, Any]) -> Pure | None:
    """A primitive as a pure function, the same one for the same parameters; None if they do not hash."""
    try:
        return _known_primitive(primitive, tuple(params), tuple(params.values()))
    except TypeError:
        return None


def uncached(primitive: Any, params: dict[str, Any]) -> Callable[..., Any]:
    """The same, where the parameters do not hash: a plain function."""
    return _bind(primitive, tuple(params), tuple(params.values()))


@functools.lru_cache(maxsize=1024)
def _opened(jaxpr: Any, constants: int) -> Pure:
    def call(*args: Any) -> Any:
        return jaxpr_as_fun(ClosedJaxpr(jaxpr, list(args[:constants])))(*args[constants:])

    heavy, costly, number = _count(jaxpr)
    return Pure(call, heavy or (costly and number > _FEW))


def of_opened(closed: Any) -> Pure:
    """A traced function whose constants come first among its arguments."""
    return _opened(closed.jaxpr, len(closed.consts))


_traced: dict[Hashable, Pure] = {}


def of_library(call: Callable[..., Any], key: Hashable, args: Sequence[Any]) -> tuple[Pure, bool]:
    """A function of JAX's own library, traced at its first use with such arguments; whether it was before.

    (What is traced keeps its custom derivative, and can be differentiated again and again.)
    """
    key = (
        key,
        tuple((x.shape, x.dtype, getattr(x, "weak_type", False)) if hasattr(x, "dtype") else type(x) for x in args),
    )
    pure = _traced.get(key)
    if pure is not None:
        return pure, True
    closed = jax.make_jaxpr(call)(*args)
    heavy, costly, number = _count(closed.jaxpr)
    pure = _traced[key] = Pure(jaxpr_as_fun(closed), heavy or (costly and number > _FEW))
    return pure, False


@functools.lru_cache(maxsize=4096)
def of_jitted(run: Callable[..., Any], count: int, statics: tuple[tuple[int, type, Any], ...]) -> Pure:
    """A jitted function of `count` arguments, those in `statics` (positions, types and values) fixed, its results flat.

    It counts as heavy until `weigh` has seen what it does.
    """
    fixed = {position: value for position, _, value in statics}

    def call(*args: Any) -> Any:
        rest = iter(args)
        return jax.tree_util.tree_leaves(run(*[fixed[i] if i in fixed else next(rest) for i in range(count)]))

    return Pure(call, heavy=None)  # type: ignore[arg-type]


def weigh(function: Pure, args: Sequence[Any]) -> bool:
    """Whether a function is heavy, found out by tracing it if need be."""
    if function.heavy is None:
        heavy, costly, number = _count(jax.make_jaxpr(function.call)(*args).jaxpr)
        function.heavy = heavy or (costly and number > _FEW)
    return function.heavy


def _identity(x: Any) -> Any:
    return [lax.mul(x, lax.full_like(x, 1))]


IDENTITY = Pure(_identity, heavy=False)
