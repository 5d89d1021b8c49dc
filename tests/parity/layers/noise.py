"""Layers that disturb their inputs in training. The numbers are drawn differently; those out of training,
shapes and the counters of draws are compared here, the distributions in tests/engine."""

from __future__ import annotations

from tests.parity.row import Row

ROWS = [
    Row("Dropout", ((3, 4),), {"rate": 0.5}, random=True),
    Row("Dropout", ((3, 4, 2),), {"rate": 0.2, "noise_shape": (None, 1, None), "seed": 3}, random=True),
    Row("Dropout", ((3, 4),), {"rate": 0}),
    Row("Dropout", ((3, 4),), {"rate": 1.0}),
    Row("Dropout", ((3, 4),), {"rate": 0.5, "dtype": "mixed_float16"}, random=True, rtol=2e-3, atol=2e-3),
    Row("SpatialDropout1D", ((2, 3, 4),), {"rate": 0.5}, random=True),
    Row("SpatialDropout2D", ((2, 3, 4, 2),), {"rate": 0.5, "seed": 1}, random=True),
    Row("SpatialDropout2D", ((2, 3, 4, 2),), {"rate": 0.5, "data_format": "channels_first"}, random=True),
    Row("SpatialDropout3D", ((2, 3, 2, 2, 2),), {"rate": 0.5}, random=True),
    Row("GaussianDropout", ((3, 4),), {"rate": 0.5}, random=True),
    Row("GaussianDropout", ((3, 4),), {"rate": 0}),
    Row("GaussianNoise", ((3, 4),), {"stddev": 0.5, "seed": 2}, random=True),
    Row("GaussianNoise", ((3, 4),), {"stddev": 0.0}),
    Row("AlphaDropout", ((3, 4),), {"rate": 0.5}, random=True),
    Row("AlphaDropout", ((3, 4),), {"rate": 0.3, "noise_shape": (None, 1), "seed": 2}, random=True),
    Row("AlphaDropout", ((3, 4),), {"rate": 0}),
]
