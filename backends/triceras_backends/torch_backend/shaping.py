"""Joining, dividing, turning and selecting, on PyTorch."""

from __future__ import annotations
