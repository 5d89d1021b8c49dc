"""Attention with projections: MultiHeadAttention and GroupQueryAttention."""

from __future__ import annotations

import math
import string
from typing import Any

from triceras import constraints, initializers, ops, random, regularizers
from triceras.layers.einsum_dense import EinsumDense
from triceras.layers.layer import Layer
from triceras.seeds import SeedGenerator
from triceras.utils.serialization import serialize_keras_object as serialize
from triceras_backends.active import backend as B

_DENSE = (
    "use_bias", "kernel_initializer", "bias_initializer", "kernel_regularizer", "bias_regularizer",
    "kernel_constraint", "bias_constraint",
)  # fmt: skip


class _ProjectedAttention(Layer):
    """Projections of query, key and value to heads, attention between them, and a projection back."""

    def __init__(
        self,
        dropout: float = 0.0,
        use_bias: bool = True,
        sliding_window: int | None = None,
        flash_attention: bool | None = None,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        use_gate: bool = False,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(activity_regularizer=activity_regularizer, **kwargs)
        owner = type(self).__name__
        if sliding_window is not None and (not isinstance(sliding_window, int) or sliding_window <= 0):
            raise ValueError(f"{owner}: sliding_window must be a positive integer or None; got {sliding_window!r}.")
        if flash_attention and dropout > 0:
            raise ValueError(f"{owner}: flash attention cannot drop scores; got dropout={dropout}.")
        self.supports_masking = True
        self.dropout, self.seed = dropout, seed
        self.use_bias, self.use_gate = use_bias, use_gate
        self.sliding_window, self.flash_attention = sliding_window, flash_attention
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)
        self.kernel_constraint = constraints.get(kernel_constraint)
        self.bias_constraint = constraints.get(bias_constraint)
        if dropout > 0:
            self.seed_generator = SeedGenerator(seed)

    # -- building -----------------------------------------------------------------------

    def _heads(self) -> tuple[tuple[int, int], tuple[int, int], tuple[int, int]]:
        """(heads, width) of query, key and value."""
        raise TypeError(f"{type(self).__name__} must define _heads.")

    def _axes(self, rank: int) -> tuple[int, ...]:
        """The axes of the query that attention goes over."""
        return tuple(range(1, rank - 1))

    def _dense(self, name: str, before: int, contracted: int, sizes: tuple[int, ...]) -> EinsumDense:
        """A projection of the last `contracted` of `before` axes to axes of these sizes."""
        labels = string.ascii_lowercase
        given, made = labels[:before], labels[before : before + len(sizes)]
        equation = f"{given},{given[before - contracted :]}{made}->{given[: before - contracted]}{made}"
        return EinsumDense(
            equation,
            output_shape=(*(None,) * (before - contracted - 1), *sizes),
            bias_axes=made if self.use_bias else None,
            name=name,
            dtype=self.dtype_policy,
            **{key: _fresh(getattr(self, key)) for key in _DENSE[1:]},
        )

    def build(self, query_shape: Any, value_shape: Any, key_shape: Any = None) -> None:
        key_shape = value_shape if key_shape is None else key_shape
        if query_shape[-1] is None or value_shape[-1] is None or key_shape[-1] is None:
            raise ValueError(
                f"{type(self).__name__} {self.name!r}: the last axes of query, value and key must be known."
            )
        if len(value_shape) != len(key_shape) or tuple(value_shape[1:-1]) != tuple(key_shape[1:-1]):
            raise ValueError(
                f"{type(self).__name__} {self.name!r}: value and key must have the same axes but the last; "
                f"got shapes {tuple(value_shape)} and {tuple(key_shape)}."
            )
        rank = len(query_shape)
        query, key, value = self._heads()
        self._attended_axes = self._axes(rank)
        self.query_dense = self._dense("query", rank, 1, query)
        self.query_dense.build(query_shape)
        self.key_dense = self._dense("key", len(key_shape), 1, key)
        self.key_dense.build(key_shape)
        if self.use_gate:
            self.gate_dense = self._dense("gate", rank, 1, (query[0], value[1]))
            self.gate_dense.build(query_shape)
        self.value_dense = self._dense("value", len(value_shape), 1, value)
        self.value_dense.build(value_shape)
        out = self._output_sizes(query_shape)
        self.output_dense = self._dense("attention_output", rank + 1, 2, out)
        self.output_dense.build((*query_shape[:-1], query[0], value[1]))

    def _output_sizes(self, query_shape: Any) -> tuple[int, ...]:
        return (query_shape[-1],)

    # -- calling ------------------------------------------------------------------------

    def call(
        self,
        query: Any,
        value: Any,
        key: Any = None,
        query_mask: Any = None,
        value_mask: Any = None,
        key_mask: Any = None,
        attention_mask: Any = None,
        return_attention_scores: bool = False,
        training: bool | None = None,
        use_causal_mask: bool = False,
    ) -> Any:
        if return_attention_scores and self.flash_attention:
            raise ValueError(f"{type(self).__name__} {self.name!r}: flash attention has no scores to return.")
        key = value if key is None else key
        axes = self._attended_axes
        batch_axes = [i for i in range(len(ops.shape(query)) - 1) if i not in axes]
        q = _flattened(self.query_dense(query), axes, batch_axes)
        k = _flattened(self.key_dense(key), axes, batch_axes)
        v = _flattened(self.value_dense(value), axes, batch_axes)
        mask = self._mask(q, k, value_mask, key_mask, attention_mask, use_causal_mask, len(axes))
        scores = None
        if return_attention_scores or (training and self.dropout > 0):
            attended, scores = self._attend(q, k, v, mask, training)
        else:
            attended = B.dot_product_attention(q, k, v, mask=mask, flash_attention=self.flash_attention)
        sizes = ops.shape(query)
        attended = _unflattened(attended, sizes, axes, batch_axes)
        if self.use_gate:
            attended = ops.multiply(attended, ops.sigmoid(self.gate_dense(query)))
        output = self.output_dense(attended)
        if not return_attention_scores:
            return output
        source = ops.shape(value)
        shape = (*(sizes[i] for i in batch_axes), ops.shape(scores)[1], *(s[i] for s in (sizes, source) for i in axes))
        return output, ops.reshape(scores, shape)

    def _attend(self, query: Any, key: Any, value: Any, mask: Any, training: bool | None) -> tuple[Any, Any]:
        """The attended values and the scores before dropout, by way of all scores."""
        groups = ops.shape(query)[2] // ops.shape(key)[2]
        if groups > 1:
            key, value = ops.repeat(key, groups, 2), ops.repeat(value, groups, 2)
        query = ops.multiply(query, ops.shape(query)[-1] ** -0.5)
        scores = ops.matmul(ops.transpose(query, (0, 2, 1, 3)), ops.transpose(key, (0, 2, 3, 1)))
        if mask is not None:
            barred = -3e4 if B.dtype_of(scores) == "float16" else -1e38
            scores = ops.where(mask, scores, ops.full_like(scores, barred))
        scores = ops.softmax(scores, -1)
        if mask is not None:  # a row that attends to nothing gives zeros
            scores = ops.where(mask, scores, ops.zeros_like(scores))
        kept = scores
        if training and self.dropout > 0:
            kept = random.dropout(scores, self.dropout, seed=self.seed_generator)
        attended = ops.matmul(kept, ops.transpose(value, (0, 2, 1, 3)))
        return ops.transpose(attended, (0, 2, 1, 3)), scores

    def _mask(
        self, query: Any, key: Any, value_mask: Any, key_mask: Any, attention_mask: Any,
        causal: bool, axes: int,
    ) -> Any:  # fmt: skip
        """All masks as one that broadcasts to (batch, heads, T, S); None if there are none."""
        target, source = ops.shape(query)[1], ops.shape(key)[1]
        found = []
        for name, mask in (("value_mask", value_mask), ("key_mask", key_mask)):
            if mask is not None:
                _check_mask(self, name, mask, (source,), axes)
                found.append(ops.reshape(mask, (-1, 1, 1, source)))
        if attention_mask is not None:
            _check_mask(self, "attention_mask", attention_mask, (target, source), axes)
            found.append(_spread(attention_mask, axes, target, source))
        if causal or self.sliding_window is not None:
            i = ops.expand_dims(ops.arange(target, dtype="int32"), 1)
            j = ops.expand_dims(ops.arange(source, dtype="int32"), 0)
            if causal:
                found.append(ops.greater_equal(i, j))
            if self.sliding_window is not None:
                found.append(ops.less(ops.abs(ops.subtract(i, j)), self.sliding_window))
        whole = None
        for mask in found:
            mask = ops.cast(mask, "bool")
            whole = mask if whole is None else ops.logical_and(whole, mask)
        return whole

    # -- shapes, masks, configuration ---------------------------------------------------

    def compute_mask(  # type: ignore[override]
        self, query: Any, value: Any = None, query_mask: Any = None, **kwargs: Any
    ) -> Any:
        """The query's mask."""
        return query_mask

    def compute_output_shape(self, query_shape: Any, value_shape: Any, key_shape: Any = None) -> Any:
        return (*query_shape[:-1], *self._output_sizes(query_shape))

    def get_config(self) -> dict[str, Any]:
        names = ("dropout", "sliding_window", "use_bias", "use_gate", "seed")
        own = {name: getattr(self, name) for name in names}
        nested = (*_DENSE[1:], "activity_regularizer")
        return {**super().get_config(), **own, **{name: serialize(getattr(self, name)) for name in nested}}


def _check_sizes(layer: Layer, **sizes: Any) -> None:
    """Raises ValueError: one is no positive integer."""
    for name, size in sizes.items():
        if isinstance(size, bool) or not isinstance(size, int) or size <= 0:
            raise ValueError(f"{type(layer).__name__}: {name} must be a positive integer; got: {size!r}")


def _fresh(x: Any) -> Any:
    """A copy of an initializer, so that layers do not share the numbers of its seed."""
    return type(x).from_config(x.get_config()) if isinstance(x, initializers.Initializer) else x


def _flattened(x: Any, axes: tuple[int, ...], batch_axes: list[int]) -> Any:
    """(..., heads, width) as (batch, attended, heads, width)."""
    shape = ops.shape(x)
    if len(axes) == 1 and batch_axes == [0]:
        return x
    rank = len(shape)
    x = ops.transpose(x, (*batch_axes, *axes, rank - 2, rank - 1))
    return ops.reshape(x, (-1, math.prod(shape[i] for i in axes), *shape[-2:]))


def _unflattened(x: Any, sizes: Any, axes: tuple[int, ...], batch_axes: list[int]) -> Any:
    """The reverse of `_flattened`, for a query of these sizes."""
    if len(axes) == 1 and batch_axes == [0]:
        return x
    order = [*batch_axes, *axes]
    x = ops.reshape(x, (*(sizes[i] for i in order), *ops.shape(x)[-2:]))
    rank = len(order)
    return ops.transpose(x, (*(order.index(i) for i in range(rank)), rank, rank + 1))


def _check_mask(layer: Layer, name: str, mask: Any, sizes: tuple[Any, ...], axes: int) -> None:
    """Raises ValueError: the last axes are not of these sizes, of which each may be `axes` axes' product."""
    shape = tuple(ops.shape(mask))
    last = shape[-axes * len(sizes) :]
    groups = [last[i * axes : (i + 1) * axes] for i in range(len(sizes))]
    for group, size in zip(groups, sizes, strict=True):
        known = isinstance(size, int) and all(isinstance(one, int) for one in group)
        if known and math.prod(group) not in (size, 1):
            raise ValueError(
                f"{type(layer).__name__} {layer.name!r}: {name} must end in axes of the sizes {sizes}; "
                f"got shape {shape}."
            )


def _spread(mask: Any, axes: int, target: Any, source: Any) -> Any:
    """A mask (batch..., T..., S...), batch axes and one for heads optional, as (batch, heads, T, S)."""
    shape = ops.shape(mask)
    lead = shape[: len(shape) - 2 * axes]
    if axes == 1:
        return ops.expand_dims(mask, 1) if len(lead) == 1 else mask
    return ops.reshape(mask, (-1 if lead else 1, 1, target, source))


class MultiHeadAttention(_ProjectedAttention):
    """Attention of a query to a value in several heads.

    Each head projects query, key and value, computes softmax(q k^T / sqrt(key_dim)) v, and the heads' results
    together are projected to the output. Vaswani et al., arXiv:1706.03762.

    Args:
        num_heads, key_dim: number of heads, and the width of each for query and key.
        value_dim: the width for values; None is key_dim.
        dropout: share of attention scores dropped in training.
        use_bias: whether the four projections have biases.
        output_shape: sizes of the output's last axes; None is the query's last one.
        attention_axes: axes of the query that attention goes over; None is all but the first and the last.
        sliding_window: attends only to positions less than this many steps away.
        flash_attention: True demands the framework's flash kernel, False keeps fused kernels out; None is the
            framework's choice.
        kernel_initializer, bias_initializer, kernel_regularizer, bias_regularizer,
        kernel_constraint, bias_constraint: of the projections' weights.
        activity_regularizer: of the output.
        use_gate: multiplies the attended values by a sigmoid of a projection of the query
            (Qiu et al., arXiv:2505.06708).
        seed: of the dropout.

    Call arguments: query (batch, T, features); value (batch, S, features); key, None is value;
    value_mask and key_mask (batch, S), attention_mask (batch, T, S) or (batch, heads, T, S), True where
    to attend; query_mask (batch, T), which only becomes the output's mask; return_attention_scores, for the scores
    (batch, heads, T, S) too; training; use_causal_mask, to attend to no later position.
    Output: (batch, T, features), or with scores a pair.
    Weights: of query, key, value (features, heads, width), (heads, width), of the output
    (heads, width, features), (features,).
    Raises ValueError: a size that is not positive; flash attention with dropout or scores; value and key, or a mask,
    of shapes that do not fit. Raises RuntimeError: flash attention where the framework has none.

    Example:

    >>> layer = keras.layers.MultiHeadAttention(num_heads=2, key_dim=3)
    >>> y, scores = layer(np.ones((1, 4, 6)), np.ones((1, 5, 6)), return_attention_scores=True)
    >>> keras.ops.shape(y), keras.ops.shape(scores)
    ((1, 4, 6), (1, 2, 4, 5))
    """

    def __init__(
        self,
        num_heads: int,
        key_dim: int,
        value_dim: int | None = None,
        dropout: float = 0.0,
        use_bias: bool = True,
        output_shape: Any = None,
        attention_axes: Any = None,
        sliding_window: int | None = None,
        flash_attention: bool | None = None,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        use_gate: bool = False,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            dropout, use_bias, sliding_window, flash_attention, kernel_initializer, bias_initializer,
            kernel_regularizer, bias_regularizer, activity_regularizer, kernel_constraint, bias_constraint, use_gate,
            seed, **kwargs,
        )  # fmt: skip
        value_dim = key_dim if value_dim is None else value_dim
        _check_sizes(self, num_heads=num_heads, key_dim=key_dim, value_dim=value_dim)
        if attention_axes is not None and not isinstance(attention_axes, (int, list, tuple)):
            raise ValueError(f"MultiHeadAttention: attention_axes must be an int or several; got: {attention_axes!r}")
        self.num_heads, self.key_dim, self.value_dim = num_heads, key_dim, value_dim
        self.output_sizes = (output_shape,) if isinstance(output_shape, int) else output_shape
        self.attention_axes = (attention_axes,) if isinstance(attention_axes, int) else attention_axes

    def _heads(self) -> tuple[tuple[int, int], tuple[int, int], tuple[int, int]]:
        heads = self.num_heads
        return (heads, self.key_dim), (heads, self.key_dim), (heads, self.value_dim)

    def _axes(self, rank: int) -> tuple[int, ...]:
        if self.attention_axes is None:
            return super()._axes(rank)
        return tuple(axis % rank for axis in self.attention_axes)

    def build(self, query_shape: Any, value_shape: Any, key_shape: Any = None) -> None:
        super().build(query_shape, value_shape, key_shape)
        self.attention_axes = self._attended_axes

    def _output_sizes(self, query_shape: Any) -> tuple[int, ...]:
        return super()._output_sizes(query_shape) if self.output_sizes is None else tuple(self.output_sizes)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "num_heads": self.num_heads,
            "key_dim": self.key_dim,
            "value_dim": self.value_dim,
            "output_shape": self.output_sizes,
            "attention_axes": self.attention_axes,
        }


class GroupQueryAttention(_ProjectedAttention):
    """Attention in which groups of query heads share a head of key and value. Ainslie et al., arXiv:2305.13245.

    Args:
        head_dim: the width of each head.
        num_query_heads, num_key_value_heads: the second divides the first.
        dropout: share of attention scores dropped in training.
        use_bias: whether the four projections have biases.
        sliding_window: attends only to positions less than this many steps away.
        flash_attention: True demands the framework's flash kernel, False keeps fused kernels out; None is the
            framework's choice.
        kernel_initializer, bias_initializer, kernel_regularizer, bias_regularizer,
        kernel_constraint, bias_constraint: of the projections' weights.
        activity_regularizer: of the output.
        use_gate: multiplies the attended values by a sigmoid of a projection of the query
            (Qiu et al., arXiv:2505.06708).
        seed: of the dropout.

    Call arguments: query (batch, T, features); value (batch, S, features); key, None is value;
    value_mask and key_mask (batch, S), attention_mask (batch, T, S) or (batch, heads, T, S), True where
    to attend; query_mask (batch, T), which only becomes the output's mask; return_attention_scores, for the scores
    (batch, heads, T, S) too; training; use_causal_mask, to attend to no later position.
    Output: (batch, T, features), or with scores a pair.
    Raises ValueError: as `MultiHeadAttention`, and numbers of heads that do not fit.

    Example:

    >>> layer = keras.layers.GroupQueryAttention(head_dim=3, num_query_heads=4, num_key_value_heads=2)
    >>> keras.ops.shape(layer(np.ones((1, 4, 6)), np.ones((1, 5, 6))))
    (1, 4, 6)
    """

    def __init__(
        self,
        head_dim: int,
        num_query_heads: int,
        num_key_value_heads: int,
        dropout: float = 0.0,
        use_bias: bool = True,
        sliding_window: int | None = None,
        flash_attention: bool | None = None,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        use_gate: bool = False,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            dropout, use_bias, sliding_window, flash_attention, kernel_initializer, bias_initializer,
            kernel_regularizer, bias_regularizer, activity_regularizer, kernel_constraint, bias_constraint, use_gate,
            seed, **kwargs,
        )  # fmt: skip
        _check_sizes(self, head_dim=head_dim, num_query_heads=num_query_heads, num_key_value_heads=num_key_value_heads)
        if num_query_heads % num_key_value_heads:
            raise ValueError(
                f"GroupQueryAttention: num_query_heads must be a multiple of num_key_value_heads; "
                f"got {num_query_heads} and {num_key_value_heads}."
            )
        self.head_dim = head_dim
        self.num_query_heads, self.num_key_value_heads = num_query_heads, num_key_value_heads

    def _heads(self) -> tuple[tuple[int, int], tuple[int, int], tuple[int, int]]:
        shared = (self.num_key_value_heads, self.head_dim)
        return (self.num_query_heads, self.head_dim), shared, shared

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "head_dim": self.head_dim,
            "num_query_heads": self.num_query_heads,
            "num_key_value_heads": self.num_key_value_heads,
        }


# Keras's name is GroupQueryAttention; the paper's and its own documentation's has a d.
GroupedQueryAttention = GroupQueryAttention
