"""Functional forms of differentiation. The tape is in `tape`.

Reverse mode is autograd itself, several times faster than torch.func; inside vmap and the
other transforms of torch.func, where autograd cannot look, torch.func takes over.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import optree
import torch
from torch import Tensor
from torch.autograd import forward_ad

from triceras_backends.torch_backend import scopes
from triceras_backends.torch_backend.checkpointing import checkpoint as checkpoint
from triceras_backends.torch_backend.tape import Tape as Tape
from triceras_backends.torch_backend.tape import leaf_of, solid, total_of
from triceras_backends.torch_backend.tensors import INEXACT, NAMES, convert_to_tensor
from triceras_backends.variable import Variable


def stop_gradient(variable: Any) -> Tensor:
    return convert_to_tensor(variable).detach()


# -- trees -------------------------------------------------------------------------------


def _flatten(tree: Any) -> tuple[list[Any], Any]:
    return optree.tree_flatten(tree)


def _tensors(tree: Any) -> tuple[list[Tensor], Any]:
    """The leaves of a tree of arguments to differentiate by, and its structure."""
    leaves, structure = _flatten(tree)
    tensors = [convert_to_tensor(leaf) for leaf in leaves]
    for tensor in tensors:
        if tensor.dtype not in INEXACT:
            raise TypeError(f"Gradients are taken by floats; got an argument of dtype {NAMES[tensor.dtype]}.")
    return tensors, structure


def _detached(tree: Any) -> Any:
    return optree.tree_map(lambda x: x.detach() if isinstance(x, Tensor) else x, tree, none_is_leaf=True)


def _inputs(tensors: list[Tensor]) -> list[Tensor]:
    """Equal tensors to differentiate by. Views, because detaching would drop forward-mode tangents."""
    views = [x.view_as(x) for x in tensors]
    return [x if x.requires_grad else x.requires_grad_() for x in views]


@contextmanager
def _nested() -> Iterator[None]:
    """Within it, gradients are taken so that they can be differentiated again."""
    scopes.local.functional += 1
    try:
        with torch.enable_grad():
            yield
    finally:
        scopes.local.functional -= 1


# -- reverse mode ------------------------------------------------------------------------


def value_and_grad(fn: Callable[..., Any], argnums: Any = 0, has_aux: bool = False) -> Callable[..., Any]:
    positions = (argnums,) if isinstance(argnums, int) else tuple(argnums)

    @functools.wraps(fn)
    def call(*args: Any, **kwargs: Any) -> Any:
        if any(not -len(args) <= i < len(args) for i in positions):
            raise ValueError(f"argnums={argnums} does not fit {len(args)} positional arguments.")
        tensors, structure = _tensors(tuple(args[i] for i in positions))

        def on(*leaves: Tensor) -> tuple[Tensor, Any]:
            given = list(args)
            for i, tree in zip(positions, optree.tree_unflatten(structure, leaves), strict=True):
                given[i] = tree
            return _scalar(fn(*given, **kwargs), has_aux)

        value, aux, gradients = _value_and_grad(on, tensors)
        trees = optree.tree_unflatten(structure, gradients)
        return (value, aux) if has_aux else value, trees[0] if isinstance(argnums, int) else trees

    return call


def _scalar(result: Any, has_aux: bool) -> tuple[Tensor, Any]:
    value, aux = result if has_aux else (result, None)
    value = convert_to_tensor(value)
    if value.ndim or value.dtype not in INEXACT:
        raise ValueError(
            "The function to differentiate must return a scalar float; "
            f"got shape {tuple(value.shape)}, dtype {NAMES[value.dtype]}."
        )
    return value, aux


def _value_and_grad(fn: Callable[..., tuple[Tensor, Any]], tensors: list[Tensor]) -> tuple[Tensor, Any, list[Tensor]]:
    if scopes.in_transform():
        if not tensors:
            return *fn(), []
        kept: list[Any] = []

        def flat(*leaves: Tensor) -> tuple[Tensor, list[Tensor]]:
            value, aux = fn(*leaves)
            kept[:], structure = _flatten(aux)
            kept.append(structure)
            return value, [x for x in kept if isinstance(x, Tensor)]

        gradients, (value, found) = torch.func.grad_and_value(flat, tuple(range(len(tensors))), has_aux=True)(*tensors)
        parts, rest = iter(found), kept[:-1]
        aux = optree.tree_unflatten(kept[-1], [next(parts) if isinstance(x, Tensor) else x for x in rest])
        return value, aux, list(gradients)
    again = scopes.is_differentiated() or any(x.requires_grad for x in tensors)
    with _nested():
        inputs = _inputs(tensors)
        value, aux = fn(*inputs)
        gradients = _pulled([value], inputs, None, again, retain=again)
    return (value, aux, gradients) if again else (value.detach(), _detached(aux), gradients)


def _pulled(outputs: list[Tensor], inputs: list[Tensor], upstream: Any, again: bool, retain: bool) -> list[Tensor]:
    """Gradients by the inputs, zeros where unconnected."""
    connected = [i for i, x in enumerate(outputs) if x.requires_grad]
    if not connected or not inputs:
        return [torch.zeros_like(x) for x in inputs]
    outputs = [outputs[i] for i in connected]
    upstream = None if upstream is None else [upstream[i] for i in connected]
    found = torch.autograd.grad(
        outputs, inputs, upstream, retain_graph=retain, create_graph=again, allow_unused=True, materialize_grads=True
    )
    return [solid(x) for x in found]


def vjp(fn: Callable[..., Any], *primals: Any) -> tuple[Any, Callable[..., Any]]:
    tensors, structure = _tensors(primals)
    kept: list[Any] = []

    def flat(*leaves: Tensor) -> tuple[Tensor, ...]:
        outputs, out_structure = _flatten(fn(*optree.tree_unflatten(structure, leaves)))
        kept[:] = [out_structure]
        return tuple(convert_to_tensor(x) for x in outputs)

    pull: Callable[..., Any]
    if scopes.in_transform():
        outputs, pull = torch.func.vjp(flat, *tensors)
    else:
        outputs, pull = _vjp(flat, tensors)

    def pullback(cotangents: Any) -> Any:
        leaves = [convert_to_tensor(x) for x in _flatten(cotangents)[0]]
        if [x.shape for x in leaves] != [x.shape for x in outputs]:
            raise ValueError("vjp: the cotangents do not have the structure and shapes of the outputs.")
        return optree.tree_unflatten(structure, pull(tuple(leaves)))

    return optree.tree_unflatten(kept[0], outputs), pullback


def _vjp(flat: Callable[..., tuple[Tensor, ...]], tensors: list[Tensor]) -> tuple[tuple[Tensor, ...], Any]:
    again = scopes.is_differentiated() or any(x.requires_grad for x in tensors)
    with _nested():
        inputs = _inputs(tensors)
        outputs = flat(*inputs)

    def pull(upstream: tuple[Tensor, ...]) -> list[Tensor]:
        more = again or scopes.is_differentiated() or any(x.requires_grad for x in upstream)
        cast = [u.to(x.dtype) for u, x in zip(upstream, outputs, strict=True)]
        return _pulled(list(outputs), inputs, cast, more, retain=True)

    return outputs if again else tuple(x.detach() for x in outputs), pull


class _Leaves:
    """Stands among the tapes for one plain gradient: hands out the chosen Variables as leaves, and does no more."""

    __slots__ = ("_shared", "places")

    _persistent = False

    def __init__(self, variables: list[Any]) -> None:
        # By Variable: each value it was read at, followed by the leaf that was given for it.
        self.places: dict[int, list[Tensor]] = {id(variable): [] for variable in variables}

    def read(self, variable: Any, value: Tensor) -> Tensor:
        places = self.places.get(id(variable))
        if places is None:
            return value
        if places and places[-2] is value:
            return places[-1]
        if not torch.is_grad_enabled() or value.dtype not in INEXACT:
            return value
        leaf = leaf_of(value, 0)[0] if scopes.in_transform() else value.detach().requires_grad_()
        places += (value, leaf)
        return leaf


# What `torch.autograd.grad` calls; its own checks cost as much as the derivative of a small layer.
_run_backward = torch.autograd.Variable._execution_engine.run_backward


def variables_value_and_grad(
    fn: Callable[..., Any], variables: list[Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[Any, list[Tensor | None]]:
    local = scopes.local
    if local.tapes or local.scope is not None or local.functional or scopes.in_transform():
        return _taped_value_and_grad(fn, variables, args, kwargs)
    leaves = _Leaves(variables)
    before = local.grad_mode = torch.is_grad_enabled()
    torch._C._set_grad_enabled(True)
    local.tapes.append(leaves)
    scopes.count(1)
    try:
        result = fn(*args, **kwargs)
    finally:
        scopes.count(-1)
        local.tapes.remove(leaves)
        torch._C._set_grad_enabled(before)
    target = result[0] if isinstance(result, (tuple, list)) else result
    return _detached(result), _backward(target, list(leaves.places.values()))


def _backward(target: Any, places: list[list[Tensor]]) -> list[Tensor | None]:
    """d target / d each Variable, read at every second of its places."""
    leaves = [leaf for several in places for leaf in several[1::2]]
    if not leaves or not isinstance(target, Tensor) or not target.requires_grad:
        return [None] * len(places)
    one = torch.ones_like(target)
    found = iter(_run_backward((target,), (one,), False, False, tuple(leaves), True, False))
    return [total_of([next(found) for _ in several[1::2]], []) if several else None for several in places]


def _taped_value_and_grad(
    fn: Callable[..., Any], variables: list[Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[Any, list[Tensor | None]]:
    """Where others differentiate or trace too."""
    tape = Tape(persistent=False, watch_accessed_variables=False)
    for variable in variables:
        tape.watch(variable)
    tape.start()
    try:
        result = fn(*args, **kwargs)
    except BaseException:
        tape.release()
        raise
    tape.stop()
    gradients = tape.gradient([_flatten(result)[0][0]], list(variables), [None])
    tape.release()
    return result if scopes.is_differentiated() else _detached(result), gradients


# -- forward mode ------------------------------------------------------------------------


def jvp(fn: Callable[..., Any], primals: tuple[Any, ...], tangents: tuple[Any, ...]) -> tuple[Any, Any]:
    points, structure = _tensors(tuple(primals))
    directions = [convert_to_tensor(x) for x in _flatten(tuple(tangents))[0]]
    if [x.shape for x in points] != [x.shape for x in directions]:
        raise ValueError("jvp: the tangents do not have the structure and shapes of the primals.")
    directions = [t.to(x.dtype) for t, x in zip(directions, points, strict=True)]
    kept: list[Any] = []

    def flat(*leaves: Tensor) -> tuple[Tensor, ...]:
        outputs, out_structure = _flatten(fn(*optree.tree_unflatten(structure, leaves)))
        kept[:] = [out_structure]
        return tuple(convert_to_tensor(x) for x in outputs)

    if scopes.in_transform():
        outputs, slopes = torch.func.jvp(flat, tuple(points), tuple(directions))
    elif forward_ad._current_level >= 0:
        outputs, slopes = _jvp_by_vjp(flat, points, directions)
    else:
        outputs, slopes = _dual(flat, points, directions)
    return optree.tree_unflatten(kept[0], outputs), optree.tree_unflatten(kept[0], slopes)


def _dual(flat: Callable[..., Any], points: list[Tensor], directions: list[Tensor]) -> tuple[Any, Any]:
    with forward_ad.dual_level():
        results = flat(*(forward_ad.make_dual(x, t) for x, t in zip(points, directions, strict=True)))
        pairs = [forward_ad.unpack_dual(x) for x in results]
        slopes = [torch.zeros_like(p.primal) if p.tangent is None else p.tangent for p in pairs]
        values = [p.primal for p in pairs]
    if scopes.is_differentiated() or any(x.requires_grad for x in (*points, *directions)):
        return values, slopes
    return [x.detach() for x in values], [x.detach() for x in slopes]


def _jvp_by_vjp(flat: Callable[..., Any], points: list[Tensor], directions: list[Tensor]) -> tuple[Any, Any]:
    """Inside another forward pass, which PyTorch does not nest: the pullback is linear, so its own
    derivative by the cotangents, pulled back along the directions, is the derivative forward."""
    with _nested():
        inputs = _inputs(points)
        outputs = flat(*inputs)
        probes = [torch.zeros_like(x).requires_grad_() for x in outputs]
        pulled = _pulled(list(outputs), inputs, probes, again=True, retain=True)
        slopes = _pulled(pulled, probes, directions, again=True, retain=True)
    return outputs, slopes


def vmap(fn: Callable[..., Any], in_axes: Any = 0, out_axes: Any = 0) -> Callable[..., Any]:
    in_axes = tuple(in_axes) if isinstance(in_axes, list) else in_axes

    @functools.wraps(fn)
    def call(*args: Any, **kwargs: Any) -> Any:
        axes = in_axes if isinstance(in_axes, tuple) else (in_axes,) * len(args)
        if len(axes) != len(args):
            raise ValueError(f"vmap: in_axes has {len(axes)} entries for {len(args)} arguments.")
        mapped = tuple(arg if axis is None else _as_tensors(arg) for arg, axis in zip(args, axes, strict=True))
        kept: list[Any] = []

        def flat(*parts: Any) -> tuple[Tensor, ...]:
            outputs, structure = _flatten(fn(*parts, **kwargs))
            kept[:] = [structure]
            return tuple(convert_to_tensor(x) for x in outputs)

        outputs = torch.func.vmap(flat, axes, 0, randomness="different")(*mapped)
        result = optree.tree_unflatten(kept[0], outputs)
        if isinstance(out_axes, int):
            return result if out_axes == 0 else optree.tree_map(lambda x: x.movedim(0, out_axes), result)
        wanted = optree.broadcast_prefix(out_axes, result)
        return optree.tree_unflatten(kept[0], [x.movedim(0, a) for x, a in zip(outputs, wanted, strict=True)])

    return call


def _as_tensors(tree: Any) -> Any:
    return optree.tree_map(lambda x: convert_to_tensor(x) if not isinstance(x, Tensor) else x, tree)


# -- custom gradients --------------------------------------------------------------------


class _Rule:
    """A function with its own derivative, applied to arguments whose tensors are taken out."""

    def __init__(self, f: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        self.f, self.kwargs = f, kwargs
        self.leaves, self.structure = _flatten(args)
        self.leaves = [x.value if isinstance(x, Variable) else x for x in self.leaves]
        self.places = [i for i, x in enumerate(self.leaves) if isinstance(x, Tensor)]
        self.out_structure: Any = None

    @property
    def tensors(self) -> list[Tensor]:
        return [self.leaves[i] for i in self.places]

    def run(self, *tensors: Tensor) -> tuple[list[Tensor], Callable[..., Any]]:
        leaves = list(self.leaves)
        for i, tensor in zip(self.places, tensors, strict=True):
            leaves[i] = tensor
        outputs, grad_fn = self.f(*optree.tree_unflatten(self.structure, leaves), **self.kwargs)
        flat, self.out_structure = _flatten(outputs)
        return [convert_to_tensor(x) for x in flat], grad_fn

    def pull(self, grad_fn: Callable[..., Any], upstream: Any) -> list[Any]:
        found = grad_fn(*upstream)
        found = list(found) if isinstance(found, (tuple, list)) else [found]
        if len(found) != len(self.places):
            raise ValueError(
                f"custom_gradient: the gradient function must return {len(self.places)} gradients, "
                f"one a tensor argument; it returned {len(found)}."
            )
        return [
            convert_to_tensor(g).to(x.dtype) if g is not None and x.dtype in INEXACT else None
            for g, x in zip(found, self.tensors, strict=True)
        ]


class _Replaced(torch.autograd.Function):
    """Passes outputs on, whose derivative by the inputs is the rule's. The outputs were computed
    outside, so that what grad_fn keeps of that computation can be differentiated again."""

    @staticmethod
    def forward(ctx: Any, rule: _Rule, grad_fn: Any, *tensors: Tensor) -> tuple[Tensor, ...]:
        ctx.rule, ctx.grad_fn, ctx.count = rule, grad_fn, len(tensors)
        return tuple(x.view_as(x) for x in tensors[len(rule.places) :])

    @staticmethod
    def backward(ctx: Any, *upstream: Tensor) -> Any:
        gradients = ctx.rule.pull(ctx.grad_fn, upstream)
        return None, None, *gradients, *(None,) * (ctx.count - len(gradients))


class _Recomputed(torch.autograd.Function):
    """The same for torch.func, which lets nothing but saved tensors through: f runs again backwards."""

    generate_vmap_rule = True

    @staticmethod
    def forward(rule: _Rule, *tensors: Tensor) -> tuple[Tensor, ...]:
        return tuple(x.view_as(x) for x in rule.run(*tensors)[0])

    @staticmethod
    def setup_context(ctx: Any, inputs: Any, output: Any) -> None:
        ctx.rule = inputs[0]
        ctx.save_for_backward(*inputs[1:])
        ctx.save_for_forward(*inputs[1:])

    @staticmethod
    def backward(ctx: Any, *upstream: Tensor) -> Any:
        with torch.enable_grad():
            _, grad_fn = ctx.rule.run(*ctx.saved_tensors)
            return None, *ctx.rule.pull(grad_fn, upstream)

    @staticmethod
    def jvp(ctx: Any, _: Any, *tangents: Any) -> Any:
        return tuple(_slopes(ctx.rule, ctx.saved_tensors, tangents)[1])


def _slopes(rule: _Rule, points: Any, tangents: Any) -> tuple[list[Tensor], list[Tensor]]:
    """Outputs and their derivatives along the tangents, from grad_fn, which is linear, by its own pullback."""
    outputs, grad_fn = rule.run(*points)
    moving = [i for i, t in enumerate(tangents) if t is not None and rule.tensors[i].dtype in INEXACT]

    def pull(*upstream: Tensor) -> tuple[Tensor, ...]:
        found = rule.pull(grad_fn, upstream)
        return tuple(torch.zeros_like(points[i]) if found[i] is None else found[i] for i in moving)

    _, transpose = vjp(pull, *(torch.zeros_like(x) for x in outputs))
    return outputs, list(transpose(tuple(tangents[i] for i in moving)))


def custom_gradient(f: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(f)
    def call(*args: Any, **kwargs: Any) -> Any:
        rule = _Rule(f, args, kwargs)
        tensors = rule.tensors
        if scopes.in_transform():
            results = _Recomputed.apply(rule, *tensors)
        elif forward_ad._current_level >= 0 and any(forward_ad.unpack_dual(x).tangent is not None for x in tensors):
            results = _duals(rule, tensors)
        else:
            outputs, grad_fn = rule.run(*tensors)
            if not any(x.requires_grad for x in tensors):
                results = outputs
            else:
                results = _Replaced.apply(rule, grad_fn, *tensors, *(x.detach() for x in outputs))
        return optree.tree_unflatten(rule.out_structure, results)

    return call


def _duals(rule: _Rule, tensors: list[Tensor]) -> list[Tensor]:
    pairs = [forward_ad.unpack_dual(x) for x in tensors]
    outputs, slopes = _slopes(rule, [p.primal for p in pairs], [p.tangent for p in pairs])
    return [forward_ad.make_dual(x.detach(), slope) for x, slope in zip(outputs, slopes, strict=True)]
