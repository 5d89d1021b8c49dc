"""Images: colours, geometry, filters and comparison, from other primitives."""

from __future__ import annotations
