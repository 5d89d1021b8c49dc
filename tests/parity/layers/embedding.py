"""Embedding, its way back, Masking."""

from __future__ import annotations

import numpy as np

from tests.parity.row import Row

IDS = np.array([[1, 0, 4], [2, 2, 0]], dtype="int32")
STEPS = np.array([[[1.0, 2.0], [0.0, 0.0]], [[0.0, 3.0], [9.0, 9.0]]], dtype="float32")
SIZES = {"input_dim": 5, "output_dim": 3}

ROWS = [
    Row("Embedding", (IDS,), SIZES),
    Row("Embedding", (IDS.astype("float32"),), {**SIZES, "mask_zero": True}),
    Row("Embedding", (IDS,), {**SIZES, "lora_rank": 2, "embeddings_regularizer": "l2"}),
    Row("Embedding", (IDS,), {**SIZES, "embeddings_constraint": "unit_norm", "embeddings_initializer": "normal"}),
    Row("Embedding", (IDS,), {**SIZES, "dtype": "mixed_float16"}, rtol=2e-3, atol=2e-3),
    # With mask_zero Keras's outputs carry the mask that its compute_mask() does not give; ours gives it.
    Row("ReversibleEmbedding", (IDS,), SIZES),
    Row("ReversibleEmbedding", ((2, 4, 3),), SIZES, {"reverse": True}),
    Row("ReversibleEmbedding", ((2, 4, 3),), {**SIZES, "tie_weights": False, "logit_soft_cap": 0.5}, {"reverse": True}),
    Row("ReversibleEmbedding", ((2, 4, 3),), {**SIZES, "lora_rank": 2}, {"reverse": True}),
    Row(
        "ReversibleEmbedding",
        ((2, 4, 3),),
        {**SIZES, "dtype": "mixed_float16", "reverse_dtype": "float32"},
        {"reverse": True},
        rtol=2e-3,
        atol=2e-3,
        symbolic=False,  # Keras's symbolic answer ignores reverse_dtype
    ),
    Row("Masking", (STEPS,)),
    Row("Masking", (STEPS,), {"mask_value": 9.0}),
]
