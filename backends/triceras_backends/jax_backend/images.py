"""Images: colours, geometry, filters and comparison, on JAX."""

from __future__ import annotations
