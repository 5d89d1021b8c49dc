"""Images: colours, geometry, filters and comparison."""

from __future__ import annotations
