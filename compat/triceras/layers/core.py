"""Dense, Activation, Dropout, Flatten, ActivityRegularization."""

from __future__ import annotations

import math
from typing import Any

from triceras import activations, ops, random, regularizers
from triceras.layers.arguments import add_with_options, described_options, keep_options
from triceras.layers.input_spec import InputSpec
from triceras.layers.layer import Layer
from triceras.layers.lora import AdaptedWeight, LowRankUpdate
from triceras.seeds import SeedGenerator
from triceras.utils.serialization import serialize_keras_object as serialize
from triceras_backends.active import backend as B
from triceras_backends.config import standardize_data_format

Shape = tuple[int | None, ...]


class Dense(LowRankUpdate, Layer):
    """A fully connected layer: activation(x @ kernel + bias), over the last axis of x.

    Args:
        units: the number of outputs, a positive int.
        activation: a name or function; None is the identity.
        use_bias: whether a bias is added.
        kernel_initializer: of the weight `kernel`, of shape (features, units).
        bias_initializer: of the weight `bias`, of shape (units,).
        kernel_regularizer: a function of `kernel` whose result is added to the loss.
        bias_regularizer: the same of `bias`.
        activity_regularizer: the same of the output.
        kernel_constraint: a function applied to `kernel` after each update.
        bias_constraint: the same to `bias`.
        lora_rank: the rank of a low-rank adaptation: the kernel is frozen, and a difference
            A B of this rank is trained in its place; see `enable_lora`. None is no adaptation.
        lora_alpha: the difference is multiplied by lora_alpha / lora_rank; None makes this 1.
        quantization_config: kept for the layer's configuration.

    Shapes: (batch, ..., features) to (batch, ..., units).

    Raises ValueError: units that are no positive integer; an input of another number of
    features than the layer was built for, of an unknown one, or of rank 1.

    Example:

    >>> layer = keras.layers.Dense(3, activation="relu", kernel_initializer="ones")
    >>> y = layer(np.array([[1.0, 2.0], [3.0, -4.0]]))
    >>> np.round(keras.ops.convert_to_numpy(y), 3).tolist()
    [[3.0, 3.0, 3.0], [0.0, 0.0, 0.0]]
    >>> layer.enable_lora(rank=1)
    >>> [(weight.name, weight.shape) for weight in layer.trainable_weights]
    [('bias', (3,)), ('lora_kernel_a', (2, 1)), ('lora_kernel_b', (1, 3))]
    """

    kernel: Any = AdaptedWeight()

    def __init__(
        self,
        units: int,
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        lora_rank: int | None = None,
        lora_alpha: Any = None,
        quantization_config: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(activity_regularizer=activity_regularizer, **kwargs)
        self._keep_lora(lora_rank, lora_alpha)
        self.quantization_config = quantization_config
        self.supports_masking = True
        if isinstance(units, bool) or not isinstance(units, int) or units <= 0:
            raise ValueError(f"Dense: units must be a positive integer; got: {units!r}")
        self.units = units
        self.activation = activations.get(activation)
        self.use_bias = use_bias
        keep_options(
            self, kernel_initializer=kernel_initializer, kernel_regularizer=kernel_regularizer,
            kernel_constraint=kernel_constraint,
        )  # fmt: skip
        keep_options(
            self, bias_initializer=bias_initializer, bias_regularizer=bias_regularizer,
            bias_constraint=bias_constraint,
        )  # fmt: skip
        self.input_spec = InputSpec(min_ndim=2)

    def build(self, input_shape: Any) -> None:
        features = input_shape[-1]
        if features is None:
            raise ValueError(
                f"Dense layer {self.name!r}: the last axis of the input must be known; got {tuple(input_shape)}."
            )
        self.kernel = add_with_options(self, "kernel", (features, self.units))
        self.bias = add_with_options(self, "bias", (self.units,)) if self.use_bias else None
        self._adapt_as_asked()
        self.input_spec = InputSpec(min_ndim=2, axes={-1: features})

    def call(self, inputs: Any, training: bool | None = None) -> Any:
        kernel = self.kernel if self.lora_enabled else self.kernel.value
        x = ops.matmul(inputs, kernel) if self.bias is None else B.linear(inputs, kernel, self.bias.value)
        return self.activation(x)

    def compute_output_shape(self, input_shape: Any) -> Shape:
        return (*input_shape[:-1], self.units)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "units": self.units,
            "activation": activations.serialize(self.activation),
            "use_bias": self.use_bias,
            **described_options(self, "kernel", "bias", activity=False),
            "quantization_config": serialize(self.quantization_config),
            **self._lora_config(),
        }


class Activation(Layer):
    """An activation function as a layer.

    Args:
        activation: a name, such as "relu", or a function of a tensor.

    Shapes: any, which the output has too.

    Raises ValueError: an unknown name, or something that is no function.

    Example:

    >>> y = keras.layers.Activation("relu")(np.array([-3.0, -1.0, 0.0, 2.0]))
    >>> keras.ops.convert_to_numpy(y).tolist()
    [0.0, 0.0, 0.0, 2.0]
    """

    DESCRIBES_SHAPES = False

    def __init__(self, activation: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True
        self.activation = activations.get(activation)

    def call(self, inputs: Any) -> Any:
        return self.activation(inputs)

    def compute_output_shape(self, input_shape: Any) -> Shape:
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "activation": activations.serialize(self.activation)}


class Flatten(Layer):
    """All axes but the first made one.

    Args:
        data_format: "channels_last", or "channels_first", which moves the channels to the end
            before flattening, so that the order of the elements does not depend on it; None is
            config.image_data_format().

    Shapes: (batch, ...) to (batch, product of the others); (batch,) to (batch, 1).

    Raises ValueError: an unknown data_format, or an input of rank 0.

    Example:

    >>> keras.ops.shape(keras.layers.Flatten()(np.zeros((2, 3, 4))))
    (2, 12)
    """

    def __init__(self, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.data_format = standardize_data_format(data_format)
        self.input_spec = InputSpec(min_ndim=1)

    def call(self, inputs: Any) -> Any:
        shape = ops.shape(inputs)
        rank = len(shape)
        if rank == 1:
            return ops.expand_dims(inputs, -1)
        if self.data_format == "channels_first" and rank > 2:
            inputs = ops.transpose(inputs, (0, *range(2, rank), 1))
        rest = shape[1:]
        return ops.reshape(inputs, (shape[0], math.prod(rest) if all(isinstance(n, int) for n in rest) else -1))

    def compute_output_shape(self, input_shape: Any) -> Shape:
        rest = input_shape[1:]
        return (input_shape[0], None if None in rest else math.prod(rest))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "data_format": self.data_format}


class Dropout(Layer):
    """In training, zeroes a share `rate` of the elements, drawn at random, and divides the others by 1 - rate.

    So the mean stays; out of training the inputs are given back as they are.

    Args:
        rate: between 0 and 1.
        noise_shape: the shape of the random mask, a tuple of ints and None, which stands for the
            input's size; 1 shares the mask along an axis. None is the input's shape.
        seed: an int, for the same masks each time the program runs; None draws one.

    Call arguments:
        training: whether elements are dropped.

    Shapes: any, which the output has too.

    Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting", 2014.
    Raises ValueError: a rate out of range, a noise_shape that is no sequence of ints and None.

    Example:

    >>> layer = keras.layers.Dropout(0.5, seed=1)
    >>> keras.ops.convert_to_numpy(layer(np.ones((2, 3)))).tolist()
    [[1.0, 1.0, 1.0], [1.0, 1.0, 1.0]]
    >>> sorted({float(x) for x in keras.ops.convert_to_numpy(layer(np.ones(50), training=True))})
    [0.0, 2.0]
    """

    DESCRIBES_SHAPES = False

    def __init__(self, rate: float, noise_shape: Any = None, seed: Any = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True
        self.rate = share("Dropout", "rate", rate)
        self.seed = seed
        self.noise_shape = checked_noise_shape("Dropout", noise_shape)
        if rate > 0:
            self.seed_generator = SeedGenerator(seed)

    def call(self, inputs: Any, training: bool = False) -> Any:
        if not training or self.rate == 0:
            return inputs
        return random.dropout(inputs, self.rate, noise_shape=self.noise_shape, seed=self.seed_generator)

    def compute_output_shape(self, input_shape: Any) -> Shape:
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "rate": self.rate, "noise_shape": self.noise_shape, "seed": self.seed}


def share(layer: str, name: str, value: Any) -> Any:
    """A number between 0 and 1 as it is. Raises ValueError: anything else."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 1:
        raise ValueError(f"{layer}: {name} must be a number between 0 and 1; got: {value!r}")
    return value


def checked_noise_shape(layer: str, shape: Any) -> tuple[int | None, ...] | None:
    """A mask's shape as a tuple. Raises ValueError: no sequence of positive ints and None."""
    if shape is None:
        return None
    sizes = tuple(shape) if isinstance(shape, (list, tuple)) else ()
    right = [size is None or isinstance(size, int) and not isinstance(size, bool) and size > 0 for size in sizes]
    if not right or not all(right):
        raise ValueError(f"{layer}: noise_shape must be a sequence of positive integers and None; got: {shape!r}")
    return sizes


class ActivityRegularization(Layer):
    """Gives back its inputs x, and adds l1 sum|x| + l2 sum x^2, divided by the batch size, to the loss.

    Args:
        l1: a non-negative float.
        l2: a non-negative float.

    Shapes: any, which the output has too.

    Raises ValueError: a factor that is no such number.

    Example:

    >>> layer = keras.layers.ActivityRegularization(l1=0.5)
    >>> y = layer(np.array([[1.0, -2.0], [3.0, 0.0]]))
    >>> [float(loss) for loss in layer.losses]
    [1.5]
    """

    DESCRIBES_SHAPES = False

    def __init__(self, l1: float = 0.0, l2: float = 0.0, **kwargs: Any) -> None:
        for name, value in (("l1", l1), ("l2", l2)):
            if isinstance(value, bool) or not isinstance(value, (int, float)) or not value >= 0:
                raise ValueError(f"ActivityRegularization: {name} must be a number not below 0; got: {value!r}")
        super().__init__(activity_regularizer=regularizers.L1L2(l1=l1, l2=l2), **kwargs)
        self.supports_masking = True
        self.l1, self.l2 = l1, l2

    def call(self, inputs: Any) -> Any:
        return inputs

    def compute_output_shape(self, input_shape: Any) -> Shape:
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        config = {**super().get_config(), "l1": self.l1, "l2": self.l2}
        del config["activity_regularizer"]  # made of the two
        return config
