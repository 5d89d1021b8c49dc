"""Activation functions with settings, as layers."""

from __future__ import annotations

from typing import Any

from triceras import initializers, ops, regularizers
from triceras.layers.input_spec import InputSpec
from triceras.layers.layer import Layer

Shape = tuple[int | None, ...]


class _Elementwise(Layer):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True

    def compute_output_shape(self, input_shape: Any) -> Shape:
        return tuple(input_shape)


def _number(layer: str, name: str, value: Any, allow_none: bool = False) -> Any:
    """A non-negative number as it is. Raises ValueError: anything else."""
    if value is None and allow_none:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value < 0:
        raise ValueError(f"{layer}: {name} must be a number that is not negative; got: {value!r}")
    return value


class ReLU(_Elementwise):
    """x from `threshold` on, but at most `max_value`; below it negative_slope * (x - threshold)."""

    def __init__(
        self, max_value: float | None = None, negative_slope: float = 0.0, threshold: float = 0.0, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.max_value = _number("ReLU", "max_value", max_value, allow_none=True)
        self.negative_slope = _number("ReLU", "negative_slope", negative_slope)
        self.threshold = _number("ReLU", "threshold", threshold)

    def call(self, inputs: Any) -> Any:
        if self.threshold:
            below = ops.multiply(ops.subtract(inputs, self.threshold), self.negative_slope)
            x = ops.where(ops.greater_equal(inputs, self.threshold), inputs, below)
        elif self.negative_slope:
            x = ops.leaky_relu(inputs, self.negative_slope)
        else:
            x = ops.relu(inputs)
        return x if self.max_value is None else ops.minimum(x, self.max_value)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "max_value": self.max_value,
            "negative_slope": self.negative_slope,
            "threshold": self.threshold,
        }


class LeakyReLU(_Elementwise):
    """x where positive, else negative_slope * x."""

    def __init__(self, negative_slope: float = 0.3, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.negative_slope = _number("LeakyReLU", "negative_slope", negative_slope)

    def call(self, inputs: Any) -> Any:
        return ops.leaky_relu(inputs, self.negative_slope)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "negative_slope": self.negative_slope}


class PReLU(_Elementwise):
    """x where positive, else alpha * x with a learned alpha for each place and channel.

    Args:
        alpha_initializer, alpha_regularizer, alpha_constraint: of the weight `alpha`.
        shared_axes: axes, counted from 1, along which alpha is the same.

    He et al., arXiv:1502.01852.
    """

    def __init__(
        self,
        alpha_initializer: Any = "zeros",
        alpha_regularizer: Any = None,
        alpha_constraint: Any = None,
        shared_axes: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.alpha_initializer = initializers.get(alpha_initializer)
        self.alpha_regularizer = regularizers.get(alpha_regularizer)
        self.alpha_constraint = alpha_constraint
        if shared_axes is not None:
            shared_axes = [shared_axes] if isinstance(shared_axes, int) else list(shared_axes)
        self.shared_axes = shared_axes

    def build(self, input_shape: Any) -> None:
        shared = {axis % len(input_shape) for axis in self.shared_axes or ()}
        shape = tuple(1 if axis in shared else input_shape[axis] for axis in range(1, len(input_shape)))
        self.alpha = self.add_weight(
            shape,
            self.alpha_initializer,
            regularizer=self.alpha_regularizer,
            constraint=self.alpha_constraint,
            name="alpha",
        )
        axes = {axis: input_shape[axis] for axis in range(1, len(input_shape)) if axis not in shared}
        self.input_spec = InputSpec(ndim=len(input_shape), axes=axes)

    def call(self, inputs: Any) -> Any:
        negative = ops.multiply(self.alpha.value, ops.negative(ops.relu(ops.negative(inputs))))
        return ops.add(ops.relu(inputs), negative)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "alpha_initializer": self.alpha_initializer,
            "alpha_regularizer": self.alpha_regularizer,
            "alpha_constraint": self.alpha_constraint,
            "shared_axes": self.shared_axes,
        }


class ELU(_Elementwise):
    """x where positive, else alpha * (exp(x) - 1). Clevert et al., arXiv:1511.07289."""

    def __init__(self, alpha: float = 1.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.alpha = alpha

    def call(self, inputs: Any) -> Any:
        return ops.elu(inputs, self.alpha)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "alpha": self.alpha}


class Softmax(_Elementwise):
    """Positive numbers that sum to 1 over `axis` (an int or several); a mask's False places get 0."""

    def __init__(self, axis: Any = -1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.axis = axis if isinstance(axis, int) else tuple(axis)

    def call(self, inputs: Any, mask: Any = None) -> Any:
        if mask is not None:
            least = -3e4 if ops.dtype(inputs) == "float16" else -1e9
            inputs = ops.add(inputs, ops.where(mask, 0.0, least))
        return ops.softmax(inputs, axis=self.axis)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "axis": self.axis}
