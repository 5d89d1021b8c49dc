"""Special functions, bits and further element-wise arithmetic, on PyTorch."""

from __future__ import annotations
