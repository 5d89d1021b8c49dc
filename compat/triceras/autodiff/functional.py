"""The functional forms of gradients, and `jit`."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import optree

from triceras.autodiff.tape import GradientTape, is_leaf
from triceras_backends import dtypes
from triceras_backends.active import backend as B
from triceras_backends.variable import Variable


def _require_function(fn: Any, name: str) -> None:
    if not callable(fn):
        raise TypeError(f"{name} takes a function; got {fn!r} of type {type(fn).__name__}.")


def _require_scalar(value: Any) -> None:
    if not is_leaf(value):
        raise TypeError(f"The function must return a scalar tensor; got {value!r} of type {type(value).__name__}.")
    dtype, shape = B.dtype_of(value), tuple(B.static_shape(value))
    if shape or not dtypes.is_float(dtype):
        raise TypeError(f"The function must return a floating scalar; got a tensor of shape {shape}, dtype {dtype}.")


def _positions(argnums: Any, count: int) -> int | tuple[int, ...]:
    wanted = (argnums,) if isinstance(argnums, int) else tuple(argnums)
    for n in wanted:
        if isinstance(n, bool) or not isinstance(n, int) or not -count <= n < count:
            raise ValueError(f"argnums={argnums!r} does not fit a call with {count} positional arguments.")
    found = tuple(n % count for n in wanted)
    return found[0] if isinstance(argnums, int) else found


def value_and_grad(
    fn: Callable[..., Any], argnums: int | tuple[int, ...] = 0, has_aux: bool = False, variables: Any = None
) -> Callable[..., Any]:
    """A function of the same arguments that gives fn's value and its gradients.

    Args:
        fn: returns a floating scalar, or with `has_aux` (scalar, aux).
        argnums: which positional arguments to differentiate by; each a tensor or any nested
            structure of them. An int gives one gradient, a tuple a tuple of them, in the
            structure of their arguments, with zeros where fn does not depend on a leaf.
        has_aux: the result is ((value, aux), gradients).
        variables: a nested structure of Variables to differentiate by, instead of arguments.
            The gradients have its structure; None where fn does not read a Variable.

    Raises TypeError: fn is no function, or returns something else. ValueError: argnums out of range.
    """
    _require_function(fn, "value_and_grad")

    @functools.wraps(fn, updated=())
    def checked(*args: Any, **kwargs: Any) -> Any:
        result = fn(*args, **kwargs)
        if has_aux and not (isinstance(result, tuple) and len(result) == 2):
            raise TypeError(f"With has_aux the function must return a pair (value, aux); got: {result!r}")
        _require_scalar(result[0] if has_aux else result)
        return result

    if variables is not None:
        return _by_variables(checked, variables)

    @functools.wraps(fn, updated=())
    def call(*args: Any, **kwargs: Any) -> Any:
        positions = _positions(argnums, len(args))
        chosen = (positions,) if isinstance(positions, int) else positions
        args = tuple(_tensors(x) if n in chosen else x for n, x in enumerate(args))
        return B.value_and_grad(checked, argnums=positions, has_aux=has_aux)(*args, **kwargs)

    return call


def _by_variables(checked: Callable[..., Any], variables: Any) -> Callable[..., Any]:
    leaves, tree = optree.tree_flatten(variables, none_is_leaf=True)
    for leaf in leaves:
        if not isinstance(leaf, Variable):
            raise TypeError(f"`variables` holds Variables only; got {leaf!r} of type {type(leaf).__name__}.")

    @functools.wraps(checked, updated=())
    def call(*args: Any, **kwargs: Any) -> Any:
        result, gradients = B.variables_value_and_grad(checked, leaves, args, kwargs)
        return result, optree.tree_unflatten(tree, gradients)

    return call


def grad(
    fn: Callable[..., Any], argnums: int | tuple[int, ...] = 0, has_aux: bool = False, variables: Any = None
) -> Callable[..., Any]:
    """As `value_and_grad`, without the value: the gradients, or with `has_aux` (gradients, aux)."""
    both = value_and_grad(fn, argnums=argnums, has_aux=has_aux, variables=variables)

    @functools.wraps(fn, updated=())
    def call(*args: Any, **kwargs: Any) -> Any:
        result, gradients = both(*args, **kwargs)
        return (gradients, result[1]) if has_aux else gradients

    return call


def _tensors(tree: Any) -> Any:
    """`tree` with every leaf a floating tensor: what can be differentiated by."""
    if B.is_tensor(tree):
        return _floating(tree)
    return optree.tree_map(lambda x: _floating(B.convert_to_tensor(x)), tree, none_is_leaf=True)


def _floating(x: Any) -> Any:
    dtype = B.dtype_of(x)
    if not dtypes.is_differentiable(dtype):
        raise TypeError(f"Only floating tensors can be differentiated by; got one of dtype {dtype}. Cast it first.")
    return x


def _fresh(x: Any) -> Any:
    """A tensor equal to x that nothing else holds: a tape knows tensors by identity, and one
    tensor may be passed for two arguments.
    """
    return B.multiply(x, 1)


def jacobian(fn: Callable[..., Any], argnums: int | tuple[int, ...] = 0) -> Callable[..., Any]:
    """A function of the same arguments that gives all first derivatives of fn's result.

    For a tensor result and an int `argnums`, a tensor of shape result.shape + argument.shape.
    Where fn returns a nested structure, each of its leaves is replaced by that; where an
    argument is one, or argnums a tuple, the derivatives stand in its structure.
    Raises TypeError: fn is no function, or its result or an argument is not floating.
    """
    _require_function(fn, "jacobian")

    @functools.wraps(fn, updated=())
    def call(*args: Any, **kwargs: Any) -> Any:
        positions = _positions(argnums, len(args))
        chosen = (positions,) if isinstance(positions, int) else positions
        fresh = {n: optree.tree_map(_fresh, _tensors(args[n])) for n in chosen}
        sources = fresh[positions] if isinstance(positions, int) else tuple(fresh[n] for n in positions)
        with GradientTape(persistent=True, watch_accessed_variables=False) as tape:
            tape.watch(sources)
            result = fn(*(fresh.get(n, x) for n, x in enumerate(args)), **kwargs)
        return optree.tree_map(
            lambda leaf: tape.jacobian(leaf, sources, unconnected_gradients="zero"), result, none_is_leaf=True
        )

    return call


def hessian(fn: Callable[..., Any], argnums: int | tuple[int, ...] = 0) -> Callable[..., Any]:
    """A function of the same arguments that gives all second derivatives of a scalar fn.

    Of shape argument.shape * 2; a tuple of tuples of them where `argnums` is a tuple.
    """
    return jacobian(grad(fn, argnums=argnums), argnums=argnums)


def jvp(fn: Callable[..., Any], primals: Any, tangents: Any) -> tuple[Any, Any]:
    """fn(*primals) and its derivative along `tangents` (forward mode); Variables count as constants.

    primals and tangents: tuples or lists of one length, with equal structures.
    Raises TypeError: they are neither. ValueError: structures or shapes that differ.
    """
    _require_function(fn, "jvp")
    _require_alike("jvp", "tangents", primals, tangents)
    return B.jvp(fn, _tensors(tuple(primals)), _tensors(tuple(tangents)))


def vjp(fn: Callable[..., Any], *primals: Any) -> tuple[Any, Callable[..., Any]]:
    """fn(*primals) and the pullback: a function from cotangents, in the structure of the
    result, to a tuple of those of the primals.
    """
    _require_function(fn, "vjp")
    return B.vjp(fn, *_tensors(primals))


def hvp(fn: Callable[..., Any], primals: Any, vectors: Any) -> Any:
    """The Hessian of a scalar fn at `primals` times `vectors`, without building the Hessian.

    primals and vectors: tuples or lists of arguments, which give a tuple; or for a function
    of one argument the two tensors themselves, which give a tensor.
    """
    _require_function(fn, "hvp")
    if not isinstance(primals, (tuple, list)):
        return hvp(fn, (primals,), (vectors,))[0]
    _require_alike("hvp", "vectors", primals, vectors)
    _, pullback = B.vjp(grad(fn, argnums=tuple(range(len(primals)))), *_tensors(tuple(primals)))
    # The Hessian is symmetric, so that pulling back is multiplying.
    return pullback(_tensors(tuple(vectors)))


def _require_alike(caller: str, name: str, primals: Any, others: Any) -> None:
    if not isinstance(primals, (tuple, list)) or not isinstance(others, (tuple, list)):
        kinds = f"{type(primals).__name__} and {type(others).__name__}"
        raise TypeError(f"{caller} takes primals and {name} as tuples or lists; got {kinds}.")
    first, second = (optree.tree_flatten(tuple(x), none_is_leaf=True) for x in (primals, others))
    if first[1] != second[1]:
        raise ValueError(f"{caller}: primals and {name} differ in structure: {first[1]} and {second[1]}.")
    for a, b in zip(first[0], second[0], strict=True):
        shapes = [tuple(B.static_shape(B.convert_to_tensor(x))) for x in (a, b)]
        if shapes[0] != shapes[1]:
            raise ValueError(f"{caller}: shapes {shapes[0]} in primals and {shapes[1]} in {name} differ.")


def vmap(fn: Callable[..., Any], in_axes: Any = 0, out_axes: Any = 0) -> Callable[..., Any]:
    """fn mapped over an axis of its arguments, all slices computed at once.

    in_axes: the axis of each argument (an int for all; None: passed whole to every slice).
    out_axes: where the mapped axis stands in the results.
    """
    _require_function(fn, "vmap")
    return B.vmap(fn, in_axes=in_axes, out_axes=out_axes)


def custom_gradient(f: Callable[..., Any]) -> Callable[..., Any]:
    """Gives a function a derivative of its own. A decorator.

    ```python
    @triceras.custom_gradient
    def log1pexp(x):
        e = triceras.ops.exp(x)
        def grad(upstream):
            return upstream * (1 - 1 / (1 + e))
        return triceras.ops.log(1 + e), grad
    ```

    f returns its result and a function that takes one upstream gradient for each output and
    returns one gradient for each tensor argument (a single one bare). It is itself
    differentiable where that function is.
    """
    _require_function(f, "custom_gradient")
    inner = B.custom_gradient(f)

    @functools.wraps(f, updated=())
    def call(*args: Any, **kwargs: Any) -> Any:
        return inner(*args, **kwargs)

    return call


def stop_gradient(variable: Any) -> Any:
    """The same values as constants: no gradient flows back. Takes nested structures too."""
    if B.is_tensor(variable):
        return B.stop_gradient(variable)
    return optree.tree_map(lambda x: B.stop_gradient(B.convert_to_tensor(x)), variable)


def jit(
    fn: Callable[..., Any] | None = None, *, variables: Any = None, jit_compile: bool | None = None
) -> Callable[..., Any]:
    """Compiles a function that reads and assigns Variables, wherever they live. Also `@jit(...)`.

    Tensors, arrays and Python floats are traced by shape and dtype, other arguments anew for
    each value. Assignments take effect when the call returns. `traces`, an attribute of the
    result, counts how often the function was traced.

    Args:
        variables: Variables that fn is known to use, which spares it looking for them.
        jit_compile: None, the backend's best default; True, its compiler (torch.compile,
            XLA); False, no compilation.

    Raises TypeError: an argument that is neither traced nor hashable.
    """
    if fn is None:
        return functools.partial(jit, variables=variables, jit_compile=jit_compile)
    _require_function(fn, "jit")
    return B.jit(fn, variables=variables, jit_compile=jit_compile)
