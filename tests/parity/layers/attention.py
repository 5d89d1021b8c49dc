"""Attention layers."""

from __future__ import annotations

import numpy as np

from tests.parity.row import Row

Q, V, K = (2, 3, 4), (2, 5, 4), (2, 5, 4)
TARGET = np.array([[True, True, False], [True, False, False]])
SOURCE = np.array([[True, True, False, True, True], [True, False, False, False, True]])
PAIRS = np.array([[[True, False, True, False, True]] * 3, [[False, True, True, True, True]] * 3])
MULTI = {"num_heads": 2, "key_dim": 3}
GROUPS = {"head_dim": 2, "num_query_heads": 4, "num_key_value_heads": 2}
ALL = {
    "value_dim": 5, "output_shape": 7, "use_gate": True, "kernel_initializer": "he_normal", "bias_initializer": "ones",
    "kernel_regularizer": "l2", "kernel_constraint": "max_norm",
}  # fmt: skip

ROWS = [
    Row("Attention", ([Q, V],)),
    Row("Attention", ([Q, V, K],), {"use_scale": True}, {"mask": [TARGET, SOURCE], "return_attention_scores": True}),
    Row("Attention", ([Q, V, K],), {"use_scale": True, "score_mode": "concat"}, {"use_causal_mask": True}),
    Row("Attention", ([Q, V],), {"dropout": 0.5, "seed": 3}, random=True),
    Row("AdditiveAttention", ([Q, V, K],), {}, {"mask": [None, SOURCE]}),
    Row("AdditiveAttention", ([Q, V],), {"use_scale": False}, {"use_causal_mask": True}),
    Row("AdditiveAttention", ([Q, V],), {"dropout": 0.5}, random=True),
    Row("MultiHeadAttention", (Q, V), MULTI),
    Row("MultiHeadAttention", (Q, V, K), {**MULTI, **ALL}, {"attention_mask": PAIRS, "return_attention_scores": True},
        symbolic=False),  # Keras tells the scores' last axis from the query
    Row(
        "MultiHeadAttention", (Q, V), {**MULTI, "use_bias": False},
        {"query_mask": TARGET, "value_mask": SOURCE, "use_causal_mask": True},
    ),
    Row("MultiHeadAttention", (V, V), {**MULTI, "sliding_window": 2, "flash_attention": False}),
    Row("MultiHeadAttention", ((2, 3, 2, 4), (2, 3, 2, 4)), {**MULTI, "attention_axes": (1,), "output_shape": (2, 3)}),
    Row("MultiHeadAttention", (Q, V), {**MULTI, "dropout": 0.5}, random=True),
    Row("MultiHeadAttention", (Q, V), {**MULTI, "dtype": "mixed_float16"}, rtol=5e-3, atol=5e-3),
    Row("GroupQueryAttention", (Q, V), GROUPS),
    Row("GroupQueryAttention", (Q, V, K), {**GROUPS, "use_gate": True}, {"key_mask": SOURCE}),
    Row("GroupQueryAttention", (Q, V), {**GROUPS, "use_bias": False}, {"return_attention_scores": True}),
    Row("GroupQueryAttention", (Q, V), {**GROUPS, "dropout": 0.5, "seed": 1}, random=True),
]  # fmt: skip
