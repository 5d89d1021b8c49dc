"""Windows as an axis of their own, and back, on TensorFlow."""

from __future__ import annotations
