"""Dynamic loss scaling."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from typing import Any

from triceras import initializers, ops
from triceras.optimizers.optimizer import Optimizer
from triceras.optimizers.registry import deserialize, serialize
from triceras_backends.active import backend as B


class LossScaleOptimizer(Optimizer):
    """Keeps small gradients of float16 from vanishing: the loss is scaled up and gradients down again.

    The scale is halved, and the update left out, when a gradient is infinite or NaN; it is doubled
    after `dynamic_growth_steps` updates in a row. Micikevicius et al., arXiv:1710.03740.

    Args:
        inner_optimizer: the Optimizer that updates.
        initial_scale: the first scale.
        dynamic_growth_steps: how many good updates double it.

    Raises TypeError: the inner one is no Optimizer. Raises ValueError: it scales losses itself.

    Example:

    >>> optimizer = keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(0.1), initial_scale=8.0)
    >>> w = keras.Variable([1.0])
    >>> _ = optimizer.apply([keras.ops.convert_to_tensor([8.0])], [w])  # of a loss times 8
    >>> _ = optimizer.apply([keras.ops.convert_to_tensor([float("inf")])], [w])  # left out
    >>> np.round(w.numpy(), 3), float(optimizer.dynamic_scale.numpy())
    (array([0.9], dtype=float32), 4.0)
    """

    def __init__(
        self,
        inner_optimizer: Optimizer,
        initial_scale: float = 2.0**15,
        dynamic_growth_steps: int = 2000,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        if not isinstance(inner_optimizer, Optimizer):
            raise TypeError(f"LossScaleOptimizer: inner_optimizer must be an Optimizer; got: {inner_optimizer!r}")
        if isinstance(inner_optimizer, LossScaleOptimizer) or inner_optimizer.loss_scale_factor is not None:
            raise ValueError("LossScaleOptimizer: the inner optimizer must not scale losses itself.")
        super().__init__(0.0, name=name, **kwargs)
        self.inner_optimizer = inner_optimizer
        self.initial_scale = float(initial_scale)
        self.dynamic_growth_steps = int(dynamic_growth_steps)
        self.step_counter = self.add_variable((), "zeros", "int32", name="step_counter")
        scale = initializers.Constant(self.initial_scale)
        self.dynamic_scale = self.add_variable((), scale, "float32", name="dynamic_scale")

    @property
    def variables(self) -> list[Any]:
        """All state, that of the inner optimizer included."""
        return [*self._variables, *self.inner_optimizer.variables]

    @property
    def iterations(self) -> Any:
        """The inner optimizer's."""
        return self.inner_optimizer.iterations

    @iterations.setter
    def iterations(self, value: Any) -> None:
        self.inner_optimizer.iterations = value

    @property
    def learning_rate(self) -> Any:
        """The inner optimizer's."""
        return self.inner_optimizer.learning_rate

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        self.inner_optimizer.learning_rate = value

    def build(self, variables: Iterable[Any]) -> None:
        if not self.built:
            variables = list(variables)
            super().build(variables)
            self.inner_optimizer.build(variables)

    def scale_loss(self, loss: Any) -> Any:
        """The loss to differentiate: times the current scale."""
        return loss * ops.cast(self.dynamic_scale.value, ops.dtype(loss))

    def check_finite(self, grads: Iterable[Any]) -> Any:
        """Whether all gradients are finite, a scalar bool tensor; True where there are none."""
        found = [ops.all(ops.isfinite(gradient)) for gradient in grads if gradient is not None]
        return functools.reduce(ops.logical_and, found) if found else ops.convert_to_tensor(True)

    def apply(self, grads: Any, trainable_variables: Any = None) -> Any:
        """Updates Variables by gradients of the scaled loss, if all are finite; returns `iterations`.

        Raises ValueError: as `Optimizer.apply`.
        """
        gradients, variables = self._paired(grads, trainable_variables)
        self._of(variables, ())
        if not variables:
            return self.iterations
        scale = self.dynamic_scale.value
        finite = self.check_finite(gradients)
        unscaled = [gradient / ops.cast(scale, ops.dtype(gradient)) for gradient in gradients]
        B.update_if(
            finite,
            lambda: self.inner_optimizer.apply(unscaled, variables),
            [*variables, *self.inner_optimizer.variables],
        )
        good = ops.where(finite, self.step_counter.value + 1, 0)
        grows = good >= self.dynamic_growth_steps
        self.step_counter.assign(ops.where(grows, 0, good))
        self.dynamic_scale.assign(ops.where(finite, ops.where(grows, scale * 2, scale), scale / 2))
        return self.iterations

    def finalize_variable_values(self, var_list: Iterable[Any]) -> None:
        self.inner_optimizer.finalize_variable_values(var_list)

    def exclude_from_weight_decay(self, var_list: Any = None, var_names: Any = None) -> None:
        self.inner_optimizer.exclude_from_weight_decay(var_list, var_names)

    def get_config(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "inner_optimizer": serialize(self.inner_optimizer),
            "initial_scale": self.initial_scale,
            "dynamic_growth_steps": self.dynamic_growth_steps,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Mapping[str, Any] | None = None) -> Optimizer:
        config = dict(config)
        return cls(deserialize(config.pop("inner_optimizer"), custom_objects), **config)
