"""Special functions, rounding modes, bits and further element-wise arithmetic."""

from __future__ import annotations
