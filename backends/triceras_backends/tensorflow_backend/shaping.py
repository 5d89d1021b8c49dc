"""Joining, dividing, turning and selecting, on TensorFlow."""

from __future__ import annotations
