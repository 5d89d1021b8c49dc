"""Images: colours, geometry, filters and comparison, on TensorFlow."""

from __future__ import annotations
