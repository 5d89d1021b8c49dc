"""Embedding, ReversibleEmbedding and Masking: from token numbers to vectors and back, and which steps to skip."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from triceras import ops
from triceras.layers.arguments import add_with_options, described_options, keep_options
from triceras.layers.layer import Layer
from triceras.layers.lora import AdaptedWeight, LowRankUpdate
from triceras.utils.serialization import serialize_keras_object as serialize
from triceras_backends import dtypes
from triceras_backends.active import backend as B

Shape = tuple[int | None, ...]


class Embedding(LowRankUpdate, Layer):
    """A table of vectors: the integer i becomes row i of the weight `embeddings`.

    Args:
        input_dim: the number of rows: the largest integer, plus one.
        output_dim: the size of a vector.
        embeddings_initializer: of the weight, of shape (input_dim, output_dim).
        embeddings_regularizer: a function of the weight whose result is added to the loss.
        embeddings_constraint: a function applied to the weight after each update.
        mask_zero: whether the integer 0 is padding: layers that follow skip its places.
        weights: the weight's initial value, an array (input_dim, output_dim) or a list of one.
        lora_rank: the rank of a low-rank adaptation: the weight is frozen, and a difference
            A B of this rank is trained in its place; see `enable_lora`. None is no adaptation.
        lora_alpha: the difference is multiplied by lora_alpha / lora_rank; None makes this 1.
        quantization_config: kept for the layer's configuration.

    Shapes: (batch, ...) of integers to (batch, ..., output_dim).

    Raises ValueError: sizes that are no positive integers, or weights of another shape.

    Example:

    >>> table = np.array([[0.0, 0.0], [1.0, 2.0], [3.0, 4.0]])
    >>> layer = keras.layers.Embedding(3, 2, weights=table, mask_zero=True)
    >>> keras.ops.convert_to_numpy(layer(np.array([[2, 0]]))).tolist()
    [[[3.0, 4.0], [0.0, 0.0]]]
    >>> keras.ops.convert_to_numpy(layer.compute_mask(np.array([[2, 0]]))).tolist()
    [[True, False]]
    """

    ADAPTED = "embeddings"
    embeddings: Any = AdaptedWeight()

    def __init__(
        self,
        input_dim: int,
        output_dim: int,
        embeddings_initializer: Any = "uniform",
        embeddings_regularizer: Any = None,
        embeddings_constraint: Any = None,
        mask_zero: bool = False,
        weights: Any = None,
        lora_rank: int | None = None,
        lora_alpha: Any = None,
        quantization_config: Any = None,
        **kwargs: Any,
    ) -> None:
        if kwargs.pop("input_length", None) is not None:
            warnings.warn("Embedding: input_length has no effect and can be left out.", stacklevel=2)
        kwargs.setdefault("autocast", False)
        super().__init__(**kwargs)
        self._keep_lora(lora_rank, lora_alpha)
        self.quantization_config = quantization_config
        for name, size in (("input_dim", input_dim), ("output_dim", output_dim)):
            if isinstance(size, bool) or not isinstance(size, (int, np.integer)) or size <= 0:
                raise ValueError(f"{type(self).__name__}: {name} must be a positive integer; got: {size!r}")
        self.input_dim, self.output_dim = int(input_dim), int(output_dim)
        keep_options(
            self, embeddings_initializer=embeddings_initializer, embeddings_regularizer=embeddings_regularizer,
            embeddings_constraint=embeddings_constraint,
        )  # fmt: skip
        self.mask_zero = mask_zero
        self.supports_masking = mask_zero
        if weights is not None:
            self.build()
            self.set_weights(weights if isinstance(weights, (list, tuple)) else [weights])

    def build(self, input_shape: Any = None) -> None:
        self.embeddings = add_with_options(self, "embeddings", (self.input_dim, self.output_dim))
        self._adapt_as_asked()

    def call(self, inputs: Any) -> Any:
        if B.dtype_of(inputs) not in ("int32", "int64"):
            inputs = ops.cast(inputs, "int32")
        if not self.lora_enabled:
            return self._computed(B.embedding(self.embeddings.value, inputs))
        a, b = self._low_rank()
        difference = self._times_alpha(ops.matmul(B.embedding(a, inputs), b))
        return self._computed(ops.add(B.embedding(self._embeddings.value, inputs), difference))

    def _computed(self, vectors: Any) -> Any:
        """The vectors in the dtype of the computation. (The whole table is never cast.)"""
        return vectors if self.compute_dtype == self.variable_dtype else ops.cast(vectors, self.compute_dtype)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        return ops.not_equal(inputs, 0) if self.mask_zero else None

    def compute_output_shape(self, input_shape: Any) -> Shape:
        return (*input_shape, self.output_dim)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "input_dim": self.input_dim,
            "output_dim": self.output_dim,
            **described_options(self, "embeddings"),
            "mask_zero": self.mask_zero,
            "quantization_config": serialize(self.quantization_config),
            **self._lora_config(),
        }


class ReversibleEmbedding(Embedding):
    """An Embedding that also goes back: from vectors to a score for each integer.

    Forwards the integer i becomes row i of the weight `embeddings` E. In reverse a vector x
    becomes the scores x E^T; with `logit_soft_cap` c these are c tanh(scores / c).

    Args:
        input_dim: the number of rows: the largest integer, plus one.
        output_dim: the size of a vector.
        tie_weights: whether the way back uses `embeddings` too. Otherwise it has a weight of its own,
            `reverse_embeddings` of shape (output_dim, input_dim).
        embeddings_initializer: of both weights.
        embeddings_regularizer: a function of `embeddings` whose result is added to the loss.
        embeddings_constraint: a function applied to `embeddings` after each update.
        mask_zero: whether the integer 0 is padding: layers that follow skip its places.
        reverse_dtype: the dtype of the way back; None is the layer's computation's.
        logit_soft_cap: scores are kept between this number and its negative; None does not.

    Call arguments:
        reverse: whether to go back.

    Shapes: (batch, ...) of integers to (batch, ..., output_dim); in reverse (batch, ..., output_dim)
    to (batch, ..., input_dim).

    Press and Wolf, arXiv:1608.05859. Raises ValueError: sizes that are no positive integers; in
    reverse, vectors of another size.

    Example:

    >>> layer = keras.layers.ReversibleEmbedding(input_dim=10, output_dim=4)
    >>> vectors = layer(np.array([[1, 2, 3]]))
    >>> keras.ops.shape(vectors), keras.ops.shape(layer(vectors, reverse=True))
    ((1, 3, 4), (1, 3, 10))
    """

    def __init__(
        self,
        input_dim: int,
        output_dim: int,
        tie_weights: bool = True,
        embeddings_initializer: Any = "uniform",
        embeddings_regularizer: Any = None,
        embeddings_constraint: Any = None,
        mask_zero: bool = False,
        reverse_dtype: Any = None,
        logit_soft_cap: float | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            input_dim,
            output_dim,
            embeddings_initializer=embeddings_initializer,
            embeddings_regularizer=embeddings_regularizer,
            embeddings_constraint=embeddings_constraint,
            mask_zero=mask_zero,
            **kwargs,
        )
        self.tie_weights = tie_weights
        self.reverse_dtype = None if reverse_dtype is None else dtypes.standardize_dtype(reverse_dtype)
        self.logit_soft_cap = logit_soft_cap
        self._declares_shape = False  # of inputs alone: it depends on `reverse`, so symbolic calls evaluate `call`

    def build(self, input_shape: Any = None) -> None:
        super().build(input_shape)
        if not self.tie_weights:
            self.reverse_embeddings = self.add_weight(
                (self.output_dim, self.input_dim), self.embeddings_initializer, name="reverse_embeddings"
            )

    def call(self, inputs: Any, reverse: bool = False) -> Any:
        return self._reversed(inputs) if reverse else super().call(inputs)

    def _reversed(self, inputs: Any) -> Any:
        if inputs.shape[-1] != self.output_dim:
            raise ValueError(
                f"Layer {self.name!r} takes vectors of size {self.output_dim} in reverse; got shape "
                f"{tuple(inputs.shape)}."
            )
        dtype = self.reverse_dtype or self.compute_dtype
        if not self.tie_weights:
            table = self.reverse_embeddings.value
        else:
            table = ops.transpose(self.embeddings if self.lora_enabled else self.embeddings.value)
        scores = ops.matmul(ops.cast(inputs, dtype), ops.cast(table, dtype))
        if self.logit_soft_cap is None:
            return scores
        return ops.multiply(ops.tanh(ops.divide(scores, self.logit_soft_cap)), self.logit_soft_cap)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """Where integers are not padding; the way back, whose inputs are floats, has none."""
        return None if ops.dtype(inputs) in dtypes.FLOATS else super().compute_mask(inputs, mask)

    def compute_output_shape(self, input_shape: Any, reverse: bool = False) -> Shape:
        return (*input_shape[:-1], self.input_dim) if reverse else super().compute_output_shape(input_shape)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "tie_weights": self.tie_weights,
            "reverse_dtype": self.reverse_dtype,
            "logit_soft_cap": self.logit_soft_cap,
        }


class Masking(Layer):
    """Marks the time steps to skip: those whose features all equal `mask_value`.

    They are set to zero, and the layers that follow and support masks skip them.

    Args:
        mask_value: a number.

    Shapes: (batch, steps, features), which the output has too; the mask is (batch, steps).

    Raises TypeError: a value that is no number.

    Example:

    >>> layer = keras.layers.Masking(mask_value=9.0)
    >>> x = np.array([[[1.0, 9.0], [9.0, 9.0]]])
    >>> keras.ops.convert_to_numpy(layer(x)).tolist()
    [[[1.0, 9.0], [0.0, 0.0]]]
    >>> keras.ops.convert_to_numpy(layer.compute_mask(x)).tolist()
    [[True, False]]
    """

    DESCRIBES_SHAPES = False

    def __init__(self, mask_value: float = 0.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.mask_value = mask_value
        self.supports_masking = True

    def call(self, inputs: Any) -> Any:
        valid = ops.any(ops.not_equal(inputs, self.mask_value), axis=-1, keepdims=True)
        return ops.multiply(inputs, ops.cast(valid, B.dtype_of(inputs)))

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        return ops.any(ops.not_equal(inputs, self.mask_value), axis=-1)

    def compute_output_shape(self, input_shape: Any) -> Shape:
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "mask_value": self.mask_value}
