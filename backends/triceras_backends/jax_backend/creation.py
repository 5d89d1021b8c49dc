"""Copies, spaced numbers, windows, on JAX."""

from __future__ import annotations
