"""Windows as an axis of their own, and back, on JAX."""

from __future__ import annotations
