"""Losses of layers: what `call` adds, the outputs' penalties, the weights' penalties."""

from __future__ import annotations

import weakref
from typing import Any

import optree

from triceras import ops
from triceras.layers.context import context, with_losses
from triceras.stateless import collect
from triceras_backends.active import backend as B


class Penalties:
    """The part of a Layer that has to do with losses."""

    activity_regularizer: Any
    _losses: list[Any]
    _losses_entry: int

    def add_loss(self, loss: Any) -> None:
        """Adds to the loss: a scalar, a list of them, or functions of nothing that give one.

        What is added in `call` counts until the next call of the outermost layer. Raises
        ValueError: something else.
        """
        for item in optree.tree_leaves(loss):
            if not callable(item) and not B.is_tensor(item):
                try:
                    item = B.convert_to_tensor(item)
                except (TypeError, ValueError):
                    raise ValueError(
                        f"Layer {self.name!r}: add_loss() takes scalar tensors, or functions that give them; "  # type: ignore[attr-defined]
                        f"got: {item!r}"
                    ) from None
            self._losses.append(item)
            collect(item)
        self._losses_entry = context.entry
        key = id(self)
        with_losses[key] = weakref.ref(self, lambda _: with_losses.pop(key, None))

    def _regularize_activity(self, outputs: Any) -> None:
        """Adds the penalty of each output, divided by the number of rows."""
        for output in optree.tree_leaves(outputs):
            if B.is_tensor(output):
                penalty = self.activity_regularizer(output)
                rows = ops.shape(output)[0] if len(output.shape) else 1
                self.add_loss(ops.divide(penalty, ops.cast(rows, penalty.dtype)))

    @property
    def losses(self) -> list[Any]:
        """Scalars to add to the loss: what the latest call added here and in the layers inside, then each
        regularized trainable weight's penalty."""
        return [*self._added_losses(), *self._weight_penalties()]

    def _weight_penalties(self) -> list[Any]:
        return [weight.regularizer(weight.value) for weight in self.regularized_weights]

    @property
    def regularized_weights(self) -> list[Any]:
        """The trainable weights that have a regularizer."""
        return [weight for weight in self.trainable_weights if weight.regularizer is not None]  # type: ignore[attr-defined]

    def _added_losses(self) -> list[Any]:
        if not with_losses:
            return []
        found = [loss for layer in self._tree() for loss in layer._losses]  # type: ignore[attr-defined]
        return [loss() if callable(loss) else loss for loss in found]

    def _clear_losses(self) -> None:
        """Forgets the losses that calls added, here and in the layers inside."""
        own: set[int] | None = None
        for key, reference in list(with_losses.items()):
            layer = reference()
            if layer is None:
                continue
            if layer is not self and layer._losses_entry != id(self):
                own = {id(inner) for inner in self._tree()} if own is None else own  # type: ignore[attr-defined]
                if key not in own:
                    continue
            layer._losses.clear()
            with_losses.pop(key, None)
