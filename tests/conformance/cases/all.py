"""Every table in one list."""

from __future__ import annotations

from tests.conformance.cases import arrays, convolution, elementwise, linalg, nn, normalization, pooling, reductions

TABLED = ("elementwise", "reductions", "arrays", "linalg", "nn", "convolution", "pooling", "normalization")
CASES = [
    *elementwise.CASES,
    *reductions.CASES,
    *arrays.CASES,
    *linalg.CASES,
    *nn.CASES,
    *convolution.CASES,
    *pooling.CASES,
    *normalization.CASES,
]
