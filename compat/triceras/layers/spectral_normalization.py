"""SpectralNormalization."""

from __future__ import annotations

from typing import Any

from triceras import initializers, ops
from triceras.layers.input_spec import InputSpec
from triceras.layers.wrapper import Wrapper

# Below it the square of a norm counts as this.
_TINY = 1e-12


class SpectralNormalization(Wrapper):
    """A layer whose weight W is divided by its largest singular value in each training step.

    The value is estimated by power iteration on W as a matrix with the last axis' size as columns:
    v = unit(u W^T), u = unit(v W), sigma = v W u^T, with u kept from step to step in the weight
    `vector_u`. The layer's `kernel` (of an embedding, `embeddings`) then is W / sigma. So the function
    of the layer has a Lipschitz constant near 1, which steadies the discriminators of GANs.

    Args:
        layer: a layer with a `kernel` or `embeddings`.
        power_iterations: iterations a step, positive.

    Call arguments:
        training: whether W is normalized; otherwise it is used as it is.

    Shapes: those of the layer.

    Miyato et al., arXiv:1802.05957. Raises ValueError: power_iterations that are not positive,
    something that is no layer, or a layer without such a weight.

    Example:

    >>> layer = keras.layers.SpectralNormalization(keras.layers.Dense(2), power_iterations=20)
    >>> y = layer(np.ones((1, 3)), training=True)
    >>> singular = np.linalg.svd(keras.ops.convert_to_numpy(layer.layer.kernel), compute_uv=False)
    >>> round(float(singular[0]), 2)
    1.0
    """

    def __init__(self, layer: Any, power_iterations: int = 1, **kwargs: Any) -> None:
        super().__init__(layer, **kwargs)
        if isinstance(power_iterations, bool) or not isinstance(power_iterations, int) or power_iterations <= 0:
            raise ValueError(
                f"SpectralNormalization: power_iterations must be a positive integer; got: {power_iterations!r}"
            )
        self.power_iterations = power_iterations

    def build(self, input_shape: Any = None) -> None:
        super().build(input_shape)
        if input_shape is not None:
            self.input_spec = InputSpec(shape=(None, *input_shape[1:]))
        weight = getattr(self.layer, "kernel", None)
        weight = getattr(self.layer, "embeddings", None) if weight is None else weight
        if weight is None:
            raise ValueError(
                f"Layer {self.name!r}: {type(self.layer).__name__} {self.layer.name!r} has neither a kernel nor "
                "embeddings that could be normalized."
            )
        self.kernel = weight
        self.vector_u = self.add_weight(
            (1, weight.shape[-1]), initializers.TruncatedNormal(stddev=0.02), trainable=False, name="vector_u"
        )

    def call(self, inputs: Any, training: bool = False) -> Any:
        if training:
            kernel, u = self.normalized_weights()
            self.kernel.assign(kernel)
            self.vector_u.assign(u)
        takes = self.layer._signature.takes_training
        return self.layer(inputs, training=training) if takes else self.layer(inputs)

    def normalized_weights(self) -> tuple[Any, Any]:
        """The weight divided by its largest singular value, and the vector u that this was estimated with."""
        kernel = self.kernel.value
        matrix = ops.stop_gradient(ops.reshape(kernel, (-1, self.kernel.shape[-1])))
        u = self.vector_u.value
        for _ in range(self.power_iterations):
            v = _unit(ops.matmul(u, ops.transpose(matrix)))
            u = _unit(ops.matmul(v, matrix))
        sigma = ops.matmul(ops.matmul(v, matrix), ops.transpose(u))
        return ops.divide(kernel, ops.reshape(sigma, ())), u

    def compute_output_shape(self, input_shape: Any) -> Any:
        return self.layer.compute_output_shape(input_shape)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "power_iterations": self.power_iterations}


def _unit(x: Any) -> Any:
    """x divided by its Euclidean norm."""
    return ops.multiply(x, ops.rsqrt(ops.maximum(ops.sum(ops.square(x)), _TINY)))
