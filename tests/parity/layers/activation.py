"""Activation functions with settings."""

from __future__ import annotations

import numpy as np

from tests.parity.row import Row

X = np.array([[-3.0, -0.5, 0.25, 0.5, 1.5, 7.0]], dtype="float32")
MASK = np.array([[True, True, False, True], [False, False, False, False]])

ROWS = [
    Row("ReLU", (X,)),
    Row("ReLU", (X,), {"max_value": 6, "negative_slope": 0.1, "threshold": 1.0}),
    Row("ReLU", (X,), {"max_value": 6.0}),
    Row("ReLU", (X,), {"negative_slope": 0.2, "max_value": 1.0}),
    Row("LeakyReLU", (X,)),
    Row("LeakyReLU", (X,), {"negative_slope": 0.1, "dtype": "mixed_float16"}, rtol=2e-3, atol=2e-3),
    Row("PReLU", ((2, 3, 4),), {"alpha_initializer": "uniform"}),
    Row("PReLU", ((2, 3, 4, 2),), {"shared_axes": [1, 2], "alpha_regularizer": "l2", "alpha_constraint": "non_neg"}),
    Row("ELU", (X,)),
    Row("ELU", (X,), {"alpha": 0.5}),
    Row("Softmax", ((2, 3, 4),)),
    Row("Softmax", ((2, 3, 4),), {"axis": (1, 2)}),
    Row("Softmax", ((2, 4),), {}, {"mask": MASK}),
    Row("Softmax", ((2, 4),), {"axis": 1, "dtype": "float16"}, {"mask": MASK}, rtol=2e-3, atol=2e-3),
]
