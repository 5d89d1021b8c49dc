"""BatchNormalization."""

from __future__ import annotations

from typing import Any

import numpy as np

from triceras import ops
from triceras.layers.arguments import described, keep_options
from triceras.layers.input_spec import InputSpec
from triceras.layers.normalization import AffineNormalization
from triceras_backends.active import backend as B
from triceras_backends.config import epsilon as smallest

_CLIPS = ("rmax", "rmin", "dmax")


class BatchNormalization(AffineNormalization):
    """Each channel to mean 0 and variance 1: (x - mean) / sqrt(variance + epsilon) * gamma + beta.

    In training by the moments of the batch (variance with divisor n), which also move the
    averages `moving_mean` and `moving_variance`: moving * momentum + batch * (1 - momentum).
    Otherwise, and in a frozen layer (`trainable = False`), by these averages.

    With `renorm` the batch's result is corrected to what the moving moments would give,
    x * r + d before gamma and beta, where r = s / renorm_stddev, d = (mean - renorm_mean) / renorm_stddev
    and s = sqrt(variance + epsilon). No gradient goes through r and d.

    Args:
        axis: that of the channels.
        momentum: of the moving averages.
        epsilon: added to the variance.
        center: whether the offset `beta` is added.
        scale: whether the result is multiplied by `gamma`.
        beta_initializer: of the weight `beta`, of shape (channels,), as all weights here.
        gamma_initializer: of the weight `gamma`.
        moving_mean_initializer: of the average `moving_mean`.
        moving_variance_initializer: of the average `moving_variance`.
        beta_regularizer: a function of `beta` whose result is added to the loss.
        gamma_regularizer: the same of `gamma`.
        beta_constraint: a function applied to `beta` after each update.
        gamma_constraint: the same to `gamma`.
        renorm: whether there is batch renormalization.
        renorm_clipping: a dict of bounds: "rmin" and "rmax" of r, "dmax" of the absolute value of d; what
            it lacks is not bounded.
        renorm_momentum: of the averages `renorm_mean` and `renorm_stddev`.
        synchronized: whether moments are over all replicas of a model. One process has one replica,
            so this changes nothing.

    Call arguments:
        training: whether the batch's moments are used.
        mask: (batch, ...) of bools over leading axes; places that are False are left out of the moments.

    Shapes: (batch, ..., channels), which the output has too.

    Ioffe and Szegedy, arXiv:1502.03167; renormalization: Ioffe, arXiv:1702.03275. Raises TypeError: an
    axis that is no int. Raises ValueError: an axis out of range, an unknown number of channels, bounds
    of other names or out of order.

    Example:

    >>> layer = keras.layers.BatchNormalization(momentum=0.5)
    >>> y = layer(np.array([[1.0], [3.0]]), training=True)
    >>> np.round(keras.ops.convert_to_numpy(y), 2).tolist()
    [[-1.0], [1.0]]
    >>> [float(average[0]) for average in layer.get_weights()[2:]]
    [1.0, 1.0]
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
        if isinstance(axis, bool) or not isinstance(axis, int):
            raise TypeError(f"BatchNormalization: axis must be an int, that of the channels; got: {axis!r}")
        super().__init__(
            axis, epsilon, center, scale, beta_initializer, gamma_initializer, beta_regularizer, gamma_regularizer,
            beta_constraint, gamma_constraint, **kwargs,
        )  # fmt: skip
        self.momentum = float(momentum)
        keep_options(
            self,
            moving_mean_initializer=moving_mean_initializer,
            moving_variance_initializer=moving_variance_initializer,
        )
        if renorm:
            renorm_clipping = {} if renorm_clipping is None else renorm_clipping
            _check_clipping(renorm_clipping)
        self.renorm, self.renorm_clipping, self.renorm_momentum = renorm, renorm_clipping, renorm_momentum
        self.synchronized = synchronized

    def build(self, input_shape: Any) -> None:
        shape = self._sizes(input_shape)
        self._add_affine(shape)
        self.moving_mean = self._average(shape, self.moving_mean_initializer, "moving_mean")
        self.moving_variance = self._average(shape, self.moving_variance_initializer, "moving_variance")
        if self.renorm:
            self.moving_stddev = self._average(shape, self._initial_stddev, "moving_stddev")
            self.renorm_mean = self._average(shape, self.moving_mean_initializer, "renorm_mean")
            self.renorm_stddev = self._average(shape, self._initial_stddev, "renorm_stddev")
        axis = self._axes(len(input_shape))[0]
        self.input_spec = InputSpec(ndim=len(input_shape), axes={axis: shape[0]})

    def _average(self, shape: tuple[int, ...], initializer: Any, name: str) -> Any:
        return self.add_weight(shape, initializer, trainable=False, autocast=False, name=name)

    def _initial_stddev(self, shape: Any, dtype: Any = None) -> Any:
        variance = self.moving_variance_initializer(shape, dtype=dtype)
        return np.sqrt(variance) if isinstance(variance, np.ndarray) else ops.sqrt(variance)

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        gamma, beta = self._affine()
        if not training or not self.trainable:
            mean, variance = self.moving_mean.value, self.moving_variance.value
            return ops.batch_normalization(inputs, mean, variance, self.axis, beta, gamma, self.epsilon)
        if self.renorm:
            outputs, mean, variance = self._normalized(inputs, mask, None, None)
            outputs = self._renormalized(outputs, mean, variance, gamma, beta)
        else:
            outputs, mean, variance = self._normalized(inputs, mask, gamma, beta)
            B.moving_average(self.moving_variance, variance, self.momentum)
        B.moving_average(self.moving_mean, mean, self.momentum)
        return outputs

    def _normalized(self, inputs: Any, mask: Any, gamma: Any, beta: Any) -> tuple[Any, Any, Any]:
        """The outputs by the batch's moments, and these."""
        if mask is None:
            return B.normalize_by_batch(inputs, self.axis, beta, gamma, self.epsilon)
        mean, variance = self._masked_moments(inputs, mask)
        outputs = ops.batch_normalization(inputs, mean, variance, self.axis, beta, gamma, self.epsilon)
        return outputs, mean, variance

    def _renormalized(self, x: Any, mean: Any, variance: Any, gamma: Any, beta: Any) -> Any:
        """x, normalized by the batch, corrected to the moving moments, times gamma, plus beta; these are moved."""
        mean, variance = ops.stop_gradient(mean), ops.stop_gradient(variance)
        stddev = ops.sqrt(ops.add(variance, self.epsilon))
        r = ops.divide(stddev, self.renorm_stddev.value)
        d = ops.divide(ops.subtract(mean, self.renorm_mean.value), self.renorm_stddev.value)
        bounds = self.renorm_clipping or {}
        if "rmin" in bounds:
            r = ops.maximum(r, bounds["rmin"])
        if "rmax" in bounds:
            r = ops.minimum(r, bounds["rmax"])
        if "dmax" in bounds:
            d = ops.clip(d, -bounds["dmax"], bounds["dmax"])
        B.moving_average(self.renorm_mean, mean, self.renorm_momentum)
        B.moving_average(self.renorm_stddev, stddev, self.renorm_momentum)
        B.moving_average(self.moving_stddev, stddev, self.momentum)
        variance = ops.subtract(ops.square(self.moving_stddev.value), self.epsilon)
        self.moving_variance.assign(ops.maximum(variance, 0.0))
        dtype = ops.dtype(x)
        r, d = self._along_channels(ops.cast(r, dtype), x), self._along_channels(ops.cast(d, dtype), x)
        x = ops.add(ops.multiply(x, r), d)
        x = x if gamma is None else ops.multiply(x, self._along_channels(gamma, x))
        return x if beta is None else ops.add(x, self._along_channels(beta, x))

    def _along_channels(self, values: Any, x: Any) -> Any:
        rank = len(x.shape)
        return ops.reshape(values, (-1, *(1,) * (rank - 1 - self.axis % rank)))

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
        own = described(
            self, "momentum", "moving_mean_initializer", "moving_variance_initializer", "synchronized", "renorm",
            "renorm_clipping", "renorm_momentum",
        )  # fmt: skip
        return {**super().get_config(), **own}


def _check_clipping(bounds: Any) -> None:
    """Raises TypeError, ValueError: no dict of the known bounds, or bounds that leave nothing."""
    if not isinstance(bounds, dict):
        raise TypeError(f"BatchNormalization: renorm_clipping must be a dict; got: {bounds!r}")
    if set(bounds) - set(_CLIPS):
        raise ValueError(f"BatchNormalization: renorm_clipping may hold {', '.join(_CLIPS)}; got: {bounds!r}")
    if "rmax" in bounds and "rmin" in bounds and bounds["rmax"] < bounds["rmin"]:
        raise ValueError(f"BatchNormalization: rmax must not be below rmin in renorm_clipping; got: {bounds!r}")
    if bounds.get("dmax", 0) < 0:
        raise ValueError(f"BatchNormalization: dmax must not be negative in renorm_clipping; got: {bounds!r}")
