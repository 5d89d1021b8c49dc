"""Reductions over segments, on TensorFlow."""

from __future__ import annotations
