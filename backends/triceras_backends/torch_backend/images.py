"""Images: colours, geometry, filters and comparison, on PyTorch."""

from __future__ import annotations
