"""Dense and kin."""

from __future__ import annotations

from tests.parity.row import Row

ROWS = [
    Row("Dense", ((3, 4),), {"units": 5}),
    Row("Dropout", ((3, 4),), {"rate": 0.5}, random=True),
]
