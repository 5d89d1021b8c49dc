"""Optimizer: the base class. Subclasses say which slots they keep and how they update."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from typing import Any

from triceras import ops
from triceras.utils.lookup import snake_case
from triceras_backends.active import backend as B
from triceras_backends.variable import name_scope, unique_name


class Optimizer:
    """Base class of optimizers.

    Args:
        learning_rate: a positive number.
        name: None makes one from the class name.

    Attributes: `iterations`, a Variable counting updates; `learning_rate`, readable and assignable;
    `variables`, all state.

    Raises ValueError: a learning rate that is not a number >= 0.
    """

    # The slots that a variable has, by name; `build` makes a list of Variables for each.
    SLOTS: tuple[str, ...] = ()

    def __init__(self, learning_rate: Any = 0.01, name: str | None = None) -> None:
        if isinstance(learning_rate, bool) or not isinstance(learning_rate, (int, float)) or learning_rate < 0:
            raise ValueError(f"learning_rate must be a number >= 0; got: {learning_rate!r}")
        self.name = name or unique_name(snake_case(type(self).__name__))
        with name_scope(self.name):
            self.iterations = B.Variable(0, dtype="int32", trainable=False, name="iteration")
            self._learning_rate = B.Variable(
                float(learning_rate), dtype="float32", trainable=False, name="learning_rate"
            )
        self.built = False
        self._slots: dict[str, list[Any]] = {name: [] for name in self.SLOTS}
        self._places: dict[int, int] = {}

    @property
    def learning_rate(self) -> Any:
        """The current learning rate, a Variable; assigning a number changes it."""
        return self._learning_rate

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        self._learning_rate.assign(value)

    @property
    def variables(self) -> list[Any]:
        """All state: iterations, learning rate, slots."""
        return [self.iterations, self._learning_rate, *(v for slots in self._slots.values() for v in slots)]

    def build(self, variables: Iterable[Any]) -> None:
        """Makes the slots for these Variables; once."""
        if self.built:
            return
        for place, variable in enumerate(variables):
            self._places[id(variable)] = place
            with name_scope(self.name):
                for name, slots in self._slots.items():
                    label = f"{variable.path.replace('/', '_')}_{name}"
                    zeros = ops.zeros(variable.shape, dtype=variable.dtype)
                    slots.append(B.Variable(zeros, trainable=False, name=label))
        # The Variables themselves are kept so that their ids stay theirs.
        self._built_for = list(variables)
        self.built = True

    def apply_gradients(self, grads_and_vars: Iterable[Any]) -> Any:
        """Updates Variables given as (gradient, Variable) pairs; returns `iterations`."""
        pairs = list(grads_and_vars)
        return self.apply([gradient for gradient, _ in pairs], [variable for _, variable in pairs])

    def apply(self, grads: Any, trainable_variables: Any = None) -> Any:
        """Updates Variables by their gradients, in order; returns `iterations`.

        trainable_variables None: those of `build`. A gradient that is None leaves its Variable
        alone, with a warning that names it. Raises ValueError: all are None, numbers that differ,
        or a Variable that `build` was not called with.
        """
        gradients = list(grads)
        if trainable_variables is None:
            if not self.built:
                raise ValueError(f"Optimizer {self.name!r}: call build(variables), or pass the Variables to apply().")
            variables = self._built_for
        else:
            variables = list(trainable_variables)
        if len(gradients) != len(variables):
            raise ValueError(f"Optimizer {self.name!r} got {len(gradients)} gradients for {len(variables)} Variables.")
        if any(gradient is None for gradient in gradients):
            gradients, variables = self._without_none(gradients, variables)
        self.build(variables)
        self.iterations.assign_add(1)
        self.update(gradients, variables, *self._slots_of(variables))
        for variable in variables:
            if variable.constraint is not None:
                variable.assign(variable.constraint(variable.value))
        return self.iterations

    def scale_loss(self, loss: Any) -> Any:
        return loss

    def _without_none(self, gradients: list[Any], variables: list[Any]) -> tuple[list[Any], list[Any]]:
        missing = [v.path for g, v in zip(gradients, variables, strict=True) if g is None]
        if len(missing) == len(variables):
            raise ValueError(
                f"No gradient for any Variable: {', '.join(missing)}. Is the loss computed from them, inside the tape?"
            )
        warnings.warn(f"No gradient for: {', '.join(missing)}. They are not updated.", stacklevel=3)
        pairs = [(g, v) for g, v in zip(gradients, variables, strict=True) if g is not None]
        self.build(variables)
        return [g for g, _ in pairs], [v for _, v in pairs]

    def _slots_of(self, variables: list[Any]) -> list[list[Any]]:
        if len(variables) == len(self._built_for) and all(map(_same, variables, self._built_for)):
            return list(self._slots.values())
        unknown = [v.path for v in variables if id(v) not in self._places]
        if unknown:
            raise ValueError(
                f"Optimizer {self.name!r} was built for other Variables and does not know {', '.join(unknown)}. "
                "Use a new optimizer, or build() it with all Variables first."
            )
        places = [self._places[id(v)] for v in variables]
        return [[slots[place] for place in places] for slots in self._slots.values()]

    def update(self, gradients: list[Any], variables: list[Any], *slots: list[Any]) -> None:
        """Assigns the new values of variables and slots; `iterations` is already counted up."""
        raise NotImplementedError(f"{type(self).__name__} has no `update` method.")

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {"name": self.name, "learning_rate": float(self._learning_rate.numpy())}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Optimizer:
        """An optimizer from what `get_config` gave."""
        return cls(**config)


def _same(a: Any, b: Any) -> bool:
    return a is b
