"""Joining, dividing, turning and selecting, on JAX."""

from __future__ import annotations
