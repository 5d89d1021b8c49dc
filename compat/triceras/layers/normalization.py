"""Normalization layers."""

from __future__ import annotations

from typing import Any

from triceras import ops
from triceras.layers.arguments import add_with_options, described_options, keep_options
from triceras.layers.input_spec import InputSpec
from triceras.layers.layer import Layer
from triceras_backends.active import backend as B

Shape = tuple[int | None, ...]


class AffineNormalization(Layer):
    """What normalizations with a scale and an offset share."""

    def __init__(
        self,
        axis: Any = -1,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        beta_regularizer: Any = None,
        gamma_regularizer: Any = None,
        beta_constraint: Any = None,
        gamma_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.axis: Any = axis if isinstance(axis, int) else list(axis)
        self.epsilon = float(epsilon)
        self.center, self.scale = center, scale
        keep_options(
            self, beta_initializer=beta_initializer, gamma_initializer=gamma_initializer,
            beta_regularizer=beta_regularizer, gamma_regularizer=gamma_regularizer,
            beta_constraint=beta_constraint, gamma_constraint=gamma_constraint,
        )  # fmt: skip
        self.supports_masking = True

    def _axes(self, rank: int) -> tuple[int, ...]:
        return axes_of(self, rank)

    def _sizes(self, input_shape: Any) -> tuple[int, ...]:
        return sizes_of(self, input_shape)

    def _add_affine(self, shape: tuple[int, ...]) -> None:
        self.gamma = add_with_options(self, "gamma", shape) if self.scale else None
        self.beta = add_with_options(self, "beta", shape) if self.center else None

    def _affine(self) -> tuple[Any, Any]:
        """gamma and beta as tensors, None for what there is not."""
        return (
            None if self.gamma is None else self.gamma.value,
            None if self.beta is None else self.beta.value,
        )

    def compute_output_shape(self, input_shape: Any) -> tuple[int | None, ...]:
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "axis": self.axis,
            "epsilon": self.epsilon,
            "center": self.center,
            "scale": self.scale,
            **described_options(self, "beta", "gamma", activity=False),
        }


def axes_of(layer: Any, rank: int) -> tuple[int, ...]:
    """A layer's axes, counted from the first. Raises ValueError: out of range."""
    axes = (layer.axis,) if isinstance(layer.axis, int) else tuple(layer.axis)
    if any(not -rank <= axis < rank for axis in axes):
        raise ValueError(f"Layer {layer.name!r}: axis {layer.axis} is out of range for inputs of rank {rank}.")
    return tuple(sorted(axis % rank for axis in axes))


def sizes_of(layer: Any, input_shape: Any) -> tuple[int, ...]:
    """The sizes of a layer's axes. Raises ValueError: not known."""
    sizes = tuple(input_shape[axis] for axis in axes_of(layer, len(input_shape)))
    if None in sizes:
        raise ValueError(
            f"Layer {layer.name!r}: the size of axis {layer.axis} must be known; got inputs of shape "
            f"{tuple(input_shape)}."
        )
    return sizes


def checked_axis(layer: str, axis: Any) -> Any:
    """An axis as it is, or a list of them. Raises TypeError: anything else."""
    single = isinstance(axis, int) and not isinstance(axis, bool)
    if single or isinstance(axis, (list, tuple)) and axis and all(isinstance(a, int) for a in axis):
        return axis if single else list(axis)
    raise TypeError(f"{layer}: axis must be an int or a sequence of ints; got: {axis!r}")


def _listed(axis: Any) -> list[int]:
    """The axes as Keras's configurations have them once a layer is built: a list."""
    return [axis] if isinstance(axis, int) else list(axis)


class LayerNormalization(AffineNormalization):
    """Each example to mean 0 and variance 1: (x - mean) / sqrt(variance + epsilon) * gamma + beta.

    Mean and variance (with divisor n) are over `axis`.

    Args:
        axis: an int or several.
        epsilon: added to the variance.
        center: whether the offset `beta` is added.
        scale: whether the result is multiplied by `gamma`.
        beta_initializer: of the weight `beta`, which has the sizes of these axes.
        gamma_initializer: of the weight `gamma`, which has them too.
        beta_regularizer: a function of `beta` whose result is added to the loss.
        gamma_regularizer: the same of `gamma`.
        beta_constraint: a function applied to `beta` after each update.
        gamma_constraint: the same to `gamma`.
        rms_scaling: deprecated: x / sqrt(variance + epsilon) * gamma, without mean and beta. What was meant
            is RMSNormalization.

    Shapes: (batch, ..., features), which the output has too.

    Ba et al., arXiv:1607.06450. Raises TypeError: an axis that is no int. Raises ValueError: an axis
    out of range or of unknown size.

    Example:

    >>> y = keras.layers.LayerNormalization()(np.array([[1.0, 2.0, 3.0]]))
    >>> np.round(keras.ops.convert_to_numpy(y), 2)
    array([[-1.22,  0.  ,  1.22]], dtype=float32)
    """

    def __init__(
        self,
        axis: Any = -1,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        beta_regularizer: Any = None,
        gamma_regularizer: Any = None,
        beta_constraint: Any = None,
        gamma_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        self.rms_scaling = bool(kwargs.pop("rms_scaling", False))
        super().__init__(
            checked_axis("LayerNormalization", axis), epsilon, center, scale, beta_initializer, gamma_initializer,
            beta_regularizer, gamma_regularizer, beta_constraint, gamma_constraint, **kwargs,
        )  # fmt: skip

    def build(self, input_shape: Any) -> None:
        sizes = self._sizes(input_shape)
        self._over, self.axis = self.axis, _listed(self.axis)
        if not self.rms_scaling:
            self._add_affine(sizes)
            return
        self.gamma, self.beta = add_with_options(self, "gamma", sizes), None

    def call(self, inputs: Any) -> Any:
        if not self.rms_scaling:
            return ops.layer_normalization(inputs, *self._affine(), self._over, self.epsilon)
        axes = self._axes(len(inputs.shape))
        x = ops.cast(inputs, "float32") if ops.dtype(inputs) in ("float16", "bfloat16") else inputs
        variance = ops.var(x, axes, keepdims=True)
        gamma, _ = self._affine()
        gamma = ops.reshape(gamma, [n if i in axes else 1 for i, n in enumerate(ops.shape(inputs))])
        x = ops.multiply(x, ops.multiply(ops.rsqrt(ops.add(variance, self.epsilon)), ops.cast(gamma, ops.dtype(x))))
        return ops.cast(x, ops.dtype(inputs))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "rms_scaling": self.rms_scaling}


class GroupNormalization(AffineNormalization):
    """Groups of channels, each to mean 0 and variance 1 over its channels and all places.

    (x - mean) / sqrt(variance + epsilon) * gamma + beta, with mean and variance of the example's group.

    Args:
        groups: their number, which must divide the channels; -1 makes each channel a group
            (instance normalization), 1 all channels one.
        axis: that of the channels.
        epsilon: added to the variance.
        center: whether the offset `beta` is added.
        scale: whether the result is multiplied by `gamma`.
        beta_initializer: of the weight `beta`, of shape (channels,).
        gamma_initializer: of the weight `gamma`, of shape (channels,).
        beta_regularizer: a function of `beta` whose result is added to the loss.
        gamma_regularizer: the same of `gamma`.
        beta_constraint: a function applied to `beta` after each update.
        gamma_constraint: the same to `gamma`.

    Shapes: (batch, ..., channels), which the output has too.

    Wu and He, arXiv:1803.08494. Raises ValueError: groups that do not divide the channels, an axis out
    of range, an unknown number of channels.

    Example:

    >>> layer = keras.layers.GroupNormalization(groups=2, epsilon=0.0)
    >>> y = layer(np.array([[1.0, 3.0, 10.0, 30.0]]))
    >>> np.round(keras.ops.convert_to_numpy(y), 2).tolist()
    [[-1.0, 1.0, -1.0, 1.0]]
    """

    def __init__(
        self,
        groups: int = 32,
        axis: int = -1,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        beta_regularizer: Any = None,
        gamma_regularizer: Any = None,
        beta_constraint: Any = None,
        gamma_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            axis, epsilon, center, scale, beta_initializer, gamma_initializer, beta_regularizer, gamma_regularizer,
            beta_constraint, gamma_constraint, **kwargs,
        )  # fmt: skip
        if isinstance(groups, bool) or not isinstance(groups, int) or groups == 0 or groups < -1:
            raise ValueError(f"GroupNormalization: groups must be a positive integer or -1; got: {groups!r}")
        self.groups = groups

    def build(self, input_shape: Any) -> None:
        (channels,) = self._sizes(input_shape)
        self.groups = channels if self.groups == -1 else self.groups
        if channels % self.groups:
            raise ValueError(
                f"Layer {self.name!r}: groups must divide the number of channels; got {self.groups} and {channels}."
            )
        self._add_affine((channels,))
        self.input_spec = InputSpec(ndim=len(input_shape), axes={self._axes(len(input_shape))[0]: channels})

    def call(self, inputs: Any) -> Any:
        (axis,) = self._axes(len(inputs.shape))
        return B.group_normalization(inputs, self.groups, axis, *self._affine(), self.epsilon)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "groups": self.groups}


class RMSNormalization(Layer):
    """x / sqrt(mean(x^2) + epsilon) * scale, the mean over `axis`.

    Args:
        axis: an int or several.
        epsilon: added to the mean square.

    The weight `scale` has the sizes of these axes and begins with ones.

    Shapes: (batch, ..., features), which the output has too.

    Zhang and Sennrich, arXiv:1910.07467. Raises TypeError: an axis that is no int. Raises ValueError: an
    axis out of range or of unknown size.

    Example:

    >>> y = keras.layers.RMSNormalization()(np.array([[3.0, 4.0, 0.0, 0.0]]))
    >>> np.round(keras.ops.convert_to_numpy(y), 2)
    array([[1.2, 1.6, 0. , 0. ]], dtype=float32)
    """

    def __init__(self, axis: Any = -1, epsilon: float = 1e-6, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        checked_axis("RMSNormalization", axis)
        self.axis, self.epsilon = axis, epsilon

    def build(self, input_shape: Any) -> None:
        self.scale = self.add_weight(sizes_of(self, input_shape), "ones", name="scale")
        self._over, self.axis = self.axis, _listed(self.axis)

    def call(self, inputs: Any) -> Any:
        return ops.rms_normalization(inputs, self.scale.value, self._over, self.epsilon)

    def compute_output_shape(self, input_shape: Any) -> Shape:
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "axis": self.axis, "epsilon": self.epsilon}


class UnitNormalization(Layer):
    """x divided by its Euclidean norm over `axis`; zeros stay zeros.

    Args:
        axis: an int or several.

    Shapes: any, which the output has too.

    Raises TypeError: an axis that is no int.

    Example:

    >>> y = keras.layers.UnitNormalization()(np.array([[3.0, 4.0]]))
    >>> np.round(keras.ops.convert_to_numpy(y), 2)
    array([[0.6, 0.8]], dtype=float32)
    """

    DESCRIBES_SHAPES = False

    def __init__(self, axis: Any = -1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.axis = checked_axis("UnitNormalization", axis)
        self.supports_masking = True

    def call(self, inputs: Any) -> Any:
        return ops.normalize(inputs, self.axis, epsilon=1e-12)

    def compute_output_shape(self, input_shape: Any) -> Shape:
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "axis": self.axis}
