"""Order statistics, averages that skip NaN, histograms, correlation, from other primitives."""

from __future__ import annotations
