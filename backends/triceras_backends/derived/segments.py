"""Reductions over segments, from other primitives."""

from __future__ import annotations
