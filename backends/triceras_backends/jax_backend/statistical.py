"""Order statistics, averages that skip NaN, histograms, correlation, on JAX."""

from __future__ import annotations
