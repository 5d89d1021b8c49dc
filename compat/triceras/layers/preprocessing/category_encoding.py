"""CategoryEncoding: category numbers as indicator vectors or counts."""

from __future__ import annotations

from typing import Any

from triceras import ops
from triceras.layers.layer import Layer
from triceras.layers.preprocessing.encoding import COUNT, MULTI_HOT, ONE_HOT, Shape, check_mode, encode, encoded_shape
from triceras_backends.active import backend as B


class CategoryEncoding(Layer):
    """Category numbers in [0, num_tokens) as vectors with a place for each category.

    Numbers outside that range count for nothing.

    Args:
        num_tokens: how many categories there are.
        output_mode: "multi_hot": 1 where a category occurs along the last axis; "count": how often, or the sum of
            its `count_weights`; "one_hot": a vector for each number.
        sparse: only False; tensors are dense.

    Input: (batch, samples) integers; `count_weights`, of the same shape, in the call. Output: (batch, num_tokens);
    "one_hot" (batch, samples, num_tokens), or (batch, num_tokens) of samples = 1.

    Raises ValueError: no num_tokens or one below 1, an unknown mode, `count_weights` with another mode than "count",
    or of another shape.

    Example:
        >>> layer = keras.layers.CategoryEncoding(num_tokens=4, output_mode="count")
        >>> keras.ops.convert_to_numpy(layer(np.array([[0, 1], [3, 3]]))).tolist()
        [[1.0, 1.0, 0.0, 0.0], [0.0, 0.0, 0.0, 2.0]]
    """

    def __init__(
        self, num_tokens: int | None = None, output_mode: str = MULTI_HOT, sparse: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        check_mode(f"CategoryEncoding {self.name!r}", output_mode, (COUNT, ONE_HOT, MULTI_HOT), sparse)
        if num_tokens is None:
            raise ValueError(
                f"CategoryEncoding {self.name!r} needs num_tokens; where it is not known, IntegerLookup finds the "
                "categories in the data."
            )
        if num_tokens < 1:
            raise ValueError(f"CategoryEncoding {self.name!r}: num_tokens must be at least 1; got: {num_tokens}")
        self.num_tokens, self.output_mode, self.sparse = num_tokens, output_mode, sparse

    def build(self, input_shape: Any) -> None:
        """Nothing is to be made."""

    def call(self, inputs: Any, count_weights: Any = None) -> Any:
        inputs = ops.convert_to_tensor(inputs)
        if count_weights is not None:
            count_weights = self._weights(count_weights, B.static_shape(inputs))
        numbers = inputs if B.dtype_of(inputs) in ("int32", "int64") else ops.cast(inputs, "int32")
        return encode(numbers, self.output_mode, self.num_tokens, self.compute_dtype, count_weights)

    def _weights(self, weights: Any, shape: Any) -> Any:
        if self.output_mode != COUNT:
            raise ValueError(
                f'CategoryEncoding {self.name!r}: count_weights go with output_mode="count"; '
                f"it is {self.output_mode!r}."
            )
        weights = ops.cast(ops.convert_to_tensor(weights), self.compute_dtype)
        if len(B.static_shape(weights)) != len(shape):
            raise ValueError(
                f"CategoryEncoding {self.name!r}: count_weights must have the shape of the inputs, {tuple(shape)}; "
                f"got: {tuple(B.static_shape(weights))}"
            )
        return weights

    def compute_output_shape(self, input_shape: Any) -> Shape:
        return encoded_shape(self.output_mode, input_shape, self.num_tokens)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "num_tokens": self.num_tokens, "output_mode": self.output_mode}
