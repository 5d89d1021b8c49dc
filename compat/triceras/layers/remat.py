"""Rematerialization: activations computed again for the gradient instead of being kept."""

from __future__ import annotations

import functools
import math
import threading
from collections.abc import Callable, Sequence
from typing import Any

import optree

from triceras_backends.active import backend as B

_MODES = ("full", "activations", "larger_than", "list_of_layers", None)


class _Scopes(threading.local):
    def __init__(self) -> None:
        self.stack: list[RematScope] = []


_scopes = _Scopes()


class RematScope:
    """Layers made within it compute their activations again when a gradient is taken, instead of keeping them.

    Args:
        mode: "full", every layer; "activations", the activation functions of layers that have one;
            "larger_than", layers with an output of more than `output_size_threshold` elements (of
            those sizes that are known); "list_of_layers", those named in `layer_names`; None, none.

    Chen et al., 2016, "Training Deep Nets with Sublinear Memory Cost". Raises ValueError: another mode.

    Example:

    >>> with keras.RematScope(mode="full"):
    ...     layer = keras.layers.Dense(2)
    >>> keras.ops.shape(layer(np.ones((4, 3))))
    (4, 2)
    """

    def __init__(
        self, mode: str | None = "full", output_size_threshold: int = 1024, layer_names: Sequence[str] | None = None
    ) -> None:
        if mode not in _MODES:
            raise ValueError(f"RematScope: mode must be one of {', '.join(map(repr, _MODES))}; got: {mode!r}")
        self.mode, self.output_size_threshold = mode, output_size_threshold
        self.layer_names = tuple(layer_names or ())

    def __enter__(self) -> RematScope:
        _scopes.stack.append(self)
        return self

    def __exit__(self, *exception: object) -> None:
        _scopes.stack.pop()


def remat_scope() -> RematScope | None:
    """The innermost open RematScope; None if there is none, or its mode is None."""
    scope = _scopes.stack[-1] if _scopes.stack else None
    return None if scope is None or scope.mode is None else scope


def remat(f: Callable[..., Any]) -> Callable[..., Any]:
    """f, whose intermediate results are computed again when a gradient is taken. Gradients are the same."""

    @functools.wraps(f)
    def rematerialized(*args: Any, **kwargs: Any) -> Any:
        leaves, structure = optree.tree_flatten((args, kwargs), none_is_leaf=True)
        places = [i for i, leaf in enumerate(leaves) if B.is_tensor(leaf)]

        def run(*tensors: Any) -> Any:
            filled = list(leaves)
            for i, tensor in zip(places, tensors, strict=True):
                filled[i] = tensor
            given, named = optree.tree_unflatten(structure, filled)
            return f(*given, **named)

        return B.checkpoint(run, *(leaves[i] for i in places))

    return rematerialized


class Rematerialized:
    """The part of a Layer that was made in a RematScope."""

    _remat: RematScope | None

    def _call_rematerialized(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        layer: Any = self
        scope: Any = self._remat
        if scope.mode == "activations":
            return self._with_rematerialized_activation(args, kwargs)
        applies = (
            scope.mode == "full"
            or (scope.mode == "list_of_layers" and layer.name in scope.layer_names)
            or (scope.mode == "larger_than" and self._is_large(args, scope.output_size_threshold))
        )
        return self._keeping_losses(args, kwargs) if applies else layer.call(*args, **kwargs)

    def _keeping_losses(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """The call rematerialized, and the losses added in it brought out as its results."""
        layer: Any = self
        holders = layer._tree()
        counts: list[int] = []

        def run(*args: Any, **kwargs: Any) -> Any:
            before = [list(holder._losses) for holder in holders]
            outputs = layer.call(*args, **kwargs)
            added = [holder._losses[len(old) :] for holder, old in zip(holders, before, strict=True)]
            for holder, old in zip(holders, before, strict=True):
                holder._losses[:] = old
            counts[:] = [len(losses) for losses in added]
            return outputs, [loss for losses in added for loss in losses]

        outputs, losses = remat(run)(*args, **kwargs)
        left = iter(losses)
        for holder, count in zip(holders, counts, strict=True):
            if count:
                holder.add_loss([next(left) for _ in range(count)])
        return outputs

    def _with_rematerialized_activation(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        layer: Any = self
        activation = vars(self).get("activation")
        if not callable(activation):
            return layer.call(*args, **kwargs)
        layer.activation = remat(activation)
        try:
            return layer.call(*args, **kwargs)
        finally:
            layer.activation = activation

    def _is_large(self, args: tuple[Any, ...], threshold: int) -> bool:
        """Whether an output has more elements than that."""
        layer: Any = self
        shapes = optree.tree_map(lambda x: tuple(B.static_shape(x)), args)
        found = layer.compute_output_shape(*shapes)
        found = [found] if all(size is None or isinstance(size, int) for size in found) else list(found)
        return any(math.prod(size for size in shape if size is not None) > threshold for shape in found)
