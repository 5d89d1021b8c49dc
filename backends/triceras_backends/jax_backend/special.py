"""Special functions, bits and further element-wise arithmetic, on JAX."""

from __future__ import annotations
