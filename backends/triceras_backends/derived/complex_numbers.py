"""Complex tensors, from other primitives."""

from __future__ import annotations
