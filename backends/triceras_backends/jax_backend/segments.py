"""Reductions over segments, on JAX."""

from __future__ import annotations
