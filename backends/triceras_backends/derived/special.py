"""Special functions, bits and further element-wise arithmetic, from other primitives."""

from __future__ import annotations
