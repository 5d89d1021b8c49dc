"""Order statistics, averages that skip NaN, histograms, correlation, on PyTorch."""

from __future__ import annotations
