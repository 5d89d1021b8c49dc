"""Layers that make one tensor of several."""

from __future__ import annotations

import numpy as np

from tests.parity.row import Row

MANY = [(2, 3, 4), (2, 3, 4), (2, 3, 4)]
STRETCHED = [(2, 4), (2, 3, 4), (2, 1, 4)]
RAGGED = [np.ones((2, 3), "int32"), np.full((2, 3), 2.5, "float32")]

ROWS = [
    *(
        Row(name, (inputs,))
        for name in ("Add", "Average", "Maximum", "Minimum", "Multiply")
        for inputs in (MANY, STRETCHED)
    ),
    Row("Add", (RAGGED,), gradients=False),
    Row("Add", (MANY,), {"dtype": "mixed_float16"}, rtol=2e-3, atol=2e-3),
    Row("Subtract", ([(2, 3, 4), (2, 3, 4)],)),
    Row("Subtract", ([(2, 4), (2, 3, 4)],)),
    Row("Concatenate", (MANY,)),
    Row("Concatenate", ([(2, 3, 4), (2, 5, 4)],), {"axis": 1}),
    Row("Dot", ([(2, 4), (2, 4)],), {"axes": 1}),
    Row("Dot", ([(2, 3, 4), (2, 4, 5)],), {"axes": (2, 1)}),
    Row("Dot", ([(2, 3, 4), (2, 5, 4)],), {"axes": -1, "normalize": True}),
]
