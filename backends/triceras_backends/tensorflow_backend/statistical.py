"""Order statistics, averages that skip NaN, histograms, correlation, on TensorFlow."""

from __future__ import annotations
