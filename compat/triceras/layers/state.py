"""A layer's state: its Variables in order, freezing, exchange of weights, calls without side effects."""

from __future__ import annotations

from typing import Any

import numpy as np

from triceras.layers.tracking import members, unique
from triceras.metrics.metric import Metric
from triceras.seeds import SeedGenerator
from triceras_backends.active import backend as B


class State:
    """The part of a Layer that holds Variables. Orders are those of Keras, so that lists can be exchanged:
    a layer's own trainable ones, its own others, then layer by layer."""

    name: str
    built: bool
    _trainable: bool

    @property
    def layers(self) -> list[Any]:
        """The layers directly inside this one, in order of their attributes' setting."""
        return [layer for layer in members(self, (State,)) if layer is not self]

    def _tree(self) -> list[Any]:
        """This layer and all those inside it, each once."""
        found: dict[int, Any] = {}
        stack: list[Any] = [self]
        while stack:
            layer = stack.pop()
            if id(layer) not in found:
                found[id(layer)] = layer
                stack.extend(reversed(layer.layers))
        return list(found.values())

    def _own_weights(self) -> list[Any]:
        own = sorted(members(self, (B.Variable,)), key=lambda variable: variable.number)
        return [*(v for v in own if v.born_trainable), *(v for v in own if not v.born_trainable)]

    # -- lists ------------------------------------------------------------------------------

    @property
    def weights(self) -> list[Any]:
        """Every weight of the layer and those inside it; not metrics nor random states."""
        return unique([*self._own_weights(), *(weight for layer in self.layers for weight in layer.weights)])

    @property
    def trainable_weights(self) -> list[Any]:
        """The weights that are trained; none of a frozen layer."""
        return [weight for weight in self.weights if weight.trainable] if self._trainable else []

    @property
    def non_trainable_weights(self) -> list[Any]:
        """The other weights."""
        return [weight for weight in self.weights if not weight.trainable] if self._trainable else self.weights

    @property
    def variables(self) -> list[Any]:
        """The weights and random states; metrics' are `metrics_variables`."""
        seeds = [generator.state for generator in members(self, (SeedGenerator,))]
        inner = [variable for layer in self.layers for variable in layer.variables]
        return unique([*self._own_weights(), *seeds, *inner])

    @property
    def trainable_variables(self) -> list[Any]:
        """The Variables that are trained; none of a frozen layer."""
        return [variable for variable in self.variables if variable.trainable] if self._trainable else []

    @property
    def non_trainable_variables(self) -> list[Any]:
        """The other Variables, random states among them."""
        return [v for v in self.variables if not v.trainable] if self._trainable else self.variables

    @property
    def seed_generators(self) -> list[Any]:
        """The SeedGenerators of the layer and those inside it."""
        own = members(self, (SeedGenerator,))
        return unique([*own, *(seed for layer in self.layers for seed in layer.seed_generators)])

    @property
    def metrics(self) -> list[Any]:
        """The metrics of the layer and those inside it; not what models inside were compiled with."""
        return self._tracked_metrics()

    def _tracked_metrics(self) -> list[Any]:
        own = members(self, (Metric,))
        return unique([*own, *(metric for layer in self.layers for metric in layer._tracked_metrics())])

    @property
    def metrics_variables(self) -> list[Any]:
        """The Variables of `metrics`."""
        return [variable for metric in self.metrics for variable in metric.variables]

    # -- freezing ---------------------------------------------------------------------------

    @property
    def trainable(self) -> bool:
        """Whether the weights are trained; setting it freezes or frees the layers inside too. Weights made
        with trainable=False stay as they are."""
        return self._trainable

    @trainable.setter
    def trainable(self, value: bool) -> None:
        self._trainable = bool(value)
        for variable in members(self, (B.Variable,)):
            if variable.born_trainable:
                variable.trainable = self._trainable
        for layer in self.layers:
            layer.trainable = value

    # -- exchange ---------------------------------------------------------------------------

    def count_params(self) -> int:
        """The number of elements of all weights. Raises ValueError: not built yet."""
        if not self.built:
            raise ValueError(f"Layer {self.name!r} is not built yet, so its weights do not exist; call it first.")
        return sum(weight.size for weight in self.weights)

    def get_weights(self) -> list[np.ndarray[Any, Any]]:
        """Copies of the weights, as NumPy arrays."""
        return [weight.numpy() for weight in self.weights]

    def set_weights(self, weights: Any) -> None:
        """Assigns all weights, or none. Raises ValueError: another number, or a shape that differs."""
        own = self.weights
        values = [value if B.is_tensor(value) else np.asarray(value) for value in weights]
        if len(own) != len(values):
            raise ValueError(f"Layer {self.name!r} has {len(own)} weights, but got {len(values)} arrays.")
        for variable, value in zip(own, values, strict=True):
            if variable.shape != tuple(value.shape):
                raise ValueError(
                    f"Layer {self.name!r}: the weight {variable.path!r} has shape {variable.shape}, "
                    f"but the array for it has shape {tuple(value.shape)}. No weight was changed."
                )
        for variable, value in zip(own, values, strict=True):
            variable.assign(value)

    # -- without side effects ---------------------------------------------------------------

    def stateless_call(
        self, trainable_variables: Any, non_trainable_variables: Any, *args: Any, **kwargs: Any
    ) -> tuple[Any, ...]:
        """The layer as a pure function: called with these values for its Variables, of which none changes.

        Args:
            trainable_variables, non_trainable_variables: a tensor for each of the layer's Variables
                of these names, in order.
            return_losses: whether the losses are returned too.
            args, kwargs: the layer's own.

        Returns (outputs, new values of the non-trainable Variables), with return_losses a third, `losses`.
        It can be traced and differentiated by the framework's own means: jax.jit, jax.grad,
        torch.func, tf.function. Raises ValueError: not built, or another number of values.
        """
        return_losses = kwargs.pop("return_losses", False)
        if not self.built:
            raise ValueError(
                f"Layer {self.name!r} must be built before stateless_call(), so that its Variables exist: call it on "
                "an input, or build() it."
            )
        fixed = self.non_trainable_variables
        variables = [*self.trainable_variables, *fixed]
        values = [
            *self._values_for("trainable_variables", trainable_variables),
            *self._values_for("non_trainable_variables", non_trainable_variables),
        ]
        with B.substituted(variables, values) as scope:
            outputs = self(*args, **kwargs)  # type: ignore[operator]
            losses = self.losses if return_losses else []  # type: ignore[attr-defined]
            self._clear_losses()  # type: ignore[attr-defined]
            after = [scope.value(variable) for variable in fixed]
        return (outputs, after, losses) if return_losses else (outputs, after)

    def _values_for(self, kind: str, values: Any) -> list[Any]:
        variables, values = getattr(self, kind), list(values)
        if len(variables) != len(values):
            raise ValueError(
                f"stateless_call() of layer {self.name!r} takes one tensor for each of its {len(variables)} {kind}; "
                f"got {len(values)}."
            )
        return [v._checked(value) for v, value in zip(variables, values, strict=True)]
