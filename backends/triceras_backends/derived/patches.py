"""Windows as an axis of their own, and back, from other primitives."""

from __future__ import annotations
