"""Joining, dividing, turning and selecting, from other primitives."""

from __future__ import annotations
