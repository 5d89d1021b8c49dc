"""Attention without projections: dot-product and additive scores."""

from __future__ import annotations

from typing import Any

from triceras import ops, random
from triceras.layers.layer import Layer
from triceras.seeds import SeedGenerator
from triceras_backends.active import backend as B


class Attention(Layer):
    """Dot-product attention of a query to a value: softmax(query key^T) value. Luong et al., arXiv:1508.04025.

    Args:
        use_scale: a trained scalar multiplies the scores.
        score_mode: "dot", the products of query and key; "concat", the tanh of their sums, weighed by a
            trained scalar.
        dropout: share of attention scores dropped in training.
        seed: of the dropout.

    Call arguments: inputs, a list of query (batch, T, width), value (batch, S, width) and perhaps key
    (batch, S, width), value if left out; mask, a list of the masks of query (batch, T) and value (batch, S), either
    None; training; return_attention_scores, for the scores too; use_causal_mask, to attend to no later position.
    Output: (batch, T, value's width), or with scores (batch, T, S) a pair.
    Raises ValueError: inputs or masks that are no such lists, or whose shapes do not fit.

    Example:

    >>> x = np.ones((1, 2, 3), "float32")
    >>> y, scores = keras.layers.Attention()([x, x], return_attention_scores=True, use_causal_mask=True)
    >>> np.round(keras.ops.convert_to_numpy(scores), 3)
    array([[[1. , 0. ],
            [0.5, 0.5]]], dtype=float32)
    """

    def __init__(
        self,
        use_scale: bool = False,
        score_mode: str = "dot",
        dropout: float = 0.0,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if score_mode not in ("dot", "concat"):
            raise ValueError(f'score_mode must be "dot" or "concat"; got: {score_mode!r}')
        self.use_scale, self.score_mode = use_scale, score_mode
        self.dropout, self.seed = dropout, seed
        self.supports_masking = True
        if dropout > 0:
            self.seed_generator = SeedGenerator(seed)

    def build(self, input_shape: Any) -> None:
        _check(self, input_shape)
        self.scale = self.concat_score_weight = None
        if self.use_scale:
            self.scale = self.add_weight((), "ones", name="scale")
        if self.score_mode == "concat":
            self.concat_score_weight = self.add_weight((), "ones", name="concat_score_weight")

    def _scores(self, query: Any, key: Any) -> Any:
        if self.concat_score_weight is None:
            scores = ops.matmul(query, ops.transpose(key, (0, 2, 1)))
            return scores if self.scale is None else ops.multiply(scores, self.scale.value)
        sums = ops.add(ops.expand_dims(query, -2), ops.expand_dims(key, -3))
        sums = sums if self.scale is None else ops.multiply(sums, self.scale.value)
        return ops.multiply(self.concat_score_weight.value, ops.sum(ops.tanh(sums), axis=-1))

    def call(
        self,
        inputs: Any,
        mask: Any = None,
        training: bool = False,
        return_attention_scores: bool = False,
        use_causal_mask: bool = False,
    ) -> Any:
        _check(self, inputs, mask)
        query, value = inputs[:2]
        key = inputs[2] if len(inputs) > 2 else value
        query_mask, value_mask = (list(mask) + [None, None])[:2] if mask is not None else (None, None)
        _check_shapes(self, query, key, value, (query_mask, value_mask))
        scores = self._scores(query, key)
        valid = None if value_mask is None else ops.expand_dims(ops.cast(value_mask, "bool"), -2)
        if use_causal_mask:
            past = ops.tril(ops.ones(ops.shape(scores)[-2:], "bool"))
            valid = past if valid is None else ops.logical_and(valid, past)
        if valid is not None:
            barred = -65504.0 if B.dtype_of(scores) == "float16" else -1e9
            scores = ops.add(scores, ops.where(valid, ops.zeros_like(scores), ops.full_like(scores, barred)))
        weights = ops.softmax(scores, -1)
        if training and self.dropout > 0:
            weights = random.dropout(weights, self.dropout, seed=self.seed_generator)
        result = ops.matmul(weights, value)
        if query_mask is not None:
            result = ops.multiply(result, ops.cast(ops.expand_dims(query_mask, -1), B.dtype_of(result)))
        return (result, weights) if return_attention_scores else result

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """The query's mask."""
        return None if mask is None else mask[0]

    def compute_output_shape(self, input_shape: Any) -> tuple[int | None, ...]:
        return (*input_shape[0][:-1], input_shape[1][-1])

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "use_scale": self.use_scale,
            "score_mode": self.score_mode,
            "dropout": self.dropout,
            "seed": self.seed,
        }


class AdditiveAttention(Attention):
    """Additive attention of a query to a value: scores are sums of tanh(query + key) over the width.

    Bahdanau et al., arXiv:1409.0473.

    Args:
        use_scale: a trained vector (width,) weighs the sum.
        dropout: share of attention scores dropped in training.
        kwargs: `seed` of the dropout, and those of every layer.

    Call arguments: inputs, a list of query (batch, T, width), value (batch, S, width) and perhaps key
    (batch, S, width), value if left out; mask, a list of the masks of query (batch, T) and value (batch, S), either
    None; training; return_attention_scores, for the scores too; use_causal_mask, to attend to no later position.
    Output: (batch, T, value's width), or with scores (batch, T, S) a pair.
    Raises ValueError: inputs or masks that are no such lists, or whose shapes do not fit.

    Example:

    >>> layer = keras.layers.AdditiveAttention(use_scale=False)
    >>> keras.ops.shape(layer([np.ones((1, 2, 3)), np.ones((1, 4, 3))]))
    (1, 2, 3)
    """

    def __init__(self, use_scale: bool = True, dropout: float = 0.0, **kwargs: Any) -> None:
        super().__init__(use_scale=use_scale, dropout=dropout, **kwargs)

    def build(self, input_shape: Any) -> None:
        _check(self, input_shape)
        self.scale = None
        if self.use_scale:
            self.scale = self.add_weight((input_shape[0][-1],), "glorot_uniform", name="scale")

    def _scores(self, query: Any, key: Any) -> Any:
        scores = ops.tanh(ops.add(ops.expand_dims(query, -2), ops.expand_dims(key, -3)))
        return ops.sum(scores if self.scale is None else ops.multiply(scores, self.scale.value), axis=-1)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        del config["score_mode"]
        return config


def _check(layer: Layer, inputs: Any, mask: Any = None) -> None:
    """Raises ValueError: no list of two or three shapes or tensors that fit, or no list of masks."""
    who = f"{type(layer).__name__} {layer.name!r}"
    if not isinstance(inputs, (list, tuple)) or not 2 <= len(inputs) <= 3:
        raise ValueError(f"{who} takes a list of two or three, [query, value] or [query, value, key]; got: {inputs!r}")
    if mask is not None and (not isinstance(mask, (list, tuple)) or not 2 <= len(mask) <= 3):
        raise ValueError(f"{who}: mask must be a list, [query_mask, value_mask]; got: {mask!r}")


def _check_shapes(layer: Layer, query: Any, key: Any, value: Any, masks: Any) -> None:
    """Raises ValueError: sizes of known axes that do not fit."""
    who = f"{type(layer).__name__} {layer.name!r}"
    q, k, v = (tuple(ops.shape(x)) for x in (query, key, value))
    if len(q) != 3 or len(k) != 3 or len(v) != 3 or _differ(q[-1], k[-1]) or _differ(k[1], v[1]):
        raise ValueError(
            f"{who} needs query (batch, T, width), key (batch, S, width) and value (batch, S, any width); "
            f"got the shapes {q}, {k}, {v}."
        )
    for name, mask, length in (("query", masks[0], q[1]), ("value", masks[1], v[1])):
        if mask is not None and _differ(tuple(ops.shape(mask))[-1], length):
            raise ValueError(
                f"{who}: the mask of the {name} needs the shape (batch, {length}); got {tuple(ops.shape(mask))}."
            )


def _differ(a: Any, b: Any) -> bool:
    return isinstance(a, int) and isinstance(b, int) and a != b
