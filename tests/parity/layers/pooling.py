"""Pooling: over windows, over all places, into a number of windows."""

from __future__ import annotations

import numpy as np

from tests.parity.row import Row

LINE, IMAGE, VOLUME = (2, 9, 3), (2, 7, 8, 3), (1, 4, 5, 4, 2)
SHAPES = {1: LINE, 2: IMAGE, 3: VOLUME}
MASK = np.array([[1, 1, 1, 0, 0, 1, 0, 0, 0], [1, 0, 0, 0, 0, 0, 0, 0, 0]], bool)
FIRST = {"data_format": "channels_first"}
HALVES = {"pool_size": 3, "strides": 2}

# Averages with padding "same" have no row: on PyTorch the real Keras counts what is padded, which its
# documentation rules out. tests/engine/test_pooling.py compares them with NumPy, on every backend.
ROWS = [
    *(Row(f"MaxPooling{rank}D", (shape,), {}) for rank, shape in SHAPES.items()),
    *(Row(f"MaxPooling{rank}D", (shape,), {**HALVES, "padding": "same"}) for rank, shape in SHAPES.items()),
    *(Row(f"AveragePooling{rank}D", (shape,), {"pool_size": 2}) for rank, shape in SHAPES.items()),
    Row("AveragePooling2D", (IMAGE,), {"pool_size": (3, 2), "strides": (2, 1)}),
    Row("MaxPooling2D", (IMAGE,), {"dtype": "float16"}, rtol=1e-3, atol=1e-3),
    Row("AveragePooling1D", (LINE,), {"pool_size": 2, "dtype": "float64"}),
    Row("MaxPooling2D", ((2, 3, 7, 8),), {**HALVES, **FIRST}),
    Row("AveragePooling2D", ((2, 3, 7, 8),), {**HALVES, **FIRST}),
    *(Row(f"GlobalMaxPooling{rank}D", (shape,)) for rank, shape in SHAPES.items()),
    *(Row(f"GlobalAveragePooling{rank}D", (shape,)) for rank, shape in SHAPES.items()),
    Row("GlobalAveragePooling1D", (LINE,), call={"mask": MASK}, symbolic=False),
    Row("GlobalAveragePooling1D", ((2, 3, 9),), {"keepdims": True, **FIRST}, {"mask": MASK}, symbolic=False),
    Row("GlobalMaxPooling2D", ((2, 3, 7, 8),), {"keepdims": True, **FIRST}),
    *(Row(f"AdaptiveMaxPooling{rank}D", (shape,), {"output_size": 3}) for rank, shape in SHAPES.items()),
    *(Row(f"AdaptiveAveragePooling{rank}D", (shape,), {"output_size": 3}) for rank, shape in SHAPES.items()),
    Row("AdaptiveAveragePooling2D", ((2, 3, 7, 8),), {"output_size": (9, 2), **FIRST}),
    Row("AdaptiveMaxPooling2D", ((2, 3, 7, 8),), {"output_size": (2, 5), **FIRST}),
]
