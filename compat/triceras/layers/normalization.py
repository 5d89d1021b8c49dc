"""Normalisation layers."""

from __future__ import annotations

from typing import Any

from triceras import initializers, ops, regularizers
from triceras.layers.input_spec import InputSpec
from triceras.layers.layer import Layer
from triceras_backends.active import backend as B
from triceras_backends.config import epsilon as smallest


class _Normalization(Layer):
    """What normalisations with a scale and an offset share.

    Args:
        axis: see the layer.
        epsilon: added to the variance.
        center: whether the offset `beta` is added.
        scale: whether the result is multiplied by `gamma`.
        beta_initializer, gamma_initializer, beta_regularizer, gamma_regularizer, beta_constraint,
        gamma_constraint: of these weights.
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
        super().__init__(**kwargs)
        self.axis = axis if isinstance(axis, int) else list(axis)
        self.epsilon = float(epsilon)
        self.center, self.scale = center, scale
        self.beta_initializer = initializers.get(beta_initializer)
        self.gamma_initializer = initializers.get(gamma_initializer)
        self.beta_regularizer = regularizers.get(beta_regularizer)
        self.gamma_regularizer = regularizers.get(gamma_regularizer)
        self.beta_constraint, self.gamma_constraint = beta_constraint, gamma_constraint
        self.supports_masking = True

    def _axes(self, rank: int) -> tuple[int, ...]:
        """The axes, counted from the first. Raises ValueError: out of range."""
        axes = (self.axis,) if isinstance(self.axis, int) else tuple(self.axis)
        if any(not -rank <= axis < rank for axis in axes):
            raise ValueError(f"Layer {self.name!r}: axis {self.axis} is out of range for inputs of rank {rank}.")
        return tuple(sorted(axis % rank for axis in axes))

    def _sizes(self, input_shape: Any) -> tuple[int, ...]:
        """The sizes of the axes. Raises ValueError: not known."""
        sizes = tuple(input_shape[axis] for axis in self._axes(len(input_shape)))
        if None in sizes:
            raise ValueError(
                f"Layer {self.name!r}: the size of axis {self.axis} must be known; got inputs of shape "
                f"{tuple(input_shape)}."
            )
        return sizes

    def _add_affine(self, shape: tuple[int, ...]) -> None:
        self.gamma = self.beta = None
        if self.scale:
            self.gamma = self.add_weight(
                shape,
                self.gamma_initializer,
                regularizer=self.gamma_regularizer,
                constraint=self.gamma_constraint,
                name="gamma",
            )
        if self.center:
            self.beta = self.add_weight(
                shape,
                self.beta_initializer,
                regularizer=self.beta_regularizer,
                constraint=self.beta_constraint,
                name="beta",
            )

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
            "beta_initializer": self.beta_initializer,
            "gamma_initializer": self.gamma_initializer,
            "beta_regularizer": self.beta_regularizer,
            "gamma_regularizer": self.gamma_regularizer,
            "beta_constraint": self.beta_constraint,
            "gamma_constraint": self.gamma_constraint,
        }


class BatchNormalization(_Normalization):
    """Each channel to mean 0 and variance 1, then times gamma plus beta.

    In training by the moments of the batch (variance with divisor n), which also move the
    averages `moving_mean` and `moving_variance`: moving * momentum + batch * (1 - momentum).
    Otherwise, and in a frozen layer (`trainable = False`), by these averages. A mask
    (batch, ...) over leading axes leaves places out of the moments.

    Args:
        axis: that of the channels.
        momentum: of the moving averages.
        epsilon: added to the variance.
        center, scale: whether there are `beta` and `gamma`.
        beta_initializer, gamma_initializer, beta_regularizer, gamma_regularizer, beta_constraint,
        gamma_constraint, moving_mean_initializer, moving_variance_initializer: of the weights.
        renorm, renorm_clipping, renorm_momentum, synchronized: must keep their defaults.

    Ioffe and Szegedy, arXiv:1502.03167. Raises ValueError: batch renormalisation or moments over
    several replicas are asked for, an unknown number of channels.
    """

    def __init__(
        self,
        axis: int = -1,
        momentum: float = 0.99,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        moving_mean_initializer: Any = "zeros",
        moving_variance_initializer: Any = "ones",
        beta_regularizer: Any = None,
        gamma_regularizer: Any = None,
        beta_constraint: Any = None,
        gamma_constraint: Any = None,
        renorm: bool = False,
        renorm_clipping: Any = None,
        renorm_momentum: float = 0.99,
        synchronized: bool = False,
        **kwargs: Any,
    ) -> None:
        if synchronized:
            raise ValueError("BatchNormalization: moments over several replicas (synchronized=True) are not supported.")
        if renorm or renorm_clipping is not None:
            raise ValueError("BatchNormalization: batch renormalization (renorm=True) is not supported.")
        if not isinstance(axis, int):
            raise ValueError(f"BatchNormalization: axis must be an int, that of the channels; got: {axis!r}")
        super().__init__(
            axis, epsilon, center, scale, beta_initializer, gamma_initializer, beta_regularizer, gamma_regularizer,
            beta_constraint, gamma_constraint, **kwargs,
        )  # fmt: skip
        self.momentum = float(momentum)
        self.moving_mean_initializer = initializers.get(moving_mean_initializer)
        self.moving_variance_initializer = initializers.get(moving_variance_initializer)

    def build(self, input_shape: Any) -> None:
        shape = self._sizes(input_shape)
        self._add_affine(shape)
        self.moving_mean = self.add_weight(
            shape, self.moving_mean_initializer, trainable=False, autocast=False, name="moving_mean"
        )
        self.moving_variance = self.add_weight(
            shape, self.moving_variance_initializer, trainable=False, autocast=False, name="moving_variance"
        )
        axis = self._axes(len(input_shape))[0]
        self.input_spec = InputSpec(ndim=len(input_shape), axes={axis: shape[0]})

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        gamma, beta = self._affine()
        if not training or not self.trainable:
            mean, variance = self.moving_mean.value, self.moving_variance.value
            return ops.batch_normalization(inputs, mean, variance, self.axis, beta, gamma, self.epsilon)
        if mask is None:
            outputs, mean, variance = B.normalize_by_batch(inputs, self.axis, beta, gamma, self.epsilon)
        else:
            mean, variance = self._masked_moments(inputs, mask)
            outputs = ops.batch_normalization(inputs, mean, variance, self.axis, beta, gamma, self.epsilon)
        B.moving_average(self.moving_mean, mean, self.momentum)
        B.moving_average(self.moving_variance, variance, self.momentum)
        return outputs

    def _masked_moments(self, inputs: Any, mask: Any) -> tuple[Any, Any]:
        """Mean and variance of the places that the mask keeps."""
        rank = len(inputs.shape)
        channel = self.axis % rank
        others = tuple(axis for axis in range(rank) if axis != channel)
        x = ops.cast(inputs, "float32") if ops.dtype(inputs) in ("float16", "bfloat16") else inputs
        for _ in range(rank - len(mask.shape)):
            mask = ops.expand_dims(mask, -1)
        ones = ops.ones_like(ops.take(x, ops.convert_to_tensor([0], "int32"), channel))
        kept = ops.multiply(ones, ops.cast(mask, ops.dtype(x)))
        count = ops.add(ops.sum(kept, others, keepdims=True), smallest())
        mean = ops.divide(ops.sum(ops.multiply(x, kept), others, keepdims=True), count)
        square = ops.square(ops.subtract(x, mean))
        variance = ops.divide(ops.sum(ops.multiply(square, kept), others, keepdims=True), count)
        return ops.squeeze(mean, others), ops.squeeze(variance, others)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "momentum": self.momentum,
            "moving_mean_initializer": self.moving_mean_initializer,
            "moving_variance_initializer": self.moving_variance_initializer,
        }


class LayerNormalization(_Normalization):
    """Each example to mean 0 and variance 1 over `axis` (an int or several), then times gamma plus beta.

    gamma and beta have the sizes of these axes. Ba et al., arXiv:1607.06450.

    Args:
        epsilon: added to the variance.
        center, scale: whether there are `beta` and `gamma`.
        beta_initializer, gamma_initializer, beta_regularizer, gamma_regularizer, beta_constraint,
        gamma_constraint: of these weights.

    Raises ValueError: an axis out of range or of unknown size.
    """

    def build(self, input_shape: Any) -> None:
        self._add_affine(self._sizes(input_shape))

    def call(self, inputs: Any) -> Any:
        return ops.layer_normalization(inputs, *self._affine(), self.axis, self.epsilon)


class GroupNormalization(_Normalization):
    """Groups of channels, each to mean 0 and variance 1 over its channels and all places.

    Args:
        groups: their number, which must divide the channels; -1 makes each channel a group
            (instance normalisation).
        axis: that of the channels.
        epsilon: added to the variance.
        center, scale: whether there are `beta` and `gamma`, one for each channel.
        beta_initializer, gamma_initializer, beta_regularizer, gamma_regularizer, beta_constraint,
        gamma_constraint: of these weights.

    Wu and He, arXiv:1803.08494. Raises ValueError: groups that do not divide the channels.
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
        self.groups = groups

    def build(self, input_shape: Any) -> None:
        (channels,) = self._sizes(input_shape)
        self.groups = channels if self.groups == -1 else self.groups
        if self.groups < 1 or channels % self.groups:
            raise ValueError(
                f"Layer {self.name!r}: groups must divide the number of channels; got {self.groups} and {channels}."
            )
        self._add_affine((channels,))
        self.input_spec = InputSpec(ndim=len(input_shape), axes={self._axes(len(input_shape))[0]: channels})

    def call(self, inputs: Any) -> Any:
        shape = ops.shape(inputs)
        rank = len(shape)
        (axis,) = self._axes(rank)
        parts = (*shape[:axis], self.groups, shape[axis] // self.groups, *shape[axis + 1 :])
        others = tuple(i for i in range(1, rank + 1) if i != axis)
        x = ops.layer_normalization(ops.reshape(inputs, parts), axis=others, epsilon=self.epsilon)
        return self._scaled(ops.reshape(x, shape), rank - 1 - axis)

    def _scaled(self, x: Any, after: int) -> Any:
        """Times gamma, plus beta, along the axis that has so many others after it."""
        gamma, beta = (None if v is None else ops.reshape(v, (-1, *(1,) * after)) for v in self._affine())
        x = x if gamma is None else ops.multiply(x, gamma)
        return x if beta is None else ops.add(x, beta)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "groups": self.groups}


class RMSNormalization(Layer):
    """x divided by its root mean square over `axis` (an int or several), times the weight `scale`.

    Args:
        epsilon: added to the mean square.

    Zhang and Sennrich, arXiv:1910.07467. Raises ValueError: an axis of unknown size.
    """

    def __init__(self, axis: Any = -1, epsilon: float = 1e-6, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.axis = axis if isinstance(axis, int) else list(axis)
        self.epsilon = epsilon
        self.supports_masking = True

    def build(self, input_shape: Any) -> None:
        axes = [self.axis] if isinstance(self.axis, int) else sorted(a % len(input_shape) for a in self.axis)
        self.scale = self.add_weight(tuple(input_shape[axis] for axis in axes), "ones", name="scale")

    def call(self, x: Any) -> Any:
        return ops.rms_normalization(x, self.scale.value, self.axis, self.epsilon)

    def compute_output_shape(self, input_shape: Any) -> tuple[int | None, ...]:
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "axis": self.axis, "epsilon": self.epsilon}


class UnitNormalization(Layer):
    """x divided by its Euclidean norm over `axis` (an int or several); zeros stay."""

    def __init__(self, axis: Any = -1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.axis = axis if isinstance(axis, int) else list(axis)
        self.supports_masking = True

    def call(self, inputs: Any) -> Any:
        return ops.normalize(inputs, self.axis, epsilon=1e-12)

    def compute_output_shape(self, input_shape: Any) -> tuple[int | None, ...]:
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "axis": self.axis}
