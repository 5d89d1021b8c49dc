"""Windows as an axis of their own, and back, on PyTorch."""

from __future__ import annotations
