"""The tape: PyTorch's autograd graph, with the bounds of what each tape recorded.

Nothing requires gradients outside a tape. A recording tape hands out Variables as leaves of
its own, and turns `requires_grad` on for the tensors it is told to watch, so that autograd
builds one graph for all tapes. What belongs to which tape is read off that graph: every node
carries a number, counted up as operations run, and a tape knows at which numbers it began
and stopped. Only where tapes share tensors does a gradient need to walk the graph, to cut off
what was computed before its tape watched; a lone tape costs what autograd costs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from math import inf, prod
from typing import Any, TypeAlias

import torch
from torch import Tensor
from torch._C import _functorch as functorch
from torch._C._autograd import _get_sequence_nr as position
from torch._functorch.eager_transforms import enable_inplace_requires_grad
from torch._functorch.pyfunctorch import temporarily_clear_interpreter_stack
from torch.autograd.graph import GradientEdge, get_gradient_edge

from triceras_backends.torch_backend import scopes
from triceras_backends.torch_backend.tensors import INEXACT
from triceras_backends.torch_backend.variables import Variable

# Constants whose requires_grad tapes have turned on, by id: the tensor, and how many tapes hold it so.
_required: dict[int, list[Any]] = {}

_NOTHING: AbstractContextManager[Any] = nullcontext()

# Under which a leaf's node in the graph notes when a tape first watched it.
_WATCHED_AT = "triceras: watched at"

_CUDA = torch.cuda.is_available()

# One level of vmap that a tensor is mapped over: its number and the axis it hides.
Layout: TypeAlias = "list[tuple[int, int]]"


def _require(x: Tensor) -> bool:
    """Turns requires_grad on; whether it already was, so that others may have computed with x."""
    held = _required.get(id(x))
    if held is not None:
        held[1] += 1
        return True
    if x.requires_grad:
        return True
    _set_requires_grad(x, True)
    _required[id(x)] = [x, 1]
    return False


def _set_requires_grad(x: Tensor, value: bool) -> None:
    if not scopes.in_transform():
        x.requires_grad_(value)
        return
    with enable_inplace_requires_grad(True):
        x.requires_grad_(value)


def _restore(x: Tensor) -> None:
    held = _required.get(id(x))
    if held is None:
        return
    held[1] -= 1
    if not held[1]:
        del _required[id(x)]
        _set_requires_grad(x, False)


# -- vmap: autograd works on the tensors inside the mapped ones ----------------------------------


def physical(x: Tensor) -> tuple[Tensor, Layout]:
    """The tensor inside those that vmap maps, and the axes that were hidden, innermost level first."""
    layout = []
    while functorch.is_batchedtensor(x):
        layout.append((functorch.maybe_get_level(x), functorch.maybe_get_bdim(x)))
        x = functorch.get_unwrapped(x)
    return x, layout


def logical(x: Tensor, layout: Layout) -> Tensor:
    """The reverse of `physical`."""
    for level, axis in reversed(layout):
        x = functorch._add_batch_dim(x, axis, level)
    return x


def aligned(x: Tensor, like: Tensor, layout: Layout) -> Tensor:
    """x, mapped or not, with the hidden axes where `like`, a physical tensor, has them."""
    sizes = list(like.shape)
    found = []
    for level, axis in reversed(layout):
        found.append((level, axis, sizes.pop(axis)))
    for level, axis, size in reversed(found):
        x = functorch._remove_batch_dim(x, level, size, 0).movedim(0, axis)
    return x


def leaf_of(value: Tensor, depth: int) -> tuple[Tensor, Layout]:
    """A physical tensor equal to `value` by which to differentiate, connected to it where that has a
    graph, and the axes to hide. Of the transforms around, a tape cares for those it was begun in."""
    if not scopes.in_transform():
        return (value.view_as(value) if value.requires_grad else value.detach().requires_grad_()), []
    if not depth:
        with temporarily_clear_interpreter_stack():
            return (value.view_as(value) if value.requires_grad else value.detach().requires_grad_()), []
    stack = functorch.get_interpreter_stack() or []
    levels = [i for i in stack if i.key() == functorch.TransformType.Vmap and i.level() <= depth]
    layout = []
    for interpreter in reversed(levels):  # each mapped element needs a gradient of its own
        size = functorch.CVmapInterpreterPtr(interpreter).batchSize()
        value = functorch._remove_batch_dim(value, interpreter.level(), size, 0)
        layout.append((interpreter.level(), 0))
    with enable_inplace_requires_grad(True):
        if not levels and not functorch.is_functorch_wrapped_tensor(value):
            value = functorch._wrap_for_grad(value, functorch.maybe_current_level() or depth)
        return (value.view_as(value) if value.requires_grad else value.detach().requires_grad_()), layout


class _Read:
    """A Variable, and each value a tape read it at."""

    __slots__ = ("variable", "base", "alias", "places", "layout")

    def __init__(self, variable: Variable) -> None:
        self.variable = variable
        self.base: Tensor | None = None
        self.alias: Tensor | None = None
        self.places: list[Tensor] = []
        self.layout: Layout = []


class _Watched:
    """A constant, the number of the first operation that counts, and its place in the graph."""

    __slots__ = ("tensor", "inside", "layout", "since", "edge")

    def __init__(self, tensor: Tensor) -> None:
        self.tensor = tensor
        self.inside, self.layout = physical(tensor) if scopes.in_transform() else (tensor, [])
        self.since = position()
        self.edge: GradientEdge | None = None

    def pin(self) -> bool:
        """Keeps the tensor's place in the graph; whether results of an earlier tape lead to the same place."""
        if self.edge is not None or not self.inside.is_leaf:
            return False
        self.edge = get_gradient_edge(self.inside)
        notes = self.edge.node.metadata
        return notes.setdefault(_WATCHED_AT, self.since) != self.since

    @property
    def place(self) -> Any:
        """What autograd is to differentiate: by its edge, once requires_grad has been restored."""
        return self.edge or self.inside


# What one source of a gradient comes down to: tensors or edges to differentiate by, their hidden
# axes, and the number of the first operation that counts.
Source: TypeAlias = "tuple[Sequence[Any], Layout, float]"


class Tape:
    """See the contract."""

    def __init__(self, persistent: bool, watch_accessed_variables: bool) -> None:
        self._persistent = persistent
        self._automatic = watch_accessed_variables
        self._reads: dict[int, _Read] = {}
        self._watched: dict[int, _Watched] = {}
        self._intervals: list[list[float]] = []
        self._shared = False  # other tapes recorded at the same time
        self._depth = 0  # how many transforms of torch.func were around when it began
        self._cut = False  # not everything below a source was recorded by this tape

    # -- recording --------------------------------------------------------------------------

    @property
    def _recording(self) -> bool:
        return bool(self._intervals) and self._intervals[-1][1] == inf

    def start(self) -> None:
        tapes = scopes.local.tapes
        for tape in tapes:
            tape._shared = self._shared = True
        if not tapes:  # a tape records under torch.no_grad() too
            scopes.local.grad_mode = torch.is_grad_enabled()
            torch._C._set_grad_enabled(True)
        tapes.append(self)
        scopes.count(1)
        self._cut |= bool(self._intervals)
        self._intervals.append([position(), inf])
        for entry in self._watched.values():
            self._begin(entry)
        self._depth = functorch.get_dynamic_layer_stack_depth() if scopes.in_transform() else 0

    def stop(self) -> None:
        if not self._recording:
            return
        scopes.local.tapes = [tape for tape in scopes.local.tapes if tape is not self]
        if not scopes.local.tapes:
            torch._C._set_grad_enabled(scopes.local.grad_mode)
        scopes.count(-1)
        self._intervals[-1][1] = position()
        for entry in self._watched.values():
            _restore(entry.inside)

    def watch(self, x: Any) -> None:
        if isinstance(x, Variable):
            self._reads.setdefault(id(x), _Read(x))
        elif id(x) not in self._watched and x.dtype in INEXACT:
            entry = self._watched[id(x)] = _Watched(x)
            if self._recording:
                self._begin(entry)

    def _begin(self, entry: _Watched) -> None:
        used = _require(entry.inside)
        self._cut |= entry.pin() or used

    def read(self, variable: Variable, value: Tensor) -> Tensor:
        """What reading a Variable gives while this tape records: a tensor of its own, if it watches it."""
        entry = self._reads.get(id(variable))
        if entry is None:
            if not (self._automatic and variable.trainable and value.dtype in INEXACT):
                return value
            entry = self._reads[id(variable)] = _Read(variable)
        if entry.base is value:
            return entry.alias  # type: ignore[return-value]
        if not torch.is_grad_enabled() or value.dtype not in INEXACT:
            return value
        inside, entry.layout = leaf_of(value, self._depth)
        alias = logical(inside, entry.layout) if entry.layout else inside
        entry.places.append(inside)
        entry.base, entry.alias = value, alias
        return alias

    def watched_variables(self) -> list[Any]:
        return [entry.variable for entry in self._reads.values()]

    def release(self) -> None:
        self.stop()
        self._reads, self._watched, self._intervals = {}, {}, []

    # -- differentiation --------------------------------------------------------------------

    def gradient(self, targets: list[Any], sources: list[Any], output_gradients: list[Any]) -> list[Any]:
        outputs, upstream = [], []
        for target, given in zip(targets, output_gradients, strict=True):
            place, inside, layout = self._target(target)
            if place is None:
                continue
            outputs.append(place)
            if given is not None:
                given = given.expand(target.shape) if given.shape != target.shape else given
                upstream.append(aligned(given.to(inside.dtype), inside, layout))
            else:
                upstream.append(torch.ones_like(inside) if inside.ndim or place is not inside else None)
        found = self._differentiate(outputs, upstream, [self._source(source) for source in sources])
        if not (self._persistent or self._shared or self._cut) and not scopes.is_differentiated(except_tape=self):
            for target in targets:  # their graph is freed: they are plain numbers from here on
                if isinstance(target, Tensor) and target.grad_fn is not None and not target._is_view():
                    target.detach_()
        return found

    def jacobian(self, target: Any, source: Any) -> Any:
        result = self._rows(target, source, lambda inside, shape: torch.eye(prod(shape)).reshape(-1, *shape))
        return None if result is None else result.reshape((*target.shape, *source.shape))

    def batch_jacobian(self, target: Any, source: Any) -> Any:
        def basis(inside: Tensor, shape: Any) -> Tensor:
            return torch.eye(prod(shape[1:])).reshape(-1, 1, *shape[1:]).expand(-1, *shape)

        result = self._rows(target, source, basis)  # one a target element, each over the whole batch
        if result is None:
            return None
        return result.movedim(0, 1).reshape((*target.shape, *source.shape[1:]))

    def _rows(self, target: Any, source: Any, basis: Callable[[Tensor, Any], Tensor]) -> Any:
        """Gradients of the target for each upstream gradient that `basis` lists, stacked."""
        place, inside, layout = self._target(target)
        found = self._source(source)
        if place is None or found is None:
            return None
        rows = basis(inside, tuple(target.shape)).to(inside.device, inside.dtype)
        if layout:
            return self._stacked([place], [aligned(row, inside, layout) for row in rows], found)
        try:
            return self._differentiate([place], [rows], [found], batched=True)[0]
        except RuntimeError:  # an operation that cannot be mapped: one row after the other
            return self._stacked([place], list(rows), found)

    def _stacked(self, outputs: list[Any], rows: list[Tensor], source: Source) -> Any:
        found = [self._differentiate(outputs, [row], [source], retain=True)[0] for row in rows]
        return None if found[0] is None else torch.stack(found)

    def _target(self, x: Any) -> tuple[Any, Any, Layout]:
        """A target's place in the graph (None outside it), the tensor there, and its hidden axes."""
        if isinstance(x, Variable):
            entry = self._reads.get(id(x))
            if entry is None or not entry.places:
                return None, None, []
            return entry.places[-1], entry.places[-1], entry.layout
        watched = self._watched.get(id(x))
        if watched is not None:
            return watched.place, watched.inside, watched.layout
        inside, layout = physical(x) if scopes.in_transform() else (x, [])
        if not inside.requires_grad or (inside.grad_fn is not None and not self._recorded(inside.grad_fn)):
            return None, None, []
        return inside, inside, layout

    def _source(self, x: Any) -> Source | None:
        """Where to differentiate for a source; None if this tape has nothing to do with it."""
        begin = self._intervals[0][0] if self._intervals else 0
        if isinstance(x, Variable):
            entry = self._reads.get(id(x))
            return (entry.places, entry.layout, begin) if entry is not None and entry.places else None
        watched = self._watched.get(id(x))
        if watched is not None:
            return [watched.place], watched.layout, watched.since
        inside, layout = physical(x) if scopes.in_transform() else (x, [])
        if not inside.requires_grad or id(inside) in _required:
            return None
        node = inside.grad_fn
        if node is not None and not (self._recorded(node) and (not self._shared or self._derives(node))):
            return None
        return [inside], layout, begin

    def _recorded(self, node: Any, since: float = 0) -> bool:
        number = node._sequence_nr()
        if number < since:
            return False
        return any(first <= number < last for first, last in self._intervals)

    def _derives(self, root: Any) -> bool:
        """Whether a node was computed, while this tape recorded, from something it watches."""
        watched = [entry.place for entry in self._watched.values()]
        watched += [place for entry in self._reads.values() for place in entry.places]
        wanted = {(get_gradient_edge(place) if isinstance(place, Tensor) else place).node for place in watched}
        return root in wanted or any(node in wanted for node in self._below([root], 0))

    def _below(self, roots: list[Any], since: float) -> Iterator[Any]:
        """The nodes below the roots, as far down as recorded nodes lead."""
        seen, stack = set(roots), [root for root in roots if self._recorded(root, since)]
        while stack:
            node = stack.pop()
            for child, _ in node.next_functions:
                if child is None or child in seen:
                    continue
                seen.add(child)
                yield child
                if self._recorded(child, since):
                    stack.append(child)

    @contextmanager
    def _only_since(self, outputs: list[Any], since: float) -> Iterator[None]:
        """Within it, gradients stop at nodes that this tape did not record, or before `since`."""
        roots = [node for node in (o.node if isinstance(o, GradientEdge) else o.grad_fn for o in outputs) if node]
        below = {*roots, *self._below(roots, since)}
        handles = [
            node.register_prehook(lambda upstream: (None,) * len(upstream))
            for node in below
            if node.name() != "torch::autograd::AccumulateGrad" and not self._recorded(node, since)
        ]
        try:
            yield
        finally:
            for handle in handles:
                handle.remove()

    def _differentiate(
        self,
        outputs: list[Any],
        upstream: list[Any],
        sources: list[Source | None],
        batched: bool = False,
        retain: bool = False,
    ) -> list[Any]:
        again = scopes.is_differentiated(except_tape=None if self._persistent else self)
        retain = retain or self._persistent or self._shared or again or self._cut or batched
        how = (retain, again, batched)
        # Some derivative formulas ask whether their input requires gradients; while recording it did.
        asleep = [entry.inside for entry in self._watched.values() if not entry.inside.requires_grad]
        for x in asleep:
            _set_requires_grad(x, True)
        try:
            if not self._cut:
                return _gradients(outputs, upstream, sources, how)
            results: list[Any] = [None] * len(sources)
            for since in {source[2] for source in sources if source is not None}:
                members = [source if source is not None and source[2] == since else None for source in sources]
                with self._only_since(outputs, since):
                    found = _gradients(outputs, upstream, members, how)
                results = [old if new is None else new for old, new in zip(results, found, strict=True)]
            return results
        finally:
            for x in asleep:
                _set_requires_grad(x, False)


def _gradients(
    outputs: list[Any], upstream: list[Any], sources: list[Source | None], how: tuple[bool, ...]
) -> list[Any]:
    places = [place for source in sources if source is not None for place in source[0]]
    if not outputs or not places:
        return [None] * len(sources)
    retain, again, batched = how
    # On a GPU, new nodes are to be numbered with the others, so backward stays on this thread.
    with torch.autograd.set_multithreading_enabled(False) if again and _CUDA else _NOTHING:
        parts = torch.autograd.grad(
            outputs,
            places,
            upstream,
            retain_graph=retain,
            create_graph=again,
            allow_unused=True,
            is_grads_batched=batched,
        )
    found = iter(parts)
    return [
        None if source is None else total_of([next(found) for _ in source[0]], [] if batched else source[1])
        for source in sources
    ]


def total_of(parts: list[Any], layout: Layout) -> Any:
    """The sum of a source's gradients by its places; None if there are none."""
    total = parts[0]
    for part in parts[1:]:
        total = part if total is None else total if part is None else total + part
    if total is None:
        return None
    return logical(solid(total), layout) if layout else solid(total)


def solid(x: Tensor) -> Tensor:
    """x, in memory of its own if it is one of autograd's zeros without memory, which NumPy cannot read."""
    return x.clone() if x._is_zerotensor() else x
