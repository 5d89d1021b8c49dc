"""Activation functions with settings, as layers."""

from __future__ import annotations

import warnings
from typing import Any

from triceras import ops
from triceras.layers.arguments import add_with_options, described_options, keep_options
from triceras.layers.input_spec import InputSpec
from triceras.layers.layer import Layer

Shape = tuple[int | None, ...]


class _Elementwise(Layer):
    DESCRIBES_SHAPES = False

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
    """The rectifier: max(x, 0), with a bound above, a slope below, and another threshold if wanted.

    f(x) = max_value where x >= max_value; x where threshold <= x < max_value; else
    negative_slope * (x - threshold).

    Args:
        max_value: the bound; None is none.
        negative_slope: the slope below the threshold.
        threshold: where the slope begins.

    Shapes: any, which the output has too.

    Raises ValueError: a negative number, or None for another than max_value.

    Example:

    >>> layer = keras.layers.ReLU(max_value=10, negative_slope=0.5, threshold=0)
    >>> keras.ops.convert_to_numpy(layer(np.array([-10.0, -5.0, 0.0, 5.0, 20.0]))).tolist()
    [-5.0, -2.5, 0.0, 5.0, 10.0]
    """

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
    """The rectifier with a slope below zero: x where x >= 0, else negative_slope * x.

    Args:
        negative_slope: a number that is not negative.

    Shapes: any, which the output has too.

    Raises ValueError: another slope.

    Example:

    >>> layer = keras.layers.LeakyReLU(negative_slope=0.5)
    >>> keras.ops.convert_to_numpy(layer(np.array([-10.0, 0.0, 20.0]))).tolist()
    [-5.0, 0.0, 20.0]
    """

    def __init__(self, negative_slope: float = 0.3, **kwargs: Any) -> None:
        if "alpha" in kwargs:
            warnings.warn("LeakyReLU: alpha is the old name of negative_slope.", stacklevel=2)
            negative_slope = kwargs.pop("alpha")
        super().__init__(**kwargs)
        self.negative_slope = _number("LeakyReLU", "negative_slope", negative_slope)

    def call(self, inputs: Any) -> Any:
        return ops.leaky_relu(inputs, self.negative_slope)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "negative_slope": self.negative_slope}


class PReLU(_Elementwise):
    """The rectifier with a learned slope below zero: x where x >= 0, else alpha * x.

    Args:
        alpha_initializer: of the weight `alpha`, which has the shape of an example.
        alpha_regularizer: a function of `alpha` whose result is added to the loss.
        alpha_constraint: a function applied to `alpha` after each update.
        shared_axes: axes, counted from 1 after the batch, along which alpha is the same and has the size
            1: after convolutions of images [1, 2].

    Shapes: (batch, ...), which the output has too.

    He et al., arXiv:1502.01852. Raises ValueError: an axis out of range, or one of unknown size that is
    not shared; an input of another shape than the layer was built for.

    Example:

    >>> layer = keras.layers.PReLU(alpha_initializer=keras.initializers.Constant(0.25))
    >>> keras.ops.convert_to_numpy(layer(np.array([[-4.0, 2.0]]))).tolist()
    [[-1.0, 2.0]]
    """

    DESCRIBES_SHAPES = True

    def __init__(
        self,
        alpha_initializer: Any = "Zeros",
        alpha_regularizer: Any = None,
        alpha_constraint: Any = None,
        shared_axes: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        keep_options(
            self,
            alpha_initializer=alpha_initializer,
            alpha_regularizer=alpha_regularizer,
            alpha_constraint=alpha_constraint,
        )
        if shared_axes is not None:
            shared_axes = [shared_axes] if isinstance(shared_axes, int) else list(shared_axes)
        self.shared_axes = shared_axes

    def build(self, input_shape: Any) -> None:
        rank = len(input_shape)
        if any(not -rank <= axis < rank or axis % rank == 0 for axis in self.shared_axes or ()):
            raise ValueError(
                f"Layer {self.name!r}: shared_axes {self.shared_axes} must be axes after the batch's of inputs of "
                f"rank {rank}."
            )
        shared = {axis % rank for axis in self.shared_axes or ()}
        shape = tuple(1 if axis in shared else input_shape[axis] for axis in range(1, rank))
        if None in shape:
            raise ValueError(
                f"Layer {self.name!r}: every axis that is not in shared_axes must have a known size; got inputs of "
                f"shape {tuple(input_shape)}."
            )
        self.alpha = add_with_options(self, "alpha", shape)
        axes = {axis: input_shape[axis] for axis in range(1, len(input_shape)) if axis not in shared}
        self.input_spec = InputSpec(ndim=len(input_shape), axes=axes)

    def call(self, inputs: Any) -> Any:
        negative = ops.multiply(self.alpha.value, ops.negative(ops.relu(ops.negative(inputs))))
        return ops.add(ops.relu(inputs), negative)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            **described_options(self, "alpha", activity=False),
            "shared_axes": self.shared_axes,
        }


class ELU(_Elementwise):
    """The exponential linear unit: x where x > 0, else alpha * (exp(x) - 1).

    Args:
        alpha: minus the limit for small x, a number.

    Shapes: any, which the output has too.

    Clevert et al., arXiv:1511.07289. Raises TypeError: something that is no number.

    Example:

    >>> y = keras.layers.ELU(alpha=2.0)(np.array([-1.0, 0.0, 3.0]))
    >>> np.round(keras.ops.convert_to_numpy(y), 3)
    array([-1.264,  0.   ,  3.   ], dtype=float32)
    """

    def __init__(self, alpha: float = 1.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if isinstance(alpha, bool) or not isinstance(alpha, (int, float)):
            raise TypeError(f"ELU: alpha must be a number; got: {alpha!r}")
        self.alpha = alpha

    def call(self, inputs: Any) -> Any:
        return ops.elu(inputs, self.alpha)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "alpha": self.alpha}


class Softmax(_Elementwise):
    """Positive numbers that sum to 1: exp(x) / sum(exp(x)), the sum over `axis`.

    Args:
        axis: an int or several.

    Call arguments:
        mask: bools that broadcast to the inputs; places that are False get 0 and are left out of the sum.

    Shapes: any, which the output has too.

    Raises TypeError: an axis that is no int. Raises ValueError: an axis out of range, a mask that does
    not broadcast to the inputs.

    Example:

    >>> layer = keras.layers.Softmax()
    >>> y = layer(np.array([[1.0, 2.0, 1.0]]), mask=np.array([[True, False, True]]))
    >>> np.round(keras.ops.convert_to_numpy(y), 3).tolist()
    [[0.5, 0.0, 0.5]]
    """

    def __init__(self, axis: Any = -1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        axes = axis if isinstance(axis, (list, tuple)) else (axis,)
        if not axes or any(isinstance(a, bool) or not isinstance(a, int) for a in axes):
            raise TypeError(f"Softmax: axis must be an int or a sequence of ints; got: {axis!r}")
        self.axis = axis if isinstance(axis, int) else tuple(axis)

    def call(self, inputs: Any, mask: Any = None) -> Any:
        rank = len(inputs.shape)
        if any(not -rank <= axis < rank for axis in ((self.axis,) if isinstance(self.axis, int) else self.axis)):
            raise ValueError(
                f"Layer {self.name!r}: axis {self.axis} is out of range for inputs of shape {tuple(inputs.shape)}."
            )
        if mask is None:
            return ops.softmax(inputs, axis=self.axis)
        self._check_mask(tuple(inputs.shape), tuple(mask.shape))
        mask = ops.cast(mask, "bool")
        least = -3e4 if ops.dtype(inputs) == "float16" else -1e9
        outputs = ops.softmax(ops.where(mask, inputs, least), axis=self.axis)
        return ops.where(mask, outputs, 0.0)

    def _check_mask(self, shape: Shape, mask: Shape) -> None:
        sizes = zip(reversed(shape), reversed(mask), strict=False)
        if len(mask) > len(shape) or any(m != 1 and None not in (m, n) and m != n for n, m in sizes):
            raise ValueError(
                f"Layer {self.name!r}: a mask of shape {mask} does not broadcast to inputs of shape {shape}."
            )

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "axis": self.axis}
