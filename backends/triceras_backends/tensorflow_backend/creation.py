"""Copies, spaced numbers, windows, on TensorFlow."""

from __future__ import annotations
