"""Follow the regularized leader."""

from __future__ import annotations

from typing import Any

from triceras import initializers, ops
from triceras.optimizers.optimizer import Optimizer, with_options


class Ftrl(Optimizer):
    """FTRL-Proximal, for wide sparse models. McMahan et al., KDD 2013, "Ad Click Prediction".

    Args:
        learning_rate: 0.001 by default.
        learning_rate_power: how the rate falls with the squares' sum, <= 0; -0.5 is the paper's.
        initial_accumulator_value: where the sums of squares begin, >= 0.
        l1_regularization_strength, l2_regularization_strength: >= 0; the first makes weights exactly 0.
        l2_shrinkage_regularization_strength: a penalty on the weights' size, in the gradient, >= 0.
        beta: the paper's beta, >= 0.
        options: those of `Optimizer`.

    Raises ValueError: a value out of range.

    Example:

    >>> optimizer = keras.optimizers.Ftrl(learning_rate=0.1)
    >>> w = keras.Variable([1.0, -1.0])
    >>> for _ in range(2):
    ...     _ = optimizer.apply([keras.ops.convert_to_tensor([0.5, -2.0])], [w])
    >>> np.round(w.numpy(), 3)
    array([ 0.316, -0.675], dtype=float32)
    """

    @with_options
    def __init__(
        self,
        learning_rate: Any = 0.001,
        learning_rate_power: float = -0.5,
        initial_accumulator_value: float = 0.1,
        l1_regularization_strength: float = 0.0,
        l2_regularization_strength: float = 0.0,
        l2_shrinkage_regularization_strength: float = 0.0,
        beta: float = 0.0,
        **options: Any,
    ) -> None:
        if learning_rate_power > 0:
            raise ValueError(f"Ftrl: learning_rate_power must be <= 0; got: {learning_rate_power!r}")
        strengths = {
            "initial_accumulator_value": initial_accumulator_value,
            "l1_regularization_strength": l1_regularization_strength,
            "l2_regularization_strength": l2_regularization_strength,
            "l2_shrinkage_regularization_strength": l2_shrinkage_regularization_strength,
        }
        for label, value in strengths.items():
            if value < 0:
                raise ValueError(f"Ftrl: {label} must be >= 0; got: {value!r}")
        super().__init__(learning_rate, **options)
        self.learning_rate_power, self.beta = learning_rate_power, beta
        self._strengths = strengths

    def build(self, variables: Any) -> None:
        if not self.built:
            variables = list(variables)
            super().build(variables)
            start = initializers.Constant(self._strengths["initial_accumulator_value"])
            names = ("accumulator", "linear")
            made = self.add_optimizer_variables(variables, names, [start, "zeros"])
            self._slots = dict(zip(names, made, strict=True))

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        squares, linear = self._slots_for(variable)
        l1, l2, shrinkage = list(self._strengths.values())[1:]
        weight, old = variable.value, squares.value
        new = old + ops.square(gradient)
        before, after = (ops.power(x, -self.learning_rate_power) for x in (old, new))
        total = linear.value + gradient + 2 * shrinkage * weight - (after - before) / learning_rate * weight
        curvature = after / learning_rate + 2 * l2 + self.beta / learning_rate
        linear.assign(total)
        squares.assign(new)
        variable.assign((ops.clip(total, -l1, l1) - total) / curvature)

    def get_config(self) -> dict[str, Any]:
        own = {"learning_rate_power": self.learning_rate_power, **self._strengths, "beta": self.beta}
        return {**super().get_config(), **own}
